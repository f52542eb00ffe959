//! Conversations after their questions: read, named, removed; their messages, variables and what people think of answers.

use std::collections::HashMap;

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::chat::{
    ChatSource, Conversation, ConversationVariable, EndUser, Feedback, Message, MessageFile,
};
use latchkey_domain::id::{ConversationId, FileId, MessageId, WorkflowId};
use latchkey_domain::value::{File, Value, ValueKind};
use latchkey_store::{ConversationOrder, ConversationQuery};
use serde_json::Value as Json;

use crate::error::{Error, ErrorKind};
use crate::files::FileContent;
use crate::turns::no_conversation;
use crate::{Service, require};

/// The longest name of a conversation, in characters.
const NAME: usize = 255;

/// Which conversations are wanted.
#[derive(Clone, Copy, Debug)]
pub struct ConversationList {
    /// Sorted by this.
    pub order: ConversationOrder,
    /// The newest first.
    pub is_descending: bool,
    /// After this one.
    pub after: Option<ConversationId>,
    /// So many at most.
    pub limit: u64,
}

/// Which messages are wanted.
#[derive(Clone, Copy, Debug)]
pub struct MessageList {
    /// Of this conversation.
    pub conversation: ConversationId,
    /// Before this one.
    pub before: Option<MessageId>,
    /// So many at most.
    pub limit: u64,
}

/// A message with what belongs to it.
#[derive(Clone, Debug)]
pub struct SaidMessage {
    /// The message.
    pub message: Message,
    /// The user's files.
    pub files: Vec<MessageFile>,
    /// What somebody thinks of the answer.
    pub feedback: Option<Feedback>,
}

impl Service {
    /// The conversations of an end user with the app of a key; whether there are more.
    ///
    /// # Errors
    /// When the caller may not, or the one to begin after is not there.
    pub async fn conversations(
        &self,
        caller: &Caller,
        workflow: WorkflowId,
        user: &EndUser,
        list: ConversationList,
    ) -> Result<(Vec<Conversation>, bool), Error> {
        require(caller, Permission::RunsRead)?;
        let after = match list.after {
            None => None,
            Some(id) => {
                let missing = |_| named_missing("Last Conversation Not Exists.");
                let found = self.conversation(caller, workflow, user, id).await;
                let found = found.map_err(missing)?;
                let at = match list.order {
                    ConversationOrder::Created => found.created_at,
                    ConversationOrder::Updated => found.updated_at,
                };
                Some((id, at))
            }
        };
        let query = ConversationQuery {
            workflow,
            end_user: user.id,
            source: ChatSource::ServiceApi,
            order: list.order,
            is_descending: list.is_descending,
            after,
            limit: list.limit,
        };
        let store = &self.inner.store;
        let mut found = store.conversations(caller.workspace, query).await?;
        let has_more = found.len() as u64 > list.limit;
        found.truncate(usize::try_from(list.limit).unwrap_or(usize::MAX));
        Ok((found, has_more))
    }

    /// A conversation of an end user.
    ///
    /// # Errors
    /// When the caller may not, or there is no such conversation of that user.
    pub async fn conversation(
        &self,
        caller: &Caller,
        workflow: WorkflowId,
        user: &EndUser,
        id: ConversationId,
    ) -> Result<Conversation, Error> {
        require(caller, Permission::RunsRead)?;
        let found = self.inner.store.conversation(caller.workspace, id).await?;
        let is_theirs =
            |found: &Conversation| found.workflow == workflow && found.end_user == user.id;
        found.filter(is_theirs).ok_or_else(no_conversation)
    }

    /// Names a conversation; without a name a model finds one.
    ///
    /// # Errors
    /// When the caller may not, there is no such conversation, or the name is none.
    pub async fn name_conversation(
        &self,
        caller: &Caller,
        workflow: WorkflowId,
        user: &EndUser,
        id: ConversationId,
        name: Option<String>,
    ) -> Result<Conversation, Error> {
        require(caller, Permission::RunsWrite)?;
        let found = self.conversation(caller, workflow, user, id).await?;
        let name = match name {
            Some(name) => {
                let name = name.trim().to_owned();
                if name.is_empty() || name.chars().count() > NAME {
                    let detail = format!("a name has 1 to {NAME} characters");
                    return Err(Error::field("invalid_input", "/name", detail));
                }
                Some(name.replace('\0', ""))
            }
            None => self.found_name(caller, &found).await?,
        };
        if let Some(name) = name {
            let store = &self.inner.store;
            store
                .rename_conversation(caller.workspace, id, &name, self.now())
                .await?;
        }
        self.conversation(caller, workflow, user, id).await
    }

