//! Counts every answer by its route's pattern, its method and its status.

use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::Data;
use latchkey_service::Service;

/// Counts an answer; for whoever makes the app, as a middleware around everything.
///
/// # Errors
/// Those of what is asked.
pub async fn measured(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let (begun, method) = (Instant::now(), request.method().clone());
    let service = request.app_data::<Data<Service>>().cloned();
    let answer = next.call(request).await;
    let (route, status) = match &answer {
        Ok(answer) => (answer.request().match_pattern(), answer.status()),
        Err(error) => (None, error.as_response_error().status_code()),
    };
    if let Some(service) = service {
        service.answered(method.as_str(), route, status.as_u16(), begun.elapsed());
    }
    answer
}
