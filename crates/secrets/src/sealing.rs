//! Sealing values so that they open only with the right key and only at their own place.

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use crate::keyed_hash::derive;
use crate::secret::Secret;

/// Format version, key id (8 bytes), nonce (24 bytes); the ciphertext with its tag follows.
const VERSION: u8 = 1;
const KEY_ID: std::ops::Range<usize> = 1..9;
const NONCE: std::ops::Range<usize> = 9..33;

/// The key that seals the values of one workspace.
#[derive(Clone, Debug)]
pub struct DataKey {
    key: Secret<[u8; 32]>,
}

/// Which key sealed something. It tells nothing of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId([u8; 8]);

/// Where a sealed value belongs: bound to it as associated data, so that a value moved elsewhere does not open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place(String);

/// Why something cannot be sealed or opened. It never says which byte was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The operating system gives no randomness.
    #[error("no randomness from the operating system")]
    Randomness,
    /// The value is too long to seal.
    #[error("the value is too long to be sealed")]
    TooLong,
    /// The bytes have an unknown format.
    #[error("the sealed value has an unknown format")]
    Format,
    /// Another key sealed it.
    #[error("the value was sealed with another key")]
    OtherKey,
    /// It was changed or moved.
    #[error("the sealed value was changed or moved")]
    Unreadable,
}

impl KeyId {
    /// The id of the key that sealed a value.
    ///
    /// # Errors
    /// When it is no sealed value.
    pub fn of(sealed: &[u8]) -> Result<Self, SealError> {
        if sealed.len() < NONCE.end || sealed[0] != VERSION {
            return Err(SealError::Format);
        }
        let id = sealed[KEY_ID].try_into().map_err(|_| SealError::Format)?;
        Ok(Self(id))
    }

    /// The bytes that stand in each sealed value, after the first one.
    #[must_use]
    pub const fn bytes(self) -> [u8; 8] {
        self.0
    }

    pub(crate) fn of_key(key: &[u8; 32]) -> Self {
        Self(key_id(key))
    }
}

/// 16 hexadecimal digits.
impl std::fmt::Display for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Place {
    /// A place named by its parts, such as workspace, row and field.
    #[must_use]
    pub fn of(parts: &[&str]) -> Self {
        // Lengths keep ("ab", "c") and ("a", "bc") apart.
        Self(
            parts
                .iter()
                .map(|part| format!("{}:{part}|", part.len()))
                .collect(),
        )
    }
}

impl DataKey {
    /// A new random key.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn generate() -> Result<Self, SealError> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|_| SealError::Randomness)?;
        Ok(Self::from_bytes(key))
    }

    pub(crate) const fn from_bytes(key: [u8; 32]) -> Self {
        Self {
            key: Secret::new(key),
        }
    }

    pub(crate) const fn bytes(&self) -> &[u8; 32] {
        self.key.expose()
    }

    /// What is found in each value that it sealed.
    #[must_use]
    pub fn id(&self) -> KeyId {
        KeyId::of_key(self.bytes())
    }

    /// Seals a value for a place.
    ///
    /// # Errors
    /// When the operating system gives no randomness, or the value is too long.
    pub fn seal(&self, value: &[u8], place: &Place) -> Result<Vec<u8>, SealError> {
        seal_with(self.bytes(), value, place)
    }

    /// Seals another key, for storing beside what that key seals.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn wrap(&self, key: &Self, place: &Place) -> Result<Vec<u8>, SealError> {
        self.seal(key.bytes(), place)
    }

    /// The key that [`DataKey::wrap`] has sealed, opened.
    ///
    /// # Errors
    /// When it is no key.
    pub fn unwrapped(opened: &Secret<Vec<u8>>) -> Result<Self, SealError> {
        let bytes = opened.expose().as_slice();
        let key = bytes.try_into().map_err(|_| SealError::Unreadable)?;
        Ok(Self::from_bytes(key))
    }

    /// Opens a value at its place.
    ///
    /// # Errors
    /// When another key sealed it, or it was changed or moved.
    pub fn open(&self, sealed: &[u8], place: &Place) -> Result<Secret<Vec<u8>>, SealError> {
        open_with(self.bytes(), sealed, place)
    }
}

fn key_id(key: &[u8; 32]) -> [u8; 8] {
    let mut id = [0; 8];
    id.copy_from_slice(&derive(key, "key id")[..8]);
    id
}

