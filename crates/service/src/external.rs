//! Values of credentials that are kept elsewhere: variables of the server, files of its machine, secrets of a Vault server.
//!
//! What may be used is the operator's to say, and variables are handed in: nothing here reads the environment. A value is read when a
//! call needs it and remembered for a short time, so that one that was changed elsewhere is picked up. No error holds a value.

mod vault_server;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use latchkey_domain::credential::ValueReference;
use latchkey_domain::id::WorkspaceId;
use latchkey_domain::time::Timestamp;
use latchkey_engine::clock::Clock;
use latchkey_secrets::Secret;

use self::vault_server::VaultClient;
pub use self::vault_server::{VaultAuth, VaultServer};
use crate::error::Error;
use crate::lock;

/// How long a file's content is remembered, in milliseconds.
const OF_FILE: u64 = 5_000;
/// How long a secret of Vault is remembered, in milliseconds.
const OF_VAULT: u64 = 60_000;
/// How long it stays usable while the server does not answer, in milliseconds.
const STALE: u64 = 5 * 60_000;
/// How long a failure is remembered, in milliseconds, so that a server in trouble is not asked by every call.
const FAILURE: u64 = 2_000;
/// The longest file, in bytes.
const LONGEST: u64 = 64 << 10;

/// What an operator lets credentials refer to.
#[derive(Clone, Default)]
pub struct ExternalValues {
    /// Patterns of references that may be used; see [`ValueReference::is_allowed`].
    pub allowed: Vec<String>,
    /// The variables that the patterns may mean, by name.
    pub environment: BTreeMap<String, Secret<String>>,
    /// The Vault server, if there is one.
    pub vault: Option<VaultServer>,
}

/// Why a value cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ExternalError {
    /// The operator does not let this workspace use it.
    #[error("the operator's settings do not allow {0} (LATCHKEY_REFERENCES)")]
    NotAllowed(ValueReference),
    /// There is no such thing.
    #[error("{0} is not there")]
    Missing(ValueReference),
    /// It is there and is no value.
    #[error("{0} cannot be used: {1}")]
    Unusable(ValueReference, &'static str),
    /// Whoever keeps it does not hand it out.
    #[error("{0} cannot be read: {1}")]
    Refused(ValueReference, String),
    /// Whoever keeps it does not answer.
    #[error("{0} cannot be read now: {1}")]
    Away(ValueReference, String),
}

impl From<ExternalError> for Error {
    fn from(error: ExternalError) -> Self {
        let code = match &error {
            ExternalError::NotAllowed(_) => "reference_not_allowed",
            ExternalError::Missing(_)
            | ExternalError::Unusable(..)
            | ExternalError::Refused(..)
            | ExternalError::Away(..) => "reference_unreadable",
        };
        Self::unprocessable(code, error.to_string())
    }
}

/// Reads values that are kept elsewhere.
pub(crate) struct External {
    allowed: Vec<String>,
    environment: BTreeMap<String, Secret<String>>,
    vault: Option<VaultClient>,
    clock: Arc<dyn Clock>,
    known: Mutex<HashMap<ValueReference, Known>>,
    /// One question to the Vault server at a time: whoever waits finds the answer remembered.
    asking: tokio::sync::Mutex<()>,
}

/// What was read before.
#[derive(Clone)]
struct Known {
    read: Timestamp,
    value: Result<Secret<String>, ExternalError>,
    /// A value before it, which stands in while the server does not answer.
    last: Option<(Timestamp, Secret<String>)>,
}

impl External {
    pub(crate) fn new(config: ExternalValues, clock: Arc<dyn Clock>) -> Self {
        let client = |server| VaultClient::new(server, Arc::clone(&clock));
        Self {
            allowed: config.allowed,
            environment: config.environment,
            vault: config.vault.map(client),
            clock,
            known: Mutex::default(),
            asking: tokio::sync::Mutex::default(),
        }
    }

    /// The value that a reference of a workspace stands for now.
    pub(crate) async fn read(
        &self,
        workspace: WorkspaceId,
        reference: &ValueReference,
    ) -> Result<Secret<String>, ExternalError> {
        if !reference.is_allowed(&self.allowed, &workspace.to_string()) {
            return Err(ExternalError::NotAllowed(reference.clone()));
        }
        match reference {
            ValueReference::Env(name) => {
                let value = self.environment.get(name).cloned();
                let value = value.ok_or_else(|| ExternalError::Missing(reference.clone()))?;
                usable(reference, value)
            }
            ValueReference::File(path) => self.file(reference, path).await,
            ValueReference::Vault { .. } => self.of_vault(reference).await,
        }
    }

