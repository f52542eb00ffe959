//! `POST /api/embed`.

use serde::Deserialize;
use serde_json::{Value as Json, json};

use latchkey_domain::ledger::Tokens;
use latchkey_outbound::Request;

use crate::chat::ReportedUsage;
use crate::error::{ErrorKind, InvokeError};
use crate::provider::{ProviderCall, WholeAnswer};
use crate::providers::openai::QUICK;
use crate::providers::openai::failure::unreached;

use super::{base_url, send};

/// The longest answer, in bytes.
const LONGEST: u64 = 64 << 20;

#[derive(Deserialize)]
struct Answer {
    embeddings: Vec<Vec<f32>>,
    #[serde(default)]
    prompt_eval_count: Option<u64>,
    #[serde(default)]
    total_duration: Option<Json>,
}

pub(super) async fn embed(
    call: &ProviderCall<'_>,
    model: &str,
    texts: &[String],
) -> Result<WholeAnswer<Vec<Vec<f32>>>, InvokeError> {
    let body = json!({"model": model, "input": texts});
    let url = format!("{}/api/embed", base_url(call.access));
    let request = Request::post_json(&url, body.to_string());
    let response = send(call, request.deadlines(QUICK).max_body(LONGEST)).await?;
    let http_status = Some(response.status);
    let text = response.bytes().await.map_err(|cause| unreached(&cause))?;
    let (usage, value) = match serde_json::from_slice::<Answer>(&text) {
        Ok(answer) => {
            let raw = json!({"prompt_eval_count": answer.prompt_eval_count, "total_duration": answer.total_duration});
            let usage = answer.prompt_eval_count.map(|input| ReportedUsage {
                tokens: Tokens {
                    input,
                    ..Tokens::default()
                },
                raw,
            });
            (usage, Ok(answer.embeddings))
        }
        Err(cause) => {
            let text = format!("the answer has no vectors: {cause}");
            (
                None,
                Err(InvokeError::new(ErrorKind::BadRequest, text).sent()),
            )
        }
    };
    Ok(WholeAnswer {
        request_id: None,
        http_status,
        usage,
        value,
    })
}
