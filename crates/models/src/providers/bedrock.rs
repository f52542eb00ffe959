//! Amazon Bedrock: conversations by ConverseStream, vectors and orders by InvokeModel. A request is signed with the pair
//! of AWS keys that the credential holds, or carries its Bedrock API key; nothing is taken from the machine it runs on.

mod answer;
mod failure;
mod messages;
mod question;
mod signature;
mod vectors;

use std::collections::BTreeMap;
use std::convert::identity;

use async_trait::async_trait;
use bytes::Bytes;

use latchkey_domain::provider::ModelType;
use latchkey_outbound::{Method, Request, Response, target_host};

use crate::catalogue::ProviderInfo;
use crate::chat::ChatRequest;
use crate::error::InvokeError;
use crate::instance::RerankRequest;
use crate::provider::{
    Provider, ProviderAnswer, ProviderCall, Ranked, Trial, TrialAnswer, WholeAnswer,
};
use crate::providers::bedrock::answer::Reading;
use crate::providers::bedrock::failure::refused;
use crate::providers::bedrock::signature::{Keys, Signed, headers, segment};
use crate::providers::events::{self, Framing};
use crate::providers::openai::failure::unreached;
use crate::providers::openai::{REQUEST_ID, WHILE_SOMEBODY_WAITS};
use crate::providers::parameters::unusable;

/// The module. It holds no state.
pub(crate) struct Bedrock;

/// Where the region of a credential with these settings is; none without a region, or with one that is no name of one.
pub(crate) fn base_url(settings: &BTreeMap<String, String>) -> Option<String> {
    let region = settings.get("aws_region")?;
    let is_name = (1..=40).contains(&region.len())
        && region
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    is_name.then(|| format!("https://bedrock-runtime.{region}.amazonaws.com"))
}

#[async_trait]
impl Provider for Bedrock {
    async fn chat(
        &self,
        call: ProviderCall<'_>,
        request: &ChatRequest,
    ) -> Result<ProviderAnswer, InvokeError> {
        let info = call.provider.model(&request.model, ModelType::Llm);
        let body = question::body(request, info.max_output)?;
        let path = format!("/model/{}/converse-stream", segment(&request.model));
        let response = post(&call, &path, body, identity).await?;
        let request_id = request_id(&response);
        let http_status = Some(response.status);
        Ok(ProviderAnswer {
            request_id,
            http_status,
            chunks: events::read(response.body, Framing::frames(), Reading::default()),
        })
    }

    async fn embed(
        &self,
        call: ProviderCall<'_>,
        model: &str,
        texts: &[String],
    ) -> Result<WholeAnswer<Vec<Vec<f32>>>, InvokeError> {
        vectors::embed(&call, model, texts).await
    }

    async fn rerank(
        &self,
        call: ProviderCall<'_>,
        model: &str,
        request: &RerankRequest,
    ) -> Result<WholeAnswer<Vec<Ranked>>, InvokeError> {
        vectors::rerank(&call, model, request).await
    }

    /// The list that costs nothing is one of invocations, as it is where the models are: the list of models is on another
    /// host. Whoever may not see it has been recognised all the same.
    async fn try_out(
        &self,
        call: ProviderCall<'_>,
        trial: Trial<'_>,
    ) -> Result<TrialAnswer, InvokeError> {
        let quick = |request: Request| request.deadlines(WHILE_SOMEBODY_WAITS);
        let (path, body) = match trial {
            Trial::Models => {
                let request = signed(&call, "GET", "/async-invoke", "maxResults=1", Bytes::new())?;
                return match send(&call, quick(request)).await {
                    Ok(response) => Ok(TrialAnswer {
                        http_status: Some(response.status),
                        counts: None,
                    }),
                    Err(error) if failure::lacks_right(&error) => Ok(TrialAnswer {
                        http_status: error.http_status,
                        counts: None,
                    }),
                    Err(error) => Err(error),
                };
            }
            Trial::Chat(model) => (
                format!("/model/{}/converse", segment(model)),
                question::probe(model)?,
            ),
            Trial::Embedding(model) => vectors::embedding(model, &["ping".to_owned()])?,
            Trial::Rerank(model) => vectors::order(model, "ping", &["ping".to_owned()], 1),
        };
        let response = post(&call, &path, body, quick).await?;
        let http_status = Some(response.status);
        let input = vectors::input_tokens(&response);
        let text = response.bytes().await.map_err(|cause| unreached(&cause))?;
        let counts = match trial {
            Trial::Models => None,
            Trial::Chat(_) => Some(answer::counts(&text)),
            Trial::Embedding(_) | Trial::Rerank(_) => Some(vectors::counts(&text, input)),
        };
        Ok(TrialAnswer {
            http_status,
            counts,
        })
    }

