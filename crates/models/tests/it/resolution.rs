//! The table of design part 5: who pays, at which level, or why nobody does.

use latchkey_domain::credential::{
    Considered, CredentialChoice, CredentialCode, CredentialState, Environment, Level,
    LevelOutcome, OnEmpty, Principal,
};
use latchkey_domain::id::{ApiKeyId, WorkflowId};
use latchkey_domain::provider::ProviderId;
use latchkey_domain::settings::{Binding, RuntimeOverride};
use uuid::Uuid;

use crate::world::{AUTHOR, CALLER, NOW, WORKFLOW, World, by_id, id_text, named};

pub(crate) type Row = (&'static str, fn(&mut World), &'static str);

/// `level name` of each candidate, or `code @level`.
pub(crate) fn outcome(world: &World) -> String {
    match world.resolve() {
        Ok(candidates) => {
            let all = candidates.all().iter().map(|candidate| {
                let reason = &candidate.resolution;
                let name = reason.credential_name.as_deref().unwrap_or("-");
                format!("{} {name}", reason.level.as_str())
            });
            all.collect::<Vec<_>>().join(", ")
        }
        Err(failure) => {
            let level = failure.level.map_or("-", Level::as_str);
            format!("{} @{level}", failure.code.as_str())
        }
    }
}

pub(crate) fn check(rows: &[Row]) {
    for (name, arrange, expected) in rows {
        let mut world = World::new();
        arrange(&mut world);
        assert_eq!(outcome(&world), *expected, "{name}");
    }
}

fn both(id: u128, name: &str) -> CredentialChoice {
    CredentialChoice {
        credential_id: Some(id_text(id)),
        credential_name: Some(name.to_owned()),
    }
}

#[test]
fn the_first_level_that_says_something_decides() {
    check(&[
        ("nobody says anything", |_| {}, "credential_missing @-"),
        (
            "provider default",
            |w| {
                w.defaults(Some(3), None);
            },
            "workspace_default house",
        ),
        (
            "model default is stronger",
            |w| {
                w.defaults(Some(3), Some(5));
            },
            "workspace_model_default for-4o",
        ),
        (
            "binding is stronger",
            |w| {
                w.defaults(Some(3), Some(5))
                    .bind(None, None, named("spare"));
            },
            "workflow_binding spare",
        ),
        (
            "node is stronger",
            |w| {
                w.defaults(Some(3), None)
                    .bind(None, None, named("spare"))
                    .node(named("customer-acme"));
            },
            "node customer-acme",
        ),
        (
            "node by id",
            |w| {
                w.node(by_id(&id_text(1)));
            },
            "node customer-acme",
        ),
        (
            "run is strongest",
            |w| {
                w.node(named("house"))
                    .overrides("openai", named("customer-acme"))
                    .allow(&["customer-*"]);
            },
            "run_override customer-acme",
        ),
        (
            "run by id",
            |w| {
                w.overrides("openai", by_id(&id_text(2)))
                    .allow(&["customer-*"]);
            },
            "run_override customer-globex",
        ),
        (
            "exact override is stronger",
            |w| {
                w.overrides("openai", named("spare"))
                    .overrides("openai:gpt-4o", named("customer-acme"))
                    .allow(&["*"]);
            },
            "run_override customer-acme",
        ),
        (
            "override of another model is silent",
            |w| {
                w.overrides("openai:gpt-4o-mini", named("spare"))
                    .allow(&["*"])
                    .defaults(Some(3), None);
            },
            "workspace_default house",
        ),
        (
            "override of another provider is silent",
            |w| {
                w.overrides("deepseek", named("elsewhere"))
                    .allow(&["*"])
                    .defaults(Some(3), None);
            },
            "workspace_default house",
        ),
        (
            "override by the long id of the provider",
            |w| {
                w.overrides("langgenius/openai/openai", named("spare"))
                    .allow(&["*"]);
            },
            "run_override spare",
        ),
        (
            "system is off",
            |w| {
                w.weakest(Level::System);
            },
            "credential_missing @-",
        ),
        (
            "system is on",
            |w| {
                w.system = true;
                w.weakest(Level::System);
            },
            "system -",
        ),
        (
            "system is beyond the default weakest",
            |w| {
                w.system = true;
            },
            "credential_missing @-",
        ),
    ]);
}

