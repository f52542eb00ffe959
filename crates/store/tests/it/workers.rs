//! Who executes a run: taken up once, by somebody alive, fairly; let go of; given up when everybody dies of it.

use latchkey_domain::id::{NodeExecutionId, WorkerId};
use latchkey_domain::journal::{JournalEntry, JournalRecord};
use latchkey_domain::ledger::CallOutcome;
use latchkey_domain::run::{Run, RunStatus};
use latchkey_store::{
    AppendError, CallFilter, Claimed, MOST_CLAIMS, NewRun, Page, Place, Store, ToolCaller,
};

use crate::samples::{self, NOW, id};
use crate::world::{World, on_both};

async fn worker(store: &Store) -> WorkerId {
    let worker = WorkerId::new(id());
    store.beat(worker, "one").await.unwrap();
    worker
}

fn waiting(world: &World) -> Run {
    Run {
        status: RunStatus::Queued,
        started_at: None,
        ..samples::run(world.workspace)
    }
}

async fn queued(world: &World) -> Run {
    let run = waiting(world);
    let new = NewRun {
        place: Place::Queue,
        records: vec![samples::record(1, 1)],
        ..NewRun::of(run.clone())
    };
    world.insert(&new).await;
    run
}

async fn here(world: &World, worker: WorkerId) -> Run {
    let run = samples::run(world.workspace);
    let new = NewRun {
        place: Place::Here(worker),
        ..NewRun::of(run.clone())
    };
    world.insert(&new).await;
    run
}

fn taken_over(sequence: u64, epoch: u32) -> JournalRecord {
    JournalRecord {
        entry: JournalEntry::TakenOver,
        ..samples::record(sequence, epoch)
    }
}

async fn append(
    world: &World,
    run: &Run,
    epoch: u32,
    record: JournalRecord,
) -> Result<(), AppendError> {
    world
        .store
        .append(run.id, run.workspace, epoch, &[record], &[], None)
        .await
}

#[tokio::test]
async fn a_run_that_waits_is_taken_up_once() {
    on_both(async |world| {
        let (store, run) = (&world.store, queued(world).await);
        let [one, two] = [worker(store).await, worker(store).await];
        let (first, second) = futures::join!(
            store.claim_run(run.id, one, NOW),
            store.claim_run(run.id, two, NOW)
        );
        let answers = [first.unwrap(), second.unwrap()];
        assert!(answers.contains(&Claimed::Taken(2)), "{answers:?}");
        assert!(answers.contains(&Claimed::NotFree), "{answers:?}");
        let known = store.run(world.workspace, run.id).await.unwrap().unwrap();
        assert_eq!(
            (known.status, known.epoch, known.started_at),
            (RunStatus::Running, 2, Some(NOW))
        );
        assert_eq!(store.journal(run.id).await.unwrap().len(), 1);
        assert_eq!(
            append(world, &run, 1, samples::record(2, 1)).await,
            Err(AppendError::NotOurs)
        );
    })
    .await;
}

#[tokio::test]
async fn only_the_runs_of_the_dead_are_taken_over_and_their_open_calls_are_lost() {
    on_both(async |world| {
        let store = &world.store;
        let [one, two] = [worker(store).await, worker(store).await];
        let run = here(world, one).await;
        let credential = world.credential("acme").await;
        let call = samples::paid_call(&run, credential);
        store.open_call(&call).await.unwrap().unwrap();
        assert_eq!(
            store.claim_run(run.id, two, NOW).await,
            Ok(Claimed::NotFree)
        );
        assert!(store.waiting_runs(10, &[]).await.unwrap().is_empty());
        store.leave(one).await.unwrap();
        let found = store.waiting_runs(10, &[]).await.unwrap();
        assert_eq!(
            (found.len(), found[0].run, found[0].is_orphaned),
            (1, run.id, true)
        );
        assert!(
            store
                .waiting_runs(10, &[run.workflow])
                .await
                .unwrap()
                .is_empty()
        );
        assert_eq!(
            store.claim_run(run.id, two, NOW).await,
            Ok(Claimed::Taken(2))
        );
        let every = CallFilter::default();
        let calls = store.model_calls(world.workspace, &every, Page::first(9));
        let row = calls.await.unwrap().rows.remove(0);
        assert_eq!(row.end.unwrap().outcome, CallOutcome::Lost);
        let late = samples::paid_call(&run, credential);
        assert!(
            store.open_call(&late).await.unwrap().is_err(),
            "the epoch is over"
        );
    })
    .await;
}

