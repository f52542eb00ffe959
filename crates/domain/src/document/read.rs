//! Reading YAML into a tree with the place of every value.
//!
//! Built on the events of a YAML parser, because three things are needed that no ready-made loader gives together:
//! PyYAML's meaning of plain scalars, the line of every value, and hard limits on aliases and depth.

use std::borrow::Cow;
use std::collections::HashMap;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, Span, Tag};
use serde_json::{Map, Value as Json};

use super::budget::Budget;
use super::place::{Place, Places, Tree};
use super::problem::Problem;
use super::scalar::{self, Scalar};

/// Warnings about single values; a file that needs more of them is not read by people.
const MAX_NOTES: usize = 100;

/// Reads YAML as the files are read: scalars mean what PyYAML takes them for, and bombs are refused.
///
/// # Errors
/// When it is no YAML of one document.
pub fn read_yaml(text: &str) -> Result<Json, Problem> {
    Ok(read(text)?.root)
}

/// Reads one YAML document. Several documents, unknown tags, duplicate keys and bombs are refused.
pub(super) fn read(text: &str) -> Result<Tree, Problem> {
    let mut reader = Reader {
        parser: Parser::new_from_str(text),
        anchors: HashMap::new(),
        budget: Budget::default(),
        notes: Vec::new(),
    };
    let (root, places) = reader.document()?;
    Ok(Tree {
        root,
        places,
        notes: reader.notes,
    })
}

struct Reader<'a> {
    parser: Parser<'a, granit_parser::StrInput<'a>>,
    anchors: HashMap<usize, Json>,
    budget: Budget,
    notes: Vec<Problem>,
}

