//! Secrets: values that cannot be printed, their sealing, keyed hashes and tokens.
//!
//! This crate does not know what it seals, and stores nothing.

mod keyed_hash;
mod master_key;
pub mod password;
mod sealing;
mod secret;
pub mod token;

pub use crate::keyed_hash::{KeyedHash, last4, signature};
pub use crate::master_key::{MasterKey, MasterKeyError};
pub use crate::sealing::{DataKey, KeyId, Place, SealError};
pub use crate::secret::Secret;

pub use crate::keyed_hash::hmac_sha256;
