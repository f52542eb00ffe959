//! Jinja templates: what they look like in Python, and what bounds them.

use serde_json::{Value as Json, json};

use super::world::{build, outcome, pool, run};

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
fn lines_of_a_template_end_alike_and_those_of_values_stay() {
    let text = render("a\r\n{{ v }}\rb{{ 'x\r\ny' }}", json!("1\r\n2"));
    assert_eq!(text.as_deref(), Ok("a\n1\r\n2\nbx\ny"));
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
        ("a\r\n{{ v }}\rb", json!("x\r\ny"), "a\nx\r\ny\nb"),
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

/// What comes of a template that nobody should write.
fn fate(template: &str) -> String {
    match build("template-transform", json!({"template": template})) {
        Err(problem) => format!("refused: {}", problem.message),
        Ok(()) => render(template, json!(1)).unwrap_or_else(|failed| format!("failed: {failed}")),
    }
}

#[test]
fn chains_that_no_stack_bears_are_refused_when_the_node_is_built() {
    let chain = "an expression of the template has more than 500 operators and filters (line 1)";
    for template in [
        format!("{{{{ 1{} }}}}", "+1".repeat(8_000)),
        format!("{{{{ 'x'{} }}}}", "|upper".repeat(20_000)),
        format!("{{{{ {}v }}}}", "not ".repeat(20_000)),
        format!("{{{{ v{} }}}}", ".a".repeat(20_000)),
        format!("{{{{ v{} }}}}", "[0]".repeat(20_000)),
        format!("{{% set x = v{} %}}", " if v".repeat(20_000)),
        format!(
            "{{{{ {}1{} }}}}",
            "(1+1+1+1+1+".repeat(120),
            ")".repeat(120)
        ),
    ] {
        assert_eq!(fate(&template), format!("refused: {chain}"));
    }
    let branches = "{% elif v %}".repeat(201);
    let text = fate(&format!("{{% if v %}}{branches}{{% endif %}}"));
    assert!(text.contains("more than 200 elif branches"), "{text}");
    let text = fate(&"x".repeat(300_000));
    assert_eq!(text, "refused: the template is longer than 262144 bytes");
}

#[test]
fn what_is_long_but_flat_is_no_chain() {
    let list = "1.5, {'a': 'it\\'s }} %}'}, ".repeat(2_000);
    assert_eq!(fate(&format!("{{{{ [{list}]|length }}}}")), "4000");
    let calls = "{{ 1 + 1 }}{# {{ 1 #}".repeat(2_000);
    assert_eq!(fate(&calls), "2".repeat(2_000));
    let raw = format!("{{% raw %}}{}{{% endraw %}}", "{{ a+".repeat(2_000));
    assert_eq!(fate(&raw), "{{ a+".repeat(2_000));
    let ifs = "{% if v %}{% elif v %}{% endif %}".repeat(2_000);
    assert_eq!(fate(&ifs), "");
}

#[test]
fn the_longest_chain_fits_a_small_stack() {
    let templates = [
        format!("{{{{ 1{} }}}}", "+1".repeat(500)),
        format!("{{{{ v{} }}}}", "|int".repeat(500)),
        format!("{{{{ {}v }}}}", "not ".repeat(150)),
    ];
    for template in templates {
        let work = move || fate(&template);
        let thread = std::thread::Builder::new().stack_size(1024 * 1024);
        let text = thread.spawn(work).unwrap().join().unwrap();
        assert!(!text.starts_with("refused"), "{text}");
    }
}

#[test]
fn a_value_may_be_deeper_than_the_stack_but_is_not_shown() {
    let nested = |rounds: usize, levels: usize, shown: &str| {
        let (open, close) = ("[".repeat(levels), "]".repeat(levels));
        format!(
            "{{% set ns = namespace(a=1) %}}{{% for i in range({rounds}) %}}\
             {{% set ns.a = {open}ns.a{close} %}}{{% endfor %}}{shown}"
        )
    };
    assert_eq!(fate(&nested(90_000, 1, "ok")), "ok");
    assert_eq!(fate(&nested(30_000, 8, "ok")), "ok");
    assert!(fate(&nested(90_000, 60, "ok")).contains("TemplateTooExpensive"));
    let compared =
        "{{ ns.a == [ns.a] }}{{ [ns.a, [ns.a]]|unique|length }}{{ [ns.a, [ns.a]]|sort|length }}";
    assert_eq!(fate(&nested(30_000, 8, compared)), "False22");
    assert_eq!(fate(&nested(8_000, 60, compared)), "False22");
    for shown in [
        "{{ ns.a }}",
        "{{ ns.a|tojson }}",
        "{{ ns.a|e }}",
        "{{ ns.a|urlencode }}",
    ] {
        assert_eq!(
            fate(&nested(90_000, 1, shown)),
            "failed: TemplateError: a value is nested more than 100 levels deep (line 1)"
        );
    }
    let text = fate("{% set ns = namespace(a=1) %}{% set ns.a = ns %}{{ ns }}");
    assert!(text.contains("more than 100 levels"), "{text}");
}

#[test]
fn a_small_value_that_is_endless_when_written_runs_out_of_fuel() {
    let doubled = "{% set a = [a, a] %}".repeat(60);
    for shown in ["{{ a }}", "{{ a|tojson }}", "{{ a|e }}"] {
        let text = fate(&format!("{{% set a = 'x' %}}{doubled}{shown}"));
        assert!(text.contains("TemplateTooExpensive"), "{text}");
    }
}

#[test]
fn no_template_works_for_long() {
    let begun = std::time::Instant::now();
    for template in [
        "{% for i in range(100000) %}{% for j in range(100000) %}{{ '' }}{% endfor %}{% endfor %}",
        "{% set s = 'ab ' * 1000000 %}{% for i in range(90000) %}{% set x = s|replace('a','b')|length %}{% endfor %}",
        "{% set ns = namespace(a=[]) %}{% for i in range(5000) %}{% set ns.a = ns.a + [range(100000)|list] %}{% endfor %}",
        "{{ ('x' * 4000000000)|length }}",
        "{% set ns = namespace(a='x') %}{% for i in range(60) %}{% set ns.a = ns.a ~ ns.a %}{% endfor %}",
    ] {
        let text = fate(template);
        assert!(text.contains("TemplateTooExpensive"), "{text}");
    }
    // Without optimisation, and on a busy machine.
    assert!(begun.elapsed() < std::time::Duration::from_secs(60));
}
