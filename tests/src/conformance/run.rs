//! One run of one case: the path of a server's run, with the journal in memory.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value as Json;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use latchkey_domain::credential::{Environment, Overrides, Principal};
use latchkey_domain::document::{Document, ImportOptions, import};
use latchkey_domain::event::{RunEvent, RunPaused};
use latchkey_domain::form::FormAnswer;
use latchkey_domain::id::{NodeExecutionId, NodeId, RunId, WorkspaceId};
use latchkey_domain::inputs::{FileRules, prepare_entry, prepare_inputs, start_variables};
use latchkey_domain::journal::{JournalRecord, Limits, StartValues};
use latchkey_domain::value::{NamedValues, Value};
use latchkey_domain::workflow::Mode;
use latchkey_engine::clock::{Clock as _, SystemClock};
use latchkey_engine::node::RunFacts;
use latchkey_engine::plan::{Plan, PlanProblem};
use latchkey_engine::run::{Abandoned, Outcome, Past, Ports, execute, resume};
use latchkey_engine::state::{RunState, replay_events};
use latchkey_models::ModelManager;
use latchkey_models::memory::{MemoryBook, MemorySource};
use latchkey_nodes::{BuiltinNodes, CodeLimits, Host, SUPPORTED_TYPES, TEMPLATE_LENGTH};
use latchkey_sandbox::Sandbox;

use super::case::{Case, Dsl};
use super::compare::Difference;
use super::files::CaseFiles;
use super::http::Http;
use super::knowledge::CaseKnowledge;
use super::observe::{Seen, rejected, seen};
use super::script::Script;
use super::tools::CaseTools;

/// How long code may run unless the case says otherwise.
const CODE_SECONDS: u64 = 10;
/// How long a case may take.
const DEADLINE: Duration = Duration::from_secs(60);

/// What a case did.
pub(super) struct Actual {
    /// None when it could not be tried, because a node that a run could meet is of a type that does not exist yet.
    pub(super) seen: Option<Seen>,
    pub(super) unbuilt: Vec<String>,
    /// Where the events of the journal are not those of the run.
    pub(super) replayed: Option<Difference>,
}

/// The types of Dify's nodes (Dify DSL reference, 4): a case that needs another one must be refused.
const DIFY_TYPES: [&str; 31] = [
    "start",
    "end",
    "answer",
    "llm",
    "if-else",
    "template-transform",
    "variable-aggregator",
    "variable-assigner",
    "assigner",
    "question-classifier",
    "knowledge-retrieval",
    "code",
    "http-request",
    "tool",
    "iteration",
    "iteration-start",
    "loop",
    "loop-start",
    "loop-end",
    "parameter-extractor",
    "document-extractor",
    "list-operator",
    "agent",
    "human-input",
    "trigger-webhook",
    "trigger-schedule",
    "trigger-plugin",
    "datasource",
    "knowledge-index",
    "custom-note",
    "datasource-empty",
];

pub(super) async fn run(case: &Case, sandbox: &Arc<Sandbox>) -> Result<Actual> {
    let document = match document(case)? {
        Ok(document) => document,
        Err(problem) => return Ok(refused(problem, Vec::new())),
    };
    let unbuilt = unbuilt(&document);
    let script = Script::of(case);
    let http = Http::of(case);
    let tools = CaseTools::of(case);
    let nodes = BuiltinNodes::new(Host {
        tools: Arc::clone(&tools) as _,
        knowledge: Arc::new(CaseKnowledge::of(case)),
        ..host(case, &script, &http, sandbox)
    });
    let root = case.get("root").and_then(Json::as_str).map(NodeId::new);
    let plan = match Plan::build(&document, &nodes, root.as_ref()) {
        Ok(plan) => Arc::new(plan),
        Err(problems) if is_not_built(&document, &problems) => {
            return Ok(Actual {
                seen: None,
                unbuilt,
                replayed: None,
            });
        }
        Err(problems) => {
            let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
            return Ok(refused(texts.join("; "), unbuilt));
        }
    };
    let start = match start_values(case, &document, plan.entry()) {
        Ok(start) => start,
        Err(problem) => return Ok(refused(problem, unbuilt)),
    };
    let secrets = secrets(&document);
    let run = timeout(DEADLINE, drive(case, &plan, start, secrets.clone()));
    let (records, events) = run.await.context("the run does not end")??;
    let facts = facts(case);
    let written = serde_json::to_string(&records)?;
    let records: Vec<JournalRecord> = serde_json::from_str(&written)?;
    let shown = replay_events(Arc::clone(&plan), facts.run, secrets.clone(), &records);
    let mut state = RunState::new(Arc::clone(&plan), facts.run, facts.epoch, secrets);
    for record in &records {
        state.replay(record, &mut Vec::new());
    }
    let mut seen = seen(case, &document, &state, &events, &script.calls());
    seen.insert("requests".to_owned(), Json::Array(http.requests()));
    seen.insert("tools".to_owned(), Json::Array(tools.used()));
    Ok(Actual {
        seen: Some(seen),
        unbuilt,
        replayed: Difference::of_replay(&events, &shown),
    })
}

