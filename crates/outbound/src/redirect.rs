//! Where an answer leads, and what may go along. Pure: whoever follows checks the address.

use bytes::Bytes;
use reqwest::Url;

use crate::error::Error;
use crate::request::{Method, Request};
use crate::response::Response;

/// Headers that say who asks: they are for one origin only.
const PERSONAL: [&str; 3] = ["authorization", "cookie", "proxy-authorization"];
/// Headers that describe a body and go with it.
const OF_BODY: [&str; 3] = ["content-type", "content-length", "transfer-encoding"];

/// The request that an answer asks for; none when it leads nowhere.
///
/// # Errors
/// When it leads to something that is no address.
pub(crate) fn next(
    request: &Request,
    from: &Url,
    answer: &Response,
) -> Result<Option<Request>, Error> {
    if !matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = answer.header("location") else {
        return Ok(None);
    };
    let to = from
        .join(location.trim())
        .map_err(|cause| Error::Url(format!("the redirect leads nowhere: {cause}")))?;
    let mut next = request.clone();
    if becomes_get(answer.status, request.method.as_str()) {
        next.method = Method::new("GET");
        next.body = Bytes::new();
        next.headers
            .retain(|header| !is_one_of(&header.name, &OF_BODY));
    }
    if !is_same_origin(from, &to) {
        next.headers
            .retain(|header| !header.sensitive && !is_one_of(&header.name, &PERSONAL));
    }
    // A host that was named for the first address is wrong for any other.
    next.headers
        .retain(|header| !is_one_of(&header.name, &["host"]));
    next.url = to.into();
    Ok(Some(next))
}

/// What browsers and Dify's client make of these statuses.
fn becomes_get(status: u16, method: &str) -> bool {
    match status {
        301 => method == "POST",
        302 | 303 => method != "HEAD",
        _ => false,
    }
}

/// The same origin, or the secured form of the same host.
fn is_same_origin(from: &Url, to: &Url) -> bool {
    let secured = from.scheme() == "http"
        && to.scheme() == "https"
        && from.port_or_known_default() == Some(80)
        && to.port_or_known_default() == Some(443)
        && from.host_str() == to.host_str();
    secured || from.origin() == to.origin()
}

fn is_one_of(name: &str, names: &[&str]) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::next;
    use crate::address::parse;
    use crate::{Error, Method, Request, Response};

    fn leads(status: u16, location: &str) -> Response {
        let headers = vec![("location".to_owned(), location.to_owned())];
        Response::ready(status, headers, "")
    }

    fn after(method: &str, status: u16, location: &str) -> Option<Request> {
        let request = Request::new(Method::new(method), "http://a.test/x/y?q=1")
            .header("Authorization", "Bearer one")
            .header("X-Plain", "plain")
            .header("Content-Type", "text/plain")
            .header("Host", "a.test")
            .sensitive_header("X-Key", "two")
            .body("body");
        let from = parse(request.url()).unwrap();
        next(&request, &from, &leads(status, location)).unwrap()
    }

    #[test]
    fn the_method_becomes_get_where_clients_have_always_done_so() {
        for (method, status, then, body) in [
            ("GET", 301, "GET", "body"),
            ("POST", 301, "GET", ""),
            ("PUT", 301, "PUT", "body"),
            ("POST", 302, "GET", ""),
            ("PUT", 303, "GET", ""),
            ("HEAD", 303, "HEAD", "body"),
            ("POST", 307, "POST", "body"),
            ("PATCH", 308, "PATCH", "body"),
        ] {
            let request = after(method, status, "/z").unwrap();
            assert_eq!(request.method().as_str(), then, "{method} {status}");
            assert_eq!(request.body_bytes(), body, "{method} {status}");
            assert_eq!(request.url(), "http://a.test/z");
        }
        assert!(after("GET", 304, "/z").is_none());
    }

    #[test]
    fn keys_stay_with_the_origin_that_they_were_given_for() {
        for (location, keys) in [
            ("z", true),
            ("//a.test/z", true),
            ("https://a.test/z", true),
            ("http://a.test:81/z", false),
            ("https://a.test:8443/z", false),
            ("http://b.test/z", false),
            ("http://a.test.evil.test/z", false),
            ("http://sub.a.test/z", false),
        ] {
            let request = after("GET", 307, location).unwrap();
            let names: Vec<&str> = request.headers().map(|(name, _)| name).collect();
            let kept: &[&str] = if keys {
                &["Authorization", "X-Plain", "Content-Type", "X-Key"]
            } else {
                &["X-Plain", "Content-Type"]
            };
            assert_eq!(names, kept, "{location}");
        }
    }

    #[test]
    fn an_answer_without_a_place_leads_nowhere() {
        let request = Request::get("http://a.test/");
        let from = parse(request.url()).unwrap();
        let nowhere = Response::ready(302, Vec::new(), "");
        assert!(next(&request, &from, &nowhere).unwrap().is_none());
        let wrong = next(&request, &from, &leads(302, "http://[::")).err();
        assert!(matches!(wrong, Some(Error::Url(_))), "{wrong:?}");
    }
}
