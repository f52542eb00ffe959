//! What each level says, before anybody asks whether it can be used.

use std::borrow::Cow;
use std::collections::BTreeMap;

use latchkey_domain::credential::{
    CredentialChoice, CredentialCode, InlineCredential, Level, ModelScope, OnEmpty, OverrideChoice,
    RenderedSelector,
};
use latchkey_domain::id::CredentialId;
use latchkey_domain::provider::ProviderId;
use latchkey_domain::settings::{Binding, RuntimeOverride};

use crate::hosts::is_listed;
use crate::resolve::Question;

/// Stands for the selector where a run states values of its own.
const INLINE: &str = "inline";

/// What a level says.
#[derive(Debug)]
pub(crate) enum Said<'a> {
    /// Nothing.
    Silent,
    /// Something, but the node is locked against it.
    Locked(Statement<'a>),
    /// A credential or a pool.
    Names(Statement<'a>),
    /// Values of the run's own.
    Inline(&'a InlineCredential, Statement<'a>),
    /// Something that fails by itself.
    Fails(CredentialCode, Statement<'a>),
    /// The operator's own.
    System,
}

/// A statement of one credential.
#[derive(Clone, Debug, Default)]
pub(crate) struct Statement<'a> {
    /// The final texts.
    pub(crate) choice: Cow<'a, CredentialChoice>,
    /// An id that needs no reading (levels 4 and 5).
    pub(crate) id: Option<CredentialId>,
    /// As it was said.
    pub(crate) source: Option<String>,
    /// As it was rendered.
    pub(crate) rendered: Option<String>,
    /// Whether the run had a say in it, so that the fence holds.
    pub(crate) by_run: bool,
    /// Whether it was said about a model, so that it may name a model's credential.
    pub(crate) about_model: bool,
    /// What is tried when it is unavailable.
    pub(crate) fallback: &'a [String],
}

impl<'a> Statement<'a> {
    fn of(choice: &'a CredentialChoice) -> Self {
        let text = text_of(choice);
        Self {
            choice: Cow::Borrowed(choice),
            source: text.clone(),
            rendered: text,
            ..Self::default()
        }
    }

    fn of_override(stated: &'a OverrideChoice) -> Self {
        match stated {
            OverrideChoice::Stored(choice) => Self::of(choice),
            OverrideChoice::Inline { .. } => Self {
                source: Some(INLINE.to_owned()),
                rendered: Some(INLINE.to_owned()),
                ..Self::default()
            },
        }
    }

    fn of_default(id: CredentialId, about_model: bool) -> Self {
        Self {
            id: Some(id),
            about_model,
            ..Self::default()
        }
    }

    /// A name written by the author behind a node's selector.
    pub(crate) fn by_name(name: &str) -> Self {
        Self {
            choice: Cow::Owned(CredentialChoice {
                credential_id: None,
                credential_name: Some(name.to_owned()),
            }),
            about_model: true,
            ..Self::default()
        }
    }
}

impl<'a> Question<'a> {
    pub(crate) fn say(&self, level: Level) -> Said<'a> {
        match level {
            Level::RunOverride => self.run_override(),
            Level::Node => self.node(),
            Level::WorkflowBinding => self.binding(),
            Level::WorkspaceModelDefault => {
                let model = ModelScope {
                    name: self.model.to_owned(),
                    model_type: self.model_type,
                };
                let id = self.snapshot.model_defaults.get(&model).copied();
                id.map_or(Said::Silent, |id| {
                    Said::Names(Statement::of_default(id, true))
                })
            }
            Level::WorkspaceDefault => {
                let id = self.snapshot.provider_default;
                id.map_or(Said::Silent, |id| {
                    Said::Names(Statement::of_default(id, false))
                })
            }
            Level::System if self.snapshot.system => Said::System,
            Level::System | Level::NotNeeded => Said::Silent,
        }
    }

    fn run_override(&self) -> Said<'a> {
        let Some((about_model, stated, agree)) = self.stated_override() else {
            return Said::Silent;
        };
        let statement = Statement {
            by_run: true,
            about_model,
            ..Statement::of_override(stated)
        };
        if self.selector.locked {
            return Said::Locked(statement);
        }
        let permitted = self.snapshot.settings.runtime_override;
        if permitted == RuntimeOverride::None {
            return Said::Fails(CredentialCode::OverrideNotAllowed, statement);
        }
        if !agree {
            return Said::Fails(CredentialCode::SelectorConflict, statement);
        }
        match stated {
            OverrideChoice::Stored(choice) if is_empty(choice) => {
                Said::Fails(CredentialCode::SelectorEmpty, statement)
            }
            OverrideChoice::Stored(_) => Said::Names(statement),
            OverrideChoice::Inline { inline } => {
                if permitted == RuntimeOverride::Inline && self.may_go_to(&inline.hosts) {
                    Said::Inline(inline, statement)
                } else {
                    Said::Fails(CredentialCode::OverrideNotAllowed, statement)
                }
            }
        }
    }

    /// Values of a run's own go to the provider's own hosts and to those that the workflow lists, as it lists them now.
    fn may_go_to(&self, hosts: &[String]) -> bool {
        let own = self.provider.default_hosts(&BTreeMap::new());
        let listed = &self.snapshot.settings.runtime_hosts;
        let may = |host: &String| is_listed(host, &own) || is_listed(host, listed);
        hosts.iter().all(may)
    }

    /// The override for this model, else the one for this provider, and whether all keys that mean it say the same.
    fn stated_override(&self) -> Option<(bool, &'a OverrideChoice, bool)> {
        let find = |wanted: Option<&str>| {
            let mut fitting = self.context.overrides.iter().filter_map(|(key, choice)| {
                let (provider, model) = split_key(key);
                (provider == self.provider.id && model == wanted).then_some(choice)
            });
            let first = fitting.next()?;
            Some((wanted.is_some(), first, fitting.all(|other| other == first)))
        };
        find(Some(self.model)).or_else(|| find(None))
    }

    fn node(&self) -> Said<'a> {
        let source = text_of(&self.selector.choice);
        match self.rendered {
            RenderedSelector::Silent => Said::Silent,
            RenderedSelector::Empty { .. } if self.selector.on_empty == OnEmpty::Next => {
                Said::Silent
            }
            RenderedSelector::Empty { .. } => {
                let statement = Statement {
                    source,
                    rendered: Some(String::new()),
                    ..Statement::default()
                };
                Said::Fails(CredentialCode::SelectorEmpty, statement)
            }
            RenderedSelector::Choice(rendered) if is_empty(&rendered.choice) => Said::Silent,
            RenderedSelector::Choice(rendered) => Said::Names(Statement {
                source,
                by_run: rendered.by_run,
                about_model: true,
                fallback: &self.selector.fallback,
                ..Statement::of(&rendered.choice)
            }),
        }
    }

    fn binding(&self) -> Said<'a> {
        let settings = &self.snapshot.settings;
        let fitting = settings.bindings.iter().filter_map(|binding| {
            let rank = self.rank(binding)?;
            (!is_empty(&binding.choice)).then_some((rank, binding))
        });
        let mut best: Option<(u8, &Binding)> = None;
        let mut disagree = false;
        for (rank, binding) in fitting {
            match best {
                Some((top, _)) if rank > top => {}
                Some((top, other)) if rank == top => disagree |= other.choice != binding.choice,
                _ => {
                    best = Some((rank, binding));
                    disagree = false;
                }
            }
        }
        let Some((_, binding)) = best else {
            return Said::Silent;
        };
        let statement = Statement {
            about_model: binding.model.is_some(),
            ..Statement::of(&binding.choice)
        };
        if disagree {
            Said::Fails(CredentialCode::SelectorConflict, statement)
        } else {
            Said::Names(statement)
        }
    }

    /// How closely a binding fits, 0 the closest: model and environment, environment, model, neither.
    fn rank(&self, binding: &Binding) -> Option<u8> {
        if binding.provider != self.provider.id {
            return None;
        }
        let model = match &binding.model {
            Some(model) if model == self.model => true,
            Some(_) => return None,
            None => false,
        };
        let environment = match &binding.environment {
            Some(environment) if *environment == self.context.environment => true,
            Some(_) => return None,
            None => false,
        };
        Some(match (model, environment) {
            (true, true) => 0,
            (false, true) => 1,
            (true, false) => 2,
            (false, false) => 3,
        })
    }

    /// For a level that was not asked: the name of the credential that it would have chosen.
    pub(crate) fn would_be(&self, said: &Said<'_>) -> Option<String> {
        let statement = match said {
            Said::Silent => return None,
            Said::System => return Some("system".to_owned()),
            Said::Locked(statement)
            | Said::Names(statement)
            | Said::Inline(_, statement)
            | Said::Fails(_, statement) => statement,
        };
        let id = statement.id.or_else(|| {
            let text = statement.choice.credential_id.as_deref()?;
            text.parse().ok()
        });
        let named = id.and_then(|id| self.snapshot.credentials.by_id(id));
        named
            .map(|credential| credential.name.clone())
            .or_else(|| statement.choice.credential_name.clone())
            .or_else(|| statement.rendered.clone())
    }
}

/// An override's key: a provider, or a provider and a model. Provider ids have no colon, models may have.
pub(crate) fn split_key(key: &str) -> (ProviderId, Option<&str>) {
    match key.split_once(':') {
        Some((provider, model)) => (ProviderId::normalise(provider), Some(model)),
        None => (ProviderId::normalise(key), None),
    }
}

/// The provider that an override's key is about.
#[must_use]
pub fn override_provider(key: &str) -> ProviderId {
    split_key(key).0
}

fn text_of(choice: &CredentialChoice) -> Option<String> {
    choice
        .credential_name
        .clone()
        .or_else(|| choice.credential_id.clone())
}

const fn is_empty(choice: &CredentialChoice) -> bool {
    choice.credential_id.is_none() && choice.credential_name.is_none()
}
