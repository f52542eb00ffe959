//! Whether a stated credential or pool is there, is the right one, may be used here, and can pay now: in this order.

use std::sync::Arc;

use latchkey_domain::credential::{Credential, CredentialCode, CredentialState, Pool, Principal};
use latchkey_domain::id::CredentialId;

use crate::hosts::host_is_allowed;
use crate::resolve::Question;
use crate::resolve::levels::Statement;

/// Why a stated credential cannot pay, and which it is, if that may be known.
#[derive(Clone, Debug)]
pub(crate) struct Unusable {
    pub(crate) code: CredentialCode,
    pub(crate) credential: Option<Arc<Credential>>,
}

impl From<CredentialCode> for Unusable {
    fn from(code: CredentialCode) -> Self {
        Self {
            code,
            credential: None,
        }
    }
}

/// What a statement names.
pub(super) enum Named {
    One(Arc<Credential>),
    Pool(Arc<Pool>),
}

impl Question<'_> {
    /// Whether a credential may pay.
    pub(super) fn check(
        &self,
        credential: Arc<Credential>,
        about_model: bool,
    ) -> Result<Arc<Credential>, Unusable> {
        let checked = self
            .belongs(&credential, about_model)
            .and_then(|()| self.is_in_scope(&credential))
            .and_then(|()| self.goes_to_its_hosts(&credential))
            .and_then(|()| self.is_available(&credential));
        match checked {
            Ok(()) => Ok(credential),
            Err(code) => Err(Unusable {
                code,
                credential: Some(credential),
            }),
        }
    }

    /// The fence stands before the look-up: a name that is not allowed is refused whether or not it exists.
    pub(super) fn look_up(&self, statement: &Statement<'_>) -> Result<Named, CredentialCode> {
        let fence = |name: &str| {
            if statement.by_run && !self.snapshot.settings.allows(name) {
                return Err(CredentialCode::OverrideNotAllowed);
            }
            Ok(())
        };
        if let Some(name) = &statement.choice.credential_name {
            fence(name)?;
        }
        let by_id = match self.stated_id(statement)? {
            Some(id) => {
                let found = self.snapshot.credentials.by_id(id);
                let credential = found.ok_or(CredentialCode::NotFound)?;
                fence(&credential.name)?;
                Some(credential)
            }
            None => None,
        };
        match (&statement.choice.credential_name, by_id) {
            (Some(name), Some(credential)) if credential.name != *name => {
                Err(CredentialCode::SelectorConflict)
            }
            (_, Some(credential)) => Ok(Named::One(Arc::clone(credential))),
            (Some(name), None) => self.named(name).ok_or(CredentialCode::NotFound),
            (None, None) => Err(CredentialCode::SelectorEmpty),
        }
    }

    /// Names are unique over credentials and pools together.
    fn named(&self, name: &str) -> Option<Named> {
        let (known, provider) = (&self.snapshot.credentials, &self.provider.id);
        if let Some(credential) = known.by_name(provider, name) {
            return Some(Named::One(Arc::clone(credential)));
        }
        let pool = known.pool(provider, name)?;
        Some(Named::Pool(Arc::clone(pool)))
    }

    fn stated_id(&self, statement: &Statement<'_>) -> Result<Option<CredentialId>, CredentialCode> {
        match (&statement.id, &statement.choice.credential_id) {
            (Some(id), _) => Ok(Some(*id)),
            (None, Some(text)) => {
                // A text that is no id is the id of nothing. By a run, it may not even tell that much apart.
                let id = text.parse().map_err(|_| CredentialCode::NotFound)?;
                Ok(Some(id))
            }
            (None, None) => Ok(None),
        }
    }

    fn belongs(&self, credential: &Credential, about_model: bool) -> Result<(), CredentialCode> {
        let fits = credential.provider == self.provider.id
            && match &credential.model {
                None => true,
                Some(model) => {
                    about_model && model.name == self.model && model.model_type == self.model_type
                }
            };
        fits.then_some(()).ok_or(CredentialCode::ProviderMismatch)
    }

    fn is_in_scope(&self, credential: &Credential) -> Result<(), CredentialCode> {
        let scope = &credential.scope;
        let workflow = scope.workflows.as_ref().is_none_or(|allowed| {
            self.context
                .workflow
                .is_some_and(|workflow| allowed.contains(&workflow))
        });
        let environment = scope
            .environments
            .as_ref()
            .is_none_or(|allowed| allowed.contains(&self.context.environment));
        let may = |who: &Principal| {
            scope
                .principals
                .as_ref()
                .is_none_or(|allowed| allowed.contains(who))
        };
        let people = may(&self.context.caller) && may(&self.context.author);
        (workflow && environment && people)
            .then_some(())
            .ok_or(CredentialCode::Forbidden)
    }

    /// A key never travels to another host, whatever its URL says.
    fn goes_to_its_hosts(&self, credential: &Credential) -> Result<(), CredentialCode> {
        let settings = &credential.settings;
        let is_own = settings.contains_key("base_url");
        let confined = self.provider.address(settings).is_none_or(|url| {
            if credential.hosts.is_empty() {
                host_is_allowed(&url, &self.provider.default_hosts(settings), is_own)
            } else {
                host_is_allowed(&url, &credential.hosts, is_own)
            }
        });
        confined.then_some(()).ok_or(CredentialCode::Forbidden)
    }

    fn is_available(&self, credential: &Credential) -> Result<(), CredentialCode> {
        match credential.state {
            CredentialState::Disabled => return Err(CredentialCode::Disabled),
            CredentialState::Invalid => return Err(CredentialCode::Invalid),
            CredentialState::Exhausted => return Err(CredentialCode::Exhausted),
            CredentialState::Active => {}
        }
        let over = credential
            .expires_at
            .is_some_and(|end| end <= self.snapshot.now);
        if over {
            return Err(CredentialCode::Expired);
        }
        if credential.health.is_exhausted(self.snapshot.now) {
            return Err(CredentialCode::Exhausted);
        }
        if credential.health.is_cooling(self.snapshot.now) {
            return Err(CredentialCode::RateLimited);
        }
        Ok(())
    }
}
