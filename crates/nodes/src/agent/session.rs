//! One attempt of an agent: asking its model, using its tools, and what it has made so far.

use futures::future::BoxFuture;
use futures::{FutureExt as _, StreamExt as _, stream};
use serde_json::{Map, Value as Json, json};

use latchkey_domain::value::{Array, File};
use latchkey_engine::node::{Attempt, NodeContext};
use latchkey_models::{ChatRequest, InvokeError, Message, ModelInstance, Role, ToolCall};
use tokio::time::Instant;

use crate::host::{Host, ToolAnswer, ToolMessage};
use crate::model_call::answer::{Answer, Shown};
use crate::model_call::reply::{Reply, ToolCalls};
use crate::model_call::{Model, memory, reasoning, usage};

use super::config::Config;
use super::parameters::Task;
use super::steps::{Step, StepEnd, Steps, cut};
use super::toolbox::Toolbox;
use super::using::{self, Used, told_cause};
use super::{Error, Made};

/// What is said when the model has not answered even without tools.
const NO_ANSWER: &str = "The agent has used up its rounds and gave no answer. Allow it more, or ask for less at a time.";

/// How many tools are used at the same time.
const AT_ONCE: usize = 8;

/// One attempt under way.
pub(super) struct Session<'a> {
    config: &'a Config,
    model: &'a Model,
    instance: ModelInstance,
    pub(super) toolbox: Toolbox,
    context: &'a NodeContext,
    attempt: &'a mut Attempt,
    steps: Steps,
    text: String,
    files: Vec<File>,
    has_thoughts: bool,
    began: Instant,
}

/// Who reads what the model says while it says it.
pub(super) trait Reader: Send {
    /// What of this piece of the answer is for the user.
    fn read(&mut self, piece: &str) -> Option<String>;
}

impl<'a> Session<'a> {
    pub(super) fn new(
        config: &'a Config,
        model: &'a Model,
        instance: ModelInstance,
        toolbox: Toolbox,
        context: &'a NodeContext,
        attempt: &'a mut Attempt,
    ) -> Self {
        let tools = json!(toolbox.names());
        attempt.process_data.insert("tools".to_owned(), tools);
        Self {
            config,
            model,
            instance,
            toolbox,
            steps: Steps::new(context),
            context,
            attempt,
            text: String::new(),
            files: Vec::new(),
            has_thoughts: false,
            began: Instant::now(),
        }
    }

    /// The messages that every strategy begins with: what the model is told, the conversation so far, the question.
    pub(super) fn opening(&self, system: Option<String>, task: &Task) -> Vec<Message> {
        let mut messages = Vec::new();
        messages.extend(system.map(|text| Message::text(Role::System, text)));
        if let Some(settings) = &self.config.memory {
            let info = self.instance.info();
            let history = memory::messages(settings, self.context, self.model, &info);
            let history = history.into_iter();
            messages.extend(history.map(|(role, text)| Message::text(role, text)));
        }
        messages.push(Message::text(Role::User, task.query.as_str()));
        messages
    }

    /// A question to the model.
    pub(super) fn request(&self, messages: &[Message]) -> ChatRequest {
        self.model.request(messages.to_vec(), self.context)
    }

    /// A round begins.
    pub(super) async fn begin_round(&mut self, number: u32) -> Step {
        self.begin(format!("ROUND {number}"), None, Map::new())
            .await
    }

    /// A round is over, well or with its failure: whether it was the last, since no tool was asked.
    pub(super) async fn close_round(
        &mut self,
        round: Step,
        done: Result<(String, Vec<String>), Error>,
    ) -> Result<bool, Error> {
        match done {
            Ok((reply, observed)) => {
                let data = json!({"output": {"llm_response": reply, "tool_responses": observed}});
                self.end(round, data, None, Map::new()).await;
                Ok(observed.is_empty())
            }
            Err(cause) => {
                let error = Some(told_cause(&cause.failure()));
                self.end(round, json!({}), error, Map::new()).await;
                Err(cause)
            }
        }
    }

    /// All rounds are over: nobody is left without a word.
    pub(super) async fn close_rounds(&mut self) {
        if !self.has_said() {
            self.say(NO_ANSWER).await;
        }
    }

    /// Asks the model, and shows of its answer what `reader` lets through.
    pub(super) async fn think(
        &mut self,
        request: ChatRequest,
        round: &Step,
        reader: &mut dyn Reader,
        separated: bool,
    ) -> Result<Reply, Error> {
        let provider = json!(self.model.provider());
        let metadata = Map::from_iter([("provider".to_owned(), provider)]);
        let label = format!("{} Thought", self.model.name());
        let step = self.begin(label, Some(round), metadata).await;
        let before = self.attempt.usage.clone();
        let reply = self.answer(request, reader, separated).await;
        let mut metadata = Map::new();
        let used = self.attempt.usage.tokens.total() - before.tokens.total();
        metadata.insert("total_tokens".to_owned(), json!(used));
        match reply {
            Ok(reply) => {
                let data = json!({"output": reply.text, "tool_calls": told(&reply.tool_calls)});
                self.end(step, data, None, metadata).await;
                Ok(reply)
            }
            Err(cause) => {
                let error = Some(told_cause(&cause.failure()));
                self.end(step, json!({}), error, metadata).await;
                Err(cause.into())
            }
        }
    }

