//! The credentials that one question has tried so far, and what may be done after an attempt that came to nothing.

use latchkey_domain::credential::Skipped;
use latchkey_domain::id::CredentialId;

use crate::error::InvokeError;

use super::{Failed, Next, RESOLUTIONS};

/// What has been tried.
#[derive(Default)]
pub(super) struct Tries {
    tried: Vec<(CredentialId, Skipped)>,
    /// Why the last one came to nothing.
    pub(super) last: Option<InvokeError>,
    changes: usize,
}

impl Tries {
    pub(super) fn contains(&self, credential: CredentialId) -> bool {
        self.tried.iter().any(|(id, _)| *id == credential)
    }

    /// Adds what was tried to what a resolution has skipped.
    pub(super) fn tell(&self, known: &mut Vec<Skipped>) {
        for (_, skipped) in &self.tried {
            known.retain(|one| one.credential_name != skipped.credential_name);
            known.push(skipped.clone());
        }
    }

    /// Takes note of a failure.
    ///
    /// # Errors
    /// The failure, when it is the end.
    pub(super) fn after(&mut self, failed: Failed) -> Result<(), InvokeError> {
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
