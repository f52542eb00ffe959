//! Starting a run: everything that can be wrong is found before it exists; then it is accepted and executed on its own.

use std::sync::Arc;

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::chat::{MessagePlace, NewMessage};
use latchkey_domain::credential::{Environment, Overrides};
use latchkey_domain::document::Document;
use latchkey_domain::id::{NodeId, RunId, WorkflowId};
use latchkey_domain::inputs::{prepare_entry, start_variables};
use latchkey_domain::journal::StartValues;
use latchkey_domain::run::{Run, RunStatus, RunUsage, RunVersion};
use latchkey_domain::time::Timestamp;
use latchkey_domain::value::{Array, ArrayKind, File, NamedValues, Value, to_json_map};
use latchkey_domain::workflow::{Mode, Workflow};
use latchkey_engine::plan::Outline;
use latchkey_models::{DryRunOutcome, DryRunRow, WorkflowContext};
use latchkey_store::{IdempotencyKey, Inserted, NewRun};
use serde_json::{Map, Value as Json};

use crate::disclosure::Disclosure;
use crate::documents::Prepared;
use crate::error::{Error, ErrorItem, ErrorKind};
use crate::execution::Live;
use crate::inline::{InlineValues, StatedOverrides};
use crate::queue::Admission;
use crate::resolve::{self, Version};
use crate::turns::TurnRequest;
use crate::{Service, require, single_node};

/// The longest end user's label and idempotency key, in characters.
const LABEL: usize = 255;

/// A run that is to be started.
#[derive(Clone, Debug, Default)]
pub struct StartRequest {
    /// The inputs.
    pub inputs: Map<String, Json>,
    /// The question, for a workflow that answers in a conversation.
    pub query: Option<String>,
    /// The conversation that the question belongs to; none: one that nobody keeps.
    pub turn: Option<TurnRequest>,
    /// Files besides the inputs, as a request names them.
    pub files: Vec<Json>,
    /// The version.
    pub version: Version,
    /// The node at which it begins, in a graph with several triggers; none: the first that can be entered.
    pub trigger: Option<NodeId>,
    /// The only node of the draft that is run; its inputs are then the values of its variables.
    pub only_node: Option<NodeId>,
    /// The time for which a schedule starts it: what `sys.timestamp` says, however late it is.
    pub scheduled_for: Option<Timestamp>,
    /// The environment; none: the key's first.
    pub environment: Option<Environment>,
    /// The end user's label.
    pub end_user: Option<String>,
    /// Whether a start is refused that the dry run knows to fail.
    pub strict: bool,
    /// What the run states for itself.
    pub overrides: StatedOverrides,
    /// The name under which it is asked for, and its canonical body.
    pub idempotency: Option<(String, Vec<u8>)>,
}

/// A run of which everything is known that it needs.
pub(crate) struct Acceptable<'a> {
    pub(crate) run: RunId,
    pub(crate) workflow: &'a Workflow,
    pub(crate) prepared: &'a Prepared,
    pub(crate) environment: Environment,
    pub(crate) end_user: Option<String>,
    pub(crate) values: StartValues,
    pub(crate) overrides: Overrides,
    pub(crate) inline: InlineValues,
    /// Whether what the dry run knows to fail is refused.
    pub(crate) strict: bool,
    pub(crate) key: Option<IdempotencyKey>,
    /// The run that it repeats.
    pub(crate) retried_from: Option<RunId>,
    /// The question of a conversation that it answers.
    pub(crate) message: Option<Box<NewMessage>>,
}

/// A run that was accepted, or that was accepted before under the same name.
#[derive(Clone)]
pub struct Started {
    /// The run.
    pub run: RunId,
    /// Whether it was there before.
    pub is_repeated: bool,
    /// The question of a conversation that it answers.
    pub message: Option<MessagePlace>,
    /// Its execution; none when it was there before.
    pub(crate) live: Option<Arc<Live>>,
}

impl Started {
    /// The run as it was accepted; none when it was there before.
    #[must_use]
    pub fn accepted(&self) -> Option<&Run> {
        self.live.as_deref().map(Live::accepted)
    }
}

