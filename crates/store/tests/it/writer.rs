//! The batching writer: what is accepted, appended and ended, and what is not this writer's any more.

use futures::future::join_all;
use latchkey_domain::id::RunId;
use latchkey_domain::run::{Run, RunError, RunStatus};
use latchkey_store::{AppendError, Inserted, NewRun, StoreError};

use crate::samples::{self, NOW, node, record};
use crate::world::{World, on_both};

/// Appends one record with its node execution.
async fn append(world: &World, run: &Run, epoch: u32, sequence: u64) -> Result<(), AppendError> {
    let index = u32::try_from(sequence).unwrap();
    let (records, nodes) = ([record(sequence, epoch)], [node(run.id, index)]);
    world
        .store
        .append(run.id, run.workspace, epoch, &records, &nodes, None)
        .await
}

/// How many records and node executions a run has.
async fn left(world: &World, run: RunId) -> (usize, usize) {
    let records = world.store.journal(run).await.unwrap();
    let nodes = world.store.node_executions(world.workspace, run).await;
    (records.len(), nodes.unwrap().len())
}

#[tokio::test]
async fn records_and_node_executions_come_back_in_order() {
    on_both(async |world| {
        let run = world.running().await;
        let records = [3, 1, 2].map(|sequence| record(sequence, 1));
        let nodes = [2, 1].map(|index| node(run.id, index));
        let store = &world.store;
        store
            .append(run.id, world.workspace, 1, &records, &nodes, None)
            .await
            .unwrap();
        let found = store.journal(run.id).await.unwrap();
        assert_eq!(found, [1, 2, 3].map(|sequence| record(sequence, 1)));
        let found = store.node_executions(world.workspace, run.id).await;
        assert_eq!(found.unwrap(), [1, 2].map(|index| node(run.id, index)));
    })
    .await;
}

#[tokio::test]
async fn what_was_committed_unheard_is_not_written_again() {
    on_both(async |world| {
        let run = world.running().await;
        append(world, &run, 1, 1).await.unwrap();
        let (records, nodes) = ([record(1, 1)], [node(run.id, 1)]);
        let again = world
            .store
            .append_again(run.id, run.workspace, 1, &records, &nodes, None);
        assert_eq!(again.await, Ok(()));
        assert_eq!(left(world, run.id).await, (1, 1));
        let (records, nodes) = ([record(2, 1)], [node(run.id, 2)]);
        let lost = world
            .store
            .append_again(run.id, run.workspace, 1, &records, &nodes, None);
        assert_eq!(lost.await, Ok(()));
        assert_eq!(left(world, run.id).await, (2, 2));
    })
    .await;
}

#[tokio::test]
async fn an_end_that_was_committed_unheard_is_known() {
    on_both(async |world| {
        let run = world.running().await;
        world.finish(&run).await;
        let records = world.store.journal(run.id).await.unwrap();
        let store = &world.store;
        let again = store.append_again(run.id, run.workspace, 1, &records, &[], None);
        assert_eq!(again.await, Ok(()));
        let other = store.append_again(run.id, run.workspace, 2, &records, &[], None);
        assert_eq!(other.await, Err(AppendError::NotOurs));
    })
    .await;
}

#[tokio::test]
async fn more_records_than_a_statement_takes_are_appended() {
    on_both(async |world| {
        let run = world.running().await;
        let records: Vec<_> = (1..=10_000).map(|number| record(number, 1)).collect();
        world
            .store
            .append(run.id, world.workspace, 1, &records, &[], None)
            .await
            .unwrap();
        assert_eq!(left(world, run.id).await, (10_000, 0));
    })
    .await;
}

#[tokio::test]
async fn the_end_of_a_run_is_written_once() {
    on_both(async |world| {
        let run = world.running().await;
        world.finish(&run).await;
        let mut second = samples::finished();
        second.status = RunStatus::Failed;
        second.error = Some(RunError {
            code: "node_failed".to_owned(),
            message: "too late".to_owned(),
            public_code: None,
            paid_by: None,
            node_id: None,
        });
        let records = [samples::last_record(2, 1, &second)];
        let end = Some((&second, NOW));
        let again = world
            .store
            .append(run.id, world.workspace, 1, &records, &[], end);
        assert_eq!(again.await, Err(AppendError::NotOurs));
        let expected = Run {
            status: RunStatus::Succeeded,
            outputs: Some(samples::finished().outputs),
            steps: 2,
            exceptions: 1,
            finished_at: Some(NOW),
            ..run.clone()
        };
        let found = world.store.run(world.workspace, run.id).await;
        assert_eq!(found.unwrap(), Some(expected));
        assert_eq!(left(world, run.id).await, (1, 0));
    })
    .await;
}

#[tokio::test]
async fn of_two_ends_at_once_the_first_is_written() {
    on_both(async |world| {
        let run = world.running().await;
        let records = [1, 2].map(|sequence| [record(sequence, 1)]);
        let mut ends = [samples::finished(), samples::finished()];
        ends[1].status = RunStatus::Stopped;
        let end = |at: usize| {
            let end = Some((&ends[at], NOW));
            let store = &world.store;
            store.append(run.id, world.workspace, 1, &records[at], &[], end)
        };
        let answers = futures::join!(end(0), end(1));
        assert_eq!(answers, (Ok(()), Err(AppendError::NotOurs)));
        let found = world.store.run(world.workspace, run.id).await.unwrap();
        assert_eq!(found.unwrap().status, RunStatus::Succeeded);
        assert_eq!(left(world, run.id).await, (1, 0));
    })
    .await;
}

