//! Rows of the ledger: opened under guards, closed once, lost with their epoch.

use futures::future::join_all;
use latchkey_domain::credential::{CredentialCode, CredentialState};
use latchkey_domain::id::{CredentialId, ModelCallId};
use latchkey_domain::ledger::{
    CallOutcome, ModelCall, ModelCallStart, OpenRefusal, Tokens, UsageSource,
};
use latchkey_domain::run::{IterationStep, Run};
use latchkey_store::{CallFilter, CredentialChange, Inserted, OpenCalls, Page};
use sea_orm::{ConnectionTrait as _, Database, DbBackend, Statement};

use crate::samples::{self, NOW, answered, paid_call, tokens};
use crate::world::{World, on_both};

async fn open(world: &World, call: &ModelCallStart) -> Result<(), OpenRefusal> {
    world.store.open_call(call).await.unwrap()
}

async fn ledger(world: &World) -> Vec<ModelCall> {
    let filter = CallFilter::default();
    let page = Page::first(100);
    let found = world.store.model_calls(world.workspace, &filter, page);
    found.await.unwrap().rows
}

/// Changes a stored credential, so that its revision is raised.
async fn change(world: &World, id: CredentialId, state: CredentialState) {
    let found = world.store.credential(world.workspace, id).await.unwrap();
    let (mut credential, _) = found.unwrap();
    let expected_revision = credential.revision;
    credential.revision += 1;
    credential.state = state;
    let change = CredentialChange {
        credential,
        expected_revision,
        sealed: None,
    };
    world.store.change_credential(&change).await.unwrap();
}

#[tokio::test]
async fn a_call_comes_back_as_it_was_opened_and_closed() {
    on_both(async |world| {
        let run = world.running().await;
        let mut call = paid_call(&run, world.credential("acme").await);
        call.iteration_path = vec![IterationStep {
            node_id: "loop".into(),
            index: 4,
        }];
        assert_eq!(open(world, &call).await, Ok(()));
        let mut expected = ModelCall {
            start: call.clone(),
            end: None,
            cost: None,
        };
        assert_eq!(ledger(world).await, [expected.clone()]);
        let end = answered(Tokens {
            input: 1,
            cache_read: 2,
            cache_write: 3,
            output: 4,
            reasoning: 5,
        });
        expected.cost = call.price.as_ref().map(|price| price.cost(&end.tokens));
        expected.end = Some(end.clone());
        world.store.close_call(call.id, end).await.unwrap();
        assert_eq!(ledger(world).await, [expected]);
    })
    .await;
}

#[tokio::test]
async fn a_call_is_not_opened_when_its_run_is_over_or_elsewhere() {
    on_both(async |world| {
        let credential = world.credential("acme").await;
        let (over, seized) = (world.running().await, world.running().await);
        world.finish(&over).await;
        world.store.seize_run(seized.id, None).await.unwrap();
        let unknown = samples::run(world.workspace);
        for run in [&over, &seized, &unknown] {
            let refused = open(world, &paid_call(run, credential)).await;
            assert_eq!(refused, Err(OpenRefusal::RunOver));
        }
        assert_eq!(ledger(world).await, []);
        let now = Run { epoch: 2, ..seized };
        assert_eq!(open(world, &paid_call(&now, credential)).await, Ok(()));
    })
    .await;
}

#[tokio::test]
async fn guards_see_what_shares_their_transaction() {
    on_both(async |world| {
        let credential = world.credential("acme").await;
        let run = samples::run(world.workspace);
        let (early, late) = (paid_call(&run, credential), paid_call(&run, credential));
        let pending = world.store.insert_run(&samples::new_run(&run)).await;
        let answers = futures::join!(open(world, &early), world.finish(&run), open(world, &late));
        assert_eq!(answers, (Ok(()), (), Err(OpenRefusal::RunOver)));
        let inserted = pending.unwrap().committed().await;
        assert_eq!(inserted, Ok(Inserted::New));
        let found = ledger(world).await;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].start.id, early.id);
    })
    .await;
}

