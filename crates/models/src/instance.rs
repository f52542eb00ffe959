//! A model with the context of whoever asks it. Every attempt resolves anew.

mod access;
mod tries;
mod waiting;
mod whole;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use latchkey_domain::credential::{
    CredentialCode, CredentialFailure, HolderKind, Level, NoRoom, Resolution,
};
use latchkey_domain::id::{CredentialId, ModelCallId};
use latchkey_domain::ledger::{ModelCallStart, OpenRefusal, Reservation};
use latchkey_domain::provider::{ModelType, ProviderId};
use latchkey_domain::time::Timestamp;

use crate::book::OpenError;
use crate::catalogue::{ModelInfo, ProviderInfo};
use crate::chat::ChatRequest;
use crate::configuration::ProviderConfiguration;
use crate::context::{ModelRef, WorkflowContext};
use crate::error::{ErrorKind, InvokeError, KeyFault};
use crate::manager::ModelManager;
use crate::mask::Mask;
use crate::provider::{Provider, ProviderCall};
use crate::resolve::{Candidate, Candidates};
use crate::stream::{ChatStream, OpenCall};
use crate::tokens::{Size, size_of_request};
use crate::verdict::Verdict;

pub(crate) use self::access::Confined;
use self::access::Unopened;
pub(crate) use self::tries::Tries;
use self::waiting::{Wait, Waiting, retry_after};
pub use self::whole::{Answered, RerankRequest, RetrieveRequest};

/// How often a call is resolved again because its credential changed under it.
const RESOLUTIONS: usize = 5;
/// What the ledger says of a row whose credential changed before anything was sent.
const CHANGED: &str = "credential_changed";

/// A model, ready to be asked.
#[derive(Clone)]
pub struct ModelInstance {
    manager: ModelManager,
    context: WorkflowContext,
    model: ModelRef,
    stop: CancellationToken,
    /// What is known of a provider that is not in the catalogue: that of a tool.
    provider: Option<Arc<ProviderInfo>>,
}

/// An attempt that came to nothing, and what may be done about it.
pub(crate) struct Failed {
    pub(crate) error: InvokeError,
    pub(crate) next: Next,
}

/// What may be done after an attempt that came to nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// Nothing.
    Fail,
    /// The chain may go on without this credential.
    Without(CredentialId),
    /// The credential changed after its row was opened: resolve again.
    Again,
}

/// Why a candidate was turned down before anything was sent.
struct TurnedDown {
    code: CredentialCode,
    /// The rule that leaves no room.
    room: Option<NoRoom>,
}

/// A row that is open for a candidate.
pub(crate) struct Opened {
    pub(crate) call: OpenCall,
    pub(crate) candidate: Candidate,
    pub(crate) is_last: bool,
}

impl ModelInstance {
    pub(crate) fn new(manager: ModelManager, context: WorkflowContext, model: ModelRef) -> Self {
        Self {
            manager,
            context,
            model,
            stop: CancellationToken::new(),
            provider: None,
        }
    }

    /// The same, of a tool, whose provider is not in the catalogue.
    pub(crate) fn of_tool(mut self, provider: Arc<ProviderInfo>) -> Self {
        self.provider = Some(provider);
        self
    }

    /// The same, whose calls end when the token is cancelled: the connection is dropped and the row is closed as cancelled.
    #[must_use]
    pub fn stopped_by(mut self, stop: CancellationToken) -> Self {
        self.stop = stop;
        self
    }

    /// What is known of the model.
    #[must_use]
    pub fn info(&self) -> ModelInfo {
        let (provider, name) = (&self.model.provider, &self.model.model);
        self.manager
            .model_info(provider, name, self.model.model_type)
            .unwrap_or_else(|| ModelInfo::unknown(name, self.model.model_type))
    }

    /// Who would pay now.
    ///
    /// # Errors
    /// When nobody may, or the facts cannot be read.
    pub async fn candidates(&self) -> Result<Candidates, InvokeError> {
        let configuration = self.configuration().await?;
        self.ask(&configuration)
            .map_err(|failure| (*failure).into())
    }

