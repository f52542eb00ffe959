//! Workflows: drafts under concurrent change, versions, settings, removal.

use futures::future::join_all;
use latchkey_domain::id::WorkflowId;
use latchkey_domain::settings::CredentialSettings;
use latchkey_domain::workflow::Workflow;
use latchkey_store::{Besides, NewVersion, Page, StoreError};

use crate::samples::{self, NOW, SOMEBODY, document};
use crate::world::{World, on_both};

async fn kept(world: &World) -> Workflow {
    let workflow = samples::workflow(world.workspace);
    let kept = world
        .store
        .insert_workflow(&workflow, &document("first"), Besides::default())
        .await;
    assert_eq!(kept.as_ref(), Ok(&workflow));
    workflow
}

async fn draft(world: &World, id: WorkflowId) -> (Workflow, String) {
    let found = world.store.draft(world.workspace, id).await.unwrap();
    let (workflow, draft) = found.unwrap();
    (workflow, draft.json)
}

fn version(text: &str) -> NewVersion {
    NewVersion {
        document: document(text),
        note: format!("note of {text}"),
        author: SOMEBODY,
        at: NOW,
        triggers: Vec::new(),
    }
}

#[tokio::test]
async fn a_draft_comes_back_as_it_was_kept() {
    on_both(async |world| {
        let workflow = kept(world).await;
        let found = world.store.draft(world.workspace, workflow.id).await;
        assert_eq!(found.unwrap(), Some((workflow, document("first"))));
    })
    .await;
}

#[tokio::test]
async fn a_draft_is_replaced_at_the_expected_revision_only() {
    on_both(async |world| {
        let mut workflow = kept(world).await;
        workflow.name = "renamed".to_owned();
        let replace = async |expected, text| {
            let text = document(text);
            let replaced = world
                .store
                .replace_draft(&workflow, expected, &text, Besides::default())
                .await;
            replaced.map(|workflow| workflow.draft_revision)
        };
        assert_eq!(replace(2, "early").await, Err(StoreError::Changed));
        assert_eq!(replace(1, "second").await, Ok(2));
        assert_eq!(replace(1, "late").await, Err(StoreError::Changed));
        assert_eq!(replace(2, "third").await, Ok(3));
        let (found, text) = draft(world, workflow.id).await;
        assert_eq!((found.draft_revision, found.name.as_str()), (3, "renamed"));
        assert_eq!(text, document("third").json);
    })
    .await;
}

#[tokio::test]
async fn of_many_replacements_of_one_revision_one_wins() {
    on_both(async |world| {
        let workflow = &kept(world).await;
        let put = async |number: usize| {
            let text = document(&number.to_string());
            let besides = Besides::default();
            world.store.replace_draft(workflow, 1, &text, besides).await
        };
        let answers = join_all((0..10).map(put)).await;
        let winners: Vec<usize> = (0..10).filter(|at| answers[*at].is_ok()).collect();
        let [winner] = winners[..] else {
            panic!("{answers:?}");
        };
        let lost = |answer: &&Result<Workflow, StoreError>| **answer == Err(StoreError::Changed);
        assert_eq!(answers.iter().filter(lost).count(), 9);
        let (found, text) = draft(world, workflow.id).await;
        assert_eq!(found.draft_revision, 2);
        assert_eq!(text, document(&winner.to_string()).json);
    })
    .await;
}

#[tokio::test]
async fn a_workflow_that_is_gone_is_not_found() {
    on_both(async |world| {
        let workflow = samples::workflow(world.workspace);
        let (store, id) = (&world.store, workflow.id);
        let (draft, settings) = (document("new"), CredentialSettings::default());
        let replaced = store.replace_draft(&workflow, 1, &draft, Besides::default());
        assert_eq!(replaced.await, Err(StoreError::Changed));
        let put = async |expected| {
            let put = store.replace_settings(world.workspace, id, expected, &settings, NOW);
            put.await
        };
        assert_eq!(put(None).await, Err(StoreError::NotFound));
        assert_eq!(put(Some(1)).await, Err(StoreError::Changed));
    })
    .await;
}

#[tokio::test]
async fn publishing_at_once_gives_each_a_number() {
    on_both(async |world| {
        let workflow = &kept(world).await;
        let publish = async |number: u32| {
            let version = version(&number.to_string());
            world.store.publish(workflow.id, 1, version).await
        };
        let answers = join_all((0..5).map(publish)).await;
        let mut numbers: Vec<u32> = answers.into_iter().map(Result::unwrap).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2, 3, 4, 5]);
        let listed = world.store.versions(workflow.id).await.unwrap();
        let listed: Vec<u32> = listed.iter().map(|version| version.number).collect();
        assert_eq!(listed, [5, 4, 3, 2, 1]);
        let (found, _) = draft(world, workflow.id).await;
        assert_eq!(found.published_version, Some(5));
    })
    .await;
}

