//! Stored credentials.

use actix_web::HttpResponse;
use actix_web::web::{Json as Answer, Path};
use latchkey_domain::credential::Rules;
use latchkey_domain::provider::ProviderId;
use latchkey_secrets::Secret;
use latchkey_service::{ChangedCredential, NewCredential, Rotation};
use std::collections::BTreeMap;

use super::{Data, model_scope, time};
use crate::body::Body;
use crate::caller::Authenticated;
use crate::page::{List, PageQuery, id};
use crate::problem::{Problem, Refusal};
use crate::query::Query;
use crate::views::credential::{
    CheckedView, CredentialChangeBody, CredentialView, DeleteQuery, NewCredentialBody,
    ReferenceView, ValueBody,
};
use crate::views::credential_version::{CredentialVersionView, RotationBody, versions_of};
use crate::views::limits::budgets;

/// Values, and references to values.
fn entered(
    values: BTreeMap<String, ValueBody>,
) -> (BTreeMap<String, Secret<String>>, BTreeMap<String, String>) {
    let (mut texts, mut references) = (BTreeMap::new(), BTreeMap::new());
    for (name, value) in values {
        match value {
            ValueBody::Text(text) => drop(texts.insert(name, Secret::new(text))),
            ValueBody::Reference(of) => drop(references.insert(name, of.reference)),
        }
    }
    (texts, references)
}