    /// Asks the model. Each attempt resolves anew, opens its row, and only then the credential's values. When the
    /// provider turns the credential down for now, the author's fallbacks are tried, but only before the first piece
    /// of the answer.
    ///
    /// # Errors
    /// When nobody may pay, or the provider was not reached or refused.
    pub async fn invoke(&self, mut request: ChatRequest) -> Result<ChatStream, InvokeError> {
        if request.model.is_empty() {
            request.model.clone_from(&self.model.model);
        }
        let (info, provider) = self.manager.known_provider(&self.model.provider)?;
        let size = size_of_request(&request, &self.info());
        let mut tries = Tries::default();
        loop {
            let opened = match self.open(size, &mut tries).await {
                Ok(opened) => opened,
                Err(failed) => {
                    tries.after(failed)?;
                    continue;
                }
            };
            let (resolution, call) = (opened.candidate.resolution.clone(), opened.call.id());
            match self.send(&info, &*provider, &request, opened).await {
                Ok(stream) => return Ok(stream),
                Err(failed) => tries.after(failed.of(&resolution, call))?,
            }
        }
    }

    async fn configuration(&self) -> Result<ProviderConfiguration, InvokeError> {
        match &self.provider {
            Some(info) => self.manager.configuration_of(&self.context, info).await,
            None => {
                let provider = &self.model.provider;
                self.manager.configuration(&self.context, provider).await
            }
        }
    }

    fn ask(
        &self,
        configuration: &ProviderConfiguration,
    ) -> Result<Candidates, Box<CredentialFailure>> {
        configuration.current_credentials(
            &self.context,
            self.model.model_type,
            &self.model.model,
            &self.model.selector_source,
            &self.model.rendered,
        )
    }

    /// Resolves and opens a row for the best candidate that has not been tried; resolves again when it changed
    /// meanwhile, and when there is room for the call that there was not before.
    pub(crate) async fn open(&self, size: Size, tries: &mut Tries) -> Result<Opened, Failed> {
        let mut waiting = Waiting::default();
        let mut changes = 0;
        while changes < RESOLUTIONS {
            let mut configuration = self.configuration().await?;
            let now = configuration.snapshot().now;
            let candidates = match self.ask_in_turn(&mut configuration, tries) {
                Ok(candidates) => candidates,
                Err(failure) => {
                    let snapshot = configuration.snapshot();
                    let wait = Wait::for_pause(&failure, snapshot);
                    if let Some(pause) = wait.and_then(|wait| waiting.pause(wait, Instant::now())) {
                        self.paused(pause).await?;
                        continue;
                    }
                    let after = retry_after(&failure, snapshot);
                    let mut error = self.refuse(*failure, now).await;
                    error.retry_after = after;
                    return Err(error.into());
                }
            };
            let is_new = |candidate: &&Candidate| {
                let credential = candidate.credential.as_ref();
                credential.is_none_or(|credential| !tries.contains(credential.id))
            };
            let mut left = candidates.all().iter().filter(is_new);
            let Some(mut candidate) = left.next().cloned() else {
                let last = tries.last.clone();
                return Err(last
                    .unwrap_or_else(|| internal("nobody is left to pay"))
                    .into());
            };
            let is_last = left.next().is_none();
            tries.tell(&mut candidate.resolution);
            let mut start = self.start(Some(&candidate), now);
            start.reserved = size.most;
            if let Some(stated) = configuration.stated_price(&self.model) {
                start.price = Some(stated.clone());
            }
            match OpenCall::open(&self.manager, start, size.estimate).await {
                Ok(call) => {
                    return Ok(Opened {
                        call,
                        candidate,
                        is_last,
                    });
                }
                Err(OpenError::Refused(OpenRefusal::CredentialChanged)) => changes += 1,
                Err(OpenError::Refused(OpenRefusal::Credential(code))) => {
                    let why = TurnedDown { code, room: None };
                    return Err(self.turned_down(why, &candidate, is_last, now).await);
                }
                Err(OpenError::Refused(OpenRefusal::NoRoom(room))) => {
                    let wait = Wait::for_room(&room);
                    if let Some(pause) = wait.and_then(|wait| waiting.pause(wait, Instant::now())) {
                        self.paused(pause).await?;
                        continue;
                    }
                    let why = TurnedDown {
                        code: room.code(),
                        room: Some(room),
                    };
                    return Err(self.turned_down(why, &candidate, is_last, now).await);
                }
                Err(OpenError::Refused(OpenRefusal::RunOver)) => {
                    return Err(InvokeError::new(ErrorKind::RunOver, "the run is over").into());
                }
                Err(OpenError::Failed(cause)) => {
                    return Err(
                        internal(&format!("the ledger could not be written: {cause}")).into(),
                    );
                }
            }
        }
        Err(internal("the credential kept changing while the call was opened").into())
    }

