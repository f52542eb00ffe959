//! Pools: their names among those of credentials, guarded change, members that are deleted.

use futures::future::join_all;
use latchkey_domain::credential::{Pool, PoolEntry, PoolStrategy};
use latchkey_domain::id::{CredentialId, CredentialPoolId, WorkspaceId};
use latchkey_domain::provider::ProviderId;
use latchkey_store::StoreError;

use crate::samples::{self, NOW, sealed};
use crate::world::{World, on_both};

fn pool(workspace: WorkspaceId, name: &str, members: &[CredentialId]) -> Pool {
    let entry = |(place, id): (u32, &CredentialId)| PoolEntry {
        credential_id: *id,
        weight: place,
    };
    Pool {
        id: CredentialPoolId::new(samples::id()),
        workspace,
        provider: ProviderId::normalise("openai"),
        name: name.to_owned(),
        strategy: PoolStrategy::Weighted,
        members: (1..).zip(members).map(entry).collect(),
        revision: 1,
        created_at: NOW,
        updated_at: NOW,
    }
}

async fn kept(world: &World, name: &str, members: &[CredentialId]) -> Pool {
    let pool = pool(world.workspace, name, members);
    world.store.insert_pool(&pool).await.unwrap();
    pool
}

async fn found(world: &World, pool: &Pool) -> Option<Pool> {
    world.store.pool(world.workspace, pool.id).await.unwrap()
}

#[tokio::test]
async fn a_pool_comes_back_as_it_was_kept() {
    on_both(async |world| {
        let (one, two) = (world.credential("one").await, world.credential("two").await);
        let first = kept(world, "first", &[two, one]).await;
        let second = kept(world, "second", &[one]).await;
        assert_eq!(found(world, &first).await, Some(first.clone()));
        let all = world.store.pools(world.workspace).await.unwrap();
        assert_eq!(all, [second, first.clone()]);
        let neighbour = world.neighbour().await;
        let store = &world.store;
        assert_eq!(store.pool(neighbour, first.id).await, Ok(None));
        assert_eq!(store.pools(neighbour).await, Ok(Vec::new()));
        let deleted = store.delete_pool(neighbour, first.id).await;
        assert_eq!(deleted, Err(StoreError::NotFound));
        let foreign = Pool {
            workspace: neighbour,
            revision: 2,
            ..first.clone()
        };
        let changed = store.change_pool(&foreign).await;
        assert_eq!(
            changed,
            Err(StoreError::NotFound),
            "its members are not theirs"
        );
        assert_eq!(found(world, &first).await, Some(first));
    })
    .await;
}

#[tokio::test]
async fn a_name_is_a_credentials_or_a_pools() {
    on_both(async |world| {
        let one = world.credential("one").await;
        let named = pool(world.workspace, "one", &[one]);
        let store = &world.store;
        assert_eq!(store.insert_pool(&named).await, Err(StoreError::Taken));
        let team = kept(world, "team", &[one]).await;
        let credential = samples::credential(world.workspace, "team");
        let values = sealed("first");
        let inserted = store.insert_credential(&credential, &values, false).await;
        assert_eq!(inserted, Err(StoreError::Taken));
        let renamed = Pool {
            name: "one".to_owned(),
            revision: 2,
            ..team.clone()
        };
        assert_eq!(store.change_pool(&renamed).await, Err(StoreError::Taken));
        assert_eq!(found(world, &team).await, Some(team.clone()));
        // A pool that is gone leaves its name.
        store.delete_pool(world.workspace, team.id).await.unwrap();
        let inserted = store.insert_credential(&credential, &values, false).await;
        assert_eq!(inserted, Ok(()));
    })
    .await;
}

#[tokio::test]
async fn members_are_credentials_of_the_workspace_and_the_provider() {
    on_both(async |world| {
        let one = world.credential("one").await;
        let mut elsewhere = samples::credential(world.workspace, "elsewhere");
        elsewhere.provider = ProviderId::normalise("deepseek");
        let theirs = samples::credential(world.neighbour().await, "theirs");
        for credential in [&elsewhere, &theirs] {
            let values = sealed("first");
            let inserted = world.store.insert_credential(credential, &values, false);
            inserted.await.unwrap();
        }
        let unknown = CredentialId::new(samples::id());
        for wrong in [elsewhere.id, theirs.id, unknown] {
            let team = pool(world.workspace, "team", &[one, wrong]);
            let inserted = world.store.insert_pool(&team).await;
            assert_eq!(inserted, Err(StoreError::NotFound));
        }
        assert_eq!(world.store.pools(world.workspace).await, Ok(Vec::new()));
    })
    .await;
}

#[tokio::test]
async fn a_change_at_an_old_revision_changes_nothing() {
    on_both(async |world| {
        let (one, two) = (world.credential("one").await, world.credential("two").await);
        let team = kept(world, "team", &[one]).await;
        let changes = (0..10).map(|number| Pool {
            name: format!("team-{number}"),
            strategy: PoolStrategy::RoundRobin,
            revision: 2,
            ..pool(world.workspace, "team", &[two, one])
        });
        let changes: Vec<Pool> = changes.map(|new| Pool { id: team.id, ..new }).collect();
        let answers = join_all(changes.iter().map(|new| world.store.change_pool(new))).await;
        let won: Vec<usize> = (0..10).filter(|at| answers[*at].is_ok()).collect();
        assert_eq!(won.len(), 1, "{answers:?}");
        assert!(
            answers
                .iter()
                .all(|it| matches!(it, Ok(()) | Err(StoreError::Changed)))
        );
        let expected = changes[won[0]].clone();
        assert_eq!(found(world, &team).await, Some(expected));
    })
    .await;
}

#[tokio::test]
async fn a_credential_that_is_deleted_leaves_its_pools() {
    on_both(async |world| {
        let (one, two) = (world.credential("one").await, world.credential("two").await);
        let team = kept(world, "team", &[one, two]).await;
        let alone = kept(world, "alone", &[one]).await;
        let store = &world.store;
        store.delete_credential(world.workspace, one).await.unwrap();
        let left = found(world, &team).await.unwrap();
        let members: Vec<CredentialId> = left.members.iter().map(|it| it.credential_id).collect();
        assert_eq!(members, [two]);
        assert_eq!(found(world, &alone).await.unwrap().members, []);
        // Who has read it with the credential changes what is no more.
        let late = Pool {
            revision: 2,
            ..team.clone()
        };
        let changed = store.change_pool(&late).await;
        assert_eq!(changed, Err(StoreError::NotFound), "the member is gone");
        let late = Pool {
            members: left.members,
            ..late
        };
        assert_eq!(store.change_pool(&late).await, Err(StoreError::Changed));
    })
    .await;
}

#[tokio::test]
async fn a_member_that_is_deleted_while_it_joins_is_never_left_in_a_pool() {
    on_both(async |world| {
        for round in 0..10 {
            let credential = world.credential(&format!("one-{round}")).await;
            let team = pool(world.workspace, &format!("team-{round}"), &[credential]);
            let (joined, deleted) = tokio::join!(
                world.store.insert_pool(&team),
                world.store.delete_credential(world.workspace, credential),
            );
            deleted.unwrap();
            assert!(
                matches!(joined, Ok(()) | Err(StoreError::NotFound)),
                "{joined:?}"
            );
            let left = found(world, &team).await;
            assert!(
                left.is_none_or(|pool| pool.members.is_empty()),
                "round {round}"
            );
        }
    })
    .await;
}