impl Service {
    /// Starts a run.
    ///
    /// # Errors
    /// When the caller may not, or anything about it is wrong: no run then exists.
    pub async fn start_run(
        &self,
        caller: &Caller,
        id: WorkflowId,
        mut request: StartRequest,
    ) -> Result<Started, Error> {
        require(caller, Permission::RunsWrite)?;
        if request.only_node.is_some() {
            // What it states may choose a credential that no run of the graph would come to: only an author may do that anyway.
            require(caller, Permission::WorkflowsWrite)?;
        }
        if self.inner.tasks.is_closed() {
            return Err(ending());
        }
        check_labels(&request)?;
        let key = request
            .idempotency
            .take()
            .map(|(name, body)| IdempotencyKey {
                workspace: caller.workspace,
                caller: caller.principal,
                workflow: id,
                name,
                body_hash: self.inner.body_hash.hash(&body),
            });
        if let Some(key) = &key
            && let Some(known) = self.inner.store.known_start(key, self.now()).await?
        {
            // What was accepted once is not judged again: the workflow may have changed since.
            return self::known(known);
        }
        let prepared = match request.only_node.take() {
            Some(node) => self.prepare_node(caller, id, node).await?,
            None => {
                self.prepare(caller, id, request.version, request.trigger.clone())
                    .await?
            }
        };
        let workflow = self.visible(caller, id).await?;
        let environment = self
            .environment(
                caller,
                request.environment.clone(),
                prepared.number.is_none(),
            )
            .await?;
        let (inputs, only) = self.start_inputs(caller, &prepared, &mut request).await?;
        let end_user = request.end_user.clone();
        let end_user = end_user.as_deref();
        let sent = self.sent_files(caller, &prepared.document, &request.files, end_user);
        let sent = sent.await?;
        let run = RunId::new(Self::new_id());
        let turn = self
            .turn(caller, &workflow, &prepared.document, &request)
            .await?;
        let stated = std::mem::take(&mut request.overrides);
        let (overrides, inline) = self.stated_overrides(caller, id, run, stated).await?;
        let mut values = self.start_values(&prepared, &workflow, run, inputs, &request)?;
        put_files(&mut values.system, &sent);
        if let Some(stated) = only {
            values = single_node::merged(values, stated);
        }
        let message =
            turn.map(|turn| turn.begin(&prepared.document, &mut values, &sent, self.now()));
        let accepted = Acceptable {
            run,
            workflow: &workflow,
            prepared: &prepared,
            environment,
            end_user: request.end_user.clone(),
            values,
            overrides,
            inline,
            strict: request.strict,
            key,
            retried_from: None,
            message: message.map(Box::new),
        };
        let started = self.accept(caller, accepted).await?;
        Ok(self.named(caller, started, &request).await)
    }

    /// Accepts a run of which everything is known: checks who would pay, and has it executed here or lets it wait.
    pub(crate) async fn accept(
        &self,
        caller: &Caller,
        new: Acceptable<'_>,
    ) -> Result<Started, Error> {
        let Acceptable {
            run,
            workflow,
            prepared,
            environment,
            end_user,
            values,
            overrides,
            inline,
            strict,
            key,
            retried_from,
            message,
        } = new;
        let context = resolve::context(
            caller,
            workflow.id,
            &workflow.name,
            (prepared.number, prepared.author),
            environment,
            end_user,
            overrides,
        );
        self.check_credentials(caller, &context, prepared, &values, strict)
            .await?;
        let mut row = self.row(run, caller, &context, prepared, &values);
        row.retried_from = retried_from;
        let new = NewRun {
            document: prepared.text.clone(),
            key,
            message,
            ..NewRun::of(row)
        };
        let admission = self.inner.queue.admit(caller.workspace, workflow.id)?;
        self.keep_inline(caller.workspace, run, &inline).await?;
        let started = match admission {
            Admission::Here(slot) => {
                self.launch(workflow, prepared, context, values, new, Some(slot))
                    .await
            }
            Admission::Waits => self.enqueue(prepared, values, new).await,
        };
        let has_begun = started.as_ref().is_ok_and(|started| !started.is_repeated);
        if !has_begun && !inline.is_empty() {
            self.forget_inline_of(run).await;
        }
        started
    }

