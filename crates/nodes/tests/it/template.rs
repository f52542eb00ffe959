//! Jinja templates: what they look like in Python, and what bounds them.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::world::{World, build, outcome, pool};

/// The text of a template in a world, or why there is none.
async fn rendered(world: &World, template: &str, value: Json) -> Result<String, String> {
    let data = json!({
        "template": template,
        "variables": [
            {"variable": "v", "value_selector": ["n", "v"]},
            {"variable": "ghost", "value_selector": ["n", "ghost"]},
        ],
    });
    let pool = pool(json!({"n": {"v": value}}));
    let attempt = world.run_any("template-transform", data, pool).await;
    outcome(&attempt).map(|outputs| outputs["output"].as_str().unwrap().to_owned())
}

/// Waits in a runtime of its own, on the thread that asks.
fn wait<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(work)
}

fn render(template: &str, value: Json) -> Result<String, String> {
    wait(async {
        let world = World::saying(&[]).with_sandbox(Duration::from_secs(60));
        rendered(&world, template, value).await
    })
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
    let begun = Instant::now();
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
    assert!(begun.elapsed() < Duration::from_secs(60));
}

/// Values that share their parts: small, and without an end for whoever looks at all of it. The fuel does not see that.
#[test]
fn what_no_fuel_bounds_is_stopped_by_the_sandbox() {
    let shared = |shown: &str| {
        format!(
            "{{% set ns = namespace(a=['x']) %}}{{% set ms = namespace(a=['x']) %}}{{% for i in range(40) %}}\
             {{% set ns.a = [ns.a, ns.a] %}}{{% set ms.a = [ms.a, ms.a] %}}{{% endfor %}}{shown}"
        )
    };
    let mut templates: Vec<String> = [
        "{{ ns.a == ms.a }}",
        "{{ ns.a in [ms.a] }}",
        "{{ ns.a < ms.a }}",
        "{{ (ns.a ~ 'x')|length }}",
        "{{ ns.a|upper }}",
        "{{ ns.a|join }}",
        "{{ [ns.a, ms.a]|unique|length }}",
        "{{ ns.a|string|length }}",
        "{{ {ns.a: 1} }}",
    ]
    .map(shared)
    .into();
    templates.push(
        "{% set ns = namespace(s=[1]) %}{% for i in range(40) %}{% set ns.s = ns.s + ns.s %}{% endfor %}ok"
            .to_owned(),
    );
    wait(async {
        let world = World::saying(&[]).with_sandbox(Duration::from_secs(1));
        for template in templates {
            let begun = Instant::now();
            let failed = rendered(&world, &template, json!(1)).await.unwrap_err();
            let is_bounded = [
                "ran longer than 1 s",
                "ended without",
                "TooExpensive",
                "nested",
            ]
            .into_iter()
            .any(|part| failed.contains(part));
            assert!(is_bounded, "{template}: {failed}");
            assert!(begun.elapsed() < Duration::from_secs(30), "{template}");
        }
        let next = rendered(&world, "{% set x = v %}{{ x }}", json!(1)).await;
        assert_eq!(next.as_deref(), Ok("1"));
    });
}

/// These are rendered where they stand, on values that are as hostile as values can be.
#[test]
fn a_plain_template_ends_whatever_its_values_are() {
    let text = "x".repeat(5_000_000);
    let items = vec!["x"; 50_000];
    let twins = json!([vec![&text; 2], vec![&text; 2]]);
    let deep = (0..100).fold(json!("x"), |inner, _| json!([inner]));
    let world = World::saying(&[]);
    for (template, value) in [
        ("{{ v }}", json!(&text)),
        (
            "{{ v|upper|lower|title|e|replace('x', 'yyyyyyyyyyyy') }}",
            json!(&text),
        ),
        ("{{ v|join('yyyyyyyyyyyyyyyyyyyyyyyyyyy') }}", json!(&items)),
        (
            "{% for a in v %}{% for b in v %}{% if a == 'x' %}{% endif %}{% endfor %}{% endfor %}",
            json!(&items),
        ),
        (
            "{% for a in v %}{% for b in v %}{{ b.items() }}{% endfor %}{% endfor %}",
            json!(&items),
        ),
        (
            "{% for a in v %}{% for b in v %}{% if 'y' in v %}{% endif %}{% endfor %}{% endfor %}",
            json!(&items),
        ),
        (
            "{% for a in v %}{% for b in a %}{{ v|length }}{{ a|tojson }}{{ a|string|length }}{% endfor %}{% endfor %}",
            json!(&items),
        ),
        (
            "{% for a in v %}{% if a %}{{ v|tojson|tojson|tojson }}{% endif %}{% endfor %}",
            deep.clone(),
        ),
        (
            "{% for a in range(99999) %}{{ v|string|length }}{% endfor %}",
            twins,
        ),
        (
            "{% for a in range(99999) %}{{ (v ~ v ~ v ~ v)|length }}{% endfor %}",
            json!(&text),
        ),
    ] {
        let begun = Instant::now();
        // It ends, well or badly; without a sandbox nothing else can have done it.
        if let Err(failed) = wait(rendered(&world, template, value)) {
            assert!(!failed.contains("sandbox"), "{template}: {failed}");
        }
        // Without optimisation, and on a busy machine.
        assert!(begun.elapsed() < Duration::from_secs(30), "{template}");
    }
}

/// Two texts of a megabyte take a while to be told apart; so many times that is nobody's business in this process.
#[test]
fn comparisons_are_made_here_only_of_what_is_small() {
    let template = "{% for i in range(20000) %}{% if v[0] == v[1] %}{% endif %}{% endfor %}ok";
    let world = World::saying(&[]);
    let small = rendered(&world, "{{ 'same' if v[0] == v[1] }}", json!(["a", "a"]));
    assert_eq!(wait(small).as_deref(), Ok("same"));
    let large = json!(["x".repeat(1_000_000), "x".repeat(1_000_000)]);
    let begun = Instant::now();
    let refused = wait(rendered(&world, template, large.clone())).unwrap_err();
    assert!(refused.contains("this host has none"), "{refused}");
    assert!(begun.elapsed() < Duration::from_secs(30));
    assert!(render(template, large).is_ok_and(|text| text == "ok"));
}

#[test]
fn without_a_sandbox_only_plain_templates_are_rendered() {
    let world = World::saying(&[]);
    let plain = "{% for x in v %}{{ loop.index }}:{{ x.y|default('-') }} {% endfor %}";
    let text = wait(rendered(&world, plain, json!([{"y": 1}, {}])));
    assert_eq!(text.as_deref(), Ok("1:1 2:- "));
    let refused = wait(rendered(&world, "{% set x = v %}{{ x }}", json!(1)));
    assert_eq!(
        refused.unwrap_err(),
        "a template that makes values of its own is rendered in the sandbox, and this host has none"
    );
}

#[test]
fn a_template_that_is_not_plain_ends_when_the_run_is_stopped() {
    wait(async {
        let world = World::saying(&[]).with_sandbox(Duration::from_secs(60));
        let template = "{% set a = 1 %}{% for i in range(90000) %}{% for j in range(90000) %}{% endfor %}{% endfor %}";
        world.cancel.cancel();
        let failed = rendered(&world, template, json!(1)).await.unwrap_err();
        assert_eq!(failed, "stopped before the template was rendered");
    });
}
