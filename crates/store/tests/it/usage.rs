//! Sums over the ledger: grouped, filtered, exact.

use std::collections::BTreeMap;

use latchkey_domain::credential::{CredentialCode, Level, Principal};
use latchkey_domain::id::{ApiKeyId, RunId};
use latchkey_domain::ledger::{
    CallOutcome, ModelCallEnd, ModelCallStart, Money, Tokens, UsageSource,
};
use latchkey_store::{CallFilter, Dimension, OpenCalls, Page, UsageQuery, UsageRow};

use crate::samples::{self, NOW, answered, price, tokens};
use crate::world::{World, on_both};

/// Opens a call and closes it.
async fn spend(world: &World, call: &ModelCallStart, end: ModelCallEnd) {
    world.store.open_call(call).await.unwrap().unwrap();
    world.store.close_call(call.id, end).await.unwrap();
}

/// One answered call of so many tokens in and out, changed first.
async fn spent(world: &World, input: u64, output: u64, change: impl FnOnce(&mut ModelCallStart)) {
    let mut call = samples::call(world.workspace);
    change(&mut call);
    spend(world, &call, answered(tokens(input, output))).await;
}

async fn usage(world: &World, query: &UsageQuery) -> Vec<UsageRow> {
    world.store.usage(world.workspace, query).await.unwrap()
}

fn by(dimensions: &[Dimension]) -> UsageQuery {
    UsageQuery {
        group_by: dimensions.to_vec(),
        ..UsageQuery::default()
    }
}

/// The sum of everything.
async fn total(world: &World) -> UsageRow {
    usage(world, &UsageQuery::default()).await.remove(0)
}

fn amounts(cost: &BTreeMap<String, Money>) -> Vec<String> {
    let amount = |money: &Money| format!("{} {}", money.amount.normalize(), money.currency);
    cost.values().map(amount).collect()
}

#[tokio::test]
async fn nothing_used_is_no_row() {
    on_both(async |world| {
        assert_eq!(usage(world, &UsageQuery::default()).await, []);
        assert_eq!(usage(world, &by(&Dimension::ALL)).await, []);
    })
    .await;
}

