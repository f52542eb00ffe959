//! The defaults of a workspace: one for each provider, one for each model.

use futures::future::join_all;
use latchkey_domain::id::CredentialId;
use latchkey_store::{DefaultKey, StoreError};

use crate::samples::{self, openai, sealed};
use crate::world::{World, on_both};

fn of_provider(world: &World) -> DefaultKey {
    DefaultKey {
        workspace: world.workspace,
        provider: openai(),
        model: None,
    }
}

fn of_model(world: &World) -> DefaultKey {
    DefaultKey {
        model: Some(samples::model("small")),
        ..of_provider(world)
    }
}

async fn defaults(world: &World) -> Vec<(DefaultKey, CredentialId)> {
    let defaults = world.store.credential_defaults(world.workspace).await;
    let mut defaults = defaults.unwrap();
    defaults.sort_by_key(|(key, _)| key.model.is_some());
    defaults
}

#[tokio::test]
async fn a_default_is_set_replaced_and_taken_away() {
    on_both(async |world| {
        let key = of_provider(world);
        let (one, two) = (
            world.credential("acme").await,
            world.credential("globex").await,
        );
        for credential in [one, two, two] {
            let set = world.store.set_default(&key, Some(credential)).await;
            assert_eq!(set, Ok(()));
            assert_eq!(defaults(world).await, [(key.clone(), credential)]);
        }
        for _ in 0..2 {
            assert_eq!(world.store.set_default(&key, None).await, Ok(()));
            assert_eq!(defaults(world).await, []);
        }
    })
    .await;
}

#[tokio::test]
async fn a_new_credential_may_come_as_the_default() {
    on_both(async |world| {
        let whole = samples::credential(world.workspace, "acme");
        let one_model = samples::model_credential(world.workspace, "globex");
        for credential in [&whole, &one_model] {
            world
                .store
                .insert_credential(credential, &sealed("first"), true)
                .await
                .unwrap();
        }
        let expected = [
            (of_provider(world), whole.id),
            (of_model(world), one_model.id),
        ];
        assert_eq!(defaults(world).await, expected);
    })
    .await;
}

#[tokio::test]
async fn a_name_that_is_taken_changes_no_default() {
    on_both(async |world| {
        let first = samples::credential(world.workspace, "acme");
        let second = samples::credential(world.workspace, "acme");
        let store = &world.store;
        let insert = async |new| store.insert_credential(new, &sealed("x"), true).await;
        assert_eq!(insert(&first).await, Ok(()));
        assert_eq!(insert(&second).await, Err(StoreError::Taken));
        assert_eq!(defaults(world).await, [(of_provider(world), first.id)]);
    })
    .await;
}

#[tokio::test]
async fn a_removed_credential_is_no_default_any_more() {
    on_both(async |world| {
        let (one, two) = (
            world.credential("acme").await,
            world.credential("globex").await,
        );
        let store = &world.store;
        store
            .set_default(&of_provider(world), Some(one))
            .await
            .unwrap();
        store
            .set_default(&of_model(world), Some(two))
            .await
            .unwrap();
        store.delete_credential(world.workspace, one).await.unwrap();
        assert_eq!(defaults(world).await, [(of_model(world), two)]);
    })
    .await;
}

#[tokio::test]
async fn a_credential_that_is_not_there_becomes_no_default() {
    on_both(async |world| {
        let nobody = CredentialId::new(samples::id());
        let set = world
            .store
            .set_default(&of_provider(world), Some(nobody))
            .await;
        assert_eq!(set, Err(StoreError::NotFound));
        assert_eq!(defaults(world).await, []);
    })
    .await;
}

#[tokio::test]
async fn no_default_outlives_its_credential_however_they_race() {
    on_both(async |world| {
        let races = (0..20).map(async |number: u32| {
            let id = world.credential(&format!("acme-{number}")).await;
            let key = of_provider(world);
            let set = world.store.set_default(&key, Some(id));
            let remove = world.store.delete_credential(world.workspace, id);
            let (set, removed) = futures::join!(set, remove);
            assert!(matches!(set, Ok(()) | Err(StoreError::NotFound)));
            assert_eq!(removed, Ok(()));
        });
        join_all(races).await;
        assert_eq!(defaults(world).await, []);
    })
    .await;
}
