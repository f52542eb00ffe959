//! The client of a running server: who is asked, with which key, and what its answers mean.

use std::path::Path;

use latchkey_outbound::{Config, Method, Outbound, Request, target_host};
use latchkey_secrets::Secret;
use serde_json::Value as Json;

use crate::config::{Environment, Settings};
use crate::failure::{Exit, Failure};

const DEFAULT_URL: &str = "http://127.0.0.1:8080";
const API: &str = "/api/v1";

/// Asks one server with one key.
pub(crate) struct Client {
    outbound: Outbound,
    url: String,
    key: Secret<String>,
}

/// An answer that is no refusal.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status, below 400.
    pub(crate) status: u16,
    /// The body; `null` when there is none.
    pub(crate) body: Json,
}

/// A part of a path with everything encoded that could end it or begin another.
pub(crate) fn segment(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

impl Client {
    /// The client of `LATCHKEY_URL` and `LATCHKEY_API_KEY`. Without a key, a server on this machine is asked with the first
    /// token of its data directory.
    ///
    /// # Errors
    /// When the URL is none, or there is no key.
    pub(crate) fn of(environment: &Environment, settings: &Settings) -> Result<Self, Failure> {
        let url = environment.read("LATCHKEY_URL")?;
        let url = url.unwrap_or_else(|| DEFAULT_URL.to_owned());
        let url = url.trim().trim_end_matches('/').to_owned();
        let host = target_host(&url).ok_or_else(|| {
            Failure::usage("LATCHKEY_URL: a URL is needed that begins with http:// or https://")
        })?;
        let key = match environment.read("LATCHKEY_API_KEY")? {
            Some(key) => Some(Secret::new(key)),
            None if is_loopback(&host) => first_token(&settings.data_dir),
            None => None,
        };
        let key = key.ok_or_else(|| Failure::usage("no API key: set LATCHKEY_API_KEY"))?;
        Ok(Self {
            outbound: outbound()?,
            url,
            key,
        })
    }

    /// A `GET`.
    pub(crate) async fn get(&self, path: &str) -> Result<Json, Failure> {
        let answer = self.send(self.request("GET", path)).await?;
        self.json(answer).map(|answer| answer.body)
    }

    /// A `GET` of something that is no JSON.
    pub(crate) async fn text(&self, path: &str) -> Result<String, Failure> {
        let (_, body) = self.send(self.request("GET", path)).await?;
        Ok(body)
    }

    /// A `POST` of a JSON body.
    pub(crate) async fn post(&self, path: &str, body: &Json) -> Result<Answer, Failure> {
        let request = self
            .request("POST", path)
            .header("content-type", "application/json")
            .body(body.to_string());
        let answer = self.send(request).await?;
        self.json(answer)
    }

    /// A `PATCH` of a JSON body.
    pub(crate) async fn patch(&self, path: &str, body: &Json) -> Result<Answer, Failure> {
        let request = self
            .request("PATCH", path)
            .header("content-type", "application/json")
            .body(body.to_string());
        let answer = self.send(request).await?;
        self.json(answer)
    }

    /// A `DELETE`.
    pub(crate) async fn delete(&self, path: &str) -> Result<(), Failure> {
        self.send(self.request("DELETE", path)).await.map(drop)
    }

    /// All rows of a list.
    pub(crate) async fn pages(&self, path: &str) -> Result<Vec<Json>, Failure> {
        let mut rows = Vec::new();
        let mut from = String::new();
        loop {
            let page = self.get(&format!("{path}?limit=200{from}")).await?;
            rows.extend(page["data"].as_array().into_iter().flatten().cloned());
            match page["next_cursor"].as_str() {
                Some(cursor) => from = format!("&cursor={}", segment(cursor)),
                None => return Ok(rows),
            }
        }
    }

    fn request(&self, method: &str, path: &str) -> Request {
        let url = format!("{}{API}{path}", self.url);
        let bearer = Secret::new(format!("Bearer {}", self.key.expose()));
        Request::new(Method::new(method), &url).sensitive_header("authorization", bearer.expose())
    }

    async fn send(&self, request: Request) -> Result<(u16, String), Failure> {
        let unreachable = |why| {
            Failure::new(
                Exit::Refused,
                "server_unreachable",
                format!("{}: {why}", self.url),
            )
        };
        let response = self.outbound.send(request).await.map_err(unreachable)?;
        let status = response.status;
        let body = response.bytes().await.map_err(unreachable)?;
        let body = String::from_utf8_lossy(&body).into_owned();
        if (200..300).contains(&status) {
            return Ok((status, body));
        }
        let problem = serde_json::from_str(&body).ok();
        let problem = problem
            .as_ref()
            .and_then(|body| Failure::of_problem(status, body));
        Err(problem.unwrap_or_else(|| self.unexpected(status)))
    }

    fn json(&self, (status, body): (u16, String)) -> Result<Answer, Failure> {
        let body = match body.as_str() {
            "" => Json::Null,
            text => serde_json::from_str(text).map_err(|_| self.unexpected(status))?,
        };
        Ok(Answer { status, body })
    }

    fn unexpected(&self, status: u16) -> Failure {
        let detail = format!(
            "{} answered {status} with a body that is not Latchkey's: is LATCHKEY_URL right?",
            self.url
        );
        Failure::new(Exit::Refused, "unexpected_answer", detail)
    }
}

/// Every address may be reached: the operator names the server, nobody else.
fn outbound() -> Result<Outbound, Failure> {
    let everywhere = ["0.0.0.0/0", "::/0"].map(str::parse);
    let config = Config {
        allow: everywhere.into_iter().flatten().collect(),
        ..Config::default()
    };
    let client = Outbound::new(config);
    client.map_err(|why| Failure::new(Exit::Failed, "failed", why.to_string()))
}

fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.trim_start_matches('[').trim_end_matches(']');
    let parsed = address.parse::<std::net::IpAddr>();
    address == "localhost" || parsed.is_ok_and(|address| address.is_loopback())
}

