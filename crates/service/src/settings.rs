//! The live credential settings of workflows: effective at the next call, in every version and every running run.

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::credential::Environment;
use latchkey_domain::id::WorkflowId;
use latchkey_domain::settings::{Binding, CredentialSettings};
use latchkey_models::{Credentials, is_host_entry};

use crate::error::{Error, ErrorItem};
use crate::{Service, require};

impl Service {
    /// The live credential settings, and their revision.
    ///
    /// # Errors
    /// When the caller may not, or there is no such workflow.
    pub async fn credential_settings(
        &self,
        caller: &Caller,
        id: WorkflowId,
    ) -> Result<(CredentialSettings, u32), Error> {
        require(caller, Permission::CredentialsRead)?;
        self.visible(caller, id).await?;
        let store = &self.inner.store;
        let found = store.credential_settings(caller.workspace, id).await?;
        found.ok_or_else(|| Error::not_found("workflow"))
    }

    /// Replaces the live credential settings, if they are still at the expected revision; their new one.
    ///
    /// # Errors
    /// When the caller may not bind, something in them is wrong, with every place, or they were changed meanwhile.
    pub async fn put_credential_settings(
        &self,
        caller: &Caller,
        id: WorkflowId,
        expected: Option<u32>,
        settings: CredentialSettings,
    ) -> Result<(CredentialSettings, u32), Error> {
        let change = move |service: Self, caller: Caller| async move {
            require(&caller, Permission::CredentialsBind)?;
            service.visible(&caller, id).await?;
            let declared = service.inner.facts.environments(caller.workspace).await?;
            let credentials = service.inner.facts.credentials(caller.workspace).await?;
            check_settings(&settings, &declared, &credentials)?;
            let store = &service.inner.store;
            let replaced = store
                .replace_settings(caller.workspace, id, expected, &settings, service.now())
                .await;
            service.changed(id);
            let revision = replaced?;
            let detail = serde_json::to_value(&settings).map_err(Error::internal)?;
            service
                .audit(&caller, "workflow.credential_settings", id, detail)
                .await?;
            Ok((settings, revision))
        };
        self.complete(caller, change).await
    }
}

/// What is wrong with settings by themselves and with what they name.
pub(crate) fn check_settings(
    settings: &CredentialSettings,
    declared: &[Environment],
    credentials: &Credentials,
) -> Result<(), Error> {
    let mut wrong: Vec<ErrorItem> = settings
        .problems()
        .into_iter()
        .map(|problem| ErrorItem {
            code: problem.code.to_owned(),
            message: problem.message,
            pointer: Some(problem.pointer),
            ..ErrorItem::default()
        })
        .collect();
    for (place, binding) in settings.bindings.iter().enumerate() {
        let mut tell = |code: &str, field: &str, message: String| {
            wrong.push(ErrorItem {
                code: code.to_owned(),
                message,
                pointer: Some(format!("/bindings/{place}/{field}")),
                ..ErrorItem::default()
            });
        };
        if let Some(environment) = binding
            .environment
            .as_ref()
            .filter(|named| !declared.contains(named))
        {
            tell(
                "environment_unknown",
                "environment",
                format!("the workspace has no environment {environment}"),
            );
        }
        if let Some((code, field, message)) = wrong_binding(binding, credentials) {
            tell(code, field, message);
        }
    }
    for (place, host) in settings.runtime_hosts.iter().enumerate() {
        if !is_host_entry(host) {
            wrong.push(ErrorItem {
                code: "invalid_host".to_owned(),
                message: format!("{host:?} is no host or host:port"),
                pointer: Some(format!("/runtime_hosts/{place}")),
                ..ErrorItem::default()
            });
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    let code = wrong[0].code.clone();
    Err(Error::unprocessable(&code, wrong[0].message.clone()).with(wrong))
}

/// What is wrong with what a binding names: a code, the field and the text. One without a model names a provider's credential or
/// a pool, one with a model either.
fn wrong_binding(
    binding: &Binding,
    known: &Credentials,
) -> Option<(&'static str, &'static str, String)> {
    let choice = &binding.choice;
    let mut found = None;
    let mut field = "credential_name";
    if let Some(name) = &choice.credential_name {
        if !known.has_name(&binding.provider, name) {
            let message = format!("{} has no credential or pool {name}", binding.provider);
            return Some(("credential_not_found", field, message));
        }
        found = known.by_name(&binding.provider, name);
    }
    if let Some(id) = &choice.credential_id {
        field = "credential_id";
        found = id.parse().ok().and_then(|id| known.by_id(id));
        if found.is_none() {
            let message = "there is no such credential".to_owned();
            return Some(("credential_not_found", field, message));
        }
    }
    let found = found?;
    if found.provider != binding.provider {
        let message = format!("it belongs to {}", found.provider);
        return Some(("credential_provider_mismatch", field, message));
    }
    let of_model = found.model.as_ref().map(|model| &model.name);
    if of_model.is_some() && of_model != binding.model.as_ref() {
        let message = "it pays for one model only, and the binding is not about that one";
        return Some(("credential_provider_mismatch", field, message.to_owned()));
    }
    None
}
