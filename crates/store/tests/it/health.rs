//! What calls have shown about credentials: kept with the end of a call, looked at by the next one.

use latchkey_domain::credential::{CredentialCode, CredentialState, Finding, FullRule, Health};
use latchkey_domain::id::CredentialId;
use latchkey_domain::ledger::{ModelCallStart, OpenRefusal};
use latchkey_domain::time::Timestamp;
use latchkey_store::PayerHealth;

use crate::samples::{self, NOW, answered, tokens};
use crate::world::{World, on_both};

fn at(seconds: i64) -> Timestamp {
    NOW.plus_millis(seconds * 1000)
}

fn call(world: &World, credential: CredentialId, at: Timestamp) -> ModelCallStart {
    ModelCallStart {
        credential: Some(credential),
        credential_version: Some(1),
        credential_revision: Some(1),
        at,
        ..samples::call(world.workspace)
    }
}

fn inline(world: &World, fingerprint: &str, at: Timestamp) -> ModelCallStart {
    ModelCallStart {
        inline: Some(fingerprint.to_owned()),
        at,
        ..samples::call(world.workspace)
    }
}

fn cools(seconds: u64) -> Finding {
    Finding::Cools {
        millis: seconds * 1000,
        code: "InvokeRateLimitError".to_owned(),
    }
}

/// Opens a call and ends it at the same time with a finding; how its payer is, if that is new.
async fn made(
    world: &World,
    call: ModelCallStart,
    finding: Finding,
) -> Result<Option<PayerHealth>, OpenRefusal> {
    world.store.open_call(&call).await.unwrap()?;
    let mut end = answered(tokens(1, 1));
    (end.finding, end.at) = (finding, call.at);
    Ok(world.store.close_call(call.id, end).await.unwrap())
}

async fn health(world: &World, id: CredentialId) -> Health {
    let found = world.store.credential(world.workspace, id).await.unwrap();
    let (credential, _) = found.unwrap();
    let all = world.store.credentials(world.workspace).await.unwrap();
    let listed = all.into_iter().find(|one| one.id == id).unwrap();
    assert_eq!(listed.health, credential.health);
    credential.health
}

#[tokio::test]
async fn a_credential_that_is_given_a_pause_is_not_asked_until_it_is_over() {
    on_both(async |world| {
        let (id, other) = (
            world.credential("acme").await,
            world.credential("globex").await,
        );
        let told = made(world, call(world, id, at(0)), cools(30))
            .await
            .unwrap();
        assert_eq!(told.unwrap().health.cooling_until, Some(at(30)));
        assert_eq!(health(world, id).await.failures, 1);
        let refused = made(world, call(world, id, at(10)), Finding::Works).await;
        let Err(OpenRefusal::NoRoom(room)) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(
            (room.rule, room.retry_after_ms),
            (FullRule::Cooling, Some(20_000))
        );
        assert!(
            made(world, call(world, other, at(10)), Finding::Works)
                .await
                .is_ok()
        );
        // A key is tried out whenever a person wants it.
        let mut trial = call(world, id, at(10));
        trial.level = None;
        assert_eq!(made(world, trial, cools(1)).await, Ok(None));
        let healed = made(world, call(world, id, at(30)), Finding::Works).await;
        let healed = healed.unwrap().unwrap().health;
        assert_eq!((healed.failures, healed.cooling_until), (0, None));
        assert_eq!(health(world, id).await, healed);
    })
    .await;
}

#[tokio::test]
async fn of_calls_that_go_well_only_one_a_minute_is_news() {
    on_both(async |world| {
        let id = world.credential("acme").await;
        for (seconds, is_news) in [(0, true), (1, false), (60, false), (61, true)] {
            let told = made(world, call(world, id, at(seconds)), Finding::Works).await;
            assert_eq!(told.unwrap().is_some(), is_news, "{seconds}");
        }
        assert_eq!(health(world, id).await.last_success_at, Some(at(61)));
    })
    .await;
}

#[tokio::test]
async fn an_empty_account_is_tried_by_one_call_every_five_minutes() {
    on_both(async |world| {
        let id = world.credential("acme").await;
        made(world, call(world, id, at(0)), Finding::Exhausted)
            .await
            .unwrap();
        let exhausted = Err(OpenRefusal::Credential(CredentialCode::Exhausted));
        let early = made(world, call(world, id, at(299)), Finding::Works).await;
        assert_eq!(early, exhausted);
        // Two at once: one tries, the other waits for what comes of it.
        let (probe, other) = (call(world, id, at(300)), call(world, id, at(300)));
        let opened = futures::join!(world.store.open_call(&probe), world.store.open_call(&other));
        assert_eq!(opened.0, Ok(Ok(())));
        assert_eq!(opened.1.unwrap().map(|()| None), exhausted);
        let mut end = answered(tokens(1, 1));
        (end.finding, end.at) = (Finding::Works, at(301));
        world.store.close_call(probe.id, end).await.unwrap();
        assert_eq!(health(world, id).await.exhausted_at, None);
        assert!(
            made(world, call(world, id, at(302)), Finding::Works)
                .await
                .is_ok()
        );
    })
    .await;
}

#[tokio::test]
async fn a_dead_key_is_marked_once_and_a_reset_takes_everything_back() {
    on_both(async |world| {
        let id = world.credential("acme").await;
        let store = &world.store;
        made(world, call(world, id, at(0)), cools(30))
            .await
            .unwrap();
        let mark = |version| store.mark_dead(world.workspace, id, version, NOW);
        assert_eq!(mark(2).await, Ok(false), "those are other values");
        assert_eq!(mark(1).await, Ok(true));
        assert_eq!(mark(1).await, Ok(false));
        let neighbour = world.neighbour().await;
        assert_eq!(store.mark_dead(neighbour, id, 1, NOW).await, Ok(false));
        let refused = store.open_call(&call(world, id, at(40))).await.unwrap();
        assert_eq!(refused, Err(OpenRefusal::CredentialChanged));
        assert!(store.reset_health(neighbour, id, NOW).await.is_err());
        store.reset_health(world.workspace, id, NOW).await.unwrap();
        let (credential, _) = store
            .credential(world.workspace, id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(credential.state, CredentialState::Active);
        assert_eq!(
            (credential.revision, credential.health),
            (3, Health::default())
        );
    })
    .await;
}

#[tokio::test]
async fn one_callers_own_values_never_harm_anybody_else() {
    on_both(async |world| {
        made(world, inline(world, "fingerprint-1", at(0)), cools(30))
            .await
            .unwrap();
        let refused = made(world, inline(world, "fingerprint-1", at(1)), Finding::Works).await;
        assert!(
            matches!(refused, Err(OpenRefusal::NoRoom(_))),
            "{refused:?}"
        );
        let other = made(world, inline(world, "fingerprint-2", at(1)), Finding::Works).await;
        assert!(other.is_ok());
        // The same values in another workspace are somebody else's.
        let mut elsewhere = inline(world, "fingerprint-1", at(1));
        elsewhere.workspace = world.neighbour().await;
        assert!(made(world, elsewhere, Finding::Works).await.is_ok());
    })
    .await;
}
