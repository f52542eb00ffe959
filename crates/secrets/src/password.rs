//! Passwords: hashed with Argon2id, so that whoever has the database has to try each of them at length.
//!
//! Both functions take tens of milliseconds of a processor and 19 MiB: they are nothing for a thread that answers requests.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};

use crate::sealing::SealError;
use crate::secret::Secret;

/// How long a salt is, in bytes (RFC 9106, 3.1).
const SALT: usize = 16;
/// A hash that no password has, with the parameters of all others: whoever has no account costs as much as whoever has one.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm8gb25lJ3Mgc2FsdCwgMQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The hash of a password as a text that says how it was made: Argon2id with 19 MiB, two passes and one lane, the least that
/// OWASP's cheat sheet on storing passwords recommends, and a new salt.
///
/// # Errors
/// When the operating system gives no randomness.
pub fn hash(password: &Secret<String>) -> Result<String, SealError> {
    let mut salt = [0u8; SALT];
    getrandom::fill(&mut salt).map_err(|_| SealError::Randomness)?;
    let hashed: PasswordHash = Argon2::default()
        .hash_password_with_salt(password.expose().as_bytes(), &salt)
        .expect("the parameters and the salt are fixed and valid");
    Ok(hashed.to_string())
}

/// Whether a password has this hash; without one it has not, which takes as long.
#[must_use]
pub fn verifies(password: &Secret<String>, hash: Option<&str>) -> bool {
    let is_there = hash.is_some_and(|hash| PasswordHash::new(hash).is_ok());
    let hash = hash.filter(|_| is_there).unwrap_or(NOBODYS);
    let Ok(hash) = PasswordHash::new(hash) else {
        return false;
    };
    let password = password.expose().as_bytes();
    let is_right = Argon2::default().verify_password(password, &hash).is_ok();
    is_right && is_there
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::phc::PasswordHash;

    use super::{NOBODYS, hash, verifies};
    use crate::secret::Secret;

    #[test]
    fn only_the_same_password_is_recognised() {
        let password = Secret::from("correct horse battery");
        let hashed = hash(&password).unwrap();
        assert!(verifies(&password, Some(&hashed)));
        assert!(!verifies(
            &Secret::from("correct horse batterY"),
            Some(&hashed)
        ));
        assert_ne!(hash(&password).unwrap(), hashed, "a salt of its own");
        for none in [None, Some(""), Some("$argon2id$"), Some("plain")] {
            assert!(!verifies(&password, none));
        }
    }

    #[test]
    fn whoever_has_no_account_costs_as_much() {
        let real = hash(&Secret::from("some password")).unwrap();
        let how = |text: &str| text.rsplitn(3, '$').last().unwrap().to_owned();
        assert_eq!(how(NOBODYS), how(&real));
        let (real, nobodys) = (
            PasswordHash::new(&real).unwrap(),
            PasswordHash::new(NOBODYS).unwrap(),
        );
        let lengths = |hash: &PasswordHash| {
            (
                hash.salt.as_ref().map(|salt| salt.len()),
                hash.hash.as_ref().map(|hash| hash.len()),
            )
        };
        assert_eq!(lengths(&nobodys), lengths(&real));
    }
}
