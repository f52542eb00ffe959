//! A value against a schema. The work is bounded: schemas and values come from strangers, and a few lines of references can
//! ask for more steps than there are atoms.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use fancy_regex::Regex;
use serde_json::{Map, Value as Json};

/// How deep references and nested schemas are followed.
const MAX_DEPTH: usize = 64;
/// How many steps a check may take besides those that the size of the value allows.
const STEPS: u64 = 100_000;
/// How many steps each part of the value allows.
const STEPS_PER_PART: u64 = 16;
/// What it costs to make a pattern ready.
const PATTERN: u64 = 100;

type Found = Result<(), Broken>;

/// Why a value does not fit.
pub(super) enum Broken {
    /// It is not what the schema says.
    Misfit(String),
    /// Nobody knows: finding out takes too long.
    TooMuch,
}

impl Broken {
    pub(super) fn message(self) -> String {
        match self {
            Self::Misfit(text) => text,
            Self::TooMuch => "the schema takes too many steps to check".to_owned(),
        }
    }
}

pub(super) struct Checker<'a> {
    root: &'a Json,
    left: Cell<u64>,
    patterns: RefCell<HashMap<&'a str, Option<Rc<Regex>>>>,
}

fn misfit(text: String) -> Found {
    Err(Broken::Misfit(text))
}

impl<'a> Checker<'a> {
    pub(super) fn new(root: &'a Json, value: &Json) -> Self {
        Self {
            root,
            left: Cell::new(STEPS + STEPS_PER_PART * parts(value)),
            patterns: RefCell::default(),
        }
    }

    pub(super) fn check(&self, schema: &'a Json, value: &Json, path: &str, depth: usize) -> Found {
        self.spend(1)?;
        if depth > MAX_DEPTH {
            return misfit(format!("{path}: the schema is nested too deeply"));
        }
        let map = match schema {
            Json::Bool(false) => return misfit(format!("{path}: nothing is allowed here")),
            Json::Object(map) => map,
            Json::Null | Json::Bool(true) | Json::Number(_) | Json::String(_) | Json::Array(_) => {
                return Ok(());
            }
        };
        if let Some(reference) = map.get("$ref").and_then(Json::as_str) {
            let target = reference
                .strip_prefix('#')
                .and_then(|pointer| self.root.pointer(pointer));
            return match target {
                Some(target) => self.check(target, value, path, depth + 1),
                None => misfit(format!("{path}: {reference} is not defined")),
            };
        }
        self.value(map, value, path)?;
        self.combined(map, value, path, depth)?;
        match value {
            Json::Object(object) => self.object(map, object, path, depth),
            Json::Array(items) => self.array(map, items, path, depth),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => Ok(()),
        }
    }

    fn spend(&self, steps: u64) -> Found {
        let left = self.left.get().checked_sub(steps);
        self.left.set(left.ok_or(Broken::TooMuch)?);
        Ok(())
    }

    /// Whether it fits, unless that cannot be told.
    fn fits(&self, schema: &'a Json, value: &Json, depth: usize) -> Result<bool, Broken> {
        match self.check(schema, value, "", depth + 1) {
            Ok(()) => Ok(true),
            Err(Broken::Misfit(_)) => Ok(false),
            Err(Broken::TooMuch) => Err(Broken::TooMuch),
        }
    }

    /// How many of some schemas it fits; no more than `most` are looked for.
    fn count(
        &self,
        schemas: &'a [Json],
        value: &Json,
        depth: usize,
        most: usize,
    ) -> Result<usize, Broken> {
        let mut fitting = 0;
        for schema in schemas {
            fitting += usize::from(self.fits(schema, value, depth)?);
            if fitting >= most {
                break;
            }
        }
        Ok(fitting)
    }

    fn combined(
        &self,
        map: &'a Map<String, Json>,
        value: &Json,
        path: &str,
        depth: usize,
    ) -> Found {
        let all = |key: &str| map.get(key).and_then(Json::as_array);
        for schema in all("allOf").into_iter().flatten() {
            self.check(schema, value, path, depth + 1)?;
        }
        if let Some(schemas) = all("anyOf")
            && self.count(schemas, value, depth, 1)? == 0
        {
            return misfit(format!("{path}: none of the alternatives fits"));
        }
        if let Some(schemas) = all("oneOf")
            && self.count(schemas, value, depth, 2)? != 1
        {
            return misfit(format!("{path}: not exactly one of the alternatives fits"));
        }
        if let Some(schema) = map.get("not")
            && self.fits(schema, value, depth)?
        {
            return misfit(format!("{path}: this is what it must not be"));
        }
        if let Some(condition) = map.get("if") {
            let branch = if self.fits(condition, value, depth)? {
                "then"
            } else {
                "else"
            };
            if let Some(schema) = map.get(branch) {
                self.check(schema, value, path, depth + 1)?;
            }
        }
        Ok(())
    }

