//! From the names in a file to the credentials and pools here.

use std::collections::BTreeMap;

use latchkey_domain::credential::{Credential, CredentialChoice, Pool};
use latchkey_domain::document::{CredentialMap, MappedCredential, map_credentials};
use latchkey_domain::id::CredentialId;
use latchkey_domain::provider::ProviderId;
use latchkey_domain::tool::{NamedTool, TOOL_PREFIX};
use latchkey_models::Credentials;
use serde_json::Value as Json;

use super::findings::{ImportedCredential, by_text};
use crate::error::{Error, ErrorItem};

/// Whose credentials the tools of a file use: the provider here first, then what the file calls it.
#[derive(Default)]
pub(super) struct ToolProviders(Vec<(NamedTool, Vec<ProviderId>)>);

impl ToolProviders {
    pub(super) fn knows(&self, tool: &NamedTool) -> bool {
        self.0.iter().any(|(known, _)| known == tool)
    }

    pub(super) fn add(&mut self, tool: NamedTool, providers: Vec<ProviderId>) {
        self.0.push((tool, providers));
    }

    /// None for a tool that needs no credential.
    pub(super) fn of(&self, tool: &NamedTool) -> &[ProviderId] {
        let mut known = self.0.iter();
        let found = known.find(|(known, _)| known == tool);
        found.map_or(&[], |(_, providers)| providers)
    }
}

/// What an importer says about the credentials of a file.
pub(super) struct Mapping {
    entries: Vec<Entry>,
}

/// One entry of the mapping.
pub(super) struct Entry {
    /// The key as it was written.
    pub(super) key: String,
    provider: ProviderId,
    name: String,
    pub(super) said: String,
    to: Target,
}

/// What a name of a file stands for.
struct Target {
    id: String,
    name: String,
    provider: ProviderId,
    /// The only model that it pays for.
    model: Option<String>,
}

impl From<&Credential> for Target {
    fn from(credential: &Credential) -> Self {
        Self {
            id: credential.id.to_string(),
            name: credential.name.clone(),
            provider: credential.provider.clone(),
            model: credential.model.as_ref().map(|model| model.name.clone()),
        }
    }
}

impl From<&Pool> for Target {
    fn from(pool: &Pool) -> Self {
        Self {
            id: pool.id.to_string(),
            name: pool.name.clone(),
            provider: pool.provider.clone(),
            model: None,
        }
    }
}

impl Mapping {
    /// Reads a mapping.
    ///
    /// # Errors
    /// With every key that is none, and every target that is not here.
    pub(super) fn of(said: &BTreeMap<String, String>, known: &Credentials) -> Result<Self, Error> {
        let mut entries = Vec::with_capacity(said.len());
        let mut wrong = Vec::new();
        for (key, to) in said {
            let split = key
                .rsplit_once('/')
                .filter(|(provider, name)| !provider.is_empty() && !name.is_empty());
            let Some((provider, name)) = split else {
                let message = format!("{key:?} is not of the form <provider>/<name in the file>");
                wrong.push(problem("invalid_input", key, message));
                continue;
            };
            let provider = ProviderId::normalise(provider);
            match found(known, &provider, to) {
                Some(found) if is_fit(&provider, &found.provider) => entries.push(Entry {
                    key: key.clone(),
                    provider,
                    name: name.to_owned(),
                    said: to.clone(),
                    to: found,
                }),
                Some(found) => {
                    let message = format!("{to} belongs to {}, not to {provider}", found.provider);
                    wrong.push(problem("credential_provider_mismatch", key, message));
                }
                None => {
                    let message = format!("{provider} has no credential and no pool {to}");
                    wrong.push(problem("credential_not_found", key, message));
                }
            }
        }
        refused(wrong)?;
        Ok(Self { entries })
    }

    /// The entry for what one of the providers' places says.
    pub(super) fn target(
        &self,
        providers: &[ProviderId],
        choice: &CredentialChoice,
    ) -> Option<&Entry> {
        let text = choice.credential_name.as_deref();
        let text = text.or(choice.credential_id.as_deref())?;
        providers
            .iter()
            .find_map(|provider| self.entry(provider, text))
    }

