//! Calls: a row before anything is sent, values last, one closing whatever happens.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::stream;
use latchkey_domain::credential::{CredentialCode, CredentialState, Level, Skipped};
use latchkey_domain::ledger::{CallOutcome, OpenRefusal, UsageSource};
use latchkey_domain::provider::ProviderId;
use latchkey_models::ErrorKind;
use latchkey_outbound::{Error, Response};

use crate::house::{House, WHOLE, events, node_names, question, status, text_of};
use crate::world::{World, values};

#[tokio::test]
async fn the_right_key_is_sent_and_the_row_says_so() {
    let house = House::new(node_names("customer-acme"), |_| events(WHOLE));
    let mut stream = house.invoke().await.unwrap();
    assert_eq!(stream.resolution().level, Level::Node);
    assert_eq!(text_of(&mut stream).await.unwrap(), "Hi");
    let report = stream.report().unwrap().clone();
    assert_eq!((report.tokens.input, report.tokens.output), (10, 5));
    assert_eq!(report.cost.unwrap().amount.to_string(), "0.000075");
    assert_eq!(report.finish_reason.as_deref(), Some("stop"));
    drop(stream);
    assert_eq!(house.sent(), ["Bearer test-key-customer-acme"]);
    assert_eq!(house.rows().await, ["succeeded reported customer-acme -"]);
    let row = &house.book.rows()[0];
    assert_eq!(row.start.credential_version, Some(1));
    assert_eq!(row.start.workflow_name.as_deref(), Some("translate"));
}

#[tokio::test]
async fn a_failed_resolution_sends_nothing_and_is_a_row() {
    let house = House::new(node_names("nobody"), |_| events(WHOLE));
    let error = house.invoke().await.err().unwrap();
    assert_eq!(error.error_type(), "CredentialError");
    assert!(error.message.starts_with("credential_not_found"), "{error}");
    assert!(house.sent().is_empty());
    assert_eq!(house.rows().await, ["refused none - credential_not_found"]);
}

#[tokio::test]
async fn no_committed_row_no_call() {
    for (refusal, kind, rows) in [
        (OpenRefusal::RunOver, ErrorKind::RunOver, vec![]),
        (
            OpenRefusal::Credential(CredentialCode::RateLimited),
            ErrorKind::Credential,
            vec!["refused none customer-acme credential_rate_limited"],
        ),
        (OpenRefusal::CredentialChanged, ErrorKind::Internal, vec![]),
    ] {
        let house = House::new(node_names("customer-acme"), |_| events(WHOLE));
        house.book.set_rule(Arc::new(move |_| Err(refusal)));
        let error = house.invoke().await.err().unwrap();
        assert_eq!(error.kind, kind);
        let is_candidates = kind == ErrorKind::Credential;
        assert_eq!(error.resolution.is_some(), is_candidates, "{refusal:?}");
        assert!(house.sent().is_empty(), "{refusal:?}");
        assert_eq!(house.rows().await, rows);
    }
}

#[tokio::test]
async fn a_credential_that_changed_is_resolved_again() {
    let house = House::new(node_names("customer-acme"), |_| events(WHOLE));
    let source = Arc::clone(&house.source);
    let mut changed = house.world.clone().one(1).clone();
    (changed.revision, changed.version) = (2, 2);
    house.book.set_rule(Arc::new(move |start| {
        source.put(changed.clone(), values("rotated"));
        let current = start.credential_revision == Some(2);
        current.then_some(()).ok_or(OpenRefusal::CredentialChanged)
    }));
    let mut stream = house.invoke().await.unwrap();
    text_of(&mut stream).await.unwrap();
    assert_eq!(house.sent(), ["Bearer test-key-rotated"]);
    assert_eq!(house.book.rows().len(), 1);
}

#[tokio::test]
async fn refusals_have_their_class_and_nobody_elses_key_is_tried() {
    for (code, error_type) in [
        (400, "InvokeBadRequestError"),
        (401, "InvokeAuthorizationError"),
        (429, "InvokeRateLimitError"),
        (503, "InvokeServerUnavailableError"),
        (302, "InvokeBadRequestError"),
    ] {
        let mut world = node_names("customer-acme");
        world.defaults(Some(3), None);
        let house = House::new(world, move |_| status(code));
        let error = house.invoke().await.err().unwrap();
        assert_eq!(error.error_type(), error_type);
        let paid = error.resolution.as_ref().unwrap();
        assert_eq!(paid.credential_name.as_deref(), Some("customer-acme"));
        assert_eq!(error.http_status, Some(code));
        // A key that is called dead is tried once more, by itself.
        let asked = if code == 401 { 2 } else { 1 };
        assert_eq!(house.sent(), vec!["Bearer test-key-customer-acme"; asked]);
        let row = format!("failed none customer-acme {error_type}");
        assert_eq!(house.rows().await, vec![row; asked]);
    }
}

