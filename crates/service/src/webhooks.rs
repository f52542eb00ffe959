//! Requests to the addresses of webhooks: found, limited, read, and made a run that is accepted before the answer.
//!
//! Whoever knows an address is a stranger otherwise: the answers tell what the node's author has written and what is wrong
//! with the request, nothing of the workflow. Addresses are never logged.

use std::convert::Infallible;
use std::num::NonZeroU32;
use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use governor::clock::{Clock as _, DefaultClock};
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use latchkey_domain::access::Caller;
use latchkey_domain::id::{FileId, TriggerId};
use latchkey_domain::trigger::{
    ContentType, RequestProblem, Trigger, TriggerRule, Webhook, WebhookBody, WebhookField,
    WebhookKind, WebhookRequest,
};
use latchkey_domain::value::File;
use latchkey_secrets::token;
use serde_json::{Value as Json, json};

use crate::Service;
use crate::error::{Error, ErrorItem, ErrorKind, Hint};
use crate::files::NewFile;
use crate::schedules::caller_of;
use crate::start::StartRequest;
use crate::triggers::ADDRESS_PREFIX;

/// The longest body of a request, in bytes (Dify: `WEBHOOK_REQUEST_BODY_MAX_SIZE`).
pub const LONGEST_WEBHOOK_BODY: usize = 10 << 20;
/// Requests that one address takes, for each second in the long run and all at once.
const REQUESTS: (u32, u32) = (10, 100);
/// The most fields of a form, headers or parameters of a query.
const PARTS: usize = 1_000;

/// How many requests each webhook still takes.
pub(crate) struct WebhookLimits(RateLimiter<TriggerId, HashMapStateStore<TriggerId>, DefaultClock>);

impl WebhookLimits {
    pub(crate) fn new() -> Self {
        let count = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(count(REQUESTS.0)).allow_burst(count(REQUESTS.1));
        Self(RateLimiter::new(
            quota,
            HashMapStateStore::default(),
            DefaultClock::default(),
        ))
    }

    /// Takes one request; how long to wait when there are none left.
    fn take(&self, id: TriggerId) -> Result<(), Duration> {
        let taken = self.0.check_key(&id);
        taken.map_err(|until| until.wait_time_from(DefaultClock::default().now()))
    }

    /// Forgets those that have all of theirs.
    pub(crate) fn retain_recent(&self) {
        self.0.retain_recent();
    }
}

/// A webhook that takes a request.
pub struct OpenWebhook {
    trigger: Trigger,
    webhook: Webhook,
}

/// A request whose body was not looked at yet.
#[derive(Clone, Debug)]
pub struct ReceivedRequest {
    /// The method.
    pub method: String,
    /// The headers, in order.
    pub headers: Vec<(String, String)>,
    /// The query, decoded, in order.
    pub query: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

/// What a webhook answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookAnswer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: String,
    /// Whether the body is JSON.
    pub is_json: bool,
}

impl Service {
    /// The webhook of an address, before anything of the body is read.
    ///
    /// # Errors
    /// When there is none or it is switched off, which look the same, it knows another method, or it has had too many requests.
    pub async fn webhook(&self, address: &str, method: &str) -> Result<OpenWebhook, Error> {
        let not_found = || Error::not_found("webhook");
        if !token::is_well_formed(ADDRESS_PREFIX, address) {
            return Err(not_found());
        }
        let hash = self.inner.addresses.hash(address.as_bytes());
        let found = self.inner.store.trigger_by_address(&hash).await?;
        let trigger = found.filter(|trigger| trigger.enabled);
        let trigger = trigger.ok_or_else(not_found)?;
        let TriggerRule::Webhook(webhook) = &trigger.rule else {
            return Err(not_found());
        };
        if webhook.method != method {
            let detail = format!("this webhook knows {} only", webhook.method);
            let error = Error::new(ErrorKind::Method, "method_not_allowed", detail);
            return Err(error.hinting(Hint::Allow(webhook.method.clone())));
        }
        if let Err(wait) = self.inner.webhook_limits.take(trigger.id) {
            let detail = "the webhook has had too many requests";
            let error = Error::new(ErrorKind::RateLimited, "rate_limited", detail);
            return Err(error.hinting(Hint::RetryAfter(wait.as_secs() + 1)));
        }
        Ok(OpenWebhook {
            webhook: webhook.clone(),
            trigger,
        })
    }