/// Whether the plan fails for want of a node type of Dify's.
fn is_not_built(document: &Document, problems: &[PlanProblem]) -> bool {
    let missing = problems.iter();
    let mut missing = missing.filter(|problem| problem.code == "node_type_unsupported");
    missing.any(|problem| {
        let nodes = &document.graph().nodes;
        let node = nodes
            .iter()
            .find(|it| Some(&it.id) == problem.node_id.as_ref());
        node.is_some_and(|node| DIFY_TYPES.contains(&node.node_type.as_str()))
    })
}

fn refused(problem: String, unbuilt: Vec<String>) -> Actual {
    Actual {
        seen: Some(rejected(problem)),
        unbuilt,
        replayed: None,
    }
}

/// The document, or why it is refused.
fn document(case: &Case) -> Result<Result<Document, String>> {
    let supported = |node_type: &str| SUPPORTED_TYPES.contains(&node_type);
    let options = ImportOptions {
        confirm_newer: true,
        supported: &supported,
    };
    Ok(match case.dsl()? {
        Dsl::Tree(tree) => Document::from_json(tree, &options).map_err(|problems| {
            let texts: Vec<&str> = problems.iter().map(|it| it.message.as_str()).collect();
            texts.join("; ")
        }),
        Dsl::Text(text) => {
            let import = import(&text, &options);
            let texts = import.report.items.iter().map(|it| it.message.as_str());
            let texts: Vec<&str> = texts.collect();
            import.document.ok_or_else(|| texts.join("; "))
        }
    })
}

fn unbuilt(document: &Document) -> Vec<String> {
    let types = document.graph().nodes.iter().map(|node| &node.node_type);
    let mut unbuilt: Vec<String> = types
        .filter(|node_type| !SUPPORTED_TYPES.contains(&node_type.as_str()))
        .cloned()
        .collect();
    unbuilt.sort();
    unbuilt.dedup();
    unbuilt
}

fn host(case: &Case, script: &Arc<Script>, http: &Arc<Http>, sandbox: &Arc<Sandbox>) -> Host {
    let source = MemorySource::new(Arc::new(|| SystemClock.now()));
    let outbound = http.outbound();
    let book = Arc::new(MemoryBook::default());
    let models = ModelManager::new(Arc::new(source), book, outbound.clone())
        .with_every_provider(Arc::clone(script) as _);
    let length = case.limit("template_max_length");
    Host {
        files: Arc::new(CaseFiles::of(case, outbound.clone())),
        sandbox: Some(Arc::clone(sandbox)),
        code: code_limits(case),
        template_length: length
            .and_then(|length| usize::try_from(length).ok())
            .unwrap_or(TEMPLATE_LENGTH),
        ..Host::new(Arc::new(models), outbound)
    }
}

fn code_limits(case: &Case) -> CodeLimits {
    let usual = CodeLimits::default();
    let own = |key: &str| case.get("limits")?.get("code")?.get(key);
    let count = |key: &str, usual: usize| {
        let own = own(key).and_then(Json::as_u64);
        own.and_then(|own| usize::try_from(own).ok())
            .unwrap_or(usual)
    };
    let number = |key: &str, usual: i64| own(key).and_then(Json::as_i64).unwrap_or(usual);
    let seconds = case.limit("code_timeout_s").unwrap_or(CODE_SECONDS);
    CodeLimits {
        time: Some(Duration::from_secs(seconds)),
        string_length: count("max_string_length", usual.string_length),
        max_number: number("max_number", usual.max_number),
        min_number: number("min_number", usual.min_number),
        precision: count("max_precision", usual.precision),
        depth: count("max_depth", usual.depth),
        string_array_length: count("max_string_array_length", usual.string_array_length),
        object_array_length: count("max_object_array_length", usual.object_array_length),
        number_array_length: count("max_number_array_length", usual.number_array_length),
    }
}

fn start_values(case: &Case, document: &Document, entry: &NodeId) -> Result<StartValues, String> {
    let mut declared = start_variables(document, entry);
    // Cases say what is there already: nobody has looked at what may be uploaded.
    for variable in &mut declared {
        variable.files = FileRules::default();
    }
    let is_file = |name: &str| {
        declared
            .iter()
            .any(|it| it.name == name && it.form.starts_with("file"))
    };
    let given = case.inputs(is_file);
    let mut nodes = document.graph().nodes.iter();
    let is_event = nodes.any(|node| node.id == *entry && node.node_type == "trigger-plugin");
    let prepared = if is_event {
        prepare_entry(document, entry, &given)
    } else {
        prepare_inputs(&declared, &given)
    };
    let inputs = prepared.map_err(|problems| {
        let texts: Vec<&str> = problems.iter().map(|it| it.message.as_str()).collect();
        texts.join("; ")
    })?;
    let environment = document.environment_variables().iter();
    let given = case.map("conversation");
    let conversation = document.conversation_variables().iter().map(|variable| {
        let mut variable = variable.clone();
        if let Some(value) = given.get(&variable.name) {
            variable.value.clone_from(value);
        }
        (variable.name.clone(), variable.typed())
    });
    Ok(StartValues {
        inputs,
        system: case.system(),
        environment: environment
            .filter(|variable| !variable.is_secret())
            .map(|variable| (variable.name.clone(), variable.typed()))
            .collect(),
        conversation: match case.mode() {
            Mode::Workflow => Vec::new(),
            Mode::AdvancedChat => conversation.collect(),
        },
        given: Vec::new(),
        reused: Vec::new(),
    })
}

