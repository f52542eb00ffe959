//! Vectors, orders and passages: the way of a chat, with answers that are read whole.

use std::sync::Mutex;

use latchkey_domain::provider::{ModelType, ProviderId};
use latchkey_models::catalogue::{Catalogue, EXTERNAL_KNOWLEDGE};
use latchkey_models::{
    InvokeError, ModelInstance, ModelRef, Ranked, RerankRequest, RetrieveRequest,
};
use latchkey_outbound::{Error, Request, Response};
use serde_json::{Value as Json, json};
use tokio_util::sync::CancellationToken;

use crate::house::{House, node_names, status};
use crate::world::{World, credential, named};

const MODEL: &str = "text-embedding-3-small";

impl House {
    fn instance(&self, name: &str, model_type: ModelType) -> ModelInstance {
        let model = ModelRef {
            model: name.to_owned(),
            model_type,
            ..self.world.model()
        };
        self.manager.model_instance(&self.world.context, &model)
    }

    async fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, InvokeError> {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        let instance = self.instance(MODEL, ModelType::TextEmbedding);
        Ok(instance.embed(&texts).await?.value)
    }
}

fn answering(body: impl ToString) -> House {
    let body = body.to_string();
    House::asking(node_names("customer-acme"), move |_| json_answer(&body))
}

fn json_answer(body: &str) -> Result<Response, Error> {
    Ok(Response::ready(
        200,
        vec![("x-request-id".to_owned(), "req-1".to_owned())],
        body.to_owned(),
    ))
}

fn body_of(request: &Request) -> Json {
    serde_json::from_slice(request.body_bytes()).unwrap()
}

/// Gives each text the vector of its length and its place in the call, in the wrong order.
fn embedder(request: &Request) -> Result<Response, Error> {
    let body = body_of(request);
    let texts = body["input"].as_array().unwrap();
    let mut data: Vec<Json> = texts
        .iter()
        .enumerate()
        .map(|(at, text)| json!({"index": at, "embedding": [text.as_str().unwrap().len(), at]}))
        .collect();
    data.reverse();
    let tokens = texts.len() * 10;
    json_answer(
        &json!({"data": data, "usage": {"prompt_tokens": tokens, "total_tokens": tokens}})
            .to_string(),
    )
}

#[tokio::test]
async fn vectors_come_in_the_order_of_their_texts_in_as_many_calls_as_the_limit_needs() {
    let house = House::asking(node_names("customer-acme"), embedder);
    let texts: Vec<String> = (0..200).map(|number| "x".repeat(number)).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let vectors = house.embed(&texts).await.unwrap();
    let lengths: Vec<usize> = vectors.iter().map(|vector| vector[0] as usize).collect();
    assert_eq!(lengths, (0..200).collect::<Vec<_>>());
    assert_eq!(house.sent(), ["Bearer test-key-customer-acme"; 2]);
    assert_eq!(
        house.rows().await,
        ["succeeded reported customer-acme -"; 2]
    );
    let rows = house.book.rows();
    let told = |at: usize| {
        let row = &rows[at];
        let end = row.end.as_ref().unwrap();
        let cost = row.cost.as_ref().unwrap().amount.to_string();
        (
            row.start.model_type,
            end.tokens.input,
            end.tokens.output,
            cost,
        )
    };
    assert_eq!(
        told(0),
        (ModelType::TextEmbedding, 1280, 0, "0.0000256".to_owned())
    );
    assert_eq!(
        told(1),
        (ModelType::TextEmbedding, 720, 0, "0.0000144".to_owned())
    );
}

#[tokio::test]
async fn nothing_is_asked_about_nothing() {
    let house = answering("{}");
    assert!(house.embed(&[]).await.unwrap().is_empty());
    let rerank = house.instance("any", ModelType::Rerank);
    let none = rerank.rerank(&RerankRequest::default()).await.unwrap();
    assert!(none.value.is_empty() && house.book.rows().is_empty());
}

