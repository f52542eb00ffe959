//! Reading runs: the rows, their journals, their node executions.

use futures::{StreamExt as _, TryStreamExt as _, stream};
use latchkey_domain::credential::Environment;
use latchkey_domain::id::{CredentialId, NodeExecutionId, NodeId, RunId, WorkflowId, WorkspaceId};
use latchkey_domain::journal::JournalRecord;
use latchkey_domain::run::{NodeExecution, Run, RunStatus, RunVersion};
use latchkey_domain::time::Timestamp;
use sea_orm::sea_query::Query;
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use uuid::Uuid;

use crate::codec::{self, count, optional, text, value, word};
use crate::entities::{journal, node_execution, run, run_document};
use crate::error::StoreError;
use crate::key::row_of_key;
use crate::large::AT_ONCE;
use crate::open::Store;
use crate::page::{Page, Paged};
use crate::workflows::DocumentText;

/// The document of a run of a draft.
pub type RunDocument = DocumentText;

/// Which runs are wanted.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct RunFilter {
    /// Of one workflow.
    pub workflow: Option<WorkflowId>,
    /// In one status.
    pub status: Option<RunStatus>,
    /// In one environment.
    pub environment: Option<Environment>,
    /// For one end user.
    pub end_user: Option<String>,
    /// In which a node was paid by this credential.
    pub credential: Option<CredentialId>,
    /// Made at this time or later.
    pub from: Option<Timestamp>,
    /// Made before this time.
    pub to: Option<Timestamp>,
}

/// The attempt of a node execution that uses a workflow as a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToolCaller {
    /// The node execution.
    pub execution: NodeExecutionId,
    /// Its attempt, from 1.
    pub attempt: u32,
}

impl ToolCaller {
    pub(crate) fn text(&self) -> String {
        format!("{}.{}", self.execution, self.attempt)
    }
}

impl Store {
    /// A run of a workspace.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn run(&self, workspace: WorkspaceId, id: RunId) -> Result<Option<Run>, StoreError> {
        let find = run::Entity::find_by_id(id.uuid())
            .filter(run::Column::WorkspaceId.eq(workspace.uuid()));
        let Some(row) = row_of_key(find, &self.read).await? else {
            return Ok(None);
        };
        let row = self.whole_row(row).await?;
        row.map(|row| run_of(&row)).transpose()
    }

    /// The runs of a workspace.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn runs(
        &self,
        workspace: WorkspaceId,
        filter: &RunFilter,
        page: Page,
    ) -> Result<Paged<Run>, StoreError> {
        let mut find = run::Entity::find().filter(run::Column::WorkspaceId.eq(workspace.uuid()));
        if let Some(workflow) = filter.workflow {
            find = find.filter(run::Column::WorkflowId.eq(workflow.uuid()));
        }
        if let Some(status) = filter.status {
            find = find.filter(run::Column::Status.eq(status.as_str()));
        }
        if let Some(environment) = &filter.environment {
            find = find.filter(run::Column::Environment.eq(&environment.0));
        }
        if let Some(end_user) = &filter.end_user {
            find = find.filter(run::Column::EndUser.eq(end_user));
        }
        if let Some(credential) = filter.credential {
            let paid = Query::select()
                .column(node_execution::Column::RunId)
                .from(node_execution::Entity)
                .and_where(node_execution::Column::WorkspaceId.eq(workspace.uuid()))
                .and_where(node_execution::Column::CredentialId.eq(credential.uuid()))
                .to_owned();
            find = find.filter(run::Column::Id.in_subquery(paid));
        }
        if let Some(from) = filter.from {
            find = find.filter(run::Column::CreatedAt.gte(from.millis()));
        }
        if let Some(to) = filter.to {
            find = find.filter(run::Column::CreatedAt.lt(to.millis()));
        }
        if let Some(after) = page.after {
            find = find.filter(run::Column::Id.lt(after));
        }
        let rows = find
            .order_by_desc(run::Column::Id)
            .limit(page.limit + 1)
            .all(&self.read)
            .await?;
        let found = Paged::of(rows, page, |row| row.id);
        Ok(Paged {
            rows: self.whole_runs(found.rows).await?,
            next: found.next,
        })
    }

    /// Rows with all their texts, without those that are being removed.
    /// Runs with their large values.
    pub(crate) async fn whole_runs(&self, rows: Vec<run::Model>) -> Result<Vec<Run>, StoreError> {
        let whole = rows.into_iter().map(|row| self.whole_row(row));
        let rows: Vec<Option<run::Model>> = stream::iter(whole.collect::<Vec<_>>())
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        rows.iter().flatten().map(run_of).collect()
    }

    /// Runs of all workspaces that have neither ended nor are paused.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unfinished_runs(&self) -> Result<Vec<(RunId, WorkspaceId)>, StoreError> {
        let find = run::Entity::find()
            .select_only()
            .columns([run::Column::Id, run::Column::WorkspaceId])
            .filter(run::Column::FinishedAt.is_null())
            .filter(run::Column::Status.ne(RunStatus::Paused.as_str()))
            .order_by_asc(run::Column::Id);
        let rows: Vec<(Uuid, Uuid)> = find.into_tuple().all(&self.read).await?;
        let ids = rows.into_iter();
        Ok(ids
            .map(|(run, workspace)| (RunId::new(run), WorkspaceId::new(workspace)))
            .collect())
    }

    /// The runs that a node execution of another run has begun as its tools in one attempt, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tools_of(
        &self,
        workspace: WorkspaceId,
        around: RunId,
        caller: &ToolCaller,
    ) -> Result<Vec<Run>, StoreError> {
        let rows = run::Entity::find()
            .filter(run::Column::ParentRunId.eq(around.uuid()))
            .filter(run::Column::WorkspaceId.eq(workspace.uuid()))
            .filter(run::Column::CalledBy.eq(caller.text()))
            .order_by_asc(run::Column::Id)
            .all(&self.read)
            .await?;
        self.whole_runs(rows).await
    }

    /// The records of a run's journal after a place, in order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn journal_after(
        &self,
        id: RunId,
        sequence: u64,
    ) -> Result<Vec<JournalRecord>, StoreError> {
        let rows = journal::Entity::find()
            .filter(journal::Column::RunId.eq(id.uuid()))
            .filter(journal::Column::Seq.gt(codec::column(sequence)))
            .order_by_asc(journal::Column::Seq)
            .all(&self.read)
            .await?;
        let texts = rows.into_iter().map(|row| row.record).collect();
        let texts = self.whole_texts(id.uuid(), texts).await?;
        texts.iter().map(|text| value(text)).collect()
    }

    /// The document of a run of a draft.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn run_document(&self, id: RunId) -> Result<Option<RunDocument>, StoreError> {
        let row = run_document::Entity::find_by_id(id.uuid())
            .one(&self.read)
            .await?;
        Ok(row.map(|row| DocumentText {
            json: row.document,
            secrets: row.secrets,
        }))
    }

    /// The journal of a run, in order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn journal(&self, id: RunId) -> Result<Vec<JournalRecord>, StoreError> {
        let rows = journal::Entity::find()
            .filter(journal::Column::RunId.eq(id.uuid()))
            .order_by_asc(journal::Column::Seq)
            .all(&self.read)
            .await?;
        let texts = rows.into_iter().map(|row| row.record).collect();
        let texts = self.whole_texts(id.uuid(), texts).await?;
        texts.iter().map(|text| value(text)).collect()
    }

    /// The node executions of a run that have ended, in the order of their starts.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn node_executions(
        &self,
        workspace: WorkspaceId,
        id: RunId,
    ) -> Result<Vec<NodeExecution>, StoreError> {
        let rows = node_execution::Entity::find()
            .filter(node_execution::Column::RunId.eq(id.uuid()))
            .filter(node_execution::Column::WorkspaceId.eq(workspace.uuid()))
            .order_by_asc(node_execution::Column::Position)
            .all(&self.read)
            .await?;
        let texts = rows.into_iter().map(|row| row.body).collect();
        let texts = self.whole_texts(id.uuid(), texts).await?;
        texts.iter().map(|text| value(text)).collect()
    }
}

