//! Providers and their defaults.

use actix_web::web::{Json as Answer, Path};
use latchkey_domain::credential::ModelScope;
use latchkey_domain::provider::ProviderId;

use super::Data;
use crate::body::Body;
use crate::caller::Authenticated;
use crate::page::id;
use crate::problem::{Problem, Refusal};
use crate::views::provider::{DefaultBody, ProviderView, ProvidersView};

/// Lists the providers that can be called.
#[utoipa::path(get, path = "/api/v1/providers", tag = "providers",
    responses((status = 200, body = ProvidersView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_providers(
    service: Data,
    caller: Authenticated,
) -> Result<Answer<ProvidersView>, Refusal> {
    let all = service.providers(&caller.0).await?;
    let data = all.into_iter().map(ProviderView::from).collect();
    Ok(Answer(ProvidersView { data }))
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
    let model_type = body.model_type.unwrap_or_default();
    let model = body.model.map(|name| ModelScope { name, model_type });
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
