//! Versions of credentials, and how new values take the place of others.

use std::collections::BTreeMap;

use latchkey_domain::credential::{Credential, ReplacedVersion};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::credential::{FingerprintView, ValueBody, present, traces, yes};

/// New values for a credential.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RotationBody {
    /// Fields of its form; the others stay. All secret ones, if an address changes.
    pub(crate) values: BTreeMap<String, ValueBody>,
    /// How long the old values stay usable, in milliseconds, up to 90 days; 0: not at all.
    pub(crate) overlap_ms: Option<u64>,
    /// `until_proven`: the old values stay until a call with the new ones has succeeded. It is the default where `overlap_ms` is
    /// absent; with both, whatever comes first.
    pub(crate) overlap: Option<OverlapBody>,
    /// From when on the new values may not pay (RFC 3339); null takes the date away, absent leaves it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub(crate) expires_at: Option<Option<String>>,
    /// Whether the provider is asked first.
    #[serde(default = "yes")]
    pub(crate) validate: bool,
}

/// What an overlap waits for.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OverlapBody {
    /// Until a call with the new values has succeeded.
    UntilProven,
}

/// A version of a credential's values, without them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct CredentialVersionView {
    /// Its number.
    version: i32,
    /// current, usable (beside the current one), or destroyed.
    state: String,
    /// Its secret fields: enough to recognise one, not to use it.
    values: BTreeMap<String, FingerprintView>,
    /// Its other fields.
    settings: BTreeMap<String, String>,
    /// Where it may be sent.
    hosts: Vec<String>,
    /// From when on it may not pay.
    expires_at: Option<String>,
    /// When its provider last confirmed it.
    last_validated_at: Option<String>,
    /// When another took its place.
    replaced_at: Option<String>,
    /// Until when it stays usable at most.
    usable_until: Option<String>,
    /// Whether it stays usable only until a call with the newer values has succeeded.
    until_proven: bool,
    /// When it was destroyed.
    ended_at: Option<String>,
    /// Why: replaced, elapsed, proved (the newer values have), rolled_back, or refused by the provider.
    ended: Option<String>,
}

impl CredentialVersionView {
    /// Its number as the cursor of a list.
    pub(crate) fn number(&self) -> String {
        self.version.to_string()
    }
}

/// All versions of a credential, newest first: the current one may be older than one that was rolled back.
pub(crate) fn versions_of(
    current: Credential,
    replaced: Vec<ReplacedVersion>,
) -> Vec<CredentialVersionView> {
    let mut all: Vec<CredentialVersionView> = replaced
        .into_iter()
        .map(CredentialVersionView::from)
        .collect();
    all.push(CredentialVersionView::from(current));
    all.sort_by_key(|version| std::cmp::Reverse(version.version));
    all
}

impl From<Credential> for CredentialVersionView {
    fn from(current: Credential) -> Self {
        Self {
            version: current.version,
            state: "current".to_owned(),
            values: traces(current.secrets),
            settings: current.settings,
            hosts: current.hosts,
            expires_at: current.expires_at.map(|at| at.to_string()),
            last_validated_at: current.last_validated_at.map(|at| at.to_string()),
            replaced_at: None,
            usable_until: None,
            until_proven: false,
            ended_at: None,
            ended: None,
        }
    }
}

impl From<ReplacedVersion> for CredentialVersionView {
    fn from(replaced: ReplacedVersion) -> Self {
        let state = match replaced.ended {
            None => "usable",
            Some(_) => "destroyed",
        };
        Self {
            version: replaced.version,
            state: state.to_owned(),
            values: traces(replaced.secrets),
            settings: replaced.settings,
            hosts: replaced.hosts,
            expires_at: replaced.expires_at.map(|at| at.to_string()),
            last_validated_at: replaced.last_validated_at.map(|at| at.to_string()),
            replaced_at: Some(replaced.replaced_at.to_string()),
            usable_until: replaced.overlap.until.map(|at| at.to_string()),
            until_proven: replaced.overlap.until_proven,
            ended_at: replaced.ended.map(|(at, _)| at.to_string()),
            ended: replaced.ended.map(|(_, end)| end.as_str().to_owned()),
        }
    }
}