#[tokio::test]
async fn the_authors_fallback_pays_when_the_first_is_turned_down_for_now() {
    for (code, goes_on) in [
        (429, true),
        (500, true),
        // The list of models is refused as well: the key is dead.
        (401, true),
        (400, false),
        (403, false),
    ] {
        let mut world = node_names("customer-acme");
        world.selector.fallback = vec!["spare".to_owned()];
        let house = House::new(world, move |key| {
            if key.ends_with("acme") {
                status(code)
            } else {
                events(WHOLE)
            }
        });
        let answer = house.invoke().await;
        assert_eq!(answer.is_ok(), goes_on, "{code}");
        if let Ok(mut stream) = answer {
            let resolution = stream.resolution();
            assert_eq!(resolution.credential_name.as_deref(), Some("spare"));
            assert_eq!((resolution.fallback, &resolution.pool), (Some(1), &None));
            let skipped = &resolution.skipped[0];
            assert_eq!(skipped.credential_name.as_deref(), Some("customer-acme"));
            assert!(skipped.code.starts_with("Invoke"), "{}", skipped.code);
            assert_eq!(text_of(&mut stream).await.unwrap(), "Hi");
        }
        let rows = match (code, goes_on) {
            (401, _) => 3,
            (_, true) => 2,
            (_, false) => 1,
        };
        assert_eq!(house.rows().await.len(), rows, "{code}");
    }
}

#[tokio::test]
async fn a_fallback_says_why_the_first_does_not_pay() {
    let mut world = node_names("customer-acme");
    world.selector.fallback = vec!["spare".to_owned()];
    world.one(1).state = CredentialState::Invalid;
    let house = House::new(world, |_| events(WHOLE));
    let mut stream = house.invoke().await.unwrap();
    text_of(&mut stream).await.unwrap();
    let skipped = Skipped {
        credential_name: Some("customer-acme".to_owned()),
        code: "credential_invalid".to_owned(),
    };
    assert_eq!(stream.resolution().skipped, [skipped]);
}

#[tokio::test]
async fn a_limited_credential_goes_on_to_the_fallback_before_anything_is_sent() {
    let mut world = node_names("customer-acme");
    world.selector.fallback = vec!["spare".to_owned()];
    let house = House::new(world, |_| events(WHOLE));
    house
        .book
        .set_rule(Arc::new(|start| match start.credential_name.as_deref() {
            Some("customer-acme") => Err(OpenRefusal::Credential(CredentialCode::RateLimited)),
            _ => Ok(()),
        }));
    let mut stream = house.invoke().await.unwrap();
    text_of(&mut stream).await.unwrap();
    assert_eq!(
        stream.resolution().skipped[0].code,
        "credential_rate_limited"
    );
    drop(stream);
    assert_eq!(house.sent(), ["Bearer test-key-spare"]);
    let rows = house.rows().await;
    assert_eq!(
        rows,
        [
            "refused none customer-acme credential_rate_limited",
            "succeeded reported spare -"
        ]
    );
}