    /// A rule of the credential itself said no.
    async fn turned_down(
        &self,
        TurnedDown { code, room }: TurnedDown,
        candidate: &Candidate,
        is_last: bool,
        now: Timestamp,
    ) -> Failed {
        let resolution = &candidate.resolution;
        let failure = self.failure_of(code, resolution);
        let start = self.start(Some(candidate), now);
        let mut error = match self.manager.book.refuse(start, code).await {
            Ok(()) => InvokeError::from(failure),
            Err(cause) => internal(&format!("the ledger could not be written: {cause}")),
        };
        // With another credential the workflow and the end user have no more room.
        let mut goes_on = code.is_unavailable() && !is_last && error.kind == ErrorKind::Credential;
        if let Some(room) = room {
            error.message = format!("{}: {room}", error.message);
            error.retry_after = room.retry_after_ms.map(Duration::from_millis);
            goes_on &= room.whose == HolderKind::Credential;
        }
        let error = error.of(resolution);
        Failed {
            next: Next::after(resolution.credential_id.filter(|_| goes_on)),
            error,
        }
    }

    /// What is told of a candidate that cannot pay after all.
    pub(crate) fn failure_of(
        &self,
        code: CredentialCode,
        resolution: &Resolution,
    ) -> CredentialFailure {
        CredentialFailure {
            code,
            credential_id: resolution.credential_id,
            credential_name: resolution.credential_name.clone(),
            level: Some(resolution.level),
            selector: resolution.selector.clone(),
            selector_rendered: resolution.selector_rendered.clone(),
            provider: resolution.provider.clone(),
            model: self.model.model.clone(),
            node_id: self.context.node.clone(),
            considered: resolution.considered.clone(),
            by_run: resolution.level == Level::RunOverride,
        }
    }

    /// Writes a refusal down and gives it back as the error.
    async fn refuse(&self, failure: CredentialFailure, now: Timestamp) -> InvokeError {
        let mut start = self.start(None, now);
        start.level = failure.level;
        start.credential = failure.credential_id;
        start.credential_name.clone_from(&failure.credential_name);
        match self.manager.book.refuse(start, failure.code).await {
            Ok(()) => failure.into(),
            Err(cause) => internal(&format!("the ledger could not be written: {cause}")),
        }
    }

