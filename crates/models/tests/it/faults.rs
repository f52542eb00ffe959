//! What providers and other people do at the wrong moment.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::{StreamExt as _, stream};
use latchkey_domain::credential::{CredentialCode, CredentialState};
use latchkey_domain::id::{CredentialId, ModelCallId, WorkspaceId};
use latchkey_domain::ledger::{ModelCallEnd, ModelCallStart, OpenRefusal, UsageSource};
use latchkey_models::memory::MemoryBook;
use latchkey_models::{BookError, CallBook, ErrorKind, ModelManager, OpenError};
use latchkey_outbound::{Error, Outbound, Response};
use serde_json::json;

use crate::house::{House, WHOLE, events, node_names, text_of};
use crate::world::{credential_id, named, values};

const ANSWER: &str =
    "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\n\n";
const COUNTS: &str =
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5}}\n\n";
const DONE: &str = "data: [DONE]\n\n";
const KEY: &str = "test-key-customer-acme";

/// Sends these events, and then what follows.
fn then(
    text: String,
    end: impl stream::Stream<Item = Result<bytes::Bytes, Error>> + Send + 'static,
) -> Result<Response, Error> {
    let kind = vec![("content-type".to_owned(), "text/event-stream".to_owned())];
    let first = stream::iter([Ok(bytes::Bytes::from(text))]);
    Ok(Response::streamed(200, kind, first.chain(end)))
}

async fn told(text: String, kind: &'static str) -> String {
    let house = House::new(node_names("customer-acme"), move |_| {
        let kind = vec![
            ("content-type".to_owned(), kind.to_owned()),
            ("x-request-id".to_owned(), format!("for-{KEY}")),
        ];
        Ok(Response::ready(200, kind, text.clone()))
    });
    let error = match house.invoke().await {
        Ok(mut stream) => text_of(&mut stream).await.unwrap_err(),
        Err(error) => error,
    };
    let rows = format!("{:?}", house.book.rows());
    assert!(!rows.contains(KEY), "{rows}");
    error.message
}

