//! Nothing of one workspace exists for another, in any query that takes a workspace.

use latchkey_domain::credential::{
    Allowance, Budget, BudgetPeriod, Holder, Limits, Rules, WorkflowRules,
};
use latchkey_domain::id::{ApiKeyId, CredentialId, WorkflowId, WorkspaceId};
use latchkey_domain::journal::{JournalEntry, JournalRecord};
use latchkey_domain::knowledge::{Filter, terms_of_query};
use latchkey_domain::run::Run;
use latchkey_domain::settings::CredentialSettings;
use latchkey_domain::tool::ToolProvider;
use latchkey_domain::workflow::Workflow;
use latchkey_store::{
    Admitted, AuditEntry, AuditFilter, Besides, BudgetWebhook, CallFilter, CredentialChange,
    DefaultKey, Page, RunFilter, StoreError, UsageQuery,
};
use serde_json::Value as Json;

use crate::knowledge::{dataset, vector_model};
use crate::samples::{self, NOW, SOMEBODY, answered, document, openai, sealed, tokens};
use crate::tools;
use crate::world::{World, on_both};

/// One of everything in our workspace.
struct Ours {
    key: ApiKeyId,
    workflow: Workflow,
    credentials: [CredentialId; 2],
    run: Run,
    tools: ToolProvider,
}

async fn fill(world: &World) -> Ours {
    let store = &world.store;
    let key = samples::api_key(world.workspace);
    store.insert_api_key(&key, "hash").await.unwrap();
    let workflow = samples::workflow(world.workspace);
    let (draft, values) = (document("ours"), sealed("ours"));
    let kept = store.insert_workflow(&workflow, &draft, Besides::default());
    kept.await.unwrap();
    let one = samples::credential(world.workspace, "acme");
    let two = samples::model_credential(world.workspace, "globex");
    for credential in [&one, &two] {
        let kept = store.insert_credential(credential, &values, true);
        kept.await.unwrap();
    }
    let run = world.running().await;
    let nodes = [samples::node(run.id, 1)];
    let asked = JournalEntry::FormAsked {
        started_at: NOW,
        request: Box::new(samples::form(&run, NOW)),
    };
    let records = [JournalRecord {
        entry: asked,
        ..samples::record(1, 1)
    }];
    let written = store.append(run.id, world.workspace, 1, &records, &nodes, None);
    written.await.unwrap();
    let call = samples::paid_call(&run, one.id);
    store.open_call(&call).await.unwrap().unwrap();
    let end = answered(tokens(1, 1));
    store.close_call(call.id, end).await.unwrap();
    let entry = AuditEntry {
        id: samples::id(),
        workspace: world.workspace,
        at: NOW,
        actor: SOMEBODY,
        action: "workflow.create".to_owned(),
        subject: "translate".to_owned(),
        detail: Json::Null,
    };
    store.insert_audit(&entry).await.unwrap();
    let tools = tools::provider(world, "ours");
    store.insert_tool_provider(&tools).await.unwrap();
    let bindings = [tools::binding("ours")];
    let bound = store.replace_tool_bindings(world.workspace, None, None, &bindings, NOW);
    bound.await.unwrap();
    Ours {
        tools,
        key: key.id,
        workflow,
        credentials: [one.id, two.id],
        run,
    }
}

/// What a workspace finds of ours when it asks by id: a name for each answer that is not empty.
async fn found_by_id(world: &World, ours: &Ours, asks: WorkspaceId) -> Vec<&'static str> {
    let store = &world.store;
    let workflow: WorkflowId = ours.workflow.id;
    let [one, two] = ours.credentials;
    let answers = [
        (
            "workflow",
            store.workflow(asks, workflow).await.unwrap().is_some(),
        ),
        (
            "draft",
            store.draft(asks, workflow).await.unwrap().is_some(),
        ),
        (
            "credential_settings",
            store
                .credential_settings(asks, workflow)
                .await
                .unwrap()
                .is_some(),
        ),
        (
            "credential",
            store.credential(asks, one).await.unwrap().is_some(),
        ),
        (
            "credential of a model",
            store.credential(asks, two).await.unwrap().is_some(),
        ),
        (
            "api_key",
            store.api_key(asks, ours.key).await.unwrap().is_some(),
        ),
        (
            "tool_provider",
            store
                .tool_provider(asks, ours.tools.id)
                .await
                .unwrap()
                .is_some(),
        ),
        (
            "tool_provider_by_name",
            store
                .tool_provider_by_name(asks, "ours")
                .await
                .unwrap()
                .is_some(),
        ),
        ("run", store.run(asks, ours.run.id).await.unwrap().is_some()),
        (
            "node_executions",
            !store
                .node_executions(asks, ours.run.id)
                .await
                .unwrap()
                .is_empty(),
        ),
    ];
    let found = answers.into_iter().filter(|(_, found)| *found);
    found.map(|(name, _)| name).collect()
}

