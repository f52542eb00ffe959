//! `latchkey run`: runs a file without a server, with credentials from the environment. Nothing is kept.

mod files;

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use latchkey_domain::credential::{
    Credential, CredentialState, Environment as Label, Overrides, Principal, Scope,
};
use latchkey_domain::document::{Document, ImportOptions, Severity, import};
use latchkey_domain::event::{EventBody, RunFinished};
use latchkey_domain::id::{CredentialId, RunId, WorkspaceId};
use latchkey_domain::inputs::{prepare_entry, start_variables};
use latchkey_domain::journal::{Limits, StartValues};
use latchkey_domain::provider::ProviderId;
use latchkey_domain::run::RunStatus;
use latchkey_domain::value::{ArrayKind, NamedValues, Value};
use latchkey_domain::workflow::Mode;
use latchkey_engine::clock::{Clock, SystemClock};
use latchkey_engine::node::{NodeTypes as _, RunFacts};
use latchkey_engine::plan::Plan;
use latchkey_engine::run::{Outcome, Ports, execute};
use latchkey_models::memory::{MemoryBook, MemorySource};
use latchkey_models::{FormValues, ModelManager, check_form};
use latchkey_nodes::tools::BuiltinTools;
use latchkey_nodes::{BuiltinNodes, Host, MemoryFiles, RemoteFiles};
use latchkey_outbound::Outbound;
use latchkey_secrets::Secret;
use serde_json::{Map, Value as Json, json};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::cli::{CredentialField, CredentialFromVariable, RunArguments};
use crate::config::{Environment, Settings};
use crate::failure::{Exit, Failure};
use crate::{code, out};

/// The one workspace of a run without a server.
const WORKSPACE: WorkspaceId = WorkspaceId::new(Uuid::nil());

/// Runs a file.
pub(crate) async fn run(
    arguments: RunArguments,
    settings: &Settings,
    environment: &Environment,
) -> Result<(), Failure> {
    let name = arguments.file.display().to_string();
    let text =
        std::fs::read_to_string(&arguments.file).map_err(|cause| Failure::file(&name, &cause))?;
    let clock = SystemClock;
    let source = Arc::new(MemorySource::new(Arc::new(move || clock.now())));
    let book = Arc::new(MemoryBook::default());
    let outbound = Outbound::new(settings.outbound.clone()).context("the way out")?;
    let models = Arc::new(ModelManager::new(
        source.clone(),
        book.clone(),
        outbound.clone(),
    ));
    let files = Arc::new(MemoryFiles::new(RemoteFiles::new(outbound.clone())));
    let sandbox = Arc::new(code::sandbox(settings));
    let tools = BuiltinTools::new(outbound.clone()).with_sandbox(Arc::clone(&sandbox));
    let nodes = BuiltinNodes::new(Host {
        files: files.clone(),
        tools: Arc::new(tools),
        sandbox: Some(Arc::clone(&sandbox)),
        ..Host::new(Arc::clone(&models), outbound)
    });
    let document = read(&text, &name, &nodes)?;
    source.set_settings(document.credentials().cloned().unwrap_or_default());
    keep_credentials(&arguments, environment, &models, &source)?;
    let plan = Plan::build(&document, &nodes, None).map_err(|problems| {
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Failure::new(
            Exit::Usage,
            problems.first().map_or("bad_file", |problem| problem.code),
            told.join("; "),
        )
    })?;
    let variables = start_variables(&document, plan.entry());
    let inputs = files::inputs(&variables, arguments.inputs, &files)?;
    let values = values(&document, &plan, &inputs)?;
    let (finished, resolutions) = finish(Arc::new(plan), &document, values).await?;
    models.close().await;
    sandbox.close().await;
    print(&finished, &resolutions, arguments.json)
}

fn read(text: &str, name: &str, nodes: &BuiltinNodes) -> Result<Document, Failure> {
    let supported = |node_type: &str| nodes.supports(node_type);
    let options = ImportOptions {
        confirm_newer: true,
        supported: &supported,
    };
    let read = import(text, &options);
    read.document.ok_or_else(|| {
        let errors = read
            .report
            .items
            .into_iter()
            .filter(|item| item.severity == Severity::Error);
        let errors: Vec<Json> = errors.map(|item| json!(item)).collect();
        let code = errors
            .first()
            .and_then(|item| item["code"].as_str())
            .unwrap_or("bad_file");
        let problem =
            json!({"code": code, "detail": format!("{name} is refused"), "errors": errors});
        Failure::of_problem(0, &problem).map_or_else(
            || Failure::usage(name),
            |failure| failure.exiting(Exit::Usage),
        )
    })
}

