//! Workspaces, their members, and facts about the database.

use latchkey_domain::id::MemberId;
use latchkey_store::{Besides, Installation, StoreError};

use crate::samples;
use crate::world::on_both;

#[tokio::test]
async fn workspaces_come_back_as_they_were_kept_oldest_first() {
    on_both(async |world| {
        let second = samples::workspace("zweite, größer");
        world.store.insert_workspace(&second).await.unwrap();
        let found = world.store.workspaces().await.unwrap();
        let ids: Vec<_> = found.iter().map(|workspace| workspace.id).collect();
        assert_eq!(ids, [world.workspace, second.id]);
        assert_eq!(found[1], second);
    })
    .await;
}

#[tokio::test]
async fn a_fact_is_written_once() {
    on_both(async |world| {
        let store = &world.store;
        assert_eq!(store.fact("check").await.unwrap(), None);
        store.insert_fact("check", vec![0, 255]).await.unwrap();
        let again = store.insert_fact("check", vec![1]).await;
        assert_eq!(again, Err(StoreError::Taken));
        assert_eq!(store.fact("check").await.unwrap(), Some(vec![0, 255]));
    })
    .await;
}

#[tokio::test]
async fn an_installation_is_made_as_a_whole_or_not_at_all() {
    on_both(async |world| {
        let store = &world.store;
        let workspace = samples::workspace("first");
        let installation = || Installation {
            facts: vec![("check".to_owned(), vec![1])],
            workspace: workspace.clone(),
            owner: (MemberId::new(samples::id()), "Ada".to_owned()),
            key: (samples::api_key(workspace.id), "hash".to_owned()),
            sample: (
                samples::workflow(workspace.id),
                samples::document("sample"),
                Besides::default(),
            ),
        };
        let mut foreign = installation();
        foreign.sample.0.workspace = samples::workspace("nowhere").id;
        assert_eq!(store.install(foreign).await, Err(StoreError::NotFound));
        assert_eq!(store.fact("check").await.unwrap(), None);
        assert_eq!(store.workspaces().await.unwrap().len(), 1);
        assert_eq!(store.install(installation()).await, Ok(()));
        assert_eq!(store.install(installation()).await, Err(StoreError::Taken));
        assert!(store.api_key_by_hash("hash").await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn what_was_kept_survives_the_end_of_the_process() {
    on_both(async |world| {
        let run = world.running().await;
        world.finish(&run).await;
        let credential = world.credential("acme").await;
        let before = world.store.run(world.workspace, run.id).await.unwrap();

        let world = world.reopened().await;
        let store = &world.store;
        assert_eq!(store.run(world.workspace, run.id).await.unwrap(), before);
        assert_eq!(store.journal(run.id).await.unwrap().len(), 1);
        let (_, sealed) = store
            .credential(world.workspace, credential)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(sealed, samples::sealed("first"));
        store.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_closed_store_answers_an_error_and_does_not_hang() {
    on_both(async |world| {
        world.store.close().await;
        let run = samples::new_run(&samples::run(world.workspace));
        assert!(world.store.insert_run(&run).await.is_err());
        assert!(world.store.ping().await.is_err());
    })
    .await;
}
