//! Stored credentials: both kinds, names that are taken once, guarded change.

use futures::future::join_all;
use latchkey_domain::credential::{Credential, CredentialState};
use latchkey_domain::provider::ProviderId;
use latchkey_store::{CredentialChange, SealedValues, StoreError};

use crate::samples::{self, NOW, sealed};
use crate::world::{World, on_both};

async fn insert(world: &World, credential: &Credential) -> Result<(), StoreError> {
    let values = sealed("first");
    world
        .store
        .insert_credential(credential, &values, false)
        .await
}

async fn found(world: &World, credential: &Credential) -> (Credential, SealedValues) {
    let found = world
        .store
        .credential(world.workspace, credential.id)
        .await
        .unwrap();
    found.unwrap()
}

/// The change of a credential that nobody else has changed.
fn change(credential: &Credential, values: Option<&str>) -> CredentialChange {
    CredentialChange {
        credential: Credential {
            revision: credential.revision + 1,
            ..credential.clone()
        },
        expected_revision: credential.revision,
        sealed: values.map(sealed),
    }
}

#[tokio::test]
async fn both_kinds_come_back_as_they_were_kept() {
    on_both(async |world| {
        let of_provider = samples::credential(world.workspace, "acme");
        let mut of_model = samples::model_credential(world.workspace, "globex");
        of_model.state = CredentialState::Exhausted;
        of_model.expires_at = Some(NOW);
        for credential in [&of_provider, &of_model] {
            insert(world, credential).await.unwrap();
            let kept = (credential.clone(), sealed("first"));
            assert_eq!(found(world, credential).await, kept);
        }
        let listed = world.store.credentials(world.workspace).await.unwrap();
        assert_eq!(listed, [of_provider, of_model]);
    })
    .await;
}

#[tokio::test]
async fn a_name_is_taken_once_over_both_kinds() {
    on_both(async |world| {
        let of_provider = samples::credential(world.workspace, "acme");
        insert(world, &of_provider).await.unwrap();
        let of_model = samples::model_credential(world.workspace, "acme");
        assert_eq!(insert(world, &of_model).await, Err(StoreError::Taken));
        let mut elsewhere = of_model.clone();
        elsewhere.provider = ProviderId::normalise("deepseek");
        assert_eq!(insert(world, &elsewhere).await, Ok(()));
        let theirs = samples::credential(world.neighbour().await, "acme");
        assert_eq!(insert(world, &theirs).await, Ok(()));
    })
    .await;
}

