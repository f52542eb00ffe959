//! Large values of runs: they lie in the file store, in a folder or in a bucket, and are read back as if they did not.

use bytes::Bytes;
use latchkey_domain::id::{FileId, WorkspaceId};
use latchkey_domain::run::NodeExecution;
use latchkey_secrets::Secret;
use latchkey_store::{BlobError, Blobs, Bucket, BucketKey, Page, RunFilter, Store, StoreError};
use latchkey_tests::bucket::{BucketServer, KEY_ID};
use serde_json::json;

use crate::samples::{self, NOW, node, object};
use crate::world::on_both;

/// More than may stay in a row.
fn long(of: char) -> String {
    of.to_string().repeat(70_000)
}

fn bucket(server: &BucketServer) -> Bucket {
    Bucket {
        name: "acme".to_owned(),
        prefix: "latchkey".to_owned(),
        region: None,
        endpoint: Some(server.endpoint()),
        key: Some(BucketKey {
            id: KEY_ID.to_owned(),
            secret: Secret::from("test-key-bucket"),
        }),
    }
}

fn names(folder: &std::path::Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return 0;
    };
    let sizes = entries.map(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() { names(&path) } else { 1 }
    });
    sizes.sum()
}

/// Runs a whole run with large values through a store; it reads back what it wrote.
async fn everything_is_read_back(
    store: &Store,
    workspace: WorkspaceId,
) -> latchkey_domain::id::RunId {
    let mut run = samples::run(workspace);
    run.inputs = object(json!({"text": long('i')}));
    let pending = store.insert_run(&samples::new_run(&run)).await.unwrap();
    pending.committed().await.unwrap();
    let large = NodeExecution {
        outputs: Some(json!({"text": long('o')})),
        ..node(run.id, 1)
    };
    let nodes = [large, node(run.id, 2)];
    let mut end = samples::finished();
    end.outputs = object(json!({"text": long('e'), "small": 1}));
    let records = [samples::last_record(1, run.epoch, &end)];
    store
        .append(
            run.id,
            workspace,
            run.epoch,
            &records,
            &nodes,
            Some((&end, NOW)),
        )
        .await
        .unwrap();
    assert_eq!(store.journal(run.id).await.unwrap(), records);
    let executions = store.node_executions(workspace, run.id).await.unwrap();
    assert_eq!(executions, nodes);
    let read = store.run(workspace, run.id).await.unwrap().unwrap();
    assert_eq!(read.inputs, run.inputs);
    assert_eq!(read.outputs, Some(end.outputs.clone()));
    let all = RunFilter::default();
    let listed = store.runs(workspace, &all, Page::first(5)).await;
    let listed = listed.unwrap().rows;
    assert!(listed.contains(&read));
    run.id
}

#[tokio::test]
async fn what_is_too_long_for_a_row_lies_in_a_folder_and_goes_with_its_run() {
    on_both(async |world| {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::in_directory(folder.path()).unwrap();
        let store = world.store.clone().with_blobs(blobs);
        let run = everything_is_read_back(&store, world.workspace).await;
        // Inputs, one node execution, the record and the outputs.
        assert_eq!(names(folder.path()), 4);
        // Whoever has no file store is told, instead of being told something wrong.
        assert!(world.store.journal(run).await.is_err());
        store
            .delete_large_values(world.workspace, run)
            .await
            .unwrap();
        assert_eq!(names(folder.path()), 0);
        store
            .delete_large_values(world.workspace, run)
            .await
            .unwrap();
        // A run that is being removed is not there, and harms no list.
        assert_eq!(store.journal(run).await, Err(StoreError::NotFound));
        assert_eq!(store.run(world.workspace, run).await, Ok(None));
        let all = RunFilter::default();
        let listed = store.runs(world.workspace, &all, Page::first(5)).await;
        assert_eq!(listed.unwrap().rows, []);
    })
    .await;
}

#[tokio::test]
async fn small_values_stay_in_their_rows() {
    on_both(async |world| {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::in_directory(folder.path()).unwrap();
        let store = world.store.clone().with_blobs(blobs);
        let mut run = samples::run(world.workspace);
        run.inputs = object(json!({"text": "x".repeat(60_000)}));
        let pending = store.insert_run(&samples::new_run(&run)).await.unwrap();
        pending.committed().await.unwrap();
        assert_eq!(names(folder.path()), 0);
        let read = world.store.run(world.workspace, run.id).await.unwrap();
        assert_eq!(read.unwrap().inputs, run.inputs);
    })
    .await;
}

#[tokio::test]
async fn a_bucket_keeps_files_and_large_values() {
    let server = BucketServer::start();
    let blobs = Blobs::in_bucket(&bucket(&server)).unwrap();
    on_both(async |world| {
        let store = world.store.clone().with_blobs(blobs.clone());
        let run = everything_is_read_back(&store, world.workspace).await;
        assert_eq!(server.names().len(), 4);
        store
            .delete_large_values(world.workspace, run)
            .await
            .unwrap();
        assert_eq!(server.names(), Vec::<String>::new());
    })
    .await;
    let (workspace, id) = (WorkspaceId::new(samples::id()), FileId::new(samples::id()));
    let mut writer = blobs.write(workspace, id, 30 << 20).await.unwrap();
    let piece = Bytes::from(vec![b'x'; 1 << 20]);
    for _ in 0..20 {
        writer.push(piece.clone()).await.unwrap();
    }
    assert_eq!(writer.finish().await.unwrap().size, 20 << 20);
    let name = format!("acme/latchkey/{workspace}/{id}");
    assert_eq!(server.names(), [name]);
    let read = blobs.read_whole(workspace, id, 30 << 20).await.unwrap();
    assert_eq!(read.len(), 20 << 20);
    blobs.delete(workspace, id).await.unwrap();
    blobs.delete(workspace, id).await.unwrap();
    let read = blobs.read_whole(workspace, id, 1).await;
    assert_eq!(read, Err(BlobError::NotFound));
    assert_eq!(server.unfinished(), 0);
}

#[tokio::test]
async fn a_bucket_that_refuses_the_key_says_so_without_it() {
    let server = BucketServer::start();
    let mut stranger = bucket(&server);
    stranger.key = Some(BucketKey {
        id: "AKIAOTHER".to_owned(),
        secret: Secret::from("test-key-bucket"),
    });
    let blobs = Blobs::in_bucket(&stranger).unwrap();
    let (workspace, id) = (WorkspaceId::new(samples::id()), FileId::new(samples::id()));
    let refused = blobs.read_whole(workspace, id, 1).await.unwrap_err();
    let BlobError::Failed(said) = &refused else {
        panic!("{refused}");
    };
    assert!(!said.contains("test-key-bucket"), "{said}");
}
