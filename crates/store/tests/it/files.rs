//! Files and their contents: what is written is read back, nothing of it is seen before it is whole, and nothing by others.

use bytes::Bytes;
use futures::TryStreamExt as _;
use latchkey_domain::file::StoredFile;
use latchkey_domain::id::{FileId, WorkspaceId};
use latchkey_domain::value::FileType;
use latchkey_store::{BlobError, Blobs, StoreError};

use crate::samples::{self, NOW, SOMEBODY};
use crate::world::on_both;

/// SHA-256 of `hello there`.
const CHECKSUM: &str = "12998c017066eb0d2a70b94e6ed3192985855ce390f321bbdb832022888bd251";

fn file(workspace: WorkspaceId) -> StoredFile {
    StoredFile {
        id: FileId::new(samples::id()),
        workspace,
        workflow: None,
        name: "../näme.txt".to_owned(),
        extension: ".txt".to_owned(),
        mime_type: "text/plain".to_owned(),
        size: 11,
        file_type: FileType::Document,
        created_by: SOMEBODY,
        run: None,
        end_user: None,
        created_at: NOW,
        checksum: CHECKSUM.to_owned(),
    }
}

fn blobs() -> (Blobs, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::in_directory(&folder.path().join("files")).unwrap();
    (blobs, folder)
}

/// Every file under a folder.
fn all(folder: &std::path::Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(all(&path));
        } else {
            found.push(path.display().to_string());
        }
    }
    found
}

#[tokio::test]
async fn a_file_is_read_back_and_forgotten_by_its_workspace_only() {
    on_both(async |world| {
        let store = &world.store;
        let ours = file(world.workspace);
        store.insert_file(&ours).await.unwrap();
        assert_eq!(store.insert_file(&ours).await, Err(StoreError::Taken));
        let neighbour = world.neighbour().await;
        let found = store.file(world.workspace, ours.id).await.unwrap();
        assert_eq!(found.as_ref(), Some(&ours));
        assert_eq!(store.file(neighbour, ours.id).await, Ok(None));
        let many = store.files(neighbour, &[ours.id]).await.unwrap();
        assert_eq!(many, []);
        let refused = store.delete_file(neighbour, ours.id).await;
        assert_eq!(refused, Err(StoreError::NotFound));
        let many = [ours.id, FileId::new(samples::id())];
        let many = store.files(world.workspace, &many).await.unwrap();
        assert_eq!(many, std::slice::from_ref(&ours));
        let anybody = store.file_of_anybody(ours.id).await.unwrap();
        assert_eq!(anybody, Some(ours.clone()));
        store.delete_file(world.workspace, ours.id).await.unwrap();
        assert_eq!(store.file(world.workspace, ours.id).await, Ok(None));
    })
    .await;
}

#[tokio::test]
async fn a_file_of_a_workspace_that_is_not_there_is_refused() {
    on_both(async |world| {
        let stray = file(WorkspaceId::new(samples::id()));
        let refused = world.store.insert_file(&stray).await;
        assert_eq!(refused, Err(StoreError::NotFound));
    })
    .await;
}

#[tokio::test]
async fn a_content_is_written_in_pieces_and_read_back() {
    let (blobs, folder) = blobs();
    let (workspace, id) = (WorkspaceId::new(samples::id()), FileId::new(samples::id()));
    let mut writer = blobs.write(workspace, id, 11).await.unwrap();
    writer.push(Bytes::from_static(b"hello ")).await.unwrap();
    let early = blobs.read(workspace, id).await.err();
    assert_eq!(early, Some(BlobError::NotFound));
    writer.push(Bytes::from_static(b"there")).await.unwrap();
    let written = writer.finish().await.unwrap();
    assert_eq!((written.size, &*written.checksum), (11, CHECKSUM));
    let read = blobs.read(workspace, id).await.unwrap();
    let read: Vec<Bytes> = read.try_collect().await.unwrap();
    assert_eq!(read.concat(), b"hello there");
    let long = blobs.read_whole(workspace, id, 10).await;
    assert_eq!(long, Err(BlobError::TooLarge(10)));
    let other = WorkspaceId::new(samples::id());
    let stranger = blobs.read_whole(other, id, 100).await;
    assert_eq!(stranger, Err(BlobError::NotFound));
    blobs.delete(workspace, id).await.unwrap();
    blobs.delete(workspace, id).await.unwrap();
    assert_eq!(all(folder.path()), Vec::<String>::new());
}

#[tokio::test]
async fn an_empty_content_is_one() {
    let (blobs, _folder) = blobs();
    let (workspace, id) = (WorkspaceId::new(samples::id()), FileId::new(samples::id()));
    let writer = blobs.write(workspace, id, 11).await.unwrap();
    assert_eq!(writer.finish().await.unwrap().size, 0);
    let read = blobs.read_whole(workspace, id, 0).await.unwrap();
    assert!(read.is_empty());
}

#[tokio::test]
async fn what_is_too_long_or_given_up_leaves_nothing() {
    let (blobs, folder) = blobs();
    let (workspace, id) = (WorkspaceId::new(samples::id()), FileId::new(samples::id()));
    let mut writer = blobs.write(workspace, id, 3 << 20).await.unwrap();
    let piece = Bytes::from(vec![b'x'; 1 << 20]);
    for _ in 0..3 {
        writer.push(piece.clone()).await.unwrap();
    }
    let refused = writer.push(piece).await;
    assert_eq!(refused, Err(BlobError::TooLarge(3 << 20)));
    drop(writer);
    let gone = async || {
        tokio::task::yield_now().await;
        all(folder.path()).is_empty().then_some(())
    };
    latchkey_tests::wait::until("what was written is removed", gone).await;
    let read = blobs.read_whole(workspace, id, 100).await;
    assert_eq!(read, Err(BlobError::NotFound));
}

#[tokio::test]
async fn uploads_of_a_dead_process_are_swept_and_whole_ones_stay() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::in_directory(folder.path()).unwrap();
    let (workspace, whole) = (WorkspaceId::new(samples::id()), FileId::new(samples::id()));
    let mut writer = blobs.write(workspace, whole, 100).await.unwrap();
    writer.push("whole".into()).await.unwrap();
    writer.finish().await.unwrap();
    let mut broken = blobs
        .write(workspace, FileId::new(samples::id()), 100)
        .await
        .unwrap();
    broken.push("half".into()).await.unwrap();
    // As after `kill -9`: nobody cleans up.
    std::mem::forget(broken);
    let names = || {
        let within = folder.path().join(workspace.to_string());
        std::fs::read_dir(within).unwrap().count()
    };
    assert_eq!(names(), 2);
    let hour = std::time::Duration::from_secs(3600);
    assert_eq!(Blobs::sweep(folder.path(), hour).unwrap(), 0);
    assert_eq!(
        Blobs::sweep(folder.path(), std::time::Duration::ZERO).unwrap(),
        1
    );
    assert_eq!(names(), 1);
    assert_eq!(
        blobs.read_whole(workspace, whole, 100).await.unwrap(),
        "whole"
    );
}