    async fn answer(
        &mut self,
        request: ChatRequest,
        reader: &mut dyn Reader,
        separated: bool,
    ) -> Result<Reply, InvokeError> {
        let asked = self
            .model
            .ask(&self.instance, request, self.context, self.attempt);
        let mut stream = asked.await?;
        let mut answer = Answer::new(separated);
        let mut calls = ToolCalls::default();
        let mut carried = Vec::new();
        let said = loop {
            match stream.next().await {
                None => break Ok(()),
                Some(Err(cause)) => break Err(cause),
                Some(Ok(mut chunk)) => {
                    calls.push(std::mem::take(&mut chunk.tool_calls));
                    carried.append(&mut chunk.carried);
                    let shown = answer.push(chunk);
                    self.show(shown, reader).await;
                }
            }
        };
        let shown = answer.finish();
        self.show(shown, reader).await;
        usage::settle(&stream, self.attempt);
        said?;
        self.has_thoughts |= answer.has_thoughts();
        Ok(Reply {
            finish_reason: answer.finish_reason.take(),
            text: reasoning::without_thoughts(answer.plain()),
            tool_calls: calls.finished(),
            carried,
        })
    }

    async fn show(&mut self, shown: Vec<Shown>, reader: &mut dyn Reader) {
        for piece in shown {
            match piece {
                Shown::Text(text) => {
                    if let Some(text) = reader.read(&text) {
                        self.say(&text).await;
                    }
                }
                Shown::Reasoning(text) if self.config.separated => {
                    self.context.sink.reasoning(&text, false).await;
                }
                Shown::Reasoning(_) => {}
            }
        }
    }

    /// Says something to the user.
    pub(super) async fn say(&mut self, text: &str) {
        if !text.is_empty() {
            self.text.push_str(text);
            self.context.sink.chunk("text", text, false).await;
        }
    }

    /// Whether the user has been told anything.
    pub(super) fn has_said(&self) -> bool {
        !self.text.trim().is_empty()
    }

    /// Whether thoughts are told apart from the text.
    pub(super) const fn is_separated(&self) -> bool {
        self.config.separated
    }

    /// Uses the tools that the model calls, several at a time; answers what it is told of each, in order.
    ///
    /// # Errors
    /// When a tool's credential cannot be used, or the run is asked to stop. Everything else is told to the model.
    pub(super) async fn use_tools(
        &mut self,
        calls: &[ToolCall],
        host: &Host,
        round: &Step,
    ) -> Result<Vec<String>, Error> {
        let mut begun = Vec::new();
        for call in calls {
            let provider = self.toolbox.find(&call.name).ok();
            let provider = provider.map(|tool| json!(tool.provider()));
            let metadata = provider.map(|provider| ("provider".to_owned(), provider));
            let label = format!("CALL {}", cut(&call.name, 100));
            let step = self.begin(label, Some(round), Map::from_iter(metadata));
            begun.push(step.await);
        }
        let (toolbox, context) = (&self.toolbox, self.context);
        let mut uses: Vec<BoxFuture<'_, Used>> = Vec::new();
        for (at, (call, step)) in calls.iter().zip(begun).enumerate() {
            uses.push(using::use_tool(toolbox, (at, call), step, host, context).boxed());
        }
        let all = stream::iter(uses).buffered(AT_ONCE).collect::<Vec<_>>();
        let all = tokio::select! {
            biased;
            () = context.cancel.cancelled() => return Err(Error::Stopped),
            all = all => all,
        };
        let mut told = Vec::new();
        let mut failed = None;
        for Used { step, outcome } in all {
            self.steps.keep(step);
            match outcome {
                Ok((observed, answer)) => {
                    told.push(observed);
                    self.take(answer);
                }
                Err(cause) => {
                    failed.get_or_insert(cause);
                }
            }
        }
        failed.map_or(Ok(told), |cause| Err(cause.into()))
    }

    /// Keeps what a tool has made and used.
    fn take(&mut self, answer: ToolAnswer) {
        usage::add_all(&mut self.attempt.usage, &answer.usage);
        for message in answer.messages {
            if let ToolMessage::File(file) = message {
                self.files.push(file);
            }
        }
    }

    async fn begin(
        &mut self,
        label: String,
        parent: Option<&Step>,
        metadata: Map<String, Json>,
    ) -> Step {
        let sink = &self.context.sink;
        self.steps.begin(sink, label, parent, metadata).await
    }

    async fn end(
        &mut self,
        step: Step,
        data: Json,
        error: Option<String>,
        metadata: Map<String, Json>,
    ) {
        let end = StepEnd {
            data,
            error,
            metadata,
        };
        self.steps.keep(step.end(&self.context.sink, end).await);
    }

    /// Everything has been said.
    pub(super) async fn close(&self) {
        let sink = &self.context.sink;
        if self.has_thoughts && self.config.separated {
            sink.reasoning("", true).await;
        }
        sink.chunk("text", "", true).await;
    }

    /// What was made, and how many milliseconds it took.
    pub(super) fn finish(self) -> (Made, u64) {
        let made = Made {
            steps: self.steps.shown(),
            text: self.text,
            files: Array::of_files(&self.files),
        };
        let latency = self.began.elapsed().as_millis();
        (made, u64::try_from(latency).unwrap_or(u64::MAX))
    }
}

fn told(calls: &[ToolCall]) -> Json {
    let calls = calls.iter();
    let told = calls.map(|call| json!({"id": call.id, "name": call.name, "args": call.arguments}));
    told.collect()
}
