//! Starts that both kinds of apps share: what a request may state, and the stream of a run that was accepted.

use std::collections::BTreeMap;

use latchkey_domain::access::Caller;
use latchkey_domain::credential::CredentialChoice;
use latchkey_secrets::Secret;
use latchkey_service::{
    App, Disclosure, Error, Events, Service, StartRequest, StatedOverride, StatedOverrides,
};
use serde_json::Value as Json;

use super::body::{Fields, wrong};
use super::events::{Place, Translator};
use super::refused::Refused;

/// Overrides in one request, at most.
const OVERRIDES: usize = 100;

/// How an answer comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Blocking,
    Streaming,
}

impl Mode {
    pub(crate) fn of(body: &Fields) -> Result<Self, Refused> {
        match body.text("response_mode")? {
            None | Some("blocking") => Ok(Self::Blocking),
            Some("streaming") => Ok(Self::Streaming),
            Some(_) => Err(wrong("response_mode", "'blocking' or 'streaming'")),
        }
    }
}

/// A run that was accepted, and what it says.
pub(crate) struct Accepted {
    pub(crate) translator: Translator,
    pub(crate) events: Events,
    pub(crate) disclosure: Disclosure,
}

/// Starts a run of an app.
pub(crate) async fn start(
    service: &Service,
    caller: &Caller,
    app: &App,
    request: StartRequest,
) -> Result<Accepted, Refused> {
    service.check_active(app)?;
    let id = app.workflow.id;
    let user = service
        .end_user(caller, id, request.end_user.as_deref())
        .await?;
    let started = service.start_run(caller, id, request).await?;
    let run = match started.accepted() {
        Some(run) => run.clone(),
        None => service.run_of_start(caller, &started).await?,
    };
    let place = Place {
        told: service.told_of(&run).await?,
        message: started.message,
        user,
        run,
    };
    Ok(Accepted {
        translator: Translator::new(place),
        events: service.events_of_start(caller, &started).await?,
        disclosure: Disclosure::of(caller),
    })
}

/// The credentials that a request states: an addition to Dify's, with the same form as the native API's.
pub(crate) fn overrides(body: &Fields) -> Result<StatedOverrides, Refused> {
    let Some(stated) = body.object("credential_overrides")? else {
        return Ok(BTreeMap::new());
    };
    if stated.len() > OVERRIDES {
        let text = format!("there are at most {OVERRIDES} overrides");
        return Err(Refused::param(text));
    }
    let read = |(key, value): (&String, &Json)| {
        let refused = || {
            let text = format!(
                "credential_overrides.{key}: an object with credential_id or credential_name, or with values, is needed"
            );
            Refused::param(text)
        };
        let map = value.as_object().ok_or_else(refused)?;
        let text = |name: &str| match map.get(name) {
            None | Some(Json::Null) => Ok(None),
            Some(Json::String(text)) => Ok(Some(text.clone())),
            Some(Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_)) => {
                Err(refused())
            }
        };
        let choice = CredentialChoice {
            credential_id: text("credential_id")?,
            credential_name: text("credential_name")?,
        };
        let stated = match map.get("values") {
            None | Some(Json::Null) if choice != CredentialChoice::default() => {
                StatedOverride::Stored(choice)
            }
            Some(Json::Object(values)) if choice == CredentialChoice::default() => {
                let secret = |(name, value): (&String, &Json)| {
                    let value = value.as_str().ok_or_else(refused)?;
                    Ok::<_, Refused>((name.clone(), Secret::new(value.to_owned())))
                };
                StatedOverride::Inline(values.iter().map(secret).collect::<Result<_, _>>()?)
            }
            None | Some(_) => return Err(refused()),
        };
        Ok((key.clone(), stated))
    };
    stated.iter().map(read).collect()
}

/// What is told when nobody knows the end of a run.
pub(crate) fn unfinished() -> Refused {
    let detail = "the run's end could not be written yet; ask for it again";
    let kind = latchkey_service::ErrorKind::Unavailable;
    Error::new(kind, "run_unfinished", detail).into()
}