pub(crate) fn seal_with(key: &[u8; 32], value: &[u8], place: &Place) -> Result<Vec<u8>, SealError> {
    let mut nonce = [0; 24];
    getrandom::fill(&mut nonce).map_err(|_| SealError::Randomness)?;
    let payload = Payload {
        msg: value,
        aad: place.0.as_bytes(),
    };
    let text = XChaCha20Poly1305::new(key.into())
        .encrypt(&XNonce::from(nonce), payload)
        .map_err(|_| SealError::TooLong)?;
    Ok([&[VERSION][..], &key_id(key), &nonce, &text].concat())
}

pub(crate) fn open_with(
    key: &[u8; 32],
    sealed: &[u8],
    place: &Place,
) -> Result<Secret<Vec<u8>>, SealError> {
    if sealed.len() < NONCE.end || sealed[0] != VERSION {
        return Err(SealError::Format);
    }
    if sealed[KEY_ID] != key_id(key) {
        return Err(SealError::OtherKey);
    }
    let nonce: [u8; 24] = sealed[NONCE].try_into().map_err(|_| SealError::Format)?;
    let payload = Payload {
        msg: &sealed[NONCE.end..],
        aad: place.0.as_bytes(),
    };
    let text = XChaCha20Poly1305::new(key.into())
        .decrypt(&XNonce::from(nonce), payload)
        .map_err(|_| SealError::Unreadable)?;
    Ok(Secret::new(text))
}

#[cfg(test)]
mod tests {
    use super::{DataKey, KeyId, Place, SealError};
    use crate::secret::Secret;

    #[test]
    fn a_value_opens_only_with_its_key_at_its_place_unchanged() {
        let (key, other) = (DataKey::generate().unwrap(), DataKey::generate().unwrap());
        let place = Place::of(&["workspace", "credential", "values"]);
        let sealed = key.seal(b"test-key-acme", &place).unwrap();
        assert_eq!(
            key.open(&sealed, &place).unwrap().expose(),
            b"test-key-acme"
        );
        assert_eq!(
            key.open(&sealed, &Place::of(&["workspace", "credential", "other"]))
                .unwrap_err(),
            SealError::Unreadable
        );
        assert_eq!(
            other.open(&sealed, &place).unwrap_err(),
            SealError::OtherKey
        );
        for at in [0, 5, 20, sealed.len() - 1] {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key.open(&changed, &place).is_err(), "byte {at}");
        }
        assert_eq!(
            key.open(&sealed[..10], &place).unwrap_err(),
            SealError::Format
        );
    }

    #[test]
    fn a_key_that_is_wrapped_opens_what_it_has_sealed() {
        let (outer, inner) = (DataKey::generate().unwrap(), DataKey::generate().unwrap());
        let (place, values) = (Place::of(&["run", "key"]), Place::of(&["run", "values"]));
        let sealed = inner.seal(b"test-key-acme", &values).unwrap();
        let wrapped = outer.wrap(&inner, &place).unwrap();
        let again = DataKey::unwrapped(&outer.open(&wrapped, &place).unwrap()).unwrap();
        assert_eq!(
            again.open(&sealed, &values).unwrap().expose(),
            b"test-key-acme"
        );
        // What is no key is none.
        let other = Secret::new(b"too short".to_vec());
        assert_eq!(
            DataKey::unwrapped(&other).unwrap_err(),
            SealError::Unreadable
        );
    }

    #[test]
    fn a_sealed_value_says_which_key_it_needs() {
        let (key, other) = (DataKey::generate().unwrap(), DataKey::generate().unwrap());
        let sealed = key.seal(b"x", &Place::of(&["p"])).unwrap();
        assert_eq!(KeyId::of(&sealed), Ok(key.id()));
        assert_eq!(sealed[1..9], key.id().bytes());
        assert_ne!(key.id(), other.id());
        assert_eq!(key.id().to_string().len(), 16);
        assert_eq!(KeyId::of(&sealed[..32]), Err(SealError::Format));
        assert_eq!(KeyId::of(&[2; 64]), Err(SealError::Format));
    }

    #[test]
    fn places_with_other_borders_differ() {
        assert_ne!(Place::of(&["ab", "c"]), Place::of(&["a", "bc"]));
        assert_ne!(Place::of(&["a|1:b"]), Place::of(&["a", "b"]));
    }

    #[test]
    fn equal_values_are_sealed_differently() {
        let (key, place) = (DataKey::generate().unwrap(), Place::of(&["p"]));
        assert_ne!(
            key.seal(b"x", &place).unwrap(),
            key.seal(b"x", &place).unwrap()
        );
    }
}
