//! Limits and budgets: what is taken when calls are opened, what comes back when they end, and that it is exact.

use futures::future::join_all;
use latchkey_domain::credential::{
    Allowance, Budget, BudgetPeriod, CredentialCode, FullRule, Holder, HolderKind, Level, Limits,
    NoRoom, Rules, WorkflowRules,
};
use latchkey_domain::id::{CredentialId, WorkflowId};
use latchkey_domain::ledger::{ModelCallStart, Money, OpenRefusal, Reservation, UsageSource};
use latchkey_domain::time::Timestamp;
use latchkey_store::{BudgetState, CredentialChange, OpenCalls, Page, Store};
use rust_decimal::Decimal;
use sea_orm::{Database, DbBackend};
use uuid::Uuid;

use crate::samples::{self, NOW, answered, tokens};
use crate::world::{World, on_both};

/// What each of the samples' calls may cost at most: 100 tokens in and 50 out at 0.2 and 0.6 for a million.
const MOST: &str = "0.00005";
const WORKFLOW: WorkflowId = WorkflowId::new(Uuid::from_u128(9));

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn money(amount: Decimal) -> Allowance {
    Allowance::Money(Money {
        currency: "USD".to_owned(),
        amount,
    })
}

fn budget(period: BudgetPeriod, allowance: Allowance) -> Budget {
    Budget {
        period,
        allowance,
        warn_percent: None,
    }
}

fn only(budget: Budget) -> Rules {
    Rules {
        limits: Limits::default(),
        budgets: vec![budget],
    }
}

fn limited(limits: Limits) -> Rules {
    Rules {
        limits,
        budgets: Vec::new(),
    }
}

/// A stored credential with rules.
async fn governed(world: &World, name: &str, rules: Rules) -> CredentialId {
    let mut credential = samples::credential(world.workspace, name);
    credential.limits = rules.limits;
    credential.budgets = rules.budgets;
    let sealed = samples::sealed("first");
    let store = &world.store;
    store
        .insert_credential(&credential, &sealed, false)
        .await
        .unwrap();
    credential.id
}

/// Other rules for a stored credential; its new revision.
async fn rule(world: &World, id: CredentialId, rules: Rules) -> i32 {
    let found = world.store.credential(world.workspace, id).await.unwrap();
    let (mut credential, _) = found.unwrap();
    let expected_revision = credential.revision;
    credential.revision += 1;
    credential.limits = rules.limits;
    credential.budgets = rules.budgets;
    let change = CredentialChange {
        credential,
        expected_revision,
        sealed: None,
    };
    world.store.change_credential(&change).await.unwrap();
    expected_revision + 1
}

async fn workflow_rules(world: &World, workflow: Rules, end_user: Rules) {
    let rules = WorkflowRules { workflow, end_user };
    let store = &world.store;
    store
        .replace_workflow_rules(world.workspace, WORKFLOW, None, &rules, NOW)
        .await
        .unwrap();
}

/// A call without a run that a credential pays.
fn call(world: &World, credential: CredentialId, at: Timestamp) -> ModelCallStart {
    ModelCallStart {
        credential: Some(credential),
        credential_name: Some("acme".to_owned()),
        credential_version: Some(1),
        credential_revision: Some(1),
        at,
        ..samples::call(world.workspace)
    }
}

/// The rule that leaves no room, if one does.
async fn refusal(store: &Store, call: &ModelCallStart) -> Option<NoRoom> {
    match store.open_call(call).await.unwrap() {
        Ok(()) => None,
        Err(OpenRefusal::NoRoom(room)) => Some(room),
        Err(other) => panic!("{other:?}"),
    }
}

async fn standing(world: &World, holder: &Holder, budget: &Budget) -> (Decimal, Decimal) {
    let budgets = std::slice::from_ref(budget);
    let states = world
        .store
        .budget_states(world.workspace, holder, budgets, NOW);
    let BudgetState { used, reserved, .. } = states.await.unwrap().remove(0);
    let of_ledger = world.store.ledger_sums(
        world.workspace,
        holder,
        (budget.period, NOW),
        budget.allowance.unit(),
    );
    assert_eq!(
        of_ledger.await.unwrap(),
        (used, reserved),
        "as the ledger has it"
    );
    (used, reserved)
}

