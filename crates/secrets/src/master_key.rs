//! The key that wraps all others.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::keyed_hash::{KeyedHash, derive};
use crate::sealing::{DataKey, KeyId, Place, SealError, open_with, seal_with};
use crate::secret::Secret;

/// 32 bytes that the operator keeps; wraps one data key per workspace.
#[derive(Debug)]
pub struct MasterKey {
    key: Secret<[u8; 32]>,
}

/// Why a text is no master key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MasterKeyError {
    /// It is not base64.
    #[error("the master key is not base64")]
    NotBase64,
    /// It has another length.
    #[error("the master key has {0} bytes, 32 are needed")]
    Length(usize),
}

const CHECK: &[u8] = b"latchkey master key check";

impl MasterKey {
    /// A new random key.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn generate() -> Result<Self, SealError> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|_| SealError::Randomness)?;
        Ok(Self {
            key: Secret::new(key),
        })
    }

    /// Reads the base64 text of 32 bytes; blanks around it are ignored.
    ///
    /// # Errors
    /// When it is not base64 or not 32 bytes.
    pub fn parse(text: &str) -> Result<Self, MasterKeyError> {
        let bytes = Secret::new(
            STANDARD
                .decode(text.trim())
                .map_err(|_| MasterKeyError::NotBase64)?,
        );
        let key = bytes
            .expose()
            .as_slice()
            .try_into()
            .map_err(|_| MasterKeyError::Length(bytes.expose().len()))?;
        Ok(Self {
            key: Secret::new(key),
        })
    }

    /// The text that [`MasterKey::parse`] reads.
    #[must_use]
    pub fn to_text(&self) -> Secret<String> {
        Secret::new(STANDARD.encode(self.key.expose()))
    }

    /// A sealed constant to store beside the data: [`MasterKey::recognises`] tells later whether the key is the same.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn check_record(&self) -> Result<Vec<u8>, SealError> {
        seal_with(self.key.expose(), CHECK, &Place::of(&["check"]))
    }

    /// Whether the record was made by this key.
    #[must_use]
    pub fn recognises(&self, record: &[u8]) -> bool {
        open_with(self.key.expose(), record, &Place::of(&["check"]))
            .is_ok_and(|text| text.expose().as_slice() == CHECK)
    }

    /// Wraps a data key for storing in its workspace's row.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn wrap(&self, key: &DataKey, workspace: &str) -> Result<Vec<u8>, SealError> {
        seal_with(
            self.key.expose(),
            key.bytes(),
            &Place::of(&["data-key", workspace]),
        )
    }

    /// Unwraps a workspace's data key.
    ///
    /// # Errors
    /// When it was wrapped by another key or for another workspace, or was changed.
    pub fn unwrap_key(&self, wrapped: &[u8], workspace: &str) -> Result<DataKey, SealError> {
        let bytes = open_with(
            self.key.expose(),
            wrapped,
            &Place::of(&["data-key", workspace]),
        )?;
        let key = bytes
            .expose()
            .as_slice()
            .try_into()
            .map_err(|_| SealError::Unreadable)?;
        Ok(DataKey::from_bytes(key))
    }

    /// What tells it from other master keys, and nothing of it.
    #[must_use]
    pub fn id(&self) -> KeyId {
        KeyId::of_key(self.key.expose())
    }

    /// Seals what its holders say to each other, as base64.
    ///
    /// # Errors
    /// When the operating system gives no randomness, or the value is too long.
    pub fn seal_message(&self, message: &[u8]) -> Result<String, SealError> {
        let sealed = seal_with(self.key.expose(), message, &Place::of(&["message"]))?;
        Ok(STANDARD.encode(sealed))
    }

    /// Opens what a holder of this key has said.
    ///
    /// # Errors
    /// When another key sealed it, or it was changed.
    pub fn open_message(&self, sealed: &str) -> Result<Secret<Vec<u8>>, SealError> {
        let sealed = STANDARD.decode(sealed).map_err(|_| SealError::Format)?;
        open_with(self.key.expose(), &sealed, &Place::of(&["message"]))
    }

    /// Wraps a keyed hash of one purpose, so that it outlives the master key that it was derived from.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn wrap_hash(&self, hash: &KeyedHash, purpose: &str) -> Result<Vec<u8>, SealError> {
        seal_with(
            self.key.expose(),
            hash.key(),
            &Place::of(&["hash", purpose]),
        )
    }

    /// Unwraps a keyed hash.
    ///
    /// # Errors
    /// When it was wrapped by another key or for another purpose, or was changed.
    pub fn unwrap_hash(&self, wrapped: &[u8], purpose: &str) -> Result<KeyedHash, SealError> {
        let bytes = open_with(self.key.expose(), wrapped, &Place::of(&["hash", purpose]))?;
        let key = bytes.expose().as_slice().try_into();
        Ok(KeyedHash::from_key(key.map_err(|_| SealError::Unreadable)?))
    }

    /// A keyed hash for one purpose, derived from this key.
    #[must_use]
    pub fn keyed_hash(&self, purpose: &str) -> KeyedHash {
        KeyedHash::from_key(derive(self.key.expose(), purpose))
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::{MasterKey, MasterKeyError};
    use crate::sealing::{DataKey, SealError};

    #[test]
    fn a_wrong_key_is_recognised_and_opens_nothing() {
        let (right, wrong) = (
            MasterKey::generate().unwrap(),
            MasterKey::generate().unwrap(),
        );
        let record = right.check_record().unwrap();
        assert!(right.recognises(&record));
        assert!(!wrong.recognises(&record));
        let wrapped = right.wrap(&DataKey::generate().unwrap(), "w1").unwrap();
        assert!(right.unwrap_key(&wrapped, "w1").is_ok());
        assert!(right.unwrap_key(&wrapped, "w2").is_err());
        assert!(wrong.unwrap_key(&wrapped, "w1").is_err());
    }

    #[test]
    fn a_hash_outlives_the_key_that_it_came_from() {
        let (old, new) = (
            MasterKey::generate().unwrap(),
            MasterKey::generate().unwrap(),
        );
        let hash = old.keyed_hash("api keys");
        let wrapped = new.wrap_hash(&hash, "api keys").unwrap();
        let again = new.unwrap_hash(&wrapped, "api keys").unwrap();
        assert_eq!(again.hash(b"token"), hash.hash(b"token"));
        assert!(new.unwrap_hash(&wrapped, "webhooks").is_err());
        assert!(old.unwrap_hash(&wrapped, "api keys").is_err());
        assert_ne!(old.id(), new.id());
    }

    #[test]
    fn holders_of_a_key_understand_each_other() {
        let (key, other) = (
            MasterKey::generate().unwrap(),
            MasterKey::generate().unwrap(),
        );
        let said = key.seal_message(b"reencrypt").unwrap();
        assert_eq!(key.open_message(&said).unwrap().expose(), b"reencrypt");
        assert_eq!(other.open_message(&said).unwrap_err(), SealError::OtherKey);
        assert_eq!(key.open_message("!").unwrap_err(), SealError::Format);
        // What is kept in the database is no message.
        let record = key.check_record().unwrap();
        assert!(key.open_message(&STANDARD.encode(record)).is_err());
    }

    #[test]
    fn its_text_survives_and_bad_texts_are_told_apart() {
        let key = MasterKey::generate().unwrap();
        let again = MasterKey::parse(&format!(" {}\n", key.to_text().expose())).unwrap();
        assert!(again.recognises(&key.check_record().unwrap()));
        assert_eq!(
            MasterKey::parse("!").unwrap_err(),
            MasterKeyError::NotBase64
        );
        assert_eq!(
            MasterKey::parse("AAAA").unwrap_err(),
            MasterKeyError::Length(3)
        );
        assert!(!format!("{key:?}").contains(key.to_text().expose()));
    }
}
