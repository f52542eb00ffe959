//! Drives the state machine by hand: nodes without effects run at once, the others do what the script says.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use latchkey_domain::credential::{CredentialCode, CredentialFailure};
use latchkey_domain::document::GraphNode;
use latchkey_domain::event::{EventBody, RunEvent, RunFinished, RunPaused};
use latchkey_domain::form::{FormAnswer, FormRequest};
use latchkey_domain::id::{NodeExecutionId, NodeId, RunId};
use latchkey_domain::journal::{JournalRecord, Limits, NodeUsage, ReportBody, StartValues};
use latchkey_domain::ledger::Tokens;
use latchkey_domain::provider::ProviderId;
use latchkey_domain::run::{Failure, IterationStep};
use latchkey_domain::time::Timestamp;
use latchkey_domain::value::{NamedValues, Value};
use latchkey_domain::workflow::Mode;
use latchkey_engine::node::{Attempt, Behaviour, NodeTypes};
use latchkey_engine::plan::Plan;
use latchkey_engine::state::{Effect, Happened, RunState, replay_events};
use serde_json::{Map, json};

use super::graph::{Toys, graph};

pub(crate) fn run_id() -> RunId {
    RunId::new(uuid::uuid!("0193579b-0000-7000-8000-000000000000"))
}

/// A run under the hand of a test.
pub(crate) struct World {
    plan: Arc<Plan>,
    pub(crate) state: RunState,
    pure: HashMap<String, Behaviour>,
    now: i64,
    effects: VecDeque<Effect>,
    pub(crate) records: Vec<JournalRecord>,
    pub(crate) events: Vec<RunEvent>,
    /// Attempts that run, in the order of their starts.
    pub(crate) running: Vec<NodeExecutionId>,
    /// Executions that wait for a repetition.
    pub(crate) waiting: Vec<NodeExecutionId>,
    /// How long each wait before a repetition was to be, in milliseconds.
    pub(crate) waits: Vec<u64>,
    pub(crate) cancelled: bool,
    pub(crate) finished: Option<RunFinished>,
    pub(crate) paused: Option<RunPaused>,
    answers: HashMap<NodeExecutionId, FormAnswer>,
    epoch: u32,
}

impl World {
    pub(crate) fn new(text: &str) -> Self {
        Self::with(text, start_values(), Limits::default())
    }

    pub(crate) fn with(text: &str, values: StartValues, limits: Limits) -> Self {
        let graph = graph(text);
        let plan = Plan::of_graph(Mode::Workflow, &graph, &Toys::default(), None);
        let plan = Arc::new(plan.expect("a good graph"));
        let pure = graph.nodes.iter().filter_map(behaviour).collect();
        let mut world = Self {
            state: RunState::new(plan.clone(), run_id(), 1, secrets()),
            plan,
            pure,
            now: 0,
            effects: VecDeque::new(),
            records: Vec::new(),
            events: Vec::new(),
            running: Vec::new(),
            waiting: Vec::new(),
            waits: Vec::new(),
            cancelled: false,
            finished: None,
            paused: None,
            answers: HashMap::new(),
            epoch: 1,
        };
        world.tell(Happened::Started { values, limits });
        world
    }

    /// Plays a script (`a@1` is the second of the running executions of `a`): `a: ok text`, `a: fail Class`, `a: chunk text`, `a: close`, `a: think text`, `a: due`, `a: answer yes`, `stop`,
    /// `grace`, `wait 5000`, `crash`.
    pub(crate) fn play(mut self, script: &str) -> Self {
        for line in script
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
        {
            self.step(line);
        }
        self
    }

    pub(crate) fn step(&mut self, line: &str) {
        let Some((id, rest)) = line.split_once(": ") else {
            return match line.split_once(' ') {
                Some((_, millis)) => self.now += millis.parse::<i64>().unwrap(),
                None if line == "stop" => self.tell(Happened::StopAsked {
                    reason: "stopped on request".into(),
                }),
                None if line == "crash" => self.crash(),
                None if line == "time" => self.tell(Happened::TimeOver),
                None => self.tell(Happened::GraceOver),
            };
        };
        let (verb, text) = rest.split_once(' ').unwrap_or((rest, ""));
        let (node, nth) = id.split_once('@').unwrap_or((id, "0"));
        if verb == "answer" {
            return self.answer(node, nth, text);
        }
        let among = if verb == "due" {
            &mut self.waiting
        } else {
            &mut self.running
        };
        let mut running = among.iter().enumerate().filter(|(_, execution)| {
            let known = self.state.node_of(**execution);
            known.is_some_and(|known| known.as_str() == node)
        });
        let found = running.nth(nth.parse().unwrap());
        let (at, _) = found.unwrap_or_else(|| panic!("{id} does not run"));
        let execution_id = among[at];
        if matches!(verb, "ok" | "fail" | "due") {
            among.remove(at);
        }
        self.tell(match verb {
            "ok" => ended(execution_id, succeeded(text)),
            "fail" => ended(execution_id, failed(text)),
            "due" => Happened::RetryDue { execution_id },
            verb => Happened::Reported {
                execution_id,
                body: report(verb, text),
            },
        });
    }