#[tokio::test]
async fn calls_of_the_dead_are_not_under_way_any_more() {
    on_both(async |world| {
        let store = &world.store;
        let [one, two] = [worker(store).await, worker(store).await];
        let [dead, alive] = [here(world, one).await, here(world, two).await];
        let mut credential = samples::credential(world.workspace, "acme");
        credential.limits.concurrent_calls = Some(1);
        let values = samples::sealed("first");
        store
            .insert_credential(&credential, &values, false)
            .await
            .unwrap();
        let call = |run| samples::paid_call(run, credential.id);
        store.open_call(&call(&dead)).await.unwrap().unwrap();
        assert!(
            store.open_call(&call(&alive)).await.unwrap().is_err(),
            "one at a time"
        );
        store.leave(one).await.unwrap();
        store.open_call(&call(&alive)).await.unwrap().unwrap();
    })
    .await;
}

#[tokio::test]
async fn whoever_is_alone_forgets_all_others() {
    on_both(async |world| {
        let store = &world.store;
        let dead = worker(store).await;
        let run = here(world, dead).await;
        let alone = WorkerId::new(id());
        store.beat(alone, "alone").await.unwrap();
        store.forget_others(alone).await.unwrap();
        let workers = store.workers().await.unwrap();
        assert_eq!(
            (workers.len(), workers[0].id, workers[0].is_alive),
            (1, alone, true)
        );
        assert_eq!(
            store.claim_run(run.id, alone, NOW).await,
            Ok(Claimed::Taken(2))
        );
    })
    .await;
}

#[tokio::test]
async fn a_run_that_everybody_dies_of_is_given_up() {
    on_both(async |world| {
        let (store, run) = (&world.store, queued(world).await);
        let mut epoch = 1;
        let claim = async || {
            let one = worker(store).await;
            let claimed = store.claim_run(run.id, one, NOW).await.unwrap();
            store.leave(one).await.unwrap();
            claimed
        };
        for sequence in 2..=3 {
            // A record that tells of the taking over alone is no progress; any other is.
            for round in 0..MOST_CLAIMS {
                epoch += 1;
                assert_eq!(claim().await, Claimed::Taken(epoch), "{round}");
            }
            if sequence == 2 {
                append(world, &run, epoch, taken_over(2, epoch))
                    .await
                    .unwrap();
                append(world, &run, epoch, samples::record(3, epoch))
                    .await
                    .unwrap();
            }
        }
        append(world, &run, epoch, taken_over(4, epoch))
            .await
            .unwrap();
        assert_eq!(claim().await, Claimed::Poisoned(epoch + 1));
    })
    .await;
}

#[tokio::test]
async fn a_run_that_is_let_go_of_waits_and_counts_as_new() {
    on_both(async |world| {
        let store = &world.store;
        let one = worker(store).await;
        let run = here(world, one).await;
        assert_eq!(store.park_run(run.id, 1, NOW).await, Ok(true));
        assert_eq!(store.park_run(run.id, 1, NOW).await, Ok(false));
        let known = store.run(world.workspace, run.id).await.unwrap().unwrap();
        assert_eq!((known.status, known.epoch), (RunStatus::Queued, 2));
        assert!(
            store
                .queued_before(NOW.plus_millis(1), 9)
                .await
                .unwrap()
                .is_empty()
        );
        assert_eq!(
            store.claim_run(run.id, one, NOW).await,
            Ok(Claimed::Taken(3))
        );
        assert_eq!(store.seize_run(run.id, Some(1)).await, Ok(None));
    })
    .await;
}

#[tokio::test]
async fn whoever_has_a_run_does_not_take_it_up_again_because_its_heart_beats_late() {
    on_both(async |world| {
        let store = &world.store;
        let [late, other] = [worker(store).await, worker(store).await];
        let run = here(world, late).await;
        store.leave(late).await.unwrap();
        assert_eq!(
            store.claim_run(run.id, late, NOW).await,
            Ok(Claimed::NotFree)
        );
        assert_eq!(
            store.claim_run(run.id, other, NOW).await,
            Ok(Claimed::Taken(2))
        );
    })
    .await;
}