#[test]
fn weakest_ends_the_search() {
    check(&[
        (
            "binding only",
            |w| {
                w.defaults(Some(3), Some(5)).weakest(Level::WorkflowBinding);
            },
            "credential_missing @-",
        ),
        (
            "binding only, with one",
            |w| {
                w.bind(None, None, named("spare"))
                    .weakest(Level::WorkflowBinding);
            },
            "workflow_binding spare",
        ),
        (
            "node only",
            |w| {
                w.bind(None, None, named("spare")).weakest(Level::Node);
            },
            "credential_missing @-",
        ),
        (
            "run only",
            |w| {
                w.node(named("house")).weakest(Level::RunOverride);
            },
            "credential_missing @-",
        ),
        (
            "model default only",
            |w| {
                w.defaults(Some(3), None)
                    .weakest(Level::WorkspaceModelDefault);
            },
            "credential_missing @-",
        ),
        (
            "an empty selector that goes on stops there too",
            |w| {
                w.node_empty()
                    .defaults(Some(3), None)
                    .weakest(Level::WorkflowBinding);
                w.selector.on_empty = OnEmpty::Next;
            },
            "credential_missing @-",
        ),
    ]);
}

#[test]
fn a_level_never_half_decides() {
    check(&[
        (
            "unknown name",
            |w| {
                w.node(named("nobody")).defaults(Some(3), None);
            },
            "credential_not_found @node",
        ),
        (
            "unknown id",
            |w| {
                w.node(by_id(&id_text(99))).defaults(Some(3), None);
            },
            "credential_not_found @node",
        ),
        (
            "not even an id",
            |w| {
                w.node(by_id("acme")).defaults(Some(3), None);
            },
            "credential_not_found @node",
        ),
        (
            "names are exact",
            |w| {
                w.node(named("House"));
            },
            "credential_not_found @node",
        ),
        (
            "names are not trimmed",
            |w| {
                w.node(named("house "));
            },
            "credential_not_found @node",
        ),
        (
            "a name of another provider is unknown here",
            |w| {
                w.node(named("elsewhere"));
            },
            "credential_not_found @node",
        ),
        (
            "an id of another provider",
            |w| {
                w.node(by_id(&id_text(7)));
            },
            "credential_provider_mismatch @node",
        ),
        (
            "id and name agree",
            |w| {
                w.node(both(1, "customer-acme"));
            },
            "node customer-acme",
        ),
        (
            "id and name disagree",
            |w| {
                w.node(both(1, "customer-globex"));
            },
            "credential_selector_conflict @node",
        ),
        (
            "disabled",
            |w| {
                w.node(named("house")).defaults(Some(4), None).one(3).state =
                    CredentialState::Disabled;
            },
            "credential_disabled @node",
        ),
        (
            "invalid",
            |w| {
                w.node(named("house")).one(3).state = CredentialState::Invalid;
            },
            "credential_invalid @node",
        ),
        (
            "exhausted",
            |w| {
                w.node(named("house")).one(3).state = CredentialState::Exhausted;
            },
            "credential_exhausted @node",
        ),
        (
            "expired just now",
            |w| {
                w.node(named("house")).one(3).expires_at = Some(NOW);
            },
            "credential_expired @node",
        ),
        (
            "expires soon",
            |w| {
                w.node(named("house")).one(3).expires_at = Some(NOW.plus_millis(1));
            },
            "node house",
        ),
        (
            "a disabled default is no silence",
            |w| {
                w.system = true;
                w.weakest(Level::System)
                    .defaults(Some(3), None)
                    .one(3)
                    .state = CredentialState::Disabled;
            },
            "credential_disabled @workspace_default",
        ),
        (
            "a disabled model default does not fall to the provider's",
            |w| {
                w.defaults(Some(3), Some(5)).one(5).state = CredentialState::Disabled;
            },
            "credential_disabled @workspace_model_default",
        ),
        (
            "a default that is gone",
            |w| {
                w.defaults(Some(99), None);
            },
            "credential_not_found @workspace_default",
        ),
        (
            "a binding to nothing",
            |w| {
                w.bind(None, None, named("gone")).defaults(Some(3), None);
            },
            "credential_not_found @workflow_binding",
        ),
        (
            "empty selector",
            |w| {
                w.node_empty().defaults(Some(3), None);
            },
            "credential_selector_empty @node",
        ),
        (
            "empty selector that goes on",
            |w| {
                w.node_empty().defaults(Some(3), None);
                w.selector.on_empty = OnEmpty::Next;
            },
            "workspace_default house",
        ),
        (
            "an override without a choice",
            |w| {
                w.overrides("openai", CredentialChoice::default())
                    .allow(&["*"])
                    .defaults(Some(3), None);
            },
            "credential_selector_empty @run_override",
        ),
    ]);
}