#[tokio::test]
async fn an_error_before_the_first_token_goes_on_and_after_it_does_not() {
    const EARLY: &str = "data: {\"error\":{\"message\":\"slow down\",\"code\":429}}\n\n";
    const LATE: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\n\n\
        data: {\"error\":{\"message\":\"slow down\",\"code\":429}}\n\n";
    for (first, text) in [(EARLY, Ok("Hi")), (LATE, Err(ErrorKind::RateLimit))] {
        let mut world = node_names("customer-acme");
        world.selector.fallback = vec!["spare".to_owned()];
        let house = House::new(world, move |key| {
            events(if key.ends_with("acme") { first } else { WHOLE })
        });
        let mut stream = house.invoke().await.unwrap();
        let told = text_of(&mut stream).await.map_err(|error| error.kind);
        assert_eq!(told.as_deref(), text.as_deref());
    }
}

#[tokio::test]
async fn a_dropped_stream_closes_its_row_once() {
    let house = House::new(node_names("customer-acme"), |_| {
        let first = "data: {\"choices\":[{\"delta\":{\"content\":\"Hello there\"}}]}\n\n";
        let kind = vec![("content-type".to_owned(), "text/event-stream".to_owned())];
        let then_hangs = stream::unfold(Some(first), |first| async move {
            match first {
                Some(first) => Some((Ok(first.into()), None)),
                None => std::future::pending().await,
            }
        });
        Ok(Response::streamed(200, kind, then_hangs))
    });
    let mut stream = house.invoke().await.unwrap();
    stream.next().await.unwrap().unwrap();
    let waits = tokio::time::timeout(Duration::from_millis(20), stream.next()).await;
    assert!(waits.is_err());
    drop(stream);
    assert_eq!(house.rows().await, ["cancelled estimated customer-acme -"]);
    let end = house.book.rows()[0].end.clone().unwrap();
    assert_eq!(
        (end.outcome, end.usage_source),
        (CallOutcome::Cancelled, UsageSource::Estimated)
    );
    assert!(end.tokens.output > 0 && end.first_token_ms.is_some());
}

#[tokio::test]
async fn a_panic_while_asking_closes_the_row() {
    let house = House::new(node_names("customer-acme"), |_| {
        panic!("the transport broke")
    });
    let (manager, world) = (house.manager.clone(), house.world.clone());
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(async move {
        let instance = manager.model_instance(&world.context, &world.model());
        let _ = instance.invoke(question()).await;
    });
    assert!(tasks.join_next().await.unwrap().unwrap_err().is_panic());
    assert_eq!(house.rows().await, ["cancelled lost customer-acme -"]);
}

#[tokio::test]
async fn what_was_never_sent_used_nothing_and_what_may_have_arrived_is_lost() {
    let broken = || Error::Connection("reset".to_owned());
    let refused = || Error::Refused("10.0.0.1".to_owned());
    for (error, row) in [
        (
            broken as fn() -> Error,
            "failed lost customer-acme InvokeConnectionError",
        ),
        (refused, "failed none customer-acme InvokeConnectionError"),
    ] {
        let house = House::new(node_names("customer-acme"), move |_| Err(error()));
        assert!(house.invoke().await.is_err());
        assert_eq!(house.rows().await, [row]);
    }
}

#[tokio::test]
async fn every_attempt_resolves_anew() {
    let house = House::new(node_names("customer-acme"), |_| events(WHOLE));
    text_of(&mut house.invoke().await.unwrap()).await.unwrap();
    let mut disabled = house.world.clone().one(1).clone();
    disabled.state = CredentialState::Disabled;
    house.source.put(disabled, values("customer-acme"));
    let error = house.invoke().await.err().unwrap();
    assert!(error.message.starts_with("credential_disabled"), "{error}");
    assert_eq!(house.sent().len(), 1);
}

#[tokio::test]
async fn the_simulated_model_needs_nobody_and_counts() {
    let mut world = World::new();
    world.provider = ProviderId::normalise("simulated");
    world.model = "simulated-echo".to_owned();
    let house = House::new(world, |_| status(500));
    let mut stream = house.invoke().await.unwrap();
    assert_eq!(stream.resolution().level, Level::NotNeeded);
    let mut pieces = 0;
    let mut text = String::new();
    while let Some(chunk) = stream.next().await {
        text.push_str(&chunk.unwrap().text);
        pieces += 1;
    }
    assert_eq!((text.as_str(), pieces), ("[simulated] Say hi", 4));
    assert!(stream.report().unwrap().tokens.total() > 0);
    drop(stream);
    assert!(house.sent().is_empty());
    assert_eq!(house.rows().await, ["succeeded reported - -"]);
}

#[tokio::test]
async fn two_customers_in_parallel_never_swap_keys() {
    let seen = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&seen);
    let house = Arc::new(House::new(World::new(), move |key| {
        counted.fetch_add(1, Ordering::SeqCst);
        match key.strip_prefix("Bearer test-key-customer-") {
            Some("acme") => events(
                "data: {\"choices\":[{\"delta\":{\"content\":\"acme\"},\"finish_reason\":\"stop\"}]}\n\n",
            ),
            Some("globex") => events(
                "data: {\"choices\":[{\"delta\":{\"content\":\"globex\"},\"finish_reason\":\"stop\"}]}\n\n",
            ),
            _ => status(401),
        }
    }));
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..100 {
        let house = Arc::clone(&house);
        tasks.spawn(async move {
            let tenant = if number % 2 == 0 { "acme" } else { "globex" };
            let world = node_names(&format!("customer-{tenant}"));
            let instance = house.manager.model_instance(&world.context, &world.model());
            let mut stream = instance.invoke(question()).await.unwrap();
            assert_eq!(text_of(&mut stream).await.unwrap(), tenant);
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    assert_eq!(seen.load(Ordering::SeqCst), 100);
}
