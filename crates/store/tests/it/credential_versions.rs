//! Versions of credentials: what was replaced stays sealed for a while, and is then destroyed.

use latchkey_domain::credential::{Credential, Level, Overlap, ReplacedVersion, VersionEnd};
use latchkey_domain::ledger::{CallOutcome, ModelCallEnd, ModelCallStart};
use latchkey_domain::run::Run;
use latchkey_store::{CredentialChange, Replaced, SealedValues, StoreError};
use sea_orm::{ConnectionTrait as _, Database, Statement};

use crate::samples::{self, NOW, sealed};
use crate::world::{World, on_both};

/// A credential whose first values are `first`.
async fn kept(world: &World, name: &str) -> Credential {
    let credential = samples::credential(world.workspace, name);
    let values = sealed("first");
    let insert = world.store.insert_credential(&credential, &values, false);
    insert.await.unwrap();
    credential
}

/// The rotation of a credential to the next version, whose values are called like that.
fn rotation(old: &Credential, values: &str, overlap: Overlap) -> (CredentialChange, Replaced) {
    let change = CredentialChange {
        credential: Credential {
            version: old.version + 1,
            revision: old.revision + 1,
            ..old.clone()
        },
        expected_revision: old.revision,
        sealed: Some(sealed(values)),
    };
    (change, replaced(old, Some("first"), overlap, None))
}

fn replaced(
    old: &Credential,
    values: Option<&str>,
    overlap: Overlap,
    end: Option<VersionEnd>,
) -> Replaced {
    Replaced {
        version: ReplacedVersion {
            credential: old.id,
            workspace: old.workspace,
            version: old.version,
            hosts: old.hosts.clone(),
            settings: old.settings.clone(),
            secrets: old.secrets.clone(),
            expires_at: old.expires_at,
            last_validated_at: old.last_validated_at,
            replaced_at: NOW,
            overlap,
            ended: end.map(|end| (NOW, end)),
        },
        mark: samples::id(),
        sealed: values.map(sealed),
    }
}

/// Values that are replaced and stay usable, as these bytes.
pub(crate) fn replaced_by_bytes(
    old: &Credential,
    values: SealedValues,
    overlap: Overlap,
) -> Replaced {
    Replaced {
        sealed: Some(values),
        ..replaced(old, None, overlap, None)
    }
}

const UNTIL_PROVEN: Overlap = Overlap {
    until: None,
    until_proven: true,
};

/// Every sealed value that the tables of credentials and versions hold, as a text.
async fn on_disk(world: &World) -> Vec<String> {
    let connection = Database::connect(&world.options.url).await.unwrap();
    let mut found = Vec::new();
    for table in ["provider_credentials", "credential_versions"] {
        let ask = Statement::from_string(
            connection.get_database_backend(),
            format!("SELECT sealed FROM {table} ORDER BY version"),
        );
        for row in connection.query_all_raw(ask).await.unwrap() {
            let bytes: Option<Vec<u8>> = row.try_get("", "sealed").unwrap();
            let text = bytes.map(|bytes| String::from_utf8(bytes).unwrap());
            found.push(text.unwrap_or_else(|| "-".to_owned()));
        }
    }
    connection.close().await.unwrap();
    found
}

async fn ends(world: &World, of: &Credential) -> Vec<(i32, Option<VersionEnd>)> {
    let known = world.store.credential_versions(of.workspace, of.id);
    let known = known.await.unwrap();
    let end = |one: ReplacedVersion| (one.version, one.ended.map(|(_, end)| end));
    known.into_iter().map(end).collect()
}