#[test]
fn models_credentials_pay_for_their_model_only() {
    check(&[
        (
            "node names the model's",
            |w| {
                w.node(named("for-4o"));
            },
            "node for-4o",
        ),
        (
            "node names another model's",
            |w| {
                w.node(named("for-mini"));
            },
            "credential_provider_mismatch @node",
        ),
        (
            "binding without a model may not",
            |w| {
                w.bind(None, None, named("for-4o"));
            },
            "credential_provider_mismatch @workflow_binding",
        ),
        (
            "binding with the model may",
            |w| {
                w.bind(Some("gpt-4o"), None, named("for-4o"));
            },
            "workflow_binding for-4o",
        ),
        (
            "binding with the model may name the provider's",
            |w| {
                w.bind(Some("gpt-4o"), None, named("spare"));
            },
            "workflow_binding spare",
        ),
        (
            "override without a model may not",
            |w| {
                w.overrides("openai", named("for-4o")).allow(&["*"]);
            },
            "credential_provider_mismatch @run_override",
        ),
        (
            "override with the model may",
            |w| {
                w.overrides("openai:gpt-4o", named("for-4o")).allow(&["*"]);
            },
            "run_override for-4o",
        ),
        (
            "a provider default that is a model's",
            |w| {
                w.defaults(Some(5), None);
            },
            "credential_provider_mismatch @workspace_default",
        ),
    ]);
}

#[test]
fn the_most_exact_binding_decides() {
    check(&[
        (
            "environment",
            |w| {
                w.bind(None, None, named("house"))
                    .bind(None, Some("production"), named("spare"));
            },
            "workflow_binding spare",
        ),
        (
            "environment before model",
            |w| {
                w.bind(Some("gpt-4o"), None, named("house")).bind(
                    None,
                    Some("production"),
                    named("spare"),
                );
            },
            "workflow_binding spare",
        ),
        (
            "model before provider",
            |w| {
                w.bind(None, None, named("house"))
                    .bind(Some("gpt-4o"), None, named("spare"));
            },
            "workflow_binding spare",
        ),
        (
            "both before either",
            |w| {
                w.bind(None, Some("production"), named("house")).bind(
                    Some("gpt-4o"),
                    Some("production"),
                    named("spare"),
                );
            },
            "workflow_binding spare",
        ),
        (
            "another environment is silent",
            |w| {
                w.bind(None, Some("staging"), named("spare"))
                    .defaults(Some(3), None);
            },
            "workspace_default house",
        ),
        (
            "another model is silent",
            |w| {
                w.bind(Some("gpt-4o-mini"), None, named("spare"))
                    .defaults(Some(3), None);
            },
            "workspace_default house",
        ),
        (
            "the run's environment counts",
            |w| {
                w.context.environment = Environment("staging".into());
                w.bind(None, Some("staging"), named("spare"))
                    .bind(None, None, named("house"));
            },
            "workflow_binding spare",
        ),
        (
            "two that disagree",
            |w| {
                w.bind(None, None, named("house"))
                    .bind(None, None, named("spare"));
            },
            "credential_selector_conflict @workflow_binding",
        ),
        (
            "two that agree",
            |w| {
                w.bind(None, None, named("house"))
                    .bind(None, None, named("house"));
            },
            "workflow_binding house",
        ),
        (
            "two that disagree below an exact one",
            |w| {
                w.bind(None, None, named("house"))
                    .bind(None, None, named("spare"))
                    .bind(Some("gpt-4o"), None, named("house"));
            },
            "workflow_binding house",
        ),
        (
            "of another provider",
            |w| {
                w.settings.bindings.push(Binding {
                    provider: ProviderId::normalise("deepseek"),
                    model: None,
                    environment: None,
                    choice: named("elsewhere"),
                });
            },
            "credential_missing @-",
        ),
        (
            "without a choice",
            |w| {
                w.bind(None, None, CredentialChoice::default())
                    .defaults(Some(3), None);
            },
            "workspace_default house",
        ),
    ]);
}

