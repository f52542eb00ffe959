//! How the credential of a tool goes with a request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use latchkey_domain::tool::{KeyPlace, ToolAuth};
use latchkey_models::Access;

use crate::host::ToolError;

/// The field of a credential that holds its key.
const KEY: &str = "api_key";

/// A credential that is opened, and how its provider wants it.
#[derive(Clone, Copy)]
pub struct Sending<'a> {
    /// How it is sent.
    pub auth: &'a ToolAuth,
    /// What is sent.
    pub access: &'a Access,
}

/// Where the credential goes.
#[derive(Default)]
pub(super) struct Sent {
    pub(super) header: Option<(String, String)>,
    pub(super) query: Option<(String, String)>,
    pub(super) cookie: Option<(String, String)>,
}

impl Sending<'_> {
    /// The parts of a request that carry the credential.
    pub(super) fn parts(&self) -> Result<Sent, ToolError> {
        let mut sent = Sent::default();
        match self.auth {
            ToolAuth::None => {}
            ToolAuth::Bearer => {
                let value = format!("Bearer {}", self.secret(KEY)?);
                sent.header = Some(("authorization".to_owned(), value));
            }
            ToolAuth::Basic => {
                let user = self.access.settings.get("username");
                let user = user.map(String::as_str).unwrap_or_default();
                let pair = STANDARD.encode(format!("{user}:{}", self.secret("password")?));
                sent.header = Some(("authorization".to_owned(), format!("Basic {pair}")));
            }
            ToolAuth::ApiKey {
                place,
                name,
                prefix,
            } => {
                let pair = Some((name.clone(), format!("{prefix}{}", self.secret(KEY)?)));
                match place {
                    KeyPlace::Header => sent.header = pair,
                    KeyPlace::Query => sent.query = pair,
                    KeyPlace::Cookie => sent.cookie = pair,
                }
            }
        }
        Ok(sent)
    }

    fn secret(&self, field: &str) -> Result<&str, ToolError> {
        let secret = self.access.values.secret(field);
        secret.ok_or_else(|| {
            ToolError::Invoke(format!("the credential has no {field}: enter it again"))
        })
    }
}
