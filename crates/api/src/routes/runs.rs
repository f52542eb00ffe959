//! Runs: started, read, listened to, stopped; and who would pay.

use actix_web::http::header::ACCEPT;
use actix_web::web::{Json as Answer, Path};
use actix_web::{HttpRequest, HttpResponse};
use latchkey_domain::access::Caller;
use latchkey_domain::credential::CredentialChoice;
use latchkey_domain::id::{NodeId, RunId, WorkflowId};
use latchkey_domain::run::{Run, RunStatus};
use latchkey_secrets::Secret;
use latchkey_service::{
    Disclosure, ResolveRequest, RetryFrom, RetryRequest, RetryVersion, RunFilter, Service,
    StartRequest, Started, StatedOverride, StatedOverrides, Version,
};
use std::collections::BTreeMap;

use super::{Data, environment, queried_id, queried_time, version, wrong};
use crate::body::{Body, Object, Raw, parse};
use crate::caller::Authenticated;
use crate::page::{List, id, page_of};
use crate::problem::{Problem, Refusal, malformed};
use crate::query::{self, Query};
use crate::sse::{after, stream_events};
use crate::views::resolution::{ResolveBody, ResolveRow, ResolveView};
use crate::views::run::{
    NodeExecutionView, NodeRunBody, OverrideBody, Preflight, ResponseMode, RetriedVersion,
    RetryBody, RunView, RunsQuery, StartBody, StopView,
};

/// Overrides in one request, at most.
const OVERRIDES: usize = 100;

