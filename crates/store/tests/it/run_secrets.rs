//! Values that runs state: found by their run and workspace, gone with the run, and when their time is up.

use latchkey_domain::id::RunId;
use latchkey_domain::time::Timestamp;
use latchkey_store::RunSecret;

use crate::samples::{self, NOW};
use crate::world::{World, on_both};

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

fn later(millis: i64) -> Timestamp {
    NOW.plus_millis(millis)
}

async fn kept(world: &World, run: RunId) -> RunSecret {
    let secret = RunSecret {
        run,
        workspace: world.workspace,
        run_key: b"wrapped".to_vec(),
        sealed: b"sealed".to_vec(),
        created_at: NOW,
        ends_at: later(DAY),
    };
    world.store.insert_run_secret(&secret).await.unwrap();
    secret
}

/// Which of these runs still have their values.
async fn left(world: &World, runs: &[RunId]) -> Vec<bool> {
    let mut left = Vec::new();
    for run in runs {
        let found = world.store.run_secret(world.workspace, *run, NOW).await;
        left.push(found.unwrap().is_some());
    }
    left
}

#[tokio::test]
async fn values_are_found_by_their_run_until_they_end() {
    on_both(async |world| {
        let run = RunId::new(samples::id());
        let secret = kept(world, run).await;
        let store = &world.store;
        let found = store.run_secret(world.workspace, run, later(DAY - 1)).await;
        assert_eq!(found, Ok(Some(secret)));
        let over = store.run_secret(world.workspace, run, later(DAY)).await;
        assert_eq!(over, Ok(None));
        let neighbour = world.neighbour().await;
        assert_eq!(store.run_secret(neighbour, run, NOW).await, Ok(None));
        store.delete_run_secret(run).await.unwrap();
        store.delete_run_secret(run).await.unwrap();
        assert_eq!(left(world, &[run]).await, [false]);
    })
    .await;
}

#[tokio::test]
async fn what_has_ended_is_swept_and_nothing_else() {
    on_both(async |world| {
        let (going, over) = (world.running().await, world.running().await);
        let (starting, never) = (RunId::new(samples::id()), RunId::new(samples::id()));
        let runs = [going.id, over.id, starting, never];
        for run in runs {
            kept(world, run).await;
        }
        world.finish(&over).await;
        let store = &world.store;
        let swept = store.delete_ended_run_secrets(later(MINUTE)).await;
        assert_eq!(swept, Ok(1), "the run that is over");
        assert_eq!(left(world, &runs).await, [true, false, true, true]);
        let begun = samples::run(world.workspace);
        let begun = latchkey_domain::run::Run {
            id: starting,
            ..begun
        };
        world.insert(&samples::new_run(&begun)).await;
        let swept = store.delete_ended_run_secrets(later(11 * MINUTE)).await;
        assert_eq!(swept, Ok(1), "the start that has not come to a run");
        assert_eq!(left(world, &runs).await, [true, false, true, false]);
        let swept = store.delete_ended_run_secrets(later(DAY)).await;
        assert_eq!(swept, Ok(2), "those whose time is up");
    })
    .await;
}
