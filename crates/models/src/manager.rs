//! The way to models: knows the providers, the source of credentials, the ledger and the way out.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Notify;
use tokio_util::task::TaskTracker;

use latchkey_domain::credential::ModelScope;
use latchkey_domain::id::CredentialId;
use latchkey_domain::ledger::{OpenRefusal, Reservation};
use latchkey_domain::provider::{ModelType, ProviderId};
use latchkey_domain::time::Timestamp;
use latchkey_outbound::Outbound;

use crate::book::{CallBook, OpenError};
use crate::catalogue::{Catalogue, ModelInfo, ProviderInfo, SecretNeed, Wire};
use crate::configuration::{ProviderConfiguration, ProviderManager};
use crate::context::{ModelRef, WorkflowContext};
use crate::dry_run::{DryRunRow, OverrideProblem, PlannedModel, check_overrides, dry_run, unused};
use crate::error::{ErrorKind, InvokeError};
use crate::hosts::host_is_allowed;
use crate::instance::{ModelInstance, call_start};
use crate::mask::Mask;
use crate::provider::{Access, Provider, ProviderCall, Trial};
use crate::providers;
use crate::source::CredentialSource;
use crate::stream::OpenCall;
use crate::traffic::Traffic;
use crate::verdict::Trials;

/// What the shortest question has, when nobody counts.
const PROBE_TOKENS: u64 = 5;
/// The most that the shortest question may use.
const PROBE: Reservation = Reservation {
    input: 64,
    output: 64,
};

/// Gives model instances, and answers who would pay. Clones share everything.
#[derive(Clone)]
pub struct ModelManager {
    pub(crate) source: Arc<dyn CredentialSource>,
    pub(crate) book: Arc<dyn CallBook>,
    pub(crate) outbound: Outbound,
    pub(crate) closers: TaskTracker,
    /// Told of every call that has ended: whoever waits for room looks again.
    pub(crate) room: Arc<Notify>,
    pub(crate) trials: Trials,
    pub(crate) traffic: Traffic,
    catalogue: Arc<Catalogue>,
    extra: Arc<HashMap<ProviderId, Arc<dyn Provider>>>,
    every: Option<Arc<dyn Provider>>,
    modules: Modules,
}

/// The modules that this build has, one for each format. Clones share what they keep.
#[derive(Clone)]
struct Modules {
    openai: Arc<dyn Provider>,
    anthropic: Arc<dyn Provider>,
    bedrock: Arc<dyn Provider>,
    responses: Arc<dyn Provider>,
    gemini: Arc<dyn Provider>,
    vertex: Arc<dyn Provider>,
    ollama: Arc<dyn Provider>,
    simulated: Arc<dyn Provider>,
    external: Arc<dyn Provider>,
}

impl Modules {
    fn new() -> Self {
        Self {
            openai: Arc::new(providers::openai::OpenAi),
            anthropic: Arc::new(providers::anthropic::Anthropic),
            bedrock: Arc::new(providers::bedrock::Bedrock),
            responses: Arc::new(providers::responses::Responses),
            gemini: Arc::new(providers::gemini::Gemini),
            vertex: Arc::new(providers::vertex::Vertex::default()),
            ollama: Arc::new(providers::ollama::Ollama),
            simulated: Arc::new(providers::simulated::Simulated),
            external: Arc::new(providers::external_knowledge::ExternalKnowledge),
        }
    }

    /// The module that speaks a format; none when nobody does.
    fn of(&self, wire: Wire) -> Option<&Arc<dyn Provider>> {
        Some(match wire {
            Wire::OpenAi | Wire::AzureOpenAi => &self.openai,
            Wire::OpenAiResponses => &self.responses,
            Wire::Anthropic => &self.anthropic,
            Wire::Bedrock => &self.bedrock,
            Wire::Gemini => &self.gemini,
            Wire::VertexAi => &self.vertex,
            Wire::Ollama => &self.ollama,
            Wire::Simulated => &self.simulated,
            Wire::ExternalKnowledge => &self.external,
            Wire::Tool | Wire::Scripted | Wire::Unsupported => return None,
        })
    }
}

/// A credential to be tried out.
#[derive(Clone, Debug)]
pub struct Validation {
    /// Who asks.
    pub context: WorkflowContext,
    /// The provider.
    pub provider: ProviderId,
    /// A model that may be asked, if one is known.
    pub model: Option<ModelScope>,
    /// The credential with its name, version and revision; without a revision while it is not stored yet.
    pub credential: Option<(CredentialId, String, i32, Option<i32>)>,
    /// Where it may be sent.
    pub hosts: Vec<String>,
    /// Its opened values.
    pub access: Access,
    /// The time.
    pub now: Timestamp,
}