    async fn file(
        &self,
        reference: &ValueReference,
        path: &str,
    ) -> Result<Secret<String>, ExternalError> {
        if let Some(known) = self.remembered(reference, OF_FILE) {
            return known;
        }
        let (path, of) = (path.to_owned(), reference.clone());
        let read = tokio::task::spawn_blocking(move || content(&of, &path)).await;
        let away = |cause: tokio::task::JoinError| {
            ExternalError::Away(reference.clone(), cause.to_string())
        };
        let value = read.map_err(away)?;
        self.remember(reference, value.clone());
        value
    }

    async fn of_vault(&self, reference: &ValueReference) -> Result<Secret<String>, ExternalError> {
        if let Some(known) = self.remembered(reference, OF_VAULT) {
            return known;
        }
        let Some(vault) = &self.vault else {
            let why = "there is no Vault server in the operator's settings (LATCHKEY_VAULT_URL)";
            return Err(ExternalError::Refused(reference.clone(), why.to_owned()));
        };
        let _alone = self.asking.lock().await;
        if let Some(known) = self.remembered(reference, OF_VAULT) {
            return known;
        }
        let value = match vault.read(reference).await {
            Ok(value) => usable(reference, value),
            Err(error) => Err(error),
        };
        self.remember(reference, value.clone());
        if let Err(ExternalError::Away(..)) = &value
            && let Some(stale) = self.stale(reference)
        {
            tracing::warn!(%reference, "the Vault server does not answer; the last value is used");
            return Ok(stale);
        }
        value
    }

    fn remembered(
        &self,
        reference: &ValueReference,
        time: u64,
    ) -> Option<Result<Secret<String>, ExternalError>> {
        let known = lock(&self.known).get(reference).cloned()?;
        let age = self.clock.now().millis_since(known.read);
        match &known.value {
            Ok(_) if age < time => Some(known.value),
            Err(error) if age < FAILURE => {
                let is_away = matches!(error, ExternalError::Away(..));
                let stale = is_away.then(|| self.stale(reference)).flatten();
                Some(stale.map_or(known.value, Ok))
            }
            Ok(_) | Err(_) => None,
        }
    }

    fn stale(&self, reference: &ValueReference) -> Option<Secret<String>> {
        let (read, value) = lock(&self.known).get(reference)?.last.clone()?;
        let age = self.clock.now().millis_since(read);
        (age < OF_VAULT + STALE).then_some(value)
    }

    fn remember(&self, reference: &ValueReference, value: Result<Secret<String>, ExternalError>) {
        let now = self.clock.now();
        let mut known = lock(&self.known);
        // What nobody has asked for in a while is not held in memory for ever.
        known.retain(|_, one| now.millis_since(one.read) < OF_VAULT + STALE);
        let last = match &value {
            Ok(value) => Some((now, value.clone())),
            Err(_) => known.get(reference).and_then(|before| before.last.clone()),
        };
        let read = now;
        known.insert(reference.clone(), Known { read, value, last });
    }
}

/// The text of a file, without the line end at its end.
fn content(reference: &ValueReference, path: &str) -> Result<Secret<String>, ExternalError> {
    use std::io::{ErrorKind, Read as _};

    let failed = |cause: std::io::Error| {
        let (kind, of) = (cause.kind(), reference.clone());
        if kind == ErrorKind::NotFound {
            ExternalError::Missing(of)
        } else if kind == ErrorKind::InvalidData {
            ExternalError::Unusable(of, "it is no text")
        } else {
            ExternalError::Refused(of, kind.to_string())
        }
    };
    let file = std::fs::File::open(path).map_err(failed)?;
    if !file.metadata().map_err(failed)?.is_file() {
        return Err(ExternalError::Unusable(reference.clone(), "it is no file"));
    }
    let mut text = String::new();
    let read = file.take(LONGEST + 1).read_to_string(&mut text);
    let text = Secret::new(text);
    if read.map_err(failed)? as u64 > LONGEST {
        let why = "it is longer than 64 KiB";
        return Err(ExternalError::Unusable(reference.clone(), why));
    }
    let value = text.expose().trim_end_matches(['\r', '\n']);
    usable(reference, Secret::from(value))
}

/// What a header can carry.
fn usable(
    reference: &ValueReference,
    value: Secret<String>,
) -> Result<Secret<String>, ExternalError> {
    let why = if value.expose().is_empty() {
        "it is empty"
    } else if value.expose().chars().any(char::is_control) {
        "it holds control characters, such as a line feed"
    } else {
        return Ok(value);
    };
    Err(ExternalError::Unusable(reference.clone(), why))
}

#[cfg(test)]
mod tests;
