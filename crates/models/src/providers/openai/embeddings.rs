//! `POST /embeddings` of OpenAI's format.

use serde::Deserialize;
use serde_json::{Value as Json, json};

use latchkey_domain::ledger::Tokens;
use latchkey_outbound::Request;

use crate::chat::ReportedUsage;
use crate::error::{ErrorKind, InvokeError};
use crate::provider::{ProviderCall, WholeAnswer};

use super::failure::unreached;
use super::{QUICK, address, send};

/// The longest answer, in bytes: 128 vectors of 16,384 numbers that are written out.
const LONGEST: u64 = 64 << 20;

#[derive(Deserialize)]
struct Answer {
    data: Vec<Item>,
    #[serde(default)]
    usage: Option<Json>,
}

#[derive(Deserialize)]
struct Item {
    embedding: Vec<f32>,
    #[serde(default)]
    index: Option<usize>,
}

pub(super) async fn embed(
    call: &ProviderCall<'_>,
    model: &str,
    texts: &[String],
) -> Result<WholeAnswer<Vec<Vec<f32>>>, InvokeError> {
    let body = json!({"model": model, "input": texts, "encoding_format": "float"});
    let url = address(call, "embeddings", model)?;
    let request = Request::post_json(&url, body.to_string());
    let request = request.deadlines(QUICK).max_body(LONGEST);
    let response = send(call, request).await?;
    let request_id = response.header("x-request-id").map(str::to_owned);
    let http_status = Some(response.status);
    let text = response.bytes().await.map_err(|cause| unreached(&cause))?;
    let (usage, value) = match serde_json::from_slice::<Answer>(&text) {
        Ok(answer) => (answer.usage.map(usage_of), in_order(answer.data)),
        Err(cause) => (
            None,
            Err(nonsense(format!("the answer has no vectors: {cause}"))),
        ),
    };
    Ok(WholeAnswer {
        request_id,
        http_status,
        usage,
        value,
    })
}

/// The vectors in the order of their numbers; some servers number none.
fn in_order(mut items: Vec<Item>) -> Result<Vec<Vec<f32>>, InvokeError> {
    if items.iter().any(|item| item.index.is_some()) {
        items.sort_by_key(|item| item.index);
        let numbered = items.iter().enumerate();
        if let Some((at, _)) = numbered
            .into_iter()
            .find(|(at, item)| item.index != Some(*at))
        {
            return Err(nonsense(format!("there is no vector {at}")));
        }
    }
    Ok(items.into_iter().map(|item| item.embedding).collect())
}

pub(super) fn nonsense(text: String) -> InvokeError {
    InvokeError::new(ErrorKind::BadRequest, text).sent()
}

/// What was counted: what embeds and reranks only reads.
pub(super) fn usage_of(raw: Json) -> ReportedUsage {
    let count = |key: &str| raw.get(key).and_then(Json::as_u64);
    let input = count("prompt_tokens").or_else(|| count("total_tokens"));
    let input = input.or_else(|| count("input_tokens")).unwrap_or_default();
    ReportedUsage {
        tokens: Tokens {
            input,
            ..Tokens::default()
        },
        raw,
    }
}
