//! Forms: asked by the writer together with the record that asks them, answered here, once.

use latchkey_domain::form::{FormAnswer, FormRequest, FormState, KeptForm};
use latchkey_domain::id::{FormId, RunId, WorkspaceId};
use latchkey_domain::run::RunStatus;
use latchkey_domain::time::Timestamp;
use sea_orm::sea_query::{Expr, Query, SelectStatement, SimpleExpr};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use uuid::Uuid;

use crate::codec::{self, optional, text, value};
use crate::entities::{form, run, timer};
use crate::error::StoreError;
use crate::open::Store;

/// How the kinds of timers begin that are deadlines of forms.
const DEADLINE: &str = "form:";

impl Store {
    /// The forms of a run, in the order in which they were asked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forms(
        &self,
        workspace: WorkspaceId,
        of: RunId,
    ) -> Result<Vec<KeptForm>, StoreError> {
        let rows = form::Entity::find()
            .filter(form::Column::RunId.eq(of.uuid()))
            .filter(form::Column::WorkspaceId.eq(workspace.uuid()))
            .order_by_asc(form::Column::CreatedAt)
            .order_by_asc(form::Column::Id)
            .all(&self.read)
            .await?;
        let over = run::Entity::find_by_id(of.uuid())
            .filter(run::Column::FinishedAt.is_not_null())
            .select_only()
            .column(run::Column::Id);
        let is_over = over.into_tuple::<Uuid>().one(&self.read).await?.is_some();
        rows.iter().map(|row| form_of(row, is_over)).collect()
    }

    /// A form of a workspace.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn form(
        &self,
        workspace: WorkspaceId,
        id: FormId,
    ) -> Result<Option<KeptForm>, StoreError> {
        let find = form::Entity::find_by_id(id.uuid())
            .filter(form::Column::WorkspaceId.eq(workspace.uuid()));
        let Some(row) = find.one(&self.read).await? else {
            return Ok(None);
        };
        let of = self.forms(workspace, RunId::new(row.run_id)).await?;
        Ok(of.into_iter().find(|kept| kept.request.form_id == id))
    }

    /// Answers a form, if it is open and its run is not over: the first answer wins. Its deadline is gone then, and its run, if it is
    /// paused, waits to be taken up. Answers whether this was it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn answer_form(
        &self,
        of: RunId,
        id: FormId,
        answer: &FormAnswer,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = self.write.begin().await?;
        let done = form::Entity::update_many()
            .col_expr(form::Column::Answer, Expr::value(text(answer)?))
            .col_expr(form::Column::AnsweredAt, Expr::value(at.millis()))
            .filter(form::Column::Id.eq(id.uuid()))
            .filter(form::Column::RunId.eq(of.uuid()))
            .filter(form::Column::AnsweredAt.is_null())
            .filter(form::Column::RunId.in_subquery(unfinished()))
            .exec(&transaction)
            .await?;
        timer::Entity::delete_many()
            .filter(timer::Column::RunId.eq(of.uuid()))
            .filter(timer::Column::Kind.eq(deadline(id)))
            .exec(&transaction)
            .await?;
        if done.rows_affected == 1 {
            queue(&transaction, run::Column::Id.eq(of.uuid()), at).await?;
        }
        transaction.commit().await?;
        Ok(done.rows_affected == 1)
    }

    /// Lets paused runs wait to be taken up that were answered before they came to their pause; how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn queue_answered_runs(&self, at: Timestamp) -> Result<u64, StoreError> {
        let answered = Query::select()
            .column(form::Column::RunId)
            .from(form::Entity)
            .and_where(form::Column::AnsweredAt.is_not_null())
            .and_where(form::Column::RecordedAt.is_null())
            .to_owned();
        queue(&self.write, run::Column::Id.in_subquery(answered), at).await
    }

    /// The answers of a run that are in no record of its journal yet, in the order in which they were given.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unrecorded_answers(
        &self,
        of: RunId,
    ) -> Result<Vec<(FormId, FormAnswer)>, StoreError> {
        let rows = form::Entity::find()
            .filter(form::Column::RunId.eq(of.uuid()))
            .filter(form::Column::AnsweredAt.is_not_null())
            .filter(form::Column::RecordedAt.is_null())
            .order_by_asc(form::Column::AnsweredAt)
            .order_by_asc(form::Column::Id)
            .all(&self.read)
            .await?;
        let answers = rows.iter().filter_map(|row| {
            let answer = optional(row.answer.as_ref()).transpose()?;
            Some(answer.map(|answer| (FormId::new(row.id), answer)))
        });
        answers.collect()
    }

    /// Forms whose deadline has passed, the oldest first, with their runs.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn due_forms(
        &self,
        now: Timestamp,
        most: u64,
    ) -> Result<Vec<(FormId, RunId, WorkspaceId)>, StoreError> {
        let due = deadlines()
            .filter(timer::Column::DueAt.lte(now.millis()))
            .limit(most)
            .all(&self.read)
            .await?;
        let ids = due.iter().filter_map(|timer| {
            let id = timer.kind.strip_prefix(DEADLINE)?;
            Uuid::parse_str(id).ok()
        });
        let rows: Vec<(Uuid, Uuid, Uuid)> = form::Entity::find()
            .select_only()
            .columns([
                form::Column::Id,
                form::Column::RunId,
                form::Column::WorkspaceId,
            ])
            .filter(form::Column::Id.is_in(ids))
            .order_by_asc(form::Column::Id)
            .into_tuple()
            .all(&self.read)
            .await?;
        let forms = rows.into_iter().map(|(id, run, workspace)| {
            let id = FormId::new(id);
            (id, RunId::new(run), WorkspaceId::new(workspace))
        });
        Ok(forms.collect())
    }

    /// When the next deadline of a form is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_deadline(&self) -> Result<Option<Timestamp>, StoreError> {
        let next = deadlines().one(&self.read).await?;
        Ok(next.map(|timer| codec::time(timer.due_at)))
    }
}