    /// Removes a conversation.
    ///
    /// # Errors
    /// When the caller may not, or there is no such conversation.
    pub async fn delete_conversation(
        &self,
        caller: &Caller,
        workflow: WorkflowId,
        user: &EndUser,
        id: ConversationId,
    ) -> Result<(), Error> {
        require(caller, Permission::RunsWrite)?;
        self.conversation(caller, workflow, user, id).await?;
        let store = &self.inner.store;
        if store.delete_conversation(caller.workspace, id).await? {
            Ok(())
        } else {
            Err(no_conversation())
        }
    }

    /// The variables of a conversation, the oldest first.
    ///
    /// # Errors
    /// When the caller may not, or there is no such conversation.
    pub async fn conversation_variables(
        &self,
        caller: &Caller,
        workflow: WorkflowId,
        user: &EndUser,
        id: ConversationId,
    ) -> Result<Vec<ConversationVariable>, Error> {
        self.conversation(caller, workflow, user, id).await?;
        let store = &self.inner.store;
        Ok(store.conversation_variables(caller.workspace, id).await?)
    }

    /// Gives a variable of a conversation another value of its type.
    ///
    /// # Errors
    /// When the caller may not, there is no such conversation or variable, or the value is of another type.
    pub async fn set_conversation_variable(
        &self,
        caller: &Caller,
        workflow: WorkflowId,
        user: &EndUser,
        (id, variable): (ConversationId, &str),
        value: Json,
    ) -> Result<ConversationVariable, Error> {
        require(caller, Permission::RunsWrite)?;
        let known = self
            .conversation_variables(caller, workflow, user, id)
            .await?;
        let find = |all: Vec<ConversationVariable>| {
            let mut all = all.into_iter();
            all.find(|one| one.id == variable)
                .ok_or_else(|| named_missing("Conversation Variable Not Exists."))
        };
        let known = find(known)?;
        check_type(&known, &value)?;
        let store = &self.inner.store;
        store
            .set_conversation_variable(caller.workspace, id, variable, &value, self.now())
            .await?;
        find(store.conversation_variables(caller.workspace, id).await?)
    }

    /// Messages of a conversation, the oldest first, and whether there are older ones.
    ///
    /// # Errors
    /// When the caller may not, there is no such conversation, or the message to begin before is not there.
    pub async fn messages(
        &self,
        caller: &Caller,
        workflow: WorkflowId,
        user: &EndUser,
        list: MessageList,
    ) -> Result<(Vec<SaidMessage>, bool), Error> {
        let conversation = list.conversation;
        self.conversation(caller, workflow, user, conversation)
            .await?;
        let (store, workspace) = (&self.inner.store, caller.workspace);
        if let Some(before) = list.before {
            let found = store.message(workspace, before).await?;
            found
                .filter(|found| found.conversation == conversation)
                .ok_or_else(|| named_missing("First Message Not Exists."))?;
        }
        let mut found = store
            .messages(workspace, conversation, list.before, list.limit + 1)
            .await?;
        let has_more = found.len() as u64 > list.limit;
        found.truncate(usize::try_from(list.limit).unwrap_or(usize::MAX));
        found.reverse();
        let ids: Vec<MessageId> = found.iter().map(|message| message.id).collect();
        let mut files: HashMap<MessageId, Vec<MessageFile>> = HashMap::new();
        for file in store.message_files(workspace, &ids).await? {
            files.entry(file.message).or_default().push(file);
        }
        let feedback = store.feedback_of(workspace, &ids).await?.into_iter();
        let mut feedback: HashMap<MessageId, Feedback> =
            feedback.map(|one| (one.message, one)).collect();
        let found = found.into_iter().map(|message| SaidMessage {
            files: files.remove(&message.id).unwrap_or_default(),
            feedback: feedback.remove(&message.id),
            message,
        });
        Ok((found.collect(), has_more))
    }

