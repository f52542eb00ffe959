//! The studio: files that somebody else has built, served as they are, and its page at every path that a person may go to.
//!
//! The page runs no script but its own files and loads nothing from elsewhere. What a library writes into a `<style>` shows the
//! nonce that only this answer has.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::{
    ACCEPT, AcceptEncoding, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, ETAG,
    Encoding, Header as _, HeaderName, IF_NONE_MATCH, REFERRER_POLICY, VARY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use latchkey_service::{Error, Service};
use uuid::Uuid;

use crate::problem::Refusal;

/// Where files are whose names change with their contents.
const HASHED: &str = "assets/";
/// The file that is the page.
const PAGE: &str = "index.html";
/// Where the page wants its nonce.
const NONCE: &str = r#"<meta name="csp-nonce" content=""#;
/// The page of a server without a studio.
const PLACEHOLDER: &str = include_str!("studio/placeholder.html");
/// Paths that are not the page's, whatever follows: what is not there is told by a status.
const OTHERS: [&str; 9] = [
    "api", "v1", "files", "webhooks", "docs", "assets", "healthz", "readyz", "metrics",
];

/// The files of the studio. Clones share them.
#[derive(Clone, Default)]
pub struct Studio {
    files: Arc<HashMap<String, File>>,
}

/// One file, also as it was packed when it was built.
#[derive(Default)]
struct File {
    content: Cow<'static, [u8]>,
    brotli: Option<Cow<'static, [u8]>>,
    gzip: Option<Cow<'static, [u8]>>,
}

impl Studio {
    /// The studio of these files by their paths; none of them: there is no studio. A file whose name ends with `.br` or `.gz` beside one
    /// without that is the packed form of the other.
    #[must_use]
    pub fn of(files: impl IntoIterator<Item = (String, Cow<'static, [u8]>)>) -> Self {
        let mut all: HashMap<String, Cow<'static, [u8]>> = files.into_iter().collect();
        let packed = |name: &String| {
            let plain = name.strip_suffix(".br").or(name.strip_suffix(".gz"));
            plain.is_some_and(|plain| all.contains_key(plain))
        };
        let names: Vec<String> = all.keys().filter(|name| !packed(name)).cloned().collect();
        let files = names.into_iter().map(|name| {
            let file = File {
                brotli: all.remove(&format!("{name}.br")),
                gzip: all.remove(&format!("{name}.gz")),
                content: all.remove(&name).unwrap_or_default(),
            };
            (name, file)
        });
        Self {
            files: Arc::new(files.collect()),
        }
    }

    fn page(&self) -> Option<Cow<'_, str>> {
        let page = self.files.get(PAGE)?;
        Some(String::from_utf8_lossy(&page.content))
    }
}

/// The first page: the studio's, or one that says how to build it.
pub(crate) async fn first(studio: Data<Studio>, service: Data<Service>) -> HttpResponse {
    if let Some(page) = studio.page() {
        return whole_page(&page);
    }
    let sample = service.sample().await.ok().flatten();
    let sample = sample.map_or_else(|| "…".to_owned(), |id| id.to_string());
    let text = PLACEHOLDER.replace("{{sample}}", &sample);
    whole_page(&text.replace("{{origin}}", &escaped(service.public_url())))
}

/// What is at no route: a file of the studio, its page where a person may have gone to, or nothing.
pub(crate) async fn rest(
    request: HttpRequest,
    studio: Data<Studio>,
) -> Result<HttpResponse, Refusal> {
    let nothing = || Err(Error::not_found("route; /docs lists them all").into());
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return nothing();
    }
    let path = request.path().trim_start_matches('/');
    if path != PAGE
        && let Some(file) = studio.files.get(path)
    {
        return Ok(answer(&request, path, file));
    }
    let Some(page) = studio.page().filter(|_| is_a_place(&request, path)) else {
        return nothing();
    };
    Ok(whole_page(&page))
}

/// Whether a path may be a place in the studio that somebody opens in a browser.
fn is_a_place(request: &HttpRequest, path: &str) -> bool {
    let accepted = request.headers().get(ACCEPT);
    let accepted = accepted.and_then(|value| value.to_str().ok());
    let wants_a_page = accepted.is_some_and(|text| text.contains("text/html"));
    let first = path.split('/').next().unwrap_or_default();
    let last = path.rsplit('/').next().unwrap_or_default();
    wants_a_page && !OTHERS.contains(&first) && !last.contains('.')
}

