//! Values of a run's own: where they are permitted, where they may go, and how they are opened.

use latchkey_domain::credential::{InlineCredential, Level, OverrideChoice};
use latchkey_domain::id::RunId;
use latchkey_domain::settings::RuntimeOverride;
use uuid::Uuid;

use crate::resolution::{check, outcome};
use crate::world::{World, named};

fn inline(fingerprint: &str, hosts: &[&str]) -> InlineCredential {
    InlineCredential {
        run: RunId::new(Uuid::from_u128(9)),
        fingerprint: fingerprint.to_owned(),
        hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
    }
}

/// The run states values of its own, and the workflow lets it.
fn states(world: &mut World, key: &str, inline: InlineCredential) {
    world.settings.runtime_override = RuntimeOverride::Inline;
    let stated = OverrideChoice::Inline { inline };
    world.context.overrides.insert(key.to_owned(), stated);
}

#[test]
fn values_of_a_runs_own_are_a_whole_credential() {
    let mut world = World::new();
    world.node(named("house")).defaults(Some(4), None);
    states(&mut world, "openai", inline("one", &[]));
    let candidates = world.resolve().unwrap();
    let [candidate] = candidates.all() else {
        panic!("one candidate")
    };
    assert_eq!(candidate.inline, Some(inline("one", &[])));
    assert_eq!(candidate.credential, None);
    let reason = &candidate.resolution;
    assert_eq!(reason.level, Level::RunOverride);
    let named = (&reason.credential_id, &reason.credential_name);
    assert_eq!(named, (&None, &None));
    assert_eq!(reason.selector.as_deref(), Some("inline"));
}

#[test]
fn values_of_a_runs_own_are_fenced() {
    check(&[
        (
            "not permitted at all",
            |w| {
                states(w, "openai", inline("one", &[]));
                w.settings.runtime_override = RuntimeOverride::None;
            },
            "credential_override_not_allowed @run_override",
        ),
        (
            "only stored ones are",
            |w| {
                states(w, "openai", inline("one", &[]));
                w.settings.runtime_override = RuntimeOverride::Named;
            },
            "credential_override_not_allowed @run_override",
        ),
        (
            "the list of names does not matter",
            |w| {
                states(w, "openai", inline("one", &[]));
                w.allow(&[]);
            },
            "run_override -",
        ),
        (
            "where inline values are permitted, stored ones are too",
            |w| {
                w.overrides("openai", named("house")).allow(&["house"]);
                w.settings.runtime_override = RuntimeOverride::Inline;
            },
            "run_override house",
        ),
        (
            "a host of its own",
            |w| states(w, "openai", inline("one", &["llm.acme.test"])),
            "credential_override_not_allowed @run_override",
        ),
        (
            "a host that the workflow lists",
            |w| {
                states(w, "openai", inline("one", &["llm.acme.test"]));
                w.settings.runtime_hosts = vec!["llm.acme.test".to_owned()];
            },
            "run_override -",
        ),
        (
            "another port of it",
            |w| {
                states(w, "openai", inline("one", &["llm.acme.test:8443"]));
                w.settings.runtime_hosts = vec!["llm.acme.test".to_owned()];
            },
            "credential_override_not_allowed @run_override",
        ),
        (
            "the provider's own host",
            |w| states(w, "openai", inline("one", &["api.openai.com"])),
            "run_override -",
        ),
        (
            "a locked node",
            |w| {
                states(w, "openai", inline("one", &[]));
                w.defaults(Some(3), None);
                w.selector.locked = true;
            },
            "workspace_default house",
        ),
        (
            "two keys of one provider that disagree",
            |w| {
                states(w, "openai", inline("one", &[]));
                states(w, "langgenius/openai/openai", inline("two", &[]));
            },
            "credential_selector_conflict @run_override",
        ),
        (
            "two keys of one provider that agree",
            |w| {
                states(w, "openai", inline("one", &[]));
                states(w, "langgenius/openai/openai", inline("one", &[]));
            },
            "run_override -",
        ),
        (
            "the model's key is stronger",
            |w| {
                w.overrides("openai", named("house")).allow(&["*"]);
                states(w, "openai:gpt-4o", inline("one", &[]));
            },
            "run_override -",
        ),
        (
            "a node's fallbacks are not theirs",
            |w| {
                w.node(named("house"));
                w.selector.fallback = vec!["spare".to_owned()];
                states(w, "openai", inline("one", &[]));
            },
            "run_override -",
        ),
    ]);
}

#[test]
fn what_a_level_above_would_have_chosen_is_told() {
    let mut world = World::new();
    world.node(named("house"));
    states(&mut world, "openai", inline("one", &[]));
    world.selector.locked = true;
    let reason = world.resolve().unwrap().first().resolution.clone();
    assert_eq!(reason.considered[0].would_be.as_deref(), Some("inline"));
    assert_eq!(outcome(&world), "node house");
}
