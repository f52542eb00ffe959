//! What came back: a text or a file, told apart as Dify does it, within its limits.

use bytes::Bytes;
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::Encoding;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value as Json};
use url::Url;

use latchkey_domain::value::{Array, NamedValues, Value};
use latchkey_engine::node::NodeContext;
use latchkey_outbound::{Error as OutboundError, Response};

use crate::host::{Host, MadeFile};

use super::Error;
use super::config::Method;

/// How much a file may hold, and a text, in bytes (Dify: `HTTP_REQUEST_NODE_MAX_BINARY_SIZE`, `…_TEXT_SIZE`).
pub(super) const MOST_FILE: u64 = 10 * 1024 * 1024;
const MOST_TEXT: u64 = 1024 * 1024;
/// How much is looked at to tell a text from a file, and to guess the charset of a text.
const SAMPLE: usize = 1024;
const CHARSET_SAMPLE: usize = 64 * 1024;

/// What an `application/` type has in its name when it is a text.
const TEXTUAL: [&str; 6] = [
    "json",
    "xml",
    "javascript",
    "x-www-form-urlencoded",
    "yaml",
    "graphql",
];
/// What a text of an unknown `application/` type has in it.
const MARKS: [&str; 7] = ["{", "[", "<", "function", "var ", "const ", "let "];

/// An answer that was read to its end.
pub(super) struct Answer {
    pub(super) status: u16,
    headers: Map<String, Json>,
    body: Bytes,
    is_file: bool,
}

impl Answer {
    /// Reads an answer.
    pub(super) async fn read(response: Response, method: &Method) -> Result<Self, Error> {
        let status = response.status;
        let headers = joined(&response.headers);
        let by_head = by_head(&headers);
        let most = if by_head == Some(false) {
            MOST_TEXT
        } else {
            MOST_FILE
        };
        let body = if method.is("head") || matches!(status, 204 | 304) {
            Bytes::new()
        } else {
            let named = if by_head == Some(false) {
                "Text"
            } else {
                "File"
            };
            match response.capped(most).bytes().await {
                Err(OutboundError::TooLarge(most)) => return Err(too_large(named, most, None)),
                read => read?,
            }
        };
        let is_file =
            by_head.unwrap_or_else(|| by_content(text_of(&headers, "content-type"), &body));
        if !is_file && body.len() as u64 > MOST_TEXT {
            return Err(too_large("Text", MOST_TEXT, Some(body.len())));
        }
        Ok(Self {
            status,
            headers,
            body,
            is_file,
        })
    }

    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The outputs; a file is kept.
    pub(super) async fn outputs(
        self,
        url: &Url,
        context: &NodeContext,
        host: &Host,
    ) -> Result<NamedValues, Error> {
        let (body, files) = if self.is_file {
            let made = self.made(url);
            let kept = host.files.keep(&context.run, made).await;
            let kept = kept.map_err(|cause| Error::Node(cause.to_string()))?;
            (String::new(), vec![kept])
        } else {
            let content_type = text_of(&self.headers, "content-type");
            (text(content_type, &self.body), Vec::new())
        };
        Ok(vec![
            ("status_code".to_owned(), Value::Integer(self.status.into())),
            ("body".to_owned(), Value::string(body)),
            ("headers".to_owned(), Value::object(self.headers)),
            ("files".to_owned(), Value::Array(Array::of_files(&files))),
        ])
    }

    /// The body as a file.
    fn made(&self, url: &Url) -> MadeFile {
        let (_, named) = disposition(text_of(&self.headers, "content-disposition"));
        let in_url = || {
            let last = url.path_segments()?.next_back()?;
            let name = percent_decode_str(last).decode_utf8().ok()?.into_owned();
            name.contains('.').then_some(name)
        };
        let told = essence(text_of(&self.headers, "content-type"));
        let guess = |name: &str| mime_guess::from_path(name).first_raw().map(str::to_owned);
        let filename = named
            .clone()
            .or_else(in_url)
            .and_then(|name| plain_name(&name));
        let mime_type = named
            .as_deref()
            .and_then(guess)
            .or_else(|| (!told.is_empty()).then_some(told))
            .or_else(|| filename.as_deref().and_then(guess))
            .unwrap_or_else(|| "application/octet-stream".to_owned());
        MadeFile {
            filename,
            mime_type: Some(mime_type),
            content: self.body.clone(),
        }
    }
}

