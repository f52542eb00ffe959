//! Workflow apps: run, stopped, read, logged (service API reference, 4).

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use latchkey_domain::chat::EndUser;
use latchkey_domain::id::RunId;
use latchkey_domain::run::{Run, RunStatus, RunVersion};
use latchkey_domain::time::Timestamp;
use latchkey_service::{Disclosure, RunLogQuery, Service, StartRequest, Version};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::answer;
use super::app::Key;
use super::body::{Asked, Fields};
use super::events::stopped;
use super::refused::Refused;
use super::runs::{Mode, overrides, start};
use super::shapes::elapsed;
use super::stream;

/// How much of a keyword is looked for, in characters.
const KEYWORD: usize = 30;

/// Runs the published version.
pub(crate) async fn run(
    service: Data<Service>,
    key: Key,
    body: Fields,
) -> Result<HttpResponse, Refused> {
    key.runs()?;
    begin(&service, &key, &body, Version::Published).await
}

/// Runs one version.
pub(crate) async fn run_version(
    service: Data<Service>,
    key: Key,
    path: Path<String>,
    body: Fields,
) -> Result<HttpResponse, Refused> {
    key.runs()?;
    let version = version(&key, &path)?;
    begin(&service, &key, &body, version)
        .await
        .map_err(|refused| refused.missing(&format!("Workflow not found with id: {}", *path)))
}

/// The version of an app that an id names.
pub(crate) fn version(key: &Key, id: &str) -> Result<Version, Refused> {
    let malformed = |_| Refused::request(format!("Invalid workflow_id format: '{id}'. "));
    let parsed = Uuid::parse_str(id).map_err(malformed)?;
    match key.app.workflow.id.version_number(parsed) {
        Some(0) => Err(Refused::request(format!(
            "Cannot use draft workflow version. Workflow ID: {id}."
        ))),
        Some(number) => Ok(Version::Number(number)),
        None => Err(Refused::not_found(format!(
            "Workflow not found with id: {id}"
        ))),
    }
}

async fn begin(
    service: &Service,
    key: &Key,
    body: &Fields,
    version: Version,
) -> Result<HttpResponse, Refused> {
    let inputs = body.object("inputs")?;
    let inputs = inputs.ok_or_else(|| Refused::param("inputs: Field required"))?;
    let mode = Mode::of(body)?;
    let request = StartRequest {
        inputs: inputs.clone(),
        files: with_method(body.list("files")?),
        version,
        end_user: Some(body.needed_user()?),
        overrides: overrides(body)?,
        ..StartRequest::default()
    };
    let accepted = start(service, &key.caller, &key.app, request).await?;
    match mode {
        Mode::Streaming => Ok(stream::of_run(accepted, stream::of_graph)),
        Mode::Blocking => {
            let ended = answer::ended(accepted).await?;
            Ok(HttpResponse::Ok().json(answer::of_workflow(&ended)))
        }
    }
}

/// Files that say how they come; others are left out.
pub(crate) fn with_method(files: &[Json]) -> Vec<Json> {
    let files = files.iter();
    files
        .filter(|file| file.get("transfer_method").is_some_and(Json::is_string))
        .cloned()
        .collect()
}

/// Stops a run; it is no mistake to stop one that is over, or none.
pub(crate) async fn stop(
    service: Data<Service>,
    key: Key,
    path: Path<String>,
    body: Fields,
) -> Result<HttpResponse, Refused> {
    key.runs()?;
    body.needed_user()?;
    stop_task(&service, &key, &path).await
}

/// Stops the run of a task, if there is one.
pub(crate) async fn stop_task(
    service: &Service,
    key: &Key,
    task: &str,
) -> Result<HttpResponse, Refused> {
    let run = Uuid::parse_str(task).ok().and_then(RunId::of_task);
    if let Some(run) = run
        && let Err(error) = service.stop_run(&key.caller, run).await
        && error.kind != latchkey_service::ErrorKind::NotFound
    {
        return Err(error.into());
    }
    Ok(HttpResponse::Ok().json(json!({"result": "success"})))
}

/// Reads a run.
pub(crate) async fn get_run(
    service: Data<Service>,
    key: Key,
    path: Path<String>,
) -> Result<HttpResponse, Refused> {
    let missing = "Workflow run not found.";
    let id: RunId = path.parse().map_err(|_| Refused::not_found(missing))?;
    let workflow = key.app.workflow.id;
    let found = service.run_with_inputs(&key.caller, workflow, id).await;
    let (run, mut inputs) = found.map_err(|error| Refused::from(error).missing(missing))?;
    inputs.shift_remove("sys.conversation_id");
    let run = Disclosure::of(&key.caller).run(run);
    Ok(HttpResponse::Ok().json(json!({
        "id": run.id, "workflow_id": version_id(&run), "status": status(&run), "inputs": Json::Object(inputs).to_string(),
        "outputs": run.outputs.clone().unwrap_or_default(), "error": error(&run), "total_steps": run.steps,
        "total_tokens": run.usage.tokens.total(), "created_at": run.created_at.seconds(),
        "finished_at": run.finished_at.map(Timestamp::seconds), "elapsed_time": run.finished_at.map(|end| elapsed(run.created_at, end)),
    })))
}

fn version_id(run: &Run) -> Uuid {
    match run.version {
        RunVersion::Published(number) => run.workflow.version(number),
        RunVersion::Draft(_) => run.workflow.version(0),
    }
}