/// Has paused runs wait to be taken up.
async fn queue(
    connection: &impl ConnectionTrait,
    which: SimpleExpr,
    at: Timestamp,
) -> Result<u64, StoreError> {
    let done = run::Entity::update_many()
        .col_expr(run::Column::Status, Expr::value(RunStatus::Queued.as_str()))
        .col_expr(run::Column::QueuedAt, Expr::value(at.millis()))
        .filter(which)
        .filter(run::Column::Status.eq(RunStatus::Paused.as_str()))
        .filter(run::Column::FinishedAt.is_null())
        .exec(connection)
        .await?;
    Ok(done.rows_affected)
}

fn deadlines() -> sea_orm::Select<timer::Entity> {
    timer::Entity::find()
        .filter(timer::Column::Kind.starts_with(DEADLINE))
        .order_by_asc(timer::Column::DueAt)
}

fn unfinished() -> SelectStatement {
    Query::select()
        .column(run::Column::Id)
        .from(run::Entity)
        .and_where(run::Column::FinishedAt.is_null())
        .to_owned()
}

/// The kind of the timer that is a form's deadline.
fn deadline(id: FormId) -> String {
    format!("{DEADLINE}{id}")
}

/// A form that is asked, as rows: itself and its deadline.
pub(crate) fn rows_of(
    run: RunId,
    workspace: WorkspaceId,
    at: Timestamp,
    request: &FormRequest,
) -> Result<(form::Model, timer::Model), StoreError> {
    let form = form::Model {
        id: request.form_id.uuid(),
        run_id: run.uuid(),
        workspace_id: workspace.uuid(),
        request: text(request)?,
        answer: None,
        created_at: at.millis(),
        answered_at: None,
        recorded_at: None,
    };
    let timer = timer::Model {
        run_id: run.uuid(),
        kind: deadline(request.form_id),
        due_at: request.form.due_at.millis(),
    };
    Ok((form, timer))
}

fn form_of(row: &form::Model, is_over: bool) -> Result<KeptForm, StoreError> {
    let answer: Option<FormAnswer> = optional(row.answer.as_ref())?;
    Ok(KeptForm {
        run: RunId::new(row.run_id),
        request: value(&row.request)?,
        state: match (&answer, is_over) {
            (Some(_), _) => FormState::Answered,
            (None, true) => FormState::Closed,
            (None, false) => FormState::Open,
        },
        answer,
        created_at: codec::time(row.created_at),
        answered_at: row.answered_at.map(codec::time),
    })
}
