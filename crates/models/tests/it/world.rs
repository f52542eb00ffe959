//! The words that the tests speak: a workspace with credentials, a workflow's settings, a node that asks.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use latchkey_domain::credential::{
    Credential, CredentialChoice, CredentialFailure, CredentialSelector, CredentialState,
    Environment, Level, ModelScope, OverrideChoice, Pool, PoolEntry, PoolStrategy, Principal,
    RenderedChoice, RenderedSelector, Scope,
};
use latchkey_domain::id::{
    ApiKeyId, CredentialId, CredentialPoolId, MemberId, NodeId, RunId, WorkflowId, WorkspaceId,
};
use latchkey_domain::provider::{ModelType, ProviderId};
use latchkey_domain::settings::{Binding, CredentialSettings, RuntimeOverride};
use latchkey_domain::time::Timestamp;
use latchkey_models::catalogue::Catalogue;
use latchkey_models::{
    Candidates, CredentialValues, Credentials, ModelRef, ProviderConfiguration, Snapshot,
    WorkflowContext,
};
use uuid::Uuid;

pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);
pub(crate) const WORKFLOW: u128 = 7;
pub(crate) const CALLER: Principal = Principal::ApiKey(ApiKeyId::new(Uuid::from_u128(100)));
pub(crate) const AUTHOR: Principal = Principal::Member(MemberId::new(Uuid::from_u128(101)));

/// Everything that a resolution looks at.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) provider: ProviderId,
    pub(crate) model: String,
    pub(crate) credentials: Vec<Credential>,
    pub(crate) provider_default: Option<CredentialId>,
    pub(crate) model_default: Option<CredentialId>,
    pub(crate) settings: CredentialSettings,
    pub(crate) system: bool,
    pub(crate) selector: CredentialSelector,
    pub(crate) rendered: RenderedSelector,
    pub(crate) context: WorkflowContext,
    pub(crate) pools: Vec<Pool>,
    pub(crate) turns: Option<u64>,
    pub(crate) busy: HashMap<CredentialId, u32>,
}

pub(crate) fn workspace() -> WorkspaceId {
    WorkspaceId::new(Uuid::from_u128(1))
}

pub(crate) fn credential_id(number: u128) -> CredentialId {
    CredentialId::new(Uuid::from_u128(1000 + number))
}

pub(crate) fn pool_id() -> CredentialPoolId {
    CredentialPoolId::new(Uuid::from_u128(50))
}

pub(crate) fn id_text(number: u128) -> String {
    credential_id(number).to_string()
}

pub(crate) fn credential(number: u128, provider: &str, name: &str) -> Credential {
    Credential {
        id: credential_id(number),
        workspace: workspace(),
        provider: ProviderId::normalise(provider),
        name: name.to_owned(),
        model: None,
        hosts: Vec::new(),
        settings: BTreeMap::new(),
        secrets: BTreeMap::new(),
        scope: Scope::default(),
        state: CredentialState::Active,
        limits: latchkey_domain::credential::Limits::default(),
        budgets: Vec::new(),
        health: latchkey_domain::credential::Health::default(),
        expires_at: None,
        version: 1,
        revision: 1,
        created_at: NOW,
        updated_at: NOW,
        last_used_at: None,
        last_validated_at: None,
    }
}

pub(crate) fn named(name: &str) -> CredentialChoice {
    CredentialChoice {
        credential_id: None,
        credential_name: Some(name.to_owned()),
    }
}

pub(crate) fn by_id(id: &str) -> CredentialChoice {
    CredentialChoice {
        credential_id: Some(id.to_owned()),
        credential_name: None,
    }
}

pub(crate) fn values(name: &str) -> CredentialValues {
    CredentialValues::one("api_key", &format!("test-key-{name}"))
}

impl World {
    /// Provider `openai`, model `gpt-4o`; credentials 1 `customer-acme`, 2 `customer-globex`, 3 `house`, 4 `spare`,
    /// 5 `for-4o` (of the model), 6 `for-mini` (of another model), 7 `elsewhere` (of DeepSeek); no defaults.
    pub(crate) fn new() -> Self {
        let of_model = |number, name: &str, model: &str| Credential {
            model: Some(ModelScope {
                name: model.to_owned(),
                model_type: ModelType::Llm,
            }),
            ..credential(number, "openai", name)
        };
        Self {
            provider: ProviderId::normalise("openai"),
            model: "gpt-4o".to_owned(),
            credentials: vec![
                credential(1, "openai", "customer-acme"),
                credential(2, "openai", "customer-globex"),
                credential(3, "openai", "house"),
                credential(4, "openai", "spare"),
                of_model(5, "for-4o", "gpt-4o"),
                of_model(6, "for-mini", "gpt-4o-mini"),
                credential(7, "deepseek", "elsewhere"),
            ],
            provider_default: None,
            model_default: None,
            settings: CredentialSettings::default(),
            system: false,
            selector: CredentialSelector::default(),
            rendered: RenderedSelector::Silent,
            context: context(),
            pools: Vec::new(),
            turns: None,
            busy: HashMap::new(),
        }
    }

