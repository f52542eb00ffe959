//! Forms that runs ask people: shown and answered (service API reference, 9). A form's token is its id: only the app's key reaches it.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use latchkey_domain::form::{FormAnswer, FormState, KeptForm};
use latchkey_domain::id::FormId;
use latchkey_service::{Service, Submission};
use serde_json::{Value as Json, json};

use super::app::Key;
use super::body::{Fields, path_id};
use super::refused::Refused;
use super::shapes::{actions, defaults, form_input};

const MISSING: &str = "Form not found";

/// A form that can be answered.
async fn open(service: &Service, key: &Key, token: &str) -> Result<KeptForm, Refused> {
    let id: FormId = path_id(token, MISSING)?;
    let found = service
        .form_of_app(&key.caller, key.app.workflow.id, id)
        .await;
    let kept = found.map_err(|error| Refused::from(error).missing(MISSING))?;
    match (kept.state, &kept.answer) {
        (FormState::Open, _) => Ok(kept),
        (FormState::Answered, Some(FormAnswer::Submitted { .. })) => Err(submitted()),
        (FormState::Answered | FormState::Closed, _) => Err(expired()),
    }
}

fn submitted() -> Refused {
    let text = "This form has already been submitted by another user.";
    Refused::new(412, "human_input_form_submitted", text)
}

fn expired() -> Refused {
    Refused::new(412, "human_input_form_expired", "This form has expired.")
}

/// What a form asks.
pub(crate) async fn get(
    service: Data<Service>,
    key: Key,
    path: Path<String>,
) -> Result<HttpResponse, Refused> {
    let kept = open(&service, &key, &path).await?;
    let form = &kept.request.form;
    Ok(HttpResponse::Ok().json(json!({
        "form_content": form.content, "inputs": form.inputs.iter().map(form_input).collect::<Vec<_>>(),
        "resolved_default_values": defaults(&kept.request), "user_actions": actions(&kept.request),
        "expiration_time": form.due_at.seconds(),
    })))
}

/// Answers a form.
pub(crate) async fn submit(
    service: Data<Service>,
    key: Key,
    path: Path<String>,
    body: Fields,
) -> Result<HttpResponse, Refused> {
    let values = body.object("inputs")?;
    let values = values.ok_or_else(|| Refused::param("inputs: Field required"))?;
    let action = body.text("action")?;
    let action = action.ok_or_else(|| Refused::param("action: Field required"))?;
    let user = body.needed_user()?;
    key.user(&service, Some(&user)).await?;
    let kept = open(&service, &key, &path).await?;
    let form = &kept.request.form;
    let invalid = |text: String| Refused::new(400, "invalid_form_data", text);
    if !form.actions.iter().any(|known| known.id == action) {
        return Err(invalid(format!("Invalid action: {action}")));
    }
    let missing: Vec<&str> = form
        .inputs
        .iter()
        .map(|input| input.name.as_str())
        .filter(|name| values.get(*name).is_none_or(Json::is_null))
        .collect();
    if !missing.is_empty() {
        let names = missing.join(", ");
        return Err(invalid(format!("Missing required inputs: {names}")));
    }
    let submission = Submission {
        action: action.to_owned(),
        values: values.clone(),
    };
    let (run, id) = (kept.run, kept.request.form_id);
    let answered = service.submit_form(&key.caller, run, id, submission).await;
    answered.map_err(|error| match error.code.as_str() {
        "form_answered" if service.is_past(form.due_at) => expired(),
        "form_answered" => submitted(),
        "form_closed" => expired(),
        "invalid_input" => invalid(error.detail),
        _ => error.into(),
    })?;
    Ok(HttpResponse::Ok().json(json!({})))
}