/// The same for lists and sums.
async fn found_in_lists(world: &World, ours: &Ours, asks: WorkspaceId) -> Vec<&'static str> {
    let (store, page) = (&world.store, Page::first(10));
    let runs = RunFilter::default();
    let calls = CallFilter {
        run: Some(ours.run.id),
        ..CallFilter::default()
    };
    let usage = UsageQuery::default();
    let answers = [
        (
            "workflows",
            store.workflows(asks, page).await.unwrap().rows.len(),
        ),
        (
            "credentials",
            store.credentials(asks).await.unwrap().len() / 2,
        ),
        (
            "credential_defaults",
            store.credential_defaults(asks).await.unwrap().len() / 2,
        ),
        (
            "api_keys",
            store.api_keys(asks, None, page).await.unwrap().rows.len(),
        ),
        (
            "runs",
            store.runs(asks, &runs, page).await.unwrap().rows.len(),
        ),
        (
            "model_calls",
            store
                .model_calls(asks, &calls, page)
                .await
                .unwrap()
                .rows
                .len(),
        ),
        ("forms", store.forms(asks, ours.run.id).await.unwrap().len()),
        ("usage", store.usage(asks, &usage).await.unwrap().len()),
        (
            "audit",
            store
                .audit(asks, &AuditFilter::default(), page)
                .await
                .unwrap()
                .rows
                .len(),
        ),
        (
            "tool_providers",
            store.tool_providers(asks).await.unwrap().len(),
        ),
        (
            "tool_bindings",
            store.tool_bindings(asks, None).await.unwrap().0.len(),
        ),
    ];
    let found = answers.into_iter().filter(|(_, found)| *found == 1);
    found.map(|(name, _)| name).collect()
}

