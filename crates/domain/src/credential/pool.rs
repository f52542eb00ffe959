//! Several credentials behind one name (design part 5.3).

use serde::{Deserialize, Serialize};

use crate::id::{CredentialId, CredentialPoolId, WorkspaceId};
use crate::provider::ProviderId;
use crate::time::Timestamp;

/// A name for several credentials of one provider. Its name is unique among those of credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Its id.
    pub id: CredentialPoolId,
    /// The workspace that owns it.
    pub workspace: WorkspaceId,
    /// The provider of all its members.
    pub provider: ProviderId,
    /// Its name.
    pub name: String,
    /// Which member pays.
    pub strategy: PoolStrategy,
    /// Its members, in their order.
    pub members: Vec<PoolEntry>,
    /// Counts its changes, from 1.
    pub revision: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// One credential of a pool. Pools hold no pools.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoolEntry {
    /// The credential.
    pub credential_id: CredentialId,
    /// Its share under `weighted`, from 1.
    pub weight: u32,
}

/// Which member of a pool pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PoolStrategy {
    /// The first that can: a chain.
    Priority,
    /// Each in turn.
    RoundRobin,
    /// Each in turn, by weight.
    Weighted,
    /// The one with the fewest calls under way.
    LeastBusy,
}

impl PoolStrategy {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Priority,
        Self::RoundRobin,
        Self::Weighted,
        Self::LeastBusy,
    ];

    /// The name used in tables and bodies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Priority => "priority",
            Self::RoundRobin => "round_robin",
            Self::Weighted => "weighted",
            Self::LeastBusy => "least_busy",
        }
    }

    /// Reads [`PoolStrategy::as_str`] back.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}