#[tokio::test]
async fn as_many_calls_are_opened_at_once_as_a_budget_has_room_for() {
    on_both(async |world| {
        let budget = budget(BudgetPeriod::Day, money(decimal(MOST) * Decimal::from(37)));
        let id = governed(world, "acme", only(budget.clone())).await;
        let calls: Vec<_> = (0..200).map(|_| call(world, id, NOW)).collect();
        // A second process, where the database takes more than one.
        let is_postgres = world.options.url.starts_with("postgres");
        let second = if is_postgres {
            Store::open(&world.options).await.unwrap()
        } else {
            world.store.clone()
        };
        let stores = [&world.store, &second];
        let opening = calls.iter().enumerate();
        let opening = opening.map(|(place, call)| refusal(stores[place % 2], call));
        let refusals: Vec<_> = join_all(opening).await;
        assert_eq!(refusals.iter().filter(|one| one.is_none()).count(), 37);
        let code = refusals.iter().flatten().map(NoRoom::code);
        assert!(code.eq((0..163).map(|_| CredentialCode::BudgetExceeded)));
        let holder = Holder::Credential(id);
        let full = decimal(MOST) * Decimal::from(37);
        assert_eq!(
            standing(world, &holder, &budget).await,
            (Decimal::ZERO, full)
        );
        let opened = calls.iter().zip(&refusals).filter(|(_, one)| one.is_none());
        let closing = opened.enumerate().map(async |(place, (call, _))| {
            let end = answered(tokens(10, 5));
            stores[place % 2].close_call(call.id, end).await.unwrap();
        });
        join_all(closing).await;
        let used = decimal("0.0000045") * Decimal::from(37);
        assert_eq!(
            standing(world, &holder, &budget).await,
            (used, Decimal::ZERO)
        );
        assert_eq!(refusal(&world.store, &call(world, id, NOW)).await, None);
        if is_postgres {
            second.close().await;
        }
    })
    .await;
}

#[tokio::test]
async fn whoever_closes_while_others_open_gives_back_exactly_what_was_taken() {
    on_both(async |world| {
        let budget = budget(BudgetPeriod::Total, Allowance::Tokens(150 * 20));
        let id = governed(world, "acme", only(budget.clone())).await;
        let work = (0..150u64).map(async |number| {
            let call = call(world, id, NOW);
            if refusal(&world.store, &call).await.is_none() {
                let end = answered(tokens(number % 7, 1));
                world.store.close_call(call.id, end).await.unwrap();
            }
        });
        join_all(work).await;
        let (used, reserved) = standing(world, &Holder::Credential(id), &budget).await;
        assert!(used > Decimal::ZERO && used <= Decimal::from(3000));
        assert_eq!(reserved, Decimal::ZERO);
    })
    .await;
}