#[tokio::test]
async fn a_run_may_be_accepted_and_ended_in_one_transaction() {
    on_both(async |world| {
        let run = samples::run(world.workspace);
        // Nothing lets the writer begin before both are handed over.
        let pending = world.store.insert_run(&samples::new_run(&run)).await;
        world.finish(&run).await;
        let inserted = pending.unwrap().committed().await;
        assert_eq!(inserted, Ok(Inserted::New));
        let found = world.store.run(world.workspace, run.id).await.unwrap();
        let found = found.unwrap();
        assert_eq!(found.status, RunStatus::Succeeded);
        assert_eq!(found.finished_at, Some(NOW));
        assert_eq!(left(world, run.id).await, (1, 0));
    })
    .await;
}

#[tokio::test]
async fn an_old_epoch_appends_nothing() {
    on_both(async |world| {
        let run = world.running().await;
        append(world, &run, 1, 1).await.unwrap();
        assert_eq!(world.store.seize_run(run.id, None).await, Ok(Some(2)));
        let late = append(world, &run, 1, 2).await;
        assert_eq!(late, Err(AppendError::NotOurs));
        let early = append(world, &run, 3, 2).await;
        assert_eq!(early, Err(AppendError::NotOurs));
        assert_eq!(left(world, run.id).await, (1, 1));
        append(world, &run, 2, 2).await.unwrap();
        assert_eq!(left(world, run.id).await, (2, 2));
        let found = world.store.run(world.workspace, run.id).await.unwrap();
        assert_eq!(found.unwrap().epoch, 2);
    })
    .await;
}

#[tokio::test]
async fn a_seizure_holds_for_what_shares_its_transaction() {
    on_both(async |world| {
        let run = world.running().await;
        let store = &world.store;
        let (first, epoch, late, ours) = futures::join!(
            append(world, &run, 1, 1),
            store.seize_run(run.id, None),
            append(world, &run, 1, 2),
            append(world, &run, 2, 2),
        );
        assert_eq!((first, epoch, ours), (Ok(()), Ok(Some(2)), Ok(())));
        assert_eq!(late, Err(AppendError::NotOurs));
        assert_eq!(left(world, run.id).await, (2, 2));
    })
    .await;
}

#[tokio::test]
async fn a_run_that_is_over_takes_nothing_more() {
    on_both(async |world| {
        let run = world.running().await;
        world.finish(&run).await;
        let late = append(world, &run, 1, 2).await;
        assert_eq!(late, Err(AppendError::NotOurs));
        assert_eq!(world.store.seize_run(run.id, None).await, Ok(None));
        assert_eq!(left(world, run.id).await, (1, 0));
    })
    .await;
}

#[tokio::test]
async fn a_run_that_was_never_accepted_takes_nothing() {
    on_both(async |world| {
        let run = samples::run(world.workspace);
        let answer = append(world, &run, 1, 1).await;
        assert_eq!(answer, Err(AppendError::NotOurs));
        assert_eq!(world.store.seize_run(run.id, None).await, Ok(None));
        assert_eq!(left(world, run.id).await, (0, 0));
    })
    .await;
}

#[tokio::test]
async fn one_run_that_cannot_be_written_harms_no_other() {
    on_both(async |world| {
        let mut runs = [(); 20].map(|()| samples::run(world.workspace));
        runs[7].workspace = samples::workspace("nowhere").id;
        let mut pending = Vec::new();
        for run in &runs {
            let new = NewRun {
                document: Some(samples::document("draft")),
                ..samples::new_run(run)
            };
            pending.push(world.store.insert_run(&new).await.unwrap());
        }
        let mut answers = Vec::new();
        for one in pending {
            answers.push(one.committed().await);
        }
        let bad = answers.remove(7);
        assert_eq!(bad, Err(StoreError::NotFound));
        assert!(answers.iter().all(|one| *one == Ok(Inserted::New)));
        assert_eq!(world.store.unfinished_runs().await.unwrap().len(), 19);
        assert_eq!(world.store.run_document(runs[7].id).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn one_record_that_is_there_already_harms_no_other() {
    on_both(async |world| {
        let (one, two) = (world.running().await, world.running().await);
        append(world, &one, 1, 1).await.unwrap();
        let answers = futures::join!(
            append(world, &two, 1, 1),
            append(world, &one, 1, 1),
            append(world, &one, 1, 2),
            append(world, &two, 1, 2),
        );
        let taken = Err(AppendError::Store(StoreError::Taken));
        assert_eq!(answers, (Ok(()), taken, Ok(()), Ok(())));
        assert_eq!(left(world, one.id).await, (2, 2));
        assert_eq!(left(world, two.id).await, (2, 2));
    })
    .await;
}

#[tokio::test]
async fn more_runs_than_a_batch_takes_are_all_written() {
    on_both(async |world| {
        let work = (0..1200).map(async |_: u32| {
            let run = world.running().await;
            append(world, &run, 1, 1).await.unwrap();
            world.store.journal(run.id).await.unwrap().len()
        });
        let lengths = join_all(work).await;
        assert!(lengths.iter().all(|length| *length == 1));
    })
    .await;
}

#[tokio::test]
async fn what_was_handed_over_before_the_end_is_written() {
    on_both(async |world| {
        let run = samples::run(world.workspace);
        let pending = world.store.insert_run(&samples::new_run(&run)).await;
        let again = world.reopened().await;
        let committed = pending.unwrap().committed().await;
        assert_eq!(committed, Ok(Inserted::New));
        let found = again.store.run(again.workspace, run.id).await;
        assert_eq!(found.unwrap(), Some(run));
        again.store.close().await;
    })
    .await;
}