/// A page with a policy of its own.
fn whole_page(text: &str) -> HttpResponse {
    let nonce = STANDARD.encode(Uuid::new_v4().as_bytes());
    let with_nonce = format!("{NONCE}{nonce}");
    let text = text.replace(NONCE, &with_nonce);
    let text = text.replace("{{nonce}}", &nonce);
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; media-src 'self' blob:; \
         font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    careful(&mut HttpResponse::Ok())
        .insert_header((CONTENT_SECURITY_POLICY, policy))
        .insert_header((X_FRAME_OPTIONS, "DENY"))
        .insert_header((
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .content_type("text/html; charset=utf-8")
        .body(text)
}

/// What every answer of the studio says.
fn careful(response: &mut HttpResponseBuilder) -> &mut HttpResponseBuilder {
    response
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
}

fn answer(request: &HttpRequest, path: &str, file: &File) -> HttpResponse {
    let is_hashed = path.starts_with(HASHED);
    let (encoding, content) = packed(request, file);
    let mut response = HttpResponse::Ok();
    let response = careful(&mut response);
    response.insert_header((VARY, "Accept-Encoding"));
    if is_hashed {
        response.insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"));
    } else {
        let tag = format!("\"{}\"", tag(&file.content));
        response.insert_header((CACHE_CONTROL, "no-cache"));
        response.insert_header((ETAG, tag.clone()));
        let known = request.headers().get(IF_NONE_MATCH);
        if known.is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
            return response
                .status(actix_web::http::StatusCode::NOT_MODIFIED)
                .finish();
        }
    }
    if let Some(encoding) = encoding {
        response.insert_header((CONTENT_ENCODING, encoding));
    }
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let kind = match kind.type_() {
        mime_guess::mime::TEXT => format!("{kind}; charset=utf-8"),
        _ => kind.to_string(),
    };
    response.content_type(kind).body(content.to_vec())
}

/// The smallest form of a file that the client takes.
fn packed<'a>(request: &HttpRequest, file: &'a File) -> (Option<&'static str>, &'a [u8]) {
    let plain = (None, &*file.content);
    let Ok(accepted) = AcceptEncoding::parse(request) else {
        return plain;
    };
    let forms = [
        (Encoding::brotli(), "br", &file.brotli),
        (Encoding::gzip(), "gzip", &file.gzip),
    ];
    let forms = forms.iter().filter_map(|(encoding, name, content)| {
        let content = content.as_ref()?;
        let chosen = accepted.negotiate(std::iter::once(encoding));
        (chosen.as_ref() == Some(encoding)).then_some((Some(*name), &**content))
    });
    forms.into_iter().next().unwrap_or(plain)
}

/// A short text that changes with a content (FNV-1a: nobody is to be kept from forging it).
fn tag(content: &[u8]) -> String {
    let hash = content
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
    format!("{hash:016x}")
}

/// A text in a page.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use actix_web::body::to_bytes;
    use actix_web::test::TestRequest;
    use actix_web::web::Data;
    use actix_web::{HttpResponse, ResponseError as _};

    use super::{Studio, rest};

    fn studio() -> Data<Studio> {
        let files = [
            (
                "index.html",
                r#"<meta name="csp-nonce" content="" /><script src="/assets/a-1.js"></script>"#,
            ),
            ("assets/a-1.js", "plain"),
            ("assets/a-1.js.br", "brotli"),
            ("assets/a-1.js.gz", "gzip"),
            ("favicon.svg", "<svg/>"),
        ];
        let files = files.map(|(name, text)| (name.to_owned(), Cow::Borrowed(text.as_bytes())));
        Data::new(Studio::of(files))
    }

    async fn asked(request: TestRequest) -> HttpResponse {
        let answered = rest(request.to_http_request(), studio()).await;
        answered.unwrap_or_else(|refused| refused.error_response())
    }

    fn header(response: &HttpResponse, name: &str) -> String {
        let value = response.headers().get(name);
        let value = value.map(|value| value.to_str().unwrap().to_owned());
        value.unwrap_or_default()
    }

    async fn text(response: HttpResponse) -> String {
        let bytes = to_bytes(response.into_body()).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[actix_web::test]
    async fn the_page_is_at_every_place_that_somebody_opens() {
        let html = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        for path in ["/workflows/1", "/runs", "/invitation?token=x", "/a/b/c"] {
            let ask = TestRequest::get().uri(path).insert_header(html);
            let response = asked(ask).await;
            assert_eq!(response.status(), 200, "{path}");
            let policy = header(&response, "content-security-policy");
            let (_, nonce) = policy.split_once("'nonce-").unwrap();
            let (nonce, _) = nonce.split_once('\'').unwrap();
            assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"));
            assert_eq!(header(&response, "referrer-policy"), "no-referrer");
            let page = text(response).await;
            assert!(page.contains(&format!(r#"content="{nonce}""#)), "{page}");
        }
        for path in [
            "/api/v2/x",
            "/api",
            "/v1/none",
            "/assets/gone.js",
            "/x.php",
            "/.env",
        ] {
            let ask = TestRequest::get().uri(path).insert_header(html);
            assert_eq!(asked(ask).await.status(), 404, "{path}");
        }
        let program = TestRequest::get().uri("/workflows/1");
        assert_eq!(asked(program).await.status(), 404, "no browser");
        let post = TestRequest::post().uri("/runs").insert_header(html);
        assert_eq!(asked(post).await.status(), 404);
    }

    #[actix_web::test]
    async fn files_with_hashed_names_are_kept_for_ever_in_the_form_that_is_taken() {
        for (accepted, encoding, expected) in [
            ("gzip, deflate, br", "br", "brotli"),
            ("gzip", "gzip", "gzip"),
            ("br;q=0, gzip", "gzip", "gzip"),
            ("identity", "", "plain"),
        ] {
            let ask = TestRequest::get()
                .uri("/assets/a-1.js")
                .insert_header(("accept-encoding", accepted));
            let response = asked(ask).await;
            assert_eq!(
                header(&response, "content-encoding"),
                encoding,
                "{accepted}"
            );
            assert_eq!(header(&response, "vary"), "Accept-Encoding");
            assert_eq!(header(&response, "x-content-type-options"), "nosniff");
            assert!(header(&response, "cache-control").ends_with("immutable"));
            assert!(header(&response, "content-type").starts_with("text/javascript"));
            assert_eq!(text(response).await, expected, "{accepted}");
        }
    }

    #[actix_web::test]
    async fn other_files_are_asked_for_again_and_not_sent_again() {
        let first = asked(TestRequest::get().uri("/favicon.svg")).await;
        assert_eq!(header(&first, "cache-control"), "no-cache");
        let tag = header(&first, "etag");
        let again = TestRequest::get()
            .uri("/favicon.svg")
            .insert_header(("if-none-match", tag));
        assert_eq!(asked(again).await.status(), 304);
        let packed = asked(TestRequest::get().uri("/assets/a-1.js.br")).await;
        assert_eq!(packed.status(), 404, "a form, not a file");
    }
}