    fn known(&self) -> Credentials {
        let known: Credentials = self.credentials.iter().cloned().collect();
        known.with_pools(self.pools.iter().cloned())
    }

    /// A pool `team` of these credentials, each with its weight.
    pub(crate) fn pool(&mut self, strategy: PoolStrategy, members: &[(u128, u32)]) -> &mut Self {
        let entry = |(number, weight): &(u128, u32)| PoolEntry {
            credential_id: credential_id(*number),
            weight: *weight,
        };
        self.pools.push(Pool {
            id: pool_id(),
            workspace: workspace(),
            provider: self.provider.clone(),
            name: "team".to_owned(),
            strategy,
            members: members.iter().map(entry).collect(),
            revision: 1,
            created_at: NOW,
            updated_at: NOW,
        });
        self
    }

    pub(crate) fn one(&mut self, number: u128) -> &mut Credential {
        let id = credential_id(number);
        let found = self.credentials.iter_mut().find(|one| one.id == id);
        found.expect("the world has this credential")
    }

    /// The run states a credential, and the workflow lets it.
    pub(crate) fn overrides(&mut self, key: &str, choice: CredentialChoice) -> &mut Self {
        self.settings.runtime_override = RuntimeOverride::Named;
        let stated = OverrideChoice::Stored(choice);
        self.context.overrides.insert(key.to_owned(), stated);
        self
    }

    pub(crate) fn allow(&mut self, patterns: &[&str]) -> &mut Self {
        self.settings.runtime_allow = patterns.iter().map(|text| (*text).to_owned()).collect();
        self
    }

    /// The node names a credential literally.
    pub(crate) fn node(&mut self, choice: CredentialChoice) -> &mut Self {
        self.selector.choice = choice.clone();
        self.rendered = RenderedSelector::Choice(RenderedChoice {
            choice,
            by_run: false,
        });
        self
    }

    /// The node names a credential by a variable of the run.
    pub(crate) fn node_by_run(&mut self, rendered: CredentialChoice) -> &mut Self {
        self.selector.choice = named("customer-{{#start.tenant#}}");
        self.rendered = RenderedSelector::Choice(RenderedChoice {
            choice: rendered,
            by_run: true,
        });
        self
    }

    /// The node's variable found nothing.
    pub(crate) fn node_empty(&mut self) -> &mut Self {
        self.selector.choice = named("customer-{{#start.tenant#}}");
        self.rendered = RenderedSelector::Empty {
            missing: vec!["start.tenant".to_owned()],
        };
        self
    }

    pub(crate) fn bind(
        &mut self,
        model: Option<&str>,
        environment: Option<&str>,
        choice: CredentialChoice,
    ) -> &mut Self {
        self.settings.bindings.push(Binding {
            provider: self.provider.clone(),
            model: model.map(str::to_owned),
            environment: environment.map(|name| Environment(name.to_owned())),
            choice,
        });
        self
    }

    pub(crate) fn defaults(&mut self, provider: Option<u128>, model: Option<u128>) -> &mut Self {
        self.provider_default = provider.map(credential_id);
        self.model_default = model.map(credential_id);
        self
    }

    pub(crate) fn weakest(&mut self, level: Level) -> &mut Self {
        self.settings.weakest = level;
        self
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        let model = ModelScope {
            name: self.model.clone(),
            model_type: ModelType::Llm,
        };
        Snapshot {
            credentials: Arc::new(self.known()),
            model_defaults: self
                .model_default
                .map(|id| (model, id))
                .into_iter()
                .collect(),
            provider_default: self.provider_default,
            settings: Arc::new(self.settings.clone()),
            prices: Arc::default(),
            system: self.system,
            turns: self.turns.iter().map(|turn| (pool_id(), *turn)).collect(),
            busy: self.busy.clone(),
            now: NOW,
        }
    }

    pub(crate) fn resolve(&self) -> Result<Candidates, Box<CredentialFailure>> {
        let catalogue = Catalogue::built_in();
        let provider = catalogue
            .provider(&self.provider)
            .expect("in the catalogue");
        ProviderConfiguration::new(Arc::clone(provider), self.snapshot()).current_credentials(
            &self.context,
            ModelType::Llm,
            &self.model,
            &self.selector,
            &self.rendered,
        )
    }

    pub(crate) fn model(&self) -> ModelRef {
        ModelRef {
            provider: self.provider.clone(),
            model: self.model.clone(),
            model_type: ModelType::Llm,
            selector_source: self.selector.clone(),
            rendered: self.rendered.clone(),
        }
    }
}

pub(crate) fn context() -> WorkflowContext {
    WorkflowContext {
        workspace: workspace(),
        workflow: Some(WorkflowId::new(Uuid::from_u128(WORKFLOW))),
        workflow_name: Some("translate".to_owned()),
        version: Some(3),
        author: AUTHOR,
        caller: CALLER,
        run: Some(RunId::new(Uuid::from_u128(9))),
        epoch: 1,
        node: Some(NodeId::new("llm")),
        node_execution: None,
        iteration_path: Vec::new(),
        environment: Environment("production".to_owned()),
        end_user: None,
        overrides: BTreeMap::new(),
        attempt: 1,
    }
}
