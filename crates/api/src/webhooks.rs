//! The addresses of webhooks: `/webhooks/<address>`, for whoever knows one. No key is asked for: the address is one.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use actix_web::web::{self, Data, Path, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use latchkey_service::{LONGEST_WEBHOOK_BODY, ReceivedRequest, Service, WebhookAnswer};

use crate::body;
use crate::problem::{Problem, Refusal};

pub(crate) fn configure(config: &mut ServiceConfig) {
    let path = web::resource("/webhooks/{address}");
    config.service(path.default_service(web::to(receive_webhook)));
}

/// Begins a run of the workflow that an address belongs to; the answer is the one that its node says.
#[utoipa::path(method(get, post, put, patch, delete), path = "/webhooks/{address}", tag = "triggers", security(()), params(("address" = String, Path)),
    responses((status = "2XX", description = "the run is accepted; status and body are what the node says", content((serde_json::Value = "application/json"), (String = "text/plain"))),
        (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn receive_webhook(
    service: Data<Service>,
    path: Path<String>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Refusal> {
    let method = request.method().as_str();
    let webhook = service.webhook(&path, method).await?;
    let received = ReceivedRequest {
        method: method.to_owned(),
        headers: headers(&request),
        query: query(&request),
        body: body::read(payload.into_inner(), LONGEST_WEBHOOK_BODY).await?,
    };
    let answer = service.receive(webhook, received).await?;
    Ok(said(&answer))
}

fn headers(request: &HttpRequest) -> Vec<(String, String)> {
    let all = request.headers().iter();
    all.map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        (name.as_str().to_owned(), value.into_owned())
    })
    .collect()
}

fn query(request: &HttpRequest) -> Vec<(String, String)> {
    let pairs = web::Query::<Vec<(String, String)>>::from_query(request.query_string());
    pairs.map_or_else(|_| Vec::new(), web::Query::into_inner)
}

/// Never a page: what the author has written is shown by no browser as one.
fn said(answer: &WebhookAnswer) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let kind = if answer.is_json {
        "application/json"
    } else {
        "text/plain; charset=utf-8"
    };
    let mut response = HttpResponse::build(status);
    response.insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"));
    if matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
        return response.finish();
    }
    response.insert_header((CONTENT_TYPE, kind));
    response.body(answer.body.clone())
}
