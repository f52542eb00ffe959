//! Data keys: wrapped anew and replaced in one step, and everything that they have sealed is found.

use std::collections::BTreeSet;

use latchkey_domain::credential::Overlap;
use latchkey_store::{
    CredentialChange, NewDataKey, Resealed, Rewrapped, SealedPlace, SealedTable, SealedValues,
    StoreError, WrappedKeys,
};
use sea_orm::{ConnectionTrait as _, Database, DbBackend, Statement};

use crate::samples::{self, NOW};
use crate::world::{World, on_both};

fn renewed(world: &World, before: &[u8]) -> NewDataKey {
    NewDataKey {
        workspace: world.workspace,
        expected: before.to_vec(),
        expected_id: "first".to_owned(),
        wrapped: vec![9, 9],
    }
}

#[tokio::test]
async fn a_replaced_key_is_kept_until_it_is_forgotten() {
    on_both(async |world| {
        let late = world
            .store
            .renew_data_keys(&[renewed(world, &[7])], NOW)
            .await;
        assert_eq!(late, Err(StoreError::Changed));
        let new = renewed(world, &[1, 2, 3]);
        world.store.renew_data_keys(&[new], NOW).await.unwrap();
        let keys = world.store.wrapped_keys().await.unwrap();
        let older: Vec<_> = keys[0]
            .older
            .iter()
            .map(|key| (&*key.id, &*key.wrapped))
            .collect();
        assert_eq!(
            (&*keys[0].current, older),
            (&[9, 9][..], vec![("first", &[1, 2, 3][..])])
        );
        let forget = world.store.forget_data_key(world.workspace, "first");
        forget.await.unwrap();
        assert!(
            world.store.wrapped_keys().await.unwrap()[0]
                .older
                .is_empty()
        );
    })
    .await;
}

#[tokio::test]
async fn all_keys_are_wrapped_anew_or_none() {
    on_both(async |world| {
        let neighbour = world.neighbour().await;
        world.store.insert_fact("check", vec![1]).await.unwrap();
        let new = renewed(world, &[1, 2, 3]);
        world.store.renew_data_keys(&[new], NOW).await.unwrap();
        let before = world.store.wrapped_keys().await.unwrap();
        assert_eq!(before[1].workspace, neighbour);
        let again = |keys: &WrappedKeys| {
            let mut again = keys.clone();
            again.current.push(4);
            again.older.iter_mut().for_each(|key| key.wrapped.push(4));
            again
        };
        let of = |keys: &[WrappedKeys], record: u8| Rewrapped {
            record: ("check".to_owned(), vec![record], vec![2]),
            facts: vec![("hash".to_owned(), vec![5])],
            keys: keys
                .iter()
                .map(|keys| (keys.clone(), again(keys)))
                .collect(),
        };
        let mut changed = before.clone();
        changed[1].current = vec![8];
        let mut older = before.clone();
        older[0].older[0].wrapped = vec![8];
        for wrong in [
            of(&before, 7),
            of(&before[..1], 1),
            of(&changed, 1),
            of(&older, 1),
        ] {
            let refused = world.store.rewrap_keys(&wrong).await;
            assert_eq!(refused, Err(StoreError::Changed));
            assert_eq!(world.store.wrapped_keys().await.unwrap(), before);
        }
        world.store.rewrap_keys(&of(&before, 1)).await.unwrap();
        let after: Vec<_> = before.iter().map(again).collect();
        assert_eq!(world.store.wrapped_keys().await.unwrap(), after);
        for (name, value) in [("check", vec![2]), ("hash", vec![5])] {
            assert_eq!(world.store.fact(name).await.unwrap(), Some(value));
        }
    })
    .await;
}

/// A sealed value of the key of this id, as the store sees it.
fn sealed_by(key: u8, text: &str) -> SealedValues {
    SealedValues([&[1][..], &[key; 8], text.as_bytes()].concat())
}

