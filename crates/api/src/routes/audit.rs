//! Who changed what.

use actix_web::{HttpRequest, HttpResponse};
use latchkey_service::AuditFilter;

use super::runs::wants_csv;
use super::{Data, queried_time};
use crate::caller::Authenticated;
use crate::page::{List, page_of};
use crate::problem::{Problem, Refusal};
use crate::query::{self, Query};
use crate::views::audit::{AuditQuery, AuditView, actor_of};

/// Lists who changed what, newest first.
///
/// Needs `audit:read`. As `text/csv` it is one page too; its next cursor stands in the header `x-next-cursor`.
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit", params(AuditQuery),
    responses((status = 200, content((List<AuditView> = "application/json"), (String = "text/csv"))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_audit(
    service: Data,
    caller: Authenticated,
    query: Query<AuditQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let query = query.0;
    let actor = |text: &str| {
        let needed = "api_key:<id>, member:<id> or operator is needed";
        actor_of(text).ok_or_else(|| query::wrong("actor", needed))
    };
    let filter = AuditFilter {
        subject: query.subject,
        actor: query.actor.as_deref().map(actor).transpose()?,
        action: query.action,
        from: queried_time(query.from.as_deref(), "from")?,
        to: queried_time(query.to.as_deref(), "to")?,
    };
    let page = page_of(query.limit, query.cursor.as_deref())?;
    let (found, names) = service.audit_log(&caller.0, &filter, page).await?;
    let list: List<AuditView> = List::of(found, |entry| AuditView::of(entry, &names));
    Ok(if wants_csv(&request) {
        let mut answer = HttpResponse::Ok();
        if let Some(next) = &list.next_cursor {
            answer.insert_header(("x-next-cursor", next.as_str()));
        }
        answer
            .content_type("text/csv; charset=utf-8")
            .body(AuditView::csv(&list.data))
    } else {
        HttpResponse::Ok().json(list)
    })
}
