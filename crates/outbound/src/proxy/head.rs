//! The head of a request: where it leads, and what the server is told of it.

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

use crate::address::parse;

use super::Refusal;

/// How long a head may be, in bytes.
const LONGEST: usize = 64 << 10;
/// What ends it.
const END: &[u8] = b"\r\n\r\n";
/// Headers that are between the client and us.
const OURS: [&str; 8] = [
    "connection",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "upgrade",
];

/// What stands at the beginning of a connection.
pub(super) struct Head {
    /// A name, or an address in its plain form.
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) asked: Asked,
    /// What came with the head.
    pub(super) rest: Vec<u8>,
}

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Bytes in both directions.
    Tunnel,
    /// One request: its head as the server reads it.
    Request(Vec<u8>),
}

impl Head {
    /// Reads it from a connection.
    pub(super) async fn read(client: &mut TcpStream) -> Result<Self, Refusal> {
        let wrong = |text: &str| Refusal::new(400, text);
        let mut bytes = Vec::with_capacity(1024);
        let end = loop {
            let looked_at = bytes.len().saturating_sub(END.len() - 1);
            let read = client.read_buf(&mut bytes).await;
            match read {
                Ok(0) | Err(_) => return Err(wrong("the request has no end")),
                Ok(_) => {}
            }
            let at = bytes[looked_at..]
                .windows(END.len())
                .position(|part| part == END);
            if let Some(at) = at {
                break looked_at + at;
            }
            if bytes.len() > LONGEST {
                return Err(Refusal::new(431, "the head of the request is too long"));
            }
        };
        let rest = bytes.split_off(end + END.len());
        bytes.truncate(end);
        let text = String::from_utf8(bytes);
        let text = text.map_err(|_| wrong("the head of the request is no UTF-8"))?;
        Self::parse(&text, rest)
    }

    fn parse(text: &str, rest: Vec<u8>) -> Result<Self, Refusal> {
        let wrong = |text: &str| Refusal::new(400, text);
        let mut lines = text.split("\r\n");
        let first = lines.next().unwrap_or_default();
        let mut words = first.split(' ');
        let parts = (words.next(), words.next(), words.next(), words.next());
        let (Some(method), Some(target), Some(version @ ("HTTP/1.0" | "HTTP/1.1")), None) = parts
        else {
            return Err(wrong("the request is none of HTTP/1"));
        };
        let is_tunnel = method == "CONNECT";
        let url = match is_tunnel {
            true if has_port(target) => format!("http://{target}/"),
            true => return Err(wrong("CONNECT needs a host and a port")),
            false if target.starts_with("http://") => target.to_owned(),
            false => return Err(wrong("a whole URL with http:// is needed")),
        };
        let url = parse(&url).map_err(|cause| wrong(&cause.to_string()))?;
        if is_tunnel && (url.path() != "/" || url.query().is_some() || url.fragment().is_some()) {
            return Err(wrong("CONNECT needs a host and a port"));
        }
        let host = url.host_str().unwrap_or_default().to_owned();
        let port = url.port_or_known_default().unwrap_or_default();
        let asked = if is_tunnel {
            Asked::Tunnel
        } else {
            let query = url.query().map(|query| format!("?{query}"));
            let place = format!("{}{}", url.path(), query.unwrap_or_default());
            let authority = url
                .port()
                .map_or_else(|| host.clone(), |port| format!("{host}:{port}"));
            let mut head = format!("{method} {place} {version}\r\nHost: {authority}\r\n");
            for line in kept(lines)? {
                head.push_str(line);
                head.push_str("\r\n");
            }
            // The next request may lead elsewhere, and so needs a connection of its own.
            head.push_str("Connection: close\r\n\r\n");
            Asked::Request(head.into_bytes())
        };
        Ok(Self {
            host,
            port,
            asked,
            rest,
        })
    }
}

fn has_port(authority: &str) -> bool {
    let port = authority.rsplit_once(':').map(|(_, port)| port);
    port.is_some_and(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The headers that the server reads.
fn kept<'a>(lines: impl Iterator<Item = &'a str>) -> Result<Vec<&'a str>, Refusal> {
    let mut kept = Vec::new();
    for line in lines {
        let name = line.split_once(':').map(|(name, _)| name);
        let is_name =
            |name: &&str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
        // A folded line has no name of its own; nobody writes them any more.
        let name = name.filter(is_name);
        let name = name.ok_or_else(|| Refusal::new(400, "a header cannot be read"))?;
        if line.bytes().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
            return Err(Refusal::new(400, "a header cannot be read"));
        }
        if !OURS.contains(&name.to_ascii_lowercase().as_str()) {
            kept.push(line);
        }
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::{Asked, Head};

    fn read(text: &str) -> Result<(String, u16, Asked), String> {
        let head = Head::parse(text, Vec::new());
        let head = head.map_err(|refusal| format!("{} {}", refusal.status, refusal.reason))?;
        Ok((head.host, head.port, head.asked))
    }

    #[test]
    fn a_tunnel_leads_to_a_host_and_a_port() {
        for (target, host, port) in [
            ("example.com:443", "example.com", 443),
            ("EXAMPLE.com:80", "example.com", 80),
            ("[::1]:443", "[::1]", 443),
            // Numbers in any notation are addresses.
            ("0x7f.1:8080", "127.0.0.1", 8080),
            ("2130706433:80", "127.0.0.1", 80),
        ] {
            let text = format!("CONNECT {target} HTTP/1.1\r\nHost: other.test");
            let expected = (host.to_owned(), port, Asked::Tunnel);
            assert_eq!(read(&text), Ok(expected), "{target}");
        }
    }

    #[test]
    fn a_request_is_told_to_the_server_without_what_is_ours() {
        let text = "POST http://a.test:8080/x?y=1 HTTP/1.1\r\nHost: b.test\r\nProxy-Authorization: Basic eA==\r\n\
            Connection: keep-alive\r\nX-Own: 1\r\nContent-Length: 2";
        let told = "POST /x?y=1 HTTP/1.1\r\nHost: a.test:8080\r\nX-Own: 1\r\nContent-Length: 2\r\nConnection: close\r\n\r\n";
        let expected = ("a.test".to_owned(), 8080, Asked::Request(told.into()));
        assert_eq!(read(text), Ok(expected));
    }

    #[test]
    fn what_is_no_request_is_refused() {
        for text in [
            "",
            "GET / HTTP/1.1",
            "GET https://a.test/ HTTP/1.1",
            "GET ftp://a.test/ HTTP/1.1",
            "GET http://user:word@a.test/ HTTP/1.1",
            "GET http://a.test/ HTTP/2",
            "GET http://a.test/ HTTP/1.1 more",
            "GET http://a.test/ HTTP/1.1\r\n folded",
            "GET http://a.test/ HTTP/1.1\r\nno name",
            "GET http://a.test/ HTTP/1.1\r\nX: 1\nHost: b.test",
            "CONNECT a.test HTTP/1.1",
            "CONNECT a.test: HTTP/1.1",
            "CONNECT a.test:99999 HTTP/1.1",
            "CONNECT a.test/x:443 HTTP/1.1",
            "CONNECT user@a.test:443 HTTP/1.1",
            "CONNECT a.test?x:443 HTTP/1.1",
            "CONNECT [fe80::1%25eth0]:443 HTTP/1.1",
        ] {
            let why = read(text).expect_err(text);
            assert!(why.starts_with("400 "), "{text}: {why}");
        }
    }
}