#[tokio::test]
async fn another_workspace_finds_nothing() {
    on_both(async |world| {
        let ours = fill(world).await;
        let theirs = world.neighbour().await;
        assert_eq!(found_by_id(world, &ours, world.workspace).await.len(), 10);
        assert_eq!(found_by_id(world, &ours, theirs).await, [""; 0]);
        assert_eq!(
            found_in_lists(world, &ours, world.workspace).await.len(),
            11
        );
        assert_eq!(found_in_lists(world, &ours, theirs).await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn another_workspace_removes_and_changes_no_workflow_and_no_key() {
    on_both(async |world| {
        let ours = fill(world).await;
        let theirs = world.neighbour().await;
        let (store, id) = (&world.store, ours.workflow.id);
        let foreign = Workflow {
            workspace: theirs,
            name: "theirs".to_owned(),
            ..ours.workflow.clone()
        };
        let draft = document("theirs");
        let settings = CredentialSettings {
            runtime_allow: vec!["*".to_owned()],
            ..CredentialSettings::default()
        };
        let gone = Err(StoreError::NotFound);
        let replaced = store.replace_draft(&foreign, 1, &draft, Besides::default());
        assert_eq!(replaced.await, Err(StoreError::Changed));
        let replaced = store.replace_settings(theirs, id, None, &settings, NOW);
        assert_eq!(replaced.await, Err(StoreError::NotFound));
        assert_eq!(store.delete_workflow(theirs, id, NOW).await, gone);
        assert_eq!(store.delete_api_key(theirs, ours.key).await, gone);
        let found = store.draft(world.workspace, id).await.unwrap();
        assert_eq!(found, Some((ours.workflow, document("ours"))));
        assert!(store.api_key_by_hash("hash").await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn another_workspace_changes_no_credential() {
    on_both(async |world| {
        let ours = fill(world).await;
        let theirs = world.neighbour().await;
        let store = &world.store;
        for id in ours.credentials {
            let before = store.credential(world.workspace, id).await.unwrap();
            let (mut foreign, _) = before.clone().unwrap();
            foreign.workspace = theirs;
            for values in [None, Some(sealed("theirs"))] {
                let change = CredentialChange {
                    credential: foreign.clone(),
                    expected_revision: 1,
                    sealed: values,
                };
                let refused = store.change_credential(&change).await.unwrap_err();
                assert!(
                    matches!(refused, StoreError::NotFound | StoreError::Changed),
                    "{refused:?}"
                );
            }
            let gone = store.delete_credential(theirs, id).await;
            assert_eq!(gone, Err(StoreError::NotFound));
            let after = store.credential(world.workspace, id).await.unwrap();
            assert_eq!(after, before);
        }
    })
    .await;
}

#[tokio::test]
async fn another_workspace_makes_no_default_of_our_credential() {
    on_both(async |world| {
        let ours = fill(world).await;
        let key = DefaultKey {
            workspace: world.neighbour().await,
            provider: openai(),
            model: None,
        };
        let set = world
            .store
            .set_default(&key, Some(ours.credentials[0]))
            .await;
        assert_eq!(set, Err(StoreError::NotFound));
        let theirs = world.store.credential_defaults(key.workspace).await;
        assert_eq!(theirs.unwrap(), []);
        assert_eq!(world.store.set_default(&key, None).await, Ok(()));
        let kept = world.store.credential_defaults(world.workspace).await;
        assert_eq!(kept.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn another_workspace_changes_no_tools() {
    on_both(async |world| {
        let ours = fill(world).await;
        let theirs = world.neighbour().await;
        let store = &world.store;
        let foreign = ToolProvider {
            workspace: theirs,
            revision: 2,
            ..ours.tools.clone()
        };
        let changed = store.change_tool_provider(&foreign).await;
        assert_eq!(changed, Err(StoreError::Changed));
        let gone = store.delete_tool_provider(theirs, ours.tools.id).await;
        assert_eq!(gone, Err(StoreError::NotFound));
        let bound = store.replace_tool_bindings(theirs, None, None, &[], NOW);
        assert_eq!(bound.await, Ok(1));
        let kept = store.tool_bindings(world.workspace, None).await.unwrap();
        assert_eq!(kept, (vec![tools::binding("ours")], 1));
    })
    .await;
}

#[tokio::test]
async fn another_workspace_finds_and_removes_no_knowledge() {
    on_both(async |world| {
        let store = &world.store;
        let ours = dataset(world.workspace, "ours");
        store.insert_dataset(&ours).await.unwrap();
        let metadata = serde_json::json!({"year": 2026});
        world.indexed(&ours, metadata, &[("word", &[1.0])]).await;
        let (id, page) = (ours.id, Page::first(10));
        let (terms, model) = (terms_of_query("word"), vector_model());
        let condition = serde_json::json!({"conditions": [{"name": "year", "comparison_operator": "not empty"}]});
        let filter: Filter = serde_json::from_value(condition).unwrap();
        let finds = async |asks: WorkspaceId| {
            let all = &Admitted::All;
            let near = store.nearest(asks, id, &model, &[1.0], all, 1).await.unwrap();
            let words = store.with_words(asks, id, &terms, all, 1).await.unwrap();
            let ids: Vec<_> = near.iter().map(|(id, _)| *id).collect();
            let admitted = store.admitted(asks, id, Some(&filter)).await.unwrap();
            let names = ["ours".to_owned(), id.to_string()];
            [
                near.len(),
                words.len(),
                store.found(asks, id, &ids).await.unwrap().len(),
                usize::from(admitted != Admitted::Only(Default::default())),
                store.metadata_names(asks, id, 1).await.unwrap().len(),
                store.documents(asks, id, page).await.unwrap().rows.len(),
                store.dataset(asks, id).await.unwrap().iter().count(),
                store.datasets(asks, page).await.unwrap().rows.len(),
                store.named_datasets(asks, &names).await.unwrap().len() / 2,
            ]
        };
        let theirs = world.neighbour().await;
        assert_eq!(store.delete_dataset(theirs, id).await, Err(StoreError::NotFound));
        assert_eq!(finds(theirs).await, [0; 9]);
        assert_eq!(finds(world.workspace).await, [1; 9]);
    })
    .await;
}

#[tokio::test]
async fn another_workspaces_limits_and_budgets_are_its_own() {
    on_both(async |world| {
        let ours = fill(world).await;
        let (store, theirs) = (&world.store, world.neighbour().await);
        let workflow = ours.workflow.id;
        let rules = WorkflowRules {
            workflow: Rules {
                limits: Limits {
                    concurrent_calls: Some(1),
                    ..Limits::default()
                },
                ..Rules::default()
            },
            ..WorkflowRules::default()
        };
        let ask = store.replace_workflow_rules(world.workspace, workflow, None, &rules, NOW);
        ask.await.unwrap();
        let webhook = BudgetWebhook {
            url: "https://h.test/".to_owned(),
            sealed: vec![1],
            updated_at: NOW,
        };
        store
            .set_budget_webhook(world.workspace, Some(&webhook))
            .await
            .unwrap();
        store.set_budget_webhook(theirs, None).await.unwrap();
        assert_eq!(store.budget_webhook(theirs).await.unwrap(), None);
        assert_eq!(
            store.budget_webhook(world.workspace).await.unwrap(),
            Some(webhook)
        );
        assert_eq!(
            store.workflow_rules(theirs, workflow).await.unwrap().0,
            WorkflowRules::default()
        );
        assert_eq!(
            store
                .workflow_rules(world.workspace, workflow)
                .await
                .unwrap()
                .0,
            rules
        );
        let holder = Holder::Workflow(workflow);
        let sums = store.ledger_sums(theirs, &holder, (BudgetPeriod::Total, NOW), "tokens");
        assert_eq!(sums.await.unwrap(), Default::default());
        let budget = Budget {
            period: BudgetPeriod::Total,
            allowance: Allowance::Tokens(5),
            warn_percent: None,
        };
        let states = store
            .budget_states(theirs, &holder, &[budget], NOW)
            .await
            .unwrap();
        assert!(
            states.iter().all(|state| state.used.is_zero()),
            "{states:?}"
        );
        assert!(
            store
                .budget_events(theirs, Page::first(9))
                .await
                .unwrap()
                .rows
                .is_empty()
        );
        let [credential, _] = ours.credentials;
        assert!(
            store
                .credential_versions(theirs, credential)
                .await
                .unwrap()
                .is_empty()
        );
    })
    .await;
}

/// Every function of the store's face with a workspace among its arguments is asked above, or only adds what is new.
#[test]
fn no_query_that_takes_a_workspace_is_forgotten() {
    // Large values are removed by whoever removes the run of that workspace.
    let new = ["append", "append_again", "delete_large_values"];
    let folder = latchkey_tests::requirement::workspace().join("crates/store/src");
    // Conversations, versions, keys, files, health, members, pools, prices, values of runs, triggers and tools of runs ask for a stranger where the rest of them is asked.
    let sources = [
        include_str!("tenancy.rs"),
        include_str!("conversations.rs"),
        include_str!("credential_versions.rs"),
        include_str!("data_keys.rs"),
        include_str!("files.rs"),
        include_str!("glance.rs"),
        include_str!("health.rs"),
        include_str!("members.rs"),
        include_str!("pools.rs"),
        include_str!("prices.rs"),
        include_str!("run_secrets.rs"),
        include_str!("triggers.rs"),
        include_str!("workers.rs"),
    ];
    let asked: String = sources.concat().split_whitespace().collect();
    let mut forgotten = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let source = std::fs::read_to_string(&path).unwrap_or_default();
        for function in source.split("pub async fn ").skip(1) {
            let (name, rest) = function.split_once('(').unwrap();
            let (arguments, _) = rest.split_once(" -> ").unwrap_or((rest, ""));
            let mut faces = ["store", "blobs"].iter();
            let asked = faces.any(|face| asked.contains(&format!("{face}.{name}(")));
            if arguments.contains("workspace: WorkspaceId") && !asked && !new.contains(&name) {
                forgotten.push(name.to_owned());
            }
        }
    }
    assert_eq!(forgotten, Vec::<String>::new());
}