    /// What an execution has asked.
    pub(crate) fn form(&self, execution_id: NodeExecutionId) -> &FormRequest {
        let mut forms = self.forms();
        let found = forms.find(|form| form.execution_id == execution_id);
        found.expect("it has asked")
    }

    fn forms(&self) -> impl Iterator<Item = &FormRequest> {
        self.events.iter().filter_map(|event| {
            let EventBody::FormRequested(form) = &event.body else {
                return None;
            };
            Some(&**form)
        })
    }

    /// Answers the form of a node, nothing meaning that nobody does in time; a paused run is rebuilt first, as another
    /// process does it.
    fn answer(&mut self, node: &str, nth: &str, action: &str) {
        let execution_id = {
            let mut open = self.forms().filter(|form| {
                form.node_id.as_str() == node && !self.answers.contains_key(&form.execution_id)
            });
            open.nth(nth.parse().unwrap()).unwrap().execution_id
        };
        let answer = match action {
            "" => FormAnswer::TimedOut,
            action => FormAnswer::Submitted {
                action: action.to_owned(),
                values: Map::new(),
            },
        };
        self.answers.insert(execution_id, answer.clone());
        if self.paused.take().is_some() {
            self.rebuild();
            assert!(self.state.is_paused());
        }
        self.tell(Happened::Answered {
            execution_id,
            answer,
        });
    }

    /// Whoever executes the run dies; somebody else goes on with what is written.
    fn crash(&mut self) {
        self.rebuild();
        self.running.clear();
        self.waiting.clear();
        // What nobody has written down nobody has heard.
        self.events = replay_events(self.plan.clone(), run_id(), secrets(), &self.records);
        if !self.state.is_paused() {
            self.tell(Happened::TakenOver);
        }
    }

    fn rebuild(&mut self) {
        let written = serde_json::to_string(&self.records).unwrap();
        let read: Vec<JournalRecord> = serde_json::from_str(&written).unwrap();
        self.epoch += 1;
        self.state = RunState::new(self.plan.clone(), run_id(), self.epoch, secrets());
        for record in &read {
            self.state.replay(record, &mut Vec::new());
        }
    }

