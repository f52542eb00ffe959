//! Lists in pages: newest first, stable while rows are added.

use latchkey_store::{
    AuditEntry, AuditFilter, Besides, CallFilter, Page, Paged, RunFilter, StoreError,
};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::samples::{self, NOW, SOMEBODY, document};
use crate::world::{World, on_both};

/// Adds rows, walks through them in small pages while more are added, and looks whether each was seen once.
async fn check(
    world: &World,
    insert: impl AsyncFn(&World) -> Uuid,
    list: impl AsyncFn(&World, Page) -> Result<Paged<Uuid>, StoreError>,
) {
    let mut expected = Vec::new();
    for _ in 0..7 {
        expected.insert(0, insert(world).await);
    }
    let mut seen = Vec::new();
    let mut page = Page::first(3);
    loop {
        let found = list(world, page).await.unwrap();
        seen.extend(found.rows);
        insert(world).await;
        let Some(next) = found.next else { break };
        page.after = Some(next);
    }
    assert_eq!(seen, expected);
}

/// The same page with ids for rows.
fn ids<T>(
    found: Result<Paged<T>, StoreError>,
    id: impl Fn(&T) -> Uuid,
) -> Result<Paged<Uuid>, StoreError> {
    found.map(|found| Paged {
        rows: found.rows.iter().map(id).collect(),
        next: found.next,
    })
}

#[tokio::test]
async fn pages_of_runs_are_stable() {
    on_both(async |world| {
        let filter = RunFilter::default();
        let insert = async |world: &World| world.running().await.id.uuid();
        let list = async |world: &World, page| {
            let found = world.store.runs(world.workspace, &filter, page).await;
            ids(found, |run| run.id.uuid())
        };
        check(world, insert, list).await;
    })
    .await;
}

#[tokio::test]
async fn pages_of_workflows_are_stable() {
    on_both(async |world| {
        let insert = async |world: &World| {
            let new = samples::workflow(world.workspace);
            let draft = document("x");
            let kept = world
                .store
                .insert_workflow(&new, &draft, Besides::default());
            kept.await.unwrap();
            new.id.uuid()
        };
        let list = async |world: &World, page| {
            let found = world.store.workflows(world.workspace, page).await;
            ids(found, |workflow| workflow.id.uuid())
        };
        check(world, insert, list).await;
    })
    .await;
}

#[tokio::test]
async fn pages_of_keys_are_stable() {
    on_both(async |world| {
        let insert = async |world: &World| {
            let key = samples::api_key(world.workspace);
            let hash = key.id.to_string();
            world.store.insert_api_key(&key, &hash).await.unwrap();
            key.id.uuid()
        };
        let list = async |world: &World, page| {
            let found = world.store.api_keys(world.workspace, None, page).await;
            ids(found, |key| key.id.uuid())
        };
        check(world, insert, list).await;
    })
    .await;
}

#[tokio::test]
async fn pages_of_the_ledger_are_stable() {
    on_both(async |world| {
        let filter = CallFilter::default();
        let insert = async |world: &World| {
            let call = samples::call(world.workspace);
            world.store.open_call(&call).await.unwrap().unwrap();
            call.id.uuid()
        };
        let list = async |world: &World, page| {
            let found = world
                .store
                .model_calls(world.workspace, &filter, page)
                .await;
            ids(found, |call| call.start.id.uuid())
        };
        check(world, insert, list).await;
    })
    .await;
}

#[tokio::test]
async fn pages_of_the_audit_are_stable() {
    on_both(async |world| {
        let insert = async |world: &World| {
            let entry = AuditEntry {
                id: samples::id(),
                workspace: world.workspace,
                at: NOW,
                actor: SOMEBODY,
                action: "credential.create".to_owned(),
                subject: "acme".to_owned(),
                detail: Json::Null,
            };
            world.store.insert_audit(&entry).await.unwrap();
            entry.id
        };
        let list = async |world: &World, page| {
            let all = AuditFilter::default();
            let found = world.store.audit(world.workspace, &all, page).await;
            ids(found, |entry| entry.id)
        };
        check(world, insert, list).await;
    })
    .await;
}

#[tokio::test]
async fn a_page_that_ends_with_the_list_says_so() {
    on_both(async |world| {
        for _ in 0..3 {
            world.running().await;
        }
        let filter = RunFilter::default();
        for (limit, rows, has_next) in [(2, 2, true), (3, 3, false), (4, 3, false)] {
            let found = world
                .store
                .runs(world.workspace, &filter, Page::first(limit))
                .await;
            let found = found.unwrap();
            assert_eq!((found.rows.len(), found.next.is_some()), (rows, has_next));
        }
    })
    .await;
}
