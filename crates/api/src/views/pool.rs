//! Pools: a name for several credentials.

use latchkey_domain::credential::{PoolEntry, PoolStrategy};
use latchkey_domain::id::CredentialId;
use latchkey_service::PoolView as Pool;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::Object;

/// A pool that is to be kept.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPoolBody {
    /// The provider of all its members.
    pub(crate) provider: String,
    /// Its name, unique among the provider's credentials and pools.
    pub(crate) name: String,
    /// `priority`, `round_robin`, `weighted` or `least_busy`; `priority` unless said.
    #[serde(default = "priority")]
    #[schema(value_type = Option<String>)]
    pub(crate) strategy: PoolStrategy,
    /// Its members, in their order: 1 to 100.
    #[schema(value_type = Vec<MemberBody>)]
    pub(crate) members: Vec<Object<MemberBody>>,
}

const fn priority() -> PoolStrategy {
    PoolStrategy::Priority
}

/// One credential of a pool.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MemberBody {
    /// The credential, of the pool's provider and for all its models.
    #[schema(value_type = String)]
    pub(crate) credential_id: CredentialId,
    /// Its share under `weighted`, from 1 to 1000; 1 unless said.
    #[serde(default = "one")]
    pub(crate) weight: u32,
}

const fn one() -> u32 {
    1
}

/// What is changed of a pool; absent fields stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PoolChangeBody {
    /// Its name.
    pub(crate) name: Option<String>,
    /// Which member pays.
    #[schema(value_type = Option<String>)]
    pub(crate) strategy: Option<PoolStrategy>,
    /// All its members, in their order.
    #[schema(value_type = Option<Vec<MemberBody>>)]
    pub(crate) members: Option<Vec<Object<MemberBody>>>,
}

/// The members that a body names.
pub(crate) fn entries(members: Vec<Object<MemberBody>>) -> Vec<PoolEntry> {
    let entry = |Object(member): Object<MemberBody>| PoolEntry {
        credential_id: member.credential_id,
        weight: member.weight,
    };
    members.into_iter().map(entry).collect()
}

/// A pool.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PoolView {
    /// Its id.
    id: String,
    /// The provider of its members.
    provider: String,
    /// Its name.
    name: String,
    /// priority, round_robin, weighted or least_busy.
    strategy: String,
    /// Its members, in their order.
    members: Vec<MemberView>,
    /// When it was made.
    created_at: String,
    /// When it was last changed.
    updated_at: String,
}

/// One credential of a pool.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct MemberView {
    /// The credential.
    credential_id: String,
    /// Its name.
    credential_name: String,
    /// Its share under `weighted`.
    weight: u32,
}

impl From<Pool> for PoolView {
    fn from(view: Pool) -> Self {
        let Pool { pool, names } = view;
        let members = pool.members.into_iter().zip(names);
        let member = |(entry, name): (PoolEntry, String)| MemberView {
            credential_id: entry.credential_id.to_string(),
            credential_name: name,
            weight: entry.weight,
        };
        Self {
            id: pool.id.to_string(),
            provider: pool.provider.to_string(),
            name: pool.name,
            strategy: pool.strategy.as_str().to_owned(),
            members: members.map(member).collect(),
            created_at: pool.created_at.to_string(),
            updated_at: pool.updated_at.to_string(),
        }
    }
}