    /// Begins the run of a request; what is answered, once it is accepted.
    ///
    /// # Errors
    /// When the request is not what the webhook takes, or its workflow cannot be run.
    pub async fn receive(
        &self,
        open: OpenWebhook,
        received: ReceivedRequest,
    ) -> Result<WebhookAnswer, Error> {
        let OpenWebhook { trigger, webhook } = open;
        let (body, uploads) = body(&webhook, &received).await?;
        let mut request = WebhookRequest {
            method: received.method,
            headers: received.headers,
            query: received.query,
            body,
        };
        // Judged before anything is kept: a stranger who gets it wrong leaves no file behind.
        webhook.values(&request).map_err(refused)?;
        let caller = caller_of(&trigger);
        if let WebhookBody::Json(json) = &mut request.body {
            File::unmark(json);
        }
        let kept = self.keep_files(&caller, &mut request.body, uploads).await?;
        let start = StartRequest {
            inputs: webhook.values(&request).map_err(refused)?,
            ..StartRequest::default()
        };
        if let Err(error) = self.start_triggered(&trigger, start).await {
            for file in kept {
                // What cannot be removed now is in nobody's way.
                let _ = self.delete_file(&caller, file).await;
            }
            return Err(self.unstartable(&trigger, error).await);
        }
        let is_json = serde_json::from_str::<Json>(&webhook.response).is_ok();
        Ok(WebhookAnswer {
            status: webhook.status,
            body: webhook.response,
            is_json,
        })
    }

    /// Keeps the files of a request, and puts them into its body.
    async fn keep_files(
        &self,
        caller: &Caller,
        body: &mut WebhookBody,
        uploads: Vec<Upload>,
    ) -> Result<Vec<FileId>, Error> {
        let mut kept = Vec::with_capacity(uploads.len());
        for upload in uploads {
            let content = Box::pin(stream::once(async move { Ok(upload.content) }));
            let stored = self.upload_file(caller, upload.file, content).await?;
            kept.push(stored.id);
            let value = self.file_value(&stored).to_json();
            match body {
                WebhookBody::Form { files, .. } => files[upload.at].1 = value,
                WebhookBody::File(file) => *file = value,
                WebhookBody::Empty | WebhookBody::Json(_) | WebhookBody::Text(_) => {}
            }
        }
        Ok(kept)
    }

    /// Why a run cannot be begun is for those who may read the workflow; a stranger hears that.
    async fn unstartable(&self, trigger: &Trigger, error: Error) -> Error {
        if matches!(error.kind, ErrorKind::Unavailable | ErrorKind::Internal) {
            return error;
        }
        tracing::warn!(trigger.id = %trigger.id, workflow.id = %trigger.workflow, %error, "a webhook begins no run");
        let told = error.to_string();
        if let Err(error) = self.inner.store.trigger_failed(trigger.id, &told).await {
            tracing::warn!(%error, "the error of a trigger cannot be written");
        }
        let detail = "the workflow behind this address cannot be run";
        Error::new(ErrorKind::Conflict, "webhook_not_runnable", detail)
    }
}

/// What is wrong with a request.
fn refused(problems: Vec<RequestProblem>) -> Error {
    let texts: Vec<&str> = problems
        .iter()
        .map(|problem| problem.message.as_str())
        .collect();
    let detail = texts.join("; ");
    let item = |problem: RequestProblem| ErrorItem {
        code: problem.code.to_owned(),
        message: problem.message,
        field: Some(problem.place),
        ..ErrorItem::default()
    };
    malformed(detail).with(problems.into_iter().map(item))
}

fn malformed(detail: impl Into<String>) -> Error {
    Error::new(ErrorKind::Malformed, "webhook_request_invalid", detail)
}

/// A file of a request, and which of the form's it is.
struct Upload {
    at: usize,
    file: NewFile,
    content: Bytes,
}

