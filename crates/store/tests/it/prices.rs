//! What workspaces state about prices.

use latchkey_domain::id::WorkspaceId;
use latchkey_domain::ledger::CallOutcome;
use latchkey_domain::price::{DatedPrice, Price, PriceTier, PricedModel};
use latchkey_domain::provider::{ModelType, ProviderId};
use latchkey_domain::time::Timestamp;
use latchkey_store::{CallFilter, Page, StatedPrice};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::samples::{self, NOW, answered, openai, tokens};
use crate::world::{World, on_both};

fn stated(model: &str, from: i64, input: u32) -> StatedPrice {
    let input = Decimal::from(input);
    let tier = PriceTier {
        above: 10,
        input: Decimal::TEN,
        cache_read: input,
        cache_write: input,
        output: Decimal::TEN,
        reasoning: None,
    };
    StatedPrice {
        id: samples::id(),
        model: PricedModel {
            provider: openai(),
            model: model.to_owned(),
            model_type: ModelType::Llm,
        },
        dated: DatedPrice {
            effective_from: Timestamp::from_millis(from),
            price: Price {
                reasoning: Some("0.000000000001".parse().unwrap()),
                tiers: vec![tier],
                ..Price::plain("USD", input, Decimal::ONE)
            },
        },
        updated_at: NOW,
    }
}

async fn all(world: &World) -> Vec<StatedPrice> {
    world.store.prices(world.workspace).await.unwrap()
}

#[tokio::test]
async fn a_price_is_stated_replaced_and_taken_away() {
    on_both(async |world| {
        let (later, sooner) = (stated("small", 20, 2), stated("small", 10, 1));
        let other = stated("large", 20, 3);
        for price in [&later, &sooner, &other] {
            let id = world.store.set_price(world.workspace, price).await;
            assert_eq!(id, Ok(price.id));
        }
        assert_eq!(
            all(world).await,
            [other.clone(), sooner.clone(), later.clone()]
        );
        let again = stated("small", 20, 7);
        let id = world.store.set_price(world.workspace, &again).await;
        assert_eq!(id, Ok(later.id), "a price of the same time keeps its id");
        let replaced = StatedPrice {
            id: later.id,
            ..again
        };
        assert_eq!(
            all(world).await,
            [other.clone(), sooner.clone(), replaced.clone()]
        );
        let gone = world.store.delete_price(world.workspace, later.id).await;
        assert_eq!(gone, Ok(Some(replaced)));
        let gone = world.store.delete_price(world.workspace, later.id).await;
        assert_eq!(gone, Ok(None));
        assert_eq!(all(world).await, [other, sooner]);
    })
    .await;
}

#[tokio::test]
async fn another_workspace_states_its_own() {
    on_both(async |world| {
        let ours = stated("small", 10, 1);
        world.store.set_price(world.workspace, &ours).await.unwrap();
        let theirs = WorkspaceId::new(Uuid::from_u128(77));
        assert_eq!(world.store.prices(theirs).await, Ok(vec![]));
        assert_eq!(world.store.delete_price(theirs, ours.id).await, Ok(None));
        assert_eq!(all(world).await, [ours]);
    })
    .await;
}

#[tokio::test]
async fn the_price_that_a_long_question_paid_is_what_the_ledger_keeps() {
    on_both(async |world| {
        let mut call = samples::call(world.workspace);
        let price = stated("small", 0, 2).dated.price;
        call.price = Some(price.clone());
        world.store.open_call(&call).await.unwrap().unwrap();
        let end = answered(tokens(1_000_000, 1_000_000));
        world.store.close_call(call.id, end).await.unwrap();
        let rows = world
            .store
            .model_calls(world.workspace, &CallFilter::default(), Page::first(1))
            .await
            .unwrap()
            .rows;
        let kept = rows[0].start.price.clone().unwrap();
        assert_eq!(kept, price.for_question(1_000_000));
        assert_eq!(rows[0].cost.as_ref().unwrap().amount, Decimal::from(20));
    })
    .await;
}

#[tokio::test]
async fn calls_are_found_by_what_is_known_of_them() {
    on_both(async |world| {
        let mut first = samples::call(world.workspace);
        first.end_user = Some("ann".to_owned());
        let mut second = samples::call(world.workspace);
        second.model = "large".to_owned();
        second.at = NOW.plus_millis(10);
        for call in [&first, &second] {
            world.store.open_call(call).await.unwrap().unwrap();
        }
        let end = answered(tokens(1, 1));
        world.store.close_call(first.id, end).await.unwrap();
        let none = CallFilter::default();
        let (one, two) = (first.id, second.id);
        for (filter, expected) in [
            (none.clone(), vec![two, one]),
            (
                CallFilter {
                    model: Some("large".to_owned()),
                    ..none.clone()
                },
                vec![two],
            ),
            (
                CallFilter {
                    provider: Some(first.provider.clone()),
                    ..none.clone()
                },
                vec![two, one],
            ),
            (
                CallFilter {
                    provider: Some(ProviderId::normalise("nobody")),
                    ..none.clone()
                },
                vec![],
            ),
            (
                CallFilter {
                    end_user: Some("ann".to_owned()),
                    ..none.clone()
                },
                vec![one],
            ),
            (
                CallFilter {
                    environment: Some(first.environment.clone()),
                    ..none.clone()
                },
                vec![two, one],
            ),
            (
                CallFilter {
                    outcome: Some(None),
                    ..none.clone()
                },
                vec![two],
            ),
            (
                CallFilter {
                    outcome: Some(Some(CallOutcome::Succeeded)),
                    ..none.clone()
                },
                vec![one],
            ),
            (
                CallFilter {
                    outcome: Some(Some(CallOutcome::Failed)),
                    ..none.clone()
                },
                vec![],
            ),
            (
                CallFilter {
                    from: Some(NOW.plus_millis(10)),
                    ..none.clone()
                },
                vec![two],
            ),
            (
                CallFilter {
                    to: Some(NOW.plus_millis(10)),
                    ..none.clone()
                },
                vec![one],
            ),
        ] {
            let found = world
                .store
                .model_calls(world.workspace, &filter, Page::first(9));
            let rows = found.await.unwrap().rows;
            let found: Vec<_> = rows.into_iter().map(|row| row.start.id).collect();
            assert_eq!(found, expected, "{filter:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_a_credential_has_paid_for_is_known_with_the_last_time() {
    on_both(async |world| {
        let credential = world.credential("acme").await;
        let run = world.running().await;
        let mut last = NOW;
        for _ in 0..2 {
            let mut call = samples::paid_call(&run, credential);
            last = last.plus_millis(5);
            call.at = last;
            world.store.open_call(&call).await.unwrap().unwrap();
        }
        let sample = samples::paid_call(&run, credential);
        let paid = world.store.paid_for(world.workspace, credential).await;
        assert_eq!(
            paid.unwrap(),
            [(sample.workflow, sample.workflow_name, last)]
        );
        let nobody = WorkspaceId::new(Uuid::from_u128(77));
        assert_eq!(world.store.paid_for(nobody, credential).await, Ok(vec![]));
    })
    .await;
}