    fn entry(&self, provider: &ProviderId, text: &str) -> Option<&Entry> {
        let mut all = self.entries.iter();
        all.find(|entry| entry.provider == *provider && entry.name == text)
    }

    /// Whether the file names everything that is mapped, and whether each target can be what it stands for.
    ///
    /// # Errors
    /// With every entry that is wrong.
    pub(super) fn check(&self, named: &[ImportedCredential]) -> Result<(), Error> {
        let mut wrong = Vec::new();
        for entry in &self.entries {
            let meant = |one: &&ImportedCredential| one.mapped_by.as_ref() == Some(&entry.key);
            let mut places = named.iter().filter(meant).peekable();
            if places.peek().is_none() {
                let message = format!(
                    "the file names no credential {} of {}",
                    entry.name, entry.provider
                );
                wrong.push(problem("credential_mapping_unused", &entry.key, message));
            }
            let Some(model) = entry.to.model.as_ref() else {
                continue;
            };
            let other = places.find(|one| one.for_model.as_ref() != Some(model));
            if let Some(other) = other {
                let message = format!(
                    "{} is for the model {} only, and stands for one of {:?}",
                    entry.said, model, other.model
                );
                wrong.push(problem("credential_provider_mismatch", &entry.key, message));
            }
        }
        refused(wrong)
    }

    /// The tree of a document with the names of this place.
    pub(super) fn applied(&self, raw: &Json, tools: &ToolProviders) -> Json {
        if self.entries.is_empty() {
            return raw.clone();
        }
        map_credentials(
            raw,
            CredentialMap {
                providers_of: &|tool| tools.of(tool).to_vec(),
                mapped: &|provider, text| {
                    let entry = self.entry(provider, text)?;
                    // Whoever says an id means this one, whatever it will be called.
                    let by_id = entry.said == entry.to.id;
                    Some(MappedCredential {
                        choice: CredentialChoice {
                            credential_id: by_id.then(|| entry.said.clone()),
                            credential_name: (!by_id).then(|| entry.to.name.clone()),
                        },
                        name: entry.to.name.clone(),
                    })
                },
            },
        )
    }
}

/// Whether a credential can stand for one of a provider. Those of tools are checked when the tool is used: what the file
/// calls its provider may be called otherwise here.
fn is_fit(provider: &ProviderId, found: &ProviderId) -> bool {
    found == provider || (is_tool(provider) && is_tool(found))
}

fn is_tool(id: &ProviderId) -> bool {
    id.as_str().starts_with(TOOL_PREFIX)
}

/// What is called so here, a credential or a pool. A file may call a tool's provider something else than it is called here.
fn found(known: &Credentials, provider: &ProviderId, to: &str) -> Option<Target> {
    if let Some(credential) = by_text(known, provider, to) {
        return Some(credential.into());
    }
    if let Some(pool) = known.pool(provider, to) {
        return Some(Target::from(&**pool));
    }
    let id = to.parse::<CredentialId>().ok();
    let by_id = id.and_then(|id| known.by_id(id)).map(AsRef::as_ref);
    let of_tool = |one: &&Credential| is_tool(provider) && one.name == to;
    let found = by_id.or_else(|| known.iter().map(AsRef::as_ref).find(of_tool));
    found.map(Target::from)
}

fn problem(code: &str, key: &str, message: String) -> ErrorItem {
    let key = key.replace('~', "~0").replace('/', "~1");
    ErrorItem {
        code: code.to_owned(),
        message,
        pointer: Some(format!("/credential_mapping/{key}")),
        ..ErrorItem::default()
    }
}

fn refused(wrong: Vec<ErrorItem>) -> Result<(), Error> {
    match wrong.first() {
        None => Ok(()),
        Some(first) => {
            let (code, detail) = (first.code.clone(), first.message.clone());
            Err(Error::unprocessable(&code, detail).with(wrong))
        }
    }
}
