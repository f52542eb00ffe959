//! What follows from the records of a run beside the records themselves: forms, and where the run stands.

use latchkey_domain::id::{RunId, WorkspaceId};
use latchkey_domain::journal::{JournalEntry, JournalRecord};
use latchkey_domain::run::RunStatus;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, DatabaseTransaction, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use super::chat::{self, Changed};
use crate::codec::text;
use crate::entities::{form, run, timer};
use crate::error::StoreError;
use crate::forms::rows_of;

/// What follows from some records, ready for its columns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Follows {
    pub(super) forms: Vec<form::Model>,
    pub(super) timers: Vec<timer::Model>,
    /// Forms whose answers were recorded, and when.
    pub(super) recorded: Vec<(Uuid, i64)>,
    /// Variables of the conversation that nodes have changed.
    pub(super) changed: Vec<Changed>,
    pub(super) standing: Option<Standing>,
}

/// Where a run stands that is not over.
#[derive(Clone, Debug)]
pub(crate) enum Standing {
    /// It goes on.
    Running,
    /// It waits for forms.
    Paused {
        usage: String,
        steps: i64,
        exceptions: i64,
    },
}

impl Follows {
    pub(super) fn of(
        run: RunId,
        workspace: WorkspaceId,
        records: &[JournalRecord],
    ) -> Result<Self, StoreError> {
        let mut follows = Self::default();
        for record in records {
            match &record.entry {
                JournalEntry::FormAsked { request, .. } => {
                    let (form, timer) = rows_of(run, workspace, record.at, request)?;
                    follows.forms.push(form);
                    follows.timers.push(timer);
                }
                JournalEntry::FormAnswered { execution_id, .. } => {
                    // The form has the id of the execution that asks it.
                    let form = (execution_id.uuid(), record.at.millis());
                    follows.recorded.push(form);
                    follows.standing = Some(Standing::Running);
                }
                JournalEntry::Paused(paused) => {
                    follows.standing = Some(Standing::Paused {
                        usage: text(&paused.usage)?,
                        steps: paused.steps.into(),
                        exceptions: paused.exceptions.into(),
                    });
                }
                JournalEntry::NodeSucceeded { result, .. } => {
                    let at = record.at.millis();
                    follows.changed.extend(chat::changed(result, at)?);
                }
                JournalEntry::Started { .. }
                | JournalEntry::NodeFailed { .. }
                | JournalEntry::RetryDue { .. }
                | JournalEntry::StopAsked { .. }
                | JournalEntry::TakenOver
                | JournalEntry::TimeOver
                | JournalEntry::Finished(_) => {}
            }
        }
        Ok(follows)
    }
}

impl Standing {
    pub(super) const fn status(&self) -> RunStatus {
        match self {
            Self::Running => RunStatus::Running,
            Self::Paused { .. } => RunStatus::Paused,
        }
    }

    /// Puts it into a row that is not written yet.
    pub(super) fn put(self, row: &mut run::Model) {
        match self {
            Self::Running => RunStatus::Running.as_str().clone_into(&mut row.status),
            Self::Paused {
                usage,
                steps,
                exceptions,
            } => {
                RunStatus::Paused.as_str().clone_into(&mut row.status);
                row.worker_id = None;
                row.usage = usage;
                row.steps = steps;
                row.exceptions = exceptions;
            }
        }
    }

    /// Writes it down.
    pub(super) async fn write(
        self,
        transaction: &DatabaseTransaction,
        id: Uuid,
    ) -> Result<(), StoreError> {
        let update = run::Entity::update_many().filter(run::Column::Id.eq(id));
        let update = match self {
            Self::Running => update.col_expr(
                run::Column::Status,
                Expr::value(RunStatus::Running.as_str()),
            ),
            Self::Paused {
                usage,
                steps,
                exceptions,
            } => update
                .col_expr(run::Column::Status, Expr::value(RunStatus::Paused.as_str()))
                .col_expr(run::Column::WorkerId, Expr::value(Option::<Uuid>::None))
                .col_expr(run::Column::Usage, Expr::value(usage))
                .col_expr(run::Column::Steps, Expr::value(steps))
                .col_expr(run::Column::Exceptions, Expr::value(exceptions)),
        };
        update.exec(transaction).await?;
        Ok(())
    }
}

/// Writes down that the answers of these forms are in the journal.
pub(super) async fn record_answers(
    transaction: &DatabaseTransaction,
    recorded: Vec<(Uuid, i64)>,
) -> Result<(), StoreError> {
    for (id, at) in recorded {
        form::Entity::update_many()
            .col_expr(form::Column::RecordedAt, Expr::value(at))
            .filter(form::Column::Id.eq(id))
            .exec(transaction)
            .await?;
    }
    Ok(())
}
