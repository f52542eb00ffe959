//! What operators are told: counts and traces.

use latchkey_secrets::Secret;

use super::error::Error;
use super::layers::Layers;
use super::web_address;

/// The shortest token of the metrics, in characters.
const SHORTEST: usize = 16;

/// What operators are told.
#[derive(Debug, Default)]
pub(crate) struct Observation {
    /// Who may read the counts.
    pub(crate) metrics_token: Option<Secret<String>>,
    /// The collector of traces, without `/v1/traces`.
    pub(crate) otlp_url: Option<String>,
    /// Headers for the collector: `name=value,…`.
    pub(crate) otlp_headers: Option<Secret<String>>,
}

/// Reads these settings.
pub(super) fn read(layers: &Layers) -> Result<Observation, Error> {
    let collector = |text: &str| web_address(text).map(Some);
    Ok(Observation {
        metrics_token: layers.secret("metrics_token", token)?,
        otlp_url: layers.parse("otlp_url", collector, || None)?,
        otlp_headers: layers.secret("otlp_headers", |text| pairs(text).map(|_| ()))?,
    })
}

/// These settings with their values, secrets masked.
pub(super) fn shown(observation: &Observation) -> [(&'static str, Option<String>); 3] {
    let masked = |secret: &Option<Secret<String>>| secret.as_ref().map(|_| "…".to_owned());
    [
        ("metrics_token", masked(&observation.metrics_token)),
        ("otlp_url", observation.otlp_url.clone()),
        ("otlp_headers", masked(&observation.otlp_headers)),
    ]
}

impl Observation {
    /// The headers for the collector.
    pub(crate) fn headers(&self) -> Vec<(String, Secret<String>)> {
        let text = self.otlp_headers.as_ref();
        text.and_then(|text| pairs(text.expose()).ok())
            .unwrap_or_default()
    }
}

fn token(text: &str) -> Result<(), String> {
    let is_long = text.chars().count() >= SHORTEST && !text.contains(char::is_whitespace);
    is_long
        .then_some(())
        .ok_or_else(|| format!("a token of at least {SHORTEST} characters is needed"))
}

fn pairs(text: &str) -> Result<Vec<(String, Secret<String>)>, String> {
    let pair = |part: &str| {
        let (name, value) = part.split_once('=')?;
        let (name, value) = (name.trim(), value.trim());
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let fits = !name.is_empty() && name.bytes().all(is_name) && !value.is_empty();
        fits.then(|| (name.to_owned(), Secret::from(value)))
    };
    let found: Option<Vec<_>> = text.split(',').map(pair).collect();
    found.ok_or_else(|| "headers are needed as name=value,name=value".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{pairs, token};

    #[test]
    fn headers_are_pairs_and_tokens_are_long() {
        let read = pairs("authorization=Basic dGVz=, x-scope=a").unwrap();
        let read: Vec<_> = read
            .iter()
            .map(|(name, value)| (name.as_str(), value.expose().as_str()))
            .collect();
        assert_eq!(read, [("authorization", "Basic dGVz="), ("x-scope", "a")]);
        for wrong in ["", "a", "a=", "=b", "a b=c", "a=b,"] {
            assert!(pairs(wrong).is_err(), "{wrong}");
        }
        assert!(token("0123456789abcdef").is_ok());
        assert!(token("short").is_err() && token("with a blank in it").is_err());
    }
}
