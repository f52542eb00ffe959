//! What selectors may say, and where.

use latchkey_domain::document::import;

use crate::files::{document, file, llm, options};

#[test]
fn selectors_are_checked_when_they_are_saved() {
    for (model, code) in [
        ("credential_name: 'customer-{{#start.tenant#}}'", None),
        ("credential_name: '{{#env.region#}}'", None),
        (
            "credential_name: '{{#env.token#}}'",
            Some("credential_selector_secret"),
        ),
        (
            "credential_name: '{{#ghost.tenant#}}'",
            Some("credential_selector_unknown"),
        ),
        (
            "credential_name: a, credential_override: {credential_name: b}",
            Some("credential_selector_conflict"),
        ),
        ("credential_override: {credential_name: b}", None),
        (
            "credential_name: '{{#conversation.pin#}}'",
            Some("credential_selector_secret"),
        ),
    ] {
        let text = file(&llm("a", model), "").replace(
            "  graph:",
            "  conversation_variables: [{name: pin, value_type: secret, value: ''}]\n  graph:",
        );
        let items = import(&text, &options()).report.items;
        assert_eq!(
            items.first().map(|problem| problem.code.as_str()),
            code,
            "{model}"
        );
    }
}

#[test]
fn a_model_place_knows_its_selector_wherever_it_stands() {
    let beside = llm("a", "credential_locked: true")
        .replace("type: llm,", "type: llm, credential_name: acme,");
    let places = document(&file(&beside, "")).model_places();
    assert_eq!(places.len(), 1);
    assert_eq!(
        (places[0].provider.as_str(), places[0].field.as_str()),
        ("openai", "data.model")
    );
    assert_eq!(
        places[0].selector.choice.credential_name.as_deref(),
        Some("acme")
    );
    assert!(places[0].selector.locked);
}

#[test]
fn what_looks_like_a_placeholder_and_is_none_is_refused_with_its_line() {
    let long = "x".repeat(31);
    for (name, is_right) in [
        ("customer-{{#start.tenant#}}-{{#env.region#}}", true),
        ("customer-{{#start.tenant", false),
        ("{{#start#}}", false),
        ("{{# start.tenant #}}", false),
        ("{{#start.1st#}}", false),
        ("{{#start.te-nant#}}", false),
        ("{{#start.#}}", false),
        ("{{#{{#start.tenant#}}", false),
        (&format!("{{{{#start.{long}#}}}}"), false),
        (&format!("{{{{#start.{}#}}}}", &long[1..]), true),
        (&format!("{{{{#start{}#}}}}", ".a".repeat(11)), false),
    ] {
        let text = file(&llm("a", &format!("credential_name: '{name}'")), "");
        let items = import(&text, &options()).report.items;
        let told = items.first().map(|item| (item.code.as_str(), item.line));
        let expected = (!is_right).then_some(("credential_selector_malformed", Some(11)));
        assert_eq!(told, expected, "{name}");
    }
}

#[test]
fn a_null_in_one_place_leaves_the_word_to_the_next() {
    let model = "credential_name: '', credential_locked: null, credential_override: {credential_name: acme, credential_locked: true}";
    let selector = document(&file(&llm("a", model), ""))
        .model_places()
        .remove(0)
        .selector;
    assert_eq!(selector.choice.credential_name.as_deref(), Some("acme"));
    assert!(selector.locked);
}