    async fn send(
        &self,
        info: &Arc<ProviderInfo>,
        provider: &dyn Provider,
        request: &ChatRequest,
        opened: Opened,
    ) -> Result<ChatStream, Failed> {
        let Opened {
            mut call,
            candidate,
            is_last,
        } = opened;
        let Confined { access, .. } = self.access_of(info, &candidate, &mut call).await?;
        let mask = Mask::of(&access.values);
        let ask = ProviderCall {
            provider: info,
            access: &access,
            id: call.id(),
            at: call.opened_at(),
            node: self.context.node.as_ref(),
            outbound: &self.manager.outbound,
        };
        call.sending();
        let answer = tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(InvokeError::stopped()),
            answer = provider.chat(ask, request) => answer,
        };
        drop(access);
        let mut answer = match mask.answer(answer) {
            Ok(answer) => answer,
            Err(error) => {
                call.close(Some(&error)).await?;
                return Err(self.turned_away(error, &candidate, is_last).await);
            }
        };
        call.answered(&answer);
        let mut seen = VecDeque::new();
        if !is_last && let Err(error) = call.peek(&mut answer.chunks, &mut seen, &self.stop).await {
            call.close(Some(&error)).await?;
            return Err(self.turned_away(error, &candidate, is_last).await);
        }
        Ok(ChatStream::new(
            call,
            candidate.resolution,
            answer.chunks,
            seen,
            self.stop.clone(),
        ))
    }

    /// The provider said no. A key that it calls dead is validated once more: whoever comes next need not try it.
    async fn turned_away(
        &self,
        error: InvokeError,
        candidate: &Candidate,
        is_last: bool,
    ) -> Failed {
        let mut goes_on = error.goes_on();
        if error.key_fault == Some(KeyFault::Dead)
            && let Some(credential) = &candidate.credential
        {
            let (context, model) = (&self.context, &self.model);
            goes_on = match self.manager.verdict(context, model, credential).await {
                Verdict::Dead => true,
                Verdict::Alive => false,
                // A pool stands for any of its members.
                Verdict::Unknown => candidate.resolution.pool.is_some(),
                Verdict::Changed => {
                    return Failed {
                        error,
                        next: Next::Again,
                    };
                }
            };
        }
        let id = candidate.resolution.credential_id;
        let next = Next::after(id.filter(|_| goes_on && !is_last));
        Failed { error, next }
    }

    /// The values for a call, which is closed when there are none, or when nothing is to be sent any more.
    pub(crate) async fn access_of(
        &self,
        info: &ProviderInfo,
        candidate: &Candidate,
        call: &mut OpenCall,
    ) -> Result<Confined, Failed> {
        let error = match self.access(info, candidate).await {
            Ok(confined) if !self.stop.is_cancelled() => return Ok(confined),
            // The provider has seen nothing of it.
            Ok(_) => InvokeError {
                sent: false,
                ..InvokeError::stopped()
            },
            Err(Unopened::Changed) => {
                call.close_unused(CHANGED).await?;
                return Err(Failed {
                    error: internal("the credential kept changing while the call was opened"),
                    next: Next::Again,
                });
            }
            Err(Unopened::Failed(error)) => error,
        };
        call.close(Some(&error)).await?;
        Err(error.into())
    }

    fn start(&self, candidate: Option<&Candidate>, now: Timestamp) -> ModelCallStart {
        let model = &self.model;
        let mut start = call_start(
            &self.context,
            &model.provider,
            &model.model,
            model.model_type,
        );
        start.at = now;
        if self.provider.is_some() {
            start.model_type = ModelType::Tool;
        }
        start.price = self.info().price_at(now).cloned();
        if let Some(candidate) = candidate {
            let resolution = &candidate.resolution;
            start.credential = resolution.credential_id;
            start
                .credential_name
                .clone_from(&resolution.credential_name);
            start.credential_version = resolution.credential_version;
            start.credential_revision = candidate
                .credential
                .as_ref()
                .map(|credential| credential.revision);
            start.inline = candidate
                .inline
                .as_ref()
                .map(|inline| inline.fingerprint.clone());
            start.level = Some(resolution.level);
        }
        start
    }
}

/// The row of a call by this context, without credential, price and time.
pub(crate) fn call_start(
    context: &WorkflowContext,
    provider: &ProviderId,
    model: &str,
    model_type: ModelType,
) -> ModelCallStart {
    ModelCallStart {
        id: ModelCallId::new(Uuid::now_v7()),
        workspace: context.workspace,
        workflow: context.workflow,
        workflow_name: context.workflow_name.clone(),
        version: context.version,
        run: context.run,
        epoch: context.epoch,
        node: context.node.clone(),
        node_execution: context.node_execution,
        iteration_path: context.iteration_path.clone(),
        attempt: context.attempt,
        environment: context.environment.clone(),
        end_user: context.end_user.clone(),
        caller: context.caller,
        credential: None,
        credential_name: None,
        credential_version: None,
        credential_revision: None,
        inline: None,
        level: None,
        provider: provider.clone(),
        model: model.to_owned(),
        model_type,
        price: None,
        reserved: Reservation::default(),
        at: Timestamp::default(),
    }
}

fn internal(text: &str) -> InvokeError {
    InvokeError::new(ErrorKind::Internal, text)
}

impl Failed {
    /// The same, of a call that this candidate was to pay.
    pub(crate) fn of(self, resolution: &Resolution, call: ModelCallId) -> Self {
        Self {
            error: self.error.of(resolution).in_call(call),
            ..self
        }
    }
}

impl From<InvokeError> for Failed {
    fn from(error: InvokeError) -> Self {
        Self {
            error,
            next: Next::Fail,
        }
    }
}

impl Next {
    pub(crate) fn after(credential: Option<CredentialId>) -> Self {
        credential.map_or(Self::Fail, Self::Without)
    }
}
