//! Reading runs: rows as they were accepted, filters, what has not ended.

use latchkey_domain::credential::{
    CredentialChoice, Environment, InlineCredential, Level, OverrideChoice, Resolution,
};
use latchkey_domain::id::{CredentialId, RunId, WorkflowId};
use latchkey_domain::run::{NodeExecution, RunStatus, RunVersion};
use latchkey_store::{NewRun, Page, RunFilter};

use crate::samples::{self, NOW};
use crate::world::{World, on_both};

async fn matching(world: &World, filter: &RunFilter) -> Vec<RunId> {
    let page = Page::first(100);
    let found = world.store.runs(world.workspace, filter, page).await;
    found.unwrap().rows.iter().map(|run| run.id).collect()
}

#[tokio::test]
async fn a_run_comes_back_as_it_was_accepted() {
    on_both(async |world| {
        let mut run = samples::run(world.workspace);
        run.version = RunVersion::Draft(5);
        run.retried_from = Some(RunId::new(samples::id()));
        run.parent = Some(RunId::new(samples::id()));
        let choice = OverrideChoice::Stored(CredentialChoice {
            credential_id: None,
            credential_name: Some("acme".to_owned()),
        });
        run.overrides.insert("openai".to_owned(), choice);
        let inline = InlineCredential {
            run: run.id,
            fingerprint: "0a1b".to_owned(),
            hosts: vec!["llm.acme.test".to_owned()],
        };
        let inline = OverrideChoice::Inline { inline };
        run.overrides.insert("deepseek".to_owned(), inline);
        let new = NewRun {
            document: Some(samples::document("draft")),
            ..samples::new_run(&run)
        };
        world.insert(&new).await;
        let store = &world.store;
        let found = store.run(world.workspace, run.id).await.unwrap();
        assert_eq!(found.as_ref(), Some(&run));
        assert_eq!(store.run_document(run.id).await.unwrap(), new.document);
        let other = world.running().await;
        assert_eq!(store.run_document(other.id).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn each_filter_keeps_what_fits_and_all_fit_together() {
    on_both(async |world| {
        let mut odd = samples::run(world.workspace);
        odd.workflow = WorkflowId::new(samples::id());
        odd.status = RunStatus::Queued;
        odd.environment = Environment("staging".to_owned());
        odd.end_user = Some("somebody".to_owned());
        odd.created_at = NOW.plus_millis(1000);
        let plain = world.running().await;
        world.insert(&samples::new_run(&odd)).await;

        let all = RunFilter {
            workflow: Some(odd.workflow),
            status: Some(RunStatus::Queued),
            environment: Some(odd.environment.clone()),
            end_user: odd.end_user.clone(),
            credential: None,
            from: Some(NOW.plus_millis(1000)),
            to: Some(NOW.plus_millis(1001)),
        };
        assert_eq!(matching(world, &all).await, [odd.id]);
        for only in one_by_one(&all) {
            assert_eq!(matching(world, &only).await, [odd.id], "{only:?}");
        }
        let before = RunFilter {
            to: Some(NOW.plus_millis(1000)),
            ..RunFilter::default()
        };
        assert_eq!(matching(world, &before).await, [plain.id]);
        let none = RunFilter {
            status: Some(RunStatus::Running),
            ..all
        };
        assert_eq!(matching(world, &none).await, []);
    })
    .await;
}

/// Each of a filter's conditions alone, but for `to`.
fn one_by_one(all: &RunFilter) -> [RunFilter; 5] {
    let nothing = RunFilter::default;
    [
        RunFilter {
            workflow: all.workflow,
            ..nothing()
        },
        RunFilter {
            status: all.status,
            ..nothing()
        },
        RunFilter {
            environment: all.environment.clone(),
            ..nothing()
        },
        RunFilter {
            end_user: all.end_user.clone(),
            ..nothing()
        },
        RunFilter {
            from: all.from,
            ..nothing()
        },
    ]
}

#[tokio::test]
async fn runs_are_found_by_the_credential_that_paid_a_node() {
    on_both(async |world| {
        let credential = CredentialId::new(samples::id());
        let (paid, _free) = (world.running().await, world.running().await);
        let nodes = [1, 2].map(|index| NodeExecution {
            resolution: Some(resolution(credential)),
            ..samples::node(paid.id, index)
        });
        let records = [samples::record(1, 1)];
        world
            .store
            .append(paid.id, world.workspace, 1, &records, &nodes, None)
            .await
            .unwrap();
        let filter = RunFilter {
            credential: Some(credential),
            ..RunFilter::default()
        };
        assert_eq!(matching(world, &filter).await, [paid.id]);
    })
    .await;
}

fn resolution(credential: CredentialId) -> Resolution {
    Resolution {
        credential_id: Some(credential),
        credential_name: Some("acme".to_owned()),
        credential_version: Some(1),
        provider: samples::openai(),
        level: Level::Node,
        selector: None,
        selector_rendered: None,
        pool: None,
        fallback: None,
        skipped: Vec::new(),
        considered: Vec::new(),
    }
}

#[tokio::test]
async fn what_has_not_ended_is_found_in_every_workspace_oldest_first() {
    on_both(async |world| {
        let first = world.running().await;
        let over = world.running().await;
        world.finish(&over).await;
        let theirs = samples::run(world.neighbour().await);
        world.insert(&samples::new_run(&theirs)).await;
        let found = world.store.unfinished_runs().await.unwrap();
        let ids = [&first, &theirs].map(|run| (run.id, run.workspace));
        assert_eq!(found, ids);
    })
    .await;
}
