//! A service account's key, as Google's console gives it: a JSON text, or that text in base64 as Dify's form takes it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde::Deserialize;
use serde_json::json;

use latchkey_domain::time::Timestamp;
use latchkey_outbound::target_host;
use latchkey_secrets::Secret;

use crate::error::{ErrorKind, InvokeError};
use crate::provider::Access;

/// The field of the credential.
pub(crate) const FIELD: &str = "service_account_json";
/// What a token may be used for.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
/// The only host that tokens are asked from, whatever a key says.
const TOKEN_HOST: &str = "oauth2.googleapis.com";
const TOKEN_URI: &str = "https://oauth2.googleapis.com/token";
/// How long a token is asked for, in seconds: the longest that is given.
const LIFETIME: i64 = 3600;

/// A service account.
pub(crate) struct Account {
    /// The project that it belongs to.
    pub(super) project_id: Option<String>,
    /// Where tokens are asked from.
    pub(super) token_uri: String,
    /// The text that it was read from, which tells accounts and versions of their keys apart.
    pub(super) text: Secret<String>,
    client_email: String,
    private_key_id: Option<String>,
    private_key: Secret<String>,
}

#[derive(Deserialize)]
struct Key {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    project_id: Option<String>,
    #[serde(default)]
    private_key_id: Option<String>,
    #[serde(default)]
    private_key: String,
    #[serde(default)]
    client_email: String,
    #[serde(default)]
    token_uri: Option<String>,
}

impl Account {
    /// Reads the credential's key.
    ///
    /// # Errors
    /// When there is none, or it is no key of a service account, or its tokens come from elsewhere than Google.
    pub(super) fn of(access: &Access) -> Result<Self, InvokeError> {
        let text = access.values.secret(FIELD);
        let text = text.ok_or_else(|| unusable("the credential has no service account"))?;
        let read = serde_json::from_str(text).ok().or_else(|| {
            let packed: String = text.split_ascii_whitespace().collect();
            let bytes = STANDARD.decode(packed).ok()?;
            serde_json::from_slice(&bytes).ok()
        });
        let key: Key = read.ok_or_else(|| unusable("it is neither JSON nor JSON in base64"))?;
        if key.kind != "service_account" {
            return Err(unusable("its type is not service_account"));
        }
        if key.client_email.is_empty() || key.private_key.is_empty() {
            return Err(unusable("client_email or private_key is missing"));
        }
        let token_uri = key.token_uri.unwrap_or_else(|| TOKEN_URI.to_owned());
        let is_googles = token_uri.starts_with("https://")
            && target_host(&token_uri).as_deref() == Some(TOKEN_HOST);
        if !is_googles {
            return Err(unusable(
                "its token_uri is not one of oauth2.googleapis.com",
            ));
        }
        Ok(Self {
            project_id: key.project_id.filter(|id| !id.is_empty()),
            token_uri,
            text: Secret::from(text),
            client_email: key.client_email,
            private_key_id: key.private_key_id.filter(|id| !id.is_empty()),
            private_key: Secret::new(key.private_key),
        })
    }

    /// The signed text that is exchanged for a token. It is good from now on.
    ///
    /// # Errors
    /// When the key is none of RSA.
    pub(super) fn assertion(&self, now: Timestamp) -> Result<Secret<String>, InvokeError> {
        let now = now.seconds();
        let mut head = json!({"alg": "RS256", "typ": "JWT"});
        if let Some(id) = &self.private_key_id {
            head["kid"] = json!(id);
        }
        let claims = json!({
            "iss": self.client_email,
            "scope": SCOPE,
            "aud": self.token_uri,
            "iat": now,
            "exp": now + LIFETIME,
        });
        let signed = signed(
            &head.to_string(),
            &claims.to_string(),
            self.private_key.expose(),
        );
        signed
            .map(Secret::new)
            .ok_or_else(|| unusable("its private_key is no RSA key"))
    }
}

/// A JSON web signature with RS256 (RFC 7515).
fn signed(head: &str, claims: &str, private_key: &str) -> Option<String> {
    let key = RsaKeyPair::from_pkcs8(&der(private_key)?).ok()?;
    let text = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(head),
        URL_SAFE_NO_PAD.encode(claims)
    );
    let mut signature = vec![0; key.public().modulus_len()];
    let random = SystemRandom::new();
    key.sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature)
        .ok()?;
    Some(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// The bytes of a PEM text.
fn der(pem: &str) -> Option<Vec<u8>> {
    let (_, rest) = pem.split_once("-----BEGIN PRIVATE KEY-----")?;
    let (packed, _) = rest.split_once("-----END PRIVATE KEY-----")?;
    let packed: String = packed.split_ascii_whitespace().collect();
    STANDARD.decode(packed).ok()
}

fn unusable(why: &str) -> InvokeError {
    let text = format!("the service account cannot be used: {why}");
    InvokeError::new(ErrorKind::BadRequest, text)
}
