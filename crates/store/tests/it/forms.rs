//! Forms: asked with the record that asks, answered once, timed out, found again after a crash.

use latchkey_domain::event::RunPaused;
use latchkey_domain::form::{FormAnswer, FormState};
use latchkey_domain::id::FormId;
use latchkey_domain::journal::{JournalEntry, JournalRecord};
use latchkey_domain::run::{Run, RunStatus, RunUsage};
use latchkey_domain::time::Timestamp;
use serde_json::Map;

use crate::samples::{self, NOW};
use crate::world::{World, on_both};

const DUE: Timestamp = NOW.plus_millis(60_000);

fn record(sequence: u64, epoch: u32, entry: JournalEntry) -> JournalRecord {
    JournalRecord {
        entry,
        ..samples::record(sequence, epoch)
    }
}

fn yes() -> FormAnswer {
    FormAnswer::Submitted {
        action: "yes".to_owned(),
        values: Map::new(),
    }
}

async fn append(world: &World, run: &Run, epoch: u32, records: &[JournalRecord]) {
    let (store, workspace) = (&world.store, run.workspace);
    let done = store.append(run.id, workspace, epoch, records, &[], None);
    done.await.unwrap();
}

/// A run that asks and is paused.
async fn asking(world: &World) -> (Run, FormId) {
    let run = world.running().await;
    let request = samples::form(&run, DUE);
    let form = request.form_id;
    let asked = JournalEntry::FormAsked {
        started_at: NOW,
        request: Box::new(request.clone()),
    };
    let paused = JournalEntry::Paused(RunPaused {
        forms: vec![request],
        outputs: Map::new(),
        usage: RunUsage::default(),
        steps: 2,
        exceptions: 1,
    });
    let records = [record(1, run.epoch, asked), record(2, run.epoch, paused)];
    append(world, &run, run.epoch, &records).await;
    (run, form)
}

#[tokio::test]
async fn a_form_is_there_with_the_record_that_asks_and_the_run_is_paused() {
    on_both(async |world| {
        let (run, id) = asking(world).await;
        let forms = world.store.forms(world.workspace, run.id).await.unwrap();
        assert_eq!(forms.len(), 1);
        assert_eq!(
            (forms[0].request.form_id, forms[0].state),
            (id, FormState::Open)
        );
        assert_eq!(forms[0].request, samples::form(&run, DUE));
        let row = world
            .store
            .run(world.workspace, run.id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (row.status, row.steps, row.exceptions),
            (RunStatus::Paused, 2, 1)
        );
        assert_eq!(row.finished_at, None);
        assert!(world.store.unfinished_runs().await.unwrap().is_empty());
        let neighbour = world.neighbour().await;
        assert!(
            world
                .store
                .forms(neighbour, run.id)
                .await
                .unwrap()
                .is_empty()
        );
    })
    .await;
}

#[tokio::test]
async fn a_run_that_waits_for_people_is_not_let_go_of() {
    on_both(async |world| {
        let (run, _) = asking(world).await;
        let store = &world.store;
        assert_eq!(store.park_run(run.id, run.epoch, NOW).await, Ok(false));
        let row = store.run(world.workspace, run.id).await.unwrap().unwrap();
        assert_eq!((row.status, row.epoch), (RunStatus::Paused, run.epoch));
    })
    .await;
}

#[tokio::test]
async fn the_first_answer_wins_and_takes_the_deadline_away() {
    on_both(async |world| {
        let (run, id) = asking(world).await;
        let store = &world.store;
        assert_eq!(store.next_deadline().await.unwrap(), Some(DUE));
        assert!(store.answer_form(run.id, id, &yes(), NOW).await.unwrap());
        let late = FormAnswer::TimedOut;
        assert!(!store.answer_form(run.id, id, &late, NOW).await.unwrap());
        let forms = store.forms(world.workspace, run.id).await.unwrap();
        assert_eq!(
            (&forms[0].answer, forms[0].state),
            (&Some(yes()), FormState::Answered)
        );
        assert_eq!(store.next_deadline().await.unwrap(), None);
        let other = world.running().await;
        assert!(!store.answer_form(other.id, id, &yes(), NOW).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_deadline_is_due_when_its_time_has_come() {
    on_both(async |world| {
        let (run, id) = asking(world).await;
        let store = &world.store;
        let before = DUE.plus_millis(-1);
        assert!(store.due_forms(before, 10).await.unwrap().is_empty());
        let due = store.due_forms(DUE, 10).await.unwrap();
        assert_eq!(due, [(id, run.id, world.workspace)]);
        let timed_out = FormAnswer::TimedOut;
        assert!(
            store
                .answer_form(run.id, id, &timed_out, DUE)
                .await
                .unwrap()
        );
        assert!(store.due_forms(DUE, 10).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn an_answer_is_found_again_until_the_journal_has_it() {
    on_both(async |world| {
        let (run, id) = asking(world).await;
        assert_eq!(world.store.queue_answered_runs(NOW).await, Ok(0));
        world
            .store
            .answer_form(run.id, id, &yes(), NOW)
            .await
            .unwrap();
        let world = world.reopened().await;
        let store = &world.store;
        assert_eq!(
            store.queue_answered_runs(NOW).await,
            Ok(0),
            "its answer has done that"
        );
        let row = store.run(world.workspace, run.id).await.unwrap().unwrap();
        assert_eq!(row.status, RunStatus::Queued);
        assert_eq!(
            store.unrecorded_answers(run.id).await.unwrap(),
            [(id, yes())]
        );
        let epoch = store.seize_run(run.id, None).await.unwrap().unwrap();
        let answered = JournalEntry::FormAnswered {
            execution_id: id.execution(),
            answer: yes(),
        };
        append(&world, &run, epoch, &[record(3, epoch, answered)]).await;
        assert!(store.unrecorded_answers(run.id).await.unwrap().is_empty());
        let row = store.run(world.workspace, run.id).await.unwrap().unwrap();
        assert_eq!(row.status, RunStatus::Running);
    })
    .await;
}

#[tokio::test]
async fn the_forms_of_a_run_that_is_over_are_closed() {
    on_both(async |world| {
        let (run, id) = asking(world).await;
        let end = samples::finished();
        let last = [samples::last_record(3, run.epoch, &end)];
        let store = &world.store;
        let ended = Some((&end, NOW));
        let done = store.append(run.id, run.workspace, run.epoch, &last, &[], ended);
        done.await.unwrap();
        let forms = store.forms(world.workspace, run.id).await.unwrap();
        assert_eq!(forms[0].state, FormState::Closed);
        assert!(!store.answer_form(run.id, id, &yes(), NOW).await.unwrap());
        assert!(store.due_forms(DUE, 10).await.unwrap().is_empty());
    })
    .await;
}