    /// A message of an end user.
    ///
    /// # Errors
    /// When the caller may not, or there is no such message of that user.
    pub async fn message(
        &self,
        caller: &Caller,
        workflow: WorkflowId,
        user: &EndUser,
        id: MessageId,
    ) -> Result<Message, Error> {
        require(caller, Permission::RunsRead)?;
        let found = self.inner.store.message(caller.workspace, id).await?;
        let is_theirs = |found: &Message| found.workflow == workflow && found.end_user == user.id;
        found
            .filter(is_theirs)
            .ok_or_else(|| named_missing("Message Not Exists."))
    }

    /// Keeps what an end user thinks of an answer; no rating takes back what was said before.
    ///
    /// # Errors
    /// When the caller may not, there is no such message, or there is nothing to take back.
    pub async fn rate_message(
        &self,
        caller: &Caller,
        workflow: WorkflowId,
        user: &EndUser,
        id: MessageId,
        rating: Option<(&str, Option<String>)>,
    ) -> Result<(), Error> {
        require(caller, Permission::RunsWrite)?;
        let message = self.message(caller, workflow, user, id).await?;
        let (store, workspace) = (&self.inner.store, caller.workspace);
        let Some((rating, content)) = rating else {
            if store.delete_feedback(workspace, id).await? {
                return Ok(());
            }
            let detail = "rating cannot be None when feedback not exists";
            return Err(Error::field("invalid_input", "/rating", detail));
        };
        let now = self.now();
        let feedback = Feedback {
            id: Self::new_id(),
            workflow,
            conversation: message.conversation,
            message: id,
            end_user: user.id,
            rating: rating.to_owned(),
            content: content.map(|text| text.replace('\0', "")),
            created_at: now,
            updated_at: now,
        };
        Ok(store.keep_feedback(workspace, &feedback).await?)
    }

    /// What people think of an app's answers, the newest first.
    ///
    /// # Errors
    /// When the caller may not.
    pub async fn feedback(
        &self,
        caller: &Caller,
        workflow: WorkflowId,
        from: u64,
        limit: u64,
    ) -> Result<Vec<Feedback>, Error> {
        require(caller, Permission::RunsRead)?;
        self.visible(caller, workflow).await?;
        let store = &self.inner.store;
        Ok(store
            .feedback(caller.workspace, workflow, from, limit)
            .await?)
    }

    /// The content of a file of one of the app's messages.
    ///
    /// # Errors
    /// When the caller may not, or no message of the app has it; `forbidden` when only another app's has.
    pub async fn message_file(
        &self,
        caller: &Caller,
        workflow: WorkflowId,
        id: FileId,
    ) -> Result<FileContent, Error> {
        require(caller, Permission::RunsRead)?;
        let missing = || named_missing("File not found");
        let store = &self.inner.store;
        let file = store.file(caller.workspace, id).await?;
        let file = file.ok_or_else(missing)?;
        let of = store.workflows_of_file(caller.workspace, id).await?;
        if of.contains(&workflow) {
            return self.content_of(file).await;
        }
        if of.is_empty() {
            return Err(missing());
        }
        let detail = "Access to the requested file is denied";
        Err(Error::new(ErrorKind::Forbidden, "forbidden", detail))
    }

    /// The address of a file in its dictionary form, good from now on; that of a file elsewhere is its own.
    #[must_use]
    pub fn address_of(&self, file: &Json) -> Option<String> {
        let named = file.get("reference").and_then(Json::as_str);
        match named.and_then(|id| id.parse().ok()) {
            Some(id) => Some(self.stored_address(id)),
            None => File::from_json(file).and_then(|file| file.address()),
        }
    }
}

/// A value must be of the declared type, as Dify says it.
fn check_type(variable: &ConversationVariable, value: &Json) -> Result<(), Error> {
    let declared = &variable.value_type;
    let fits = ValueKind::parse(declared)
        .is_some_and(|kind| !value.is_null() && Value::typed(kind, value.clone()).is_ok());
    if fits {
        return Ok(());
    }
    let got = Value::infer(value.clone());
    let detail = format!(
        "Type mismatch: variable '{}' expects {declared}, but got {} type",
        variable.name,
        got.kind().as_str()
    );
    Err(Error::new(ErrorKind::Malformed, "bad_request", detail))
}

fn named_missing(detail: &str) -> Error {
    Error::new(ErrorKind::NotFound, "not_found", detail)
}
