//! `http-request`: one request to somebody else's server, and what it answered as a text or as a file (Dify DSL, 4.11).
//!
//! Parts: what the data say (`config`), what is sent (`request`, `headers`, `body`, `form`), the same for people to read (`shown`), and what
//! came back (`answer`). Everything that is on the network is the way out's: addresses, redirects, deadlines, limits.

mod answer;
mod body;
mod config;
mod form;
mod headers;
mod request;
mod shown;

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value as Json;

use latchkey_domain::document::GraphNode;
use latchkey_domain::run::Failure;
use latchkey_domain::value::NamedValues;
use latchkey_engine::node::{Attempt, BuildProblem, Node, NodeContext, NodeSpec};
use latchkey_outbound::Error as OutboundError;

use crate::host::Host;

use self::answer::Answer;
use self::config::Config;
use self::request::Prepared;

struct HttpRequest {
    config: Config,
    host: Host,
}

pub(crate) fn build(node: &GraphNode, host: &Host) -> Result<NodeSpec, BuildProblem> {
    let node = HttpRequest {
        config: Config::of(&node.data)?,
        host: host.clone(),
    };
    let mut spec = NodeSpec::effect(Arc::new(node));
    spec.supports_retry = true;
    Ok(spec)
}

/// Why the node failed, under the names that Dify's workflows know.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("{0}")]
    Authorization(String),
    #[error("{0}")]
    Url(String),
    #[error("{0}")]
    Body(String),
    #[error("{0}")]
    File(String),
    #[error("Invalid http method {0}")]
    Method(String),
    #[error("{0}")]
    TooLarge(String),
    #[error("Request failed with status code {0}")]
    Status(u16),
    #[error("{0}")]
    Node(String),
}

impl Error {
    fn failure(&self) -> Failure {
        let class = match self {
            Self::Authorization(_) => "AuthorizationConfigError",
            Self::Url(_) => "InvalidURLError",
            Self::Body(_) => "RequestBodyError",
            Self::File(_) => "FileFetchError",
            Self::Method(_) => "InvalidHttpMethodError",
            Self::TooLarge(_) => "ResponseSizeError",
            Self::Status(_) => "HTTPResponseCodeError",
            Self::Node(_) => "HttpRequestNodeError",
        };
        Failure::new(class, self.to_string())
    }
}

impl From<OutboundError> for Error {
    fn from(cause: OutboundError) -> Self {
        match cause {
            OutboundError::Url(_) => Self::Url(cause.to_string()),
            OutboundError::TooLarge(most) => answer::too_large("File", most, None),
            OutboundError::Header(_)
            | OutboundError::Refused(_)
            | OutboundError::NotFound(_)
            | OutboundError::Unreachable(_)
            | OutboundError::Connection(_)
            | OutboundError::Timeout(_)
            | OutboundError::Redirects(_)
            | OutboundError::Client(_) => Self::Node(cause.to_string()),
        }
    }
}

#[async_trait]
impl Node for HttpRequest {
    async fn run(&self, context: NodeContext) -> Attempt {
        let mut attempt = Attempt::succeeded(Vec::new());
        let stopped = context.cancel.clone();
        let done = tokio::select! {
            biased;
            () = stopped.cancelled() => Err(Error::Node("the run was stopped".to_owned())),
            done = self.exchange(&context, &mut attempt) => done,
        };
        match done {
            Ok(outputs) => attempt.outputs = outputs,
            Err(cause) => attempt.outcome = Err(cause.failure()),
        }
        attempt
    }
}

impl HttpRequest {
    /// One request; what is sent is told to people before it is.
    async fn exchange(
        &self,
        context: &NodeContext,
        attempt: &mut Attempt,
    ) -> Result<NamedValues, Error> {
        let config = &self.config;
        let prepared = Prepared::of(config, context, &self.host).await?;
        let told = Json::String(prepared.shown.clone());
        attempt.process_data.insert("request".to_owned(), told);
        if !config.method.is_sent() {
            return Err(Error::Method(config.method.name().to_owned()));
        }
        let url = prepared.url.clone();
        let response = self
            .host
            .outbound
            .send(prepared.into_request(config))
            .await?;
        let answer = Answer::read(response, &config.method).await?;
        if config.fails_on_status && !answer.is_success() {
            return Err(Error::Status(answer.status));
        }
        answer.outputs(&url, context, &self.host).await
    }
}