#[tokio::test]
async fn an_answer_that_does_not_fit_the_question_is_an_error_whose_call_is_counted() {
    let vector = |numbers: Json| json!({"embedding": numbers});
    let usage = json!({"prompt_tokens": 7});
    for (body, told) in [
        (
            json!({"data": [vector(json!([1.0]))], "usage": usage}),
            "2 vectors were asked for, 1 came",
        ),
        (
            json!({"data": [vector(json!([1.0])), vector(json!([1.0, 2.0]))], "usage": usage}),
            "not of one length",
        ),
        (
            json!({"data": [vector(json!([])), vector(json!([]))], "usage": usage}),
            "0 numbers",
        ),
        (
            json!({"data": [{"index": 0, "embedding": [1.0]}, {"index": 0, "embedding": [1.0]}], "usage": usage}),
            "no vector 1",
        ),
    ] {
        let house = answering(body);
        let error = house.embed(&["a", "b"]).await.unwrap_err();
        assert!(error.message.contains(told), "{error}");
        assert_eq!(error.error_type(), "InvokeBadRequestError");
        assert_eq!(
            house.rows().await,
            ["failed reported customer-acme InvokeBadRequestError"]
        );
    }
    for body in [
        "not json",
        "{\"data\": 5}",
        "{\"data\": [{\"embedding\": [1e99, null]}]}",
        "",
    ] {
        let house = answering(body);
        let error = house.embed(&["a", "b"]).await.unwrap_err();
        assert!(error.message.contains("no vectors"), "{body}: {error}");
        assert_eq!(
            house.rows().await,
            ["failed estimated customer-acme InvokeBadRequestError"]
        );
    }
}

#[tokio::test]
async fn a_provider_that_cannot_now_is_followed_by_the_fallback() {
    let mut world = World::new();
    world.node(named("customer-acme"));
    world.selector.fallback = vec!["spare".to_owned()];
    let house = House::asking(world, |request| {
        if crate::house::header(request, "authorization").ends_with("acme") {
            return status(429);
        }
        embedder(request)
    });
    assert_eq!(house.embed(&["one"]).await.unwrap(), [[3.0, 0.0]]);
    let rows = [
        "failed none customer-acme InvokeRateLimitError",
        "succeeded reported spare -",
    ];
    assert_eq!(house.rows().await, rows);
}

#[tokio::test]
async fn a_credential_that_is_not_there_is_a_refusal_in_the_ledger() {
    let house = House::asking(node_names("nobody"), embedder);
    let error = house.embed(&["one"]).await.unwrap_err();
    assert_eq!(error.code(), "credential_not_found");
    assert!(house.sent().is_empty());
    assert_eq!(house.rows().await, ["refused none - credential_not_found"]);
}

#[tokio::test]
async fn a_call_that_is_stopped_is_closed_as_cancelled() {
    let house = House::asking(node_names("customer-acme"), embedder);
    let stop = CancellationToken::new();
    stop.cancel();
    let instance = house
        .instance(MODEL, ModelType::TextEmbedding)
        .stopped_by(stop);
    let error = instance.embed(&["one".to_owned()]).await.unwrap_err();
    assert_eq!(error.error_type(), "RunOver");
    assert_eq!(house.rows().await, ["cancelled none customer-acme RunOver"]);
}

fn documents(query: &str, documents: &[&str], top_n: usize) -> RerankRequest {
    RerankRequest {
        query: query.to_owned(),
        documents: documents.iter().map(|text| (*text).to_owned()).collect(),
        top_n,
    }
}

#[tokio::test]
async fn the_best_documents_come_first_in_every_dialect() {
    let item = |index: usize, key: &str, score: f64| json!({"index": index, key: score});
    let scored = |key: &str| json!([item(2, key, 0.1), item(0, key, 0.9), item(1, key, 0.5)]);
    for (body, usage) in [
        (
            json!({"results": scored("relevance_score"), "usage": {"total_tokens": 12}}),
            "reported",
        ),
        (
            json!({"results": scored("relevance_score"), "meta": {"tokens": {"input_tokens": 12}}}),
            "reported",
        ),
        (
            json!({"results": scored("relevance_score"), "meta": {"billed_units": {"search_units": 1}}}),
            "estimated",
        ),
        (scored("score"), "estimated"),
    ] {
        let house = answering(body);
        let instance = house.instance("any", ModelType::Rerank);
        let ranked = instance
            .rerank(&documents("q", &["a", "b", "c"], 2))
            .await
            .unwrap()
            .value;
        let first = Ranked {
            index: 0,
            score: 0.9,
        };
        assert_eq!(
            ranked,
            [
                first,
                Ranked {
                    index: 1,
                    score: 0.5
                }
            ]
        );
        assert_eq!(
            house.rows().await,
            [format!("succeeded {usage} customer-acme -")]
        );
    }
}

#[tokio::test]
async fn an_order_of_documents_that_nobody_asked_about_is_an_error() {
    for (results, told) in [
        (
            json!([{"index": 3, "relevance_score": 0.5}]),
            "no document 3",
        ),
        (
            json!([{"index": 0, "relevance_score": 0.5}, {"index": 0, "relevance_score": 0.4}]),
            "came twice",
        ),
        (json!("none"), "no order"),
    ] {
        let house = answering(json!({"results": results}));
        let instance = house.instance("any", ModelType::Rerank);
        let error = instance
            .rerank(&documents("q", &["a"], 1))
            .await
            .unwrap_err();
        assert!(error.message.contains(told), "{error}");
    }
}

