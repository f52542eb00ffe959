//! Keeps secrets out of what is told about a call: some providers repeat the key in their errors.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use futures::StreamExt as _;

use latchkey_secrets::Secret;

use crate::chat::ReportedUsage;
use crate::error::InvokeError;
use crate::provider::{ChunkStream, ProviderAnswer, WholeAnswer};
use crate::source::CredentialValues;

const MASK: &str = "[masked]";
/// How much of a provider's text is kept.
const MAX_TEXT: usize = 1000;
/// How much of a provider's request id is kept.
const MAX_ID: usize = 200;
/// How long an encoded form, or the beginning of a form at the end of a text, must be to be told from an accident.
const TELLING: usize = 8;

/// Every form in which the secrets of one credential could come back, the longest first.
pub(crate) struct Mask {
    forms: Vec<Secret<String>>,
}

impl Mask {
    pub(crate) fn of(values: &CredentialValues) -> Self {
        let secrets = values.secrets.values();
        let mut forms: Vec<String> = secrets
            .map(|secret| secret.expose().as_str())
            .filter(|secret| !secret.is_empty())
            .flat_map(forms)
            .collect();
        forms.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        forms.dedup();
        Self {
            forms: forms.into_iter().map(Secret::new).collect(),
        }
    }

    /// The same answer, of which nothing that is told besides the answer itself holds a secret.
    pub(crate) fn answer(
        self,
        answer: Result<ProviderAnswer, InvokeError>,
    ) -> Result<ProviderAnswer, InvokeError> {
        let answer = answer.map_err(|error| self.error(error))?;
        let request_id = answer
            .request_id
            .map(|id| cut(&self.text(&id), MAX_ID).into_owned());
        let chunks: ChunkStream = Box::pin(answer.chunks.map(move |chunk| {
            let mut chunk = chunk.map_err(|error| self.error(error))?;
            if let Some(usage) = &mut chunk.usage {
                self.usage(usage);
            }
            chunk.finish_reason = chunk.finish_reason.map(|reason| self.text(&reason));
            let id = chunk.request_id.take();
            chunk.request_id = id.map(|id| cut(&self.text(&id), MAX_ID).into_owned());
            Ok(chunk)
        }));
        Ok(ProviderAnswer {
            request_id,
            chunks,
            ..answer
        })
    }

    /// The same answer that was read whole.
    pub(crate) fn whole<T>(
        &self,
        answer: Result<WholeAnswer<T>, InvokeError>,
    ) -> Result<WholeAnswer<T>, InvokeError> {
        let mut answer = answer.map_err(|error| self.error(error))?;
        let request_id = answer.request_id.take();
        answer.request_id = request_id.map(|id| cut(&self.text(&id), MAX_ID).into_owned());
        if let Some(usage) = &mut answer.usage {
            self.usage(usage);
        }
        answer.value = answer.value.map_err(|error| self.error(error));
        Ok(answer)
    }

    fn usage(&self, usage: &mut ReportedUsage) {
        let told = usage.raw.to_string();
        let masked = self.text(&told);
        if masked != told {
            usage.raw = serde_json::Value::String(masked);
        }
    }

    /// The same error without a secret in its text, and no longer than anybody reads. A text is cut only after it was
    /// masked, as half a key would not be recognised.
    pub(crate) fn error(&self, mut error: InvokeError) -> InvokeError {
        error.message = cut(&self.text(&error.message), MAX_TEXT).into_owned();
        error
    }

    pub(crate) fn text(&self, text: &str) -> String {
        let masked = self.forms.iter().fold(text.to_owned(), |text, form| {
            text.replace(form.expose().as_str(), MASK)
        });
        self.without_half_a_secret(masked)
    }

    /// The end of what was read of a long text may be the beginning of a secret.
    fn without_half_a_secret(&self, mut text: String) -> String {
        let half = |form: &Secret<String>| {
            let form = form.expose().as_str();
            let lengths = (TELLING..form.len()).rev();
            lengths
                .filter(|length| form.is_char_boundary(*length))
                .find(|length| text.ends_with(&form[..*length]))
        };
        if let Some(length) = self.forms.iter().filter_map(half).max() {
            text.truncate(text.len() - length);
            text.push_str(MASK);
        }
        text
    }
}

