//! Providers and their defaults.

use actix_web::web::{Json as Answer, Path};
use latchkey_domain::provider::ProviderId;

use super::{Data, model_scope};
use crate::body::Body;
use crate::caller::Authenticated;
use crate::page::{List, PageQuery, id};
use crate::problem::{Problem, Refusal};
use crate::query::Query;
use crate::views::provider::{DefaultBody, ProviderView};

/// Lists the providers that can be called.
#[utoipa::path(get, path = "/api/v1/providers", tag = "providers", params(PageQuery),
    responses((status = 200, body = List<ProviderView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_providers(
    service: Data,
    caller: Authenticated,
    query: Query<PageQuery>,
) -> Result<Answer<List<ProviderView>>, Refusal> {
    let all = service.providers(&caller.0).await?;
    List::part(all, &query.0, |_, provider| provider.info.id.to_string()).map(Answer)
}

/// Reads a provider.
#[utoipa::path(get, path = "/api/v1/providers/{provider}", tag = "providers", params(("provider" = String, Path)),
    responses((status = 200, body = ProviderView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn get_provider(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
) -> Result<Answer<ProviderView>, Refusal> {
    Ok(Answer(
        service
            .provider(&caller.0, &ProviderId::normalise(&path))
            .await?
            .into(),
    ))
}

/// Sets the default credential of a provider, or of one of its models.
#[utoipa::path(put, path = "/api/v1/providers/{provider}/default", tag = "providers", params(("provider" = String, Path)), request_body = DefaultBody,
    responses((status = 200, body = ProviderView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn set_default(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
    body: Body<DefaultBody>,
) -> Result<Answer<ProviderView>, Refusal> {
    let body = body.0;
    let model = model_scope(body.model, body.model_type)?;
    let credential = body
        .credential_id
        .as_deref()
        .map(|text| id(text, "credential"))
        .transpose()?;
    let view = service
        .set_default(&caller.0, &ProviderId::normalise(&path), model, credential)
        .await?;
    Ok(Answer(view.into()))
}
