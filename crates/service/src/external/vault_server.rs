//! A Vault server's key-value store, version 2. Its address is the operator's, so that it is outside of the guard for addresses.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use latchkey_domain::credential::ValueReference;
use latchkey_domain::time::Timestamp;
use latchkey_engine::clock::Clock;
use latchkey_outbound::{Deadlines, Outbound, Request};
use latchkey_secrets::Secret;
use serde_json::{Value as Json, json};

use super::ExternalError;
use crate::lock;

/// How long an answer may take.
const DEADLINE: Duration = Duration::from_secs(5);
/// The longest answer, in bytes.
const LONGEST: u64 = 1 << 20;

/// A Vault server, or one that speaks like it.
#[derive(Clone)]
pub struct VaultServer {
    /// Its address, without a slash at the end.
    pub url: String,
    /// The namespace in it, if there is one.
    pub namespace: Option<String>,
    /// How we are let in.
    pub auth: VaultAuth,
    /// The way there.
    pub outbound: Outbound,
}

/// How we are let in.
#[derive(Clone)]
pub enum VaultAuth {
    /// A token that does not change.
    Token(Secret<String>),
    /// A token in a file that somebody else keeps fresh; read at each use.
    TokenFile(PathBuf),
    /// A role with its id and its secret.
    AppRole {
        /// The id.
        role_id: Secret<String>,
        /// The secret.
        secret_id: Secret<String>,
    },
}

pub(super) struct VaultClient {
    server: VaultServer,
    clock: Arc<dyn Clock>,
    /// What a login gave, and when it is to be done again.
    token: Mutex<Option<(Secret<String>, Timestamp)>>,
}

/// Why a question came to nothing.
enum Failed {
    /// The server says no.
    Refused(u16),
    /// It does not answer, or not now.
    Away(String),
    /// Its answer, or what we have for it, is not as it should be.
    Other(String),
}

impl VaultClient {
    pub(super) fn new(server: VaultServer, clock: Arc<dyn Clock>) -> Self {
        Self {
            server,
            clock,
            token: Mutex::default(),
        }
    }

    pub(super) async fn read(
        &self,
        reference: &ValueReference,
    ) -> Result<Secret<String>, ExternalError> {
        let of = || reference.clone();
        let ValueReference::Vault { mount, path, field } = reference else {
            return Err(ExternalError::Unusable(of(), "it is no secret of Vault"));
        };
        let secret = match self.ask(mount, path).await {
            // A token may have been revoked before its time.
            Err(Failed::Refused(403)) if self.forget() => self.ask(mount, path).await,
            answer => answer,
        };
        let secret = secret.map_err(|failed| match failed {
            Failed::Refused(404) => ExternalError::Missing(of()),
            Failed::Refused(status) => {
                ExternalError::Refused(of(), format!("the Vault server answered {status}"))
            }
            Failed::Away(why) => ExternalError::Away(of(), why),
            Failed::Other(why) => ExternalError::Refused(of(), why),
        })?;
        match secret
            .pointer("/data/data")
            .and_then(|data| data.get(field))
        {
            Some(Json::String(text)) => Ok(Secret::from(text.as_str())),
            Some(Json::Number(number)) => Ok(Secret::new(number.to_string())),
            Some(_) => Err(ExternalError::Unusable(of(), "the field is no text")),
            None => Err(ExternalError::Missing(of())),
        }
    }

    async fn ask(&self, mount: &str, path: &str) -> Result<Json, Failed> {
        let token = self.token().await?;
        let url = format!("{}/v1/{mount}/data/{path}", self.server.url);
        let request = Request::get(&url).sensitive_header("x-vault-token", token.expose());
        self.answer(request).await
    }

    /// Forgets what a login gave; whether there was anything to forget.
    fn forget(&self) -> bool {
        lock(&self.token).take().is_some()
    }

    async fn token(&self) -> Result<Secret<String>, Failed> {
        match &self.server.auth {
            VaultAuth::Token(token) => Ok(token.clone()),
            VaultAuth::TokenFile(path) => {
                let text = tokio::fs::read_to_string(path).await.map_err(|cause| {
                    let kind = cause.kind();
                    Failed::Other(format!("the file with the Vault token: {kind}"))
                })?;
                let text = Secret::new(text);
                Ok(Secret::from(text.expose().trim()))
            }
            VaultAuth::AppRole { role_id, secret_id } => {
                let known = lock(&self.token).clone();
                if let Some((token, until)) = known
                    && self.clock.now() < until
                {
                    return Ok(token);
                }
                self.log_in(role_id, secret_id).await
            }
        }
    }

    async fn log_in(
        &self,
        role_id: &Secret<String>,
        secret_id: &Secret<String>,
    ) -> Result<Secret<String>, Failed> {
        let body = json!({"role_id": role_id.expose(), "secret_id": secret_id.expose()});
        let url = format!("{}/v1/auth/approle/login", self.server.url);
        let answer = self
            .answer(Request::post_json(&url, body.to_string()))
            .await;
        let answer = answer.map_err(|failed| match failed {
            Failed::Refused(status) => {
                Failed::Other(format!("the Vault server refused the role: {status}"))
            }
            Failed::Away(_) | Failed::Other(_) => failed,
        })?;
        let token = answer.pointer("/auth/client_token").and_then(Json::as_str);
        let token = token.ok_or_else(|| {
            Failed::Other("the Vault server's answer to the login has no token".to_owned())
        })?;
        let lease = answer.pointer("/auth/lease_duration");
        let seconds = lease.and_then(Json::as_u64).unwrap_or_default();
        // Well before its end; one that never ends is asked for again each hour.
        let holds = match seconds {
            0 => 3_600_000,
            seconds => seconds.saturating_mul(800),
        };
        let holds = i64::try_from(holds).unwrap_or(i64::MAX);
        let token = Secret::from(token);
        let until = self.clock.now().plus_millis(holds);
        *lock(&self.token) = Some((token.clone(), until));
        Ok(token)
    }

    /// The JSON that the server answers. Nothing of an answer that is none, or a refusal, is told: it could hold a value.
    async fn answer(&self, request: Request) -> Result<Json, Failed> {
        let mut request = request
            .header("x-vault-request", "true")
            .max_body(LONGEST)
            .deadlines(Deadlines {
                head: DEADLINE,
                idle: DEADLINE,
                total: DEADLINE,
            });
        if let Some(namespace) = &self.server.namespace {
            request = request.header("x-vault-namespace", namespace);
        }
        let away = |error: latchkey_outbound::Error| {
            Failed::Away(format!("the Vault server is not reached: {error}"))
        };
        let answer = self.server.outbound.send(request).await.map_err(away)?;
        match answer.status {
            200 => {}
            429 | 500..=599 => {
                let status = answer.status;
                return Err(Failed::Away(format!("the Vault server answered {status}")));
            }
            status => return Err(Failed::Refused(status)),
        }
        let body = answer.bytes().await.map_err(away)?;
        serde_json::from_slice(&body)
            .map_err(|_| Failed::Other("the Vault server's answer is no JSON".to_owned()))
    }
}
