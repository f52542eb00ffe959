//! The ledger and its sums.

use std::collections::BTreeMap;

use actix_web::web::{Json as Answer, Path};
use actix_web::{HttpRequest, HttpResponse};
use latchkey_domain::ledger::CallOutcome;
use latchkey_domain::provider::ProviderId;
use latchkey_service::{CallFilter, Dimension, Disclosure, UsageQuery};
use uuid::Uuid;

use super::runs::wants_csv;
use super::{Data, environment, queried_id, queried_time};
use crate::caller::Authenticated;
use crate::page::{List, PageQuery, id, page_of};
use crate::problem::{Problem, Refusal};
use crate::query::{self, Query};
use crate::views::ledger::{CallsQuery, ModelCallView, UsageParameters, UsageSums};

/// Lists the rows of the ledger.
#[utoipa::path(get, path = "/api/v1/model-calls", tag = "usage", params(CallsQuery),
    responses((status = 200, body = List<ModelCallView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_model_calls(
    service: Data,
    caller: Authenticated,
    query: Query<CallsQuery>,
) -> Result<Answer<List<ModelCallView>>, Refusal> {
    let query = query.0;
    let filter = CallFilter {
        run: queried_id(query.run_id.as_deref(), "run_id")?,
        credential: queried_id(query.credential_id.as_deref(), "credential_id")?,
        workflow: queried_id(query.workflow_id.as_deref(), "workflow_id")?,
        provider: query.provider.as_deref().map(ProviderId::normalise),
        model: query.model,
        environment: environment(query.environment),
        end_user: query.end_user,
        outcome: query.outcome.as_deref().map(outcome).transpose()?,
        from: queried_time(query.from.as_deref(), "from")?,
        to: queried_time(query.to.as_deref(), "to")?,
    };
    let page = page_of(query.limit, query.cursor.as_deref())?;
    let calls = service.model_calls(&caller.0, filter, page).await?;
    let disclosure = Disclosure::of(&caller.0);
    Ok(Answer(List::of(calls, |call| disclosure.call(call).into())))
}

/// How calls ended, as queries name it; none: they have not.
fn outcome(name: &str) -> Result<Option<CallOutcome>, Refusal> {
    if name == "open" {
        return Ok(None);
    }
    let needed = "open, succeeded, failed, cancelled, refused or lost is needed";
    CallOutcome::parse(name)
        .map(Some)
        .ok_or_else(|| query::wrong("outcome", needed))
}

/// Lists the rows of one run.
#[utoipa::path(get, path = "/api/v1/runs/{id}/model-calls", tag = "usage", params(("id" = String, Path), PageQuery),
    responses((status = 200, body = List<ModelCallView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_model_calls_of_run(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
    query: Query<PageQuery>,
) -> Result<Answer<List<ModelCallView>>, Refusal> {
    let calls = service
        .model_calls_of_run(&caller.0, id(&path, "run")?, query.0.page()?)
        .await?;
    let disclosure = Disclosure::of(&caller.0);
    Ok(Answer(List::of(calls, |call| disclosure.call(call).into())))
}

/// Sums the ledger up.
///
/// `group_by` (comma-separated: credential, workflow, provider, model, environment, end_user, node, api_key, level, day, usage_source), `from`, `to`, and any of these columns, `credential_id` or `workflow_id` as a filter. Rows by credential and by workflow have its id and its name at the time; sums by credential or level need `credentials:read`.
#[utoipa::path(get, path = "/api/v1/usage", tag = "usage", params(UsageParameters),
    responses((status = 200, content((UsageSums = "application/json"), (String = "text/csv"))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn usage(
    service: Data,
    caller: Authenticated,
    query: Query<BTreeMap<String, String>>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let query = usage_query(query.0)?;
    let rows = service.usage(&caller.0, &query).await?;
    Ok(sums(rows, &query.group_by, &request))
}

/// Sums up what one credential paid.
#[utoipa::path(get, path = "/api/v1/credentials/{id}/usage", tag = "usage", params(("id" = String, Path), UsageParameters),
    responses((status = 200, content((UsageSums = "application/json"), (String = "text/csv"))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn credential_usage(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
    query: Query<BTreeMap<String, String>>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let query = usage_query(query.0)?;
    let rows = service
        .credential_usage(&caller.0, id(&path, "credential")?, query.clone())
        .await?;
    Ok(sums(rows, &query.group_by, &request))
}

fn sums(
    rows: Vec<latchkey_service::UsageRow>,
    keys: &[Dimension],
    request: &HttpRequest,
) -> HttpResponse {
    let sums = UsageSums::of(rows, keys);
    if wants_csv(request) {
        HttpResponse::Ok()
            .content_type("text/csv; charset=utf-8")
            .body(sums.csv(keys))
    } else {
        HttpResponse::Ok().json(sums)
    }
}

fn usage_query(given: BTreeMap<String, String>) -> Result<UsageQuery, Refusal> {
    let dimension = |parameter: &str, name: &str| {
        let known = Dimension::ALL.map(Dimension::as_str).join(", ");
        let message = format!("{name} is none of {known}");
        Dimension::parse(name).ok_or_else(|| query::unknown(parameter, message))
    };
    let mut query = UsageQuery::default();
    for (name, value) in given {
        match name.as_str() {
            "group_by" => {
                for name in value
                    .split(',')
                    .map(str::trim)
                    .filter(|name| !name.is_empty())
                {
                    let key = dimension("group_by", name)?;
                    if !query.group_by.contains(&key) {
                        query.group_by.push(key);
                    }
                }
            }
            "from" => query.from = queried_time(Some(&value), "from")?,
            "to" => query.to = queried_time(Some(&value), "to")?,
            "credential_id" => query.credential = Some(id(&value, "credential")?),
            "workflow_id" => query.workflow = Some(id(&value, "workflow")?),
            // An id is taken for one, rather than for a name that nothing has.
            "credential" if Uuid::parse_str(&value).is_ok() => {
                query.credential = Some(id(&value, "credential")?);
            }
            "workflow" if Uuid::parse_str(&value).is_ok() => {
                query.workflow = Some(id(&value, "workflow")?);
            }
            other => query.only.push((dimension(other, other)?, value)),
        }
    }
    Ok(query)
}
