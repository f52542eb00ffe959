//! Limits, pauses and dead keys, as a call meets them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use latchkey_domain::credential::{Finding, FullRule, HolderKind, NoRoom};
use latchkey_domain::ledger::OpenRefusal;
use latchkey_models::ErrorKind;
use latchkey_outbound::{Error, Request, Response};

use crate::house::{House, WHOLE, events, header, node_names, status, text_of};
use crate::world::credential_id;

fn full(whose: HolderKind, rule: FullRule, after: Option<u64>, wait_ms: u64) -> OpenRefusal {
    OpenRefusal::NoRoom(NoRoom {
        whose,
        rule,
        retry_after_ms: after,
        wait_ms,
    })
}

/// A provider that refuses `customer-acme`'s questions, and answers whether its list of models may be seen.
fn turned_away(models: u16) -> impl Fn(&Request) -> Result<Response, Error> + Send + Sync {
    move |request| {
        let is_acme = header(request, "authorization").ends_with("acme");
        match (is_acme, request.url().ends_with("/models")) {
            (true, false) => status(401),
            (true, true) if models == 200 => Ok(Response::ready(200, vec![], r#"{"data": []}"#)),
            (true, true) => status(models),
            (false, _) => events(WHOLE),
        }
    }
}

#[tokio::test]
async fn a_dead_key_is_marked_only_when_a_validation_call_has_heard_the_same() {
    let dead = (credential_id(1), 1);
    for (models, marked) in [(401, vec![dead]), (200, vec![]), (500, vec![])] {
        let mut world = node_names("customer-acme");
        world.selector.fallback = vec!["spare".to_owned()];
        let house = House::asking(world, turned_away(models));
        let answer = house.invoke().await;
        // Only a dead key is unavailable; one that is alive was refused for something else.
        assert_eq!(answer.is_ok(), !marked.is_empty(), "{models}");
        if let Ok(mut stream) = answer {
            text_of(&mut stream).await.unwrap();
        }
        assert_eq!(house.book.dead(), marked, "{models}");
        let rows = house.rows().await;
        assert_eq!(
            rows[0],
            "failed none customer-acme InvokeAuthorizationError"
        );
        let trial = &house.book.rows()[1];
        assert_eq!(
            (trial.start.level, trial.start.run),
            (None, house.world.context.run)
        );
    }
}

#[tokio::test]
async fn a_dead_key_that_stands_alone_is_the_providers_refusal() {
    let house = House::asking(node_names("customer-acme"), turned_away(401));
    let error = house.invoke().await.err().unwrap();
    assert_eq!(error.kind, ErrorKind::Authorization);
    assert_eq!(house.book.dead().len(), 1);
}

#[tokio::test]
async fn the_end_of_a_call_tells_how_the_credential_is() {
    let rate_limited = |millis| Finding::Cools {
        millis,
        code: "InvokeRateLimitError".to_owned(),
    };
    let unavailable = |millis| Finding::Cools {
        millis,
        code: "InvokeServerUnavailableError".to_owned(),
    };
    let quota = r#"{"error": {"message": "no", "code": "insufficient_quota"}}"#;
    for (code, after, body, finding) in [
        (429, None, "{}", rate_limited(5000)),
        (429, Some("7"), "{}", rate_limited(7000)),
        (429, Some("7200"), "{}", rate_limited(600_000)),
        (429, Some("0"), "{}", Finding::Nothing),
        (429, None, quota, Finding::Exhausted),
        (402, None, "{}", Finding::Exhausted),
        (503, None, "{}", unavailable(1000)),
        (400, None, "{}", Finding::Nothing),
        (403, None, "{}", Finding::Nothing),
        (401, None, "{}", Finding::Nothing),
    ] {
        let house = House::new(node_names("customer-acme"), move |_| {
            let after = after.map(|seconds| ("retry-after".to_owned(), seconds.to_owned()));
            Ok(Response::ready(code, after.into_iter().collect(), body))
        });
        assert!(house.invoke().await.is_err());
        house.rows().await;
        let end = house.book.rows()[0].end.clone().unwrap();
        assert_eq!(end.finding, finding, "{code} {after:?}");
    }
    let house = House::new(node_names("customer-acme"), |_| events(WHOLE));
    text_of(&mut house.invoke().await.unwrap()).await.unwrap();
    house.rows().await;
    let end = house.book.rows()[0].end.clone().unwrap();
    assert_eq!(end.finding, Finding::Works);
}

#[tokio::test]
async fn a_call_waits_for_room_and_then_is_one_call() {
    let house = House::new(node_names("customer-acme"), |_| events(WHOLE));
    let asked = AtomicUsize::new(0);
    house.book.set_rule(Arc::new(move |_| {
        match asked.fetch_add(1, Ordering::SeqCst) {
            0 => Err(full(
                HolderKind::Credential,
                FullRule::Requests(1),
                Some(20),
                5000,
            )),
            1 => Err(full(
                HolderKind::Workflow,
                FullRule::Concurrent(1),
                None,
                5000,
            )),
            _ => Ok(()),
        }
    }));
    let began = Instant::now();
    text_of(&mut house.invoke().await.unwrap()).await.unwrap();
    let waited = began.elapsed();
    assert!(waited >= Duration::from_millis(20) && waited < Duration::from_secs(3));
    assert_eq!(house.rows().await, ["succeeded reported customer-acme -"]);
}

#[tokio::test]
async fn a_call_that_finds_no_room_in_time_says_whose_and_when() {
    let cases = [
        (FullRule::Requests(5), Some(9000), "credential_rate_limited"),
        (FullRule::Concurrent(2), None, "credential_rate_limited"),
        (FullRule::Unpriced, None, "credential_budget_unpriced"),
    ];
    for (rule, after, code) in cases {
        for whose in [HolderKind::Credential, HolderKind::EndUser] {
            let mut world = node_names("customer-acme");
            world.selector.fallback = vec!["spare".to_owned()];
            let house = House::new(world, |_| events(WHOLE));
            house.book.set_rule(Arc::new(move |start| {
                let is_meant = start.credential_name.as_deref() == Some("customer-acme");
                if is_meant || whose == HolderKind::EndUser {
                    return Err(full(whose, rule, after, 30));
                }
                Ok(())
            }));
            let answer = house.invoke().await;
            if whose == HolderKind::Credential {
                // Another credential has rules of its own.
                text_of(&mut answer.unwrap()).await.unwrap();
                continue;
            }
            let error = answer.err().unwrap();
            assert!(error.message.starts_with(code), "{error}");
            assert!(error.message.contains("the end user"), "{error}");
            assert_eq!(error.retry_after, after.map(Duration::from_millis));
            assert_eq!(error.failure().retry_after_ms, after);
            let rows = house.rows().await;
            assert_eq!(rows, [format!("refused none customer-acme {code}")]);
        }
    }
}

#[tokio::test]
async fn a_run_that_is_stopped_waits_no_longer() {
    let house = House::new(node_names("customer-acme"), |_| events(WHOLE));
    house.book.set_rule(Arc::new(|_| {
        Err(full(
            HolderKind::Credential,
            FullRule::Concurrent(1),
            None,
            60_000,
        ))
    }));
    let stop = tokio_util::sync::CancellationToken::new();
    let instance = house
        .manager
        .model_instance(&house.world.context, &house.world.model())
        .stopped_by(stop.clone());
    let (answer, ()) = tokio::join!(instance.invoke(crate::house::question()), async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        stop.cancel();
    });
    assert_eq!(answer.err().unwrap().kind, ErrorKind::RunOver);
    assert!(house.rows().await.is_empty());
}

#[tokio::test]
async fn what_a_call_may_use_is_in_its_row() {
    let house = House::new(node_names("customer-acme"), |_| events(WHOLE));
    text_of(&mut house.invoke().await.unwrap()).await.unwrap();
    let reserved = house.book.rows()[0].start.reserved;
    assert!(
        reserved.input >= 10 && reserved.input < 1000,
        "{reserved:?}"
    );
    // The catalogue knows how long this model's answers are.
    assert_eq!(reserved.output, 16_384);
}