/// Starts a run.
#[utoipa::path(post, path = "/api/v1/workflows/{id}/runs", tag = "runs", params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)), request_body = StartBody,
    responses((status = 200, description = "blocking: the run; streaming: its events", content((RunView = "application/json"), (String = "text/event-stream"))),
        (status = 202, description = "detached: the run goes on", body = RunView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn start_run(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
    request: HttpRequest,
    raw: Raw,
) -> Result<HttpResponse, Refusal> {
    let caller = caller.0;
    let workflow: WorkflowId = id(&path, "workflow")?;
    let body: StartBody = parse(&raw.0)?;
    let mode = body.response_mode;
    let name = request.headers().get("idempotency-key");
    let name = name
        .map(|name| name.to_str().map(str::to_owned))
        .transpose();
    let name = name.map_err(|_| malformed("malformed", "Idempotency-Key is no plain text"))?;
    let idempotency = name
        .map(|name| canonical(&raw.0).map(|body| (name, body)))
        .transpose()?;
    let start = StartRequest {
        inputs: body.inputs,
        query: body.query,
        turn: None,
        files: body.files,
        version: body
            .version
            .as_ref()
            .map_or(Ok(Version::Published), version)?,
        trigger: body.trigger.as_deref().map(NodeId::new),
        only_node: None,
        scheduled_for: None,
        environment: environment(body.environment),
        end_user: body.end_user,
        strict: body.preflight == Some(Preflight::Strict),
        overrides: overrides(body.credential_overrides)?,
        idempotency,
    };
    let started = service.start_run(&caller, workflow, start).await?;
    answer(&service, &caller, &started, mode).await
}

/// Runs one node of the draft, with stated values for the variables that it reads.
///
/// A run of its own kind (`node_id`): the node's outputs stand in its node executions, after those of a start. Credentials are chosen
/// and calls are written down as in every run. What a graph begins, ends and goes round with (`start`, `end`, `answer`, triggers, the
/// starts and ends inside of containers) is refused (`node_not_alone`); a container runs with everything inside of it.
#[utoipa::path(post, path = "/api/v1/workflows/{id}/nodes/{node_id}/run", tag = "runs", params(("id" = String, Path), ("node_id" = String, Path)), request_body = NodeRunBody,
    responses((status = 200, description = "blocking: the run; streaming: its events", content((RunView = "application/json"), (String = "text/event-stream"))),
        (status = 202, description = "detached: the run goes on", body = RunView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn run_node(
    service: Data,
    caller: Authenticated,
    path: Path<(String, String)>,
    body: Body<NodeRunBody>,
) -> Result<HttpResponse, Refusal> {
    let (caller, body) = (caller.0, body.0);
    let (workflow, node) = path.into_inner();
    let start = StartRequest {
        inputs: body.inputs,
        version: Version::Draft,
        only_node: Some(NodeId::new(&node)),
        environment: environment(body.environment),
        end_user: body.end_user,
        overrides: overrides(body.credential_overrides)?,
        ..StartRequest::default()
    };
    let workflow = id(&workflow, "workflow")?;
    let started = service.start_run(&caller, workflow, start).await?;
    answer(&service, &caller, &started, body.response_mode).await
}

/// How a start is answered.
async fn answer(
    service: &Service,
    caller: &Caller,
    started: &Started,
    mode: ResponseMode,
) -> Result<HttpResponse, Refusal> {
    let disclosure = Disclosure::of(caller);
    match mode {
        ResponseMode::Blocking => {
            let run = service.run_to_end(caller, started).await?;
            Ok(HttpResponse::Ok().json(RunView::from(disclosure.run(run))))
        }
        ResponseMode::Streaming => Ok(stream_events(
            service.events_of_start(caller, started).await?,
            disclosure,
        )),
        ResponseMode::Detached => {
            let run = service.run_of_start(caller, started).await?;
            Ok(HttpResponse::Accepted().json(RunView::from(disclosure.run(run))))
        }
    }
}

/// The body with its keys in order, so that two ways to write one body are one body. How the answer comes is no part of it: a
/// start that was asked for detached may be asked for again to wait for its end.
fn canonical(raw: &[u8]) -> Result<Vec<u8>, Refusal> {
    fn sorted(value: serde_json::Value) -> serde_json::Value {
        match value {
            serde_json::Value::Object(map) => {
                let ordered: BTreeMap<String, serde_json::Value> = map
                    .into_iter()
                    .map(|(name, value)| (name, sorted(value)))
                    .collect();
                serde_json::Value::Object(ordered.into_iter().collect())
            }
            serde_json::Value::Array(items) => {
                serde_json::Value::Array(items.into_iter().map(sorted).collect())
            }
            other @ (serde_json::Value::Null
            | serde_json::Value::Bool(_)
            | serde_json::Value::Number(_)
            | serde_json::Value::String(_)) => other,
        }
    }
    let mut value: serde_json::Value = parse(raw)?;
    if let Some(body) = value.as_object_mut() {
        body.remove("response_mode");
    }
    Ok(sorted(value).to_string().into_bytes())
}

fn overrides(stated: BTreeMap<String, Object<OverrideBody>>) -> Result<StatedOverrides, Refusal> {
    if stated.len() > OVERRIDES {
        let detail = format!("there are at most {OVERRIDES} overrides");
        return Err(wrong("/credential_overrides", &detail));
    }
    let read = |(key, Object(body)): (String, Object<OverrideBody>)| {
        let choice = CredentialChoice {
            credential_id: body.credential_id,
            credential_name: body.credential_name,
        };
        let stated = match body.values {
            None => StatedOverride::Stored(choice),
            Some(values) if choice == CredentialChoice::default() => {
                let values = values.into_iter();
                StatedOverride::Inline(
                    values
                        .map(|(name, value)| (name, Secret::new(value)))
                        .collect(),
                )
            }
            Some(_) => {
                let place = key.replace('~', "~0").replace('/', "~1");
                let pointer = format!("/credential_overrides/{place}/values");
                let detail = "values are a credential of their own: without an id and a name";
                return Err(wrong(&pointer, detail));
            }
        };
        Ok((key, stated))
    };
    stated.into_iter().map(read).collect()
}

/// Lists runs.
#[utoipa::path(get, path = "/api/v1/runs", tag = "runs", params(RunsQuery),
    responses((status = 200, body = List<RunView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_runs(
    service: Data,
    caller: Authenticated,
    query: Query<RunsQuery>,
) -> Result<Answer<List<RunView>>, Refusal> {
    let caller = caller.0;
    let query = query.0;
    let status = query.status.as_deref().map(|word| {
        RunStatus::parse(word).ok_or_else(|| query::wrong("status", "there is no such status"))
    });
    let filter = RunFilter {
        workflow: queried_id(query.workflow_id.as_deref(), "workflow_id")?,
        status: status.transpose()?,
        environment: environment(query.environment),
        end_user: query.end_user,
        credential: queried_id(query.credential_id.as_deref(), "credential_id")?,
        from: queried_time(query.from.as_deref(), "from")?,
        to: queried_time(query.to.as_deref(), "to")?,
    };
    let page = page_of(query.limit, query.cursor.as_deref())?;
    let runs = service.runs(&caller, filter, page).await?;
    let disclosure = Disclosure::of(&caller);
    let ids: Vec<RunId> = runs.rows.iter().map(|run| run.id).collect();
    let mut payers = service.payers(&caller, &ids).await?;
    let view = |run: Run| {
        let paid_by = payers.remove(&run.id).unwrap_or_default();
        let view = RunView::from(disclosure.run(run));
        if disclosure.tells() {
            return view.paid_by(paid_by);
        }
        view
    };
    Ok(Answer(List::of(runs, view)))
}

/// Reads a run.
#[utoipa::path(get, path = "/api/v1/runs/{id}", tag = "runs", params(("id" = String, Path)),
    responses((status = 200, body = RunView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn get_run(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
) -> Result<Answer<RunView>, Refusal> {
    let run = service.run(&caller.0, id(&path, "run")?).await?;
    Ok(Answer(Disclosure::of(&caller.0).run(run).into()))
}

/// Lists the node executions of a run that have ended, in the order of their starts.
#[utoipa::path(get, path = "/api/v1/runs/{id}/node-executions", tag = "runs", params(("id" = String, Path)),
    responses((status = 200, body = Vec<NodeExecutionView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_node_executions(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
) -> Result<Answer<Vec<NodeExecutionView>>, Refusal> {
    let nodes = service
        .node_executions(&caller.0, id(&path, "run")?)
        .await?;
    let disclosure = Disclosure::of(&caller.0);
    Ok(Answer(
        nodes
            .into_iter()
            .map(|node| disclosure.node(node).into())
            .collect(),
    ))
}

/// Listens to a run, from its start or after `Last-Event-ID`.
#[utoipa::path(get, path = "/api/v1/runs/{id}/events", tag = "runs", params(("id" = String, Path), ("Last-Event-ID" = Option<String>, Header)),
    responses((status = 200, description = "run_started, node_started, model_call, agent_log, text_chunk, reasoning_chunk, node_retry, node_restarted, iteration_started, iteration_next, iteration_succeeded, iteration_failed, loop_started, loop_next, loop_succeeded, loop_failed, form_requested, form_answered, node_finished, run_paused, run_finished, ping", body = String, content_type = "text/event-stream"),
        (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn run_events(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let run: RunId = id(&path, "run")?;
    let after = after(&request)?;
    let events = service.events(&caller.0, run, after).await?;
    Ok(stream_events(events, Disclosure::of(&caller.0)))
}

/// Stops a run.
#[utoipa::path(post, path = "/api/v1/runs/{id}/stop", tag = "runs", params(("id" = String, Path)),
    responses((status = 202, body = StopView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn stop_run(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
) -> Result<HttpResponse, Refusal> {
    let status = service.stop_run(&caller.0, id(&path, "run")?).await?;
    let word = if status.is_terminal() {
        status.as_str()
    } else {
        "stopping"
    };
    Ok(HttpResponse::Accepted().json(StopView {
        status: word.to_owned(),
    }))
}

/// Repeats a run that is over.
///
/// From what did not end well, or from a node on. What need not be come to again is taken over.
#[utoipa::path(post, path = "/api/v1/runs/{id}/retry", tag = "runs", params(("id" = String, Path)), request_body = RetryBody,
    responses((status = 201, description = "the new run, which goes on", body = RunView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn retry_run(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
    raw: Raw,
) -> Result<HttpResponse, Refusal> {
    let caller = caller.0;
    let run: RunId = id(&path, "run")?;
    let body: RetryBody = parse(&raw.0)?;
    let request = RetryRequest {
        from: match body.from.as_str() {
            "failed" => RetryFrom::Failed,
            node => RetryFrom::Node(NodeId::new(node)),
        },
        version: match body.version {
            RetriedVersion::Same => RetryVersion::Same,
            RetriedVersion::Published => RetryVersion::Published,
        },
        overrides: overrides(body.credential_overrides)?,
    };
    let started = service.retry_run(&caller, run, request).await?;
    let new = service.run_of_start(&caller, &started).await?;
    Ok(HttpResponse::Created().json(RunView::from(Disclosure::of(&caller).run(new))))
}

/// Tells who would pay, without running.
#[utoipa::path(post, path = "/api/v1/workflows/{id}/credentials/resolve", tag = "credentials", params(("id" = String, Path)), request_body = ResolveBody,
    responses((status = 200, body = ResolveView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn resolve(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
    raw: Raw,
) -> Result<Answer<ResolveView>, Refusal> {
    let caller = caller.0;
    let workflow: WorkflowId = id(&path, "workflow")?;
    let body: ResolveBody = parse(&raw.0)?;
    if body.end_user.as_deref() == Some("") {
        return Err(wrong("/end_user", "an end user's label is not empty"));
    }
    let request = ResolveRequest {
        inputs: body.inputs,
        environment: environment(body.environment),
        end_user: body.end_user,
        version: body.version.as_ref().map(version).transpose()?,
        trigger: body.trigger.as_deref().map(NodeId::new),
        overrides: overrides(body.credential_overrides)?,
    };
    let rows = service.resolve(&caller, workflow, request).await?;
    let disclosure = Disclosure::of(&caller);
    let nodes = rows
        .into_iter()
        .map(|row| ResolveRow::of(row, disclosure))
        .collect();
    Ok(Answer(ResolveView { nodes }))
}

/// Whether the client wants comma-separated values.
pub(super) fn wants_csv(request: &HttpRequest) -> bool {
    let accept = request
        .headers()
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| {
        accept
            .split(',')
            .any(|part| part.trim().starts_with("text/csv"))
    })
}
