//! Messages of conversations, their files, and what people think of the answers. An answer is the output of the message's run.

use std::collections::HashMap;

use latchkey_domain::chat::{Feedback, Message, MessageFile, MessagePlace};
use latchkey_domain::id::{
    ConversationId, EndUserId, FileId, MessageId, RunId, WorkflowId, WorkspaceId,
};
use latchkey_domain::run::Run;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use uuid::Uuid;

use crate::codec::{self, value};
use crate::entities::{message, message_feedback, message_file, run};
use crate::error::StoreError;
use crate::key::row_of_key;
use crate::open::Store;

impl Store {
    /// A message of a workspace, with its run.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn message(
        &self,
        workspace: WorkspaceId,
        id: MessageId,
    ) -> Result<Option<Message>, StoreError> {
        let find = message::Entity::find_by_id(id.uuid())
            .filter(message::Column::WorkspaceId.eq(workspace.uuid()));
        let row = row_of_key(find, &self.read).await?;
        let mut found = self.with_runs(row.into_iter().collect()).await?;
        Ok(found.pop())
    }

    /// Messages of a conversation before a place, the newest first, with their runs.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn messages(
        &self,
        workspace: WorkspaceId,
        conversation: ConversationId,
        before: Option<MessageId>,
        limit: u64,
    ) -> Result<Vec<Message>, StoreError> {
        let mut find = message::Entity::find()
            .filter(message::Column::ConversationId.eq(conversation.uuid()))
            .filter(message::Column::WorkspaceId.eq(workspace.uuid()));
        if let Some(before) = before {
            find = find.filter(message::Column::Id.lt(before.uuid()));
        }
        let rows = find
            .order_by_desc(message::Column::Id)
            .limit(limit)
            .all(&self.read)
            .await?;
        self.with_runs(rows).await
    }

    async fn with_runs(&self, rows: Vec<message::Model>) -> Result<Vec<Message>, StoreError> {
        let ids: Vec<Uuid> = rows.iter().filter_map(|row| row.run_id).collect();
        let found = match ids.len() {
            0 => Vec::new(),
            _ => {
                let find = run::Entity::find().filter(run::Column::Id.is_in(ids));
                find.all(&self.read).await?
            }
        };
        let whole = self.whole_runs(found).await?;
        let mut runs: HashMap<Uuid, Run> =
            whole.into_iter().map(|run| (run.id.uuid(), run)).collect();
        let read = |row: message::Model| {
            let run = row.run_id.and_then(|id| runs.remove(&id));
            message_of(&row, run)
        };
        rows.into_iter().map(read).collect()
    }

    /// How many questions a conversation has had.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_messages(
        &self,
        workspace: WorkspaceId,
        conversation: ConversationId,
    ) -> Result<u64, StoreError> {
        let find = message::Entity::find()
            .filter(message::Column::ConversationId.eq(conversation.uuid()))
            .filter(message::Column::WorkspaceId.eq(workspace.uuid()));
        Ok(find.count(&self.read).await?)
    }

    /// The message that a run answers.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn message_of_run(
        &self,
        workspace: WorkspaceId,
        of: RunId,
    ) -> Result<Option<MessagePlace>, StoreError> {
        let row = message::Entity::find()
            .filter(message::Column::RunId.eq(of.uuid()))
            .filter(message::Column::WorkspaceId.eq(workspace.uuid()))
            .one(&self.read)
            .await?;
        Ok(row.map(|row| MessagePlace {
            message: MessageId::new(row.id),
            conversation: ConversationId::new(row.conversation_id),
            parent: row.parent_id.map(MessageId::new),
            created_at: codec::time(row.created_at),
            run: of,
        }))
    }

    /// Keeps what was said before a run was cut short.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_said(
        &self,
        workspace: WorkspaceId,
        of: RunId,
        said: &str,
    ) -> Result<(), StoreError> {
        message::Entity::update_many()
            .col_expr(message::Column::Said, Expr::value(said))
            .filter(message::Column::RunId.eq(of.uuid()))
            .filter(message::Column::WorkspaceId.eq(workspace.uuid()))
            .exec(&self.write)
            .await?;
        Ok(())
    }

    /// The files of messages, in no order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn message_files(
        &self,
        workspace: WorkspaceId,
        of: &[MessageId],
    ) -> Result<Vec<MessageFile>, StoreError> {
        if of.is_empty() {
            return Ok(Vec::new());
        }
        let rows = message_file::Entity::find()
            .filter(message_file::Column::MessageId.is_in(of.iter().map(|id| id.uuid())))
            .filter(message_file::Column::WorkspaceId.eq(workspace.uuid()))
            .order_by_asc(message_file::Column::Id)
            .all(&self.read)
            .await?;
        let read = |row: message_file::Model| {
            Ok(MessageFile {
                id: row.id,
                message: MessageId::new(row.message_id),
                file: value(&row.file)?,
            })
        };
        rows.into_iter().map(read).collect()
    }

    /// The workflows with a message that has this file.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn workflows_of_file(
        &self,
        workspace: WorkspaceId,
        file: FileId,
    ) -> Result<Vec<WorkflowId>, StoreError> {
        let rows: Vec<Uuid> = message_file::Entity::find()
            .select_only()
            .column(message_file::Column::WorkflowId)
            .filter(message_file::Column::FileId.eq(file.uuid()))
            .filter(message_file::Column::WorkspaceId.eq(workspace.uuid()))
            .distinct()
            .into_tuple()
            .all(&self.read)
            .await?;
        Ok(rows.into_iter().map(WorkflowId::new).collect())
    }

    /// What people think of these messages' answers.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn feedback_of(
        &self,
        workspace: WorkspaceId,
        of: &[MessageId],
    ) -> Result<Vec<Feedback>, StoreError> {
        if of.is_empty() {
            return Ok(Vec::new());
        }
        let rows = message_feedback::Entity::find()
            .filter(message_feedback::Column::MessageId.is_in(of.iter().map(|id| id.uuid())))
            .filter(message_feedback::Column::WorkspaceId.eq(workspace.uuid()))
            .all(&self.read)
            .await?;
        Ok(rows.into_iter().map(feedback_of).collect())
    }

    /// What people think of a workflow's answers, the newest first, from a place in the list on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn feedback(
        &self,
        workspace: WorkspaceId,
        workflow: WorkflowId,
        from: u64,
        limit: u64,
    ) -> Result<Vec<Feedback>, StoreError> {
        let rows = message_feedback::Entity::find()
            .filter(message_feedback::Column::WorkflowId.eq(workflow.uuid()))
            .filter(message_feedback::Column::WorkspaceId.eq(workspace.uuid()))
            .order_by_desc(message_feedback::Column::CreatedAt)
            .order_by_desc(message_feedback::Column::Id)
            .offset(from)
            .limit(limit)
            .all(&self.read)
            .await?;
        Ok(rows.into_iter().map(feedback_of).collect())
    }

    /// Keeps what somebody thinks of an answer; what was said before is replaced.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_feedback(
        &self,
        workspace: WorkspaceId,
        feedback: &Feedback,
    ) -> Result<(), StoreError> {
        use message_feedback::Column;
        let row = message_feedback::Model {
            message_id: feedback.message.uuid(),
            id: feedback.id,
            workspace_id: workspace.uuid(),
            workflow_id: feedback.workflow.uuid(),
            conversation_id: feedback.conversation.uuid(),
            end_user_id: feedback.end_user.uuid(),
            rating: feedback.rating.clone(),
            content: feedback.content.clone(),
            created_at: feedback.created_at.millis(),
            updated_at: feedback.updated_at.millis(),
        };
        let mut replace = OnConflict::column(Column::MessageId);
        replace
            .update_columns([Column::Rating, Column::Content, Column::UpdatedAt])
            .action_and_where(Column::WorkspaceId.eq(workspace.uuid()));
        message_feedback::Entity::insert(row.into_active_model())
            .on_conflict(replace)
            .exec_without_returning(&self.write)
            .await?;
        Ok(())
    }

    /// Forgets what was thought of an answer; whether there was anything.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_feedback(
        &self,
        workspace: WorkspaceId,
        of: MessageId,
    ) -> Result<bool, StoreError> {
        let gone = message_feedback::Entity::delete_many()
            .filter(message_feedback::Column::MessageId.eq(of.uuid()))
            .filter(message_feedback::Column::WorkspaceId.eq(workspace.uuid()))
            .exec(&self.write)
            .await?;
        Ok(gone.rows_affected > 0)
    }
}

fn message_of(row: &message::Model, run: Option<Run>) -> Result<Message, StoreError> {
    Ok(Message {
        id: MessageId::new(row.id),
        workflow: WorkflowId::new(row.workflow_id),
        conversation: ConversationId::new(row.conversation_id),
        parent: row.parent_id.map(MessageId::new),
        end_user: EndUserId::new(row.end_user_id),
        query: row.query.clone(),
        inputs: value(&row.inputs)?,
        said: row.said.clone(),
        run,
        created_at: codec::time(row.created_at),
    })
}

fn feedback_of(row: message_feedback::Model) -> Feedback {
    Feedback {
        id: row.id,
        workflow: WorkflowId::new(row.workflow_id),
        conversation: ConversationId::new(row.conversation_id),
        message: MessageId::new(row.message_id),
        end_user: EndUserId::new(row.end_user_id),
        rating: row.rating,
        content: row.content,
        created_at: codec::time(row.created_at),
        updated_at: codec::time(row.updated_at),
    }
}