    /// The inputs of the entry, checked; for a run of one node what is stated for its variables instead.
    async fn start_inputs(
        &self,
        caller: &Caller,
        prepared: &Prepared,
        request: &mut StartRequest,
    ) -> Result<(NamedValues, Option<StartValues>), Error> {
        let entry = prepared.plan.entry();
        if prepared.only.is_some() {
            let stated = self.stated_values(caller, prepared, request).await?;
            if prepared.document.mode() == Mode::AdvancedChat {
                // The node may state another one.
                request.query.get_or_insert_default();
            }
            return Ok((NamedValues::new(), Some(stated)));
        }
        let variables = start_variables(&prepared.document, entry);
        let end_user = request.end_user.as_deref();
        let given = self
            .with_files(caller, &variables, &request.inputs, end_user)
            .await?;
        let inputs = prepare_entry(&prepared.document, entry, &given).map_err(Error::of_inputs)?;
        Ok((inputs, None))
    }

    /// Has a conversation named that begins with a run.
    async fn named(&self, caller: &Caller, started: Started, request: &StartRequest) -> Started {
        let turn = request.turn.as_ref();
        let is_named = turn.is_some_and(|turn| turn.is_named && turn.conversation.is_none());
        let Some(place) = started.message.filter(|_| is_named) else {
            return started;
        };
        let run = match started.accepted() {
            Some(run) => Ok(run.clone()),
            None => self.run_of_start(caller, &started).await,
        };
        // What cannot be read now keeps the name that it has.
        if let Ok(run) = run {
            let query = request.query.clone().unwrap_or_default();
            self.name_beside(caller, run, place.conversation, query);
        }
        started
    }

    /// The run's environment: one of the key's list, or `development` for drafts unless another is named.
    pub(crate) async fn environment(
        &self,
        caller: &Caller,
        named: Option<Environment>,
        is_draft: bool,
    ) -> Result<Environment, Error> {
        let declared = self.inner.facts.environments(caller.workspace).await?;
        let Some(named) = named else {
            let development = Environment("development".to_owned());
            if is_draft && declared.contains(&development) {
                return Ok(development);
            }
            let first = caller.environments.first().cloned();
            return first.ok_or_else(|| {
                Error::new(
                    ErrorKind::Forbidden,
                    "forbidden",
                    "the key is for no environment",
                )
            });
        };
        if !declared.contains(&named) {
            let detail = format!("the workspace has no environment {named}");
            return Err(Error::field("environment_unknown", "/environment", detail));
        }
        if !caller.environments.contains(&named) {
            let detail = format!("the key is not for the environment {named}");
            return Err(Error::new(ErrorKind::Forbidden, "forbidden", detail));
        }
        Ok(named)
    }

    /// The values that a run begins with (Dify DSL, system variables).
    pub(crate) fn start_values(
        &self,
        prepared: &Prepared,
        workflow: &Workflow,
        run: RunId,
        inputs: NamedValues,
        request: &StartRequest,
    ) -> Result<StartValues, Error> {
        let text = |name: &str, value: String| (name.to_owned(), Value::string(value));
        let mut system = system_values(workflow.id, request.end_user.as_deref());
        system.push(text("workflow_run_id", run.to_string()));
        match (prepared.document.mode(), &request.query) {
            (Mode::Workflow, Some(_)) => {
                return Err(Error::field(
                    "invalid_input",
                    "/query",
                    "only a workflow that answers in a conversation has a query",
                ));
            }
            (Mode::Workflow, None) => {
                let at = request.scheduled_for.unwrap_or_else(|| self.now());
                system.push(("timestamp".to_owned(), Value::Integer(at.seconds())));
            }
            (Mode::AdvancedChat, None) => {
                return Err(Error::field(
                    "invalid_input",
                    "/query",
                    "this workflow answers in a conversation: a query is needed",
                ));
            }
            (Mode::AdvancedChat, Some(query)) => {
                system.push(text("query", query.replace('\0', "")));
                system.push(text("conversation_id", Self::new_id().to_string()));
                system.push(("dialogue_count".to_owned(), Value::Integer(1)));
            }
        }
        Ok(StartValues {
            inputs,
            system,
            environment: resolve::plain_environment(&prepared.document),
            conversation: conversation_values(&prepared.document),
            given: Vec::new(),
            reused: Vec::new(),
        })
    }

