//! Whether a key is dead. A provider's word alone does not mark one: a validation call has to hear the same. Calls that are turned
//! away at the same time wait for one such call and share what it heard.

use std::collections::HashMap;
use std::sync::{Arc, Mutex as Lock, PoisonError, Weak};

use tokio::sync::Mutex;

use latchkey_domain::credential::{Credential, CredentialState, ModelScope};
use latchkey_domain::id::CredentialId;

use crate::context::{ModelRef, WorkflowContext};
use crate::error::{InvokeError, KeyFault};
use crate::manager::{ModelManager, Validation};
use crate::provider::Access;
use crate::source::Snapshot;

/// What came of asking again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The key is dead, and is marked so.
    Dead,
    /// The key is good: the refusal was about something else.
    Alive,
    /// The provider could not be asked.
    Unknown,
    /// Other values have taken its place.
    Changed,
}

type Trial = Mutex<Option<Verdict>>;
type OfVersions = HashMap<(CredentialId, i32), Weak<Trial>>;

/// Validation calls under way, by version of a credential.
#[derive(Clone, Default)]
pub(crate) struct Trials(Arc<Lock<OfVersions>>);

impl Trials {
    fn of(&self, credential: CredentialId, version: i32) -> Arc<Trial> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, trial| trial.strong_count() > 0);
        let key = (credential, version);
        if let Some(trial) = all.get(&key).and_then(Weak::upgrade) {
            return trial;
        }
        let trial = Arc::new(Trial::default());
        all.insert(key, Arc::downgrade(&trial));
        trial
    }
}

impl ModelManager {
    /// Asks the provider whether a key is good that it has just called dead, and marks it if it is not.
    pub(crate) async fn verdict(
        &self,
        context: &WorkflowContext,
        model: &ModelRef,
        credential: &Credential,
    ) -> Verdict {
        let trial = self.trials.of(credential.id, credential.version);
        let mut known = trial.lock().await;
        if let Some(verdict) = *known {
            return verdict;
        }
        let verdict = Box::pin(self.try_again(context, model, credential)).await;
        *known = Some(verdict);
        verdict
    }

    async fn try_again(
        &self,
        context: &WorkflowContext,
        model: &ModelRef,
        credential: &Credential,
    ) -> Verdict {
        let Ok(configuration) = self.configuration(context, &model.provider).await else {
            return Verdict::Unknown;
        };
        let snapshot = configuration.snapshot();
        match snapshot.credentials.by_id(credential.id) {
            Some(now) if now.version != credential.version => return Verdict::Changed,
            Some(now) if now.state == CredentialState::Invalid => return Verdict::Dead,
            Some(_) => {}
            None => return Verdict::Changed,
        }
        let opened = self
            .source
            .open(context.workspace, credential.id, credential.version);
        let Ok(values) = opened.await else {
            return Verdict::Changed;
        };
        let base_url = credential.settings.get("base_url");
        let hosts = if credential.hosts.is_empty() {
            configuration.provider().default_hosts(&credential.settings)
        } else {
            credential.hosts.clone()
        };
        let validation = Validation {
            context: context.clone(),
            provider: model.provider.clone(),
            model: Some(ModelScope {
                name: model.model.clone(),
                model_type: model.model_type,
            }),
            credential: Some((
                credential.id,
                credential.name.clone(),
                credential.version,
                Some(credential.revision),
            )),
            hosts,
            access: Access {
                base_url: base_url
                    .map_or("", |url| url.trim_end_matches('/'))
                    .to_owned(),
                settings: credential.settings.clone(),
                values,
            },
            now: snapshot.now,
        };
        match self.validate(validation).await {
            Ok(()) => Verdict::Alive,
            Err(error) if says_dead(&error) => {
                let (id, version) = (credential.id, credential.version);
                // One that could not be marked is dead all the same: the next call finds out again.
                let _ = self.book.condemn(context.workspace, id, version).await;
                // The values before a rotation may have taken its place.
                match self.configuration(context, &model.provider).await {
                    Ok(now) if is_other(now.snapshot(), credential) => Verdict::Changed,
                    Ok(_) | Err(_) => Verdict::Dead,
                }
            }
            Err(_) => Verdict::Unknown,
        }
    }
}

fn is_other(now: &Snapshot, credential: &Credential) -> bool {
    let known = now.credentials.by_id(credential.id);
    known.is_some_and(|known| known.version != credential.version)
}

fn says_dead(error: &InvokeError) -> bool {
    error.key_fault == Some(KeyFault::Dead)
}
