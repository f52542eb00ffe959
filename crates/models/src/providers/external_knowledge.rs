//! Dify's external knowledge API: `POST <endpoint>/retrieval` with a bearer key.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use latchkey_outbound::{Request, Response};

use crate::chat::ChatRequest;
use crate::error::{ErrorKind, InvokeError};
use crate::instance::RetrieveRequest;
use crate::provider::{
    Passage, Provider, ProviderAnswer, ProviderCall, Trial, TrialAnswer, WholeAnswer,
};
use crate::providers::openai::failure::{refused, unreached};
use crate::providers::openai::{QUICK, REQUEST_ID};

/// The API's own code for a knowledge that is not there: whoever says so has accepted the key.
const NO_SUCH_KNOWLEDGE: &str = "\"error_code\":2001";
/// The longest answer, in bytes.
const LONGEST: u64 = 8 << 20;

/// The module. It holds no state.
pub(crate) struct ExternalKnowledge;

#[derive(Deserialize)]
struct Records {
    records: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    score: Option<f64>,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    metadata: Option<Map<String, Json>>,
}

#[async_trait]
impl Provider for ExternalKnowledge {
    async fn chat(
        &self,
        call: ProviderCall<'_>,
        _: &ChatRequest,
    ) -> Result<ProviderAnswer, InvokeError> {
        let text = format!("{} has no language models", call.provider.id);
        Err(InvokeError::new(ErrorKind::BadRequest, text))
    }

    async fn retrieve(
        &self,
        call: ProviderCall<'_>,
        request: &RetrieveRequest,
    ) -> Result<WholeAnswer<Vec<Passage>>, InvokeError> {
        let response = post(&call, request).await?;
        let http_status = Some(response.status);
        let text = response.bytes().await.map_err(|cause| unreached(&cause))?;
        Ok(WholeAnswer {
            request_id: None,
            http_status,
            usage: None,
            value: read(&text),
        })
    }

    /// Asks a knowledge that is not there.
    async fn try_out(
        &self,
        call: ProviderCall<'_>,
        _: Trial<'_>,
    ) -> Result<TrialAnswer, InvokeError> {
        let probe = RetrieveRequest {
            knowledge_id: "credential-check".to_owned(),
            query: "ping".to_owned(),
            top_k: 1,
            ..RetrieveRequest::default()
        };
        let http_status = match post(&call, &probe).await {
            Ok(response) => Some(response.status),
            Err(error) if error.message.contains(NO_SUCH_KNOWLEDGE) => error.http_status,
            Err(error) => return Err(error),
        };
        Ok(TrialAnswer {
            http_status,
            counts: None,
        })
    }
}

async fn post(call: &ProviderCall<'_>, request: &RetrieveRequest) -> Result<Response, InvokeError> {
    let mut body = json!({
        "knowledge_id": request.knowledge_id,
        "query": request.query,
        "retrieval_setting": {"top_k": request.top_k, "score_threshold": request.score_threshold},
    });
    if let Some(condition) = &request.metadata_condition {
        body["metadata_condition"] = condition.clone();
    }
    let url = format!("{}/retrieval", call.access.base_url);
    let key = call.access.values.secret("api_key").unwrap_or_default();
    let request = Request::post_json(&url, body.to_string())
        .header(REQUEST_ID, &call.id.to_string())
        .sensitive_header("authorization", &format!("Bearer {key}"))
        .deadlines(QUICK)
        .max_body(LONGEST);
    let sent = call.outbound.send(request).await;
    let response = sent.map_err(|cause| unreached(&cause))?;
    if (200..300).contains(&response.status) {
        return Ok(response);
    }
    Err(refused(response).await)
}

fn read(text: &[u8]) -> Result<Vec<Passage>, InvokeError> {
    let read: Records = serde_json::from_slice(text).map_err(|cause| {
        let text = format!("the answer is no list of records: {cause}");
        InvokeError::new(ErrorKind::BadRequest, text).sent()
    })?;
    let passage = |record: Record| Passage {
        content: record.content.unwrap_or_default(),
        score: record
            .score
            .filter(|score| score.is_finite())
            .unwrap_or_default(),
        title: record.title.unwrap_or_default(),
        metadata: record.metadata.unwrap_or_default(),
    };
    Ok(read.records.into_iter().map(passage).collect())
}
