//! Conversations and their variables. They are begun by the writer, together with the run of their first question.

use latchkey_domain::chat::{ChatSource, Conversation, ConversationVariable};
use latchkey_domain::id::{ConversationId, EndUserId, WorkflowId, WorkspaceId};
use latchkey_domain::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, Order, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use serde_json::Value as Json;

use crate::codec::{self, text, value};
use crate::entities::{
    conversation, conversation_variable, message, message_feedback, message_file,
};
use crate::error::StoreError;
use crate::key::row_of_key;
use crate::open::Store;

/// By what a list of conversations is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConversationOrder {
    /// By their beginning.
    Created,
    /// By when they were last gone on with.
    Updated,
}

/// Which conversations are wanted.
#[derive(Clone, Copy, Debug)]
pub struct ConversationQuery {
    /// Of this workflow.
    pub workflow: WorkflowId,
    /// Of this end user.
    pub end_user: EndUserId,
    /// Held here.
    pub source: ChatSource,
    /// Sorted by this.
    pub order: ConversationOrder,
    /// The newest first.
    pub is_descending: bool,
    /// After this one.
    pub after: Option<(ConversationId, Timestamp)>,
    /// So many at most.
    pub limit: u64,
}

impl Store {
    /// A conversation of a workspace.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn conversation(
        &self,
        workspace: WorkspaceId,
        id: ConversationId,
    ) -> Result<Option<Conversation>, StoreError> {
        let find = conversation::Entity::find_by_id(id.uuid())
            .filter(conversation::Column::WorkspaceId.eq(workspace.uuid()));
        let row = row_of_key(find, &self.read).await?;
        row.map(|row| conversation_of(&row)).transpose()
    }

    /// Conversations of an end user, and one more than was wanted if there are more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn conversations(
        &self,
        workspace: WorkspaceId,
        query: ConversationQuery,
    ) -> Result<Vec<Conversation>, StoreError> {
        use conversation::Column;
        let by = match query.order {
            ConversationOrder::Created => Column::CreatedAt,
            ConversationOrder::Updated => Column::UpdatedAt,
        };
        let mut find = conversation::Entity::find()
            .filter(Column::WorkspaceId.eq(workspace.uuid()))
            .filter(Column::WorkflowId.eq(query.workflow.uuid()))
            .filter(Column::EndUserId.eq(query.end_user.uuid()))
            .filter(Column::Source.eq(query.source.as_str()));
        if let Some((id, at)) = query.after {
            let (id, at) = (id.uuid(), at.millis());
            let (beyond, same) = if query.is_descending {
                (by.lt(at), Column::Id.lt(id))
            } else {
                (by.gt(at), Column::Id.gt(id))
            };
            let tie = Condition::all().add(by.eq(at)).add(same);
            find = find.filter(Condition::any().add(beyond).add(tie));
        }
        let order = if query.is_descending {
            Order::Desc
        } else {
            Order::Asc
        };
        let rows = find
            .order_by(by, order.clone())
            .order_by(Column::Id, order)
            .limit(query.limit + 1)
            .all(&self.read)
            .await?;
        rows.iter().map(conversation_of).collect()
    }

    /// Names a conversation; whether it is there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rename_conversation(
        &self,
        workspace: WorkspaceId,
        id: ConversationId,
        name: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let done = conversation::Entity::update_many()
            .col_expr(conversation::Column::Name, Expr::value(name))
            .col_expr(conversation::Column::UpdatedAt, Expr::value(at.millis()))
            .filter(conversation::Column::Id.eq(id.uuid()))
            .filter(conversation::Column::WorkspaceId.eq(workspace.uuid()))
            .exec(&self.write)
            .await?;
        Ok(done.rows_affected == 1)
    }

    /// Removes a conversation with everything that was said in it; whether it was there. Its runs and their ledger stay.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_conversation(
        &self,
        workspace: WorkspaceId,
        id: ConversationId,
    ) -> Result<bool, StoreError> {
        let transaction = self.write.begin().await?;
        let gone = conversation::Entity::delete_many()
            .filter(conversation::Column::Id.eq(id.uuid()))
            .filter(conversation::Column::WorkspaceId.eq(workspace.uuid()))
            .exec(&transaction)
            .await?;
        if gone.rows_affected == 0 {
            return Ok(false);
        }
        let messages = sea_orm::sea_query::Query::select()
            .column(message::Column::Id)
            .from(message::Entity)
            .and_where(message::Column::ConversationId.eq(id.uuid()))
            .to_owned();
        message_file::Entity::delete_many()
            .filter(message_file::Column::MessageId.in_subquery(messages))
            .exec(&transaction)
            .await?;
        message_feedback::Entity::delete_many()
            .filter(message_feedback::Column::ConversationId.eq(id.uuid()))
            .exec(&transaction)
            .await?;
        message::Entity::delete_many()
            .filter(message::Column::ConversationId.eq(id.uuid()))
            .exec(&transaction)
            .await?;
        conversation_variable::Entity::delete_many()
            .filter(conversation_variable::Column::ConversationId.eq(id.uuid()))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The variables of a conversation, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn conversation_variables(
        &self,
        workspace: WorkspaceId,
        id: ConversationId,
    ) -> Result<Vec<ConversationVariable>, StoreError> {
        let rows = conversation_variable::Entity::find()
            .filter(conversation_variable::Column::ConversationId.eq(id.uuid()))
            .filter(conversation_variable::Column::WorkspaceId.eq(workspace.uuid()))
            .order_by_asc(conversation_variable::Column::CreatedAt)
            .order_by_asc(conversation_variable::Column::Variable)
            .all(&self.read)
            .await?;
        rows.iter().map(variable_of).collect()
    }

    /// Gives a variable of a conversation a value; whether it is there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_conversation_variable(
        &self,
        workspace: WorkspaceId,
        id: ConversationId,
        variable: &str,
        to: &Json,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        use conversation_variable::Column;
        let done = conversation_variable::Entity::update_many()
            .col_expr(Column::Value, Expr::value(text(to)?))
            .col_expr(Column::UpdatedAt, Expr::value(at.millis()))
            .filter(Column::ConversationId.eq(id.uuid()))
            .filter(Column::WorkspaceId.eq(workspace.uuid()))
            .filter(Column::Variable.eq(variable))
            .exec(&self.write)
            .await?;
        Ok(done.rows_affected == 1)
    }
}