/// Keeps the credentials of the command line; the only one of a provider is its default too.
fn keep_credentials(
    arguments: &RunArguments,
    environment: &Environment,
    models: &ModelManager,
    source: &MemorySource,
) -> Result<(), Failure> {
    let given = &arguments.credentials;
    let lost = |field: &&CredentialField| !given.iter().any(|one| is_for(field, one));
    if let Some(lost) = arguments.fields.iter().find(lost) {
        let text = format!("--set {}: there is no such --credential", lost.credential);
        return Err(Failure::usage(text));
    }
    for one in given {
        let provider = ProviderId::normalise(&one.provider);
        let info = models.catalogue().provider(&provider);
        let info =
            info.ok_or_else(|| Failure::usage(format!("there is no provider {provider}")))?;
        let secret = environment.read(&one.variable)?;
        let secret = secret
            .ok_or_else(|| Failure::usage(format!("the variable {} is not set", one.variable)))?;
        let mut fields = BTreeMap::from([("api_key".to_owned(), Secret::from(&*secret))]);
        let stated = arguments.fields.iter().filter(|field| is_for(field, one));
        fields.extend(stated.map(|field| (field.field.clone(), Secret::from(&*field.value))));
        let form = check_form(info, &fields, None).map_err(|problems| {
            let told: Vec<String> = problems
                .into_iter()
                .map(|problem| problem.message)
                .collect();
            Failure::usage(format!(
                "{}/{}: {}",
                one.provider,
                one.name,
                told.join("; ")
            ))
        })?;
        let id = CredentialId::new(Uuid::now_v7());
        let credential = stored(id, &provider, &one.name, &form);
        source.put(credential, form.values);
        let of_provider = given
            .iter()
            .filter(|other| ProviderId::normalise(&other.provider) == provider);
        if of_provider.count() == 1 {
            source.make_default(id);
        }
    }
    Ok(())
}

fn is_for(field: &CredentialField, one: &CredentialFromVariable) -> bool {
    let place = field.credential.rsplit_once('/');
    place.is_some_and(|(provider, name)| {
        ProviderId::normalise(provider) == ProviderId::normalise(&one.provider) && name == one.name
    })
}

fn stored(id: CredentialId, provider: &ProviderId, name: &str, form: &FormValues) -> Credential {
    Credential {
        id,
        workspace: WORKSPACE,
        provider: provider.clone(),
        name: name.to_owned(),
        model: None,
        hosts: form.hosts.clone(),
        settings: form.settings.clone(),
        secrets: BTreeMap::new(),
        scope: Scope::default(),
        state: CredentialState::Active,
        limits: latchkey_domain::credential::Limits::default(),
        budgets: Vec::new(),
        health: latchkey_domain::credential::Health::default(),
        expires_at: None,
        version: 1,
        revision: 1,
        created_at: SystemClock.now(),
        updated_at: SystemClock.now(),
        last_used_at: None,
        last_validated_at: None,
    }
}

/// The values that the run begins with; a conversation's question is the input `query`.
fn values(
    document: &Document,
    plan: &Plan,
    inputs: &Map<String, Json>,
) -> Result<StartValues, Failure> {
    let prepared = prepare_entry(document, plan.entry(), inputs).map_err(files::refused)?;
    let mut system: NamedValues =
        vec![("files".to_owned(), Value::array(ArrayKind::Any, Vec::new()))];
    let mut conversation = NamedValues::new();
    match document.mode() {
        Mode::Workflow => system.push((
            "timestamp".to_owned(),
            Value::Integer(SystemClock.now().seconds()),
        )),
        Mode::AdvancedChat => {
            let query = inputs.get("query").and_then(Json::as_str);
            let query = query.ok_or_else(|| {
                Failure::usage("this workflow answers in a conversation: -i query=… is needed")
            })?;
            system.push(("query".to_owned(), Value::string(query)));
            system.push(("dialogue_count".to_owned(), Value::Integer(1)));
            conversation = document
                .conversation_variables()
                .iter()
                .map(|variable| (variable.name.clone(), variable.typed()))
                .collect();
        }
    }
    let plain = document
        .environment_variables()
        .iter()
        .filter(|variable| !variable.is_secret());
    Ok(StartValues {
        inputs: prepared,
        system,
        environment: plain
            .map(|variable| (variable.name.clone(), variable.typed()))
            .collect(),
        conversation,
        given: Vec::new(),
        reused: Vec::new(),
    })
}

