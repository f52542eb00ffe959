//! Vertex AI: Gemini's format at Google Cloud's addresses, paid by a service account.
//!
//! The account's key never leaves this process: it signs a short text, and Google's token host gives a token for it. Only
//! the account that the credential holds is used, never one of the machine that we run on.

pub(crate) mod account;
mod embeddings;
mod tokens;

use std::collections::BTreeMap;

use async_trait::async_trait;

use latchkey_outbound::{Request, Response};

use crate::catalogue::ProviderInfo;
use crate::chat::ChatRequest;
use crate::error::{InvokeError, KeyFault};
use crate::mask::Mask;
use crate::provider::{
    Access, Provider, ProviderAnswer, ProviderCall, Trial, TrialAnswer, WholeAnswer,
};
use crate::providers::gemini::{answered, failure, probe, question, segment, tried_out};
use crate::providers::openai::failure::unreached;
use crate::providers::openai::{REQUEST_ID, WHILE_SOMEBODY_WAITS};
use crate::providers::parameters::unusable;
use crate::source::CredentialValues;

use self::account::Account;
use self::tokens::{Freshness, Tokens};

/// Where models are asked unless the credential says it.
const USUAL_LOCATION: &str = "us-central1";

/// The module. It keeps the tokens that it was given until shortly before they end.
#[derive(Default)]
pub(crate) struct Vertex {
    tokens: Tokens,
}

#[async_trait]
impl Provider for Vertex {
    async fn chat(
        &self,
        call: ProviderCall<'_>,
        request: &ChatRequest,
    ) -> Result<ProviderAnswer, InvokeError> {
        let account = Account::of(call.access)?;
        let url = address(call.access, &account, &request.model)?;
        let url = format!("{url}:streamGenerateContent?alt=sse");
        let asked = Request::post_json(&url, question::body(request)?);
        let (response, mask) = self.send(&call, &account, asked, Freshness::Kept).await?;
        mask.answer(answered(response).await)
    }

    async fn embed(
        &self,
        call: ProviderCall<'_>,
        model: &str,
        texts: &[String],
    ) -> Result<WholeAnswer<Vec<Vec<f32>>>, InvokeError> {
        let account = Account::of(call.access)?;
        let url = format!("{}:predict", address(call.access, &account, model)?);
        let asked = embeddings::question(&url, texts);
        let (response, mask) = self.send(&call, &account, asked, Freshness::Kept).await?;
        mask.whole(embeddings::answer(response).await)
    }

    fn embedding_batch(&self, _: &ProviderInfo, model: &str) -> usize {
        // The older models take up to 250, but no more than 20,000 tokens in all.
        if model.contains("gemini") { 1 } else { 32 }
    }

    async fn try_out(
        &self,
        call: ProviderCall<'_>,
        trial: Trial<'_>,
    ) -> Result<TrialAnswer, InvokeError> {
        let account = Account::of(call.access)?;
        let request = match trial {
            Trial::Models => {
                let list = "v1beta1/publishers/google/models?pageSize=1";
                let request = Request::get(&format!("{}/{list}", call.access.base_url));
                request.header("x-goog-user-project", project(call.access, &account)?)
            }
            Trial::Chat(model) => {
                let url = address(call.access, &account, model)?;
                Request::post_json(&format!("{url}:generateContent"), probe(model)?)
            }
            Trial::Embedding(model) => {
                let url = format!("{}:predict", address(call.access, &account, model)?);
                embeddings::question(&url, &["ping".to_owned()])
            }
            Trial::Rerank(_) => return Err(unusable("Vertex AI has no rerank models here")),
        };
        let request = request.deadlines(WHILE_SOMEBODY_WAITS);
        // Whether the account is good is not told by a token that it was given an hour ago.
        let sent = self.send(&call, &account, request, Freshness::New).await;
        let (response, mask) = sent?;
        let tried = tried_out(response, trial).await;
        tried.map_err(|error| mask.error(error))
    }
}