    fn tell(&mut self, happened: Happened) {
        let mut effects = Vec::new();
        self.state
            .on(Timestamp::from_millis(self.now), happened, &mut effects);
        self.effects.extend(effects);
        while let Some(effect) = self.effects.pop_front() {
            self.perform(effect);
        }
        self.now += 1;
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Record(record) => self.records.push(record),
            Effect::Publish(event) => self.events.push(event),
            Effect::Start { execution_id, .. } => self.running.push(execution_id),
            Effect::Interrupted(execution_id) => {
                let happened = ended(execution_id, failed("NodeInterrupted"));
                let mut effects = Vec::new();
                let at = Timestamp::from_millis(self.now);
                self.state.on(at, happened, &mut effects);
                self.effects.extend(effects);
            }
            Effect::Wait { execution_id, due } => {
                let now = Timestamp::from_millis(self.now);
                self.waits.push(due.millis_since(now));
                self.waiting.push(execution_id);
            }
            Effect::CancelNodes => self.cancelled = true,
            Effect::AwaitCommit => {}
            Effect::Finish(finished) => self.finished = Some(finished),
            Effect::Pause(paused) => self.paused = Some(paused),
            Effect::Compute(execution_id) => {
                let node = self.state.node_of(execution_id).unwrap();
                let pool = self.state.pool_of(execution_id).unwrap();
                let happened = match &self.pure[node.as_str()] {
                    Behaviour::Pure(node) => ended(execution_id, node.run(pool)),
                    Behaviour::Asking(node) => match self.answers.get(&execution_id) {
                        None => Happened::Asked {
                            execution_id,
                            started_at: Timestamp::from_millis(self.now),
                            question: node.ask(pool).unwrap(),
                        },
                        Some(answer) => {
                            let form = &self.form(execution_id).form;
                            ended(execution_id, node.answered(form, answer))
                        }
                    },
                    Behaviour::Effect(_) | Behaviour::Container(_) => {
                        panic!("only nodes without effects are computed")
                    }
                };
                let mut effects = Vec::new();
                let at = Timestamp::from_millis(self.now);
                self.state.on(at, happened, &mut effects);
                self.effects.extend(effects);
            }
        }
    }

    /// The events as short lines; also proves that the journal, written and read, shows the same events again.
    pub(crate) fn shown(&self) -> String {
        self.check_replay();
        let lines: Vec<String> = self.events.iter().map(|event| line(&event.body)).collect();
        lines.join("\n")
    }

    pub(crate) fn check_replay(&self) {
        let written = serde_json::to_string(&self.records).unwrap();
        let read: Vec<JournalRecord> = serde_json::from_str(&written).unwrap();
        let shown = replay_events(self.plan.clone(), run_id(), secrets(), &read);
        let known = self.events.iter().take(shown.len()).cloned();
        assert_eq!(shown, known.collect::<Vec<_>>());
        if self.finished.is_some() {
            assert_eq!(shown.len(), self.events.len());
        }
    }

    /// The journal holds no secret, and the rebuilt variables are those of the run.
    pub(crate) fn check_secrets(&self) {
        let written = serde_json::to_string(&self.records).unwrap();
        let outputs = serde_json::to_string(&self.finished.as_ref().map(|it| &it.outputs)).unwrap();
        let read: Vec<JournalRecord> = serde_json::from_str(&written).unwrap();
        let mut state = RunState::new(self.plan.clone(), run_id(), 1, secrets());
        for record in &read {
            state.replay(record, &mut Vec::new());
        }
        for node in self
            .plan
            .node_ids()
            .map(NodeId::as_str)
            .chain(["conversation"])
        {
            let (live, again) = (&self.state, &state);
            assert_eq!(
                live.pool().node_values(node),
                again.pool().node_values(node),
                "{node}"
            );
        }
        let names_one = |text: &str| text.contains("\"answer\"");
        for (_, secret) in secrets() {
            let secret = secret.as_str().unwrap();
            // An answer that names a secret shows it, so only where no answer is among the outputs nothing is left.
            assert!(
                names_one(&outputs) || !outputs.contains(secret),
                "{outputs}"
            );
            assert!(
                names_one(&written) || !written.contains(secret),
                "{written}"
            );
        }
    }

    /// All streamed text, joined.
    pub(crate) fn stream(&self) -> String {
        self.check_replay();
        let texts = self.events.iter().filter_map(|event| {
            if let EventBody::TextChunk { text, .. } = &event.body {
                Some(text.as_str())
            } else {
                None
            }
        });
        texts.collect()
    }

    pub(crate) fn end(&self) -> &RunFinished {
        self.finished.as_ref().expect("the run has ended")
    }
}

fn behaviour(node: &GraphNode) -> Option<(String, Behaviour)> {
    let spec = Toys::default().build(node).ok()?;
    Some((node.id.as_str().to_owned(), spec.behaviour))
}

pub(crate) fn start_values() -> StartValues {
    StartValues {
        inputs: vec![
            ("q".into(), "hi".into()),
            ("none".into(), Value::None),
            ("items".into(), Value::infer(json!(["x", "y", "z"]))),
            ("lists".into(), Value::infer(json!([["a", "b"], ["c"]]))),
        ],
        system: vec![("query".into(), "hello".into())],
        environment: vec![("stage".into(), "test".into())],
        conversation: vec![("topic".into(), "first".into())],
        ..StartValues::default()
    }
}

fn secrets() -> NamedValues {
    // Two that look alike when masked.
    vec![
        ("key".to_owned(), Value::from("test-key-acme")),
        ("twin".to_owned(), Value::from("test-key-globex-me")),
        (
            "conversation.token".to_owned(),
            Value::from("test-key-initech"),
        ),
    ]
}

fn ended(execution_id: NodeExecutionId, attempt: Attempt) -> Happened {
    Happened::Ended {
        execution_id,
        started_at: Timestamp::from_millis(0),
        attempt: Box::new(attempt),
    }
}

fn usage() -> NodeUsage {
    NodeUsage {
        tokens: Tokens {
            input: 10,
            output: 5,
            ..Tokens::default()
        },
        ..NodeUsage::default()
    }
}

fn succeeded(text: &str) -> Attempt {
    let mut attempt = Attempt::succeeded(vec![("text".into(), text.into())]);
    attempt.usage = usage();
    attempt
}

