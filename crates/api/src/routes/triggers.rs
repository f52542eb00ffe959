//! Triggers: listed, switched off and on.

use actix_web::web::{Json as Answer, Path};
use latchkey_service::TriggerChange;

use super::{Data, environment};
use crate::body::Body;
use crate::caller::Authenticated;
use crate::page::id;
use crate::problem::{Problem, Refusal};
use crate::views::trigger::{TriggerChangeBody, TriggerView, TriggersView};

/// Lists what begins runs of the published version.
#[utoipa::path(get, path = "/api/v1/workflows/{id}/triggers", tag = "triggers", params(("id" = String, Path)),
    responses((status = 200, body = TriggersView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_triggers(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
) -> Result<Answer<TriggersView>, Refusal> {
    let triggers = service.triggers(&caller.0, id(&path, "workflow")?).await?;
    let data = triggers.into_iter().map(TriggerView::from).collect();
    Ok(Answer(TriggersView { data }))
}

/// Switches a trigger off or on, or changes the environment of its runs.
#[utoipa::path(patch, path = "/api/v1/workflows/{id}/triggers/{trigger_id}", tag = "triggers", params(("id" = String, Path), ("trigger_id" = String, Path)),
    request_body = TriggerChangeBody,
    responses((status = 200, body = TriggerView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn change_trigger(
    service: Data,
    caller: Authenticated,
    path: Path<(String, String)>,
    body: Body<TriggerChangeBody>,
) -> Result<Answer<TriggerView>, Refusal> {
    let (workflow, trigger) = path.into_inner();
    let change = TriggerChange {
        enabled: body.0.enabled,
        environment: environment(body.0.environment),
    };
    let (workflow, trigger) = (id(&workflow, "workflow")?, id(&trigger, "trigger")?);
    let changed = service
        .change_trigger(&caller.0, workflow, trigger, change)
        .await?;
    Ok(Answer(changed.into()))
}
