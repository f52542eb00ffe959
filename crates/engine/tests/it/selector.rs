//! Strict rendering of credential selectors.

use latchkey_domain::credential::{
    CredentialChoice, CredentialSelector, RenderedChoice, RenderedSelector,
};
use latchkey_domain::id::NodeId;
use latchkey_domain::value::Value;
use latchkey_engine::pool::Pool;
use latchkey_engine::selector::render;
use serde_json::json;

fn named(name: &str) -> CredentialSelector {
    CredentialSelector {
        choice: CredentialChoice {
            credential_name: Some(name.into()),
            ..CredentialChoice::default()
        },
        ..CredentialSelector::default()
    }
}

fn pool() -> Pool {
    let mut pool = Pool::new();
    let entry = "1700000000000";
    pool.set(entry, "tenant", "acme".into());
    pool.set(entry, "number", Value::Integer(7));
    pool.set(entry, "empty", "".into());
    pool.set(entry, "nothing", Value::None);
    pool.set(entry, "flag", Value::Boolean(true));
    pool.set(entry, "list", Value::infer(json!(["a"])));
    pool.set(entry, "object", Value::infer(json!({"tenant": "globex"})));
    pool.set("env", "region", "eu".into());
    pool.set("env", "key", Value::Secret("test-key-acme".into()));
    pool
}

fn rendered(name: &str) -> RenderedSelector {
    render(&named(name), &pool(), &NodeId::new("1700000000000"))
}

fn choice(name: &str, by_run: bool) -> RenderedSelector {
    RenderedSelector::Choice(RenderedChoice {
        choice: named(name).choice,
        by_run,
    })
}

#[test]
fn a_choice_is_rendered_and_knows_whether_a_run_influenced_it() {
    for (name, expected) in [
        ("acme-prod", choice("acme-prod", false)),
        ("customer-{{#start.tenant#}}", choice("customer-acme", true)),
        ("{{#1700000000000.tenant#}}", choice("acme", true)),
        ("c{{#start.number#}}", choice("c7", true)),
        ("{{#start.object.tenant#}}", choice("globex", true)),
        ("{{#env.region#}}-key", choice("eu-key", false)),
    ] {
        assert_eq!(rendered(name), expected, "{name}");
    }
    let silent = CredentialSelector::default();
    assert_eq!(
        render(&silent, &pool(), &NodeId::new("x")),
        RenderedSelector::Silent
    );
}

#[test]
fn one_placeholder_that_finds_no_text_empties_everything() {
    for name in ["missing", "empty", "nothing", "flag", "list", "object"] {
        let missing = vec![format!("start.{name}")];
        let text = format!("customer-{{{{#start.{name}#}}}}-{{{{#start.tenant#}}}}");
        assert_eq!(
            rendered(&text),
            RenderedSelector::Empty { missing },
            "{name}"
        );
    }
    for name in [
        "{{#env.key#}}",
        "{{#skipped.text#}}",
        "a{{#bad-id.x#}}",
        "{{# start.tenant #}}",
        "",
    ] {
        assert!(
            matches!(rendered(name), RenderedSelector::Empty { .. }),
            "{name}"
        );
    }
}

#[test]
fn start_means_the_entry_unless_a_node_has_that_id() {
    let entry = NodeId::new("1700000000000");
    let mut pool = pool();
    pool.set_entry(&entry, true);
    let selector = named("{{#start.tenant#}}");
    assert!(matches!(
        render(&selector, &pool, &entry),
        RenderedSelector::Empty { .. }
    ));
    pool.set_entry(&entry, false);
    assert_eq!(render(&selector, &pool, &entry), choice("acme", true));
}

#[test]
fn names_are_not_rendered_twice() {
    let mut pool = pool();
    pool.set("1700000000000", "evil", "{{#env.region#}}".into());
    let found = render(
        &named("{{#start.evil#}}"),
        &pool,
        &NodeId::new("1700000000000"),
    );
    assert_eq!(found, choice("{{#env.region#}}", true));
}
