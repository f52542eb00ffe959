//! API keys: found by their hash, listed, touched, revoked.

use latchkey_domain::access::{ApiKey, ApiKeyKind};
use latchkey_domain::id::WorkflowId;
use latchkey_store::{Page, StoreError};

use crate::samples::{self, NOW};
use crate::world::on_both;

#[tokio::test]
async fn a_key_is_found_by_its_hash_alone() {
    on_both(async |world| {
        let key = ApiKey {
            kind: ApiKeyKind::App,
            workflow: Some(WorkflowId::new(samples::id())),
            expires_at: Some(NOW.plus_millis(1)),
            ..samples::api_key(world.workspace)
        };
        world.store.insert_api_key(&key, "hash").await.unwrap();
        let found = world.store.api_key_by_hash("hash").await.unwrap();
        assert_eq!(found, Some(key));
        for other in ["", "hash ", "HASH", "%"] {
            assert_eq!(world.store.api_key_by_hash(other).await.unwrap(), None);
        }
    })
    .await;
}

#[tokio::test]
async fn two_keys_cannot_have_one_hash() {
    on_both(async |world| {
        let (one, two) = (
            samples::api_key(world.workspace),
            samples::api_key(world.workspace),
        );
        world.store.insert_api_key(&one, "hash").await.unwrap();
        let again = world.store.insert_api_key(&two, "hash").await;
        assert_eq!(again, Err(StoreError::Taken));
    })
    .await;
}

#[tokio::test]
async fn an_expired_key_still_tells_when_it_expired() {
    on_both(async |world| {
        let key = ApiKey {
            expires_at: Some(NOW.plus_millis(-1)),
            ..samples::api_key(world.workspace)
        };
        world.store.insert_api_key(&key, "old").await.unwrap();
        let found = world.store.api_key_by_hash("old").await.unwrap().unwrap();
        assert_eq!(found.expires_at, key.expires_at);
    })
    .await;
}

#[tokio::test]
async fn a_revoked_key_is_gone_at_once() {
    on_both(async |world| {
        let key = samples::api_key(world.workspace);
        world.store.insert_api_key(&key, "hash").await.unwrap();
        let revoke = async || world.store.delete_api_key(world.workspace, key.id).await;
        assert_eq!(revoke().await, Ok(()));
        assert_eq!(world.store.api_key_by_hash("hash").await.unwrap(), None);
        assert_eq!(revoke().await, Err(StoreError::NotFound));
    })
    .await;
}

#[tokio::test]
async fn using_keys_is_written_down_for_those_keys_only() {
    on_both(async |world| {
        let keys = [(); 3].map(|()| samples::api_key(world.workspace));
        for (number, key) in keys.iter().enumerate() {
            let hash = number.to_string();
            world.store.insert_api_key(key, &hash).await.unwrap();
        }
        let used = [keys[0].id, keys[2].id];
        world.store.touch_api_keys(&used, NOW).await.unwrap();
        let page = Page::first(10);
        let found = world
            .store
            .api_keys(world.workspace, None, page)
            .await
            .unwrap();
        let times: Vec<_> = found.rows.iter().map(|key| key.last_used_at).collect();
        assert_eq!(times, [Some(NOW), None, Some(NOW)]);
    })
    .await;
}
