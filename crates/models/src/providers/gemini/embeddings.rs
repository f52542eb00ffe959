//! `batchEmbedContents`: the vectors of several texts in one call.

use serde::Deserialize;
use serde_json::{Value as Json, json};

use latchkey_domain::ledger::Tokens;
use latchkey_outbound::Request;

use crate::chat::ReportedUsage;
use crate::error::{ErrorKind, InvokeError};
use crate::provider::{ProviderCall, WholeAnswer};
use crate::providers::openai::QUICK;
use crate::providers::openai::failure::unreached;

use super::{base_url, resource, send};

/// The longest answer, in bytes: 100 vectors of 3,072 numbers that are written out.
const LONGEST: u64 = 64 << 20;

#[derive(Deserialize)]
struct Answer {
    embeddings: Vec<Embedding>,
    #[serde(default, rename = "usageMetadata")]
    usage: Option<Json>,
}

#[derive(Deserialize)]
struct Embedding {
    #[serde(default)]
    values: Vec<f32>,
}

pub(super) async fn embed(
    call: &ProviderCall<'_>,
    model: &str,
    texts: &[String],
) -> Result<WholeAnswer<Vec<Vec<f32>>>, InvokeError> {
    let resource = resource(model)?;
    let one = |text: &String| {
        let content = json!({"parts": [{"text": text}]});
        json!({"model": resource, "content": content})
    };
    let requests: Vec<Json> = texts.iter().map(one).collect();
    let body = json!({"requests": requests});
    let url = format!("{}/{resource}:batchEmbedContents", base_url(call.access));
    let request = Request::post_json(&url, body.to_string());
    let response = send(call, request.deadlines(QUICK).max_body(LONGEST)).await?;
    let http_status = Some(response.status);
    let text = response.bytes().await.map_err(|cause| unreached(&cause))?;
    let (usage, value) = match serde_json::from_slice::<Answer>(&text) {
        Ok(answer) => {
            let vectors = answer.embeddings.into_iter().map(|one| one.values);
            (answer.usage.and_then(counted), Ok(vectors.collect()))
        }
        Err(cause) => {
            let text = format!("the answer has no vectors: {cause}");
            let error = InvokeError::new(ErrorKind::BadRequest, text).sent();
            (None, Err(error))
        }
    };
    Ok(WholeAnswer {
        request_id: None,
        http_status,
        usage,
        value,
    })
}

/// Older models count nothing.
fn counted(raw: Json) -> Option<ReportedUsage> {
    let count = |key: &str| raw.get(key).and_then(Json::as_u64);
    let input = count("promptTokenCount").or_else(|| count("totalTokenCount"))?;
    let tokens = Tokens {
        input,
        ..Tokens::default()
    };
    Some(ReportedUsage { tokens, raw })
}