fn first_token(data_dir: &Path) -> Option<Secret<String>> {
    let text = std::fs::read_to_string(data_dir.join("first-token")).ok()?;
    let token = text.trim();
    (!token.is_empty()).then(|| Secret::from(token))
}

#[cfg(test)]
mod tests {
    use super::{Client, is_loopback, segment};
    use crate::config::{Environment, Settings};

    #[test]
    fn paths_cannot_be_left() {
        assert_eq!(segment("../a b?c"), "%2E%2E%2Fa%20b%3Fc");
        assert_eq!(segment("0198-aB_~"), "0198-aB_~");
    }

    #[test]
    fn this_machine_is_recognised() {
        for host in [
            "127.0.0.1:8080",
            "127.9.9.9",
            "localhost:1",
            "[::1]:8080",
            "[::1]",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["10.0.0.1:8080", "localhost.example:1", "[2001:db8::1]:80"] {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn the_first_token_is_sent_to_this_machine_only() {
        let folder = std::env::temp_dir().join(uuid::Uuid::now_v7().to_string());
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("first-token"), "lk_first\n").unwrap();
        let data = ("LATCHKEY_DATA_DIR", folder.to_str().unwrap());
        let key = |more: &[(&str, &str)]| {
            let environment = Environment::of(&[&[data], more].concat());
            let settings = Settings::load(None, &environment).unwrap();
            let client = Client::of(&environment, &settings).map_err(|why| why.detail);
            client.map(|client| client.key.expose().clone())
        };
        assert_eq!(key(&[]).unwrap(), "lk_first");
        assert_eq!(key(&[("LATCHKEY_API_KEY", "lk_x")]).unwrap(), "lk_x");
        let elsewhere = key(&[("LATCHKEY_URL", "https://latchkey.example")]);
        assert!(elsewhere.unwrap_err().contains("LATCHKEY_API_KEY"));
        assert!(key(&[("LATCHKEY_URL", "nowhere")]).is_err());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
