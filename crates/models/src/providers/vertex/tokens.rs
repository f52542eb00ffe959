//! Tokens of service accounts: asked for when they are needed, kept until shortly before they end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ring::digest::{SHA256, digest};
use serde::Deserialize;
use serde_json::Value as Json;
use tokio::time::Instant;

use latchkey_outbound::{Method, Request, Response};
use latchkey_secrets::Secret;

use crate::error::{ErrorKind, InvokeError, KeyFault};
use crate::mask::Mask;
use crate::provider::ProviderCall;
use crate::providers::openai::WHILE_SOMEBODY_WAITS;
use crate::providers::openai::failure::unreached;
use crate::providers::refusal::Refusal;
use crate::source::CredentialValues;

use super::account::Account;

/// How long before its end a token is not used any more.
const MARGIN: Duration = Duration::from_secs(300);
/// How many tokens are kept; beyond that, those go that end first.
const MOST: usize = 10_000;
/// The longest answer of the token host, in bytes.
const LONGEST: u64 = 64 << 10;
const GRANT: &str = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";

/// Whether a token that is kept will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Freshness {
    /// It will.
    Kept,
    /// It has to be a new one.
    New,
}

/// The tokens, by a digest of the account's key: another version of it has another token.
#[derive(Default)]
pub(super) struct Tokens {
    kept: Mutex<HashMap<[u8; 32], Arc<Slot>>>,
}

/// The token of one account. Whoever comes while it is being asked for waits for it: an account whose token has ended is
/// not asked for a hundred at once.
#[derive(Default)]
struct Slot {
    token: tokio::sync::Mutex<Option<Token>>,
}

#[derive(Clone)]
struct Token {
    text: Secret<String>,
    until: Instant,
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    #[serde(default)]
    expires_in: Option<u64>,
}

impl Tokens {
    /// A token for the account.
    ///
    /// # Errors
    /// When the token host was not reached or refused.
    pub(super) async fn token(
        &self,
        call: &ProviderCall<'_>,
        account: &Account,
        freshness: Freshness,
    ) -> Result<Secret<String>, InvokeError> {
        let slot = self.slot(account);
        let mut token = slot.token.lock().await;
        let now = Instant::now();
        let kept = token.as_ref().filter(|token| token.until > now);
        if let (Freshness::Kept, Some(kept)) = (freshness, kept) {
            return Ok(kept.text.clone());
        }
        let new = ask(call, account).await?;
        let text = new.text.clone();
        *token = Some(new);
        Ok(text)
    }

    /// Forgets the account's token.
    pub(super) fn forget(&self, account: &Account) {
        self.locked().remove(&name(account));
    }

    fn slot(&self, account: &Account) -> Arc<Slot> {
        let mut kept = self.locked();
        if kept.len() >= MOST {
            let now = Instant::now();
            // One that is being asked for stays, for whoever waits for it.
            kept.retain(|_, slot| {
                let token = slot.token.try_lock();
                token.map_or(true, |token| {
                    token.as_ref().is_some_and(|token| token.until > now)
                })
            });
        }
        if kept.len() >= MOST {
            kept.clear();
        }
        Arc::clone(kept.entry(name(account)).or_default())
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, HashMap<[u8; 32], Arc<Slot>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn name(account: &Account) -> [u8; 32] {
    let digest = digest(&SHA256, account.text.expose().as_bytes());
    let mut name = [0; 32];
    name.copy_from_slice(digest.as_ref());
    name
}

async fn ask(call: &ProviderCall<'_>, account: &Account) -> Result<Token, InvokeError> {
    let assertion = account.assertion(call.at)?;
    let mask = Mask::of(&CredentialValues::one("assertion", assertion.expose()));
    let asked = Instant::now();
    let request = Request::new(Method::new("POST"), &account.token_uri)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("{GRANT}{}", assertion.expose()))
        .deadlines(WHILE_SOMEBODY_WAITS)
        .max_body(LONGEST);
    // Whatever goes wrong here, no model has seen the question.
    let unsent = |mut error: InvokeError| {
        error.sent = false;
        mask.error(error)
    };
    let response = call.outbound.send(request).await;
    let response = response.map_err(|cause| unsent(unreached(&cause)))?;
    if !(200..300).contains(&response.status) {
        return Err(unsent(refused(response).await));
    }
    let body = response.bytes().await;
    let body = body.map_err(|cause| unsent(unreached(&cause)))?;
    let answer = serde_json::from_slice::<Answer>(&body).map_err(|_| {
        let text = "the token host's answer has no token";
        InvokeError::new(ErrorKind::ServerUnavailable, text)
    })?;
    let lives = Duration::from_secs(answer.expires_in.unwrap_or(3600).min(86_400));
    Ok(Token {
        text: Secret::new(answer.access_token),
        until: asked + lives.saturating_sub(MARGIN),
    })
}

/// What a refusal of the token host means. Its word for a bad account is `invalid_grant`, as for a clock that is wrong.
async fn refused(response: Response) -> InvokeError {
    let refusal = Refusal::read(response).await;
    let body = refusal.json();
    let text = |key: &str| body.get(key).and_then(Json::as_str);
    let (code, more) = (text("error"), text("error_description"));
    let told = match (code, more) {
        (Some(code), Some(more)) => {
            Some(format!("no token for the service account: {code}: {more}"))
        }
        (Some(code), None) => Some(format!("no token for the service account: {code}")),
        (None, _) => None,
    };
    let mut error = refusal.error(told.as_deref());
    let is_clock = more.is_some_and(|more| more.contains("short-lived token"));
    let is_dead = matches!(
        code,
        Some("invalid_grant" | "invalid_client" | "unauthorized_client")
    );
    if is_clock {
        error.kind = ErrorKind::Internal;
    } else if is_dead || refusal.status == 401 {
        error.kind = ErrorKind::Authorization;
        error = error.about_key(Some(KeyFault::Dead));
    }
    error
}
