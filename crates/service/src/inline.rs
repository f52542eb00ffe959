//! Values that a run states itself: a whole credential of its own, never merged with a stored one.
//!
//! They are sealed under a key of their run before the run begins, opened per call, and destroyed at its end, or when their
//! time is up. Nothing else keeps them: what a run's row, its journal and its events know is a keyed fingerprint.

use std::collections::BTreeMap;
use std::time::Duration;

use latchkey_domain::access::Caller;
use latchkey_domain::credential::{
    CredentialChoice, CredentialCode, InlineCredential, OverrideChoice, Overrides,
};
use latchkey_domain::id::{RunId, WorkflowId, WorkspaceId};
use latchkey_domain::run::Run;
use latchkey_domain::settings::{CredentialSettings, RuntimeOverride};
use latchkey_models::catalogue::ProviderInfo;
use latchkey_models::{
    CredentialValues, FormProblem, SystemCredential, check_form, is_listed, override_provider,
};
use latchkey_secrets::Secret;

use crate::Service;
use crate::error::{Error, ErrorItem};

/// How long values live when their run does not end, in milliseconds (design: `runtime_inline_ttl`).
const LIFETIME: i64 = 24 * 60 * 60 * 1000;
/// How often what has ended is looked for.
const SWEEP: Duration = Duration::from_secs(600);

/// What a run states for a provider or one of its models.
#[derive(Clone, Debug)]
pub enum StatedOverride {
    /// A stored credential or a pool.
    Stored(CredentialChoice),
    /// Values of its own: the fields of the provider's form.
    Inline(BTreeMap<String, Secret<String>>),
}

/// What a run states, by `provider` or `provider:model`.
pub type StatedOverrides = BTreeMap<String, StatedOverride>;

/// Values by their fingerprints.
pub(crate) type InlineValues = BTreeMap<String, SystemCredential>;

impl Service {
    /// What a run states, as resolution sees it, and the values that are to be sealed for it.
    ///
    /// # Errors
    /// When values are not permitted here, or do not fit their provider's form: with every place.
    pub(crate) async fn stated_overrides(
        &self,
        caller: &Caller,
        workflow: WorkflowId,
        run: RunId,
        stated: StatedOverrides,
    ) -> Result<(Overrides, InlineValues), Error> {
        let mut overrides = Overrides::new();
        let mut all = InlineValues::new();
        for (key, stated) in stated {
            let values = match stated {
                StatedOverride::Stored(choice) => {
                    overrides.insert(key, OverrideChoice::Stored(choice));
                    continue;
                }
                StatedOverride::Inline(values) => values,
            };
            let facts = &self.inner.facts;
            let settings = facts.settings(caller.workspace, workflow).await?;
            let (own, hosts) = self.inline_values(caller, &key, &values, &settings).await?;
            let provider = override_provider(&key).to_string();
            let fingerprint =
                self.inner
                    .vault
                    .fingerprint_of_inline(caller.workspace, &provider, &values);
            let inline = InlineCredential {
                run,
                fingerprint: fingerprint.clone(),
                hosts,
            };
            overrides.insert(key, OverrideChoice::Inline { inline });
            all.insert(fingerprint, own);
        }
        Ok((overrides, all))
    }

    /// Values of one override, checked against their provider's form, and the hosts that are not the provider's own.
    async fn inline_values(
        &self,
        caller: &Caller,
        key: &str,
        values: &BTreeMap<String, Secret<String>>,
        settings: &CredentialSettings,
    ) -> Result<(SystemCredential, Vec<String>), Error> {
        if settings.runtime_override != RuntimeOverride::Inline {
            let code = CredentialCode::OverrideNotAllowed;
            let detail = format!("the workflow does not let a run state values for {key}");
            return Err(refused(code, key, "", detail));
        }
        let provider = override_provider(key);
        let Ok((info, hosts)) = self.provider_info(caller, &provider).await else {
            let code = CredentialCode::OverrideUnused;
            let detail = format!("there is no provider {provider}");
            return Err(refused(code, key, "", detail));
        };
        let form = check_form(&info, values, hosts.as_deref());
        let form = form.map_err(|problems| wrong_form(key, problems))?;
        // Where its provider is, given all that is said but an address of one's own.
        let mut said = form.settings.clone();
        said.remove("base_url");
        let own = hosts.unwrap_or_else(|| info.default_hosts(&said));
        let is_own = |host: &String| is_listed(host, &own);
        let elsewhere = if form.hosts.iter().all(is_own) {
            Vec::new()
        } else {
            form.hosts.clone()
        };
        let may = |host: &&String| is_own(host) || is_listed(host, &settings.runtime_hosts);
        if let Some(host) = elsewhere.iter().find(|host| !may(host)) {
            let code = CredentialCode::OverrideNotAllowed;
            let detail = format!("the workflow does not list {host} in runtime_hosts");
            return Err(refused(code, key, &host_field(&info, values), detail));
        }
        let own = SystemCredential {
            hosts: form.hosts,
            settings: form.settings,
            values: form.values,
        };
        Ok((own, elsewhere))
    }