impl Vertex {
    /// Sends with a token, and sorts everything that is no success. The mask hides the token in what comes back.
    async fn send(
        &self,
        call: &ProviderCall<'_>,
        account: &Account,
        request: Request,
        freshness: Freshness,
    ) -> Result<(Response, Mask), InvokeError> {
        let token = self.tokens.token(call, account, freshness).await?;
        let mask = Mask::of(&CredentialValues::one("token", token.expose()));
        let bearer = format!("Bearer {}", token.expose());
        let request = request
            .header(REQUEST_ID, &call.id.to_string())
            .sensitive_header("authorization", &bearer);
        let sent = call.outbound.send(request).await;
        let response = sent.map_err(|cause| unreached(&cause))?;
        if (200..300).contains(&response.status) {
            return Ok((response, mask));
        }
        let mut error = failure::refused(response).await;
        if error.key_fault == Some(KeyFault::Dead) {
            self.tokens.forget(account);
            // A token that was kept may be refused for what has happened to it alone.
            if freshness == Freshness::Kept {
                error.key_fault = None;
            }
        }
        Err(mask.error(error))
    }
}

/// Where a model is.
fn address(access: &Access, account: &Account, model: &str) -> Result<String, InvokeError> {
    let project = project(access, account)?;
    let location = segment(location(&access.settings))?;
    let name = match model.rsplit_once("publishers/google/models/") {
        Some((_, name)) => name,
        None => model.strip_prefix("google/").unwrap_or(model),
    };
    if name.starts_with("claude-") || name.contains('/') {
        let text = format!("{name}: of Vertex AI's models, only Google's own can be asked here");
        return Err(unusable(&text));
    }
    let name = segment(name)?;
    let base_url = &access.base_url;
    Ok(format!(
        "{base_url}/v1/projects/{project}/locations/{location}/publishers/google/models/{name}"
    ))
}

/// The project that is asked: the credential's, else the account's own.
fn project<'a>(access: &'a Access, account: &'a Account) -> Result<&'a str, InvokeError> {
    let stated = access.settings.get("project_id").map(String::as_str);
    let project = stated.or(account.project_id.as_deref());
    let project = project.ok_or_else(|| unusable("the credential names no project"))?;
    // Old projects belong to a domain: `example.com:project`.
    let plain = project.replace(':', "-");
    segment(&plain).map(|_| project)
}

fn location(settings: &BTreeMap<String, String>) -> &str {
    settings
        .get("location")
        .map_or(USUAL_LOCATION, String::as_str)
}

/// Google's host for a location. Whatever the location says, it is one of Google's.
pub(crate) fn base_url(settings: &BTreeMap<String, String>) -> Option<String> {
    let location = location(settings);
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if location.is_empty() || location.len() > 40 || !location.bytes().all(is_plain) {
        return None;
    }
    Some(match location {
        "global" => "https://aiplatform.googleapis.com".to_owned(),
        "us" | "eu" => format!("https://aiplatform.{location}.rep.googleapis.com"),
        region => format!("https://{region}-aiplatform.googleapis.com"),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::base_url;

    #[test]
    fn a_location_is_a_host_of_googles_or_none() {
        for (location, told) in [
            (None, Some("https://us-central1-aiplatform.googleapis.com")),
            (Some("global"), Some("https://aiplatform.googleapis.com")),
            (
                Some("europe-west4"),
                Some("https://europe-west4-aiplatform.googleapis.com"),
            ),
            (Some("eu"), Some("https://aiplatform.eu.rep.googleapis.com")),
            (Some("evil.test/"), None),
            (Some("a@b"), None),
            (Some("EU"), None),
            (Some(""), None),
        ] {
            let location = location.map(|location| ("location".to_owned(), location.to_owned()));
            let settings: BTreeMap<_, _> = location.into_iter().collect();
            assert_eq!(base_url(&settings).as_deref(), told, "{settings:?}");
        }
    }
}
