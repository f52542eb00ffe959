//! Triggers: put in place with a version, found by address and time, moved on once.

use futures::future::join_all;
use latchkey_domain::credential::Environment;
use latchkey_domain::id::{NodeId, TriggerId};
use latchkey_domain::time::Timestamp;
use latchkey_domain::trigger::{Schedule, TriggerRule};
use latchkey_domain::workflow::Workflow;
use latchkey_store::{
    Besides, Fired, KeptTrigger, NewTrigger, NewVersion, StoreError, TriggerChange, WebhookAddress,
};

use crate::samples::{self, NOW, SOMEBODY, document};
use crate::world::{World, on_both};

const HOUR: i64 = 3_600_000;

fn hourly() -> TriggerRule {
    TriggerRule::Schedule(Schedule {
        cron: "0 * * * *".to_owned(),
        timezone: "UTC".to_owned(),
    })
}

fn schedule(world: &World, node: &str) -> NewTrigger {
    NewTrigger {
        id: TriggerId::new(samples::id()),
        workspace: world.workspace,
        node: NodeId::new(node),
        title: format!("title of {node}"),
        rule: hourly(),
        environment: samples::production(),
        address: None,
        next_at: Some(NOW.plus_millis(HOUR)),
    }
}

/// Only its address matters here, so that its rule may as well be a schedule's.
fn webhook(world: &World, node: &str, hash: &str) -> NewTrigger {
    NewTrigger {
        address: Some(WebhookAddress {
            hash: hash.to_owned(),
            sealed: hash.bytes().rev().collect(),
        }),
        next_at: None,
        ..schedule(world, node)
    }
}

async fn kept(world: &World, triggers: Vec<NewTrigger>) -> Workflow {
    let workflow = samples::workflow(world.workspace);
    let besides = Besides {
        settings: None,
        version: Some(version(triggers)),
    };
    let text = document("first");
    let kept = world.store.insert_workflow(&workflow, &text, besides);
    kept.await.unwrap()
}

fn version(triggers: Vec<NewTrigger>) -> NewVersion {
    NewVersion {
        document: document("text"),
        note: String::new(),
        author: SOMEBODY,
        at: NOW,
        triggers,
    }
}

async fn publish(world: &World, workflow: &Workflow, triggers: Vec<NewTrigger>) {
    let version = version(triggers);
    let published = world.store.publish(workflow.id, 1, version).await;
    published.unwrap();
}

async fn triggers(world: &World, workflow: &Workflow) -> Vec<KeptTrigger> {
    let found = world.store.triggers(world.workspace, workflow.id).await;
    found.unwrap()
}