/// The body with an empty object in the place of each file, and the files.
async fn body(
    webhook: &Webhook,
    received: &ReceivedRequest,
) -> Result<(WebhookBody, Vec<Upload>), Error> {
    if received.headers.len().max(received.query.len()) > PARTS {
        return Err(malformed(format!(
            "there are more than {PARTS} headers or parameters"
        )));
    }
    if received.body.is_empty() {
        return Ok((WebhookBody::Empty, Vec::new()));
    }
    let mut headers = received.headers.iter();
    let header = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let header = header.map_or(webhook.content_type.as_str(), |(_, value)| value);
    if ContentType::parse(header) != Some(webhook.content_type) {
        let detail = format!("a body of {} is needed", webhook.content_type.as_str());
        return Err(Error::new(
            ErrorKind::MediaType,
            "webhook_content_type",
            detail,
        ));
    }
    let body = match webhook.content_type {
        ContentType::Json => WebhookBody::Json(json(&received.body)?),
        ContentType::Form => WebhookBody::Form {
            fields: urlencoded(&received.body)?,
            files: Vec::new(),
        },
        ContentType::Text => WebhookBody::Text(utf8(&received.body)?),
        ContentType::Multipart => return multipart(webhook, header, received.body.clone()).await,
        ContentType::Binary => return Ok(binary(webhook, received.body.clone())),
    };
    Ok((body, Vec::new()))
}

fn utf8(bytes: &Bytes) -> Result<String, Error> {
    let text = std::str::from_utf8(bytes);
    text.map(plain)
        .map_err(|_| malformed("the body is no UTF-8 text"))
}

fn json(bytes: &[u8]) -> Result<Json, Error> {
    serde_json::from_slice(bytes).map_err(|cause| {
        let (line, column) = (cause.line(), cause.column());
        malformed(format!("the body is no JSON: line {line}, column {column}"))
    })
}

/// The pairs of a form, decoded; bytes that are no UTF-8 are replaced.
fn urlencoded(bytes: &[u8]) -> Result<Vec<(String, String)>, Error> {
    let pairs = form_urlencoded::parse(bytes);
    let pairs: Vec<_> = pairs
        .take(PARTS + 1)
        .map(|(name, value)| (plain(&name), plain(&value)))
        .collect();
    if pairs.len() > PARTS {
        return Err(malformed(format!("a form has at most {PARTS} fields")));
    }
    Ok(pairs)
}

fn plain(text: &str) -> String {
    text.replace('\0', "")
}

/// A body that is one file; nobody asks for it unless a field is named.
fn binary(webhook: &Webhook, content: Bytes) -> (WebhookBody, Vec<Upload>) {
    if webhook.body.is_empty() {
        return (WebhookBody::Empty, Vec::new());
    }
    let file = NewFile {
        end_user: None,
        name: "body.bin".to_owned(),
        mime_type: Some(ContentType::Binary.as_str().to_owned()),
    };
    let upload = Upload {
        at: 0,
        file,
        content,
    };
    (WebhookBody::File(json!({})), vec![upload])
}

/// A form in parts. Files are taken under the names of fields that are files; others are not kept.
async fn multipart(
    webhook: &Webhook,
    header: &str,
    bytes: Bytes,
) -> Result<(WebhookBody, Vec<Upload>), Error> {
    let broken = |_| malformed("the body is no multipart form");
    let boundary = multer::parse_boundary(header).map_err(broken)?;
    let bytes = stream::once(async move { Ok::<_, Infallible>(bytes) });
    let mut parts = multer::Multipart::new(bytes, boundary);
    let (mut fields, mut files, mut uploads) = (Vec::new(), Vec::new(), Vec::new());
    let mut count = 0;
    while let Some(part) = parts.next_field().await.map_err(broken)? {
        count += 1;
        if count > PARTS {
            return Err(malformed(format!("a form has at most {PARTS} fields")));
        }
        let name = part.name().map(plain);
        let name = name.ok_or_else(|| malformed("a part of the form has no name"))?;
        let Some(file_name) = part.file_name().map(str::to_owned) else {
            let text = part.text().await.map_err(broken)?;
            fields.push((name, plain(&text)));
            continue;
        };
        let mime_type = part.content_type().map(ToString::to_string);
        let content = part.bytes().await.map_err(broken)?;
        let is_meant = |field: &WebhookField| field.name == name && field.kind == WebhookKind::File;
        if webhook.body.iter().any(is_meant) && !files.iter().any(|(known, _)| *known == name) {
            uploads.push(Upload {
                at: files.len(),
                file: NewFile {
                    end_user: None,
                    name: file_name,
                    mime_type,
                },
                content,
            });
            files.push((name, json!({})));
        }
    }
    Ok((WebhookBody::Form { fields, files }, uploads))
}