    fn embedding_batch(&self, _: &ProviderInfo, model: &str) -> usize {
        vectors::batch(model)
    }
}

fn request_id(response: &Response) -> Option<String> {
    response.header("x-amzn-requestid").map(str::to_owned)
}

/// Sends a JSON text; `limited` sets what the usual deadlines and limits are not right for.
async fn post(
    call: &ProviderCall<'_>,
    path: &str,
    body: Vec<u8>,
    limited: impl FnOnce(Request) -> Request,
) -> Result<Response, InvokeError> {
    let request = signed(call, "POST", path, "", body.into())?;
    let request = request.header("content-type", "application/json");
    send(call, limited(request)).await
}

/// Sends, and sorts everything that is no success.
async fn send(call: &ProviderCall<'_>, request: Request) -> Result<Response, InvokeError> {
    let sent = call.outbound.send(request).await;
    let response = sent.map_err(|cause| unreached(&cause))?;
    if (200..300).contains(&response.status) {
        return Ok(response);
    }
    Err(refused(response).await)
}

/// A request that says who asks.
fn signed(
    call: &ProviderCall<'_>,
    method: &str,
    path: &str,
    query: &str,
    body: Bytes,
) -> Result<Request, InvokeError> {
    let base_url = call.access.base_url.trim_end_matches('/');
    // Where the same host imitates OpenAI's format; older credentials have it.
    let base_url = base_url.strip_suffix("/openai/v1").unwrap_or(base_url);
    let mark = if query.is_empty() { "" } else { "?" };
    let url = format!("{base_url}{path}{mark}{query}");
    let request = Request::new(Method::new(method), &url)
        .header(REQUEST_ID, &call.id.to_string())
        .body(body.clone());
    let values = &call.access.values;
    if let Some(key) = values.secret("api_key") {
        return Ok(request.sensitive_header("authorization", &format!("Bearer {key}")));
    }
    let pair = (
        values.secret("aws_access_key_id"),
        values.secret("aws_secret_access_key"),
    );
    let (Some(id), Some(secret)) = pair else {
        return Err(unusable(
            "a credential of Bedrock needs an api_key, or an aws_access_key_id with its aws_secret_access_key",
        ));
    };
    let region = call.access.settings.get("aws_region");
    let region = region.ok_or_else(|| unusable("a credential of Bedrock needs an aws_region"))?;
    let host = target_host(base_url)
        .ok_or_else(|| unusable("the base URL of the credential is no URL"))?;
    let keys = Keys {
        id,
        secret,
        session: values.secret("aws_session_token"),
    };
    // The path of an address that is not Amazon's own is part of what is signed.
    let before = base_url
        .split_once("://")
        .and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
    let path = format!("{}{path}", before.unwrap_or_default());
    let signed = Signed {
        method,
        host: &host,
        path: &path,
        query,
        body: &body,
    };
    let headers = headers(signed, keys, region, call.at);
    let with =
        |request: Request, (name, value): &(&str, String)| request.sensitive_header(name, value);
    Ok(headers.iter().fold(request, with))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::base_url;

    #[test]
    fn a_region_is_a_name_and_nothing_else() {
        for (region, url) in [
            (
                "us-east-1",
                Some("https://bedrock-runtime.us-east-1.amazonaws.com"),
            ),
            ("evil.test/", None),
            ("a@b", None),
            ("US-EAST-1", None),
            ("", None),
        ] {
            let settings = BTreeMap::from([("aws_region".to_owned(), region.to_owned())]);
            assert_eq!(base_url(&settings).as_deref(), url, "{region}");
        }
        assert_eq!(base_url(&BTreeMap::new()), None);
    }
}
