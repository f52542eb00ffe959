//! Conversations: what end users and a workflow have said to each other (Dify service API reference, 5 and 6).

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use crate::id::{ConversationId, EndUserId, MessageId, RunId, WorkflowId, WorkspaceId};
use crate::run::{Run, RunStatus};
use crate::time::Timestamp;

/// Where a conversation is held. Lists show those of their own place only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChatSource {
    /// Dify's service API.
    ServiceApi,
    /// The facade that speaks OpenAI's format: one conversation for each request.
    Openai,
}

impl ChatSource {
    /// The name used in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ServiceApi => "service-api",
            Self::Openai => "openai",
        }
    }
}

/// How others reach a workflow besides the native API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AppSettings {
    /// Whether Dify's service API and the facade that speaks OpenAI's format answer for it.
    pub api_enabled: bool,
    /// Whether it is a tool of the MCP server.
    pub mcp_enabled: bool,
    /// The name of that tool; none: the workflow's, made to fit.
    pub mcp_name: Option<String>,
    /// How many of its runs may be under way that the service API began (Dify: `max_active_requests`); 0 is no limit.
    pub max_active_requests: u32,
}

impl Default for AppSettings {
    fn default() -> Self {
        Self {
            api_enabled: true,
            mcp_enabled: false,
            mcp_name: None,
            max_active_requests: 0,
        }
    }
}

/// Somebody for whom a workflow is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndUser {
    /// The id.
    pub id: EndUserId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The workflow: the same name at another one is somebody else.
    pub workflow: WorkflowId,
    /// How the caller names them.
    pub session: String,
    /// Whether the caller has named nobody.
    pub is_anonymous: bool,
    /// When they were first seen.
    pub created_at: Timestamp,
}

/// A conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The workflow.
    pub workflow: WorkflowId,
    /// With whom.
    pub end_user: EndUserId,
    /// Where it is held.
    pub source: ChatSource,
    /// Its name.
    pub name: String,
    /// The inputs that it began with.
    pub inputs: Map<String, Json>,
    /// The opening statement, filled in.
    pub introduction: Option<String>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last gone on with.
    pub updated_at: Timestamp,
}

/// A variable of a conversation, as it is now.
#[derive(Clone, Debug, PartialEq)]
pub struct ConversationVariable {
    /// The variable's id in the workflow.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its declared type.
    pub value_type: String,
    /// What it is for.
    pub description: String,
    /// Its value.
    pub value: Json,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A question that is to be kept together with the run that answers it.
#[derive(Clone, Debug, PartialEq)]
pub struct NewMessage {
    /// Its id.
    pub id: MessageId,
    /// The conversation, as it will be; the row is made when `begins`.
    pub conversation: Conversation,
    /// Whether the conversation begins with it.
    pub begins: bool,
    /// Variables that the conversation does not have yet.
    pub variables: Vec<ConversationVariable>,
    /// The message that it answers to; none: the whole conversation.
    pub parent: Option<MessageId>,
    /// The question.
    pub query: String,
    /// Its inputs.
    pub inputs: Map<String, Json>,
    /// The user's files, in their dictionary form.
    pub files: Vec<Json>,
    /// Exchanges that were said elsewhere, oldest first, with the ids that they get: kept as messages that no run has answered.
    pub earlier: Vec<(MessageId, Exchange)>,
    /// When.
    pub created_at: Timestamp,
}

impl NewMessage {
    /// Where it stands, answered by a run.
    #[must_use]
    pub const fn place(&self, run: RunId) -> MessagePlace {
        MessagePlace {
            message: self.id,
            conversation: self.conversation.id,
            parent: self.parent,
            created_at: self.created_at,
            run,
        }
    }
}

/// One question and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// What the user said.
    pub query: String,
    /// What was answered.
    pub answer: String,
}

/// A message, with the run that answers it.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// The workflow.
    pub workflow: WorkflowId,
    /// The conversation.
    pub conversation: ConversationId,
    /// The message that it answers to.
    pub parent: Option<MessageId>,
    /// Who asked.
    pub end_user: EndUserId,
    /// The question.
    pub query: String,
    /// Its inputs.
    pub inputs: Map<String, Json>,
    /// What was said before its run was cut short, or elsewhere.
    pub said: Option<String>,
    /// The run that answers it.
    pub run: Option<Run>,
    /// When.
    pub created_at: Timestamp,
}

impl Message {
    /// The answer as far as there is one.
    #[must_use]
    pub fn answer(&self) -> &str {
        let outputs = self.run.as_ref().and_then(|run| run.outputs.as_ref());
        let answer = outputs.and_then(|outputs| outputs.get("answer")?.as_str());
        answer
            .filter(|answer| !answer.is_empty())
            .or(self.said.as_deref())
            .unwrap_or_default()
    }

    /// Where it stands: `normal`, `error` or `paused`.
    #[must_use]
    pub fn status(&self) -> &'static str {
        match self.run.as_ref().map(|run| run.status) {
            Some(RunStatus::Failed) => "error",
            Some(RunStatus::Paused) => "paused",
            Some(
                RunStatus::Queued
                | RunStatus::Running
                | RunStatus::Succeeded
                | RunStatus::PartialSucceeded
                | RunStatus::Stopped,
            )
            | None => "normal",
        }
    }
}

