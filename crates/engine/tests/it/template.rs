//! Dify's text templates, odd cases included.

use latchkey_domain::value::Value;
use latchkey_engine::pool::Pool;
use latchkey_engine::template::Template;
use serde_json::json;

#[track_caller]
fn check(template: &str, expected: &str) {
    let mut pool = Pool::new();
    pool.set("n", "s", "text".into());
    pool.set("n", "nothing", Value::None);
    pool.set("n", "b", Value::Boolean(true));
    pool.set("n", "o", Value::infer(json!({"k": "v", "n": {"x": 1}})));
    pool.set("n", "quoted", "{{#n.s#}}".into());
    pool.set("n", "key", Value::Secret("test-key-acme".into()));
    pool.set("1700000000000", "x", Value::Float(2.0));
    assert_eq!(Template::parse(template).render_text(&pool), expected);
}

#[test]
fn placeholders_are_exact() {
    check("", "");
    check("plain", "plain");
    check("a {{#n.s#}} b {{#n.s#}}", "a text b text");
    check("{{#1700000000000.x#}}", "2.0");
    check(
        "{{#n.o#}} {{#n.o.k#}} {{#n.o.n.x#}}",
        "{\"k\": \"v\", \"n\": {\"x\": 1}} v 1",
    );
    check("{{{#n.s#}}}", "{text}");
    check("{{#{{#n.s#}}", "{{#text");
    check("{{#n.s#}}{{#n.s#}", "text{{#n.s#}");
    check("{{# n.s #}} {{#n.s #}}", "{{# n.s #}} {{#n.s #}}");
    check(
        "{{#context#}} {{#n.9#}} {{#n-1.s#}} {{#n..s#}}",
        "{{#context#}} {{#n.9#}} {{#n-1.s#}} {{#n..s#}}",
    );
    check("中{{#n.s#}}文", "中text文");
}

#[test]
fn lengths_are_bounded_as_in_the_pattern() {
    let (thirty, fifty) = ("x".repeat(30), "y".repeat(50));
    check(
        &format!("{{{{#{fifty}.{thirty}#}}}}"),
        &format!("{fifty}.{thirty}"),
    );
    let long = format!("{{{{#n.{thirty}x#}}}}");
    check(&long, &long);
    let long = format!("{{{{#{fifty}y.s#}}}}");
    check(&long, &long);
    let deep = format!("{{{{#n{}#}}}}", ".a".repeat(11));
    check(&deep, &deep);
    check("{{#n.a.a.a.a.a.a.a.a.a.a#}}", "n.a.a.a.a.a.a.a.a.a.a");
}

#[test]
fn what_is_missing_shows_its_name_and_null_shows_nothing() {
    check("X{{#n.missing#}}Y", "Xn.missingY");
    check("[{{#n.nothing#}}]", "[]");
    check("{{#n.b#}}", "True");
}

#[test]
fn a_whole_text_piece_that_names_a_variable_is_that_variable() {
    check("n.s", "text");
    check("n.s and", "n.s and");
    check("{{#n.b#}}n.s{{#n.b#}}", "TruetextTrue");
    check("n.o.k", "v");
}

#[test]
fn values_are_not_scanned_again() {
    check("{{#n.quoted#}}", "{{#n.s#}}");
}

#[test]
fn only_the_form_for_people_masks_secrets() {
    check("{{#n.key#}}", "test-key-acme");
    let mut pool = Pool::new();
    pool.set("env", "key", Value::Secret("test-key-acme".into()));
    let shown = Template::parse("key={{#env.key#}}").render_shown(&pool);
    assert_eq!(shown, "key=test-k************me");
}