#[tokio::test]
async fn a_call_is_not_opened_with_a_credential_that_changed() {
    on_both(async |world| {
        let run = world.running().await;
        let (changed, gone) = (
            world.credential("acme").await,
            world.credential("globex").await,
        );
        change(world, changed, CredentialState::Active).await;
        let store = &world.store;
        store
            .delete_credential(world.workspace, gone)
            .await
            .unwrap();
        for credential in [changed, gone] {
            let refused = open(world, &paid_call(&run, credential)).await;
            assert_eq!(refused, Err(OpenRefusal::CredentialChanged));
        }
        assert_eq!(ledger(world).await, []);
        let mut resolved_again = paid_call(&run, changed);
        resolved_again.credential_revision = Some(2);
        assert_eq!(open(world, &resolved_again).await, Ok(()));
    })
    .await;
}

#[tokio::test]
async fn a_credential_that_is_switched_off_pays_for_no_run() {
    on_both(async |world| {
        let run = world.running().await;
        for (name, state) in [
            ("acme", CredentialState::Disabled),
            ("globex", CredentialState::Invalid),
            ("initech", CredentialState::Exhausted),
        ] {
            let credential = world.credential(name).await;
            change(world, credential, state).await;
            let mut call = paid_call(&run, credential);
            call.credential_revision = Some(2);
            let refused = open(world, &call).await;
            assert_eq!(refused, Err(OpenRefusal::CredentialChanged));
            // It may still be tried out.
            call.level = None;
            assert_eq!(open(world, &call).await, Ok(()));
        }
    })
    .await;
}

#[tokio::test]
async fn a_call_waits_for_a_change_of_its_credential_that_is_under_way() {
    on_both(async |world| {
        let raw = Database::connect(&world.options.url).await.unwrap();
        if raw.get_database_backend() == DbBackend::Sqlite {
            // There is one writing connection: no change is under way while another begins.
            return;
        }
        let run = world.running().await;
        let call = paid_call(&run, world.credential("acme").await);
        let transaction = sea_orm::TransactionTrait::begin(&raw).await.unwrap();
        let change = "UPDATE provider_credentials SET state = 'disabled', revision = 2";
        transaction.execute_unprepared(change).await.unwrap();
        let committed = async {
            latchkey_tests::wait::until("the call waits", async || {
                let ask = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'
                             AND datname = current_database()";
                let ask = Statement::from_string(DbBackend::Postgres, ask);
                raw.query_one_raw(ask).await.unwrap()
            })
            .await;
            transaction.commit().await.unwrap();
        };
        let (answer, ()) = futures::join!(open(world, &call), committed);
        assert_eq!(answer, Err(OpenRefusal::CredentialChanged));
        assert_eq!(ledger(world).await, []);
    })
    .await;
}

#[tokio::test]
async fn closing_twice_changes_nothing() {
    on_both(async |world| {
        let call = samples::call(world.workspace);
        assert_eq!(open(world, &call).await, Ok(()));
        let store = &world.store;
        let first = answered(tokens(10, 20));
        store.close_call(call.id, first).await.unwrap();
        let before = ledger(world).await;
        let second = answered(tokens(1000, 2000));
        store.close_call(call.id, second.clone()).await.unwrap();
        assert_eq!(ledger(world).await, before);
        let unknown = ModelCallId::new(samples::id());
        assert_eq!(store.close_call(unknown, second).await, Ok(None));
        assert_eq!(ledger(world).await, before);
    })
    .await;
}