    /// Seals the values of a run that is about to begin; nothing when it states none.
    pub(crate) async fn keep_inline(
        &self,
        workspace: WorkspaceId,
        run: RunId,
        values: &InlineValues,
    ) -> Result<(), Error> {
        if values.is_empty() {
            return Ok(());
        }
        let now = self.now();
        let ends_at = now.plus_millis(LIFETIME);
        let sealed = self
            .inner
            .vault
            .seal_inline((workspace, run), values, now, ends_at)
            .await?;
        Ok(self.inner.store.insert_run_secret(&sealed).await?)
    }

    /// Destroys the values of a run that is over. What cannot be destroyed now is found by the sweep.
    pub(crate) async fn forget_inline(&self, run: &Run) {
        let has_own = run.overrides.values().any(|choice| match choice {
            OverrideChoice::Inline { inline } => inline.run == run.id,
            OverrideChoice::Stored(_) => false,
        });
        if has_own {
            self.forget_inline_of(run.id).await;
        }
    }

    pub(crate) async fn forget_inline_of(&self, run: RunId) {
        if let Err(error) = self.inner.store.delete_run_secret(run).await {
            tracing::warn!(run.id = %run, %error, "the values that a run has stated cannot be destroyed yet");
        }
    }

    /// Destroys, again and again, the values of runs that are over and those whose time is up, until the server ends.
    pub(crate) fn watch_inline(&self) {
        let service = self.clone();
        let watching = async move {
            while !service.inner.ending.is_cancelled() {
                let now = service.now();
                match service.inner.store.delete_ended_run_secrets(now).await {
                    Ok(0) => {}
                    Ok(gone) => tracing::info!(gone, "values of runs were destroyed"),
                    Err(error) => {
                        tracing::warn!(%error, "values of runs cannot be destroyed now");
                    }
                }
                let wait = i64::try_from(SWEEP.as_millis()).unwrap_or(i64::MAX);
                tokio::select! {
                    () = service.inner.ending.cancelled() => {}
                    () = service.inner.clock.sleep_until(now.plus_millis(wait)) => {}
                }
            }
        };
        self.inner.tasks.spawn_on(watching, &self.inner.runtime);
    }
}

/// The field that says where values go.
fn host_field(info: &ProviderInfo, values: &BTreeMap<String, Secret<String>>) -> String {
    use latchkey_models::catalogue::FieldKind;
    let mut fields = info.fields.iter();
    let field =
        fields.find(|field| field.kind == FieldKind::Url && values.contains_key(&field.name));
    field.map_or_else(String::new, |field| format!("/values/{}", field.name))
}

fn pointer(key: &str, rest: &str) -> String {
    let key = key.replace('~', "~0").replace('/', "~1");
    format!("/credential_overrides/{key}{rest}")
}

fn refused(code: CredentialCode, key: &str, rest: &str, detail: String) -> Error {
    let item = ErrorItem {
        code: code.as_str().to_owned(),
        message: detail.clone(),
        pointer: Some(pointer(key, rest)),
        ..ErrorItem::default()
    };
    Error::of_credential(code, detail).with([item])
}

fn wrong_form(key: &str, problems: Vec<FormProblem>) -> Error {
    let mut error = Error::of_form(problems);
    for item in &mut error.errors {
        item.pointer = item.pointer.as_deref().map(|rest| pointer(key, rest));
    }
    error
}

/// The form in which values are sealed.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct Plain {
    hosts: Vec<String>,
    settings: BTreeMap<String, String>,
    secrets: BTreeMap<String, String>,
}

impl Plain {
    pub(crate) fn of(own: &SystemCredential) -> Self {
        let secrets = own.values.secrets.iter();
        let exposed = secrets.map(|(name, value)| (name.clone(), value.expose().clone()));
        Self {
            hosts: own.hosts.clone(),
            settings: own.settings.clone(),
            secrets: exposed.collect(),
        }
    }

    pub(crate) fn opened(self) -> SystemCredential {
        let secrets = self.secrets.into_iter();
        SystemCredential {
            hosts: self.hosts,
            settings: self.settings,
            values: CredentialValues {
                secrets: secrets
                    .map(|(name, value)| (name, Secret::new(value)))
                    .collect(),
            },
        }
    }
}