/// Why an answer is not taken.
pub(super) fn too_large(what: &str, most: u64, size: Option<usize>) -> Error {
    let megabytes = |bytes: f64| format!("{:.2} MB", bytes / 1024.0 / 1024.0);
    let found = size.map_or_else(|| "more".to_owned(), |size| megabytes(size as f64));
    Error::TooLarge(format!(
        "{what} size is too large, max size is {}, but current size is {found}.",
        megabytes(most as f64)
    ))
}

/// The headers by name; several of one name are one, as HTTP reads them.
fn joined(headers: &[(String, String)]) -> Map<String, Json> {
    let mut all: Map<String, Json> = Map::new();
    for (name, value) in headers {
        let name = name.to_ascii_lowercase();
        let value = match all.get(&name).and_then(Json::as_str) {
            Some(first) => format!("{first}, {value}"),
            None => value.clone(),
        };
        all.insert(name, value.into());
    }
    all
}

fn text_of<'a>(headers: &'a Map<String, Json>, name: &str) -> &'a str {
    headers.get(name).and_then(Json::as_str).unwrap_or_default()
}

/// A MIME type without its parameters, in small letters.
fn essence(content_type: &str) -> String {
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// Whether an answer is a file, where its headers tell.
fn by_head(headers: &Map<String, Json>) -> Option<bool> {
    let (kind, name) = disposition(text_of(headers, "content-disposition"));
    if kind == "attachment" || name.is_some() {
        return Some(true);
    }
    let content_type = essence(text_of(headers, "content-type"));
    match content_type.split_once('/') {
        Some(("application", kind)) if !TEXTUAL.iter().any(|word| kind.contains(word)) => None,
        Some(("image" | "audio" | "video", _)) => Some(true),
        Some(_) | None => Some(false),
    }
}

/// Whether an answer of an `application/` type is a file: a text that looks like code or data is none, and neither is one
/// of a type that nobody knows.
fn by_content(content_type: &str, body: &Bytes) -> bool {
    let sample = &body[..body.len().min(SAMPLE)];
    let text = match std::str::from_utf8(sample) {
        Ok(text) => text,
        // A character may be cut in two by the end of the sample.
        Err(cause) if cause.error_len().is_none() && body.len() > SAMPLE => {
            std::str::from_utf8(&sample[..cause.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return true,
    };
    let known = mime_guess::get_mime_extensions_str(&essence(content_type)).is_some();
    known && !MARKS.iter().any(|mark| text.contains(mark))
}

/// The type and the file name that `Content-Disposition` tells.
fn disposition(header: &str) -> (String, Option<String>) {
    let mut parts = parameters(header);
    let kind = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
    let (mut plain, mut extended) = (None, None);
    for part in parts {
        let Some((name, value)) = part.split_once('=') else {
            continue;
        };
        let value = value.trim().trim_matches('"').replace("\\\"", "\"");
        match name.trim().to_ascii_lowercase().as_str() {
            "filename" => plain = Some(value),
            "filename*" => extended = decoded(&value),
            _ => {}
        }
    }
    (kind, extended.or(plain))
}

/// The parts of a header between semicolons that stand in no quotes.
fn parameters(header: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let mut escaped = false;
    header.split(move |sign: char| {
        match sign {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ';' => return !quoted,
            _ => {}
        }
        false
    })
}

/// A value of the form `charset'language'percent-encoded`.
fn decoded(value: &str) -> Option<String> {
    let mut parts = value.splitn(3, '\'');
    let (charset, _, text) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes: Vec<u8> = percent_decode_str(text).collect();
    let encoding = Encoding::for_label(charset.as_bytes())?;
    Some(encoding.decode(&bytes).0.into_owned())
}

/// A name that is only a name: no path, no control characters.
fn plain_name(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|c| !c.is_control()).take(255).collect();
    let clean = clean.trim();
    (!clean.is_empty() && clean != "." && clean != "..").then(|| clean.to_owned())
}

/// The text of a body: by the charset that is told, else UTF-8, else a guess.
fn text(content_type: &str, body: &[u8]) -> String {
    let told = parameters(content_type).skip(1).find_map(|part| {
        let (name, value) = part.split_once('=')?;
        let is_charset = name.trim().eq_ignore_ascii_case("charset");
        let label = value.trim().trim_matches(['"', '\'']);
        is_charset.then(|| Encoding::for_label(label.as_bytes()))?
    });
    if let Some(encoding) = told {
        return encoding.decode(body).0.into_owned();
    }
    if let Ok(text) = std::str::from_utf8(body) {
        return text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&body[..body.len().min(CHARSET_SAMPLE)], true);
    let encoding = detector.guess(None, Utf8Detection::Allow);
    encoding.decode(body).0.into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Bytes, by_content, by_head, disposition, joined, plain_name, text};

    fn is_file(content_type: &str, disposition: &str, body: &'static [u8]) -> bool {
        let headers = [
            ("content-type", content_type),
            ("content-disposition", disposition),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let given: Vec<_> = headers
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect();
        by_head(&joined(&given)).unwrap_or_else(|| by_content(content_type, &Bytes::from(body)))
    }

    #[test]
    fn a_text_is_told_from_a_file() {
        for (content_type, disposition, body, file) in [
            ("", "", &b"x"[..], false),
            ("text/html; charset=utf-8", "", b"<p>", false),
            ("text/plain", "attachment", b"x", true),
            ("text/plain", "inline", b"x", false),
            ("text/plain", "inline; filename=a.txt", b"x", true),
            ("text/csv", "", b"a,b", false),
            ("application/json", "", b"\xff", false),
            ("application/problem+json; charset=utf-8", "", b"x", false),
            ("application/x-yaml", "", b"x", false),
            ("application/octet-stream", "", b"{\"a\": 1}", false),
            ("application/octet-stream", "", b"let x", false),
            ("application/octet-stream", "", b"plain words", true),
            ("application/octet-stream", "", b"\x89PNG\xff{", true),
            ("application/pdf", "", b"%PDF-1.4 \xe2\xe3", true),
            ("application/x-of-nobody", "", b"plain words", false),
            ("application/x-of-nobody", "", b"\xff\xfe\x00", true),
            ("IMAGE/PNG", "", b"x", true),
            ("audio/mpeg", "", b"x", true),
            ("video/mp4", "", b"x", true),
            ("font/woff2", "", b"x", false),
        ] {
            assert_eq!(
                is_file(content_type, disposition, body),
                file,
                "{content_type} {disposition}"
            );
        }
    }

    #[test]
    fn a_file_name_is_read_in_all_its_forms() {
        for (header, kind, name) in [
            (
                "attachment; filename=\"a;b.txt\"",
                "attachment",
                Some("a;b.txt"),
            ),
            ("Attachment; FILENAME=a.txt", "attachment", Some("a.txt")),
            (
                "attachment; filename=\"a\\\"b\"",
                "attachment",
                Some("a\"b"),
            ),
            (
                "attachment; filename=x; filename*=UTF-8''%e2%82%ac.txt",
                "attachment",
                Some("€.txt"),
            ),
            ("inline", "inline", None),
            ("", "", None),
        ] {
            let found = disposition(header);
            assert_eq!(
                (found.0.as_str(), found.1.as_deref()),
                (kind, name),
                "{header}"
            );
        }
        assert_eq!(plain_name("../../etc/pass\nwd"), Some("passwd".to_owned()));
        assert_eq!(plain_name("C:\\x\\.."), None);
    }

    #[test]
    fn a_text_is_decoded_as_it_was_written() {
        for (content_type, body, expected) in [
            ("text/plain; charset=iso-8859-1", &b"caf\xe9"[..], "café"),
            ("text/plain; charset=\"GBK\"", b"\xc4\xe3", "你"),
            ("text/plain", "déjà".as_bytes(), "déjà"),
            ("text/plain", b"\xef\xbb\xbfx", "x"),
            (
                "text/plain; charset=of-nobody",
                b"caf\xe9 au lait",
                "café au lait",
            ),
            ("text/plain; charset=utf-8", b"a\xffb", "a\u{fffd}b"),
        ] {
            assert_eq!(text(content_type, body), expected, "{content_type}");
        }
    }

    #[test]
    fn headers_of_one_name_are_one() {
        let given = [("Set-Cookie", "a=1"), ("X-One", "1"), ("set-cookie", "b=2")];
        let given = given.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let joined = serde_json::Value::Object(joined(&given));
        assert_eq!(
            joined,
            serde_json::json!({"set-cookie": "a=1, b=2", "x-one": "1"})
        );
    }
}
