//! Reading YAML into a tree with the place of every value.
//!
//! Built on the events of a YAML parser, because three things are needed that no ready-made loader gives together:
//! PyYAML's meaning of plain scalars, the line of every value, and hard limits on aliases and depth.

use std::borrow::Cow;
use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span, Tag};
use serde_json::{Map, Value as Json};

use super::problem::Problem;
use super::scalar;

/// Containers inside containers; the deepest published file has 14.
const MAX_DEPTH: usize = 100;
/// Values in all, those behind aliases counted each time; the largest published file has 20,000.
const MAX_VALUES: usize = 1_000_000;

/// The place of a value: line and column, both from 1.
pub(super) type Place = (u32, u32);

/// A tree and the places of its values by JSON pointer.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) root: Json,
    places: HashMap<String, Place>,
}

impl Tree {
    /// A tree without places.
    pub(super) fn from_json(root: Json) -> Self {
        Self {
            root,
            places: HashMap::new(),
        }
    }

    /// The place of the value at a pointer, or of the nearest one around it.
    pub(super) fn place(&self, pointer: &str) -> Option<Place> {
        let mut pointer = pointer;
        loop {
            if let Some(place) = self.places.get(pointer) {
                return Some(*place);
            }
            pointer = &pointer[..pointer.rfind('/')?];
        }
    }
}

/// Reads one YAML document. Several documents, unknown tags, duplicate keys and bombs are refused.
pub(super) fn read(text: &str) -> Result<Tree, Problem> {
    let mut reader = Reader {
        parser: Parser::new_from_str(text),
        anchors: HashMap::new(),
        values: 0,
        tree: Tree::default(),
    };
    reader.tree.root = reader.document()?;
    Ok(reader.tree)
}

struct Reader<'a> {
    parser: Parser<'a, granit_parser::StrInput<'a>>,
    anchors: HashMap<usize, Json>,
    values: usize,
    tree: Tree,
}

type Step<'a> = (Event<'a>, Span);

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Step<'a>, Problem> {
        match self.parser.next_event() {
            Some(Ok(step)) => Ok(step),
            Some(Err(error)) => Err(syntax(&error)),
            None => Err(Problem::error("yaml_syntax", "the file ends too early")),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the parser may grow events")]
    fn document(&mut self) -> Result<Json, Problem> {
        let mut root = Json::Null;
        let mut documents = 0;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => return Ok(root),
                Event::DocumentStart(..) => {
                    documents += 1;
                    if documents > 1 {
                        return Err(Problem::error(
                            "yaml_several_documents",
                            "the file holds more than one document",
                        )
                        .on_line(place(&span)));
                    }
                    let step = self.next()?;
                    root = self.value(step, &mut String::new(), 0)?;
                }
                Event::StreamStart | Event::DocumentEnd | Event::Anchor(..) => {}
                _ => {
                    return Err(Problem::error(
                        "yaml_syntax",
                        "a value stands outside of a document",
                    )
                    .on_line(place(&span)));
                }
            }
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the parser may grow events")]
    fn value(
        &mut self,
        (event, span): Step<'a>,
        pointer: &mut String,
        depth: usize,
    ) -> Result<Json, Problem> {
        self.count(1, &span)?;
        if depth > MAX_DEPTH {
            return Err(Problem::error(
                "yaml_too_deep",
                format!("more than {MAX_DEPTH} containers inside each other"),
            )
            .on_line(place(&span)));
        }
        if let Some(at) = place(&span) {
            self.tree.places.insert(pointer.clone(), at);
        }
        let (value, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                (plain_or_text(text, style, tag.as_deref(), &span)?, anchor)
            }
            Event::SequenceStart(_, anchor, tag) => {
                check_tag(tag.as_deref(), &span)?;
                (self.sequence(pointer, depth)?, anchor)
            }
            Event::MappingStart(_, anchor, tag) => {
                check_tag(tag.as_deref(), &span)?;
                (self.mapping(pointer, depth)?, anchor)
            }
            Event::Alias(anchor) => (self.alias(anchor, &span)?, 0),
            _ => {
                return Err(
                    Problem::error("yaml_syntax", "a value is missing").on_line(place(&span))
                );
            }
        };
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
        Ok(value)
    }

    fn sequence(&mut self, pointer: &mut String, depth: usize) -> Result<Json, Problem> {
        let mut items = Vec::new();
        loop {
            let step = self.next()?;
            if step.0 == Event::SequenceEnd {
                return Ok(Json::Array(items));
            }
            let length = pointer.len();
            pointer.push_str(&format!("/{}", items.len()));
            items.push(self.value(step, pointer, depth + 1)?);
            pointer.truncate(length);
        }
    }

    fn mapping(&mut self, pointer: &mut String, depth: usize) -> Result<Json, Problem> {
        let mut map = Map::new();
        let mut merged = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::MappingEnd {
                for (key, value) in merged {
                    map.entry(key).or_insert(value);
                }
                return Ok(Json::Object(map));
            }
            let is_merge =
                matches!(&event, Event::Scalar(text, ScalarStyle::Plain, _, None) if text == "<<");
            let key = key_text(
                self.value((event, span), &mut String::from("\0key"), depth + 1)?,
                &span,
            )?;
            let length = pointer.len();
            pointer.push_str(&format!("/{}", key.replace('~', "~0").replace('/', "~1")));
            let step = self.next()?;
            let value = self.value(step, pointer, depth + 1)?;
            pointer.truncate(length);
            if is_merge {
                merge(value, &mut merged, &span)?;
            } else if map.insert(key.clone(), value).is_some() {
                return Err(Problem::error(
                    "yaml_duplicate_key",
                    format!("the key {key:?} stands twice in one mapping"),
                )
                .on_line(place(&span)));
            }
        }
    }

    fn alias(&mut self, anchor: usize, span: &Span) -> Result<Json, Problem> {
        let Some(value) = self.anchors.get(&anchor) else {
            return Err(
                Problem::error("yaml_syntax", "an alias names an unknown anchor")
                    .on_line(place(span)),
            );
        };
        let count = count_values(value, MAX_VALUES);
        let value = (self.values + count <= MAX_VALUES).then(|| value.clone());
        self.count(count, span)?;
        Ok(value.unwrap_or_default())
    }

    fn count(&mut self, values: usize, span: &Span) -> Result<(), Problem> {
        self.values += values;
        if self.values > MAX_VALUES {
            return Err(Problem::error(
                "yaml_too_many_values",
                format!("more than {MAX_VALUES} values, aliases counted each time"),
            )
            .on_line(place(span)));
        }
        Ok(())
    }
}