#[tokio::test]
async fn two_ends_in_one_transaction_are_one_end() {
    on_both(async |world| {
        let call = samples::call(world.workspace);
        let close = |tokens| world.store.close_call(call.id, answered(tokens));
        let (opened, first, second) =
            futures::join!(open(world, &call), close(tokens(1, 1)), close(tokens(9, 9)));
        assert_eq!((opened, first, second), (Ok(()), Ok(None), Ok(None)));
        let ended = ledger(world).await.remove(0).end.unwrap();
        assert_eq!(ended.tokens, tokens(1, 1));
    })
    .await;
}

#[tokio::test]
async fn calls_that_are_left_open_are_lost_and_no_others() {
    on_both(async |world| {
        let (ours, other) = (world.running().await, world.running().await);
        let credential = world.credential("acme").await;
        let calls = [&ours, &ours, &other].map(|run| paid_call(run, credential));
        for call in &calls {
            assert_eq!(open(world, call).await, Ok(()));
        }
        let store = &world.store;
        let end = answered(tokens(1, 1));
        store.close_call(calls[0].id, end).await.unwrap();
        let left = OpenCalls::OfRun(ours.id);
        store.lose_open_calls(left, NOW).await.unwrap();
        let outcomes: Vec<_> = ledger(world)
            .await
            .into_iter()
            .rev()
            .map(|call| call.end.map(|end| (end.outcome, end.usage_source)))
            .collect();
        let closed = Some((CallOutcome::Succeeded, UsageSource::Reported));
        let lost = Some((CallOutcome::Lost, UsageSource::Lost));
        assert_eq!(outcomes, [closed, lost, None]);
        store
            .lose_open_calls(OpenCalls::OfRun(other.id), NOW)
            .await
            .unwrap();
        let rows = ledger(world).await;
        assert!(rows.iter().all(|call| call.end.is_some()));
        // What a lost call cost nobody knows.
        let priced: Vec<_> = rows.iter().rev().map(|call| call.cost.is_some()).collect();
        assert_eq!(priced, [true, false, false]);
    })
    .await;
}

#[tokio::test]
async fn a_call_that_our_own_rule_forbade_is_a_row_without_tokens() {
    on_both(async |world| {
        let run = world.running().await;
        let call = paid_call(&run, world.credential("acme").await);
        let code = CredentialCode::Forbidden;
        world.store.refuse_call(&call, code).await.unwrap();
        let found = ledger(world).await.remove(0);
        assert_eq!(found.start, call);
        let end = found.end.unwrap();
        assert_eq!(end.outcome, CallOutcome::Refused);
        assert_eq!(end.error_code.as_deref(), Some("credential_forbidden"));
        assert_eq!(end.tokens, Tokens::default());
        assert_eq!(end.usage_source, UsageSource::None);
    })
    .await;
}

#[tokio::test]
async fn a_credential_tells_roughly_when_it_last_paid() {
    on_both(async |world| {
        let run = world.running().await;
        let credential = world.credential("acme").await;
        for (after, expected) in [(0, 0), (60_000, 0), (60_001, 60_001)] {
            let mut call = paid_call(&run, credential);
            call.at = NOW.plus_millis(after);
            assert_eq!(open(world, &call).await, Ok(()));
            let found = world.store.credential(world.workspace, credential).await;
            let (found, _) = found.unwrap().unwrap();
            assert_eq!(found.last_used_at, Some(NOW.plus_millis(expected)));
        }
    })
    .await;
}

#[tokio::test]
async fn many_calls_at_once_are_each_opened_and_closed() {
    on_both(async |world| {
        let run = world.running().await;
        let credential = world.credential("acme").await;
        let work = (1..=100).map(async |number: u64| {
            let call = paid_call(&run, credential);
            assert_eq!(open(world, &call).await, Ok(()));
            let end = answered(tokens(number, 0));
            world.store.close_call(call.id, end).await.unwrap();
        });
        join_all(work).await;
        let ends = ledger(world)
            .await
            .into_iter()
            .map(|call| call.end.unwrap());
        assert_eq!(ends.map(|end| end.tokens.input).sum::<u64>(), 5050);
    })
    .await;
}