#[tokio::test]
async fn of_many_that_want_one_name_at_once_one_gets_it() {
    on_both(async |world| {
        let wants = (0..20).map(|number| match number % 2 {
            0 => samples::credential(world.workspace, "acme"),
            _ => samples::model_credential(world.workspace, "acme"),
        });
        let wants: Vec<Credential> = wants.collect();
        let answers = join_all(wants.iter().map(|want| insert(world, want))).await;
        let got = answers.iter().filter(|answer| answer.is_ok()).count();
        let refused = |answer: &&Result<(), StoreError>| **answer == Err(StoreError::Taken);
        assert_eq!((got, answers.iter().filter(refused).count()), (1, 19));
        let listed = world.store.credentials(world.workspace).await.unwrap();
        assert_eq!(listed.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_change_keeps_the_values_unless_there_are_new_ones() {
    on_both(async |world| {
        for mut credential in [
            samples::credential(world.workspace, "acme"),
            samples::model_credential(world.workspace, "globex"),
        ] {
            insert(world, &credential).await.unwrap();
            credential.state = CredentialState::Disabled;
            let first = change(&credential, None);
            world.store.change_credential(&first).await.unwrap();
            let kept = (first.credential.clone(), sealed("first"));
            assert_eq!(found(world, &credential).await, kept);
            let second = change(&first.credential, Some("second"));
            world.store.change_credential(&second).await.unwrap();
            let kept = (second.credential.clone(), sealed("second"));
            assert_eq!(found(world, &credential).await, kept);
        }
    })
    .await;
}

#[tokio::test]
async fn a_change_at_an_old_revision_changes_nothing() {
    on_both(async |world| {
        let credential = samples::credential(world.workspace, "acme");
        insert(world, &credential).await.unwrap();
        let mut late = change(&credential, Some("second"));
        late.expected_revision = 0;
        late.credential.name = "renamed".to_owned();
        let answer = world.store.change_credential(&late).await;
        assert_eq!(answer, Err(StoreError::Changed));
        let kept = (credential.clone(), sealed("first"));
        assert_eq!(found(world, &credential).await, kept);
        // Its name was not given away either.
        let same = samples::credential(world.workspace, "acme");
        assert_eq!(insert(world, &same).await, Err(StoreError::Taken));
    })
    .await;
}

#[tokio::test]
async fn of_many_changes_of_one_revision_one_wins() {
    on_both(async |world| {
        let credential = samples::model_credential(world.workspace, "acme");
        insert(world, &credential).await.unwrap();
        let values: Vec<String> = (0..10).map(|number| number.to_string()).collect();
        let changes = values.iter().map(|value| {
            let change = change(&credential, Some(value));
            async move { world.store.change_credential(&change).await }
        });
        let answers = join_all(changes).await;
        let won: Vec<usize> = (0..10).filter(|at| answers[*at].is_ok()).collect();
        let [winner] = won[..] else {
            panic!("{answers:?}");
        };
        let (kept, values) = found(world, &credential).await;
        assert_eq!(kept.revision, 2);
        assert_eq!(values, sealed(&winner.to_string()));
    })
    .await;
}

#[tokio::test]
async fn a_change_of_name_takes_the_new_one_and_frees_the_old() {
    on_both(async |world| {
        let credential = samples::credential(world.workspace, "acme");
        let other = samples::model_credential(world.workspace, "globex");
        insert(world, &credential).await.unwrap();
        insert(world, &other).await.unwrap();
        let mut renamed = change(&credential, None);
        renamed.credential.name = "globex".to_owned();
        let answer = world.store.change_credential(&renamed).await;
        assert_eq!(answer, Err(StoreError::Taken));
        renamed.credential.name = "initech".to_owned();
        world.store.change_credential(&renamed).await.unwrap();
        let again = samples::model_credential(world.workspace, "acme");
        assert_eq!(insert(world, &again).await, Ok(()));
        let taken = samples::model_credential(world.workspace, "initech");
        assert_eq!(insert(world, &taken).await, Err(StoreError::Taken));
    })
    .await;
}

#[tokio::test]
async fn a_change_does_not_undo_when_it_was_last_used() {
    on_both(async |world| {
        let run = world.running().await;
        for credential in [
            samples::credential(world.workspace, "acme"),
            samples::model_credential(world.workspace, "globex"),
        ] {
            insert(world, &credential).await.unwrap();
            // It is used after whoever changes it has read it.
            let call = samples::paid_call(&run, credential.id);
            world.store.open_call(&call).await.unwrap().unwrap();
            let change = change(&credential, None);
            world.store.change_credential(&change).await.unwrap();
            let (kept, _) = found(world, &credential).await;
            assert_eq!(kept.last_used_at, Some(NOW));
        }
    })
    .await;
}

#[tokio::test]
async fn a_removed_credential_frees_its_name() {
    on_both(async |world| {
        for credential in [
            samples::credential(world.workspace, "acme"),
            samples::model_credential(world.workspace, "acme"),
        ] {
            insert(world, &credential).await.unwrap();
            let remove = async || {
                world
                    .store
                    .delete_credential(world.workspace, credential.id)
                    .await
            };
            assert_eq!(remove().await, Ok(()));
            assert_eq!(remove().await, Err(StoreError::NotFound));
            let listed = world.store.credentials(world.workspace).await.unwrap();
            assert_eq!(listed, []);
        }
    })
    .await;
}
