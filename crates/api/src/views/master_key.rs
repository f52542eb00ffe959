//! The keys that seal, as far as they may be shown.

use latchkey_service::KeyState;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An order of the operator, sealed with the master key: `latchkey master-key` makes them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrderBody {
    /// The order, in base64.
    pub(crate) order: String,
}

/// How the keys are.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct KeyStateView {
    /// What tells the master key from others; it tells nothing of it.
    master_key: String,
    /// Older data keys that are kept: while values are sealed anew, and ten minutes longer.
    older_keys: usize,
    /// Whether values are being sealed anew.
    reencrypting: bool,
    /// Values that were sealed anew since the server started.
    resealed: u64,
    /// Values that no key opens: they stay as they are, and so do the older keys.
    unreadable: u64,
    /// Why sealing anew has ended before its time; the next start, or the next order, goes on.
    failure: Option<String>,
}

impl From<KeyState> for KeyStateView {
    fn from(state: KeyState) -> Self {
        Self {
            master_key: state.master_key,
            older_keys: state.older_keys,
            reencrypting: state.reencryption.is_running,
            resealed: state.reencryption.resealed,
            unreadable: state.reencryption.unreadable,
            failure: state.reencryption.failure,
        }
    }
}
