//! `list-operator`, as tables.

use serde_json::{Value as Json, json};

use super::world::{build, outcome, pool, run};

/// What becomes of a list.
fn made(list: Json, data: Json) -> Result<Json, String> {
    let mut data = data;
    data["variable"] = json!(["n", "list"]);
    let pool = pool(json!({"n": {"list": list, "two": 2, "word": "an"}}));
    let attempt = run("list-operator", data, &pool);
    outcome(&attempt).map(|outputs| outputs["result"].clone())
}

fn filter(key: &str, operator: &str, value: Json) -> Json {
    let condition = json!({"key": key, "comparison_operator": operator, "value": value});
    json!({"filter_by": {"enabled": true, "conditions": [condition]}})
}

fn file(name: &str, size: i64) -> Json {
    json!({
        "dify_model_identity": "__dify__file__", "type": "image", "transfer_method": "local_file",
        "filename": name, "extension": null, "size": size, "url": "https://files.test/1",
    })
}

#[test]
fn what_is_empty_gives_an_empty_list() {
    for empty in [
        json!(null),
        json!(""),
        json!([]),
        json!(0),
        json!(false),
        json!({}),
    ] {
        let data = json!({"extract_by": {"enabled": true, "serial": "9"}});
        assert_eq!(made(empty.clone(), data), Ok(json!([])), "{empty}");
    }
}

#[test]
fn a_text_is_judged_by_every_operator() {
    for (operator, value, left) in [
        ("contains", "{{#n.word#}}", json!(["banana"])),
        ("not contains", "an", json!(["", "apple"])),
        ("start with", "b", json!(["banana"])),
        ("end with", "e", json!(["apple"])),
        ("is", "apple", json!(["apple"])),
        ("is not", "apple", json!(["banana", ""])),
        ("in", "a banana", json!(["banana", ""])),
        ("not in", "a banana", json!(["apple"])),
        ("empty", "x", json!([""])),
        ("not empty", "x", json!(["banana", "apple"])),
    ] {
        let data = filter("", operator, json!(value));
        assert_eq!(
            made(json!(["banana", "", "apple"]), data),
            Ok(left),
            "{operator}"
        );
    }
    let wrong = filter("", "≥", json!("1"));
    assert_eq!(
        made(json!(["a"]), wrong),
        Err("Invalid condition: ≥".to_owned())
    );
    let wrong = filter("", "is", json!(true));
    assert_eq!(
        made(json!(["a"]), wrong),
        Err("Invalid filter value: True".to_owned())
    );
}

#[test]
fn a_file_is_judged_by_its_attributes() {
    let files = json!([file("b.png", 10), file("a.png", 2)]);
    for (key, operator, value, left) in [
        ("name", "start with", json!("a"), vec!["a.png"]),
        ("size", "<", json!("{{#n.two#}}0"), vec!["b.png", "a.png"]),
        ("size", "≤", json!("9"), vec!["a.png"]),
        ("type", "in", json!(["image"]), vec!["b.png", "a.png"]),
        ("transfer_method", "not in", json!(["local_file"]), vec![]),
        ("extension", "empty", json!(""), vec!["b.png", "a.png"]),
        // The address of an upload is none elsewhere.
        ("url", "empty", json!(""), vec!["b.png", "a.png"]),
    ] {
        let result = made(files.clone(), filter(key, operator, value)).unwrap();
        let names = result
            .as_array()
            .unwrap()
            .iter()
            .map(|file| &file["filename"]);
        assert_eq!(names.collect::<Vec<_>>(), left, "{key} {operator}");
    }
    for (key, operator, value, error) in [
        ("colour", "is", json!("x"), "Invalid key: colour"),
        ("size", "<", json!(["1"]), "Invalid key: size"),
        ("name", "<", json!("1"), "Invalid condition: <"),
        ("type", "is", json!("image"), "Invalid condition: is"),
        (
            "size",
            "<",
            json!("x"),
            "could not convert string to float: 'x'",
        ),
    ] {
        let result = made(files.clone(), filter(key, operator, value));
        assert_eq!(result, Err(error.to_owned()), "{key} {operator}");
    }
}