#[test]
fn what_a_run_can_influence_is_fenced() {
    check(&[
        (
            "overrides are off",
            |w| {
                w.overrides("openai", named("customer-acme"))
                    .allow(&["*"])
                    .defaults(Some(3), None)
                    .settings
                    .runtime_override = RuntimeOverride::None;
            },
            "credential_override_not_allowed @run_override",
        ),
        (
            "no list",
            |w| {
                w.overrides("openai", named("customer-acme"));
            },
            "credential_override_not_allowed @run_override",
        ),
        (
            "not on the list",
            |w| {
                w.overrides("openai", named("house")).allow(&["customer-*"]);
            },
            "credential_override_not_allowed @run_override",
        ),
        (
            "an id is fenced by its name",
            |w| {
                w.overrides("openai", by_id(&id_text(3)))
                    .allow(&["customer-*"]);
            },
            "credential_override_not_allowed @run_override",
        ),
        (
            "unknown and not on the list are one",
            |w| {
                w.overrides("openai", named("nobody"))
                    .allow(&["customer-*"]);
            },
            "credential_override_not_allowed @run_override",
        ),
        (
            "a pretended name does not help an id",
            |w| {
                w.overrides("openai", both(3, "customer-acme"))
                    .allow(&["customer-*"]);
            },
            "credential_override_not_allowed @run_override",
        ),
        (
            "two allowed that disagree",
            |w| {
                w.overrides("openai", both(1, "customer-globex"))
                    .allow(&["customer-*"]);
            },
            "credential_selector_conflict @run_override",
        ),
        (
            "a variable on the list",
            |w| {
                w.node_by_run(named("customer-acme")).allow(&["customer-*"]);
            },
            "node customer-acme",
        ),
        (
            "a variable without a list",
            |w| {
                w.node_by_run(named("customer-acme"));
            },
            "credential_override_not_allowed @node",
        ),
        (
            "a variable that leads out",
            |w| {
                w.node_by_run(named("house")).allow(&["customer-*"]);
            },
            "credential_override_not_allowed @node",
        ),
        (
            "a variable with an unknown customer",
            |w| {
                w.node_by_run(named("customer-nobody"))
                    .allow(&["customer-*"])
                    .defaults(Some(3), None);
            },
            "credential_not_found @node",
        ),
        (
            "a variable with an id",
            |w| {
                w.node_by_run(by_id(&id_text(3))).allow(&["customer-*"]);
            },
            "credential_override_not_allowed @node",
        ),
        (
            "literal names need no list",
            |w| {
                w.node(named("house")).allow(&["customer-*"]);
            },
            "node house",
        ),
        (
            "bindings need no list",
            |w| {
                w.bind(None, None, named("house"));
            },
            "workflow_binding house",
        ),
        (
            "locked nodes do not know the run",
            |w| {
                w.overrides("openai", named("customer-acme"))
                    .allow(&["*"])
                    .node(named("house"))
                    .selector
                    .locked = true;
            },
            "node house",
        ),
        (
            "locked nodes without a selector",
            |w| {
                w.overrides("openai", named("customer-acme"))
                    .allow(&["*"])
                    .defaults(Some(3), None)
                    .selector
                    .locked = true;
            },
            "workspace_default house",
        ),
    ]);
}