#[tokio::test]
async fn replaced_values_are_there_until_they_are_shredded() {
    on_both(async |world| {
        let first = kept(world, "acme").await;
        let (change, old) = rotation(&first, "second", UNTIL_PROVEN);
        world.store.rotate_credential(&change, &old).await.unwrap();
        assert_eq!(on_disk(world).await, ["second", "first"]);
        let values = async |version| {
            let ask = world
                .store
                .version_values(first.workspace, first.id, version);
            ask.await.unwrap()
        };
        assert_eq!(values(1).await, Some(sealed("first")));
        assert_eq!(
            values(2).await,
            None,
            "the current ones are no replaced ones"
        );
        let theirs = world.neighbour().await;
        let asked = world.store.version_values(theirs, first.id, 1).await;
        assert_eq!(asked.unwrap(), None, "another workspace");
        let usable = world.store.usable_versions().await.unwrap();
        let [usable] = &usable[..] else {
            panic!("{usable:?}");
        };
        assert_eq!((&usable.version, usable.mark), (&old.version, old.mark));
        let shred = async || {
            let shred = world
                .store
                .shred_version(&usable.version, NOW, VersionEnd::Elapsed);
            shred.await.unwrap()
        };
        assert!(shred().await);
        assert!(!shred().await, "once");
        assert_eq!(values(1).await, None);
        assert_eq!(on_disk(world).await, ["second", "-"]);
        assert_eq!(ends(world, &first).await, [(1, Some(VersionEnd::Elapsed))]);
        assert!(world.store.usable_versions().await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_rotation_of_another_revision_changes_nothing() {
    on_both(async |world| {
        let first = kept(world, "acme").await;
        let (mut change, old) = rotation(&first, "second", UNTIL_PROVEN);
        change.expected_revision = 7;
        let refused = world.store.rotate_credential(&change, &old).await;
        assert_eq!(refused, Err(StoreError::Changed));
        assert_eq!(on_disk(world).await, ["first"]);
        assert_eq!(ends(world, &first).await, []);
    })
    .await;
}

#[tokio::test]
async fn one_rotation_after_another_leaves_one_way_back() {
    on_both(async |world| {
        let first = kept(world, "acme").await;
        let (change, old) = rotation(&first, "second", UNTIL_PROVEN);
        world.store.rotate_credential(&change, &old).await.unwrap();
        let (change, mut old) = rotation(&change.credential, "third", UNTIL_PROVEN);
        old.sealed = Some(sealed("second"));
        world.store.rotate_credential(&change, &old).await.unwrap();
        assert_eq!(on_disk(world).await, ["third", "-", "second"]);
        let expected = [(2, None), (1, Some(VersionEnd::Replaced))];
        assert_eq!(ends(world, &first).await, expected);
    })
    .await;
}

#[tokio::test]
async fn what_is_rolled_back_is_destroyed_and_can_be_rolled_back_once() {
    on_both(async |world| {
        let first = kept(world, "acme").await;
        let (change, old) = rotation(&first, "second", UNTIL_PROVEN);
        world.store.rotate_credential(&change, &old).await.unwrap();
        let second = change.credential;
        let back = CredentialChange {
            credential: Credential {
                version: 1,
                revision: 3,
                ..second.clone()
            },
            expected_revision: 2,
            sealed: Some(sealed("first")),
        };
        let ended = replaced(
            &second,
            None,
            Overlap::default(),
            Some(VersionEnd::RolledBack),
        );
        let rolled = world.store.roll_back_credential(&back, &ended).await;
        rolled.unwrap();
        assert_eq!(on_disk(world).await, ["first", "-"]);
        assert_eq!(
            ends(world, &first).await,
            [(2, Some(VersionEnd::RolledBack))]
        );
        let again = CredentialChange {
            expected_revision: 3,
            ..back.clone()
        };
        let refused = world.store.roll_back_credential(&again, &ended).await;
        assert_eq!(
            refused,
            Err(StoreError::Changed),
            "there is none to restore"
        );
        let known = world.store.credential(first.workspace, first.id).await;
        assert_eq!(known.unwrap().unwrap().0.revision, 3);
    })
    .await;
}

/// A call of a run by a version of a credential, and how it ended; without a level it is a trial.
async fn call(
    world: &World,
    (run, of): (&Run, &Credential),
    version: i32,
    level: Option<Level>,
    outcome: CallOutcome,
) {
    let start = ModelCallStart {
        credential_version: Some(version),
        credential_revision: None,
        level,
        ..samples::paid_call(run, of.id)
    };
    world.store.open_call(&start).await.unwrap().unwrap();
    let end = ModelCallEnd {
        outcome,
        ..samples::answered(samples::tokens(1, 1))
    };
    world.store.close_call(start.id, end).await.unwrap();
}

#[tokio::test]
async fn only_a_success_of_a_later_call_with_newer_values_proves_them() {
    on_both(async |world| {
        let first = kept(world, "acme").await;
        let run = world.running().await;
        let of = (&run, &first);
        let (succeeded, node) = (CallOutcome::Succeeded, Some(Level::Node));
        // Of a version that was rolled back before.
        call(world, of, 2, node, succeeded).await;
        let (change, old) = rotation(&first, "second", UNTIL_PROVEN);
        world.store.rotate_credential(&change, &old).await.unwrap();
        let proved = async || {
            let usable = world.store.usable_versions().await.unwrap();
            world.store.has_proved_itself(&usable[0]).await.unwrap()
        };
        assert!(!proved().await, "nothing was called since");
        call(world, of, 1, node, succeeded).await;
        assert!(!proved().await, "a call in flight had the old values");
        call(world, of, 2, node, CallOutcome::Failed).await;
        assert!(!proved().await, "it has failed");
        call(world, of, 2, None, succeeded).await;
        assert!(!proved().await, "it was a trial");
        call(world, of, 2, node, succeeded).await;
        assert!(proved().await);
    })
    .await;
}

#[tokio::test]
async fn a_removed_credential_leaves_no_version() {
    on_both(async |world| {
        let first = kept(world, "acme").await;
        let (change, old) = rotation(&first, "second", UNTIL_PROVEN);
        world.store.rotate_credential(&change, &old).await.unwrap();
        let remove = world.store.delete_credential(first.workspace, first.id);
        remove.await.unwrap();
        assert!(on_disk(world).await.is_empty());
    })
    .await;
}
