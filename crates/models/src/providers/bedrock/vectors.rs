//! Vectors and orders by InvokeModel, in the formats of the models' makers.

use serde::Deserialize;
use serde_json::json;

use latchkey_domain::ledger::Tokens;
use latchkey_outbound::{Request, Response};

use crate::chat::{ChatChunk, ReportedUsage};
use crate::error::{ErrorKind, InvokeError};
use crate::instance::RerankRequest;
use crate::provider::{ProviderCall, Ranked, WholeAnswer};
use crate::providers::bedrock::signature::segment;
use crate::providers::bedrock::{post, request_id};
use crate::providers::openai::QUICK;
use crate::providers::openai::failure::unreached;
use crate::providers::parameters::unusable;

/// The longest answer, in bytes.
const LONGEST: u64 = 64 << 20;
/// How many texts Cohere's models take at once.
const COHERES_MOST: usize = 96;

/// Whose format a model has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Maker {
    Cohere,
    Nova,
    Titan,
}

impl Maker {
    /// Ids may have a region in front, or be ARNs.
    fn of(model: &str) -> Option<Self> {
        if model.contains("cohere.") {
            Some(Self::Cohere)
        } else if model.contains("amazon.nova") {
            Some(Self::Nova)
        } else if model.contains("amazon.titan") {
            Some(Self::Titan)
        } else {
            None
        }
    }
}

/// What one of the makers answers; each has its own of these.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    #[serde(default)]
    embedding: Option<Vec<f32>>,
    #[serde(default)]
    embeddings: Option<Embeddings>,
    #[serde(default)]
    input_text_token_count: Option<u64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Embeddings {
    Plain(Vec<Vec<f32>>),
    ByType { float: Vec<Vec<f32>> },
    Items(Vec<Item>),
}

#[derive(Deserialize)]
struct Item {
    embedding: Vec<f32>,
}

#[derive(Deserialize)]
struct Order {
    results: Vec<Place>,
}

#[derive(Deserialize)]
struct Place {
    index: usize,
    relevance_score: f64,
}

/// How many texts go into one call.
pub(super) fn batch(model: &str) -> usize {
    match Maker::of(model) {
        Some(Maker::Cohere) => COHERES_MOST,
        Some(Maker::Nova | Maker::Titan) | None => 1,
    }
}

/// Path and body of a request for vectors.
pub(super) fn embedding(model: &str, texts: &[String]) -> Result<(String, Vec<u8>), InvokeError> {
    let body = match (Maker::of(model), texts) {
        (Some(Maker::Cohere), _) => json!({
            "texts": texts, "input_type": "search_document", "truncate": "END", "embedding_types": ["float"]}),
        (Some(Maker::Titan), [text]) => json!({"inputText": text}),
        (Some(Maker::Nova), [text]) => json!({
        "taskType": "SINGLE_EMBEDDING",
        "singleEmbeddingParams": {
            "embeddingPurpose": "GENERIC_INDEX",
            "embeddingDimension": 1024,
            "text": {"truncationMode": "END", "value": text},
        }}),
        (Some(Maker::Titan | Maker::Nova), _) => {
            return Err(unusable("this model takes one text at a time"));
        }
        (None, _) => {
            return Err(unusable(
                "only Bedrock's models of Amazon (Titan, Nova) and Cohere give vectors here",
            ));
        }
    };
    Ok((path(model), body.to_string().into_bytes()))
}

/// Path and body of a request for an order.
pub(super) fn order(
    model: &str,
    query: &str,
    documents: &[String],
    top_n: usize,
) -> (String, Vec<u8>) {
    let mut body = json!({"query": query, "documents": documents, "top_n": top_n});
    if Maker::of(model) == Some(Maker::Cohere) {
        body["api_version"] = json!(2);
    }
    (path(model), body.to_string().into_bytes())
}

fn path(model: &str) -> String {
    format!("/model/{}/invoke", segment(model))
}

pub(super) async fn embed(
    call: &ProviderCall<'_>,
    model: &str,
    texts: &[String],
) -> Result<WholeAnswer<Vec<Vec<f32>>>, InvokeError> {
    let (path, body) = embedding(model, texts)?;
    ask(call, &path, body, read_vectors).await
}

pub(super) async fn rerank(
    call: &ProviderCall<'_>,
    model: &str,
    request: &RerankRequest,
) -> Result<WholeAnswer<Vec<Ranked>>, InvokeError> {
    let most = request.top_n.min(request.documents.len());
    let (path, body) = order(model, &request.query, &request.documents, most);
    ask(call, &path, body, read_order).await
}

async fn ask<T>(
    call: &ProviderCall<'_>,
    path: &str,
    body: Vec<u8>,
    read: fn(&[u8]) -> Result<T, InvokeError>,
) -> Result<WholeAnswer<T>, InvokeError> {
    let limited = |request: Request| request.deadlines(QUICK).max_body(LONGEST);
    let response = post(call, path, body, limited).await?;
    let request_id = request_id(&response);
    let http_status = Some(response.status);
    let input = input_tokens(&response);
    let text = response.bytes().await.map_err(|cause| unreached(&cause))?;
    Ok(WholeAnswer {
        request_id,
        http_status,
        usage: counts(&text, input).usage,
        value: read(&text),
    })
}