fn count_values(value: &Json, limit: usize) -> usize {
    let mut count = 0;
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        count += 1;
        if count > limit {
            break;
        }
        match value {
            Json::Array(items) => open.extend(items),
            Json::Object(map) => open.extend(map.values()),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
        }
    }
    count
}

/// `<<: *other` and `<<: [*one, *two]`: keys of the first mapping win, keys of this mapping win over all.
fn merge(value: Json, merged: &mut Vec<(String, Json)>, span: &Span) -> Result<(), Problem> {
    match value {
        Json::Object(map) => {
            for (key, value) in map {
                if !merged.iter().any(|(known, _)| *known == key) {
                    merged.push((key, value));
                }
            }
            Ok(())
        }
        Json::Array(items) => items
            .into_iter()
            .try_for_each(|item| merge(item, merged, span)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {
            Err(Problem::error("yaml_syntax", "a merge key needs a mapping").on_line(place(span)))
        }
    }
}

fn key_text(key: Json, span: &Span) -> Result<String, Problem> {
    match key {
        Json::String(text) => Ok(text),
        Json::Null => Ok("null".into()),
        Json::Bool(value) => Ok(value.to_string()),
        Json::Number(number) => Ok(number.to_string()),
        Json::Array(_) | Json::Object(_) => {
            Err(Problem::error("yaml_key", "a key must be a text").on_line(place(span)))
        }
    }
}

fn plain_or_text(
    text: Cow<'_, str>,
    style: ScalarStyle,
    tag: Option<&Tag>,
    span: &Span,
) -> Result<Json, Problem> {
    check_tag(tag, span)?;
    let is_text = tag.is_some_and(|tag| matches!(tag.suffix(), "str" | ""));
    Ok(if style == ScalarStyle::Plain && !is_text {
        scalar::resolve(&text)
    } else {
        Json::String(text.into_owned())
    })
}

/// Only the core tags are known, as for a safe loader; a tag for code is refused.
fn check_tag(tag: Option<&Tag>, span: &Span) -> Result<(), Problem> {
    const CORE: [&str; 7] = ["str", "int", "float", "bool", "null", "map", "seq"];
    match tag {
        Some(tag)
            if !(tag.is_yaml_core_schema() && CORE.contains(&tag.suffix())
                || (tag.handle() == "!" && tag.suffix().is_empty())) =>
        {
            Err(Problem::error(
                "yaml_tag",
                format!("Invalid YAML DSL. The tag {tag} is not known"),
            )
            .on_line(place(span)))
        }
        Some(_) | None => Ok(()),
    }
}

fn syntax(error: &ScanError) -> Problem {
    let marker = error.marker();
    let at = (to_u32(marker.line()), to_u32(marker.col() + 1));
    Problem::error("yaml_syntax", format!("Invalid YAML DSL. {}", error.info())).on_line(Some(at))
}

fn place(span: &Span) -> Option<Place> {
    Some((to_u32(span.start.line()), to_u32(span.start.col() + 1)))
}

fn to_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::read;

    fn code(text: &str) -> (String, Option<u32>) {
        let problem = read(text).unwrap_err();
        (problem.code, problem.line)
    }

    #[test]
    fn values_have_places() {
        let tree = read("a:\n  b: [1, x]\n").unwrap();
        assert_eq!(tree.root, json!({"a": {"b": [1, "x"]}}));
        assert_eq!(tree.place("/a/b/1"), Some((2, 10)));
        assert_eq!(tree.place("/a/b/1/deeper"), Some((2, 10)));
    }

    #[test]
    fn anchors_and_merges_are_applied() {
        let tree = read("base: &b {x: 1, y: 2}\nuse: {<<: *b, y: 3}\n'<<': kept\n").unwrap();
        assert_eq!(
            tree.root,
            json!({"base": {"x": 1, "y": 2}, "use": {"y": 3, "x": 1}, "<<": "kept"})
        );
    }

    #[test]
    fn hostile_files_are_refused_with_a_line() {
        assert_eq!(code("a: 1\nb: [\n"), ("yaml_syntax".into(), Some(2)));
        assert_eq!(code("a: 1\na: 2\n"), ("yaml_duplicate_key".into(), Some(2)));
        assert_eq!(code("a: 1\n---\nb: 2\n").0, "yaml_several_documents");
        assert_eq!(
            code("a: !!python/object/apply:os.system ['x']\n").0,
            "yaml_tag"
        );
        assert_eq!(code("? [1]\n: 2\n").0, "yaml_key");
        assert_eq!(
            code(&format!("{}{}", "[".repeat(150), "]".repeat(150))).0,
            "yaml_too_deep"
        );
        let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for n in 1..10 {
            let alias = format!("*a{},", n - 1).repeat(10);
            bomb.push_str(&format!("a{n}: &a{n} [{alias}]\n"));
        }
        assert_eq!(code(&bomb).0, "yaml_too_many_values");
    }
}
