//! What lists show beside their rows, and that nobody sees it of another workspace.

use latchkey_domain::credential::Limits;
use latchkey_domain::run::{Run, RunStatus};
use latchkey_store::{LimitsInUse, RunCountQuery, UnfinishedRuns};

use crate::samples::{self, NOW, answered, tokens};
use crate::world::on_both;

const DAY: i64 = 86_400_000;

#[tokio::test]
async fn what_is_taken_of_limits_comes_back() {
    on_both(async |world| {
        let (store, workspace) = (&world.store, world.workspace);
        let limits = Limits {
            requests_per_minute: Some(60),
            tokens_per_minute: Some(1000),
            concurrent_calls: Some(8),
            wait_ms: None,
        };
        let mut credential = samples::credential(workspace, "acme");
        credential.limits = limits;
        let values = samples::sealed("first");
        let kept = store.insert_credential(&credential, &values, false);
        kept.await.unwrap();
        let asked = [(credential.id, limits)];
        let standing = async |asks, at| {
            let found = store.limits_in_use(asks, &asked, at).await.unwrap();
            found[&credential.id]
        };
        let in_use = |requests, tokens, calls| LimitsInUse {
            requests: Some(requests),
            tokens: Some(tokens),
            calls: Some(calls),
        };
        assert_eq!(standing(workspace, NOW).await, in_use(0, 0, 0));
        let run = world.running().await;
        let mut calls = Vec::new();
        for _ in 0..3 {
            let call = samples::paid_call(&run, credential.id);
            store.open_call(&call).await.unwrap().unwrap();
            calls.push(call.id);
        }
        // Each has set 150 tokens aside.
        assert_eq!(standing(workspace, NOW).await, in_use(3, 450, 3));
        let end = answered(tokens(10, 40));
        store.close_call(calls[0], end).await.unwrap();
        assert_eq!(standing(workspace, NOW).await, in_use(3, 350, 2));
        let later = NOW.plus_millis(2000);
        assert_eq!(standing(workspace, later).await, in_use(1, 317, 2));
        let none = [(credential.id, Limits::default())];
        let unlimited = store.limits_in_use(workspace, &none, NOW).await.unwrap();
        assert_eq!(unlimited[&credential.id], LimitsInUse::default());
        let theirs = world.neighbour().await;
        assert_eq!(standing(theirs, NOW).await, in_use(0, 0, 0));
    })
    .await;
}

#[tokio::test]
async fn whoever_was_asked_to_pay_is_named_once() {
    on_both(async |world| {
        let (store, workspace) = (&world.store, world.workspace);
        let acme = world.credential("acme").await;
        let globex = world.credential("globex").await;
        let [run, other] = [world.running().await, world.running().await];
        for (number, credential, name) in
            [(0, acme, "acme"), (1, globex, "globex"), (2, acme, "acme")]
        {
            let mut call = samples::paid_call(&run, credential);
            call.credential_name = Some(name.to_owned());
            call.at = NOW.plus_millis(number);
            store.open_call(&call).await.unwrap().unwrap();
            let mut end = answered(tokens(1, 1));
            if name == "globex" {
                end.outcome = latchkey_domain::ledger::CallOutcome::Failed;
            }
            store.close_call(call.id, end).await.unwrap();
        }
        let found = store.payers(workspace, &[run.id, other.id]).await.unwrap();
        let names: Vec<_> = found[&run.id]
            .iter()
            .map(|payer| (payer.credential, payer.name.as_str(), payer.has_paid))
            .collect();
        assert_eq!(
            names,
            [(Some(acme), "acme", true), (Some(globex), "globex", false)]
        );
        assert!(!found.contains_key(&other.id));
        let theirs = world.neighbour().await;
        assert!(store.payers(theirs, &[run.id]).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn runs_are_counted_by_day_and_status() {
    on_both(async |world| {
        let (store, workspace) = (&world.store, world.workspace);
        let made = async |days: i64, status| {
            let run = Run {
                created_at: NOW.plus_millis(days * DAY),
                status,
                ..samples::run(workspace)
            };
            world.insert(&samples::new_run(&run)).await;
            run
        };
        let first = made(-2, RunStatus::Running).await;
        made(0, RunStatus::Running).await;
        made(0, RunStatus::Running).await;
        made(0, RunStatus::Queued).await;
        let query = RunCountQuery {
            workflow: None,
            from: NOW.plus_millis(-7 * DAY),
            to: NOW.plus_millis(1),
        };
        let counted = async |asks, query| {
            let counts = store.run_counts(asks, &query).await.unwrap();
            let count = |one: latchkey_store::RunCount| (one.day.to_string(), one.status, one.runs);
            counts.into_iter().map(count).collect::<Vec<_>>()
        };
        let day = |at: latchkey_domain::time::Timestamp| {
            format!("{}T00:00:00.000Z", &at.to_string()[..10])
        };
        let all = counted(workspace, query).await;
        assert_eq!(
            all,
            [
                (day(first.created_at), RunStatus::Running, 1),
                (day(NOW), RunStatus::Queued, 1),
                (day(NOW), RunStatus::Running, 2),
            ]
        );
        let later = RunCountQuery { from: NOW, ..query };
        assert_eq!(counted(workspace, later).await.len(), 2);
        let others = RunCountQuery {
            workflow: Some(samples::workflow(workspace).id),
            ..query
        };
        assert!(counted(workspace, others).await.is_empty());
        let theirs = world.neighbour().await;
        assert!(counted(theirs, query).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn runs_that_are_not_over_are_those_of_the_workspace() {
    on_both(async |world| {
        let (store, workspace) = (&world.store, world.workspace);
        let over = world.running().await;
        world.finish(&over).await;
        world.running().await;
        let queued = Run {
            status: RunStatus::Queued,
            ..samples::run(workspace)
        };
        world.insert(&samples::new_run(&queued)).await;
        let at = NOW.plus_millis(5000);
        let of = async |asks, workflow| {
            let found = store.unfinished_runs_of(asks, workflow, at).await;
            found.unwrap()
        };
        let ours = UnfinishedRuns {
            queued: 1,
            oldest_ms: 5000,
            running: 1,
            paused: 0,
        };
        assert_eq!(of(workspace, None).await, ours);
        assert_eq!(of(workspace, Some(queued.workflow)).await, ours);
        let none = UnfinishedRuns::default();
        let other = samples::workflow(workspace).id;
        assert_eq!(of(workspace, Some(other)).await, none);
        let theirs = world.neighbour().await;
        assert_eq!(of(theirs, None).await, none);
    })
    .await;
}

#[tokio::test]
async fn a_workspace_gets_another_name_alone() {
    on_both(async |world| {
        let store = &world.store;
        let theirs = world.neighbour().await;
        assert!(store.rename_workspace(theirs, "Theirs").await.unwrap());
        let all = store.workspaces().await.unwrap();
        let named: Vec<_> = all.iter().filter(|one| one.name == "Theirs").collect();
        assert_eq!((named.len(), named[0].id), (1, theirs));
    })
    .await;
}
