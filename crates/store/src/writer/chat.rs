//! What belongs to a conversation and is written with a run: the question itself, and the variables that the run changes.

use latchkey_domain::chat::NewMessage;
use latchkey_domain::id::{FileId, MessageId, RunId};
use latchkey_domain::journal::NodeResult;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict, Query};
use sea_orm::{
    ColumnTrait as _, DatabaseTransaction, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
};
use uuid::Uuid;

use super::batch::insert_all;
use crate::codec::text;
use crate::conversations::{row_of, variable_row};
use crate::entities::{conversation, conversation_variable, message, message_file};
use crate::error::StoreError;

/// The namespace of the variables that a conversation keeps.
const NAMESPACE: &str = "conversation";

/// A question, ready for its columns.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    conversation: conversation::Model,
    begins: bool,
    messages: Vec<message::Model>,
    files: Vec<message_file::Model>,
    variables: Vec<conversation_variable::Model>,
}

impl Question {
    pub(super) fn of(run: RunId, new: &NewMessage) -> Result<Self, StoreError> {
        let of = &new.conversation;
        let row = |id: Uuid, query: &str| message::Model {
            id,
            workspace_id: of.workspace.uuid(),
            workflow_id: of.workflow.uuid(),
            conversation_id: of.id.uuid(),
            parent_id: None,
            end_user_id: of.end_user.uuid(),
            run_id: None,
            query: query.to_owned(),
            inputs: "{}".to_owned(),
            said: None,
            created_at: new.created_at.millis(),
        };
        let earlier = new.earlier.iter();
        let mut messages: Vec<message::Model> = earlier
            .map(|(id, exchange)| message::Model {
                said: Some(exchange.answer.clone()),
                ..row(id.uuid(), &exchange.query)
            })
            .collect();
        messages.push(message::Model {
            parent_id: new.parent.map(MessageId::uuid),
            run_id: Some(run.uuid()),
            inputs: text(&new.inputs)?,
            ..row(new.id.uuid(), &new.query)
        });
        let file = |file: &serde_json::Value| {
            let named = file.get("reference").and_then(|id| id.as_str());
            let named = named.and_then(|id| id.parse::<FileId>().ok());
            Ok(message_file::Model {
                id: Uuid::now_v7(),
                workspace_id: of.workspace.uuid(),
                workflow_id: of.workflow.uuid(),
                message_id: new.id.uuid(),
                file_id: named.map(FileId::uuid),
                file: text(file)?,
            })
        };
        let variables = new.variables.iter();
        Ok(Self {
            conversation: row_of(of)?,
            begins: new.begins,
            messages,
            files: new
                .files
                .iter()
                .map(file)
                .collect::<Result<_, StoreError>>()?,
            variables: variables
                .map(|variable| variable_row(of, variable))
                .collect::<Result<_, _>>()?,
        })
    }

    pub(super) async fn write(self, transaction: &DatabaseTransaction) -> Result<(), StoreError> {
        if self.begins {
            insert_all(transaction, vec![self.conversation]).await?;
        } else {
            let at = self.conversation.updated_at;
            conversation::Entity::update_many()
                .col_expr(conversation::Column::UpdatedAt, Expr::value(at))
                .filter(conversation::Column::Id.eq(self.conversation.id))
                .exec(transaction)
                .await?;
        }
        for variable in self.variables {
            // Two questions at once may both find that it is missing.
            conversation_variable::Entity::insert(variable.into_active_model())
                .on_conflict(OnConflict::new().do_nothing().to_owned())
                .exec_without_returning(transaction)
                .await?;
        }
        insert_all(transaction, self.messages).await?;
        insert_all(transaction, self.files).await
    }
}

/// A variable of the conversation of a run, changed.
#[derive(Clone, Debug)]
pub(super) struct Changed {
    name: String,
    value: String,
    at: i64,
}

/// The variables of its conversation that a node has changed.
pub(super) fn changed(result: &NodeResult, at: i64) -> Result<Vec<Changed>, StoreError> {
    let own = result.updates.iter();
    own.filter(|update| update.selector[0] == NAMESPACE)
        .map(|update| {
            Ok(Changed {
                name: update.selector[1].clone(),
                value: text(&update.value.to_json())?,
                at,
            })
        })
        .collect()
}

/// Writes what runs have changed, in order; a run that is in no conversation changes nothing here.
pub(super) async fn write_changed(
    transaction: &DatabaseTransaction,
    changed: Vec<(Uuid, Changed)>,
) -> Result<(), StoreError> {
    use conversation_variable::Column;
    for (run, variable) in changed {
        let conversation = Query::select()
            .column(message::Column::ConversationId)
            .from(message::Entity)
            .and_where(Expr::col(message::Column::RunId).eq(run))
            .to_owned();
        conversation_variable::Entity::update_many()
            .col_expr(Column::Value, Expr::value(variable.value))
            .col_expr(Column::UpdatedAt, Expr::value(variable.at))
            .filter(Column::ConversationId.in_subquery(conversation))
            .filter(Column::Name.eq(variable.name))
            .exec(transaction)
            .await?;
    }
    Ok(())
}