type Step<'a> = (Event<'a>, Span);
type Read<T> = Result<(T, Vec<Places>), Problem>;

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Step<'a>, Problem> {
        match self.parser.next_event() {
            Some(Ok(step)) => Ok(step),
            Some(Err(error)) => Err(syntax(&error)),
            None => Err(Problem::error("yaml_syntax", "the file ends too early")),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the parser may grow events")]
    fn document(&mut self) -> Result<(Json, Places), Problem> {
        let mut root = (Json::Null, Places::default());
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
                    root = self.value(step, 0)?;
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
    fn value(&mut self, (event, span): Step<'a>, depth: usize) -> Result<(Json, Places), Problem> {
        let text = match &event {
            Event::Scalar(text, ..) => text.len(),
            _ => 0,
        };
        let spent = self.budget.spend(depth, text);
        spent.map_err(|problem| problem.on_line(place(&span)))?;
        let ((value, inside), anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = self.scalar(text, style, tag.as_deref(), &span)?;
                ((value, Vec::new()), anchor)
            }
            Event::SequenceStart(_, anchor, tag) => {
                check_tag(tag.as_deref(), &["seq"], &span)?;
                (self.sequence(depth)?, anchor)
            }
            Event::MappingStart(_, anchor, tag) => {
                check_tag(tag.as_deref(), &["map"], &span)?;
                (self.mapping(depth)?, anchor)
            }
            Event::Alias(anchor) => ((self.alias(anchor, depth, &span)?, Vec::new()), 0),
            _ => {
                return Err(
                    Problem::error("yaml_syntax", "a value is missing").on_line(place(&span))
                );
            }
        };
        if anchor > 0 {
            // The copy that is kept for aliases counts as well: anchors inside anchors would multiply.
            let spent = self.budget.spend_tree(&value, depth);
            spent.map_err(|problem| problem.on_line(place(&span)))?;
            self.anchors.insert(anchor, value.clone());
        }
        let at = place(&span);
        Ok((value, Places { at, inside }))
    }

    fn sequence(&mut self, depth: usize) -> Read<Json> {
        let (mut items, mut places) = (Vec::new(), Vec::new());
        loop {
            let step = self.next()?;
            if step.0 == Event::SequenceEnd {
                return Ok((Json::Array(items), places));
            }
            let (item, at) = self.value(step, depth + 1)?;
            items.push(item);
            places.push(at);
        }
    }

    fn mapping(&mut self, depth: usize) -> Read<Json> {
        let (mut map, mut places) = (Map::new(), Vec::new());
        let mut merged = Map::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::MappingEnd {
                for (key, value) in merged {
                    map.entry(key).or_insert(value);
                }
                return Ok((Json::Object(map), places));
            }
            let is_merge =
                matches!(&event, Event::Scalar(text, ScalarStyle::Plain, _, None) if text == "<<");
            let key = key_text(self.value((event, span), depth + 1)?.0, &span)?;
            let step = self.next()?;
            let (value, at) = self.value(step, depth + 1)?;
            if is_merge {
                merge(value, &mut merged, &span)?;
            } else if map.contains_key(&key) {
                let message = format!("the key {} stands twice in one mapping", quoted(&key));
                return Err(Problem::error("yaml_duplicate_key", message).on_line(place(&span)));
            } else {
                map.insert(key, value);
                places.push(at);
            }
        }
    }

    fn alias(&mut self, anchor: usize, depth: usize, span: &Span) -> Result<Json, Problem> {
        let Some(value) = self.anchors.get(&anchor) else {
            return Err(
                Problem::error("yaml_syntax", "an alias names an unknown anchor")
                    .on_line(place(span)),
            );
        };
        let spent = self.budget.spend_tree(value, depth);
        spent.map_err(|problem| problem.on_line(place(span)))?;
        Ok(value.clone())
    }

    fn scalar(
        &mut self,
        text: Cow<'_, str>,
        style: ScalarStyle,
        tag: Option<&Tag>,
        span: &Span,
    ) -> Result<Json, Problem> {
        check_tag(tag, &["str", "int", "float", "bool", "null"], span)?;
        let meaning = match tag {
            Some(tag) if is_bare(tag) => scalar::plain(&text),
            Some(tag) => scalar::tagged(tag.suffix(), &text).ok_or_else(|| {
                let message = format!("{} is no {}", quoted(&text), tag.suffix());
                Problem::error("yaml_tag", message).on_line(place(span))
            })?,
            None if style == ScalarStyle::Plain => scalar::plain(&text),
            None => Scalar::Text,
        };
        match meaning {
            Scalar::Value(value) => return Ok(value),
            Scalar::Text => {}
            Scalar::Beyond => self.tell_beyond(&text, span),
        }
        Ok(Json::String(text.into_owned()))
    }

    fn tell_beyond(&mut self, text: &str, span: &Span) {
        if self.notes.len() < MAX_NOTES {
            let message = format!(
                "the number {} is beyond what a document can hold; it is kept as a text",
                quoted(text)
            );
            let note = Problem::warning("yaml_number_beyond", message);
            self.notes.push(note.on_line(place(span)));
        }
    }
}