/// A secret as it is and as JSON, URLs, HTML, hexadecimal digits and base64 write it.
fn forms(secret: &str) -> Vec<String> {
    let escaped = json_escaped(secret);
    let mut forms = vec![
        secret.to_owned(),
        json_escaped(&escaped),
        escaped.replace('/', "\\/"),
        json_ascii(secret),
        escaped,
        html(secret),
    ];
    let encoded = [
        url_encoded(secret, |byte| format!("%{byte:02X}")),
        url_encoded(secret, |byte| format!("%{byte:02x}")),
        secret.bytes().map(|byte| format!("{byte:02x}")).collect(),
        secret.bytes().map(|byte| format!("{byte:02X}")).collect(),
    ];
    // In base64 of a longer text the form depends on what stands before it, in three ways; the characters at the edges
    // also carry bits of their neighbours and are left out.
    let in_base64 = (0..3).flat_map(|before| {
        let encoded = STANDARD_NO_PAD.encode(format!("{}{secret}", "x".repeat(before)));
        let from = before * 4 / 3 + usize::from(before > 0);
        let inner = encoded.get(from..encoded.len().saturating_sub(2));
        let inner = inner.unwrap_or_default().to_owned();
        [inner.replace('+', "-").replace('/', "_"), inner]
    });
    let telling = encoded.into_iter().chain(in_base64);
    forms.extend(telling.filter(|form| form.len() >= TELLING));
    forms
}

fn json_escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// As writers of JSON do that keep to ASCII.
fn json_ascii(text: &str) -> String {
    let escape = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        '<' | '>' | '&' | '\'' => format!("\\u{:04x}", u32::from(c)),
        c if c.is_ascii_graphic() || c == ' ' => c.to_string(),
        c => {
            let mut units = [0; 2];
            let units = c.encode_utf16(&mut units).iter();
            units.map(|unit| format!("\\u{unit:04x}")).collect()
        }
    };
    text.chars().map(escape).collect()
}

fn html(text: &str) -> String {
    let escape = |c: char| match c {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '"' => "&quot;".to_owned(),
        c => c.to_string(),
    };
    text.chars().map(escape).collect()
}

fn url_encoded(text: &str, escaped: impl Fn(u8) -> String) -> String {
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => escaped(byte),
    };
    text.bytes().map(encode).collect()
}

fn cut(text: &str, length: usize) -> Cow<'_, str> {
    let text = text.trim();
    match text.char_indices().nth(length) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};
    use serde_json::json;

    use super::{MASK, MAX_TEXT, Mask};
    use crate::error::{ErrorKind, InvokeError};
    use crate::source::CredentialValues;

    const KEY: &str = "canary/+\"\\&=0123456789";

    fn masked(text: &str) -> String {
        let mask = Mask::of(&CredentialValues::one("api_key", KEY));
        let error = InvokeError::new(ErrorKind::BadRequest, text);
        mask.error(error).message
    }

    #[test]
    fn a_key_is_masked_in_every_form() {
        let object = json!({"key": KEY, "code": 7}).to_string();
        for told in [
            format!("Incorrect API key provided: {KEY}."),
            object.clone(),
            json!({"body": object}).to_string(),
            "https://x.test/?key=canary%2F%2B%22%5C%26%3D0123456789".to_owned(),
            format!("Basic {}", STANDARD.encode(format!("user:{KEY}:x"))),
            format!("Basic {}", URL_SAFE.encode(format!("u:{KEY}"))),
            "<p>canary/+&quot;\\&amp;=0123456789</p>".to_owned(),
            KEY.bytes().map(|byte| format!("{byte:02x}")).collect(),
        ] {
            let masked = masked(&told);
            assert!(masked.contains(MASK), "{told}: {masked}");
            assert!(!masked.contains("0123456789"), "{told}: {masked}");
        }
    }

    #[test]
    fn a_text_is_masked_before_it_is_cut() {
        for before in MAX_TEXT - KEY.len()..MAX_TEXT {
            let text = masked(&format!("{}{KEY} and more", "x".repeat(before)));
            assert!(!text.contains("canary"), "{text}");
            assert!(text.chars().count() <= MAX_TEXT + 1);
        }
    }

    #[test]
    fn half_a_key_at_the_end_of_a_text_is_masked() {
        assert_eq!(masked(&format!("key {}", &KEY[..12])), "key [masked]");
        assert_eq!(masked("a plain text"), "a plain text");
    }
}
