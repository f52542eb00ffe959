//! What is removed when it is old: only what is over, with everything that is its own, and nothing that others need.

use latchkey_domain::file::StoredFile;
use latchkey_domain::id::{FileId, RunId};
use latchkey_domain::run::{NodeExecution, Run};
use latchkey_domain::time::Timestamp;
use latchkey_domain::value::FileType;
use latchkey_store::{Blobs, Part, Store};
use serde_json::json;
use uuid::Uuid;

use crate::samples::{self, NOW, SOMEBODY, node, object, record};
use crate::world::{World, on_both};

/// After everything that a test makes.
const LATER: Timestamp = NOW.plus_millis(365 * 24 * 60 * 60 * 1000);

/// A run that is over, with a record and a node execution that are large, the latter like its outputs.
async fn ended(store: &Store, world: &World) -> Run {
    let run = samples::run(world.workspace);
    let pending = store.insert_run(&samples::new_run(&run)).await.unwrap();
    pending.committed().await.unwrap();
    let large = NodeExecution {
        outputs: Some(json!({"text": "o".repeat(70_000)})),
        ..node(run.id, 1)
    };
    let mut end = samples::finished();
    end.outputs = object(json!({"text": "e".repeat(70_000)}));
    let records = [samples::last_record(1, run.epoch, &end)];
    store
        .append(
            run.id,
            run.workspace,
            1,
            &records,
            &[large],
            Some((&end, NOW)),
        )
        .await
        .unwrap();
    run
}

fn with_folder(world: &World) -> (Store, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::in_directory(folder.path()).unwrap();
    (world.store.clone().with_blobs(blobs), folder)
}

async fn old_runs(store: &Store) -> Vec<RunId> {
    let found = store.runs_ended_before(LATER, None, 10).await.unwrap();
    found.into_iter().map(|(run, _)| run).collect()
}

#[tokio::test]
async fn old_runs_that_are_over_go_with_all_that_is_theirs() {
    on_both(async |world| {
        let (store, folder) = with_folder(world);
        let running = world.running().await;
        let [first, second] = [ended(&store, world).await, ended(&store, world).await];
        assert_eq!(store.runs_ended_before(NOW, None, 10).await.unwrap(), []);
        assert_eq!(old_runs(&store).await, [first.id, second.id]);
        let page = store.runs_ended_before(LATER, Some(first.id), 10);
        assert_eq!(page.await.unwrap(), [(second.id, world.workspace)]);
        store
            .delete_runs(&[(first.id, world.workspace)])
            .await
            .unwrap();
        assert_eq!(old_runs(&store).await, [second.id]);
        assert_eq!(store.run(world.workspace, first.id).await.unwrap(), None);
        assert_eq!(store.journal(first.id).await.unwrap(), []);
        let nodes = store.node_executions(world.workspace, first.id);
        assert_eq!(nodes.await.unwrap(), []);
        let left = folder.path().join(world.workspace.to_string()).join("runs");
        assert_eq!(std::fs::read_dir(left).unwrap().count(), 1);
        let kept = store.run(world.workspace, second.id).await.unwrap();
        assert!(kept.is_some());
        let kept = store.run(world.workspace, running.id).await.unwrap();
        assert!(kept.is_some());
    })
    .await;
}

#[tokio::test]
async fn a_part_goes_alone_and_takes_no_value_that_another_part_names() {
    on_both(async |world| {
        let (store, folder) = with_folder(world);
        let running = world.running().await;
        let records = [record(1, 1)];
        let append = store.append(running.id, world.workspace, 1, &records, &[], None);
        append.await.unwrap();
        let run = ended(&store, world).await;
        let runs = [(run.id, world.workspace)];
        for part in [Part::Events, Part::Nodes] {
            let found = store.runs_with(part, LATER, None, 10).await.unwrap();
            assert_eq!(found, runs, "{part:?}");
            store.delete_part(part, &found).await.unwrap();
            let found = store.runs_with(part, LATER, None, 10).await.unwrap();
            assert_eq!(found, [], "{part:?}");
            let kept = store.run(world.workspace, run.id).await.unwrap().unwrap();
            assert!(kept.outputs.unwrap().contains_key("text"));
        }
        assert_eq!(store.journal(run.id).await.unwrap(), []);
        assert_eq!(store.journal(running.id).await.unwrap(), records);
        let left = folder.path().join(world.workspace.to_string()).join("runs");
        let left = left.join(run.id.to_string());
        // The outputs of the run itself.
        assert_eq!(std::fs::read_dir(left).unwrap().count(), 1);
    })
    .await;
}

#[tokio::test]
async fn old_files_and_closed_calls_are_found() {
    on_both(async |world| {
        let store = &world.store;
        let file = StoredFile {
            id: FileId::new(samples::id()),
            workspace: world.workspace,
            workflow: None,
            name: "a.txt".to_owned(),
            extension: ".txt".to_owned(),
            mime_type: "text/plain".to_owned(),
            size: 1,
            file_type: FileType::Document,
            created_by: SOMEBODY,
            end_user: None,
            run: None,
            created_at: NOW,
            checksum: String::new(),
        };
        store.insert_file(&file).await.unwrap();
        assert_eq!(store.files_made_before(NOW, 5).await.unwrap(), []);
        let found = store.files_made_before(LATER, 5).await.unwrap();
        assert_eq!(found, [(file.id, world.workspace)]);
        assert_eq!(store.delete_calls_before(LATER, 5).await, Ok(0));
    })
    .await;
}

#[tokio::test]
async fn names_of_starts_that_hold_no_more_are_swept() {
    on_both(async |world| {
        let run = samples::run(world.workspace);
        let mut new = samples::new_run(&run);
        new.key = Some(latchkey_store::IdempotencyKey {
            workspace: world.workspace,
            caller: SOMEBODY,
            workflow: run.workflow,
            name: "once".to_owned(),
            body_hash: "hash".to_owned(),
        });
        world.insert(&new).await;
        assert_eq!(world.store.sweep(NOW).await, Ok(0));
        assert_eq!(world.store.sweep(LATER).await, Ok(1));
    })
    .await;
}

#[tokio::test]
async fn a_duty_is_one_holders_until_its_term_is_over() {
    on_both(async |world| {
        let store = &world.store;
        let [first, second] = [Uuid::now_v7(), Uuid::now_v7()];
        let after = |millis| NOW.plus_millis(millis);
        assert_eq!(store.take_duty("d", first, NOW, after(100)).await, Ok(true));
        let refused = store.take_duty("d", second, after(100), after(200));
        assert_eq!(refused.await, Ok(false));
        let kept = store.take_duty("d", first, after(100), after(200));
        assert_eq!(kept.await, Ok(true));
        let other = store.take_duty("e", second, NOW, after(100));
        assert_eq!(other.await, Ok(true));
        let taken = store.take_duty("d", second, after(201), after(300));
        assert_eq!(taken.await, Ok(true));
        let lost = store.take_duty("d", first, after(202), after(300));
        assert_eq!(lost.await, Ok(false));
        // Only whoever has it can leave it.
        store.leave_duty("d", first).await.unwrap();
        let lost = store.take_duty("d", first, after(202), after(300));
        assert_eq!(lost.await, Ok(false));
        store.leave_duty("d", second).await.unwrap();
        let free = store.take_duty("d", first, after(202), after(300));
        assert_eq!(free.await, Ok(true));
    })
    .await;
}