/// A failure of a class; `CredentialError` has a story that not everybody may read.
fn failed(class: &str) -> Attempt {
    let mut failure = Failure::new(class, "it broke");
    if class == "CredentialError" {
        let story = CredentialFailure {
            code: CredentialCode::NotFound,
            credential_id: None,
            credential_name: None,
            level: None,
            selector: None,
            selector_rendered: Some("customer-acme".to_owned()),
            provider: ProviderId::normalise("openai"),
            model: "m".to_owned(),
            node_id: None,
            considered: Vec::new(),
            by_run: true,
        };
        failure.message = story.to_string();
        failure.credential = Some(Box::new(story));
    }
    let mut attempt = Attempt::failed(failure);
    attempt.outputs = vec![("text".into(), "half".into())];
    attempt.usage = usage();
    attempt
}

fn report(verb: &str, text: &str) -> ReportBody {
    let (text, is_final) = (text.to_owned(), verb == "close");
    match verb {
        "think" => ReportBody::Reasoning { text, is_final },
        "chunk" | "close" => ReportBody::Chunk {
            name: "text".into(),
            text,
            is_final,
        },
        other => panic!("unknown word {other}"),
    }
}

/// The rounds of the containers around a node: `@1.0`.
fn rounds(path: &[IterationStep]) -> String {
    let rounds: Vec<String> = path.iter().map(|step| step.index.to_string()).collect();
    if rounds.is_empty() {
        String::new()
    } else {
        format!("@{}", rounds.join("."))
    }
}

fn line(body: &EventBody) -> String {
    match body {
        EventBody::RunStarted { .. } => "run started".into(),
        EventBody::NodeStarted(node) => {
            format!("{}{} started", node.node_id, rounds(&node.iteration_path))
        }
        EventBody::ModelCall { node_id, .. } => format!("{node_id} calls"),
        EventBody::AgentLog { node_id, log, .. } => {
            format!("{node_id} {:?} {}", log.status, log.label)
        }
        EventBody::TextChunk {
            node_id,
            selector,
            text,
            is_final,
        } => {
            let end = if *is_final { "." } else { "" };
            format!("{node_id} says {text:?}{end} ({})", selector.join("."))
        }
        EventBody::ReasoningChunk { node_id, text, .. } => format!("{node_id} thinks {text:?}"),
        EventBody::NodeRetry {
            node_id,
            retry_index,
            ..
        } => format!("{node_id} retry {retry_index}"),
        EventBody::NodeRestarted { node_id, text, .. } => {
            format!("{node_id} restarted, {text:?} remains")
        }
        EventBody::NodeFinished(node) => {
            let handle = node
                .handle
                .as_deref()
                .map_or(String::new(), |it| format!(" -{it}->"));
            let rounds = rounds(&node.iteration_path);
            format!("{}{rounds} {}{handle}", node.node_id, node.status.as_str())
        }
        EventBody::IterationStarted(begin) | EventBody::LoopStarted(begin) => {
            format!("{} has {}", begin.node_id, begin.length)
        }
        EventBody::IterationNext(next) | EventBody::LoopNext(next) => {
            let previous = next
                .previous
                .as_ref()
                .map_or(String::new(), |it| format!(" after {it}"));
            format!("{} next {}{previous}", next.node_id, next.index)
        }
        EventBody::IterationSucceeded(end) | EventBody::LoopSucceeded(end) => {
            let reason = end
                .reason
                .map_or(String::new(), |it| format!(" {}", it.as_str()));
            format!("{} done{reason} {}", end.node_id, json!(end.outputs))
        }
        EventBody::IterationFailed(end) | EventBody::LoopFailed(end) => {
            format!("{} failed {}", end.node_id, json!(end.outputs))
        }
        EventBody::FormRequested(form) => {
            let rounds = rounds(&form.iteration_path);
            format!("{}{rounds} asks {:?}", form.node_id, form.form.content)
        }
        EventBody::FormAnswered {
            node_id, answer, ..
        } => match answer {
            FormAnswer::Submitted { action, .. } => format!("{node_id} hears {action}"),
            FormAnswer::TimedOut => format!("{node_id} hears nothing"),
        },
        EventBody::RunPaused(paused) => {
            let nodes: Vec<&str> = paused.forms.iter().map(|it| it.node_id.as_str()).collect();
            format!("run paused by {}", nodes.join(", "))
        }
        EventBody::RunFinished(run) => {
            let outputs = serde_json::to_string(&run.outputs).unwrap();
            format!("run {} {outputs}", run.status.as_str())
        }
    }
}