#[test]
fn scope_holds_for_caller_and_author() {
    check(&[
        (
            "this workflow",
            |w| {
                w.node(named("house")).one(3).scope.workflows =
                    Some(vec![WorkflowId::new(Uuid::from_u128(WORKFLOW))]);
            },
            "node house",
        ),
        (
            "another workflow",
            |w| {
                w.node(named("house")).one(3).scope.workflows =
                    Some(vec![WorkflowId::new(Uuid::from_u128(8))]);
            },
            "credential_forbidden @node",
        ),
        (
            "no workflow at all",
            |w| {
                w.context.workflow = None;
                w.node(named("house")).one(3).scope.workflows =
                    Some(vec![WorkflowId::new(Uuid::from_u128(WORKFLOW))]);
            },
            "credential_forbidden @node",
        ),
        (
            "nothing is allowed",
            |w| {
                w.node(named("house")).one(3).scope.workflows = Some(vec![]);
            },
            "credential_forbidden @node",
        ),
        (
            "this environment",
            |w| {
                w.node(named("house")).one(3).scope.environments =
                    Some(vec![Environment("production".into())]);
            },
            "node house",
        ),
        (
            "another environment",
            |w| {
                w.node(named("house")).one(3).scope.environments =
                    Some(vec![Environment("staging".into())]);
            },
            "credential_forbidden @node",
        ),
        (
            "caller and author",
            |w| {
                w.node(named("house")).one(3).scope.principals = Some(vec![CALLER, AUTHOR]);
            },
            "node house",
        ),
        (
            "caller only",
            |w| {
                w.node(named("house")).one(3).scope.principals = Some(vec![CALLER]);
            },
            "credential_forbidden @node",
        ),
        (
            "author only",
            |w| {
                w.node(named("house")).one(3).scope.principals = Some(vec![AUTHOR]);
            },
            "credential_forbidden @node",
        ),
        (
            "neither",
            |w| {
                w.node(named("house")).one(3).scope.principals =
                    Some(vec![Principal::ApiKey(ApiKeyId::new(Uuid::from_u128(5)))]);
            },
            "credential_forbidden @node",
        ),
        (
            "a default out of scope does not fall through",
            |w| {
                w.defaults(Some(3), Some(5)).one(5).scope.principals = Some(vec![]);
            },
            "credential_forbidden @workspace_model_default",
        ),
        (
            "scope comes before state",
            |w| {
                w.node(named("house")).one(3).scope.principals = Some(vec![]);
                w.one(3).state = CredentialState::Disabled;
            },
            "credential_forbidden @node",
        ),
        (
            "its URL leads to its hosts",
            |w| {
                w.node(named("house"))
                    .one(3)
                    .settings
                    .insert("base_url".into(), "https://proxy.example.com/v1".into());
                w.one(3).hosts = vec!["proxy.example.com".into()];
            },
            "node house",
        ),
        (
            "its URL leads elsewhere",
            |w| {
                w.node(named("house"))
                    .one(3)
                    .settings
                    .insert("base_url".into(), "https://evil.example.com/v1".into());
                w.one(3).hosts = vec!["api.openai.com".into()];
            },
            "credential_forbidden @node",
        ),
    ]);
}

#[test]
fn fallbacks_go_on_only_when_unavailable() {
    fn with(world: &mut World, fallback: &[&str]) {
        world.node(named("house")).selector.fallback =
            fallback.iter().map(|name| (*name).to_owned()).collect();
    }
    check(&[
        (
            "both stand by",
            |w| with(w, &["spare"]),
            "node house, node spare",
        ),
        (
            "the first is disabled",
            |w| {
                with(w, &["spare"]);
                w.one(3).state = CredentialState::Disabled;
            },
            "node spare",
        ),
        (
            "the first is out of scope",
            |w| {
                with(w, &["spare"]);
                w.one(3).scope.principals = Some(vec![]);
            },
            "credential_forbidden @node",
        ),
        (
            "the first is unknown",
            |w| {
                with(w, &["spare"]);
                w.credentials.retain(|one| one.name != "house");
            },
            "credential_not_found @node",
        ),
        (
            "all are unavailable",
            |w| {
                with(w, &["spare"]);
                w.one(3).state = CredentialState::Exhausted;
                w.one(4).state = CredentialState::Disabled;
            },
            "credential_exhausted @node",
        ),
        (
            "the fallback is unknown",
            |w| {
                with(w, &["gone"]);
                w.one(3).state = CredentialState::Disabled;
            },
            "credential_not_found @node",
        ),
        (
            "an unknown fallback does not hurt a good first",
            |w| with(w, &["gone", "spare"]),
            "node house",
        ),
        (
            "a level-1 decision never uses them",
            |w| {
                with(w, &["spare"]);
                w.overrides("openai", named("customer-acme"))
                    .allow(&["*"])
                    .one(1)
                    .state = CredentialState::Disabled;
            },
            "credential_disabled @run_override",
        ),
        (
            "an empty selector never uses them",
            |w| {
                with(w, &["spare"]);
                w.node_empty();
            },
            "credential_selector_empty @node",
        ),
        (
            "a variable's customer may fall back to what the author wrote",
            |w| {
                with(w, &["house"]);
                w.node_by_run(named("customer-acme"))
                    .allow(&["customer-*"])
                    .one(1)
                    .state = CredentialState::Disabled;
            },
            "node house",
        ),
    ]);
}