const fn status(run: &Run) -> &'static str {
    match run.status {
        RunStatus::Queued => "scheduled",
        other @ (RunStatus::Running
        | RunStatus::Succeeded
        | RunStatus::PartialSucceeded
        | RunStatus::Failed
        | RunStatus::Stopped
        | RunStatus::Paused) => other.as_str(),
    }
}

fn error(run: &Run) -> Option<String> {
    let error = run.error.as_ref()?;
    if run.status == RunStatus::Stopped {
        return Some(stopped(Some(&error.code), Some(&error.message)));
    }
    Some(error.message.clone())
}

/// The log of the app.
pub(crate) async fn logs(
    service: Data<Service>,
    key: Key,
    request: HttpRequest,
) -> Result<HttpResponse, Refused> {
    key.runs()?;
    let asked = Asked::of(&request);
    let page = asked.number("page", (1, 99_999), 1)?;
    let limit = asked.number("limit", (1, 100), 20)?;
    if let Some(account) = asked.get("created_by_account") {
        return Err(Refused::param(format!("Account not found: {account}")));
    }
    let query = RunLogQuery {
        workflow: key.app.workflow.id,
        keyword: asked.get("keyword").map(|text| {
            if Uuid::parse_str(text).is_ok() {
                text.to_owned()
            } else {
                text.chars().take(KEYWORD).collect()
            }
        }),
        status: asked.get("status").map(log_status).transpose()?,
        before: time(&asked, "created_at__before")?,
        after: time(&asked, "created_at__after")?,
        end_user: asked
            .get("created_by_end_user_session_id")
            .map(str::to_owned),
        from: (page - 1) * limit,
        limit,
    };
    let log = service.run_log(&key.caller, &query).await?;
    let disclosure = Disclosure::of(&key.caller);
    let rows = log.rows.into_iter();
    let rows: Vec<Json> = rows
        .map(|(run, user)| row(&disclosure.run(run), user.as_ref()))
        .collect();
    Ok(HttpResponse::Ok().json(json!({
        "page": page, "limit": limit, "total": log.total, "has_more": log.total > page * limit, "data": rows,
    })))
}

fn log_status(word: &str) -> Result<RunStatus, Refused> {
    let known = ["succeeded", "failed", "stopped", "partial-succeeded"];
    let status = known
        .contains(&word)
        .then(|| RunStatus::parse(word))
        .flatten();
    let text = "status: Input should be 'succeeded', 'failed' or 'stopped'";
    status.ok_or_else(|| Refused::param(text))
}

fn time(asked: &Asked, name: &str) -> Result<Option<Timestamp>, Refused> {
    let Some(text) = asked.get(name) else {
        return Ok(None);
    };
    // A plus sign in a query is a space; a day alone begins at midnight, and a time without a zone is UTC.
    let text = text.trim().replacen(' ', "+", 1);
    let candidates = [
        text.clone(),
        format!("{text}Z"),
        format!("{text}T00:00:00Z"),
    ];
    let parsed = candidates.iter().find_map(|text| Timestamp::parse(text));
    let wrong = || Refused::param(format!("{name}: Invalid isoformat string: '{text}'"));
    parsed.map(Some).ok_or_else(wrong)
}

fn row(run: &Run, user: Option<&EndUser>) -> Json {
    let from = match (&run.caller, &run.trigger) {
        (latchkey_domain::credential::Principal::ApiKey(_), _) => "app-run",
        (_, Some(_)) => "webhook",
        (_, None) => "app-run",
    };
    let version = match run.version {
        RunVersion::Published(number) => number.to_string(),
        RunVersion::Draft(_) => "draft".to_owned(),
    };
    let finished = run.finished_at;
    let elapsed_time = finished.map_or(0.0, |end| elapsed(run.created_at, end));
    json!({
        "id": run.id,
        "workflow_run": {
            "id": run.id, "version": version, "status": status(run), "triggered_from": from, "error": error(run),
            "elapsed_time": elapsed_time, "total_tokens": run.usage.tokens.total(), "total_steps": run.steps,
            "created_at": run.created_at.seconds(), "finished_at": finished.map(Timestamp::seconds), "exceptions_count": run.exceptions,
        },
        "details": null, "created_from": "service-api",
        "created_by_role": if user.is_some() { "end_user" } else { "account" }, "created_by_account": null,
        "created_by_end_user": user.map(|user| json!({
            "id": user.id, "type": "service-api", "is_anonymous": user.is_anonymous, "session_id": user.session,
        })),
        "created_at": run.created_at.seconds(),
    })
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::time;
    use crate::dify::body::Asked;

    #[test]
    fn times_are_read_as_clients_write_them() {
        let of = |text: &str| {
            let request = TestRequest::with_uri(&format!("/?t={text}")).to_http_request();
            time(&Asked::of(&request), "t").map(|at| at.map(|at| at.to_string()))
        };
        for text in [
            "2026-01-02T00:00:00Z",
            "2026-01-02T01:00:00+01:00",
            "2026-01-02T00:00:00",
            "2026-01-02",
        ] {
            assert_eq!(
                of(text).unwrap().unwrap(),
                "2026-01-02T00:00:00.000Z",
                "{text}"
            );
        }
        assert_eq!(of("").unwrap(), None);
        assert!(of("yesterday").is_err());
    }
}
