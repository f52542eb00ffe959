//! Selectors of the pool.

use latchkey_domain::value::{File, FileType, Value};
use latchkey_engine::pool::Pool;
use serde_json::json;

fn pool() -> Pool {
    let mut pool = Pool::new();
    let file = File {
        file_type: FileType::Image,
        filename: Some("cat.png".into()),
        url: Some("https://files.test/cat".into()),
        size: 7,
        ..File::default()
    };
    pool.set("n", "file", Value::file(file.clone()));
    pool.set("n", "list", Value::infer(json!(["a", "b"])));
    pool.set("n", "null", Value::None);
    pool.set("n", "text", "plain".into());
    let object =
        json!({"a": {"b": [1], "": "empty", "null": null, "zero": 0}, "f": file.to_json()});
    pool.set("n", "object", Value::infer(object));
    pool
}

#[test]
fn selectors_find_what_dify_finds() {
    for (selector, expected) in [
        ("n", None),
        ("n.missing", None),
        ("x.text", None),
        ("n.text", Some("plain".into())),
        ("n.null", Some(Value::None)),
        ("n.text.length", None),
        ("n.list.0", None),
        ("n.object.a.b", Some(Value::infer(json!([1])))),
        ("n.object.a.b.0", None),
        ("n.object.a.null", Some(Value::None)),
        ("n.object.a.null.x", None),
        ("n.object.a.zero", Some(Value::Integer(0))),
        ("n.object.a.", Some("empty".into())),
        ("n.object.missing", None),
        ("n.object.f.name", Some("cat.png".into())),
        ("n.file.type", Some("image".into())),
        ("n.file.size", Some(Value::Integer(7))),
        ("n.file.mime_type", Some(Value::None)),
        ("n.file.url.deeper", Some("https://files.test/cat".into())),
        ("n.file.content", None),
    ] {
        let selector: Vec<&str> = selector.split('.').collect();
        assert_eq!(pool().get(&selector), expected, "{selector:?}");
    }
}

#[test]
fn a_layer_begins_with_what_is_below_and_hides_what_it_changes() {
    let mut below = pool();
    let mut layer = below.layer();
    layer.set("n", "text", "changed".into());
    layer.set("own", "x", "mine".into());
    below.set("late", "x", "unseen".into());
    assert_eq!(layer.get(&["n", "null"]), Some(Value::None));
    assert_eq!(layer.get(&["n", "text"]), Some("changed".into()));
    assert_eq!(below.get(&["n", "text"]), Some("plain".into()));
    assert!(!below.has_node("own") && !layer.has_node("late"));
    layer.remove_node("n");
    layer.remove_node("own");
    assert!(!layer.has_node("n") && !layer.has_node("own") && below.has_node("n"));
    assert_eq!(layer.get(&["n", "text"]), None);
    layer.set("n", "text", "again".into());
    assert_eq!(layer.node_values("n").len(), 1);
}

#[test]
fn a_clone_does_not_see_later_changes() {
    let mut pool = pool();
    let before = pool.clone();
    pool.set("n", "text", "changed".into());
    pool.remove_node("x");
    assert_eq!(before.get(&["n", "text"]), Some("plain".into()));
    assert_eq!(pool.get(&["n", "text"]), Some("changed".into()));
    pool.remove_node("n");
    assert!(!pool.has_node("n") && before.has_node("n"));
}
