//! Forms that paused runs ask: read and answered.

use actix_web::web::{Json as Answer, Path};
use latchkey_service::Submission;

use super::Data;
use crate::body::{Raw, parse};
use crate::caller::Authenticated;
use crate::page::{List, PageQuery, id};
use crate::problem::{Problem, Refusal};
use crate::query::Query;
use crate::views::form::{FormBody, FormView};

/// Lists the forms that a run has asked, in the order in which it did.
#[utoipa::path(get, path = "/api/v1/runs/{id}/forms", tag = "runs", params(("id" = String, Path), PageQuery),
    responses((status = 200, body = List<FormView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_forms(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
    query: Query<PageQuery>,
) -> Result<Answer<List<FormView>>, Refusal> {
    let forms = service.forms(&caller.0, id(&path, "run")?).await?;
    List::part(forms, &query.0, |_, kept| kept.request.form_id.to_string()).map(Answer)
}

/// Answers a form; the first answer wins, and its run goes on.
#[utoipa::path(post, path = "/api/v1/runs/{id}/forms/{form_id}", tag = "runs", params(("id" = String, Path), ("form_id" = String, Path)), request_body = FormBody,
    responses((status = 200, body = FormView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn submit_form(
    service: Data,
    caller: Authenticated,
    path: Path<(String, String)>,
    raw: Raw,
) -> Result<Answer<FormView>, Refusal> {
    let (run, form) = path.into_inner();
    let (run, form) = (id(&run, "run")?, id(&form, "form")?);
    let body: FormBody = parse(&raw.0)?;
    let submission = Submission {
        action: body.action,
        values: body.values,
    };
    let answered = service
        .submit_form(&caller.0, run, form, submission)
        .await?;
    Ok(Answer(answered.into()))
}
