//! Jinja templates: what they look like in Python, and what bounds them.

use serde_json::{Value as Json, json};

use super::world::{outcome, pool, run};

fn render(template: &str, value: Json) -> Result<String, String> {
    let data = json!({
        "template": template,
        "variables": [
            {"variable": "v", "value_selector": ["n", "v"]},
            {"variable": "ghost", "value_selector": ["n", "ghost"]},
        ],
    });
    let attempt = run(
        "template-transform",
        data,
        &pool(json!({"n": {"v": value}})),
    );
    outcome(&attempt).map(|outputs| outputs["output"].as_str().unwrap().to_owned())
}

#[test]
fn values_look_as_in_python() {
    for (template, value, text) in [
        (
            "{{ v }}",
            json!([1, 2.0, "x'y", null, true]),
            r#"[1, 2.0, "x'y", None, True]"#,
        ),
        ("{{ v }}", json!({"k": {"l": []}}), "{'k': {'l': []}}"),
        (
            "{{ v }} {{ ghost }} {{ nobody }}",
            json!(1e16),
            "1e+16 None ",
        ),
        ("{{ v.items() | list }}", json!({"a": 1}), "[('a', 1)]"),
        (
            "{{ v | tojson }}",
            json!({"b": "<é>", "a": 1}),
            r#"{"a": 1, "b": "\u003c\u00e9\u003e"}"#,
        ),
        (
            "{{ v | e }}",
            json!("<a href='x'>"),
            "&lt;a href=&#39;x&#39;&gt;",
        ),
        (
            "{{ v | int }} {{ 'x' | int(7) }} {{ v | float }}",
            json!("2.9"),
            "2 7 2.9",
        ),
        (
            "{{ v | truncate(8) }}|{{ v | truncate(8, true, '…') }}",
            json!("the quick brown"),
            "the...|the qui…",
        ),
        (
            "{{ v | wordcount }} {{ v | center(7) }}",
            json!("a b"),
            "2   a b  ",
        ),
        ("{{ v.upper() }}{{ v[::-1] }}", json!("ab"), "ABba"),
        ("{{ '%05.1f' | format(v) }}", json!(2.25), "002.2"),
        ("a\n", json!(null), "a"),
    ] {
        assert_eq!(
            render(template, value.clone()),
            Ok(text.to_owned()),
            "{template} {value}"
        );
    }
}

#[test]
fn what_goes_wrong_fails_the_node() {
    for (template, words) in [
        ("{% if %}", "TemplateSyntaxError"),
        ("{{ v.a.b }}", "UndefinedError"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{{ v | nonsense }}", "nonsense"),
        (
            "{{ 'x' * 400001 }}",
            "Output length exceeds 400000 characters",
        ),
        (
            "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}",
            "TemplateTooExpensive",
        ),
    ] {
        let failure = render(template, json!({})).unwrap_err();
        assert!(failure.contains(words), "{template}: {failure}");
    }
}