/// Stores a credential.
#[utoipa::path(post, path = "/api/v1/credentials", tag = "credentials", request_body = NewCredentialBody,
    responses((status = 201, body = CredentialView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn create_credential(
    service: Data,
    caller: Authenticated,
    body: Body<NewCredentialBody>,
) -> Result<HttpResponse, Refusal> {
    let body = body.0;
    let (values, references) = entered(body.values);
    let new = NewCredential {
        provider: ProviderId::normalise(&body.provider),
        name: body.name,
        model: model_scope(body.model, body.model_type)?,
        values,
        references,
        hosts: body.hosts,
        scope: body.scope.0.into(),
        rules: Rules {
            limits: body.limits.0.into(),
            budgets: budgets(body.budgets, "/budgets")?,
        },
        expires_at: time(body.expires_at.as_deref(), "/expires_at")?,
        make_default: body.default,
        validate: body.validate,
    };
    let made = service.create_credential(&caller.0, new).await?;
    let made = service.standing(&caller.0, made).await?;
    Ok(HttpResponse::Created().json(CredentialView::from(made)))
}

/// Lists credentials.
#[utoipa::path(get, path = "/api/v1/credentials", tag = "credentials", params(PageQuery),
    responses((status = 200, body = List<CredentialView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_credentials(
    service: Data,
    caller: Authenticated,
    query: Query<PageQuery>,
) -> Result<Answer<List<CredentialView>>, Refusal> {
    let page = service.credentials(&caller.0, query.0.page()?).await?;
    let page = service.standings(&caller.0, page).await?;
    Ok(Answer(List::of(page, CredentialView::from)))
}

/// Reads a credential, without its values.
#[utoipa::path(get, path = "/api/v1/credentials/{id}", tag = "credentials", params(("id" = String, Path)),
    responses((status = 200, body = CredentialView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn get_credential(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
) -> Result<Answer<CredentialView>, Refusal> {
    let found = service
        .credential(&caller.0, id(&path, "credential")?)
        .await?;
    Ok(Answer(service.standing(&caller.0, found).await?.into()))
}

/// Changes a credential.
#[utoipa::path(patch, path = "/api/v1/credentials/{id}", tag = "credentials", params(("id" = String, Path)), request_body = CredentialChangeBody,
    responses((status = 200, body = CredentialView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn change_credential(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
    body: Body<CredentialChangeBody>,
) -> Result<Answer<CredentialView>, Refusal> {
    let body = body.0;
    let expires_at = match body.expires_at {
        None => None,
        Some(text) => Some(time(text.as_deref(), "/expires_at")?),
    };
    let (values, references) = body.values.map(entered).unzip();
    let change = ChangedCredential {
        name: body.name,
        values,
        references: references.unwrap_or_default(),
        hosts: body.hosts,
        scope: body.scope.map(|scope| scope.0.into()),
        limits: body.limits.map(|limits| limits.0.into()),
        budgets: body
            .budgets
            .map(|bodies| budgets(bodies, "/budgets"))
            .transpose()?,
        state: body.state,
        expires_at,
        validate: body.validate,
    };
    let changed = service
        .change_credential(&caller.0, id(&path, "credential")?, change)
        .await?;
    Ok(Answer(service.standing(&caller.0, changed).await?.into()))
}

/// Deletes a credential.
///
/// One that a default, a binding, a dataset or a node names, or that is alone in a pool, is refused with `credential_in_use` and the list of them, unless `force=true`.
#[utoipa::path(delete, path = "/api/v1/credentials/{id}", tag = "credentials", params(("id" = String, Path), DeleteQuery),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn delete_credential(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
    query: Query<DeleteQuery>,
) -> Result<HttpResponse, Refusal> {
    service
        .delete_credential(&caller.0, id(&path, "credential")?, query.0.used())
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Asks the provider whether a credential is good.
#[utoipa::path(post, path = "/api/v1/credentials/{id}/validate", tag = "credentials", params(("id" = String, Path)),
    responses((status = 200, body = CheckedView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn validate_credential(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
) -> Result<Answer<CheckedView>, Refusal> {
    Ok(Answer(
        service
            .validate_credential(&caller.0, id(&path, "credential")?)
            .await?
            .into(),
    ))
}

/// Gives a credential new values; the old ones stay usable for an overlap.
#[utoipa::path(post, path = "/api/v1/credentials/{id}/rotate", tag = "credentials", params(("id" = String, Path)), request_body = RotationBody,
    responses((status = 200, body = CredentialView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn rotate_credential(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
    body: Body<RotationBody>,
) -> Result<Answer<CredentialView>, Refusal> {
    let body = body.0;
    let expires_at = match body.expires_at {
        None => None,
        Some(text) => Some(time(text.as_deref(), "/expires_at")?),
    };
    let (values, references) = entered(body.values);
    let rotation = Rotation {
        values,
        references,
        overlap_ms: body.overlap_ms,
        until_proven: body.overlap.is_some(),
        expires_at,
        validate: body.validate,
    };
    let rotated = service
        .rotate_credential(&caller.0, id(&path, "credential")?, rotation)
        .await?;
    Ok(Answer(service.standing(&caller.0, rotated).await?.into()))
}

/// Goes back to the values before the last rotation, as long as they are usable.
#[utoipa::path(post, path = "/api/v1/credentials/{id}/rollback", tag = "credentials", params(("id" = String, Path)),
    responses((status = 200, body = CredentialView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn roll_back_credential(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
) -> Result<Answer<CredentialView>, Refusal> {
    let restored = service
        .roll_back_credential(&caller.0, id(&path, "credential")?)
        .await?;
    Ok(Answer(service.standing(&caller.0, restored).await?.into()))
}

/// Lists the versions of a credential's values, newest first.
#[utoipa::path(get, path = "/api/v1/credentials/{id}/versions", tag = "credentials", params(("id" = String, Path), PageQuery),
    responses((status = 200, body = List<CredentialVersionView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn credential_versions(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
    query: Query<PageQuery>,
) -> Result<Answer<List<CredentialVersionView>>, Refusal> {
    let id = id(&path, "credential")?;
    let (current, replaced) = service.credential_versions(&caller.0, id).await?;
    let versions = versions_of(current, replaced);
    List::part(versions, &query.0, |_, version: &CredentialVersionView| {
        version.number()
    })
    .map(Answer)
}

/// Tells where a credential is named.
#[utoipa::path(get, path = "/api/v1/credentials/{id}/references", tag = "credentials", params(("id" = String, Path), PageQuery),
    responses((status = 200, body = List<ReferenceView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn credential_references(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
    query: Query<PageQuery>,
) -> Result<Answer<List<ReferenceView>>, Refusal> {
    let found = service
        .references(&caller.0, id(&path, "credential")?)
        .await?;
    // Two places may read alike, so that only their number tells them apart.
    List::part(found, &query.0, |at, _| (at + 1).to_string()).map(Answer)
}
