//! Tokens: random, recognisable by their prefix, with a checksum that refuses mistyped ones without a look-up.

use sha2::{Digest as _, Sha256};

use crate::sealing::SealError;
use crate::secret::Secret;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// 32 characters of 62 kinds: 190 bits.
const RANDOM: usize = 32;
const CHECK: usize = 6;

/// A new token: the prefix, 32 random characters, 6 of checksum.
///
/// # Errors
/// When the operating system gives no randomness.
pub fn generate(prefix: &str) -> Result<Secret<String>, SealError> {
    let mut token = String::with_capacity(prefix.len() + RANDOM + CHECK);
    token.push_str(prefix);
    let mut bytes = [0u8; 64];
    while token.len() < prefix.len() + RANDOM {
        getrandom::fill(&mut bytes).map_err(|_| SealError::Randomness)?;
        // 248 is the largest multiple of 62 below 256: bytes above it would favour some characters.
        let usable = bytes
            .iter()
            .filter(|byte| **byte < 248)
            .map(|byte| char::from(ALPHABET[usize::from(byte % 62)]));
        token.extend(usable.take(prefix.len() + RANDOM - token.len()));
    }
    let check = checksum(&token);
    token.push_str(&check);
    Ok(Secret::new(token))
}

/// Whether a text has the prefix, the length and the checksum of a token.
#[must_use]
pub fn is_well_formed(prefix: &str, token: &str) -> bool {
    let Some(body) = token.strip_prefix(prefix) else {
        return false;
    };
    body.len() == RANDOM + CHECK
        && body.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && checksum(&token[..token.len() - CHECK]) == token[token.len() - CHECK..]
}

/// The prefix and the first four random characters: what lists show.
#[must_use]
pub fn shown_part(prefix: &str, token: &str) -> String {
    token.chars().take(prefix.len() + 4).collect()
}

fn checksum(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    let mut number = u64::from_be_bytes([0, 0, 0, hash[0], hash[1], hash[2], hash[3], hash[4]]);
    let mut check = String::with_capacity(CHECK);
    for _ in 0..CHECK {
        check.push(char::from(
            ALPHABET[usize::try_from(number % 62).expect("below 62")],
        ));
        number /= 62;
    }
    check
}

#[cfg(test)]
mod tests {
    use super::{generate, is_well_formed, shown_part};

    #[test]
    fn a_token_is_recognised_and_a_mistyped_one_is_not() {
        let token = generate("lk_").unwrap();
        let token = token.expose();
        assert_eq!(token.len(), 41);
        assert!(is_well_formed("lk_", token));
        assert!(!is_well_formed("app-", token));
        let mistyped: String = token.chars().rev().collect();
        assert!(!is_well_formed("lk_", &mistyped));
        assert!(!is_well_formed("lk_", &token[..40]));
        assert!(!is_well_formed("lk_", "lk_ünïcödé"));
        assert_eq!(shown_part("lk_", token), token[..7]);
        assert_ne!(generate("lk_").unwrap().expose(), token);
    }
}