#[test]
fn order_and_limit_follow_python() {
    let ordered = |list: Json, key: &str, value: &str| {
        made(
            list,
            json!({"order_by": {"enabled": true, "key": key, "value": value}}),
        )
    };
    let numbers = json!([2, 10, 1.5, 2.0]);
    assert_eq!(
        ordered(numbers.clone(), "", "asc"),
        Ok(json!([1.5, 2, 2.0, 10]))
    );
    assert_eq!(ordered(numbers, "", "desc"), Ok(json!([10, 2, 2.0, 1.5])));
    let words = json!(["b", "é", "B", "a10", "a9"]);
    assert_eq!(
        ordered(words, "", "asc"),
        Ok(json!(["B", "a10", "a9", "b", "é"]))
    );
    assert_eq!(
        ordered(json!([true, false]), "", "asc"),
        Ok(json!([false, true]))
    );
    let files = ordered(
        json!([file("b", 9), file("a", 10), file("c", 9)]),
        "size",
        "desc",
    )
    .unwrap();
    let names = files
        .as_array()
        .unwrap()
        .iter()
        .map(|file| &file["filename"]);
    assert_eq!(names.collect::<Vec<_>>(), ["a", "b", "c"]);
    let unknown = ordered(json!([file("b", 9)]), "", "asc");
    assert_eq!(unknown, Err("Invalid order key: ".to_owned()));
    for (size, left) in [
        (2, json!([1, 2])),
        (-2, json!([1])),
        (-9, json!([])),
        (9, json!([1, 2, 3])),
    ] {
        let data = json!({"limit": {"enabled": true, "size": size}});
        assert_eq!(made(json!([1, 2, 3]), data), Ok(left), "{size}");
    }
}

#[test]
fn one_element_is_taken_by_its_position() {
    for (serial, taken) in [
        ("{{#n.two#}}", Ok(json!(["b"]))),
        (" 1 ", Ok(json!(["a"]))),
        ("0", Err("Invalid serial index: must be >= 1, got 0")),
        ("3", Err("Invalid serial index: must be <= 2, got 3")),
        ("x", Err("invalid literal for int() with base 10: 'x'")),
    ] {
        let data = json!({"extract_by": {"enabled": true, "serial": serial}});
        let result = made(json!(["a", "b"]), data);
        assert_eq!(result, taken.map_err(str::to_owned), "{serial}");
    }
}

#[test]
fn the_class_of_a_failure_is_that_of_python() {
    for (serial, class) in [("0", "WorkflowNodeError"), ("3", "")] {
        let data = json!({
            "variable": ["n", "list"], "extract_by": {"enabled": true, "serial": serial},
        });
        let attempt = run("list-operator", data, &pool(json!({"n": {"list": ["a"]}})));
        assert_eq!(attempt.outcome.unwrap_err().error_type, class, "{serial}");
        assert_eq!(attempt.inputs["variable"], json!(["a"]));
    }
}

#[test]
fn data_that_make_no_sense_are_refused() {
    for (data, field) in [
        (
            filter("", "resembles", json!("x")),
            "data.filter_by.conditions",
        ),
        (filter("", "is", json!(1)), "data.filter_by.conditions"),
        (
            json!({"order_by": {"enabled": true, "value": "up"}}),
            "data.order_by.value",
        ),
        (
            json!({"limit": {"enabled": true, "size": "many"}}),
            "data.limit.size",
        ),
        (
            json!({"extract_by": {"enabled": true, "serial": 1}}),
            "data.extract_by.serial",
        ),
    ] {
        let problem = build("list-operator", data).unwrap_err();
        assert_eq!(problem.field.as_deref(), Some(field), "{problem}");
    }
}
