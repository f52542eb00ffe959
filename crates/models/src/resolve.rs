//! The heart: which credential pays, as a pure function over a snapshot (design part 5).
//!
//! The first level that says something decides. A level that names a credential which cannot be used fails; no weaker
//! level is asked, as falling back would be a wrong bill.

mod chain;
mod check;
pub(crate) mod levels;
mod members;
mod strategy;

use std::sync::Arc;

use latchkey_domain::credential::{
    Considered, Credential, CredentialCode, CredentialFailure, CredentialSelector,
    InlineCredential, Level, LevelOutcome, Pool, PoolMember, RenderedSelector, Resolution,
};
use latchkey_domain::provider::ModelType;

use crate::catalogue::{ProviderInfo, SecretNeed};
use crate::context::WorkflowContext;
use crate::resolve::chain::Link;
use crate::resolve::check::Unusable;
use crate::resolve::levels::{Said, Statement};
use crate::source::Snapshot;

/// A question for the resolver.
#[derive(Clone, Copy)]
pub(crate) struct Question<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) provider: &'a ProviderInfo,
    pub(crate) context: &'a WorkflowContext,
    pub(crate) model: &'a str,
    pub(crate) model_type: ModelType,
    pub(crate) selector: &'a CredentialSelector,
    pub(crate) rendered: &'a RenderedSelector,
}

/// Who may pay, best first: never empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidates(Vec<Candidate>);

/// One credential that may pay, with the reason.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The reason.
    pub resolution: Resolution,
    /// The credential; none for `not_needed`, for the operator's and for values of the run's own.
    pub credential: Option<Arc<Credential>>,
    /// Values of the run's own.
    pub inline: Option<InlineCredential>,
    /// The pool that it came out of.
    pub pool: Option<Arc<Pool>>,
}

impl Candidate {
    /// One that no stored credential stands behind.
    const fn of(resolution: Resolution) -> Self {
        Self {
            resolution,
            credential: None,
            inline: None,
            pool: None,
        }
    }
}

impl Candidates {
    /// The one that pays unless its provider turns it down.
    #[must_use]
    pub fn first(&self) -> &Candidate {
        &self.0[0]
    }

    /// All of them, best first.
    #[must_use]
    pub fn all(&self) -> &[Candidate] {
        &self.0
    }
}

/// Answers a question.
pub(crate) fn resolve(question: &Question<'_>) -> Result<Candidates, Box<CredentialFailure>> {
    let needs_nobody = question.provider.secrets == SecretNeed::Never;
    let mut considered = Vec::with_capacity(Level::ORDER.len());
    let mut deciding = None;
    for level in Level::ORDER {
        let said = question.say(level);
        let asked =
            !needs_nobody && deciding.is_none() && level <= question.snapshot.settings.weakest;
        let outcome = match &said {
            Said::Silent if asked => LevelOutcome::Silent,
            Said::Locked(_) => LevelOutcome::Locked,
            Said::Names(_) | Said::Inline(..) | Said::Fails(..) | Said::System if asked => {
                LevelOutcome::Decided
            }
            Said::Silent | Said::Names(_) | Said::Inline(..) | Said::Fails(..) | Said::System => {
                LevelOutcome::NotAsked
            }
        };
        considered.push(Considered {
            level,
            outcome,
            code: None,
            would_be: match outcome {
                LevelOutcome::NotAsked | LevelOutcome::Locked => question.would_be(&said),
                LevelOutcome::Decided | LevelOutcome::Silent | LevelOutcome::Failed => None,
            },
        });
        if outcome == LevelOutcome::Decided {
            deciding = Some((level, said));
        }
    }
    match deciding {
        Some((level, said)) => question.decide(level, said, considered),
        None if needs_nobody || question.provider.goes_without() => {
            Ok(question.not_needed(considered))
        }
        None => {
            let unusable = CredentialCode::Missing.into();
            Err(question.failure(unusable, None, None, considered))
        }
    }
}

