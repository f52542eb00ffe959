//! A small HTTP client for tests: every answer it hears is kept, so that a canary can be searched in all of them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::StreamExt as _;
use reqwest::Method;
use serde_json::Value as Json;

use crate::contract::Contract;
use crate::sse::{Event, Frames};
use crate::wait;

/// A client of one server with one key, or none.
#[derive(Clone)]
pub struct Client {
    base: String,
    key: Option<String>,
    session: Option<Session>,
    http: reqwest::Client,
    heard: Arc<Mutex<Vec<String>>>,
    contract: Option<Arc<Contract>>,
}

/// What a browser with a session sends.
#[derive(Clone, Debug, Default)]
pub struct Session {
    /// The cookie, as `name=value`.
    pub cookie: String,
    /// What changing requests show besides; none for a request that another site has made the browser send.
    pub csrf_token: Option<String>,
}

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers, as `name: value` lines.
    pub headers: Vec<(String, String)>,
    /// The body's text.
    pub text: String,
    asked: String,
}

impl Client {
    /// A client of `http://host:port` with a bearer key.
    #[must_use]
    pub fn new(base: &str, key: Option<&str>) -> Self {
        // A second installation is refused, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        #[expect(
            clippy::disallowed_methods,
            reason = "a test's client, not the product's"
        )]
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(120))
            .build()
            .expect("a client can be made");
        Self {
            base: base.to_owned(),
            key: key.map(str::to_owned),
            session: None,
            http,
            heard: Arc::default(),
            contract: None,
        }
    }

    /// The same client, which compares every answer with the description of the API.
    #[must_use]
    pub fn checked(&self, contract: Arc<Contract>) -> Self {
        Self {
            contract: Some(contract),
            ..self.clone()
        }
    }

    /// The same client, for routes that the description of the native API does not have.
    #[must_use]
    pub fn unchecked(&self) -> Self {
        Self {
            contract: None,
            ..self.clone()
        }
    }

    /// The same client with another key, or none; what both hear is kept together.
    #[must_use]
    pub fn with_key(&self, key: Option<&str>) -> Self {
        Self {
            key: key.map(str::to_owned),
            session: None,
            ..self.clone()
        }
    }

    /// Its key.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// The same client as a browser with a session.
    #[must_use]
    pub fn with_session(&self, session: Session) -> Self {
        Self {
            key: None,
            session: Some(session),
            ..self.clone()
        }
    }

    /// The same client as a browser with the session that an answer has begun.
    ///
    /// # Panics
    /// If it has begun none.
    #[must_use]
    pub fn logged_in(&self, answer: &Answer) -> Self {
        let body = answer.expect(200);
        let cookie = answer.header("set-cookie").expect("a cookie is given");
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let csrf_token = body["csrf_token"].as_str().map(str::to_owned);
        self.with_session(Session { cookie, csrf_token })
    }

    /// A request to be filled in.
    #[must_use]
    pub fn request(&self, method: &str, path: &str) -> Ask {
        let method = Method::from_bytes(method.as_bytes()).expect("a valid method");
        let asked = format!("{method} {path}");
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(key) = &self.key {
            request = request.bearer_auth(key);
        }
        if let Some(session) = &self.session {
            request = request.header("cookie", &session.cookie);
            if let Some(token) = &session.csrf_token {
                request = request.header("x-csrf-token", token);
            }
        }
        Ask {
            request,
            asked,
            heard: Arc::clone(&self.heard),
            contract: self.contract.clone(),
        }
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Answer {
        self.request("GET", path).send().await
    }

    /// `POST` of a JSON body.
    pub async fn post(&self, path: &str, body: Json) -> Answer {
        self.request("POST", path).json(&body).send().await
    }

    /// `PUT` of a JSON body.
    pub async fn put(&self, path: &str, body: Json) -> Answer {
        self.request("PUT", path).json(&body).send().await
    }

    /// `PATCH` of a JSON body.
    pub async fn patch(&self, path: &str, body: Json) -> Answer {
        self.request("PATCH", path).json(&body).send().await
    }

    /// `DELETE`.
    pub async fn delete(&self, path: &str) -> Answer {
        self.request("DELETE", path).send().await
    }

    /// Everything heard so far: status, headers, bodies and events.
    #[must_use]
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("no holder panics").clone()
    }
}