#[tokio::test]
async fn sums_are_made_for_each_combination_of_keys_in_order() {
    on_both(async |world| {
        for (name, model, input) in [
            ("globex", "small", 1),
            ("acme", "small", 10),
            ("acme", "large", 100),
            ("acme", "small", 1000),
        ] {
            spent(world, input, 1, |call| {
                call.credential_name = Some(name.to_owned());
                call.model = model.to_owned();
            })
            .await;
        }
        let rows = usage(world, &by(&[Dimension::Credential, Dimension::Model])).await;
        let told: Vec<String> = rows
            .iter()
            .map(|row| {
                let keys: Vec<&str> = row
                    .keys
                    .iter()
                    .map(|key| key.value.as_deref().unwrap())
                    .collect();
                format!(
                    "{}: {} calls, {}",
                    keys.join("/"),
                    row.calls,
                    row.tokens.input
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                "acme/large: 1 calls, 100",
                "acme/small: 2 calls, 1010",
                "globex/small: 1 calls, 1"
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn the_token_columns_are_disjoint() {
    on_both(async |world| {
        let each = Tokens {
            input: 1,
            cache_read: 20,
            cache_write: 300,
            output: 4000,
            reasoning: 50_000,
        };
        for _ in 0..3 {
            let call = samples::call(world.workspace);
            spend(world, &call, answered(each)).await;
        }
        let sum = total(world).await.tokens;
        let expected = Tokens {
            input: 3,
            cache_read: 60,
            cache_write: 900,
            output: 12_000,
            reasoning: 150_000,
        };
        assert_eq!((sum, sum.total()), (expected, 3 * 54_321));
    })
    .await;
}

#[tokio::test]
async fn money_is_exact_and_the_sum_of_what_the_rows_say() {
    on_both(async |world| {
        for number in 1..=40 {
            spent(world, number, 7, |call| {
                let input = if number % 2 == 0 { "0.1" } else { "0.2" };
                call.price = Some(price("USD", input, "0.0000001"));
            })
            .await;
        }
        let filter = CallFilter::default();
        let found = world
            .store
            .model_calls(world.workspace, &filter, Page::first(100))
            .await
            .unwrap();
        let costs = found.rows.iter().map(|call| call.cost.as_ref().unwrap());
        let frozen = costs
            .map(|money| money.amount)
            .sum::<rust_decimal::Decimal>();
        let sum = total(world).await;
        assert_eq!(sum.cost["USD"].amount, frozen);
        // 420 even tokens at 0.1, 400 odd ones at 0.2 and 280 at 0.0000001, each for a million.
        assert_eq!(amounts(&sum.cost), ["0.000122000028 USD"]);
    })
    .await;
}

#[tokio::test]
async fn currencies_are_not_added_and_unknown_prices_are_counted() {
    on_both(async |world| {
        for currency in [Some("USD"), Some("EUR"), Some("USD"), None, None] {
            spent(world, 1_000_000, 0, |call| {
                call.price = currency.map(|currency| price(currency, "0.1", "0"));
            })
            .await;
        }
        let sum = total(world).await;
        assert_eq!(amounts(&sum.cost), ["0.1 EUR", "0.2 USD"]);
        assert_eq!((sum.calls, sum.unpriced_calls), (5, 2));
    })
    .await;
}

#[tokio::test]
async fn refused_lost_and_estimated_calls_are_counted_apart() {
    on_both(async |world| {
        let store = &world.store;
        spent(world, 1, 1, |_| {}).await;
        let refused = samples::call(world.workspace);
        let code = CredentialCode::Disabled;
        store.refuse_call(&refused, code).await.unwrap();
        let mut cut = answered(tokens(5, 0));
        cut.outcome = CallOutcome::Cancelled;
        cut.usage_source = UsageSource::Estimated;
        spend(world, &samples::call(world.workspace), cut).await;
        let run = world.running().await;
        let mut left = samples::call(world.workspace);
        left.run = Some(run.id);
        left.price = None;
        store.open_call(&left).await.unwrap().unwrap();
        let open = OpenCalls::OfRun(run.id);
        store.lose_open_calls(open, NOW).await.unwrap();

        let sum = total(world).await;
        assert_eq!((sum.calls, sum.refused), (3, 1));
        assert_eq!((sum.estimated_calls, sum.lost_calls), (1, 1));
        assert_eq!(sum.unpriced_calls, 0);
        assert_eq!(sum.tokens, tokens(6, 1));
    })
    .await;
}

#[tokio::test]
async fn what_nobody_is_to_pay_is_not_unpriced() {
    on_both(async |world| {
        spent(world, 1, 1, |call| {
            call.price = None;
            call.level = Some(Level::NotNeeded);
        })
        .await;
        assert_eq!(total(world).await.unpriced_calls, 0);
    })
    .await;
}

/// A call that differs from the plain one in everything that sums are made over.
fn odd(call: &mut ModelCallStart) {
    call.credential_name = Some("acme".to_owned());
    call.workflow_name = Some("summarise".to_owned());
    call.provider = latchkey_domain::provider::ProviderId::normalise("deepseek");
    call.model = "large".to_owned();
    call.environment.0 = "staging".to_owned();
    call.end_user = None;
    call.node = Some("other".into());
    call.caller = Principal::ApiKey(ApiKeyId::new(samples::id()));
    call.level = None;
    call.at = NOW.plus_millis(24 * 60 * 60 * 1000);
}

#[tokio::test]
async fn every_dimension_divides_and_selects() {
    on_both(async |world| {
        spent(world, 1, 0, |_| {}).await;
        spent(world, 10, 0, odd).await;
        // Both are reported.
        let divides = |it: &Dimension| *it != Dimension::UsageSource;
        for dimension in Dimension::ALL.into_iter().filter(divides) {
            let rows = usage(world, &by(&[dimension])).await;
            assert_eq!(rows.len(), 2, "{dimension:?}: {rows:?}");
            for row in rows {
                let Some(key) = row.keys[0].value.clone() else {
                    continue;
                };
                assert!(!key.is_empty(), "{dimension:?} has an empty key");
                let only = UsageQuery {
                    only: vec![(dimension, key)],
                    ..by(&[dimension])
                };
                assert_eq!(usage(world, &only).await, [row], "{dimension:?}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn calls_without_a_key_of_the_api_have_none() {
    on_both(async |world| {
        let key = ApiKeyId::new(samples::id());
        spent(world, 1, 0, |_| {}).await;
        spent(world, 1, 0, |call| call.caller = Principal::ApiKey(key)).await;
        let rows = usage(world, &by(&[Dimension::ApiKey])).await;
        let keys: Vec<_> = rows.iter().map(|row| row.keys[0].value.clone()).collect();
        assert_eq!(keys, [None, Some(key.to_string())]);
    })
    .await;
}

#[tokio::test]
async fn days_are_of_utc_and_a_time_span_is_half_open() {
    on_both(async |world| {
        let at = |text| latchkey_domain::time::Timestamp::parse(text).unwrap();
        let (late, midnight) = (at("2026-03-01T23:59:59.999Z"), at("2026-03-02T00:00:00Z"));
        spent(world, 1, 0, |call| call.at = late).await;
        spent(world, 10, 0, |call| call.at = midnight).await;
        let days = by(&[Dimension::Day]);
        let rows = usage(world, &days).await;
        let told = rows
            .iter()
            .map(|row| (row.keys[0].value.as_deref(), row.tokens.input));
        let expected = [(Some("2026-03-01"), 1), (Some("2026-03-02"), 10)];
        assert_eq!(told.collect::<Vec<_>>(), expected);

        let from = UsageQuery {
            from: Some(midnight),
            ..days.clone()
        };
        let to = UsageQuery {
            to: Some(midnight),
            ..days
        };
        assert_eq!(usage(world, &from).await, rows[1..]);
        assert_eq!(usage(world, &to).await, rows[..1]);
    })
    .await;
}

#[tokio::test]
async fn rows_are_filtered_by_run_credential_and_workflow() {
    on_both(async |world| {
        let run = world.running().await;
        let credential = world.credential("acme").await;
        let mut paid = samples::paid_call(&run, credential);
        paid.workflow = Some(latchkey_domain::id::WorkflowId::new(samples::id()));
        spend(world, &paid, answered(tokens(1, 1))).await;
        spent(world, 1, 1, |_| {}).await;
        let page = Page::first(10);
        let nothing = CallFilter::default;
        for (filter, expected) in [
            (nothing(), 2),
            (
                CallFilter {
                    run: paid.run,
                    ..nothing()
                },
                1,
            ),
            (
                CallFilter {
                    credential: paid.credential,
                    ..nothing()
                },
                1,
            ),
            (
                CallFilter {
                    workflow: paid.workflow,
                    ..nothing()
                },
                1,
            ),
            (
                CallFilter {
                    run: Some(RunId::new(samples::id())),
                    ..nothing()
                },
                0,
            ),
        ] {
            let found = world
                .store
                .model_calls(world.workspace, &filter, page)
                .await;
            assert_eq!(found.unwrap().rows.len(), expected, "{filter:?}");
        }
    })
    .await;
}