    /// Refuses overrides that are wrong, and, if wanted, what the dry run knows to fail.
    async fn check_credentials(
        &self,
        caller: &Caller,
        context: &WorkflowContext,
        prepared: &Prepared,
        values: &StartValues,
        strict: bool,
    ) -> Result<(), Error> {
        if context.overrides.is_empty() && !strict {
            return Ok(());
        }
        let entry = Some(prepared.plan.entry());
        let outline = Outline::of(prepared.document.graph(), entry).map_err(Error::of_plan)?;
        let mut places = resolve::planned(&prepared.document, &outline, values);
        let besides = self.planned_besides(context, &prepared.document, &outline, values);
        places.extend(besides.await?);
        let disclosure = Disclosure::of(caller);
        let inside = self.planned_inside(context, &prepared.document, &outline);
        let inside = inside.await?;
        let models = &self.inner.models;
        let problems = models.check_overrides(context, &places, &inside).await?;
        if let Some(first) = problems.first() {
            let code = |problem: &latchkey_models::OverrideProblem| {
                if disclosure.tells() {
                    problem.code
                } else {
                    problem.public_code
                }
            };
            let told = |problem: &latchkey_models::OverrideProblem| {
                let refused = format!("the override for {} is refused", problem.key);
                if disclosure.tells() {
                    format!("{refused}: {}", problem.detail)
                } else {
                    refused
                }
            };
            let items = problems.iter().map(|problem| ErrorItem {
                code: code(problem).as_str().to_owned(),
                message: told(problem),
                pointer: Some(format!(
                    "/credential_overrides/{}",
                    problem.key.replace('~', "~0").replace('/', "~1")
                )),
                ..ErrorItem::default()
            });
            return Err(Error::of_credential(code(first), told(first)).with(items));
        }
        if !strict {
            return Ok(());
        }
        let rows = self.inner.models.dry_run(context, &places).await?;
        let failed: Vec<ErrorItem> = rows
            .into_iter()
            .filter_map(|row| would_fail(row, disclosure))
            .collect();
        match failed.first() {
            None => Ok(()),
            Some(first) => {
                Err(Error::unprocessable(&first.code.clone(), first.message.clone()).with(failed))
            }
        }
    }

    pub(crate) fn row(
        &self,
        run: RunId,
        caller: &Caller,
        context: &WorkflowContext,
        prepared: &Prepared,
        values: &StartValues,
    ) -> Run {
        let now = self.now();
        Run {
            id: run,
            workspace: caller.workspace,
            workflow: context
                .workflow
                .unwrap_or_else(|| WorkflowId::new(run.uuid())),
            version: prepared
                .number
                .map_or(RunVersion::Draft(prepared.revision), RunVersion::Published),
            author: context.author,
            caller: caller.principal,
            end_user: context.end_user.clone(),
            environment: context.environment.clone(),
            overrides: context.overrides.clone(),
            status: RunStatus::Running,
            epoch: 1,
            inputs: match prepared.only {
                None => to_json_map(&values.inputs),
                Some(_) => single_node::shown(prepared.plan.entry(), values),
            },
            outputs: None,
            error: None,
            retried_from: None,
            trigger: prepared.root.clone(),
            only_node: prepared.only.clone(),
            parent: None,
            usage: RunUsage::default(),
            steps: 0,
            exceptions: 0,
            created_at: now,
            started_at: Some(now),
            finished_at: None,
        }
    }
}

