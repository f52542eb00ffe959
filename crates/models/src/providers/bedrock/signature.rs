//! AWS Signature Version 4: a request that carries proof of a secret instead of the secret.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use latchkey_domain::time::Timestamp;
use latchkey_secrets::hmac_sha256;

/// The service, as signatures name it.
const SERVICE: &str = "bedrock";

/// A pair of AWS keys, with the token that a temporary pair has.
#[derive(Clone, Copy)]
pub(super) struct Keys<'a> {
    pub(super) id: &'a str,
    pub(super) secret: &'a str,
    pub(super) session: Option<&'a str>,
}

/// What is signed of a request.
#[derive(Clone, Copy)]
pub(super) struct Signed<'a> {
    pub(super) method: &'a str,
    /// The host, with the port where it is not the scheme's own.
    pub(super) host: &'a str,
    /// The path as it is sent, escapes and all.
    pub(super) path: &'a str,
    /// The query as it is sent, its parameters in the order of their names.
    pub(super) query: &'a str,
    pub(super) body: &'a [u8],
}

/// The headers that sign a request, which is good for some minutes around `at`.
pub(super) fn headers(
    request: Signed<'_>,
    keys: Keys<'_>,
    region: &str,
    at: Timestamp,
) -> Vec<(&'static str, String)> {
    let moment = moment(at);
    let day = &moment[..8];
    let scope = format!("{day}/{region}/{SERVICE}/aws4_request");
    let mut signed = vec![
        ("host", request.host.to_owned()),
        ("x-amz-date", moment.clone()),
    ];
    if let Some(session) = keys.session {
        signed.push(("x-amz-security-token", session.to_owned()));
    }
    let names: Vec<&str> = signed.iter().map(|(name, _)| *name).collect();
    let names = names.join(";");
    let lines: String = signed
        .iter()
        .map(|(name, value)| format!("{name}:{value}\n"))
        .collect();
    let canonical = format!(
        "{}\n{}\n{}\n{lines}\n{names}\n{}",
        request.method,
        escaped(request.path),
        request.query,
        hex(&Sha256::digest(request.body)),
    );
    let hash = hex(&Sha256::digest(canonical.as_bytes()));
    let to_sign = format!("AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hash}");
    let key = format!("AWS4{}", keys.secret).into_bytes();
    let key = [day, region, SERVICE, "aws4_request"]
        .iter()
        .fold(key, |key, part| hmac_sha256(&key, part.as_bytes()).to_vec());
    let signature = hex(&hmac_sha256(&key, to_sign.as_bytes()));
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
        keys.id
    );
    // The host stands in the request anyway.
    signed.remove(0);
    signed.push(("authorization", authorization));
    signed
}

/// A time as `20260829T123600Z`.
fn moment(at: Timestamp) -> String {
    let text = at.to_string();
    let whole = text.split('.').next().unwrap_or_default();
    let digits: String = whole.chars().filter(|c| !matches!(c, '-' | ':')).collect();
    format!("{digits}Z")
}

/// A path, escaped once more: that is how this service wants it.
fn escaped(path: &str) -> String {
    let mut escaped = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte == b'/' || is_plain(byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&escape(byte));
        }
    }
    if escaped.is_empty() {
        "/".to_owned()
    } else {
        escaped
    }
}

/// A part of a path, escaped. Ids of models hold colons, and those that are ARNs slashes.
pub(super) fn segment(text: &str) -> String {
    let escaped = |byte: u8| {
        if is_plain(byte) {
            char::from(byte).to_string()
        } else {
            escape(byte)
        }
    };
    text.bytes().map(escaped).collect()
}

const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

fn escape(byte: u8) -> String {
    format!("%{byte:02X}")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes everything");
        text
    })
}

#[cfg(test)]
mod tests {
    use latchkey_domain::time::Timestamp;

    use super::{Keys, Signed, headers, segment};

    /// What an independent implementation (botocore 1.44) signs for the same requests.
    #[test]
    fn signatures_are_those_of_an_independent_implementation() {
        let at = Timestamp::parse("2026-08-29T12:36:00Z").unwrap();
        let pair = Keys {
            id: "test-key-id",
            secret: "test-secret/with+signs",
            session: None,
        };
        let temporary = Keys {
            session: Some("test-session/token=="),
            ..pair
        };
        let host = "bedrock-runtime.eu-central-1.amazonaws.com";
        let model = segment("anthropic.claude-3-5-sonnet-20241022-v2:0");
        let profile =
            segment("arn:aws:bedrock:eu-central-1:123456789012:inference-profile/eu.x-v1:0");
        let converse = format!("/model/{model}/converse-stream");
        let by_profile = format!("/prefix/model/{profile}/converse-stream");
        for (keys, method, path, query, body, signature) in [
            (
                pair,
                "POST",
                converse.as_str(),
                "",
                "{\"messages\":[]}",
                "16725ea078c1cb719af772298954af8137d4f324389cf051b7df58d09cebdde9",
            ),
            (
                temporary,
                "POST",
                by_profile.as_str(),
                "",
                "{\"messages\":[\"ü\"]}",
                "53385382c633144ec6bec04a2e27b944a28f2cd215dd67cce03e760354181a35",
            ),
            (
                pair,
                "GET",
                "/async-invoke",
                "maxResults=1",
                "",
                "2dbe4f79f3995633ba3411501834adb97e35b47d68925b1d48f5c0aea8b62571",
            ),
        ] {
            let request = Signed {
                method,
                host,
                path,
                query,
                body: body.as_bytes(),
            };
            let headers = headers(request, keys, "eu-central-1", at);
            let header = |name: &str| {
                let found = headers.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| value.as_str())
            };
            let signed = if keys.session.is_some() {
                "host;x-amz-date;x-amz-security-token"
            } else {
                "host;x-amz-date"
            };
            assert_eq!(header("x-amz-date"), Some("20260829T123600Z"));
            assert_eq!(header("x-amz-security-token"), keys.session);
            let expected = format!(
                "AWS4-HMAC-SHA256 Credential=test-key-id/20260829/eu-central-1/bedrock/aws4_request, \
                 SignedHeaders={signed}, Signature={signature}"
            );
            assert_eq!(header("authorization"), Some(expected.as_str()), "{path}");
        }
    }
}
