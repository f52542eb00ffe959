//! JSON that is almost JSON: what people and models write when they mean it, made into JSON.
//!
//! Undone are single and typographic quotes, quotes and line breaks inside texts, bare keys and words, comments, commas
//! that are missing or too many, Python's words, fences and prose around it, and an end that is missing. Numbers keep
//! their digits, however long. Nothing is looked up or evaluated, the time is linear, and the depth is limited.

mod reader;
mod tree;

use serde::de::IgnoredAny;

use self::reader::Reader;
use self::tree::Tree;

/// Compact JSON of what a text means; none when there is none in it, or when it is nested too deeply.
pub(crate) fn repair(text: &str) -> Option<String> {
    let is_json = serde_json::from_str::<IgnoredAny>(text).is_ok();
    let mut reader = Reader::new(text, is_json);
    let mut found = if is_json {
        vec![reader.whole().ok()?]
    } else {
        reader.every().ok()?
    };
    match found.len() {
        0 => None,
        1 => found.pop().map(|one| one.to_string()),
        _ => Some(Tree::Array(found).to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::repair;

    #[track_caller]
    fn becomes(text: &str, json: &str) {
        assert_eq!(repair(text).as_deref(), Some(json), "{text}");
    }

    #[test]
    fn json_stays_what_it_is() {
        becomes(
            r#" { "a" : [ 1 , 2.50, -3e5 ] } "#,
            r#"{"a":[1,2.50,-3e5]}"#,
        );
        becomes(r#""text""#, r#""text""#);
        becomes("12", "12");
        becomes("null", "null");
        becomes(
            r#"{"a":"x\", \"b\": \u00e9\n"}"#,
            r#"{"a":"x\", \"b\": é\n"}"#,
        );
        becomes(
            r#"{"a":"\ud83d\ude00\ud800"}"#,
            "{\"a\":\"\u{1f600}\u{fffd}\"}",
        );
        becomes(
            "123456789012345678901234567890",
            "123456789012345678901234567890",
        );
        becomes(r#"{"a":1,"b":2,"a":3}"#, r#"{"a":3,"b":2}"#);
    }

    /// Each quote in it asks what is far ahead, and the answer is the same for all of them.
    #[test]
    fn a_long_text_of_quotes_is_read_in_one_go() {
        for (begin, piece, end) in [
            ("{\"a\": \"", "\", “", ""),
            ("{\"a\": “", "”x}", ""),
            ("{\"a\": \"", "\"x}", ""),
            ("{\"a\": \"", "\"'", ""),
            ("{\"a\": \"", "\",,,", "“"),
            ("[\"", "\", ", "]"),
        ] {
            let text = format!("{begin}{}{end}", piece.repeat(80_000));
            let begun = std::time::Instant::now();
            let _ = repair(&text);
            // Unoptimised, on a busy machine; it was minutes.
            assert!(begun.elapsed().as_secs() < 10, "{piece}");
        }
    }

    #[test]
    fn typographic_quotes_end_where_a_key_may_follow() {
        becomes(
            "{\"a\": \"x\", “b”: “y”, “c”: “say ”z” ok”}",
            r#"{"a":"x","b":"y","c":"say ”z” ok"}"#,
        );
        becomes("{“a”: “x} tail”}", r#"{"a":"x} tail"}"#);
    }

    #[test]
    fn other_quotes_words_and_commas_are_understood() {
        becomes("{'q': 'x y', n: 1,}", r#"{"q":"x y","n":1}"#);
        becomes(
            "[{'a': 'x', 'n': None}, True,, False]",
            r#"[{"a":"x","n":null},true,false]"#,
        );
        becomes("{“q”: “v”}", r#"{"q":"v"}"#);
        becomes("{'k': 'say \"x\"'}", r#"{"k":"say \"x\""}"#);
        becomes("{a: hello world, b: x}", r#"{"a":"hello world","b":"x"}"#);
        becomes(r#"{"a": "b" "c": 1}"#, r#"{"a":"b","c":1}"#);
        becomes(r#"["a" "b"]"#, r#"["a","b"]"#);
        becomes(r#"{"a":,"b":}"#, r#"{"a":"","b":""}"#);
        becomes(
            "{\"a\": 1 // one\n, \"b\": /* two */ 2}",
            r#"{"a":1,"b":2}"#,
        );
        becomes(
            "{'a': .5, 'b': 1., 'c': +1, 'd': 007, 'e': 1_000}",
            r#"{"a":0.5,"b":1.0,"c":1,"d":7,"e":1000}"#,
        );
        becomes(r#"{"p": "C:\dir"}"#, r#"{"p":"C:\\dir"}"#);
    }

    #[test]
    fn quotes_and_line_breaks_inside_a_text_belong_to_it() {
        becomes(
            r#"{"q": "he said "hi" to me"}"#,
            r#"{"q":"he said \"hi\" to me"}"#,
        );
        becomes(
            r#"{"q": "he said "yes", then left", "b": 2}"#,
            r#"{"q":"he said \"yes\", then left","b":2}"#,
        );
        becomes(
            "{\"t\": \"one\n\"two\"\tthree\", \"n\": 3}",
            r#"{"t":"one\n\"two\"\tthree","n":3}"#,
        );
        becomes(r#"{"q": "{"inner": 1}"}"#, r#"{"q":"{\"inner\": 1}"}"#);
        becomes(r#"["a "b" c", "d"]"#, r#"["a \"b\" c","d"]"#);
        becomes(r#"{"q": "brace } in"}"#, r#"{"q":"brace } in"}"#);
        becomes("{'k': 'it's'}", r#"{"k":"it's"}"#);
    }

    #[test]
    fn an_end_may_be_missing_and_prose_may_be_around() {
        becomes(r#"{"a": [1, 2"#, r#"{"a":[1,2]}"#);
        becomes(r#"{"a": "open}"#, r#"{"a":"open"}"#);
        becomes("```json\n{\"a\": \"b\"}\n```", r#"{"a":"b"}"#);
        becomes("Here: {\"a\": 1} as you wished", r#"{"a":1}"#);
        becomes(r#"{"a":1}{"b":2}"#, r#"[{"a":1},{"b":2}]"#);
        becomes(r#"{"a": [1, 2}"#, r#"{"a":[1,2]}"#);
    }

    #[test]
    fn what_is_no_json_at_all_is_none() {
        for text in ["", "   ", "hello", "a: 1", "\"open"] {
            assert_eq!(repair(text), None, "{text:?}");
        }
    }

    #[test]
    fn hostile_texts_end_soon() {
        let deep = "[".repeat(100_000);
        assert_eq!(repair(&deep), None);
        for piece in [
            "\", ", "\"}", "{\"", "':", "\\", "/*", "[\"a\" ", ",'", "\"\n\"",
        ] {
            let long = format!("{{\"a\": \"{}", piece.repeat(100_000));
            let started = std::time::Instant::now();
            let _ = repair(&long);
            assert!(started.elapsed().as_secs() < 20, "{piece:?}");
        }
    }
}