/// A file of a message.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageFile {
    /// Its own id.
    pub id: uuid::Uuid,
    /// The message.
    pub message: MessageId,
    /// The file, in its dictionary form.
    pub file: Json,
}

/// What somebody thinks of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feedback {
    /// Its id.
    pub id: uuid::Uuid,
    /// The workflow.
    pub workflow: WorkflowId,
    /// The conversation.
    pub conversation: ConversationId,
    /// The message.
    pub message: MessageId,
    /// Who says it.
    pub end_user: EndUserId,
    /// `like` or `dislike`.
    pub rating: String,
    /// In words.
    pub content: Option<String>,
    /// When it was first said.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// Which message a run answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessagePlace {
    /// The message.
    pub message: MessageId,
    /// Its conversation.
    pub conversation: ConversationId,
    /// The message that it answers to.
    pub parent: Option<MessageId>,
    /// When it was asked.
    pub created_at: Timestamp,
    /// The run.
    pub run: RunId,
}

/// What the models of an answer have used together, as Dify's `usage` tells it.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ChatUsage {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
    prompt_price: Decimal,
    completion_price: Decimal,
    total_price: Decimal,
    /// Unit prices of the last model that had any.
    units: Map<String, Json>,
    currency: Option<String>,
    latency: f64,
    time_to_first_token: Option<f64>,
    time_to_generate: Option<f64>,
}

/// The prices of a unit in a usage.
const UNITS: [&str; 4] = [
    "prompt_unit_price",
    "prompt_price_unit",
    "completion_unit_price",
    "completion_price_unit",
];

impl ChatUsage {
    /// Adds the usage that a node tells of one of its calls.
    pub fn add(&mut self, usage: &Map<String, Json>) {
        let count = |key: &str| usage.get(key).and_then(Json::as_u64).unwrap_or_default();
        let seconds = |key: &str| usage.get(key).and_then(Json::as_f64);
        self.prompt_tokens += count("prompt_tokens");
        self.completion_tokens += count("completion_tokens");
        self.total_tokens += count("total_tokens");
        for (key, sum) in [
            ("prompt_price", &mut self.prompt_price),
            ("completion_price", &mut self.completion_price),
            ("total_price", &mut self.total_price),
        ] {
            *sum += usage.get(key).and_then(price_of).unwrap_or_default();
        }
        let units = UNITS.iter();
        let units = units.filter_map(|key| Some(((*key).to_owned(), usage.get(*key)?.clone())));
        self.units.extend(units);
        if let Some(currency) = usage.get("currency").and_then(Json::as_str) {
            self.currency = Some(currency.to_owned());
        }
        self.latency += seconds("latency").unwrap_or_default();
        self.time_to_first_token = (self.time_to_first_token).or(seconds("time_to_first_token"));
        self.time_to_generate = seconds("time_to_generate").or(self.time_to_generate);
    }

    /// Tokens of questions, of answers, and of both.
    #[must_use]
    pub const fn tokens(&self) -> (u64, u64, u64) {
        (
            self.prompt_tokens,
            self.completion_tokens,
            self.total_tokens,
        )
    }

    /// The form in which it is told: prices are decimal texts.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let unit = |key: &str| self.units.get(key).cloned().unwrap_or_else(|| json!("0"));
        let price = |price: Decimal| price.normalize().to_string();
        json!({
            "prompt_tokens": self.prompt_tokens,
            "prompt_unit_price": unit(UNITS[0]),
            "prompt_price_unit": unit(UNITS[1]),
            "prompt_price": price(self.prompt_price),
            "completion_tokens": self.completion_tokens,
            "completion_unit_price": unit(UNITS[2]),
            "completion_price_unit": unit(UNITS[3]),
            "completion_price": price(self.completion_price),
            "total_tokens": self.total_tokens,
            "total_price": price(self.total_price),
            "currency": self.currency.as_deref().unwrap_or("USD"),
            "latency": self.latency,
            "time_to_first_token": self.time_to_first_token,
            "time_to_generate": self.time_to_generate,
        })
    }
}

fn price_of(value: &Json) -> Option<Decimal> {
    match value {
        Json::String(text) => text.parse().ok(),
        Json::Number(number) => number.to_string().parse().ok(),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::ChatUsage;

    #[test]
    fn usages_are_added_without_losing_a_digit() {
        let mut sum = ChatUsage::default();
        assert_eq!(sum.to_json()["total_price"], "0");
        let one = json!({"prompt_tokens": 2, "completion_tokens": 4, "total_tokens": 6, "prompt_unit_price": "0.28",
            "prompt_price": "0.00000056", "total_price": "0.1", "currency": "USD", "latency": 0.5, "time_to_first_token": 0.25});
        let two = json!({"prompt_tokens": 1, "total_tokens": 1, "total_price": "0.2", "time_to_first_token": 9.0});
        for usage in [one, two] {
            sum.add(usage.as_object().unwrap());
        }
        let told = sum.to_json();
        assert_eq!(sum.tokens(), (3, 4, 7));
        for (key, expected) in [
            ("prompt_price", json!("0.00000056")),
            ("total_price", json!("0.3")),
            ("prompt_unit_price", json!("0.28")),
            ("completion_unit_price", json!("0")),
            ("latency", json!(0.5)),
            ("time_to_first_token", json!(0.25)),
            ("time_to_generate", json!(null)),
        ] {
            assert_eq!(told[key], expected, "{key}");
        }
    }
}