#[tokio::test]
async fn a_key_in_an_error_of_an_answer_that_began_well_is_masked() {
    let error = json!({"error": {"message": format!("bad key {KEY}"), "code": 401}});
    let nested = json!({"error": {"code": 400, "body": json!({"key": KEY}).to_string()}});
    let long = json!({"error": {"message": format!("{}{KEY}", "x".repeat(990)), "code": 400}});
    for body in [error, nested, long] {
        for (text, kind) in [
            (format!("data: {body}\n\n"), "text/event-stream"),
            (body.to_string(), "application/json"),
        ] {
            let told = told(text, kind).await;
            assert!(!told.contains("test-key"), "{told}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_has_come_is_an_answer_however_the_connection_ends() {
    let broken = || Err(Error::Connection("reset".to_owned()));
    for (name, events) in [
        ("after the end mark", [ANSWER, COUNTS, DONE].concat()),
        ("after the counts", [ANSWER, COUNTS].concat()),
        ("after the answer", ANSWER.to_owned()),
    ] {
        for stays_open in [false, true] {
            if stays_open && name == "after the answer" {
                // It would be waited for long.
                continue;
            }
            let events = events.clone();
            let house = House::new(node_names("customer-acme"), move |_| {
                if stays_open {
                    then(events.clone(), stream::pending())
                } else {
                    then(events.clone(), stream::iter([broken()]))
                }
            });
            let mut stream = house.invoke().await.unwrap();
            let began = std::time::Instant::now();
            assert_eq!(text_of(&mut stream).await.unwrap(), "Hi", "{name}");
            assert!(began.elapsed() < Duration::from_secs(15), "{name}");
            drop(stream);
            let row = &house.book.rows()[0].end.clone().unwrap();
            let has_counts = row.usage_source == UsageSource::Reported;
            assert_eq!(has_counts, name != "after the answer", "{name}");
        }
    }
}

#[tokio::test]
async fn a_stream_cut_inside_an_event_is_a_broken_connection() {
    let house = House::new(node_names("customer-acme"), |_| {
        events(
            "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\ndata: {\"choices\":[{\"del",
        )
    });
    let mut stream = house.invoke().await.unwrap();
    let error = text_of(&mut stream).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Connection);
    assert!(error.resolution.is_some());
}

#[tokio::test]
async fn a_wrong_address_is_told_and_nobody_else_pays() {
    for error in [
        Error::Refused("10.0.0.1".to_owned()),
        Error::NotFound("no.test".to_owned()),
    ] {
        let mut world = node_names("customer-acme");
        world.selector.fallback = vec!["spare".to_owned()];
        let house = House::new(world, move |_| Err(error.clone()));
        let error = house.invoke().await.err().unwrap();
        assert_eq!(error.error_type(), "InvokeConnectionError");
        assert_eq!(house.sent().len(), 1, "{error}");
    }
}

#[tokio::test]
async fn a_credential_that_is_replaced_after_its_row_was_opened_is_resolved_again() {
    let house = House::new(node_names("customer-acme"), |_| events(WHOLE));
    let source = Arc::clone(&house.source);
    let mut changed = house.world.clone().one(1).clone();
    (changed.revision, changed.version) = (2, 2);
    house.book.set_rule(Arc::new(move |_| {
        source.put(changed.clone(), values("rotated"));
        Ok(())
    }));
    let mut stream = house.invoke().await.unwrap();
    text_of(&mut stream).await.unwrap();
    drop(stream);
    assert_eq!(house.sent(), ["Bearer test-key-rotated"]);
    let rows = house.rows().await;
    let unused = "cancelled none customer-acme credential_changed";
    assert_eq!(rows, [unused, "succeeded reported customer-acme -"]);
}

#[tokio::test]
async fn a_refusal_names_the_credential_that_it_is_about() {
    let mut world = node_names("customer-acme");
    world.one(1).state = CredentialState::Disabled;
    let house = House::new(world, |_| events(WHOLE));
    let error = house.invoke().await.err().unwrap();
    let story = error.credential.unwrap();
    assert_eq!(story.credential_id, Some(credential_id(1)));
    assert_eq!(story.credential_name.as_deref(), Some("customer-acme"));
    let row = &house.book.rows()[0].start;
    assert_eq!(row.credential, Some(credential_id(1)));
    let rows = house.rows().await;
    assert_eq!(rows, ["refused none customer-acme credential_disabled"]);
}

#[tokio::test]
async fn the_last_candidates_refusal_says_whose_it_was() {
    let mut world = node_names("customer-acme");
    world.selector.choice = named("customer-acme");
    let house = House::new(world, |_| events(WHOLE));
    let refusal = OpenRefusal::Credential(CredentialCode::BudgetExceeded);
    house.book.set_rule(Arc::new(move |_| Err(refusal)));
    let error = house.invoke().await.err().unwrap();
    let resolution = error.resolution.unwrap();
    assert_eq!(resolution.credential_id, Some(credential_id(1)));
}

/// A ledger that opens rows, but whose answer to that is lost.
struct Unheard(Arc<MemoryBook>);

#[async_trait]
impl CallBook for Unheard {
    async fn open(&self, start: ModelCallStart) -> Result<(), OpenError> {
        self.0.open(start).await?;
        Err(BookError("the answer was lost".to_owned()).into())
    }

    async fn close(&self, id: ModelCallId, end: ModelCallEnd) -> Result<(), BookError> {
        self.0.close(id, end).await
    }

    async fn condemn(
        &self,
        workspace: WorkspaceId,
        credential: CredentialId,
        version: i32,
    ) -> Result<(), BookError> {
        self.0.condemn(workspace, credential, version).await
    }

    async fn refuse(&self, start: ModelCallStart, code: CredentialCode) -> Result<(), BookError> {
        self.0.refuse(start, code).await
    }
}

#[tokio::test]
async fn a_row_that_was_opened_unheard_is_closed() {
    let mut house = House::new(node_names("customer-acme"), |_| events(WHOLE));
    let book = Arc::new(Unheard(house.book.clone()));
    let silent = Outbound::scripted(Arc::new(|_| Ok(Response::ready(500, vec![], ""))));
    house.manager = ModelManager::new(house.source.clone(), book, silent);
    let error = house.invoke().await.err().unwrap();
    assert_eq!(error.kind, ErrorKind::Internal);
    assert_eq!(house.rows().await, ["cancelled none customer-acme -"]);
}