impl ModelManager {
    /// A manager of the built-in providers.
    #[must_use]
    pub fn new(
        source: Arc<dyn CredentialSource>,
        book: Arc<dyn CallBook>,
        outbound: Outbound,
    ) -> Self {
        Self {
            source,
            book,
            outbound,
            closers: TaskTracker::new(),
            room: Arc::default(),
            trials: Trials::default(),
            traffic: Traffic::default(),
            catalogue: Arc::new(Catalogue::built_in()),
            extra: Arc::default(),
            every: None,
            modules: Modules::new(),
        }
    }

    /// The same with a further provider.
    #[must_use]
    pub fn with_provider(mut self, info: ProviderInfo, provider: Arc<dyn Provider>) -> Self {
        Arc::make_mut(&mut self.extra).insert(info.id.clone(), provider);
        Arc::make_mut(&mut self.catalogue).insert(info);
        self
    }

    /// The same with one provider that answers for every id and needs no credential: for scripted runs.
    #[must_use]
    pub fn with_every_provider(mut self, provider: Arc<dyn Provider>) -> Self {
        self.every = Some(provider);
        self
    }

    /// The providers that can be called.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// A model as a node names it, ready to be asked.
    #[must_use]
    pub fn model_instance(&self, context: &WorkflowContext, model: &ModelRef) -> ModelInstance {
        ModelInstance::new(self.clone(), context.clone(), model.clone())
    }

    /// What is known of a model; `None` when its provider cannot be called.
    #[must_use]
    pub fn model_info(
        &self,
        provider: &ProviderId,
        model: &str,
        model_type: ModelType,
    ) -> Option<ModelInfo> {
        let (info, module) = self.provider(provider)?;
        let own = module.model(provider, model);
        Some(own.unwrap_or_else(|| info.model(model, model_type)))
    }

    /// What would happen at each place of a plan, without a call.
    ///
    /// # Errors
    /// When the facts cannot be read.
    pub async fn dry_run(
        &self,
        context: &WorkflowContext,
        places: &[PlannedModel],
    ) -> Result<Vec<DryRunRow>, InvokeError> {
        let mut known: HashMap<&ProviderId, ProviderConfiguration> = HashMap::new();
        let mut rows = Vec::with_capacity(places.len());
        for place in places {
            if !known.contains_key(&place.provider) {
                let configuration = match &place.tool_provider {
                    None => self.configuration(context, &place.provider).await?,
                    Some(info) => self.configuration_of(context, info).await?,
                };
                known.insert(&place.provider, configuration);
            }
            rows.push(dry_run(&known[&place.provider], context, place));
        }
        Ok(rows)
    }

    /// What is wrong with a run's overrides, seen from the whole plan: a start with any of these is refused. Whether places
    /// `inside`, of workflows that the plan uses as tools, permit them is for those workflows to say; an override that is of
    /// use only there is of use.
    ///
    /// # Errors
    /// When the facts cannot be read.
    pub async fn check_overrides(
        &self,
        context: &WorkflowContext,
        places: &[PlannedModel],
        inside: &[PlannedModel],
    ) -> Result<Vec<OverrideProblem>, InvokeError> {
        check_overrides(self, context, places, inside).await
    }