/// A run as a row.
pub(crate) fn row_of(of: &Run) -> Result<run::Model, StoreError> {
    let (draft_revision, version) = match of.version {
        RunVersion::Draft(revision) => (Some(revision.into()), None),
        RunVersion::Published(number) => (None, Some(number.into())),
    };
    Ok(run::Model {
        id: of.id.uuid(),
        workspace_id: of.workspace.uuid(),
        workflow_id: of.workflow.uuid(),
        draft_revision,
        version,
        author: text(&of.author)?,
        caller: text(&of.caller)?,
        end_user: of.end_user.clone(),
        environment: of.environment.0.clone(),
        overrides: text(&of.overrides)?,
        status: of.status.as_str().to_owned(),
        epoch: of.epoch.into(),
        inputs: text(&of.inputs)?,
        outputs: of.outputs.as_ref().map(text).transpose()?,
        error: of.error.as_ref().map(text).transpose()?,
        retried_from: of.retried_from.map(RunId::uuid),
        trigger_node: of.trigger.as_ref().map(ToString::to_string),
        only_node: of.only_node.as_ref().map(ToString::to_string),
        parent_run_id: of.parent.map(RunId::uuid),
        worker_id: None,
        claims: 0,
        queued_at: None,
        called_by: None,
        usage: text(&of.usage)?,
        steps: of.steps.into(),
        exceptions: of.exceptions.into(),
        created_at: of.created_at.millis(),
        started_at: of.started_at.map(Timestamp::millis),
        finished_at: of.finished_at.map(Timestamp::millis),
    })
}

pub(crate) fn run_of(row: &run::Model) -> Result<Run, StoreError> {
    let version = match (row.version, row.draft_revision) {
        (Some(number), _) => RunVersion::Published(count(number)),
        (None, revision) => RunVersion::Draft(count(revision.unwrap_or_default())),
    };
    Ok(Run {
        id: RunId::new(row.id),
        workspace: WorkspaceId::new(row.workspace_id),
        workflow: WorkflowId::new(row.workflow_id),
        version,
        author: value(&row.author)?,
        caller: value(&row.caller)?,
        end_user: row.end_user.clone(),
        environment: Environment(row.environment.clone()),
        overrides: value(&row.overrides)?,
        status: word(&row.status, RunStatus::parse)?,
        epoch: count(row.epoch),
        inputs: value(&row.inputs)?,
        outputs: optional(row.outputs.as_ref())?,
        error: optional(row.error.as_ref())?,
        retried_from: row.retried_from.map(RunId::new),
        trigger: row.trigger_node.as_deref().map(NodeId::new),
        only_node: row.only_node.as_deref().map(NodeId::new),
        parent: row.parent_run_id.map(RunId::new),
        usage: value(&row.usage)?,
        steps: count(row.steps),
        exceptions: count(row.exceptions),
        created_at: codec::time(row.created_at),
        started_at: row.started_at.map(codec::time),
        finished_at: row.finished_at.map(codec::time),
    })
}