#[test]
fn providers_without_secrets_need_nobody() {
    check(&[
        (
            "simulated",
            |w| {
                w.provider = ProviderId::normalise("simulated");
            },
            "not_needed -",
        ),
        (
            "simulated does not look at choices",
            |w| {
                w.provider = ProviderId::normalise("simulated");
                w.node(named("nobody"));
            },
            "not_needed -",
        ),
        (
            "ollama without a key",
            |w| {
                w.provider = ProviderId::normalise("langgenius/ollama/ollama");
            },
            "not_needed -",
        ),
        (
            "ollama with a choice that fails",
            |w| {
                w.provider = ProviderId::normalise("ollama");
                w.node(named("nobody"));
            },
            "credential_not_found @node",
        ),
        (
            "deepseek needs one",
            |w| {
                w.provider = ProviderId::normalise("deepseek");
            },
            "credential_missing @-",
        ),
        (
            "deepseek has one",
            |w| {
                w.provider = ProviderId::normalise("deepseek");
                w.node(named("elsewhere"));
            },
            "node elsewhere",
        ),
    ]);
}

#[test]
fn who_needs_nobody_is_told_all_levels_too() {
    let mut world = World::new();
    world.provider = ProviderId::normalise("simulated");
    world.node(named("house"));
    let resolved = world.resolve().unwrap();
    let considered = &resolved.first().resolution.considered;
    assert_eq!(considered.len(), Level::ORDER.len());
    let asked = |step: &&Considered| step.outcome != LevelOutcome::NotAsked;
    assert_eq!(considered.iter().find(asked), None);
    assert_eq!(considered[1].would_be.as_deref(), Some("house"));
}

#[test]
fn the_reason_names_every_level() {
    let mut world = World::new();
    world
        .overrides("openai", named("customer-acme"))
        .allow(&["customer-*"])
        .node_by_run(named("customer-globex"))
        .defaults(Some(3), Some(5));
    world.selector.locked = true;
    let resolved = world.resolve().unwrap();
    let reason = &resolved.first().resolution;
    assert_eq!(
        reason.selector.as_deref(),
        Some("customer-{{#start.tenant#}}")
    );
    assert_eq!(reason.selector_rendered.as_deref(), Some("customer-globex"));
    let steps: Vec<String> = reason
        .considered
        .iter()
        .map(|step| {
            let outcome = serde_json::to_value(step.outcome).unwrap();
            let would_be = step.would_be.as_deref().unwrap_or("-");
            format!(
                "{} {} {would_be}",
                step.level.as_str(),
                outcome.as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(
        steps,
        [
            "run_override locked customer-acme",
            "node decided -",
            "workflow_binding not_asked -",
            "workspace_model_default not_asked for-4o",
            "workspace_default not_asked house",
            "system not_asked -",
        ]
    );
}

#[test]
fn a_failure_tells_its_level_and_what_would_have_been() {
    let mut world = World::new();
    world
        .node_by_run(named("customer-nobody"))
        .allow(&["customer-*"])
        .defaults(Some(3), None);
    let failure = world.resolve().unwrap_err();
    assert_eq!(
        failure.to_string(),
        "credential_not_found: level node, selector \"customer-{{#start.tenant#}}\" rendered as \"customer-nobody\", \
         for model gpt-4o of openai"
    );
    assert_eq!(failure.public_code(), CredentialCode::OverrideNotAllowed);
    assert_eq!(failure.considered[1].code, Some(CredentialCode::NotFound));
    assert_eq!(failure.considered[4].would_be.as_deref(), Some("house"));
}

#[test]
fn who_may_not_read_credentials_cannot_guess_names() {
    let unknown = |w: &mut World| {
        w.node_by_run(named("customer-nobody"))
            .allow(&["customer-*"]);
    };
    let out_of_scope = |w: &mut World| {
        w.node_by_run(named("customer-acme"))
            .allow(&["customer-*"])
            .one(1)
            .scope
            .workflows = Some(vec![]);
    };
    let fenced = |w: &mut World| {
        w.node_by_run(named("house")).allow(&["customer-*"]);
    };
    for arrange in [unknown, out_of_scope, fenced] as [fn(&mut World); 3] {
        let mut world = World::new();
        arrange(&mut world);
        assert_eq!(
            world.resolve().unwrap_err().public_code(),
            CredentialCode::OverrideNotAllowed
        );
    }
    let mut world = World::new();
    world.node(named("nobody"));
    assert_eq!(
        world.resolve().unwrap_err().public_code(),
        CredentialCode::NotFound
    );
}