    pub(crate) fn unused_overrides<'a>(
        &self,
        context: &'a WorkflowContext,
        places: &[PlannedModel],
    ) -> Vec<&'a str> {
        unused(&context.overrides, places, |id| {
            let tool = places.iter().filter(|place| place.provider == *id);
            let tool = tool.filter_map(|place| place.tool_provider.as_ref()).next();
            match tool {
                Some(info) => info.secrets,
                None => self
                    .provider(id)
                    .map_or(SecretNeed::Required, |(info, _)| info.secrets),
            }
        })
    }

    /// Asks the provider whether a credential is good. Each request is in the ledger like any other call.
    ///
    /// # Errors
    /// When it is not, or nobody could be asked.
    pub async fn validate(&self, validation: Validation) -> Result<(), InvokeError> {
        let (info, _) = self.known_provider(&validation.provider)?;
        let mut access = validation.access.clone();
        let is_own = !access.base_url.is_empty();
        if !is_own {
            let address = info.address(&access.settings).unwrap_or_default();
            address
                .trim_end_matches('/')
                .clone_into(&mut access.base_url);
        }
        let hosts = &validation.hosts;
        if info.wire.is_remote() && !host_is_allowed(&access.base_url, hosts, is_own) {
            let text = "the host of base_url is not among the credential's hosts";
            return Err(InvokeError::new(ErrorKind::BadRequest, text));
        }
        let listed = self.try_out(&validation, &access, Trial::Models).await;
        let Err(refusal) = listed else {
            return Ok(());
        };
        let model = validation.model.as_ref();
        let question = model.and_then(|model| match model.model_type {
            ModelType::Llm => Some(Trial::Chat(&model.name)),
            ModelType::TextEmbedding => Some(Trial::Embedding(&model.name)),
            ModelType::Rerank => Some(Trial::Rerank(&model.name)),
            ModelType::Speech2text | ModelType::Moderation | ModelType::Tts | ModelType::Tool => {
                None
            }
        });
        match (refusal.http_status, question) {
            // Not every server lists its models, and not every key may see the list; then only a question can tell.
            (Some(403..=405 | 501), Some(question)) => {
                self.try_out(&validation, &access, question).await
            }
            _ => Err(refusal),
        }
    }

    async fn try_out(
        &self,
        validation: &Validation,
        access: &Access,
        trial: Trial<'_>,
    ) -> Result<(), InvokeError> {
        let (info, module) = self.known_provider(&validation.provider)?;
        let asked = validation.model.as_ref();
        let model_type = asked.map_or(ModelType::Llm, |model| model.model_type);
        let name = asked.map_or("", |model| &*model.name);
        let mut start = call_start(&validation.context, &info.id, name, model_type);
        start.at = validation.now;
        if let Some((id, name, version, revision)) = validation.credential.clone() {
            start.credential = Some(id);
            start.credential_name = Some(name);
            start.credential_version = Some(version);
            start.credential_revision = revision;
        }
        if trial != Trial::Models {
            start.price = info.model(name, model_type).price_at(start.at).cloned();
            start.reserved = PROBE;
        }
        let mut call = OpenCall::open(self, start, PROBE_TOKENS)
            .await
            .map_err(|refusal| match refusal {
                OpenError::Refused(OpenRefusal::NoRoom(room)) => {
                    let text = format!("not validated: {}: {room}", room.code().as_str());
                    InvokeError::new(ErrorKind::Credential, text)
                }
                OpenError::Refused(_) | OpenError::Failed(_) => {
                    InvokeError::new(ErrorKind::Internal, format!("not validated: {refusal}"))
                }
            })?;
        let ask = ProviderCall {
            provider: &info,
            access,
            id: call.id(),
            at: call.opened_at(),
            node: None,
            outbound: &self.outbound,
        };
        let mask = Mask::of(&access.values);
        let answer = module.try_out(ask, trial).await;
        let answer = answer.map_err(|error| mask.error(error));
        match &answer {
            Ok(answer) => call.answered_trial(answer),
            Err(error) => call.refused_trial(error),
        }
        call.close(answer.as_ref().err()).await?;
        answer.map(drop)
    }

    /// Waits until every call that was dropped has been closed in the ledger. No call may be made afterwards.
    pub async fn close(&self) {
        self.closers.close();
        self.closers.wait().await;
    }

    pub(crate) async fn configuration(
        &self,
        context: &WorkflowContext,
        provider: &ProviderId,
    ) -> Result<ProviderConfiguration, InvokeError> {
        let info = self.provider(provider).map_or_else(
            || Arc::new(ProviderInfo::unsupported(provider)),
            |(info, _)| info,
        );
        self.configuration_of(context, &info).await
    }

    pub(crate) async fn configuration_of(
        &self,
        context: &WorkflowContext,
        info: &Arc<ProviderInfo>,
    ) -> Result<ProviderConfiguration, InvokeError> {
        let manager = ProviderManager::new(Arc::clone(&self.source), self.traffic.clone());
        manager
            .configuration(context.workspace, context.workflow, info)
            .await
    }

    pub(crate) fn known_provider(
        &self,
        id: &ProviderId,
    ) -> Result<(Arc<ProviderInfo>, Arc<dyn Provider>), InvokeError> {
        self.provider(id).ok_or_else(|| {
            let text = format!("provider {id} is not supported");
            InvokeError::new(ErrorKind::BadRequest, text)
        })
    }

    fn provider(&self, id: &ProviderId) -> Option<(Arc<ProviderInfo>, Arc<dyn Provider>)> {
        if let Some(every) = &self.every {
            return Some((Arc::new(ProviderInfo::scripted(id)), Arc::clone(every)));
        }
        let info = Arc::clone(self.catalogue.provider(id)?);
        let module = match self.extra.get(id) {
            Some(extra) => extra,
            None => self.modules.of(info.wire)?,
        };
        Some((info, Arc::clone(module)))
    }
}