#[tokio::test]
async fn values_of_other_keys_are_found_page_by_page_and_replaced_once() {
    on_both(async |world| {
        for number in 0..5_u8 {
            let credential = samples::credential(world.workspace, &format!("c{number}"));
            let values = sealed_by(number % 2, &number.to_string());
            let insert = world.store.insert_credential(&credential, &values, false);
            insert.await.unwrap();
        }
        let table = SealedTable::ProviderCredentials;
        let find = async |after: Option<&latchkey_store::Sealed>| {
            let found = world
                .store
                .sealed_otherwise(world.workspace, table, [1; 8], after, 2);
            found.await.unwrap()
        };
        let first = find(None).await;
        assert_eq!(first.len(), 2);
        let second = find(first.last()).await;
        assert_eq!(second.len(), 1);
        assert_eq!(second[0].bytes, sealed_by(0, "4").0);
        assert!(find(second.last()).await.is_empty());
        let other = world.neighbour().await;
        let theirs = world.store.sealed_otherwise(other, table, [1; 8], None, 9);
        assert!(theirs.await.unwrap().is_empty());
        let again = Resealed {
            old: second[0].clone(),
            new: sealed_by(1, "again").0,
        };
        assert_eq!(
            world.store.reseal(std::slice::from_ref(&again)).await,
            Ok(1)
        );
        assert_eq!(
            world.store.reseal(&[again]).await,
            Ok(0),
            "it is another value by now"
        );
        assert!(find(first.last()).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_version_that_is_still_usable_is_found_with_its_credential() {
    on_both(async |world| {
        let credential = samples::model_credential(world.workspace, "acme");
        let values = sealed_by(0, "a");
        let insert = world.store.insert_credential(&credential, &values, false);
        insert.await.unwrap();
        let change = CredentialChange {
            credential: latchkey_domain::credential::Credential {
                version: 2,
                revision: 2,
                ..credential.clone()
            },
            expected_revision: 1,
            sealed: Some(sealed_by(0, "b")),
        };
        let replaced = crate::credential_versions::replaced_by_bytes(
            &credential,
            sealed_by(0, "a"),
            Overlap::default(),
        );
        let rotate = world.store.rotate_credential(&change, &replaced);
        rotate.await.unwrap();
        for (table, text) in [
            (SealedTable::ModelCredentials, "b"),
            (SealedTable::CredentialVersions, "a"),
        ] {
            let found = world
                .store
                .sealed_otherwise(world.workspace, table, [1; 8], None, 9);
            let found = found.await.unwrap();
            assert_eq!(found.len(), 1, "{table:?}");
            assert_eq!(found[0].place, SealedPlace::Credential(credential.id));
            assert_eq!(found[0].bytes, sealed_by(0, text).0);
            let again = Resealed {
                old: found[0].clone(),
                new: sealed_by(1, text).0,
            };
            assert_eq!(world.store.reseal(&[again]).await, Ok(1), "{table:?}");
        }
    })
    .await;
}

/// Whoever adds a column of bytes decides whether it is sealed with data keys.
#[tokio::test]
async fn every_column_of_bytes_is_listed() {
    on_both(async |world| {
        let connection = Database::connect(&world.options.url).await.unwrap();
        // In SQLite ids are bytes too.
        if connection.get_database_backend() != DbBackend::Postgres {
            return;
        }
        let ask = "SELECT table_name || '.' || column_name AS c FROM information_schema.columns WHERE table_schema = 'public' AND data_type = 'bytea'";
        let ask = Statement::from_string(DbBackend::Postgres, ask);
        let rows = connection.query_all_raw(ask).await.unwrap();
        let columns: BTreeSet<String> = rows.iter().map(|row| row.try_get("", "c").unwrap()).collect();
        let listed = SealedTable::ALL.map(SealedTable::column);
        let mut known: BTreeSet<String> = listed.iter().map(|(table, column)| format!("{table}.{column}")).collect();
        // Wrapped with the master key, sealed with a key of a run, or no secrets.
        let others = ["facts.value", "workspaces.data_key", "data_keys.wrapped", "run_secrets.sealed", "dataset_vectors.vector"];
        known.extend(others.map(str::to_owned));
        assert_eq!(columns, known);
        connection.close().await.unwrap();
    })
    .await;
}