#[tokio::test]
async fn a_run_that_was_seized_and_not_ended_is_found_by_others() {
    on_both(async |world| {
        let store = &world.store;
        let [one, other] = [worker(store).await, worker(store).await];
        let run = here(world, one).await;
        assert_eq!(store.seize_run(run.id, Some(1)).await, Ok(Some(2)));
        let found = store.waiting_runs(9, &[]).await.unwrap();
        assert_eq!(found.iter().map(|it| it.run).collect::<Vec<_>>(), [run.id]);
        assert_eq!(
            store.claim_run(run.id, other, NOW).await,
            Ok(Claimed::Taken(3))
        );
    })
    .await;
}

#[tokio::test]
async fn workspaces_take_turns_and_those_with_fewer_runs_at_work_come_first() {
    on_both(async |world| {
        let store = &world.store;
        let theirs = World {
            store: store.clone(),
            workspace: world.neighbour().await,
            options: world.options.clone(),
        };
        let one = worker(store).await;
        here(world, one).await;
        let mut ours = Vec::new();
        for _ in 0..3 {
            ours.push(queued(world).await.id);
        }
        let others = [queued(&theirs).await.id, queued(&theirs).await.id];
        let found = store.waiting_runs(4, &[]).await.unwrap();
        let order: Vec<_> = found.iter().map(|one| one.run).collect();
        assert_eq!(order, [others[0], ours[0], others[1], ours[1]]);
        let state = store.queue_state(NOW.plus_millis(500)).await.unwrap();
        assert_eq!((state.queued, state.running, state.workers), (5, 1, 1));
        let waited = store.queued_before(NOW.plus_millis(1), 9).await.unwrap();
        assert_eq!(waited.len(), 5);
        let elsewhere = store.active_elsewhere(WorkerId::new(id())).await.unwrap();
        let sum = |count: fn(&latchkey_store::ActiveRuns) -> u64| -> u64 {
            elsewhere.iter().map(count).sum()
        };
        assert_eq!((sum(|it| it.running), sum(|it| it.queued)), (1, 5));
    })
    .await;
}

#[tokio::test]
async fn the_tools_of_an_attempt_are_found_and_wait_for_nobody_else() {
    on_both(async |world| {
        let store = &world.store;
        let one = worker(store).await;
        let around = here(world, one).await;
        let caller = ToolCaller {
            execution: NodeExecutionId::nth(around.id, 3),
            attempt: 1,
        };
        let tool = Run {
            parent: Some(around.id),
            ..samples::run(world.workspace)
        };
        let new = NewRun {
            place: Place::Here(one),
            called_by: Some(caller),
            ..NewRun::of(tool.clone())
        };
        world.insert(&new).await;
        let found = store
            .tools_of(world.workspace, around.id, &caller)
            .await
            .unwrap();
        assert_eq!(found, std::slice::from_ref(&tool));
        let again = ToolCaller {
            attempt: 2,
            ..caller
        };
        assert!(
            store
                .tools_of(world.workspace, around.id, &again)
                .await
                .unwrap()
                .is_empty()
        );
        let theirs = world.neighbour().await;
        assert!(
            store
                .tools_of(theirs, around.id, &caller)
                .await
                .unwrap()
                .is_empty()
        );
        store.leave(one).await.unwrap();
        let found = store.waiting_runs(9, &[]).await.unwrap();
        assert_eq!(
            found.iter().map(|it| it.run).collect::<Vec<_>>(),
            [around.id]
        );
        let later = NOW.plus_millis(60_000);
        assert!(store.abandoned_tools(later).await.unwrap().is_empty());
        assert_eq!(
            store.unfinished_tools(around.id).await.unwrap(),
            [(tool.id, world.workspace)]
        );
        world.finish(&around).await;
        assert!(store.abandoned_tools(NOW).await.unwrap().is_empty());
        assert_eq!(
            store.abandoned_tools(later).await.unwrap(),
            [(tool.id, world.workspace, 1)]
        );
    })
    .await;
}
