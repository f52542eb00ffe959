//! The health of those who pay: looked at when a call is opened, written with its end.

use std::collections::{BTreeSet, HashMap};

use latchkey_domain::credential::{CredentialCode, Finding, FullRule, Health, HolderKind, NoRoom};
use latchkey_domain::id::CredentialId;
use latchkey_domain::ledger::{ModelCallEnd, OpenRefusal};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DatabaseTransaction, DbBackend, EntityTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use uuid::Uuid;

use crate::codec;
use crate::entities::{credential_health, model_call};
use crate::error::StoreError;
use crate::health::{INLINE, PayerHealth, health_of, inline_id, row_of, write};

/// Whose health it is: a version of a credential, or values that runs state themselves.
type Payer = (Uuid, i64);

/// The health of a batch's payers.
#[derive(Default)]
pub(super) struct Wellbeing {
    known: HashMap<Payer, One>,
}

struct One {
    workspace: Uuid,
    health: Health,
    is_changed: bool,
}

/// Who pays for a call whose health is of interest; nobody for one that only tries a credential out.
fn payer(row: &model_call::Model) -> Option<Payer> {
    row.level.as_ref()?;
    match (row.credential_id, &row.inline) {
        (Some(id), _) => Some((id, row.credential_version.unwrap_or_default())),
        (None, Some(fingerprint)) => Some((inline_id(row.workspace_id, fingerprint), INLINE)),
        (None, None) => None,
    }
}

/// Whether the end of a call tells anything new.
fn is_news(row: &model_call::Model, end: &ModelCallEnd) -> bool {
    match end.finding {
        Finding::Nothing => false,
        Finding::Works => row.watched != 0,
        Finding::Cools { .. } | Finding::Exhausted => true,
    }
}

impl Wellbeing {
    pub(super) async fn read<'a>(
        transaction: &DatabaseTransaction,
        opening: &[&model_call::Model],
        closing: impl Iterator<Item = (&'a model_call::Model, &'a ModelCallEnd)>,
    ) -> Result<Self, StoreError> {
        let mut of: BTreeSet<Uuid> = opening
            .iter()
            .filter_map(|row| payer(row))
            .map(|(id, _)| id)
            .collect();
        let news = closing.filter(|(row, end)| is_news(row, end));
        let news: BTreeSet<Uuid> = news
            .filter_map(|(row, _)| payer(row))
            .map(|(id, _)| id)
            .collect();
        let is_written = !news.is_empty();
        of.extend(news);
        let mut all = Self::default();
        if of.is_empty() {
            return Ok(all);
        }
        let mut find = credential_health::Entity::find()
            .filter(credential_health::Column::Id.is_in(of))
            .order_by_asc(credential_health::Column::Id)
            .order_by_asc(credential_health::Column::Version);
        if is_written && transaction.get_database_backend() == DbBackend::Postgres {
            find = find.lock_exclusive();
        }
        for row in find.all(transaction).await? {
            let one = One {
                workspace: row.workspace_id,
                health: health_of(&row),
                is_changed: false,
            };
            all.known.insert((row.id, row.version), one);
        }
        Ok(all)
    }

    /// Whether a call's payer may be asked now; `wait_ms` is how long the call may wait for the end of a pause.
    pub(super) fn admit(&self, row: &model_call::Model, wait_ms: u64) -> Result<(), OpenRefusal> {
        let Some(one) = payer(row).and_then(|payer| self.known.get(&payer)) else {
            return Ok(());
        };
        let now = codec::time(row.opened_at);
        if one.health.is_exhausted(now) {
            return Err(OpenRefusal::Credential(CredentialCode::Exhausted));
        }
        match one.health.cooling_until {
            Some(until) if now < until => Err(OpenRefusal::NoRoom(NoRoom {
                whose: HolderKind::Credential,
                rule: FullRule::Cooling,
                retry_after_ms: Some(until.millis_since(now)),
                wait_ms,
            })),
            Some(_) | None => Ok(()),
        }
    }

    /// A call is opened. If its payer's account had nothing left, this call alone tries whether it has again. Whether the
    /// call's success would be news.
    pub(super) fn opened(&mut self, row: &model_call::Model) -> bool {
        let Some(payer) = payer(row) else {
            return false;
        };
        let now = codec::time(row.opened_at);
        let Some(one) = self.known.get_mut(&payer) else {
            return true;
        };
        let is_watched = one.health.would_hear_of_success(now);
        if one.health.exhausted_at.is_some() {
            one.health = one.health.probed(now);
            one.is_changed = true;
        }
        is_watched
    }

    /// A call has ended; how its payer is now, if that is new.
    pub(super) fn closed(
        &mut self,
        row: &model_call::Model,
        end: &ModelCallEnd,
    ) -> Option<PayerHealth> {
        if !is_news(row, end) {
            return None;
        }
        let (id, version) = payer(row)?;
        let one = self.known.entry((id, version)).or_insert_with(|| One {
            workspace: row.workspace_id,
            health: Health::default(),
            is_changed: false,
        });
        one.health = one
            .health
            .after(&end.finding, codec::time(row.opened_at), end.at);
        one.is_changed = true;
        Some(PayerHealth {
            credential: CredentialId::new(row.credential_id?),
            version: i32::try_from(version).unwrap_or(i32::MAX),
            health: one.health.clone(),
        })
    }

    pub(super) async fn store(self, transaction: &DatabaseTransaction) -> Result<(), StoreError> {
        let changed = self.known.into_iter().filter(|(_, one)| one.is_changed);
        let mut changed: Vec<_> = changed.collect();
        changed.sort_by_key(|(payer, _)| *payer);
        for (payer, one) in changed {
            let row = row_of(payer, one.workspace, &one.health);
            write(transaction, row).await?;
        }
        Ok(())
    }
}
