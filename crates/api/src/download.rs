//! Downloads: contents that strangers made, sent so that no browser ever takes them for a page of ours.

use actix_web::body::SizedStream;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY};
use actix_web::http::header::{CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use actix_web::{HttpResponse, HttpResponseBuilder};
use latchkey_domain::file::UNKNOWN_MIME;
use latchkey_service::FileContent;

/// Types that a browser only shows or plays, and runs nothing of.
const SHOWN: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];
/// Types that are named but never shown in place.
const NAMED: [&str; 2] = ["application/pdf", "text/plain"];

/// As a file to be saved.
pub(crate) fn attached(found: FileContent) -> HttpResponse {
    let disposition = disposition("attachment", &found.file.name);
    send(found, UNKNOWN_MIME.to_owned(), disposition)
}

/// By its own type, and in place, if that is harmless.
pub(crate) fn shown(found: FileContent) -> HttpResponse {
    let own = &found.file.mime_type;
    let is_media = own.starts_with("audio/") || own.starts_with("video/");
    let is_shown = is_media || SHOWN.contains(&own.as_str());
    let is_named = is_shown || NAMED.contains(&own.as_str());
    let kind = if is_named {
        own.clone()
    } else {
        UNKNOWN_MIME.to_owned()
    };
    let way = if is_shown { "inline" } else { "attachment" };
    let disposition = disposition(way, &found.file.name);
    send(found, kind, disposition)
}

fn send(found: FileContent, kind: String, disposition: String) -> HttpResponse {
    let body = SizedStream::new(found.file.size, found.content);
    guarded(&mut HttpResponse::Ok())
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CONTENT_DISPOSITION, disposition))
        .body(body)
}

fn guarded(response: &mut HttpResponseBuilder) -> &mut HttpResponseBuilder {
    response
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .insert_header((CACHE_CONTROL, "private, no-store"))
}

/// The header with the name twice: for old readers, and whole (RFC 6266).
fn disposition(way: &str, name: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || " ._-()".contains(letter);
    let plain: String = name
        .chars()
        .map(|letter| if is_plain(letter) { letter } else { '_' })
        .collect();
    let whole: String = name
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'_' | b'-' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect();
    format!("{way}; filename=\"{plain}\"; filename*=UTF-8''{whole}")
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn names_cannot_break_out_of_their_header() {
        for (name, header) in [
            (
                "a b.txt",
                "attachment; filename=\"a b.txt\"; filename*=UTF-8''a%20b.txt",
            ),
            (
                "x\";é\r\n.html",
                "attachment; filename=\"x_____.html\"; filename*=UTF-8''x%22%3B%C3%A9%0D%0A.html",
            ),
        ] {
            assert_eq!(disposition("attachment", name), header);
        }
    }
}
