//! Results against declarations, as tables.

use serde_json::{Value as Json, json};

use crate::host::CodeLimits;

use super::super::config::Config;
use super::{OutputError, check};

fn checked(outputs: &Json, result: &Json) -> Result<Json, OutputError> {
    let data = json!({"code_language": "python3", "code": "", "outputs": outputs});
    let config = Config::of(data.as_object().unwrap()).unwrap();
    let result = result.as_object().unwrap().clone();
    check(&CodeLimits::default(), &config.outputs, result).map(Json::Object)
}

/// The result `r` of a type.
fn one(kind: &str, value: Json) -> Result<Json, OutputError> {
    let done = checked(&json!({"r": {"type": kind}}), &json!({"r": value}));
    done.map(|map| map["r"].clone())
}

#[test]
fn what_fits_is_kept() {
    for (kind, value, kept) in [
        ("string", json!("a\0b"), json!("ab")),
        ("string", json!(null), json!(null)),
        ("number", json!(1), json!(1)),
        ("number", json!(1.0), json!(1.0)),
        ("number", json!(true), json!(1)),
        ("number", json!(i64::MAX), json!(i64::MAX)),
        ("boolean", json!("whatever"), json!("whatever")),
        (
            "object",
            json!({"a": [1, null, true]}),
            json!({"a": [1, null, true]}),
        ),
        (
            "object",
            json!({"a": [[1], ["x"]]}),
            json!({"a": [[1], ["x"]]}),
        ),
        ("array[string]", json!(["a", null]), json!(["a", null])),
        ("array[number]", json!([1, 2.5, false]), json!([1, 2.5, 0])),
        ("array[boolean]", json!([true, null]), json!([true, null])),
        ("array[object]", json!([{}, null]), json!([{}, null])),
    ] {
        assert_eq!(one(kind, value), Ok(kept), "{kind}");
    }
}

#[test]
fn what_does_not_fit_is_told() {
    for (kind, value, part) in [
        ("string", json!(3), "`r` must be a string"),
        (
            "string",
            json!("x".repeat(400_001)),
            "less than 400000 characters",
        ),
        ("number", json!("3"), "r is not a number, got <class 'str'>"),
        ("number", json!(u64::MAX), "out of range"),
        ("number", json!(i64::MIN), "out of range"),
        ("number", json!(1e300), "out of range"),
        ("number", json!(1e-21), "too high precision"),
        (
            "object",
            json!([1]),
            "r is not an object, got <class 'list'>",
        ),
        (
            "object",
            json!({"a": {"b": [1, "x"]}}),
            "r.a.b is not a valid array",
        ),
        ("object", json!({"a": 1e300}), "`r.a` is out of range"),
        ("array[string]", json!("abc"), "r is not an array"),
        ("array[string]", json!([1]), "`r[0]` must be a string"),
        (
            "array[string]",
            json!(vec!["x"; 31]),
            "less than 30 elements",
        ),
        (
            "array[number]",
            json!([1, null]),
            "index 1 of output variable `r` must be",
        ),
        (
            "array[number]",
            json!(vec![1; 1001]),
            "less than 1000 elements",
        ),
        (
            "array[boolean]",
            json!([1]),
            "r[0] is not a boolean, got <class 'int'>",
        ),
        (
            "array[object]",
            json!([1]),
            "r[0] is not an object, got <class 'int'> instead at index 0.",
        ),
        (
            "array[object]",
            json!(vec![json!({}); 31]),
            "less than 30 elements",
        ),
    ] {
        let why = one(kind, value).expect_err(kind);
        assert_eq!(why.class(), "OutputValidationError");
        assert!(why.to_string().contains(part), "{kind}: {why}");
    }
}

#[test]
fn nothing_is_missing_and_nothing_more() {
    let outputs = json!({"r": {"type": "object", "children": {"name": {"type": "string"}}}});
    let good = json!({"r": {"name": "n"}});
    assert_eq!(checked(&outputs, &good), Ok(good));
    let missing = checked(&outputs, &json!({"r": {}})).unwrap_err();
    assert_eq!(missing.to_string(), "Output r.name is missing.");
    let more = checked(&outputs, &json!({"r": {"name": "n", "more": 1}}));
    assert_eq!(more, Err(OutputError::More));
    assert_eq!(OutputError::More.class(), "CodeNodeError");
    assert_eq!(checked(&json!({}), &json!({})), Ok(json!({})));
}

#[test]
fn depth_counts_the_result_itself() {
    assert!(one("object", json!({"a": {"b": {"c": {"d": 1}}}})).is_ok());
    for deep in [
        json!({"a": {"b": {"c": {"d": {"e": 1}}}}}),
        json!({"a": [{"b": [{"c": [{"d": {"e": 1}}]}]}]}),
        json!({"a": [[[[[[1]]]]]]}),
    ] {
        let why = one("object", deep).unwrap_err();
        assert_eq!(why, OutputError::Depth(5));
        assert_eq!(why.class(), "DepthLimitError");
    }
}

#[test]
fn outputs_keep_the_order_of_their_declaration() {
    let outputs = json!({"b": {"type": "string"}, "a": {"type": "string"}});
    let kept = checked(&outputs, &json!({"a": "1", "b": "2"})).unwrap();
    assert_eq!(kept.to_string(), r#"{"b":"2","a":"1"}"#);
}