    fn object(
        &self,
        map: &'a Map<String, Json>,
        object: &Map<String, Json>,
        path: &str,
        depth: usize,
    ) -> Found {
        let required = map.get("required").and_then(Json::as_array);
        for name in required.into_iter().flatten() {
            self.spend(1)?;
            has(object, name, path)?;
        }
        bounds(map, ["minProperties", "maxProperties"], object.len(), path)?;
        self.dependencies(map, object, path, depth)?;
        let properties = map.get("properties").and_then(Json::as_object);
        let patterns = map.get("patternProperties").and_then(Json::as_object);
        for (name, value) in object {
            if let Some(schema) = map.get("propertyNames") {
                let text = Json::from(name.as_str());
                self.check(schema, &text, &format!("{path}: name {name:?}"), depth + 1)?;
            }
            let inner = format!("{path}.{name}");
            let mut is_known = false;
            if let Some(schema) = properties.and_then(|properties| properties.get(name)) {
                is_known = true;
                self.check(schema, value, &inner, depth + 1)?;
            }
            for (pattern, schema) in patterns.into_iter().flatten() {
                if self.matches(pattern, name)? {
                    is_known = true;
                    self.check(schema, value, &inner, depth + 1)?;
                }
            }
            match map.get("additionalProperties") {
                Some(Json::Bool(false)) if !is_known => {
                    return misfit(format!("{path}: {name:?} was not expected"));
                }
                Some(schema) if !is_known => self.check(schema, value, &inner, depth + 1)?,
                Some(_) | None => {}
            }
        }
        Ok(())
    }

    /// What a property asks for besides itself: names, or a schema of the whole object.
    fn dependencies(
        &self,
        map: &'a Map<String, Json>,
        object: &Map<String, Json>,
        path: &str,
        depth: usize,
    ) -> Found {
        let words = ["dependencies", "dependentRequired", "dependentSchemas"];
        let all = words.iter().filter_map(|word| map.get(*word)?.as_object());
        for (name, wanted) in all.flatten().filter(|(name, _)| object.contains_key(*name)) {
            self.spend(1)?;
            if let Json::Array(names) = wanted {
                names.iter().try_for_each(|name| has(object, name, path))?;
            } else {
                let whole = Json::Object(object.clone());
                self.spend(parts(&whole))?;
                self.check(
                    wanted,
                    &whole,
                    &format!("{path} (as it has {name:?})"),
                    depth + 1,
                )?;
            }
        }
        Ok(())
    }

    fn array(&self, map: &'a Map<String, Json>, items: &[Json], path: &str, depth: usize) -> Found {
        bounds(map, ["minItems", "maxItems"], items.len(), path)?;
        if map.get("uniqueItems") == Some(&Json::Bool(true)) {
            self.unique(items, path)?;
        }
        for (at, item) in items.iter().enumerate() {
            let schema = match map.get("items") {
                Some(Json::Array(schemas)) => {
                    schemas.get(at).or_else(|| map.get("additionalItems"))
                }
                other => other,
            };
            if let Some(schema) = schema {
                self.check(schema, item, &format!("{path}[{at}]"), depth + 1)?;
            }
        }
        if let Some(schema) = map.get("contains") {
            for item in items {
                if self.fits(schema, item, depth)? {
                    return Ok(());
                }
            }
            return misfit(format!("{path}: nothing in it is what it must contain"));
        }
        Ok(())
    }

