//! Workflows: imported, made, read, changed, published.

use actix_web::http::header::{CONTENT_TYPE, ETAG, HeaderName};
use actix_web::web::{Json as Answer, Path};
use actix_web::{HttpRequest, HttpResponse};
use latchkey_domain::id::WorkflowId;
use latchkey_domain::settings::CredentialSettings;
use latchkey_domain::workflow::Mode;
use latchkey_service::{
    Draft, Error, ErrorKind, ImportRequest, NewWorkflow, Version, WorkflowChange,
};
use serde_json::Value as Json;

use super::{Data, queried_id, queried_version, wrong};
use crate::body::{Body, Raw, parse};
use crate::caller::Authenticated;
use crate::etag::IfMatch;
use crate::page::{List, PageQuery, id};
use crate::problem::{Problem, Refusal, malformed};
use crate::query::Query;
use crate::views::workflow::{
    ImportBody, ImportQuery, ImportedView, NewWorkflowBody, PublishBody, PublishedView,
    SettingsBody, VersionQuery, VersionView, WorkflowChangeBody, WorkflowView,
};

/// Imports a file: its text as YAML, or JSON that holds it.
#[utoipa::path(post, path = "/api/v1/workflows/import", tag = "workflows", params(ImportQuery), request_body(content((ImportBody = "application/json"), (String = "application/yaml"))),
    responses((status = 201, description = "a new workflow", body = ImportedView), (status = 200, description = "a dry run, or a new draft", body = ImportedView),
        (status = 202, description = "the file is newer and must be confirmed", body = ImportedView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn import_workflow(
    service: Data,
    caller: Authenticated,
    query: Query<ImportQuery>,
    request: HttpRequest,
    raw: Raw,
) -> Result<HttpResponse, Refusal> {
    let caller = caller.0;
    let asked = import_request(&service, &caller, query.0, &request, &raw).await?;
    let is_dry = asked.dry_run;
    let imported = service.import(&caller, asked).await?;
    let mut response = match (&imported.workflow, is_dry) {
        (Some(_), _) if imported.is_new => HttpResponse::Created(),
        (Some(_), _) | (None, true) => HttpResponse::Ok(),
        (None, false) => HttpResponse::Accepted(),
    };
    Ok(response.json(ImportedView::from(imported)))
}

async fn import_request(
    service: &Data,
    caller: &latchkey_domain::access::Caller,
    query: ImportQuery,
    request: &HttpRequest,
    raw: &Raw,
) -> Result<ImportRequest, Refusal> {
    let kind = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if !kind.starts_with("application/json") {
        let text = std::str::from_utf8(&raw.0)
            .map_err(|_| malformed("malformed", "the file is no UTF-8 text"))?;
        return Ok(ImportRequest {
            content: text.to_owned(),
            name: query.name,
            workflow: queried_id(query.workflow_id.as_deref(), "workflow_id")?,
            publish: query.publish,
            dry_run: query.dry_run,
            confirm_newer: query.confirm_newer,
            bind: query.bind,
            credential_mapping: Default::default(),
        });
    }
    let body: ImportBody = parse(&raw.0)?;
    let content = match (body.content, body.url) {
        (Some(content), None) => content,
        (None, Some(url)) => service.fetch_file(caller, &url).await?,
        (Some(_), Some(_)) | (None, None) => {
            return Err(wrong("/content", "either content or url is needed"));
        }
    };
    Ok(ImportRequest {
        content,
        name: body.name.or(query.name),
        workflow: match body.workflow_id {
            Some(text) => Some(id(&text, "workflow")?),
            None => queried_id(query.workflow_id.as_deref(), "workflow_id")?,
        },
        publish: body.publish || query.publish,
        dry_run: body.dry_run || query.dry_run,
        confirm_newer: body.confirm_newer || query.confirm_newer,
        bind: body.bind || query.bind,
        credential_mapping: body.credential_mapping,
    })
}

/// Lists workflows.
#[utoipa::path(get, path = "/api/v1/workflows", tag = "workflows", params(PageQuery),
    responses((status = 200, body = List<WorkflowView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_workflows(
    service: Data,
    caller: Authenticated,
    query: Query<PageQuery>,
) -> Result<Answer<List<WorkflowView>>, Refusal> {
    let page = service.workflows(&caller.0, query.0.page()?).await?;
    Ok(Answer(List::of(page, WorkflowView::from)))
}

/// Makes an empty workflow.
#[utoipa::path(post, path = "/api/v1/workflows", tag = "workflows", request_body = NewWorkflowBody,
    responses((status = 201, body = WorkflowView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn create_workflow(
    service: Data,
    caller: Authenticated,
    body: Body<NewWorkflowBody>,
) -> Result<HttpResponse, Refusal> {
    let new = NewWorkflow {
        name: body.0.name,
        mode: body.0.mode.unwrap_or(Mode::Workflow),
        description: body.0.description,
    };
    let made = service.create_workflow(&caller.0, new).await?;
    Ok(HttpResponse::Created().json(WorkflowView::from(made)))
}

/// Reads a workflow.
#[utoipa::path(get, path = "/api/v1/workflows/{id}", tag = "workflows", params(("id" = String, Path)),
    responses((status = 200, body = WorkflowView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn get_workflow(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
) -> Result<Answer<WorkflowView>, Refusal> {
    Ok(Answer(
        service
            .workflow(&caller.0, id(&path, "workflow")?)
            .await?
            .into(),
    ))
}

/// Changes a workflow's name and description.
#[utoipa::path(patch, path = "/api/v1/workflows/{id}", tag = "workflows", params(("id" = String, Path)), request_body = WorkflowChangeBody,
    responses((status = 200, body = WorkflowView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn change_workflow(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
    body: Body<WorkflowChangeBody>,
) -> Result<Answer<WorkflowView>, Refusal> {
    let change = WorkflowChange {
        name: body.0.name,
        description: body.0.description,
    };
    Ok(Answer(
        service
            .change_workflow(&caller.0, id(&path, "workflow")?, change)
            .await?
            .into(),
    ))
}

/// Deletes a workflow; its runs and its rows of the ledger stay.
#[utoipa::path(delete, path = "/api/v1/workflows/{id}", tag = "workflows", params(("id" = String, Path)),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn delete_workflow(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
) -> Result<HttpResponse, Refusal> {
    service
        .delete_workflow(&caller.0, id(&path, "workflow")?)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Exports a workflow as a file that Dify reads too.
#[utoipa::path(get, path = "/api/v1/workflows/{id}/export", tag = "workflows", params(("id" = String, Path), VersionQuery),
    responses((status = 200, body = String, content_type = "application/yaml"), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn export_workflow(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
    query: Query<VersionQuery>,
) -> Result<HttpResponse, Refusal> {
    let version = queried_version(query.0.version)?.unwrap_or(Version::Draft);
    let file = service
        .export(&caller.0, id(&path, "workflow")?, version)
        .await?;
    Ok(HttpResponse::Ok()
        .content_type("application/yaml")
        .body(file))
}

/// Reads the draft.
#[utoipa::path(get, path = "/api/v1/workflows/{id}/draft", tag = "workflows", params(("id" = String, Path)),
    responses((status = 200, description = "the document; its ETag is needed to replace it", body = Object), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn get_draft(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
) -> Result<HttpResponse, Refusal> {
    Ok(draft(
        service.draft(&caller.0, id(&path, "workflow")?).await?,
    ))
}

/// Replaces the draft, if it is still the one of `If-Match`.
#[utoipa::path(put, path = "/api/v1/workflows/{id}/draft", tag = "workflows", params(("id" = String, Path), ("If-Match" = Option<String>, Header)), request_body = Object,
    responses((status = 200, body = Object), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn put_draft(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
    request: HttpRequest,
    raw: Raw,
) -> Result<HttpResponse, Refusal> {
    let workflow: WorkflowId = id(&path, "workflow")?;
    if raw.0.len() > latchkey_domain::document::MAX_BYTES {
        return Err(Error::new(
            ErrorKind::TooLarge,
            "too_large",
            "a document has at most 10 MiB",
        )
        .into());
    }
    let document: Json = parse(&raw.0)?;
    let stated = IfMatch::of(&request)?;
    let current = || async { Ok(service.workflow(&caller.0, workflow).await?.draft_revision) };
    let expected = stated.expected(current).await?;
    Ok(draft(
        service
            .put_draft(&caller.0, workflow, expected, document)
            .await?,
    ))
}

fn draft(draft: Draft) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(etag(draft.workflow.draft_revision))
        .content_type("application/json")
        .body(draft.json)
}

fn etag(revision: u32) -> (HeaderName, String) {
    (ETAG, format!("\"{revision}\""))
}

/// Publishes the draft.
#[utoipa::path(post, path = "/api/v1/workflows/{id}/publish", tag = "workflows", params(("id" = String, Path)), request_body = PublishBody,
    responses((status = 201, body = PublishedView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn publish(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
    body: Body<PublishBody>,
) -> Result<HttpResponse, Refusal> {
    let published = service
        .publish(&caller.0, id(&path, "workflow")?, body.0.note)
        .await?;
    Ok(HttpResponse::Created().json(PublishedView::from(published)))
}

/// Lists the published versions.
#[utoipa::path(get, path = "/api/v1/workflows/{id}/versions", tag = "workflows", params(("id" = String, Path), PageQuery),
    responses((status = 200, body = List<VersionView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_versions(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
    query: Query<PageQuery>,
) -> Result<Answer<List<VersionView>>, Refusal> {
    let versions = service.versions(&caller.0, id(&path, "workflow")?).await?;
    List::part(versions, &query.0, |_, version| version.number.to_string()).map(Answer)
}

/// Makes a published version the draft again.
#[utoipa::path(post, path = "/api/v1/workflows/{id}/versions/{number}/restore", tag = "workflows", params(("id" = String, Path), ("number" = u32, Path)),
    responses((status = 200, body = WorkflowView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn restore_version(
    service: Data,
    caller: Authenticated,
    path: Path<(String, String)>,
) -> Result<Answer<WorkflowView>, Refusal> {
    let (workflow, number) = path.into_inner();
    let workflow = service
        .restore(
            &caller.0,
            id(&workflow, "workflow")?,
            id(&number, "version")?,
        )
        .await?;
    Ok(Answer(workflow.into()))
}

/// Reads the live credential settings.
#[utoipa::path(get, path = "/api/v1/workflows/{id}/credential-settings", tag = "credentials", params(("id" = String, Path)),
    responses((status = 200, description = "the settings; their ETag guards a replacement", body = SettingsBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn get_settings(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
) -> Result<HttpResponse, Refusal> {
    let found = service
        .credential_settings(&caller.0, id(&path, "workflow")?)
        .await?;
    Ok(settings(found))
}

fn settings((settings, revision): (CredentialSettings, u32)) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(etag(revision))
        .json(SettingsBody::from(settings))
}

/// Replaces the live credential settings, if they are still those of `If-Match`; effective at the next call.
#[utoipa::path(put, path = "/api/v1/workflows/{id}/credential-settings", tag = "credentials", params(("id" = String, Path), ("If-Match" = Option<String>, Header)), request_body = SettingsBody,
    responses((status = 200, body = SettingsBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn put_settings(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
    request: HttpRequest,
    body: Body<SettingsBody>,
) -> Result<HttpResponse, Refusal> {
    let workflow: WorkflowId = id(&path, "workflow")?;
    let stated = IfMatch::of(&request)?;
    let current = || async { Ok(service.credential_settings(&caller.0, workflow).await?.1) };
    let expected = stated.expected(current).await?;
    let replaced = service
        .put_credential_settings(&caller.0, workflow, expected, body.0.into())
        .await?;
    Ok(settings(replaced))
}