/// A conversation as a row.
pub(crate) fn row_of(of: &Conversation) -> Result<conversation::Model, StoreError> {
    Ok(conversation::Model {
        id: of.id.uuid(),
        workspace_id: of.workspace.uuid(),
        workflow_id: of.workflow.uuid(),
        end_user_id: of.end_user.uuid(),
        source: of.source.as_str().to_owned(),
        name: of.name.clone(),
        inputs: text(&of.inputs)?,
        introduction: of.introduction.clone(),
        created_at: of.created_at.millis(),
        updated_at: of.updated_at.millis(),
    })
}

/// A variable as a row.
pub(crate) fn variable_row(
    conversation: &Conversation,
    of: &ConversationVariable,
) -> Result<conversation_variable::Model, StoreError> {
    Ok(conversation_variable::Model {
        conversation_id: conversation.id.uuid(),
        variable: of.id.clone(),
        workspace_id: conversation.workspace.uuid(),
        name: of.name.clone(),
        value_type: of.value_type.clone(),
        description: of.description.clone(),
        value: text(&of.value)?,
        created_at: of.created_at.millis(),
        updated_at: of.updated_at.millis(),
    })
}

fn conversation_of(row: &conversation::Model) -> Result<Conversation, StoreError> {
    let source = match row.source.as_str() {
        "openai" => ChatSource::Openai,
        _ => ChatSource::ServiceApi,
    };
    Ok(Conversation {
        id: ConversationId::new(row.id),
        workspace: WorkspaceId::new(row.workspace_id),
        workflow: WorkflowId::new(row.workflow_id),
        end_user: EndUserId::new(row.end_user_id),
        source,
        name: row.name.clone(),
        inputs: value(&row.inputs)?,
        introduction: row.introduction.clone(),
        created_at: codec::time(row.created_at),
        updated_at: codec::time(row.updated_at),
    })
}

fn variable_of(row: &conversation_variable::Model) -> Result<ConversationVariable, StoreError> {
    Ok(ConversationVariable {
        id: row.variable.clone(),
        name: row.name.clone(),
        value_type: row.value_type.clone(),
        description: row.description.clone(),
        value: value(&row.value)?,
        created_at: codec::time(row.created_at),
        updated_at: codec::time(row.updated_at),
    })
}