#[tokio::test]
async fn a_version_keeps_what_was_published() {
    on_both(async |world| {
        let workflow = kept(world).await;
        let published = world.store.publish(workflow.id, 1, version("one")).await;
        assert_eq!(published, Ok(1));
        let draft = document("changed");
        let besides = Besides::default();
        let replaced = world.store.replace_draft(&workflow, 1, &draft, besides);
        replaced.await.unwrap();
        let found = world.store.version(workflow.id, 1).await.unwrap();
        let (about, text) = found.unwrap();
        assert_eq!(text, document("one"));
        assert_eq!((about.number, about.note.as_str()), (1, "note of one"));
        assert_eq!((about.author, about.published_at), (SOMEBODY, NOW));
        assert_eq!(world.store.version(workflow.id, 2).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_draft_that_changed_is_not_published() {
    on_both(async |world| {
        let workflow = kept(world).await;
        let published = world.store.publish(workflow.id, 2, version("one")).await;
        assert_eq!(published, Err(StoreError::Changed));
        assert_eq!(world.store.versions(workflow.id).await.unwrap(), []);
        let (found, _) = draft(world, workflow.id).await;
        assert_eq!(found.published_version, None);
    })
    .await;
}

#[tokio::test]
async fn settings_count_their_changes() {
    on_both(async |world| {
        let workflow = kept(world).await;
        let settings = CredentialSettings {
            runtime_allow: vec!["customer-*".to_owned()],
            ..CredentialSettings::default()
        };
        let store = &world.store;
        let replace = async |expected| {
            store
                .replace_settings(world.workspace, workflow.id, expected, &settings, NOW)
                .await
        };
        assert_eq!(replace(Some(1)).await, Ok(2));
        assert_eq!(replace(Some(1)).await, Err(StoreError::Changed));
        let found = store.credential_settings(world.workspace, workflow.id);
        assert_eq!(found.await.unwrap(), Some((settings.clone(), 2)));
        let (found, _) = draft(world, workflow.id).await;
        assert_eq!((found.settings_revision, found.draft_revision), (2, 1));
    })
    .await;
}

#[tokio::test]
async fn a_draft_its_settings_and_its_version_are_written_together_or_not_at_all() {
    on_both(async |world| {
        let workflow = kept(world).await;
        let replace = async |expected, text| {
            let besides = Besides {
                settings: Some(CredentialSettings::default()),
                version: Some(version(text)),
            };
            let draft = document(text);
            let store = &world.store;
            store
                .replace_draft(&workflow, expected, &draft, besides)
                .await
        };
        let replaced = replace(1, "one").await.unwrap();
        let numbers = (replaced.draft_revision, replaced.settings_revision);
        assert_eq!((numbers, replaced.published_version), ((2, 2), Some(1)));
        assert_eq!(replace(1, "two").await, Err(StoreError::Changed));
        let (found, text) = draft(world, workflow.id).await;
        assert_eq!((found, text), (replaced, document("one").json));
        assert_eq!(world.store.versions(workflow.id).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_deleted_workflow_is_found_no_more_but_by_its_runs() {
    on_both(async |world| {
        let workflow = kept(world).await;
        let (store, id) = (&world.store, workflow.id);
        store.publish(id, 1, version("one")).await.unwrap();
        let mut run = samples::run(world.workspace);
        run.workflow = id;
        world.insert(&samples::new_run(&run)).await;

        let remove = async || store.delete_workflow(world.workspace, id, NOW).await;
        assert_eq!(remove().await, Ok(()));
        assert_eq!(remove().await, Err(StoreError::NotFound));
        let found = store.workflow(world.workspace, id).await;
        assert_eq!(found.unwrap(), None);
        assert_eq!(store.draft(world.workspace, id).await.unwrap(), None);
        let settings = store.credential_settings(world.workspace, id).await;
        assert_eq!(settings.unwrap(), None);
        let page = store.workflows(world.workspace, Page::first(9)).await;
        assert_eq!(page.unwrap().rows, []);
        let publish = store.publish(id, 1, version("two")).await;
        assert_eq!(publish, Err(StoreError::Changed));
        let (_, text) = store.version(id, 1).await.unwrap().unwrap();
        assert_eq!(text, document("one"));
        assert!(store.run(world.workspace, run.id).await.unwrap().is_some());
    })
    .await;
}
