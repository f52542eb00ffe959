//! Who would pay, without a run, and the check of overrides at a start.

use std::sync::Arc;

use latchkey_domain::credential::{
    CredentialCode, CredentialSelector, CredentialState, Level, RenderedSelector,
};
use latchkey_domain::id::NodeId;
use latchkey_domain::provider::{ModelType, ProviderId};
use latchkey_models::memory::{MemoryBook, MemorySource};
use latchkey_models::{DryRunOutcome, ModelManager, PlannedModel, PlannedSelector};
use latchkey_outbound::{Outbound, Response};

use crate::world::{NOW, World, named, values};

fn manager(world: &World) -> (ModelManager, Arc<MemoryBook>) {
    let source = MemorySource::new(Arc::new(|| NOW));
    for credential in &world.credentials {
        source.put(credential.clone(), values(&credential.name));
    }
    for id in [world.provider_default, world.model_default]
        .into_iter()
        .flatten()
    {
        source.make_default(id);
    }
    source.set_settings(world.settings.clone());
    let book = Arc::new(MemoryBook::default());
    let silent = Outbound::scripted(Arc::new(|_| {
        Ok(Response::ready(500, vec![], "nothing may be sent"))
    }));
    (
        ModelManager::new(Arc::new(source), book.clone(), silent),
        book,
    )
}

fn place(node: &str, provider: &str, model: &str, rendered: PlannedSelector) -> PlannedModel {
    PlannedModel {
        node_id: NodeId::new(node),
        title: node.to_uppercase(),
        provider: ProviderId::normalise(provider),
        model: model.to_owned(),
        model_type: ModelType::Llm,
        tool_provider: None,
        selector: CredentialSelector::default(),
        rendered,
    }
}

fn known(node: &str, provider: &str, model: &str) -> PlannedModel {
    let silent = PlannedSelector::Known(RenderedSelector::Silent);
    place(node, provider, model, silent)
}

#[tokio::test]
async fn each_place_of_a_plan_has_a_row_and_nothing_is_sent() {
    let mut world = World::new();
    world.defaults(Some(3), None);
    let (manager, book) = manager(&world);
    let waits = PlannedSelector::DependsOn(vec!["fetch.tenant".to_owned()]);
    let rows = manager
        .dry_run(
            &world.context,
            &[
                known("a", "openai", "gpt-4o"),
                place("b", "openai", "gpt-4o", waits),
                known("c", "deepseek", "deepseek-chat"),
                known("d", "simulated", "simulated-echo"),
                // A provider that cannot be called, and one that nobody says the address of.
                known("e", "nobody-knows", "some-model"),
                known("f", "openai_api_compatible", "qwen2.5:latest"),
            ],
        )
        .await
        .unwrap();
    let outcomes: Vec<&str> = rows.iter().map(|row| row.outcome.as_str()).collect();
    assert_eq!(
        outcomes,
        [
            "resolved",
            "depends_on",
            "failed",
            "not_needed",
            "failed",
            "failed"
        ]
    );
    assert_eq!(
        rows[1].outcome,
        DryRunOutcome::DependsOn(vec!["fetch.tenant".to_owned()])
    );
    assert!(book.rows().is_empty());
}

#[tokio::test]
async fn an_override_decides_even_where_the_node_must_wait() {
    let mut world = World::new();
    world
        .overrides("openai", named("customer-acme"))
        .allow(&["customer-*"]);
    let (manager, _) = manager(&world);
    let waits = PlannedSelector::DependsOn(vec!["fetch.tenant".to_owned()]);
    let mut locked = place("b", "openai", "gpt-4o", waits.clone());
    locked.selector.locked = true;
    let places = [place("a", "openai", "gpt-4o", waits), locked];
    let rows = manager.dry_run(&world.context, &places).await.unwrap();
    let outcomes: Vec<&str> = rows.iter().map(|row| row.outcome.as_str()).collect();
    assert_eq!(outcomes, ["resolved", "depends_on"]);
}

