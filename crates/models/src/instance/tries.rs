//! The credentials that one question has tried so far, and what may be done after an attempt that came to nothing.

use latchkey_domain::credential::{CredentialFailure, Resolution, Skipped};
use latchkey_domain::id::{CredentialId, CredentialPoolId};

use crate::configuration::ProviderConfiguration;
use crate::error::InvokeError;
use crate::resolve::Candidates;
use crate::traffic::Traffic;

use super::{Failed, ModelInstance, Next, RESOLUTIONS};

/// What has been tried.
#[derive(Default)]
pub(crate) struct Tries {
    tried: Vec<(CredentialId, Skipped)>,
    /// Why the last one came to nothing.
    pub(crate) last: Option<InvokeError>,
    changes: usize,
    /// The turn that this question has at a pool.
    turns: Vec<(CredentialPoolId, u64)>,
}

impl Tries {
    pub(super) fn contains(&self, credential: CredentialId) -> bool {
        self.tried.iter().any(|(id, _)| *id == credential)
    }

    /// Its turn at a pool; taken when it is first asked for.
    pub(super) fn turn(&mut self, pool: CredentialPoolId, traffic: &Traffic) -> u64 {
        if let Some((_, turn)) = self.turns.iter().find(|(known, _)| *known == pool) {
            return *turn;
        }
        let turn = traffic.take_turn(pool);
        self.turns.push((pool, turn));
        turn
    }

    /// Adds what was tried to what a resolution has skipped.
    pub(super) fn tell(&self, resolution: &mut Resolution) {
        for (_, skipped) in &self.tried {
            let known = &mut resolution.skipped;
            known.retain(|one| one.credential_name != skipped.credential_name);
            known.push(skipped.clone());
        }
        if let Some(pool) = &mut resolution.pool {
            pool.attempt = u32::try_from(self.tried.len() + 1).unwrap_or(u32::MAX);
        }
    }

    /// Takes note of a failure.
    ///
    /// # Errors
    /// The failure, when it is the end.
    pub(crate) fn after(&mut self, failed: Failed) -> Result<(), InvokeError> {
        match failed.next {
            Next::Without(credential) => {
                let of = failed.error.resolution.as_ref();
                let skipped = Skipped {
                    credential_name: of.and_then(|of| of.credential_name.clone()),
                    code: failed.error.code(),
                };
                self.tried.push((credential, skipped));
                self.last = Some(failed.error);
                Ok(())
            }
            Next::Again if self.changes < RESOLUTIONS => {
                self.changes += 1;
                Ok(())
            }
            Next::Again | Next::Fail => Err(failed.error),
        }
    }
}

impl ModelInstance {
    /// Who may pay, after the turns of the pools that it names are taken: each once per question.
    pub(crate) fn ask_in_turn(
        &self,
        configuration: &mut ProviderConfiguration,
        tries: &mut Tries,
    ) -> Result<Candidates, Box<CredentialFailure>> {
        let candidates = self.ask(configuration)?;
        let mut pools = Vec::new();
        for candidate in candidates.all() {
            let id = candidate.pool.as_ref().map(|pool| pool.id);
            pools.extend(id.filter(|id| !pools.contains(id)));
        }
        if pools.is_empty() {
            return Ok(candidates);
        }
        for pool in pools {
            configuration.at_turn(pool, tries.turn(pool, &self.manager.traffic));
        }
        self.ask(configuration)
    }
}