#[tokio::test]
async fn a_trigger_keeps_its_id_and_address_over_versions() {
    on_both(async |world| {
        let workflow = kept(world, vec![webhook(world, "hook", "first")]).await;
        let before = triggers(world, &workflow).await.remove(0);
        assert_eq!(before.sealed.as_deref(), Some(&b"tsrif"[..]));
        publish(world, &workflow, vec![webhook(world, "hook", "second")]).await;
        let after = triggers(world, &workflow).await.remove(0);
        assert_eq!(after.trigger.id, before.trigger.id);
        assert_eq!((after.sealed, after.trigger.version), (before.sealed, 2));
        for (hash, is_known) in [("first", true), ("second", false)] {
            let found = world.store.trigger_by_address(hash).await.unwrap();
            assert_eq!(found.is_some(), is_known, "{hash}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_a_version_does_not_have_any_more_is_found_no_more_until_it_comes_back() {
    on_both(async |world| {
        let both = || vec![webhook(world, "hook", "known"), schedule(world, "tick")];
        let workflow = kept(world, both()).await;
        let before = triggers(world, &workflow).await;
        publish(world, &workflow, Vec::new()).await;
        assert_eq!(triggers(world, &workflow).await, []);
        let later = NOW.plus_millis(2 * HOUR);
        assert_eq!(world.store.due_triggers(later, 10).await, Ok(Vec::new()));
        assert_eq!(world.store.trigger_by_address("known").await, Ok(None));
        publish(world, &workflow, both()).await;
        let after = triggers(world, &workflow).await;
        let ids = |kept: &[KeptTrigger]| kept.iter().map(|one| one.trigger.id).collect::<Vec<_>>();
        assert_eq!(ids(&after), ids(&before));
        assert_eq!(world.store.due_triggers(later, 10).await.unwrap().len(), 1);
        let deleted = world
            .store
            .delete_workflow(world.workspace, workflow.id, NOW);
        assert_eq!(deleted.await, Ok(()));
        assert_eq!(world.store.trigger_by_address("known").await, Ok(None));
        assert_eq!(world.store.next_due().await, Ok(None));
    })
    .await;
}

#[tokio::test]
async fn of_many_who_serve_one_time_one_moves_it_on() {
    on_both(async |world| {
        let workflow = kept(world, vec![schedule(world, "tick")]).await;
        let due = NOW.plus_millis(HOUR);
        assert_eq!(world.store.due_triggers(NOW, 10).await, Ok(Vec::new()));
        assert_eq!(world.store.next_due().await, Ok(Some(due)));
        let found = world.store.due_triggers(due, 10).await.unwrap().remove(0);
        let fired = Fired {
            due,
            at: due.plus_millis(HOUR),
            next_at: Some(due.plus_millis(2 * HOUR)),
            missed: 1,
            error: Some("why".to_owned()),
        };
        let moved = join_all((0..5).map(|_| world.store.trigger_fired(found.id, &fired))).await;
        assert_eq!(moved.iter().filter(|moved| **moved == Ok(true)).count(), 1);
        let kept = triggers(world, &workflow).await.remove(0).trigger;
        assert_eq!(
            (kept.next_at, kept.fired_at),
            (fired.next_at, Some(fired.at))
        );
        assert_eq!((kept.missed, kept.last_error), (1, fired.error));
    })
    .await;
}

#[tokio::test]
async fn a_time_that_is_due_outlives_a_new_version_of_the_same_rule() {
    on_both(async |world| {
        let workflow = kept(world, vec![schedule(world, "tick")]).await;
        let later = |rule: TriggerRule| NewTrigger {
            rule,
            next_at: Some(NOW.plus_millis(5 * HOUR)),
            ..schedule(world, "tick")
        };
        let next = async || triggers(world, &workflow).await.remove(0).trigger.next_at;
        publish(world, &workflow, vec![later(hourly())]).await;
        assert_eq!(next().await, Some(NOW.plus_millis(HOUR)));
        let other = TriggerRule::Schedule(Schedule {
            cron: "30 * * * *".to_owned(),
            timezone: "UTC".to_owned(),
        });
        publish(world, &workflow, vec![later(other)]).await;
        assert_eq!(next().await, Some(NOW.plus_millis(5 * HOUR)));
    })
    .await;
}

#[tokio::test]
async fn a_schedule_that_is_switched_off_is_never_due() {
    on_both(async |world| {
        let workflow = kept(world, vec![schedule(world, "tick")]).await;
        let id = triggers(world, &workflow).await[0].trigger.id;
        let change = async |enabled, next_at: Option<Timestamp>| {
            let change = TriggerChange {
                enabled: Some((enabled, next_at)),
                environment: Some(Environment("staging".to_owned())),
            };
            let place = (world.workspace, workflow.id);
            let changed = world.store.change_trigger(place, id, change).await.unwrap();
            (changed.trigger.enabled, changed.trigger.next_at)
        };
        let (soon, late) = (NOW.plus_millis(1), NOW.plus_millis(9 * HOUR));
        assert_eq!(change(false, Some(soon)).await, (false, None));
        assert_eq!(world.store.due_triggers(late, 10).await, Ok(Vec::new()));
        // A new version does not switch it on.
        publish(world, &workflow, vec![schedule(world, "tick")]).await;
        let kept = triggers(world, &workflow).await.remove(0).trigger;
        assert_eq!((kept.enabled, kept.next_at), (false, None));
        assert_eq!(kept.environment.0, "staging");
        assert_eq!(change(true, Some(soon)).await, (true, Some(soon)));
    })
    .await;
}

#[tokio::test]
async fn a_strangers_triggers_are_not_there() {
    on_both(async |world| {
        let workflow = kept(world, vec![schedule(world, "tick")]).await;
        let id = triggers(world, &workflow).await[0].trigger.id;
        let neighbour = world.neighbour().await;
        let found = world.store.triggers(neighbour, workflow.id).await;
        assert_eq!(found, Ok(Vec::new()));
        let place = (neighbour, workflow.id);
        let change = TriggerChange::default();
        let changed = world.store.change_trigger(place, id, change).await;
        assert_eq!(changed, Err(StoreError::NotFound));
    })
    .await;
}

#[tokio::test]
async fn the_last_run_of_a_trigger_is_the_newest_of_a_published_version() {
    on_both(async |world| {
        let mut newest = None;
        for node in [Some("hook"), Some("hook"), Some("tick"), None] {
            let mut run = samples::run(world.workspace);
            run.trigger = node.map(NodeId::new);
            world.insert(&samples::new_run(&run)).await;
            world.finish(&run).await;
            let read = world.store.run(world.workspace, run.id).await.unwrap();
            assert_eq!(read.unwrap().trigger, run.trigger);
            if node == Some("hook") {
                newest = Some((run.id, run.created_at));
            }
        }
        let workflow = samples::run(world.workspace).workflow;
        let nodes = [NodeId::new("hook"), NodeId::new("never")];
        let last = world.store.last_runs(workflow, &nodes).await;
        assert_eq!(last, Ok(vec![newest, None]));
    })
    .await;
}
