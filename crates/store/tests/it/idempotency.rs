//! Idempotency keys: one start for one name, for a day.

use futures::future::join_all;
use latchkey_domain::credential::Principal;
use latchkey_domain::id::WorkflowId;
use latchkey_domain::run::Run;
use latchkey_store::{IdempotencyKey, Inserted, NewRun, Page, RunFilter, StoreError};

use crate::samples::{self, NOW, SOMEBODY};
use crate::world::{World, on_both};

const DAY: i64 = 24 * 60 * 60 * 1000;

/// A start under the name `again` with a body, so many milliseconds after the first.
fn start(world: &World, body: &str, later: i64) -> NewRun {
    let run = Run {
        created_at: NOW.plus_millis(later),
        ..samples::run(world.workspace)
    };
    let key = IdempotencyKey {
        workspace: run.workspace,
        caller: run.caller,
        workflow: run.workflow,
        name: "again".to_owned(),
        body_hash: body.to_owned(),
    };
    NewRun {
        key: Some(key),
        ..samples::new_run(&run)
    }
}

async fn runs(world: &World) -> usize {
    let filter = RunFilter::default();
    let page = Page::first(100);
    let found = world.store.runs(world.workspace, &filter, page).await;
    found.unwrap().rows.len()
}

#[tokio::test]
async fn the_same_body_is_the_same_run() {
    on_both(async |world| {
        let first = start(world, "body", 0);
        assert_eq!(world.insert(&first).await, Inserted::New);
        let again = world.insert(&start(world, "body", 1)).await;
        assert_eq!(again, Inserted::Existing(first.run.id));
        assert_eq!(runs(world).await, 1);
    })
    .await;
}

#[tokio::test]
async fn another_body_is_a_conflict() {
    on_both(async |world| {
        assert_eq!(world.insert(&start(world, "body", 0)).await, Inserted::New);
        let other = world.insert(&start(world, "other", 1)).await;
        assert_eq!(other, Inserted::KeyConflict);
        assert_eq!(runs(world).await, 1);
    })
    .await;
}

#[tokio::test]
async fn of_fifty_starts_at_once_one_runs() {
    on_both(async |world| {
        let starts: Vec<NewRun> = (0..50).map(|_| start(world, "body", 0)).collect();
        let answers = join_all(starts.iter().map(|new| world.insert(new))).await;
        let new = |answer: &&Inserted| **answer == Inserted::New;
        assert_eq!(answers.iter().filter(new).count(), 1);
        let won = answers.iter().position(|answer| new(&answer)).unwrap();
        let existing = Inserted::Existing(starts[won].run.id);
        let rest = answers.iter().filter(|answer| **answer == existing);
        assert_eq!(rest.count(), 49);
        assert_eq!(runs(world).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_name_is_free_again_after_a_day() {
    on_both(async |world| {
        let first = start(world, "body", 0);
        world.insert(&first).await;
        let late = world.insert(&start(world, "body", DAY - 1)).await;
        assert_eq!(late, Inserted::Existing(first.run.id));
        let second = start(world, "other", DAY);
        assert_eq!(world.insert(&second).await, Inserted::New);
        let again = world.insert(&start(world, "other", 2 * DAY - 1)).await;
        assert_eq!(again, Inserted::Existing(second.run.id));
        assert_eq!(runs(world).await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_name_belongs_to_one_caller_workflow_and_workspace() {
    on_both(async |world| {
        assert_eq!(world.insert(&start(world, "body", 0)).await, Inserted::New);
        let neighbour = world.neighbour().await;
        let changes: [&dyn Fn(&mut IdempotencyKey); 3] = [
            &|key| key.caller = Principal::Operator,
            &|key| key.workflow = WorkflowId::new(samples::id()),
            &|key| key.workspace = neighbour,
        ];
        for change in changes {
            let mut new = start(world, "other", 1);
            let mut key = new.key.take().unwrap();
            assert_eq!(key.caller, SOMEBODY);
            change(&mut key);
            new.key = Some(key);
            assert_eq!(world.insert(&new).await, Inserted::New);
        }
    })
    .await;
}

#[tokio::test]
async fn a_start_that_failed_leaves_its_name_free() {
    on_both(async |world| {
        let mut bad = start(world, "body", 0);
        bad.run.workspace = samples::workspace("nowhere").id;
        let good = start(world, "body", 0);
        let (one, two) = (
            world.store.insert_run(&bad).await.unwrap(),
            world.store.insert_run(&good).await.unwrap(),
        );
        assert_eq!(one.committed().await, Err(StoreError::NotFound));
        assert_eq!(two.committed().await, Ok(Inserted::New));
        let again = world.insert(&start(world, "body", 1)).await;
        assert_eq!(again, Inserted::Existing(good.run.id));
    })
    .await;
}