    fn unique(&self, items: &[Json], path: &str) -> Found {
        let mut seen = HashSet::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            self.spend(parts(item))?;
            let mut text = String::new();
            canonical(item, &mut text);
            if !seen.insert(text) {
                return misfit(format!("{path}[{at}]: stands there twice"));
            }
        }
        Ok(())
    }

    /// What concerns the value itself.
    fn value(&self, map: &'a Map<String, Json>, value: &Json, path: &str) -> Found {
        let fits = match map.get("type") {
            Some(Json::Array(names)) => names.iter().any(|name| is_of(name, value)),
            Some(name) => is_of(name, value),
            None => true,
        };
        if !fits {
            return misfit(format!(
                "{path}: {} is not of type {}",
                short(value),
                map["type"]
            ));
        }
        if map
            .get("const")
            .is_some_and(|expected| !same(expected, value))
        {
            return misfit(format!(
                "{path}: {} is not the one value allowed",
                short(value)
            ));
        }
        if let Some(among) = map.get("enum").and_then(Json::as_array) {
            self.spend(among.len() as u64)?;
            if !among.iter().any(|allowed| same(allowed, value)) {
                return misfit(format!(
                    "{path}: {} is none of the values allowed",
                    short(value)
                ));
            }
        }
        match value {
            Json::Number(number) => number_fits(map, number.as_f64().unwrap_or_default(), path),
            Json::String(text) => self.text(map, text, path),
            Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => Ok(()),
        }
    }

    fn text(&self, map: &'a Map<String, Json>, text: &str, path: &str) -> Found {
        bounds(map, ["minLength", "maxLength"], text.chars().count(), path)?;
        match map.get("pattern").and_then(Json::as_str) {
            Some(pattern) if !self.matches(pattern, text)? => {
                misfit(format!("{path}: the text does not match the pattern"))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Whether a pattern is found in a text; each is made ready once.
    fn matches(&self, pattern: &'a str, text: &str) -> Result<bool, Broken> {
        let known = self.patterns.borrow().get(pattern).cloned();
        let ready = match known {
            Some(ready) => ready,
            None => {
                self.spend(PATTERN)?;
                let ready = super::pattern(pattern).map(Rc::new);
                self.patterns.borrow_mut().insert(pattern, ready.clone());
                ready
            }
        };
        // Every thousand characters that are looked through are a step.
        self.spend(1 + text.len() as u64 / 1000)?;
        match ready {
            None => Ok(true),
            Some(pattern) => pattern.is_match(text).map_err(|_| Broken::TooMuch),
        }
    }
}

/// How many values there are in a value, itself counted.
fn parts(value: &Json) -> u64 {
    match value {
        Json::Array(items) => 1 + items.iter().map(parts).sum::<u64>(),
        Json::Object(map) => 1 + map.values().map(parts).sum::<u64>(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => 1,
    }
}

fn has(object: &Map<String, Json>, name: &Json, path: &str) -> Found {
    let name = name.as_str().unwrap_or_default();
    if object.contains_key(name) {
        return Ok(());
    }
    misfit(format!("{path}: {name:?} is a required property"))
}

/// Equality of JSON Schema: `1` is `1.0`.
fn same(one: &Json, other: &Json) -> bool {
    let (mut left, mut right) = (String::new(), String::new());
    canonical(one, &mut left);
    canonical(other, &mut right);
    left == right
}

/// A text that equal values share: numbers by value, names in order.
fn canonical(value: &Json, into: &mut String) {
    match value {
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => into.push_str(&whole.to_string()),
            (None, Some(real)) if real.fract() == 0.0 && real.abs() < 9e15 => {
                into.push_str(&format!("{real:.0}"));
            }
            (None, _) => into.push_str(&number.to_string()),
        },
        Json::Array(items) => {
            into.push('[');
            for item in items {
                canonical(item, into);
                into.push(',');
            }
            into.push(']');
        }
        Json::Object(map) => {
            let mut names: Vec<&String> = map.keys().collect();
            names.sort();
            into.push('{');
            for name in names {
                into.push_str(&Json::from(name.as_str()).to_string());
                into.push(':');
                canonical(&map[name], into);
                into.push(',');
            }
            into.push('}');
        }
        Json::Null | Json::Bool(_) | Json::String(_) => into.push_str(&value.to_string()),
    }
}

/// A value for a message: its beginning.
fn short(value: &Json) -> String {
    let text = value.to_string();
    match text.char_indices().nth(200) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn is_of(name: &Json, value: &Json) -> bool {
    match name.as_str().unwrap_or_default() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => false,
    }
}

fn number_fits(map: &Map<String, Json>, number: f64, path: &str) -> Found {
    let limit = |key: &str| map.get(key).and_then(Json::as_f64);
    let broken = limit("minimum").is_some_and(|least| number < least)
        || limit("maximum").is_some_and(|most| number > most)
        || limit("exclusiveMinimum").is_some_and(|least| number <= least)
        || limit("exclusiveMaximum").is_some_and(|most| number >= most)
        || limit("multipleOf").is_some_and(|step| step != 0.0 && (number / step).fract() != 0.0);
    if broken {
        return misfit(format!("{path}: {number} is out of bounds"));
    }
    Ok(())
}

fn bounds(map: &Map<String, Json>, keys: [&str; 2], size: usize, path: &str) -> Found {
    let [least, most] = keys.map(|key| map.get(key).and_then(Json::as_f64));
    let size = size as f64;
    if least.is_some_and(|least| size < least) || most.is_some_and(|most| size > most) {
        return misfit(format!("{path}: the size {size} is out of bounds"));
    }
    Ok(())
}