async fn finish(
    plan: Arc<Plan>,
    document: &Document,
    values: StartValues,
) -> Result<(RunFinished, Vec<Json>), Failure> {
    let secret = document
        .environment_variables()
        .iter()
        .filter(|variable| variable.is_secret());
    let secrets: NamedValues = secret
        .map(|variable| (variable.name.clone(), variable.typed()))
        .collect();
    let facts = RunFacts {
        run: RunId::new(Uuid::now_v7()),
        workspace: WORKSPACE,
        workflow: None,
        workflow_name: document.name().to_owned(),
        version: None,
        author: Principal::Operator,
        caller: Principal::Operator,
        environment: Label("development".to_owned()),
        end_user: None,
        overrides: Overrides::new(),
        mode: document.mode(),
        epoch: 1,
        history: Vec::new(),
    };
    let (journal, mut records) = mpsc::channel(64);
    let (events, mut said) = mpsc::channel(64);
    let (committed, commits) = watch::channel(0);
    let ports = Ports {
        journal,
        committed: commits,
        events,
        clock: Arc::new(SystemClock),
        lease: None,
    };
    let cancel = CancellationToken::new();
    let work = execute(
        plan,
        Arc::new(facts),
        values,
        secrets,
        Limits::default(),
        ports,
        cancel.clone(),
    );
    // Memory is all that there is to commit to.
    let commit = async {
        while let Some(record) = records.recv().await {
            committed.send_replace(record.sequence);
        }
    };
    let mut resolutions = Vec::new();
    let listen = async {
        while let Some(event) = said.recv().await {
            if let EventBody::NodeFinished(node) = event.body
                && let Some(resolution) = node.resolution
            {
                resolutions.push(json!({"node_id": node.node_id, "resolution": resolution}));
            }
        }
    };
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_ok() {
            cancel.cancel();
        }
        std::future::pending::<()>().await;
    };
    let all = async { tokio::join!(Box::pin(work), commit, listen).0 };
    let finished = tokio::select! {
        finished = all => finished.context("the run")?,
        () = interrupted => return Err(anyhow!("interrupted").into()),
    };
    match finished {
        Outcome::Finished(finished) => Ok((finished, resolutions)),
        Outcome::Paused(paused) => {
            let nodes = paused.forms.iter().map(|form| form.node_id.as_str());
            let nodes = nodes.collect::<Vec<_>>().join(", ");
            let text = format!(
                "node {nodes}: the run waits for somebody to fill in a form; only a server keeps it until then"
            );
            Err(Failure::new(Exit::Failed, "run_paused", text))
        }
    }
}

fn print(finished: &RunFinished, resolutions: &[Json], as_json: bool) -> Result<(), Failure> {
    if as_json {
        out::json(&json!({
            "status": finished.status, "outputs": finished.outputs, "error": finished.error, "steps": finished.steps,
            "usage": {"input_tokens": finished.usage.tokens.prompt(), "output_tokens": finished.usage.tokens.completion(),
                "cost": finished.usage.cost, "unpriced_calls": finished.usage.unpriced_calls},
            "resolutions": resolutions,
        }));
    } else {
        show(&finished.outputs);
    }
    if matches!(
        finished.status,
        RunStatus::Succeeded | RunStatus::PartialSucceeded
    ) {
        return Ok(());
    }
    let error = finished.error.as_ref();
    let code = error.map_or("run_failed", |error| error.code.as_str());
    let mut message = error.map_or_else(
        || "the run did not succeed".to_owned(),
        |error| error.message.clone(),
    );
    if let Some(paid_by) = error.and_then(|error| error.paid_by.as_ref()) {
        message = format!("{message} ({paid_by})");
    }
    if let Some(node) = error.and_then(|error| error.node_id.as_ref()) {
        message = format!("node {node}: {message}");
    }
    let is_credential = code.starts_with("credential_");
    let exit = if is_credential {
        Exit::Refused
    } else {
        Exit::Failed
    };
    Err(Failure::new(exit, code, message))
}

/// One output is printed as it is, several with their names.
fn show(outputs: &Map<String, Json>) {
    match outputs.iter().collect::<Vec<_>>()[..] {
        [(_, one)] => out::line(out::cell(one)),
        ref several => {
            for (name, value) in several {
                out::line(format_args!("{name}: {}", out::cell(value)));
            }
        }
    }
}
