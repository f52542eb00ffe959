//! A question of a conversation: the conversation is found or begun, and what it remembers goes into the run.

use std::collections::HashMap;

use latchkey_domain::access::Caller;
use latchkey_domain::chat::{ChatSource, Conversation, ConversationVariable, Exchange, NewMessage};
use latchkey_domain::document::{Document, Variable};
use latchkey_domain::id::{ConversationId, MessageId};
use latchkey_domain::journal::StartValues;
use latchkey_domain::time::Timestamp;
use latchkey_domain::value::{File, NamedValues, Value, ValueKind, to_json_map};
use latchkey_domain::workflow::{Mode, Workflow};
use serde_json::{Map, Value as Json};

use crate::Service;
use crate::error::{Error, ErrorKind};
use crate::start::StartRequest;

/// How many characters of the first question are the name of a conversation that has no other (Dify).
const NAME: usize = 20;

/// The conversation that a question belongs to.
#[derive(Clone, Debug)]
pub struct TurnRequest {
    /// The conversation; none: a new one.
    pub conversation: Option<ConversationId>,
    /// The message that it answers to: what was said on other branches is not remembered. None: everything is.
    pub parent: Option<MessageId>,
    /// Where it is held.
    pub source: ChatSource,
    /// What was said elsewhere before it, in a conversation that begins here.
    pub earlier: Vec<Exchange>,
    /// Whether a model names a conversation that begins.
    pub is_named: bool,
}

/// A question that has found its conversation.
pub(crate) struct Turn {
    id: MessageId,
    conversation: Conversation,
    begins: bool,
    /// Questions before it.
    asked: u64,
    parent: Option<MessageId>,
    /// The variables that the conversation has, by their ids.
    known: HashMap<String, ConversationVariable>,
    query: String,
    earlier: Vec<(MessageId, Exchange)>,
}

impl Service {
    /// Finds or begins the conversation of a start; none for a start that belongs to none.
    pub(crate) async fn turn(
        &self,
        caller: &Caller,
        workflow: &Workflow,
        document: &Document,
        request: &StartRequest,
    ) -> Result<Option<Turn>, Error> {
        let (Some(turn), Mode::AdvancedChat) = (&request.turn, document.mode()) else {
            return Ok(None);
        };
        let user = request.end_user.as_deref();
        let user = self.end_user(caller, workflow.id, user).await?;
        let query = request.query.clone().unwrap_or_default().replace('\0', "");
        let now = self.now();
        let (conversation, asked, known) = match turn.conversation {
            None => {
                let conversation = Conversation {
                    id: ConversationId::new(Self::new_id()),
                    workspace: caller.workspace,
                    workflow: workflow.id,
                    end_user: user.id,
                    source: turn.source,
                    name: short_name(&query),
                    inputs: Map::new(),
                    introduction: None,
                    created_at: now,
                    updated_at: now,
                };
                (conversation, turn.earlier.len() as u64, Vec::new())
            }
            Some(id) => {
                let found = self.inner.store.conversation(caller.workspace, id).await?;
                let is_theirs = |found: &Conversation| {
                    found.workflow == workflow.id
                        && found.end_user == user.id
                        && found.source == turn.source
                };
                let mut found = found.filter(is_theirs).ok_or_else(no_conversation)?;
                found.updated_at = now;
                let store = &self.inner.store;
                let asked = store.count_messages(caller.workspace, id).await?;
                let known = store.conversation_variables(caller.workspace, id).await?;
                (found, asked, known)
            }
        };
        let parent = match turn.parent {
            None => None,
            Some(id) => {
                let found = self.inner.store.message(caller.workspace, id).await?;
                let found = found.filter(|found| found.conversation == conversation.id);
                found.map(|found| found.id)
            }
        };
        let earlier = turn.earlier.iter();
        let earlier = earlier
            .map(|exchange| (MessageId::new(Self::new_id()), exchange.clone()))
            .collect();
        Ok(Some(Turn {
            earlier,
            id: MessageId::new(Self::new_id()),
            begins: turn.conversation.is_none(),
            asked,
            parent,
            known: known
                .into_iter()
                .map(|variable| (variable.id.clone(), variable))
                .collect(),
            query,
            conversation,
        }))
    }
}

impl Turn {
    /// Puts what the conversation remembers into the values of a run, and makes the message that is kept with it.
    pub(crate) fn begin(
        mut self,
        document: &Document,
        values: &mut StartValues,
        sent: &[File],
        now: Timestamp,
    ) -> NewMessage {
        let id = self.conversation.id.to_string();
        let count = i64::try_from(self.asked.saturating_add(1)).unwrap_or(i64::MAX);
        put(&mut values.system, "conversation_id", Value::string(id));
        put(&mut values.system, "dialogue_count", Value::Integer(count));
        let mut new = Vec::new();
        for variable in document.conversation_variables() {
            // What is secret is nowhere kept but in the workflow.
            if variable.is_secret() {
                continue;
            }
            match self.known.get(&variable.id) {
                Some(known) => put(
                    &mut values.conversation,
                    &variable.name,
                    typed(variable, &known.value),
                ),
                None => new.push(ConversationVariable {
                    id: variable.id.clone(),
                    name: variable.name.clone(),
                    value_type: variable.value_type.clone(),
                    description: described(document, &variable.name),
                    value: variable.value.clone(),
                    created_at: now,
                    updated_at: now,
                }),
            }
        }
        let inputs = to_json_map(&values.inputs);
        if self.begins {
            self.conversation.introduction = introduction(document, &values.inputs);
            self.conversation.inputs.clone_from(&inputs);
        }
        NewMessage {
            id: self.id,
            conversation: self.conversation,
            begins: self.begins,
            variables: new,
            parent: self.parent,
            query: self.query,
            inputs,
            files: sent.iter().map(File::to_json).collect(),
            earlier: self.earlier,
            created_at: now,
        }
    }
}

fn put(values: &mut NamedValues, name: &str, value: Value) {
    match values.iter_mut().find(|(known, _)| known == name) {
        Some((_, old)) => *old = value,
        None => values.push((name.to_owned(), value)),
    }
}

/// A kept value under the type that the workflow declares now; one that does not fit keeps its own.
fn typed(variable: &Variable, value: &Json) -> Value {
    ValueKind::parse(&variable.value_type)
        .and_then(|kind| Value::typed(kind, value.clone()).ok())
        .unwrap_or_else(|| Value::infer(value.clone()))
}

fn described(document: &Document, name: &str) -> String {
    let list = document
        .to_json()
        .pointer("/workflow/conversation_variables");
    let mut list = list.and_then(Json::as_array).into_iter().flatten();
    let raw = list.find(|raw| raw.get("name").and_then(Json::as_str) == Some(name));
    let text = raw.and_then(|raw| raw.get("description")?.as_str());
    text.unwrap_or_default().to_owned()
}

/// The opening statement with `{{name}}` filled in from the inputs.
fn introduction(document: &Document, inputs: &NamedValues) -> Option<String> {
    let text = document.features().get("opening_statement")?.as_str()?;
    let mut text = text.to_owned();
    for (name, value) in inputs {
        text = text.replace(&format!("{{{{{name}}}}}"), &value.text());
    }
    Some(text).filter(|text| !text.is_empty())
}

fn short_name(query: &str) -> String {
    let mut name: String = query.chars().take(NAME).collect();
    if query.chars().count() > NAME {
        name.push('…');
    }
    name
}

pub(crate) fn no_conversation() -> Error {
    Error::new(ErrorKind::NotFound, "not_found", "Conversation Not Exists.")
}
