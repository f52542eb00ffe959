//! `POST /rerank` as Cohere and Jina have it, and the many servers that imitate them.

use serde::Deserialize;
use serde_json::{Value as Json, json};

use latchkey_outbound::Request;

use crate::error::InvokeError;
use crate::instance::RerankRequest;
use crate::provider::{ProviderCall, Ranked, WholeAnswer};

use super::embeddings::{nonsense, usage_of};
use super::failure::unreached;
use super::{QUICK, send};

/// The longest answer, in bytes: some servers repeat the documents whatever they are asked.
const LONGEST: u64 = 32 << 20;

/// Text embeddings inference answers with the list alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Whole {
        results: Vec<Item>,
        #[serde(default)]
        usage: Option<Json>,
        #[serde(default)]
        meta: Option<Json>,
    },
    List(Vec<Item>),
}

#[derive(Deserialize)]
struct Item {
    index: usize,
    #[serde(alias = "score")]
    relevance_score: f64,
}

pub(super) async fn rerank(
    call: &ProviderCall<'_>,
    model: &str,
    request: &RerankRequest,
) -> Result<WholeAnswer<Vec<Ranked>>, InvokeError> {
    let body = json!({
        "model": model,
        "query": request.query,
        "documents": request.documents,
        "top_n": request.top_n.min(request.documents.len()),
    });
    let asked = Request::post_json(&url(&call.access.base_url), body.to_string());
    let response = send(call, asked.deadlines(QUICK).max_body(LONGEST)).await?;
    let request_id = response.header("x-request-id").map(str::to_owned);
    let http_status = Some(response.status);
    let text = response.bytes().await.map_err(|cause| unreached(&cause))?;
    let (usage, value) = match serde_json::from_slice::<Answer>(&text) {
        Ok(Answer::Whole {
            results,
            usage,
            meta,
        }) => {
            let tokens = || meta.and_then(|meta| meta.get("tokens").cloned());
            (usage.or_else(tokens).map(usage_of), Ok(results))
        }
        Ok(Answer::List(results)) => (None, Ok(results)),
        Err(_) => (None, Err(nonsense("the answer has no order".to_owned()))),
    };
    let ranked = |item: Item| Ranked {
        index: item.index,
        score: item.relevance_score,
    };
    Ok(WholeAnswer {
        request_id,
        http_status,
        usage,
        value: value.map(|results| results.into_iter().map(ranked).collect()),
    })
}

/// Cohere's imitation of OpenAI's format has no rerank: its own API, on the same host, has.
pub(super) fn url(base_url: &str) -> String {
    let base_url = match base_url.strip_suffix("/compatibility/v1") {
        Some(host) => format!("{host}/v2"),
        None => base_url.to_owned(),
    };
    format!("{base_url}/rerank")
}
