//! What a statement names: one credential, or the members of a pool in the order in which they would pay.

use std::sync::Arc;

use latchkey_domain::credential::{Credential, CredentialCode, Pool};

use crate::resolve::Question;
use crate::resolve::check::{Named, Unusable};
use crate::resolve::levels::Statement;
use crate::resolve::strategy;

/// One that was named.
pub(super) struct Member {
    /// The pool that it came out of.
    pub(super) pool: Option<Arc<Pool>>,
    /// The credential, or why it cannot pay for now.
    pub(super) usable: Result<Arc<Credential>, Unusable>,
}

impl Question<'_> {
    /// What a statement names, at least one; those that cannot pay for now are among them.
    pub(super) fn members(&self, statement: &Statement<'_>) -> Result<Vec<Member>, Unusable> {
        match self.look_up(statement)? {
            Named::One(credential) => {
                let about_model = statement.about_model;
                let usable = match self.check(credential, about_model) {
                    Err(unusable) if !unusable.code.is_unavailable() => return Err(unusable),
                    usable => usable,
                };
                Ok(vec![Member { pool: None, usable }])
            }
            Named::Pool(pool) => self.members_of(&pool, statement.about_model),
        }
    }

    /// The members that are in scope for this call. Those that cannot pay for now come first where turns are taken: then
    /// they are told, and nobody waits for them.
    fn members_of(&self, pool: &Arc<Pool>, about_model: bool) -> Result<Vec<Member>, Unusable> {
        let mut in_scope = Vec::with_capacity(pool.members.len());
        for entry in &pool.members {
            let Some(credential) = self.snapshot.credentials.by_id(entry.credential_id) else {
                continue;
            };
            match self.check(Arc::clone(credential), about_model) {
                Err(unusable) if !unusable.code.is_unavailable() => {}
                usable => in_scope.push((entry.weight, usable)),
            }
        }
        if in_scope.is_empty() {
            return Err(CredentialCode::Forbidden.into());
        }
        let turn = self.snapshot.turns.get(&pool.id).copied();
        let busy = |credential: &Credential| self.snapshot.busy.get(&credential.id).copied();
        let ordered = strategy::ordered(pool.strategy, in_scope, turn.unwrap_or(0), busy);
        let member = |usable| Member {
            pool: Some(Arc::clone(pool)),
            usable,
        };
        Ok(ordered.into_iter().map(member).collect())
    }
}
