//! Hashes that nobody can compute or check without the key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::secret::Secret;

/// HMAC-SHA-256 under a key of its own: for API keys, fingerprints and idempotency.
#[derive(Clone, Debug)]
pub struct KeyedHash {
    key: Secret<[u8; 32]>,
}

impl KeyedHash {
    pub(crate) const fn from_key(key: [u8; 32]) -> Self {
        Self {
            key: Secret::new(key),
        }
    }

    pub(crate) const fn key(&self) -> &[u8; 32] {
        self.key.expose()
    }

    /// The hash of some bytes, as 43 characters.
    #[must_use]
    pub fn hash(&self, bytes: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(mac(self.key.expose(), bytes))
    }

    /// Whether a text is the hash of some bytes; how long the answer takes tells nothing.
    #[must_use]
    pub fn verifies(&self, bytes: &[u8], hash: &str) -> bool {
        let given = URL_SAFE_NO_PAD.decode(hash).unwrap_or_default();
        keyed(self.key.expose(), bytes).verify_slice(&given).is_ok()
    }

    /// A short text by which equal values can be recognised: the first 12 characters of the hash.
    #[must_use]
    pub fn fingerprint(&self, scope: &str, value: &str) -> String {
        let bytes = Secret::new([scope.as_bytes(), &[0], value.as_bytes()].concat());
        self.hash(bytes.expose())[..12].to_owned()
    }
}

/// The last four characters of a value, by which people recognise it; nothing of a value so short that four would tell
/// much.
#[must_use]
pub fn last4(value: &str) -> String {
    let length = value.chars().count();
    if length < 12 {
        return String::new();
    }
    value.chars().skip(length - 4).collect()
}

/// HMAC-SHA-256 of some bytes under a text that the other side knows too, as 64 hexadecimal digits: what a webhook is signed with.
#[must_use]
pub fn signature(secret: &Secret<String>, bytes: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes())
        .expect("HMAC takes keys of every length");
    mac.update(bytes);
    let digits = mac.finalize().into_bytes();
    digits.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A key for one purpose out of another key.
pub(crate) fn derive(key: &[u8; 32], purpose: &str) -> [u8; 32] {
    mac(key, format!("latchkey v1 {purpose}").as_bytes())
}

/// HMAC-SHA-256 as protocols of others want it, whose keys are of any length.
#[must_use]
pub fn hmac_sha256(key: &[u8], bytes: &[u8]) -> [u8; 32] {
    keyed(key, bytes).finalize().into_bytes().into()
}

fn mac(key: &[u8; 32], bytes: &[u8]) -> [u8; 32] {
    hmac_sha256(key, bytes)
}

fn keyed(key: &[u8], bytes: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length");
    mac.update(bytes);
    mac
}

#[cfg(test)]
mod tests {
    use super::{KeyedHash, last4, signature};
    use crate::secret::Secret;

    #[test]
    fn short_values_show_nothing() {
        for (value, shown) in [
            ("", ""),
            ("test-key-ac", ""),
            ("test-key-acm", "-acm"),
            ("schlüssel-für-ä", "ür-ä"),
        ] {
            assert_eq!(last4(value), shown, "{value}");
        }
    }

    #[test]
    fn a_signature_is_the_one_that_others_compute() {
        // RFC 4231, test case 2.
        let signed = signature(&Secret::from("Jefe"), b"what do ya want for nothing?");
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(signed, expected);
    }

    #[test]
    fn keys_of_any_length_hash_as_the_standard_says() {
        // RFC 4231, test cases 1 and 6.
        for (key, text, begins) in [
            (vec![0x0b; 20], "Hi There", [0xb0, 0x34, 0x4c, 0x61]),
            (
                vec![0xaa; 131],
                "Test Using Larger Than Block-Size Key - Hash Key First",
                [0x60, 0xe4, 0x31, 0x59],
            ),
        ] {
            let hash = super::hmac_sha256(&key, text.as_bytes());
            assert_eq!(hash[..4], begins, "{text}");
        }
    }

    #[test]
    fn a_hash_depends_on_key_and_bytes() {
        let (one, other) = (KeyedHash::from_key([1; 32]), KeyedHash::from_key([2; 32]));
        let hash = one.hash(b"token");
        assert_eq!(one.hash(b"token"), hash);
        assert_ne!(one.hash(b"Token"), hash);
        assert_ne!(other.hash(b"token"), hash);
        assert_ne!(one.fingerprint("w1", "key"), one.fingerprint("w2", "key"));
        assert_eq!(one.fingerprint("w1", "key").len(), 12);
    }

    #[test]
    fn only_the_hash_of_the_same_key_and_bytes_is_verified() {
        let (one, other) = (KeyedHash::from_key([1; 32]), KeyedHash::from_key([2; 32]));
        let hash = one.hash(b"file");
        assert!(one.verifies(b"file", &hash));
        assert!(!one.verifies(b"File", &hash) && !other.verifies(b"file", &hash));
        for wrong in ["", "no base64!", &hash[..42], &format!("{hash}A")] {
            assert!(!one.verifies(b"file", wrong), "{wrong}");
        }
    }
}