#[tokio::test]
async fn cohere_is_asked_at_its_own_api_on_the_same_host() {
    let mut world = World::new();
    world.provider = ProviderId::normalise("cohere");
    world.credentials.push(credential(9, "cohere", "ours"));
    world.node(named("ours"));
    let house = House::asking(world, |_| json_answer("{\"results\": []}"));
    let instance = house.instance("rerank-v3.5", ModelType::Rerank);
    instance.rerank(&documents("q", &["a"], 1)).await.unwrap();
    let asked = &house.asked()[0];
    assert!(
        asked.starts_with("POST https://api.cohere.ai/v2/rerank "),
        "{asked}"
    );
}

fn external() -> World {
    let mut world = World::new();
    world.provider = ProviderId::normalise(EXTERNAL_KNOWLEDGE);
    let mut theirs = credential(9, EXTERNAL_KNOWLEDGE, "theirs");
    theirs.settings.insert(
        "base_url".to_owned(),
        "https://know.example.com/api".to_owned(),
    );
    theirs.hosts = vec!["know.example.com".to_owned()];
    world.credentials.push(theirs);
    world.node(named("theirs"));
    world
}

#[tokio::test]
async fn somebody_elses_knowledge_is_asked_as_its_api_wants_it() {
    let asked = std::sync::Arc::new(Mutex::new(Json::Null));
    let seen = std::sync::Arc::clone(&asked);
    let house = House::asking(external(), move |request| {
        *seen.lock().unwrap() = body_of(request);
        let record =
            json!({"content": "text", "score": 0.7, "title": "t", "metadata": {"path": "p"}});
        json_answer(&json!({"records": [record, {"content": null, "metadata": null}]}).to_string())
    });
    let request = RetrieveRequest {
        knowledge_id: "k-1".to_owned(),
        query: "why".to_owned(),
        top_k: 3,
        score_threshold: 0.5,
        metadata_condition: None,
    };
    let found = house
        .instance("k-1", ModelType::Rerank)
        .retrieve(&request)
        .await
        .unwrap()
        .value;
    assert_eq!((found[0].content.as_str(), found[0].score), ("text", 0.7));
    assert_eq!((found[1].content.as_str(), found[1].score), ("", 0.0));
    let setting = json!({"top_k": 3, "score_threshold": 0.5});
    let body = json!({"knowledge_id": "k-1", "query": "why", "retrieval_setting": setting});
    assert_eq!(*asked.lock().unwrap(), body);
    assert!(house.asked()[0].starts_with("POST https://know.example.com/api/retrieval "));
    assert_eq!(house.sent(), ["Bearer test-key-theirs"]);
    assert_eq!(house.rows().await, ["succeeded estimated theirs -"]);
}

#[tokio::test]
async fn a_key_of_somebody_elses_knowledge_goes_to_its_hosts_only() {
    let mut world = external();
    let theirs = world.credentials.last_mut().unwrap();
    theirs.hosts = vec!["other.example.com".to_owned()];
    let house = House::asking(world, |_| json_answer("{\"records\": []}"));
    let instance = house.instance("k-1", ModelType::Rerank);
    let error = instance
        .retrieve(&RetrieveRequest::default())
        .await
        .unwrap_err();
    assert_eq!(error.code(), "credential_forbidden");
    assert!(house.sent().is_empty());
}

#[tokio::test]
async fn the_simulated_provider_embeds_and_reranks_without_a_key() {
    let mut world = World::new();
    world.provider = ProviderId::normalise("simulated");
    let house = House::asking(world, |_| status(500));
    let instance = house.instance("simulated-embedding", ModelType::TextEmbedding);
    let texts = ["reset a password".to_owned(), "bake bread".to_owned()];
    let first = instance.embed(&texts).await.unwrap().value;
    assert_eq!(instance.embed(&texts).await.unwrap().value, first);
    let instance = house.instance("simulated-rerank", ModelType::Rerank);
    let asked = documents("password", &["bake bread", "reset a password"], 1);
    assert_eq!(instance.rerank(&asked).await.unwrap().value[0].index, 1);
    assert_eq!(house.rows().await, ["succeeded reported - -"; 3]);
}

#[test]
fn no_model_stands_twice_in_the_catalogue() {
    for provider in Catalogue::built_in().providers() {
        assert!(provider.embedding_batch > 0, "{}", provider.id);
        for model in &provider.models {
            assert_eq!(&provider.model(&model.name, model.model_type), model);
        }
    }
}
