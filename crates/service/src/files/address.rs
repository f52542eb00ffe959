//! Addresses of files for those who have no key: a model's provider, a browser. They are signed and end.

use latchkey_domain::id::FileId;
use latchkey_domain::time::Timestamp;
use latchkey_secrets::KeyedHash;

/// How long an address is good, in seconds.
const LIFE: i64 = 24 * 60 * 60;

pub(super) struct Addresses {
    public_url: String,
    hash: KeyedHash,
}

impl Addresses {
    pub(super) const fn new(public_url: String, hash: KeyedHash) -> Self {
        Self { public_url, hash }
    }

    /// The address of a file from now on.
    pub(super) fn of(&self, id: FileId, now: Timestamp) -> String {
        let expires = now.seconds() + LIFE;
        let signature = self.hash.hash(&signed(id, expires));
        let base = &self.public_url;
        format!("{base}/files/{id}/preview?expires={expires}&signature={signature}")
    }

    /// Whether we gave this address and it has not ended.
    pub(super) fn is_good(
        &self,
        id: FileId,
        expires: i64,
        signature: &str,
        now: Timestamp,
    ) -> bool {
        self.hash.verifies(&signed(id, expires), signature) && now.seconds() < expires
    }
}

fn signed(id: FileId, expires: i64) -> Vec<u8> {
    format!("preview {id} {expires}").into_bytes()
}

#[cfg(test)]
mod tests {
    use latchkey_domain::id::FileId;
    use latchkey_domain::time::Timestamp;
    use latchkey_secrets::MasterKey;
    use uuid::Uuid;

    use super::{Addresses, LIFE};

    #[test]
    fn an_address_is_good_for_its_file_until_it_ends() {
        let key = MasterKey::generate().unwrap();
        let addresses = Addresses::new("https://here.test".to_owned(), key.keyed_hash("files"));
        let (id, other) = (
            FileId::new(Uuid::from_u128(1)),
            FileId::new(Uuid::from_u128(2)),
        );
        let now = Timestamp::from_millis(5_000);
        let address = addresses.of(id, now);
        let begin = format!("https://here.test/files/{id}/preview?expires={}&", LIFE + 5);
        let (_, signature) = address.split_once("signature=").unwrap();
        assert!(address.starts_with(&begin), "{address}");
        let expires = LIFE + 5;
        let last = Timestamp::from_millis((expires - 1) * 1000);
        assert!(addresses.is_good(id, expires, signature, last));
        let end = last.plus_millis(1000);
        assert!(!addresses.is_good(id, expires, signature, end));
        for (id, expires, signature) in [
            (other, expires, signature),
            (id, expires + 1, signature),
            (id, expires, ""),
            (id, expires, &signature[1..]),
        ] {
            assert!(!addresses.is_good(id, expires, signature, now));
        }
    }
}