#[tokio::test]
async fn a_call_takes_of_everybody_or_of_nobody() {
    on_both(async |world| {
        let tokens = |calls: u64| budget(BudgetPeriod::Day, Allowance::Tokens(150 * calls));
        let (of_credential, of_workflow) = (tokens(10), tokens(2));
        let id = governed(world, "acme", only(of_credential.clone())).await;
        workflow_rules(world, only(of_workflow.clone()), Rules::default()).await;
        for expected in [None, None, Some(HolderKind::Workflow)] {
            let refused = refusal(&world.store, &call(world, id, NOW)).await;
            assert_eq!(refused.map(|room| room.whose), expected);
        }
        let reserved = Decimal::from(300);
        for (holder, budget) in [
            (Holder::Credential(id), of_credential),
            (Holder::Workflow(WORKFLOW), of_workflow),
        ] {
            let standing = standing(world, &holder, &budget).await;
            assert_eq!(standing, (Decimal::ZERO, reserved), "{holder:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn each_end_user_has_a_budget_of_its_own() {
    on_both(async |world| {
        let id = world.credential("acme").await;
        let each = budget(BudgetPeriod::Month, Allowance::Tokens(150));
        workflow_rules(world, Rules::default(), only(each.clone())).await;
        let of = |label: Option<&str>| ModelCallStart {
            end_user: label.map(str::to_owned),
            ..call(world, id, NOW)
        };
        for (label, expected) in [
            (Some("ann"), None),
            (Some("bob"), None),
            (Some("ann"), Some(HolderKind::EndUser)),
            (None, None),
            (Some(""), None),
        ] {
            let refused = refusal(&world.store, &of(label)).await;
            assert_eq!(refused.map(|room| room.whose), expected, "{label:?}");
        }
        let ann = Holder::EndUser(WORKFLOW, "ann".to_owned());
        let standing = standing(world, &ann, &each).await;
        assert_eq!(standing, (Decimal::ZERO, Decimal::from(150)));
    })
    .await;
}

#[tokio::test]
async fn a_budget_of_money_needs_a_price_in_its_currency() {
    on_both(async |world| {
        let budget = budget(BudgetPeriod::Total, money(decimal("5")));
        let id = governed(world, "acme", only(budget)).await;
        let other = Some(samples::price("CNY", "1", "1"));
        let free = Reservation::default();
        let usual = call(world, id, NOW);
        for (price, level, reserved, expected) in [
            (
                None,
                Some(Level::Node),
                usual.reserved,
                Some(FullRule::Unpriced),
            ),
            (
                other,
                Some(Level::Node),
                usual.reserved,
                Some(FullRule::Unpriced),
            ),
            (None, Some(Level::NotNeeded), usual.reserved, None),
            (None, None, free, None),
            (usual.price.clone(), Some(Level::Node), usual.reserved, None),
        ] {
            let call = ModelCallStart {
                price,
                level,
                reserved,
                ..call(world, id, NOW)
            };
            let refused = refusal(&world.store, &call).await;
            assert_eq!(refused.map(|room| room.rule), expected, "{call:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_new_budget_begins_with_what_the_ledger_has() {
    on_both(async |world| {
        let id = world.credential("acme").await;
        let [early, closed, open] =
            [-86_400_000, 0, 0].map(|after| call(world, id, NOW.plus_millis(after)));
        for call in [&early, &closed, &open] {
            assert_eq!(refusal(&world.store, call).await, None);
        }
        let end = answered(tokens(10, 5));
        for call in [&early, &closed] {
            world.store.close_call(call.id, end.clone()).await.unwrap();
        }
        let day = budget(BudgetPeriod::Day, Allowance::Tokens(15 + 150 + 150));
        let revision = rule(world, id, only(day.clone())).await;
        let holder = Holder::Credential(id);
        let expected = (Decimal::from(15), Decimal::from(150));
        assert_eq!(standing(world, &holder, &day).await, expected);
        let later = |after| ModelCallStart {
            credential_revision: Some(revision),
            ..call(world, id, NOW.plus_millis(after))
        };
        assert_eq!(refusal(&world.store, &later(0)).await, None);
        assert!(refusal(&world.store, &later(0)).await.is_some());
        // The call that was open before there was a budget gives back what was counted for it.
        world.store.close_call(open.id, end).await.unwrap();
        let expected = (Decimal::from(30), Decimal::from(150));
        assert_eq!(standing(world, &holder, &day).await, expected);
        // The next day begins with nothing.
        assert_eq!(refusal(&world.store, &later(86_400_000)).await, None);
    })
    .await;
}

#[tokio::test]
async fn what_a_dead_process_left_open_is_held_to_be_used() {
    on_both(async |world| {
        let budget = budget(BudgetPeriod::Day, money(decimal(MOST) * Decimal::from(3)));
        let id = governed(world, "acme", only(budget.clone())).await;
        let [lost, kept] = [(); 2].map(|()| call(world, id, NOW));
        for call in [&lost, &kept] {
            assert_eq!(refusal(&world.store, call).await, None);
        }
        let end = answered(tokens(10, 5));
        world.store.close_call(kept.id, end).await.unwrap();
        let again = world.reopened().await;
        again
            .store
            .lose_open_calls(OpenCalls::WithoutRun, NOW)
            .await
            .unwrap();
        let used = decimal(MOST) + decimal("0.0000045");
        let holder = Holder::Credential(id);
        assert_eq!(
            standing(&again, &holder, &budget).await,
            (used, Decimal::ZERO)
        );
        // Whoever comes back and closes it changes nothing.
        let late = answered(tokens(1, 1));
        again.store.close_call(lost.id, late).await.unwrap();
        assert_eq!(
            standing(&again, &holder, &budget).await,
            (used, Decimal::ZERO)
        );
        assert_eq!(refusal(&again.store, &call(world, id, NOW)).await, None);
        assert!(refusal(&again.store, &call(world, id, NOW)).await.is_some());
        again.store.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_call_that_was_never_sent_gives_everything_back() {
    on_both(async |world| {
        let budget = budget(BudgetPeriod::Day, money(decimal("1")));
        let id = governed(world, "acme", only(budget.clone())).await;
        let call = call(world, id, NOW);
        assert_eq!(refusal(&world.store, &call).await, None);
        let mut end = answered(tokens(0, 0));
        end.usage_source = UsageSource::None;
        world.store.close_call(call.id, end).await.unwrap();
        let nothing = (Decimal::ZERO, Decimal::ZERO);
        let holder = Holder::Credential(id);
        assert_eq!(standing(world, &holder, &budget).await, nothing);
    })
    .await;
}

#[tokio::test]
async fn calls_per_minute_come_back_evenly() {
    on_both(async |world| {
        let limits = Limits {
            requests_per_minute: Some(6),
            wait_ms: Some(700),
            ..Limits::default()
        };
        let id = governed(world, "acme", limited(limits)).await;
        let calls: Vec<_> = (0..20).map(|_| call(world, id, NOW)).collect();
        let opening = calls.iter().map(|call| refusal(&world.store, call));
        let refused: Vec<_> = join_all(opening).await.into_iter().flatten().collect();
        let expected = NoRoom {
            whose: HolderKind::Credential,
            rule: FullRule::Requests(6),
            retry_after_ms: Some(10_000),
            wait_ms: 700,
        };
        assert_eq!(refused, [expected; 14]);
        for (after, passes) in [
            (9_999, false),
            (10_000, true),
            (10_001, false),
            (20_000, true),
        ] {
            let call = call(world, id, NOW.plus_millis(after));
            let refused = refusal(&world.store, &call).await;
            assert_eq!(refused.is_none(), passes, "{after}");
        }
    })
    .await;
}

#[tokio::test]
async fn tokens_per_minute_count_what_was_used() {
    on_both(async |world| {
        let limits = Limits {
            tokens_per_minute: Some(160),
            ..Limits::default()
        };
        let id = governed(world, "acme", limited(limits)).await;
        let first = call(world, id, NOW);
        assert_eq!(refusal(&world.store, &first).await, None);
        let full = refusal(&world.store, &call(world, id, NOW)).await.unwrap();
        assert_eq!(full.rule, FullRule::Tokens(160));
        let end = answered(tokens(5, 5));
        world.store.close_call(first.id, end).await.unwrap();
        assert_eq!(refusal(&world.store, &call(world, id, NOW)).await, None);
        let mut huge = call(world, id, NOW.plus_millis(600_000));
        huge.reserved.output = 1_000_000;
        assert_eq!(
            refusal(&world.store, &huge).await,
            None,
            "it takes the whole minute"
        );
        huge.id = samples::call(world.workspace).id;
        huge.at = NOW.plus_millis(6_000_000);
        huge.reserved.input = 161;
        let never = refusal(&world.store, &huge).await.unwrap();
        assert_eq!((never.retry_after_ms, never.wait_ms), (None, 0));
    })
    .await;
}

#[tokio::test]
async fn calls_at_once_are_counted_and_not_remembered() {
    on_both(async |world| {
        let limits = Limits {
            concurrent_calls: Some(3),
            ..Limits::default()
        };
        let id = governed(world, "acme", limited(limits)).await;
        let calls: Vec<_> = (0..10).map(|_| call(world, id, NOW)).collect();
        let opening = calls.iter().map(|call| refusal(&world.store, call));
        let answers = join_all(opening).await;
        let opened: Vec<_> = calls
            .iter()
            .zip(&answers)
            .filter(|(_, one)| one.is_none())
            .collect();
        assert_eq!(opened.len(), 3);
        let end = answered(tokens(1, 1));
        world.store.close_call(opened[0].0.id, end).await.unwrap();
        assert_eq!(refusal(&world.store, &call(world, id, NOW)).await, None);
        let full = refusal(&world.store, &call(world, id, NOW)).await.unwrap();
        assert_eq!(full.rule, FullRule::Concurrent(3));
        // Trying a credential out waits for nobody.
        let mut trial = call(world, id, NOW);
        trial.level = None;
        assert_eq!(refusal(&world.store, &trial).await, None);
        world
            .store
            .lose_open_calls(OpenCalls::WithoutRun, NOW)
            .await
            .unwrap();
        assert_eq!(refusal(&world.store, &call(world, id, NOW)).await, None);
    })
    .await;
}

#[tokio::test]
async fn people_are_told_once_a_period() {
    on_both(async |world| {
        let warned = Budget {
            warn_percent: Some(50),
            ..budget(BudgetPeriod::Day, Allowance::Tokens(300))
        };
        let id = governed(world, "acme", only(warned)).await;
        for day in [0, 1] {
            let at = NOW.plus_millis(day * 86_400_000);
            for _ in 0..3 {
                let call = call(world, id, at);
                if refusal(&world.store, &call).await.is_none() {
                    let end = answered(tokens(80, 5));
                    world.store.close_call(call.id, end).await.unwrap();
                }
            }
        }
        let events = world.store.budget_events(world.workspace, Page::first(10));
        let events = events.await.unwrap().rows;
        let kinds: Vec<_> = events.iter().rev().map(|event| &*event.kind).collect();
        let each = ["budget.warning", "budget.exceeded"];
        assert_eq!(kinds, [each, each].concat());
        let body = &events[3].body;
        assert_eq!(body["holder"]["credential_id"], id.to_string());
        assert_eq!(body["used"]["tokens"], 170);
        assert_eq!(body["allowance"]["tokens"], 300);
        assert!(events.iter().all(|event| event.deliver_at.is_some()));
    })
    .await;
}

#[tokio::test]
async fn a_rule_is_looked_at_when_it_has_been_set_and_kept_apart_from_others() {
    on_both(async |world| {
        let id = world.credential("acme").await;
        let of = |world: &World| call(world, id, NOW);
        assert_eq!(refusal(&world.store, &of(world)).await, None);
        let limits = Limits {
            requests_per_minute: Some(1),
            ..Limits::default()
        };
        workflow_rules(world, limited(limits), Rules::default()).await;
        assert_eq!(refusal(&world.store, &of(world)).await, None);
        assert!(refusal(&world.store, &of(world)).await.is_some());
        let mut elsewhere = of(world);
        elsewhere.workflow = Some(WorkflowId::new(Uuid::from_u128(10)));
        assert_eq!(refusal(&world.store, &elsewhere).await, None);
        workflow_rules(world, Rules::default(), Rules::default()).await;
        assert_eq!(refusal(&world.store, &of(world)).await, None);
        let (_, revision) = world
            .store
            .workflow_rules(world.workspace, WORKFLOW)
            .await
            .unwrap();
        assert_eq!(revision, 2);
        let none = WorkflowRules::default();
        let stale =
            world
                .store
                .replace_workflow_rules(world.workspace, WORKFLOW, Some(1), &none, NOW);
        assert_eq!(stale.await, Err(latchkey_store::StoreError::Changed));
    })
    .await;
}

#[tokio::test]
async fn setting_a_workflows_budget_waits_for_calls_that_are_being_opened() {
    on_both(async |world| {
        let raw = Database::connect(&world.options.url).await.unwrap();
        if raw.get_database_backend() == DbBackend::Sqlite {
            // There is one writing connection.
            return;
        }
        let id = world.credential("acme").await;
        let day = budget(BudgetPeriod::Day, Allowance::Tokens(150 * 50));
        let opening = (0..100).map(async |_: u32| {
            let call = call(world, id, NOW);
            let is_open = refusal(&world.store, &call).await.is_none();
            if is_open {
                let end = answered(tokens(100, 50));
                world.store.close_call(call.id, end).await.unwrap();
            }
        });
        let setting = workflow_rules(world, only(day.clone()), Rules::default());
        futures::join!(join_all(opening), setting);
        let holder = Holder::Workflow(WORKFLOW);
        // As many as were opened before, and those that fitted afterwards: the sums are the ledger's.
        let (used, reserved) = standing(world, &holder, &day).await;
        assert!(
            used >= Decimal::from(150 * 50) && reserved.is_zero(),
            "{used}"
        );
    })
    .await;
}