impl Question<'_> {
    /// Whether what the node says does not matter: nobody is asked, level 1 has something to say, or the workflow's
    /// weakest level ends above the node.
    pub(crate) fn node_is_not_asked(&self) -> bool {
        self.provider.secrets == SecretNeed::Never
            || Level::Node > self.snapshot.settings.weakest
            || matches!(
                self.say(Level::RunOverride),
                Said::Names(_) | Said::Inline(..) | Said::Fails(..)
            )
    }

    fn decide(
        &self,
        level: Level,
        said: Said<'_>,
        mut considered: Vec<Considered>,
    ) -> Result<Candidates, Box<CredentialFailure>> {
        let failed = |unusable: Unusable,
                      statement: Option<&Statement<'_>>,
                      mut considered: Vec<Considered>| {
            mark_failed(&mut considered, level, unusable.code);
            Err(self.failure(unusable, Some(level), statement, considered))
        };
        let statement = match said {
            Said::Names(statement) => statement,
            Said::Inline(inline, statement) => {
                let considered = std::mem::take(&mut considered);
                let resolution = self.resolution(level, Some(&statement), None, considered);
                let mut candidate = Candidate::of(resolution);
                candidate.inline = Some(inline.clone());
                return Ok(Candidates(vec![candidate]));
            }
            Said::Fails(code, statement) => {
                return failed(code.into(), Some(&statement), considered);
            }
            Said::System => {
                let considered = std::mem::take(&mut considered);
                let resolution = self.resolution(level, None, None, considered);
                return Ok(Candidates(vec![Candidate::of(resolution)]));
            }
            Said::Silent | Said::Locked(_) => {
                return failed(CredentialCode::Missing.into(), None, considered);
            }
        };
        match self.chain(&statement) {
            Err(unusable) => failed(unusable, Some(&statement), considered),
            Ok(chain) => {
                let candidates = chain
                    .into_iter()
                    .map(|link| self.candidate(level, &statement, link, considered.clone()));
                Ok(Candidates(candidates.collect()))
            }
        }
    }

    fn candidate(
        &self,
        level: Level,
        statement: &Statement<'_>,
        link: Link,
        considered: Vec<Considered>,
    ) -> Candidate {
        let credential = link.credential;
        let mut resolution = self.resolution(level, Some(statement), Some(&credential), considered);
        resolution.fallback = (link.place > 0).then_some(link.place);
        resolution.skipped = link.skipped;
        resolution.pool = link.pool.as_ref().map(|pool| PoolMember {
            name: pool.name.clone(),
            member: credential.name.clone(),
            attempt: link.attempt,
        });
        Candidate {
            resolution,
            credential: Some(credential),
            inline: None,
            pool: link.pool,
        }
    }

    fn not_needed(&self, considered: Vec<Considered>) -> Candidates {
        let resolution = self.resolution(Level::NotNeeded, None, None, considered);
        Candidates(vec![Candidate::of(resolution)])
    }

    fn resolution(
        &self,
        level: Level,
        statement: Option<&Statement<'_>>,
        credential: Option<&Credential>,
        considered: Vec<Considered>,
    ) -> Resolution {
        Resolution {
            credential_id: credential.map(|credential| credential.id),
            credential_name: credential.map(|credential| credential.name.clone()),
            credential_version: credential.map(|credential| credential.version),
            provider: self.provider.id.clone(),
            level,
            selector: statement.and_then(|statement| statement.source.clone()),
            selector_rendered: statement.and_then(|statement| statement.rendered.clone()),
            pool: None,
            fallback: None,
            skipped: Vec::new(),
            considered,
        }
    }

    fn failure(
        &self,
        unusable: Unusable,
        level: Option<Level>,
        statement: Option<&Statement<'_>>,
        considered: Vec<Considered>,
    ) -> Box<CredentialFailure> {
        let credential = unusable.credential;
        Box::new(CredentialFailure {
            code: unusable.code,
            credential_id: credential.as_ref().map(|credential| credential.id),
            credential_name: credential.map(|credential| credential.name.clone()),
            level,
            selector: statement.and_then(|statement| statement.source.clone()),
            selector_rendered: statement.and_then(|statement| statement.rendered.clone()),
            provider: self.provider.id.clone(),
            model: self.model.to_owned(),
            node_id: self.context.node.clone(),
            considered,
            by_run: statement.is_some_and(|statement| statement.by_run),
        })
    }
}

fn mark_failed(considered: &mut [Considered], level: Level, code: CredentialCode) {
    for step in considered.iter_mut().filter(|step| step.level == level) {
        step.outcome = LevelOutcome::Failed;
        step.code = Some(code);
    }
}
