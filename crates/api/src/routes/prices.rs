//! What a workspace states about prices.

use actix_web::HttpResponse;
use actix_web::web::{Json as Answer, Path};
use latchkey_domain::price::PricedModel;
use latchkey_domain::provider::ProviderId;

use super::{Data, time};
use crate::body::Body;
use crate::caller::Authenticated;
use crate::page::{List, PageQuery, id};
use crate::problem::{Problem, Refusal};
use crate::query::Query;
use crate::views::price::{PriceBody, StatedPriceView};

/// Lists what the workspace states about prices, by provider, model and time.
#[utoipa::path(get, path = "/api/v1/prices", tag = "usage", params(PageQuery),
    responses((status = 200, body = List<StatedPriceView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_prices(
    service: Data,
    caller: Authenticated,
    query: Query<PageQuery>,
) -> Result<Answer<List<StatedPriceView>>, Refusal> {
    let all = service.prices(&caller.0).await?;
    List::part(all, &query.0, |_, stated| stated.id.to_string()).map(Answer)
}

/// States the price of a model since a time.
///
/// It is stronger than the catalogue's and holds for calls opened from then on; rows of the ledger keep the price that they have. What was stated for the same model and time is replaced. Needs `credentials:write`.
#[utoipa::path(put, path = "/api/v1/prices", tag = "usage", request_body = PriceBody,
    responses((status = 200, body = StatedPriceView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn put_price(
    service: Data,
    caller: Authenticated,
    body: Body<PriceBody>,
) -> Result<Answer<StatedPriceView>, Refusal> {
    let body = body.0;
    let model = PricedModel {
        provider: ProviderId::normalise(&body.provider),
        model: body.model.clone(),
        model_type: body.model_type.unwrap_or_default(),
    };
    let since = time(body.effective_from.as_deref(), "/effective_from")?;
    let price = body.price()?;
    let stated = service.put_price(&caller.0, model, since, price).await?;
    Ok(Answer(stated.into()))
}

/// Takes a stated price away, so that the one before it, or the catalogue's, holds again.
#[utoipa::path(delete, path = "/api/v1/prices/{id}", tag = "usage", params(("id" = String, Path)),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn delete_price(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
) -> Result<HttpResponse, Refusal> {
    service.delete_price(&caller.0, id(&path, "price")?).await?;
    Ok(HttpResponse::NoContent().finish())
}
