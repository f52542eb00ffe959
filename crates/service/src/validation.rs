//! Credentials are tried out: their provider is asked whether they are good.

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::credential::{Credential, CredentialState, ModelScope, Overrides, Principal};
use latchkey_domain::id::CredentialId;
use latchkey_models::catalogue::{ProviderInfo, Wire};
use latchkey_models::{
    Access, CredentialValues, ErrorKind as CallError, FormValues, InvokeError, KeyFault,
    Validation, WorkflowContext,
};
use latchkey_store::CredentialChange;
use serde_json::json;

use crate::error::Error;
use crate::{Service, require};

/// What the provider said about a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Whether it accepts the credential.
    pub valid: bool,
    /// Why not.
    pub code: Option<String>,
    /// The provider's words.
    pub message: Option<String>,
    /// The credential afterwards.
    pub state: CredentialState,
}

/// The credential that the calls of a trial are booked to.
pub(crate) struct Payer {
    pub(crate) id: CredentialId,
    pub(crate) name: String,
    pub(crate) version: i32,
    /// None before it is stored.
    pub(crate) revision: Option<i32>,
}

impl Payer {
    pub(crate) fn stored(credential: &Credential) -> Self {
        Self {
            id: credential.id,
            name: credential.name.clone(),
            version: credential.version,
            revision: Some(credential.revision),
        }
    }
}

impl Service {
    /// Asks the provider whether a stored credential is good. One that it calls dead is marked; one that works again is not any more.
    ///
    /// # Errors
    /// When the caller may not, there is no such credential, or nobody could be asked.
    pub async fn validate_credential(
        &self,
        caller: &Caller,
        id: CredentialId,
    ) -> Result<Checked, Error> {
        let change = move |service: Self, caller: Caller| async move {
            service.validate_credential_now(&caller, id).await
        };
        self.complete(caller, change).await
    }

    async fn validate_credential_now(
        &self,
        caller: &Caller,
        id: CredentialId,
    ) -> Result<Checked, Error> {
        require(caller, Permission::CredentialsWrite)?;
        let (old, sealed) = self
            .inner
            .store
            .credential(caller.workspace, id)
            .await?
            .ok_or_else(|| Error::not_found("credential"))?;
        let (info, _) = self.provider_info(caller, &old.provider).await?;
        if info.wire == Wire::Tool {
            let text = "whether a tool's key is good is known when the tool is used";
            return Ok(Checked {
                valid: false,
                code: Some("credential_not_validated".to_owned()),
                message: Some(text.to_owned()),
                state: old.state,
            });
        }
        let form = FormValues {
            settings: old.settings.clone(),
            values: self
                .inner
                .vault
                .open_credential(caller.workspace, id, &sealed)
                .await?,
            hosts: old.hosts.clone(),
        };
        let answer = self
            .ask_provider(
                caller,
                &info,
                &form,
                old.model.as_ref(),
                Payer::stored(&old),
            )
            .await;
        let new = self.with_answer(caller, &old, answer.as_ref()).await?;
        self.audit(
            caller,
            "credential.validate",
            id,
            json!({"valid": answer.is_ok()}),
        )
        .await?;
        Ok(Checked {
            valid: answer.is_ok(),
            code: answer.as_ref().err().map(|error| code_of(error).to_owned()),
            message: answer.err().map(|error| error.message),
            state: new.state,
        })
    }

    /// Takes note of what the provider said about a stored credential. One that it calls dead is marked, unless the values
    /// before its last rotation are still usable: then these pay again.
    async fn with_answer(
        &self,
        caller: &Caller,
        old: &Credential,
        answer: Result<&(), &InvokeError>,
    ) -> Result<Credential, Error> {
        let mut new = old.clone();
        match answer {
            Ok(()) => {
                new.last_validated_at = Some(self.now());
                if new.state == CredentialState::Invalid {
                    new.state = CredentialState::Active;
                }
            }
            // What a person has switched off stays so, whatever the provider says.
            Err(error) if is_dead(error) && new.state == CredentialState::Active => {
                if let Some(restored) = self.fall_back(caller, old).await? {
                    return Ok(restored);
                }
                new.state = CredentialState::Invalid;
            }
            Err(_) => {}
        }
        if new != *old {
            if new.state != old.state {
                new.revision += 1;
            }
            let change = CredentialChange {
                credential: new.clone(),
                expected_revision: old.revision,
                sealed: None,
            };
            let kept = self.inner.store.change_credential(&change).await;
            self.inner.facts.changed();
            kept?;
        }
        Ok(new)
    }

    pub(crate) async fn ask_provider(
        &self,
        caller: &Caller,
        info: &ProviderInfo,
        form: &FormValues,
        model: Option<&ModelScope>,
        payer: Payer,
    ) -> Result<(), InvokeError> {
        let environment = caller.environments.first().cloned();
        let validation = Validation {
            context: without_run(
                caller,
                environment.unwrap_or_else(|| {
                    latchkey_domain::credential::Environment("production".to_owned())
                }),
            ),
            provider: info.id.clone(),
            model: model.cloned(),
            credential: Some((payer.id, payer.name, payer.version, payer.revision)),
            hosts: form.hosts.clone(),
            access: Access {
                base_url: form
                    .settings
                    .get("base_url")
                    .map(|url| url.trim_end_matches('/').to_owned())
                    .unwrap_or_default(),
                settings: form.settings.clone(),
                values: CredentialValues::clone(&form.values),
            },
            now: self.now(),
        };
        self.inner.models.validate(validation).await
    }
}

/// The context of a call that belongs to no run: whoever asked is the caller.
pub(crate) fn without_run(
    caller: &Caller,
    environment: latchkey_domain::credential::Environment,
) -> WorkflowContext {
    WorkflowContext {
        workspace: caller.workspace,
        workflow: None,
        workflow_name: None,
        version: None,
        author: Principal::Operator,
        caller: caller.principal,
        run: None,
        epoch: 0,
        node: None,
        node_execution: None,
        iteration_path: Vec::new(),
        environment,
        end_user: None,
        overrides: Overrides::new(),
        attempt: 1,
    }
}

/// Whether the provider says that the key is none of its own (any more). A key that may not do this one thing (403) is
/// alive.
fn is_dead(error: &InvokeError) -> bool {
    error.key_fault == Some(KeyFault::Dead)
}

/// The provider's answer to a key that was to be stored.
pub(crate) fn not_accepted(error: &InvokeError) -> Error {
    let asked = if error.sent || error.http_status.is_some() {
        "the provider was asked and does not accept it"
    } else {
        "the provider could not be asked"
    };
    let detail = format!("{asked}: {}", error.message);
    Error::field(code_of(error), "/values", detail)
}

/// The stable code of a provider's answer to a key that it was asked about.
fn code_of(error: &InvokeError) -> &'static str {
    if let Some(failure) = &error.credential {
        return failure.code.as_str();
    }
    match error.kind {
        CallError::Authorization if is_dead(error) => "credential_invalid",
        CallError::RateLimit => "credential_rate_limited",
        CallError::Authorization
        | CallError::Connection
        | CallError::ServerUnavailable
        | CallError::BadRequest
        | CallError::Credential
        | CallError::RunOver
        | CallError::Internal => "credential_not_validated",
    }
}