/// A request that is being filled in.
pub struct Ask {
    request: reqwest::RequestBuilder,
    asked: String,
    heard: Arc<Mutex<Vec<String>>>,
    contract: Option<Arc<Contract>>,
}

impl Ask {
    /// Sets a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// Sets a JSON body.
    #[must_use]
    pub fn json(mut self, body: &Json) -> Self {
        self.request = self.request.json(body);
        self
    }

    /// Sets a body of any type.
    #[must_use]
    pub fn body(mut self, content_type: &str, body: impl Into<reqwest::Body>) -> Self {
        self.request = self.request.header("content-type", content_type).body(body);
        self
    }

    /// Sends it and reads the whole answer.
    ///
    /// # Panics
    /// If there is no answer.
    pub async fn send(self) -> Answer {
        self.try_send().await.expect("the server answers")
    }

    /// Sends it; an error if the server goes away.
    ///
    /// # Errors
    /// What the connection says.
    pub async fn try_send(self) -> anyhow::Result<Answer> {
        let response = self.request.send().await?;
        let status = response.status().as_u16();
        let headers = headers(&response);
        let text = String::from_utf8_lossy(&response.bytes().await?).into_owned();
        let answer = Answer {
            status,
            headers,
            text,
            asked: self.asked,
        };
        let kept = format!(
            "{} → {status} {:?}\n{}",
            answer.asked, answer.headers, answer.text
        );
        self.heard.lock().expect("no holder panics").push(kept);
        if let Some(contract) = &self.contract {
            contract.check(&answer.asked, &answer);
        }
        Ok(answer)
    }

    /// Sends it and reads events as they come.
    ///
    /// # Panics
    /// If the answer is no event stream.
    pub async fn events(self) -> Events {
        let response = self
            .request
            .header("accept", "text/event-stream")
            .send()
            .await
            .expect("the server answers");
        let status = response.status().as_u16();
        if status != 200 {
            let text = response.text().await.unwrap_or_default();
            panic!("{}: no stream but {status} {text}", self.asked);
        }
        Events {
            frames: Frames::default(),
            body: Box::pin(
                response
                    .bytes_stream()
                    .map(|chunk| chunk.map_err(anyhow::Error::from)),
            ),
            heard: self.heard,
        }
    }
}

fn headers(response: &reqwest::Response) -> Vec<(String, String)> {
    let text = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
        (
            name.to_string(),
            String::from_utf8_lossy(value.as_bytes()).into_owned(),
        )
    };
    response.headers().iter().map(text).collect()
}

impl Answer {
    /// The body as JSON if the status is the expected one.
    ///
    /// # Panics
    /// With the whole answer, if it is not.
    pub fn expect(&self, status: u16) -> Json {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text);
        serde_json::from_str(&self.text).unwrap_or(Json::Null)
    }

    /// The problem's code; empty if the body is no problem.
    #[must_use]
    pub fn code(&self) -> String {
        let body: Json = serde_json::from_str(&self.text).unwrap_or(Json::Null);
        body["code"].as_str().unwrap_or_default().to_owned()
    }

    /// Status and code: what most tests of bad input compare.
    #[must_use]
    pub fn refusal(&self) -> (u16, String) {
        (self.status, self.code())
    }

    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// Events of a stream that is being read. Dropping it closes the connection.
pub struct Events {
    frames: Frames,
    body: futures::stream::BoxStream<'static, anyhow::Result<bytes::Bytes>>,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Events {
    /// The next event; `None` at the end of the stream.
    ///
    /// # Panics
    /// If nothing comes within the deadline.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.frames.take() {
                return Some(event);
            }
            let chunk = wait::within("the next event", self.body.next()).await?;
            // A server that is killed cuts its streams: that is an end.
            let chunk = chunk.ok()?;
            let text = String::from_utf8_lossy(&chunk).into_owned();
            self.heard.lock().expect("no holder panics").push(text);
            self.frames.push(&chunk);
        }
    }

    /// Reads on up to the first event of this name, which is the last one answered.
    ///
    /// # Panics
    /// If the stream ends before.
    pub async fn until(&mut self, name: &str) -> Vec<Event> {
        let mut events = Vec::new();
        loop {
            let Some(event) = self.next().await else {
                panic!("the stream ended without {name}: {events:?}");
            };
            let is_last = event.name == name;
            events.push(event);
            if is_last {
                return events;
            }
        }
    }

    /// Reads to the end.
    pub async fn rest(mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(event) = self.next().await {
            events.push(event);
        }
        events
    }
}