/// What the head of an answer counts.
pub(super) fn input_tokens(response: &Response) -> Option<u64> {
    response
        .header("x-amzn-bedrock-input-token-count")?
        .trim()
        .parse()
        .ok()
}

/// What was counted: in the head of the answer, or in the answer itself. What embeds and orders only reads.
pub(super) fn counts(body: &[u8], head: Option<u64>) -> ChatChunk {
    let own = || {
        serde_json::from_slice::<Answer>(body)
            .ok()?
            .input_text_token_count
    };
    let usage = head.or_else(own).map(|input| ReportedUsage {
        tokens: Tokens {
            input,
            ..Tokens::default()
        },
        raw: json!({"inputTokens": input}),
    });
    ChatChunk {
        usage,
        ..ChatChunk::default()
    }
}

fn read_vectors(body: &[u8]) -> Result<Vec<Vec<f32>>, InvokeError> {
    let answer: Answer = serde_json::from_slice(body).map_err(|_| nonsense("vectors"))?;
    match (answer.embeddings, answer.embedding) {
        (Some(Embeddings::Plain(vectors) | Embeddings::ByType { float: vectors }), _) => {
            Ok(vectors)
        }
        (Some(Embeddings::Items(items)), _) => {
            Ok(items.into_iter().map(|item| item.embedding).collect())
        }
        (None, Some(vector)) => Ok(vec![vector]),
        (None, None) => Err(nonsense("vectors")),
    }
}

fn read_order(body: &[u8]) -> Result<Vec<Ranked>, InvokeError> {
    let order: Order = serde_json::from_slice(body).map_err(|_| nonsense("order"))?;
    let ranked = order.results.into_iter();
    Ok(ranked
        .map(|place| Ranked {
            index: place.index,
            score: place.relevance_score,
        })
        .collect())
}

fn nonsense(what: &str) -> InvokeError {
    InvokeError::new(ErrorKind::BadRequest, format!("the answer has no {what}")).sent()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::{batch, counts, embedding, order, read_order, read_vectors};

    fn body(of: (String, Vec<u8>)) -> (String, Json) {
        (of.0, serde_json::from_slice(&of.1).unwrap())
    }

    #[test]
    fn each_maker_is_asked_in_its_own_format() {
        let one = ["a".to_owned()];
        let two = ["a".to_owned(), "b".to_owned()];
        let (path, asked) = body(embedding("amazon.titan-embed-text-v2:0", &one).unwrap());
        assert_eq!(path, "/model/amazon.titan-embed-text-v2%3A0/invoke");
        assert_eq!(asked, json!({"inputText": "a"}));
        let (_, asked) = body(embedding("us.cohere.embed-v4:0", &two).unwrap());
        assert_eq!(asked["texts"], json!(["a", "b"]));
        let (_, asked) = body(embedding("amazon.nova-2-multimodal-embeddings-v1:0", &one).unwrap());
        assert_eq!(asked["singleEmbeddingParams"]["text"]["value"], "a");
        assert!(embedding("amazon.titan-embed-text-v2:0", &two).is_err());
        assert!(embedding("meta.llama", &one).is_err());
        let batches = ["cohere.embed-english-v3", "amazon.titan-embed-text-v1"].map(batch);
        assert_eq!(batches, [96, 1]);
        let (_, asked) = body(order("cohere.rerank-v3-5:0", "q", &two, 1));
        assert_eq!(
            asked,
            json!({"query": "q", "documents": ["a", "b"], "top_n": 1, "api_version": 2})
        );
        let (_, asked) = body(order("amazon.rerank-v1:0", "q", &two, 2));
        assert_eq!(asked.get("api_version"), None);
    }

    #[test]
    fn each_maker_answers_in_its_own_format() {
        for (answer, vectors) in [
            (
                json!({"embedding": [1.0, 2.0], "inputTextTokenCount": 3}),
                Some(vec![vec![1.0, 2.0]]),
            ),
            (
                json!({"embeddings": [[1.0], [2.0]], "response_type": "embeddings_floats"}),
                Some(vec![vec![1.0], vec![2.0]]),
            ),
            (
                json!({"embeddings": {"float": [[1.0]]}}),
                Some(vec![vec![1.0]]),
            ),
            (
                json!({"embeddings": [{"embeddingType": "TEXT", "embedding": [1.0]}]}),
                Some(vec![vec![1.0]]),
            ),
            (json!({}), None),
            (json!({"embeddings": "x"}), None),
        ] {
            assert_eq!(
                read_vectors(answer.to_string().as_bytes()).ok(),
                vectors,
                "{answer}"
            );
        }
        let answer = json!({"results": [{"index": 1, "relevance_score": 0.5}]}).to_string();
        assert_eq!(read_order(answer.as_bytes()).unwrap()[0].index, 1);
        assert!(read_order(b"{}").is_err());
    }

    #[test]
    fn counts_stand_in_the_head_or_in_the_answer() {
        let answer = json!({"embedding": [1.0], "inputTextTokenCount": 3}).to_string();
        let input = |head| {
            counts(answer.as_bytes(), head)
                .usage
                .map(|usage| usage.tokens.input)
        };
        assert_eq!((input(None), input(Some(5))), (Some(3), Some(5)));
        assert_eq!(counts(b"no", None).usage, None);
    }
}