/// Why a place is known to fail; none for one that is not.
pub(crate) fn would_fail(row: DryRunRow, disclosure: Disclosure) -> Option<ErrorItem> {
    let (code, message) = match row.outcome {
        DryRunOutcome::Failed(failure) if disclosure.tells() => {
            (failure.code.as_str(), failure.to_string())
        }
        DryRunOutcome::Failed(failure) => {
            let code = failure.public_code().as_str();
            (code, code.to_owned())
        }
        DryRunOutcome::Unsupported => {
            let message = format!("the provider {} cannot be called yet", row.provider);
            ("provider_unsupported", message)
        }
        DryRunOutcome::Resolved(_) | DryRunOutcome::DependsOn(_) | DryRunOutcome::NotNeeded(_) => {
            return None;
        }
    };
    Some(ErrorItem {
        code: code.to_owned(),
        message,
        node_id: Some(row.node_id),
        ..ErrorItem::default()
    })
}

pub(crate) fn ending() -> Error {
    let detail = "the server is ending and starts no runs";
    Error::new(ErrorKind::Unavailable, "shutting_down", detail)
}

/// The system variables that are known before there is a run.
pub(crate) fn system_values(workflow: WorkflowId, end_user: Option<&str>) -> NamedValues {
    let text = |name: &str, value: String| (name.to_owned(), Value::string(value));
    let mut system = vec![
        ("files".to_owned(), Value::array(ArrayKind::Any, Vec::new())),
        text("app_id", workflow.to_string()),
        text("workflow_id", workflow.to_string()),
    ];
    system.extend(end_user.map(|user| text("user_id", user.to_owned())));
    system
}

/// Files besides the inputs are `sys.files`, which without any is an empty list of no kind.
fn put_files(system: &mut NamedValues, sent: &[File]) {
    let of_files = system.iter_mut().find(|(name, _)| name == "files");
    if let Some((_, value)) = of_files.filter(|_| !sent.is_empty()) {
        *value = Value::Array(Array::of_files(sent));
    }
}

/// The variables of a conversation that begins; a workflow without conversations has none. Those that are secret have no value
/// here: the engine puts them in, live and in a replay alike.
pub(crate) fn conversation_values(document: &Document) -> NamedValues {
    if document.mode() != Mode::AdvancedChat {
        return NamedValues::new();
    }
    let variables = document.conversation_variables().iter();
    variables
        .map(|variable| (variable.name.clone(), variable.typed()))
        .collect()
}

/// What the hand-over of a run has come to.
pub(crate) fn started(inserted: Inserted, live: Arc<Live>) -> Result<Started, Error> {
    if inserted == Inserted::New {
        return Ok(Started {
            run: live.run(),
            is_repeated: false,
            message: live.message(),
            live: Some(live),
        });
    }
    known(inserted)
}

/// What a start comes to whose name is known.
pub(crate) fn known(inserted: Inserted) -> Result<Started, Error> {
    match inserted {
        Inserted::Existing(run) => Ok(Started {
            run,
            is_repeated: true,
            message: None,
            live: None,
        }),
        Inserted::KeyConflict => Err(Error::new(
            ErrorKind::Conflict,
            "idempotency_conflict",
            "this Idempotency-Key stands for another body",
        )),
        Inserted::New => Err(Error::internal("a new run was taken for a known one")),
    }
}

fn check_labels(request: &StartRequest) -> Result<(), Error> {
    let wrong = |text: &str| {
        text.is_empty() || text.chars().count() > LABEL || text.chars().any(char::is_control)
    };
    if request.end_user.as_deref().is_some_and(wrong) {
        let detail = "an end user's label has 1 to 255 characters on one line";
        return Err(Error::field("invalid_input", "/end_user", detail));
    }
    if request
        .idempotency
        .as_ref()
        .is_some_and(|(name, _)| wrong(name))
    {
        let detail = "an Idempotency-Key has 1 to 255 characters on one line";
        return Err(Error::unprocessable("invalid_input", detail));
    }
    Ok(())
}
