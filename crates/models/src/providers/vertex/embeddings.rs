//! `predict` of Vertex AI's text embedding models.

use serde::Deserialize;
use serde_json::{Value as Json, json};

use latchkey_domain::ledger::Tokens;
use latchkey_outbound::{Request, Response};

use crate::chat::ReportedUsage;
use crate::error::{ErrorKind, InvokeError};
use crate::provider::WholeAnswer;
use crate::providers::openai::QUICK;
use crate::providers::openai::failure::unreached;

/// The longest answer, in bytes.
const LONGEST: u64 = 64 << 20;

#[derive(Deserialize)]
struct Answer {
    predictions: Vec<Prediction>,
    #[serde(default)]
    metadata: Option<Json>,
}

#[derive(Deserialize)]
struct Prediction {
    embeddings: Embedding,
}

#[derive(Deserialize)]
struct Embedding {
    values: Vec<f32>,
    #[serde(default)]
    statistics: Option<Statistics>,
}

#[derive(Deserialize)]
struct Statistics {
    #[serde(default)]
    token_count: Option<f64>,
}

pub(super) fn question(url: &str, texts: &[String]) -> Request {
    let instances: Vec<Json> = texts.iter().map(|text| json!({"content": text})).collect();
    let body = json!({"instances": instances});
    let request = Request::post_json(url, body.to_string());
    request.deadlines(QUICK).max_body(LONGEST)
}

pub(super) async fn answer(response: Response) -> Result<WholeAnswer<Vec<Vec<f32>>>, InvokeError> {
    let http_status = Some(response.status);
    let text = response.bytes().await.map_err(|cause| unreached(&cause))?;
    let (usage, value) = match serde_json::from_slice::<Answer>(&text) {
        Ok(answer) => {
            let usage = usage(&answer);
            let vectors = answer
                .predictions
                .into_iter()
                .map(|one| one.embeddings.values);
            (usage, Ok(vectors.collect()))
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

/// Each vector has its count; the sum is known only when all have one.
fn usage(answer: &Answer) -> Option<ReportedUsage> {
    let counts = answer.predictions.iter().map(|one| {
        let count = one.embeddings.statistics.as_ref()?.token_count?;
        (0.0..1e12).contains(&count).then_some(count as u64)
    });
    let counts: Option<Vec<u64>> = counts.collect();
    let counts = counts?;
    let mut raw = json!({"token_counts": counts});
    if let Some(metadata) = &answer.metadata {
        raw["metadata"] = metadata.clone();
    }
    let tokens = Tokens {
        input: counts.iter().sum(),
        ..Tokens::default()
    };
    Some(ReportedUsage { tokens, raw })
}