fn secrets(document: &Document) -> NamedValues {
    let secret = document.environment_variables().iter();
    secret
        .filter(|variable| variable.is_secret())
        .map(|variable| {
            let text = variable.value.as_str().unwrap_or_default();
            (variable.name.clone(), Value::Secret(text.into()))
        })
        .collect()
}

fn facts(case: &Case) -> Arc<RunFacts> {
    Arc::new(RunFacts {
        run: RunId::new(Uuid::from_u128(0x0193_579b_0000_7000_8000_0000_0000_0000)),
        workspace: WorkspaceId::new(Uuid::nil()),
        workflow: None,
        workflow_name: case.name.clone(),
        version: None,
        author: Principal::Operator,
        caller: Principal::Operator,
        environment: Environment("development".to_owned()),
        end_user: None,
        overrides: Overrides::new(),
        mode: case.mode(),
        epoch: 1,
        history: case.history(),
    })
}

fn limits(case: &Case) -> Limits {
    let usual = Limits::default();
    let steps = case
        .limit("max_steps")
        .and_then(|it| u32::try_from(it).ok());
    Limits {
        max_steps: steps.unwrap_or(usual.max_steps),
        max_millis: case
            .limit("max_time")
            .map_or(usual.max_millis, |it| it * 1000),
        slots: usual.slots,
    }
}

/// Executes the run; every record is committed at once. A paused run goes on while the case has answers to its forms.
async fn drive(
    case: &Case,
    plan: &Arc<Plan>,
    start: StartValues,
    secrets: NamedValues,
) -> Result<(Vec<JournalRecord>, Vec<RunEvent>)> {
    let (mut records, mut events) = (Vec::new(), Vec::new());
    let begin = |ports| {
        execute(
            Arc::clone(plan),
            facts(case),
            start,
            secrets.clone(),
            limits(case),
            ports,
            CancellationToken::new(),
        )
    };
    let mut outcome = leg(begin, &mut records, &mut events).await?;
    while let Outcome::Paused(paused) = outcome {
        let answers = answers(case, &paused);
        if answers.is_empty() {
            break;
        }
        let past = Past {
            records: records.clone(),
            answers,
        };
        let go_on = |ports| {
            resume(
                Arc::clone(plan),
                facts(case),
                past,
                secrets.clone(),
                ports,
                CancellationToken::new(),
            )
        };
        outcome = leg(go_on, &mut records, &mut events).await?;
    }
    Ok((records, events))
}

/// Executes a run until it is over or paused.
async fn leg<F: Future<Output = Result<Outcome, Abandoned>>>(
    run: impl FnOnce(Ports) -> F,
    all_records: &mut Vec<JournalRecord>,
    all_events: &mut Vec<RunEvent>,
) -> Result<Outcome> {
    let (journal, mut records) = mpsc::channel::<JournalRecord>(64);
    let (commit, committed) = watch::channel(0);
    let (publish, mut events) = mpsc::channel::<RunEvent>(64);
    let ports = Ports {
        journal,
        committed,
        events: publish,
        clock: Arc::new(SystemClock),
        lease: None,
    };
    let write = async {
        while let Some(record) = records.recv().await {
            commit.send_replace(record.sequence);
            all_records.push(record);
        }
    };
    let watch = async {
        while let Some(event) = events.recv().await {
            all_events.push(event);
        }
    };
    Ok(tokio::join!(Box::pin(run(ports)), write, watch).0?)
}

/// What the case answers to the forms of a pause.
fn answers(case: &Case, paused: &RunPaused) -> Vec<(NodeExecutionId, FormAnswer)> {
    let human = case.map("human");
    let answer = |node: &NodeId| {
        let answer = human.get(node.as_str())?;
        let values = answer["outputs"].as_object().cloned().unwrap_or_default();
        let of_fields = values
            .into_iter()
            .filter(|(name, _)| !name.starts_with("__"));
        Some(FormAnswer::Submitted {
            action: answer["action"].as_str()?.to_owned(),
            values: of_fields.collect(),
        })
    };
    let forms = paused.forms.iter();
    forms
        .filter_map(|form| Some((form.execution_id, answer(&form.node_id)?)))
        .collect()
}
