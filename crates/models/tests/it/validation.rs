//! Credentials that are tried out: which requests, which rows.

use latchkey_domain::credential::ModelScope;
use latchkey_domain::provider::{ModelType, ProviderId};
use latchkey_models::{Access, InvokeError, Validation};
use latchkey_outbound::{Request, Response};

use crate::house::House;
use crate::world::{NOW, World, credential_id, values};

const COUNTS: &str = r#"{"choices":[{"message":{"content":"p"},"finish_reason":"length"}],
    "usage":{"prompt_tokens":4,"completion_tokens":1}}"#;

/// Answers the list of models with this status and every question with counts; gives the rows and the result.
async fn validate(
    list: u16,
    model: Option<ModelType>,
    provider: &str,
) -> (Result<(), InvokeError>, Vec<String>, Vec<String>) {
    let house = House::asking(World::new(), move |request: &Request| {
        let is_list = request.url().contains("/models");
        let status = if is_list { list } else { 200 };
        Ok(Response::ready(status, vec![], COUNTS))
    });
    let info = latchkey_models::catalogue::Catalogue::built_in();
    let info = info.provider(&ProviderId::normalise(provider)).unwrap();
    let answer = house
        .manager
        .validate(Validation {
            context: house.world.context.clone(),
            provider: ProviderId::normalise(provider),
            model: model.map(|model_type| ModelScope {
                name: "gpt-4o-mini".to_owned(),
                model_type,
            }),
            credential: Some((credential_id(1), "customer-acme".to_owned(), 1, Some(1))),
            hosts: info.default_hosts(&std::collections::BTreeMap::new()),
            access: Access {
                values: values("acme"),
                ..Access::default()
            },
            now: NOW,
        })
        .await;
    let rows = house.rows().await;
    (answer, rows, house.asked())
}

#[tokio::test]
async fn each_request_is_a_row_and_a_question_is_counted() {
    let (answer, rows, asked) = validate(403, Some(ModelType::Llm), "openai").await;
    assert!(
        answer.is_ok(),
        "a key that may not list its models is alive"
    );
    let list = "failed none customer-acme InvokeAuthorizationError";
    assert_eq!(rows, [list, "succeeded reported customer-acme -"]);
    assert_eq!(asked.len(), 2);
    assert!(asked[1].starts_with("POST https://api.openai.com/v1/chat/completions"));
}

#[tokio::test]
async fn what_a_question_is_depends_on_the_model() {
    let (answer, _, asked) = validate(404, Some(ModelType::TextEmbedding), "openai").await;
    assert!(answer.is_ok());
    assert!(asked[1].starts_with("POST https://api.openai.com/v1/embeddings"));
    let (answer, _, asked) = validate(404, Some(ModelType::Rerank), "openai").await;
    assert!(answer.is_ok());
    assert!(asked[1].starts_with("POST https://api.openai.com/v1/rerank"));
    let (answer, rows, asked) = validate(404, Some(ModelType::Speech2text), "openai").await;
    assert_eq!(answer.unwrap_err().http_status, Some(404));
    assert_eq!((rows.len(), asked.len()), (1, 1));
}

#[tokio::test]
async fn a_key_is_sent_in_the_header_that_its_provider_reads() {
    let (_, _, asked) = validate(404, Some(ModelType::Llm), "anthropic").await;
    assert!(asked[0].contains(" x-api-key=test-key-acme"), "{asked:?}");
    assert!(!asked[0].contains("authorization"), "{asked:?}");
    assert!(asked[1].contains(" x-api-key=test-key-acme"), "{asked:?}");
}