/// A text of the file in a message, its beginning if it is long.
fn quoted(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

/// `<<: *other` and `<<: [*one, *two]`: keys of the first mapping win, keys of this mapping win over all.
fn merge(value: Json, merged: &mut Map<String, Json>, span: &Span) -> Result<(), Problem> {
    match value {
        Json::Object(map) => {
            for (key, value) in map {
                merged.entry(key).or_insert(value);
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

/// A lone `!`: for PyYAML the same as no tag, except that quotes do not make a text.
fn is_bare(tag: &Tag) -> bool {
    matches!(tag.parts(), ("!", "") | ("", "!"))
}

/// Only the core tags are known, as for a safe loader, and only where they fit; a tag for code is refused.
fn check_tag(tag: Option<&Tag>, fitting: &[&str], span: &Span) -> Result<(), Problem> {
    match tag {
        Some(tag)
            if !(tag.is_yaml_core_schema() && fitting.contains(&tag.suffix()) || is_bare(tag)) =>
        {
            Err(Problem::error(
                "yaml_tag",
                format!(
                    "Invalid YAML DSL. The tag {} is not known here",
                    quoted(&tag.to_string())
                ),
            )
            .on_line(place(span)))
        }
        Some(_) | None => Ok(()),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the parser may grow errors")]
fn syntax(error: &ScanError) -> Problem {
    let marker = error.marker();
    let at = Place {
        line: to_u32(marker.line()),
        column: to_u32(marker.col() + 1),
    };
    // The parser has a limit of its own, and looks ahead.
    let code = match error.kind() {
        ErrorKind::RecursionLimitExceeded => "yaml_too_deep",
        _ => "yaml_syntax",
    };
    Problem::error(code, format!("Invalid YAML DSL. {}", error.info())).on_line(Some(at))
}

fn place(span: &Span) -> Option<Place> {
    Some(Place {
        line: to_u32(span.start.line()),
        column: to_u32(span.start.col() + 1),
    })
}

fn to_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::place::Place;
    use super::read;

    fn code(text: &str) -> (String, Option<u32>) {
        let problem = read(text).unwrap_err();
        (problem.code, problem.line)
    }

    #[test]
    fn values_have_places() {
        let tree = read("a:\n  b: [1, x]\n").unwrap();
        assert_eq!(tree.root, json!({"a": {"b": [1, "x"]}}));
        let at = |line, column| Some(Place { line, column });
        assert_eq!(tree.place("a.b"), at(2, 6));
        assert_eq!(tree.place("a.b.deeper"), at(2, 6));
        let (list, _) = tree.spot().nearest("a.b");
        let items: Vec<_> = list.items().unwrap().map(|item| item.place).collect();
        assert_eq!(items, [at(2, 7), at(2, 10)]);
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
        assert_eq!(
            code(&format!("l: {}", "[".repeat(5_000))).0,
            "yaml_too_deep"
        );
    }

    #[test]
    fn aliases_count_for_what_they_stand_for() {
        let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for n in 1..10 {
            let alias = format!("*a{},", n - 1).repeat(10);
            bomb.push_str(&format!("a{n}: &a{n} [{alias}]\n"));
        }
        assert_eq!(code(&bomb), ("yaml_too_many_values".into(), Some(6)));
        let text = "x".repeat(100_000);
        let texts = format!("a: &a {text}\nb: [{}]\n", "*a,".repeat(500));
        assert_eq!(code(&texts), ("yaml_too_much_text".into(), Some(2)));
        let keys = format!("a: &a {{? {text} : 1}}\nb: [{}]\n", "*a,".repeat(500));
        assert_eq!(code(&keys), ("yaml_too_much_text".into(), Some(2)));
        let mut deep = String::from("a0: &a0 x\n");
        for n in 1..1_000 {
            deep.push_str(&format!("a{n}: &a{n} [[[[[[[[*a{}]]]]]]]]\n", n - 1));
        }
        assert_eq!(code(&deep), ("yaml_too_deep".into(), Some(14)));
    }

    #[test]
    fn anchors_inside_anchors_are_not_copied_without_end() {
        let nested: String = (0..90).map(|n| format!("&a{n} [")).collect();
        let text = format!("l: {nested}{}{}\n", "0,".repeat(50_000), "]".repeat(90));
        assert_eq!(code(&text).1, Some(1));
    }

    #[test]
    fn a_number_that_json_cannot_hold_is_kept_as_a_text_and_told() {
        let tree = read("a: .inf\nb: 99999999999999999999\nc: '.inf'\n").unwrap();
        assert_eq!(
            tree.root,
            json!({"a": ".inf", "b": "99999999999999999999", "c": ".inf"})
        );
        let told: Vec<_> = tree
            .notes
            .iter()
            .map(|note| (note.code.as_str(), note.line))
            .collect();
        assert_eq!(
            told,
            [
                ("yaml_number_beyond", Some(1)),
                ("yaml_number_beyond", Some(2))
            ]
        );
    }

    #[test]
    fn core_tags_decide_what_a_scalar_is() {
        let tree =
            read("[!!int '12', !!float 3, !!str 12, !!bool 'yes', !!null x, ! '12', ! x]").unwrap();
        assert_eq!(tree.root, json!([12, 3.0, "12", true, null, 12, "x"]));
        for wrong in ["!!int x", "!!bool 2", "!!map x", "!!int [1]", "!!seq {}"] {
            assert_eq!(code(wrong), ("yaml_tag".into(), Some(1)), "{wrong}");
        }
    }
}
