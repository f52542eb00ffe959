//! The order in which a decision's credentials are tried: what was stated, then the author's fallbacks.

use std::sync::Arc;

use latchkey_domain::credential::{Credential, Pool, Skipped};

use crate::resolve::Question;
use crate::resolve::check::Unusable;
use crate::resolve::levels::Statement;
use crate::resolve::members::Member;

/// A credential that may pay, and those before it that may not.
pub(super) struct Link {
    /// Its place among the names that were stated: 0, or from 1 in the fallbacks.
    pub(super) place: u32,
    pub(super) credential: Arc<Credential>,
    /// The pool that it came out of, if a pool was named.
    pub(super) pool: Option<Arc<Pool>>,
    /// Its place among those of its pool that can pay, from 1.
    pub(super) attempt: u32,
    pub(super) skipped: Vec<Skipped>,
}

/// A chain that is being made.
#[derive(Default)]
struct Chain {
    links: Vec<Link>,
    skipped: Vec<Skipped>,
    first_failure: Option<Unusable>,
}

impl Question<'_> {
    /// The stated credential or pool and, behind it, its fallbacks: those that are available, each once and with its
    /// place. A *wrong* name ends the chain: it is an error that somebody has to see.
    pub(super) fn chain(&self, statement: &Statement<'_>) -> Result<Vec<Link>, Unusable> {
        let mut chain = Chain::default();
        let stated = std::iter::once(self.members(statement));
        let fallback = statement.fallback.iter().map(|name| {
            let by_name = Statement::by_name(name);
            self.members(&by_name)
        });
        for (place, members) in (0u32..).zip(stated.chain(fallback)) {
            match members {
                Ok(members) => chain.add(place, members),
                Err(unusable) if chain.links.is_empty() => return Err(unusable),
                Err(_) => break,
            }
        }
        match chain.first_failure {
            Some(unusable) if chain.links.is_empty() => Err(unusable),
            _ => Ok(chain.links),
        }
    }
}

impl Chain {
    fn add(&mut self, place: u32, members: Vec<Member>) {
        let mut attempt = 0;
        for Member { pool, usable } in members {
            match usable {
                Ok(credential) => {
                    attempt += 1;
                    let is_known = |link: &Link| link.credential.id == credential.id;
                    if self.links.iter().any(is_known) {
                        continue;
                    }
                    self.links.push(Link {
                        place,
                        credential,
                        pool,
                        attempt,
                        skipped: self.skipped.clone(),
                    });
                }
                Err(unusable) => self.skip(unusable),
            }
        }
    }

    fn skip(&mut self, unusable: Unusable) {
        let credential = unusable.credential.as_ref();
        let skipped = Skipped {
            credential_name: credential.map(|credential| credential.name.clone()),
            code: unusable.code.as_str().to_owned(),
        };
        if !self.skipped.contains(&skipped) {
            self.skipped.push(skipped);
        }
        self.first_failure.get_or_insert(unusable);
    }
}