#[tokio::test]
async fn a_node_that_weakest_leaves_out_is_not_waited_for() {
    let mut world = World::new();
    world.weakest(Level::RunOverride);
    let (manager, _) = manager(&world);
    let waits = PlannedSelector::DependsOn(vec!["fetch.tenant".to_owned()]);
    let places = [place("a", "openai", "gpt-4o", waits)];
    let rows = manager.dry_run(&world.context, &places).await.unwrap();
    let DryRunOutcome::Failed(failure) = &rows[0].outcome else {
        panic!("nobody may pay: {rows:?}");
    };
    assert_eq!(failure.code, CredentialCode::Missing);
}

#[tokio::test]
async fn keys_that_mean_the_same_must_say_the_same() {
    for (other, told) in [
        ("customer-acme", vec![]),
        (
            "customer-globex",
            vec![
                "langgenius/openai/openai credential_selector_conflict",
                "openai credential_selector_conflict",
            ],
        ),
    ] {
        let mut world = World::new();
        world
            .overrides("openai", named("customer-acme"))
            .overrides("langgenius/openai/openai", named(other))
            .allow(&["customer-*"]);
        let (manager, _) = manager(&world);
        let places = [known("a", "openai", "gpt-4o")];
        let problems = manager.check_overrides(&world.context, &places, &[]).await;
        let problems: Vec<String> = problems
            .unwrap()
            .iter()
            .map(|problem| format!("{} {}", problem.key, problem.public_code.as_str()))
            .collect();
        assert_eq!(problems, told);
        let rows = manager.dry_run(&world.context, &places).await.unwrap();
        let resolves = matches!(rows[0].outcome, DryRunOutcome::Resolved(_));
        assert_eq!(resolves, told.is_empty(), "{rows:?}");
    }
}

#[tokio::test]
async fn a_start_refuses_wrong_and_unused_overrides() {
    type Row = (&'static str, &'static str, &'static [&'static str]);
    let rows: [Row; 8] = [
        ("openai", "customer-acme", &[]),
        ("openai:gpt-4o", "customer-acme", &[]),
        (
            "deepseek",
            "customer-acme",
            &["deepseek credential_override_unused"],
        ),
        (
            "openai:gpt-5",
            "customer-acme",
            &["openai:gpt-5 credential_override_unused"],
        ),
        (
            "simulated",
            "customer-acme",
            &["simulated credential_override_unused"],
        ),
        (
            "openai",
            "house",
            &["openai credential_override_not_allowed"],
        ),
        (
            "openai",
            "customer-nobody",
            &["openai credential_not_found"],
        ),
        ("openai", "customer-globex", &[]),
    ];
    let places = [
        known("a", "openai", "gpt-4o"),
        known("s", "simulated", "simulated-echo"),
    ];
    for (key, name, expected) in rows {
        let mut world = World::new();
        world.overrides(key, named(name)).allow(&["customer-*"]);
        // Unavailable for now is not wrong.
        world.one(2).state = CredentialState::Exhausted;
        let (manager, _) = manager(&world);
        let problems = manager
            .check_overrides(&world.context, &places, &[])
            .await
            .unwrap();
        let told: Vec<String> = problems
            .iter()
            .map(|problem| format!("{} {}", problem.key, problem.code.as_str()))
            .collect();
        assert_eq!(told, expected, "{key} {name}");
    }
}

#[tokio::test]
async fn an_override_is_unused_where_every_node_is_locked_or_names_its_model() {
    let mut world = World::new();
    world
        .overrides("openai", named("customer-acme"))
        .overrides("openai:gpt-4o", named("customer-globex"))
        .allow(&["customer-*"]);
    let (manager, _) = manager(&world);
    let mut locked = known("b", "openai", "gpt-4o-mini");
    locked.selector.locked = true;
    let places = [known("a", "openai", "gpt-4o"), locked];
    let problems = manager
        .check_overrides(&world.context, &places, &[])
        .await
        .unwrap();
    assert_eq!(problems.len(), 1);
    assert_eq!(
        (problems[0].key.as_str(), problems[0].code.as_str()),
        ("openai", "credential_override_unused")
    );
}
