//! A case of the model in the words of the code.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use latchkey_domain::credential as real;
use latchkey_domain::id::{
    ApiKeyId, CredentialId, CredentialPoolId, NodeId, RunId, WorkflowId, WorkspaceId,
};
use latchkey_domain::provider::{ModelType, ProviderId};
use latchkey_domain::settings::{Binding, CredentialSettings, RuntimeOverride};
use latchkey_domain::time::Timestamp;
use latchkey_domain::value::Value as RealValue;
use latchkey_engine::pool::Pool as Variables;
use latchkey_engine::selector;
use latchkey_models::{Credentials, Snapshot, WorkflowContext};
use serde_json::json;
use uuid::Uuid;

use super::model::{
    Case, Choice, Credential, Id, Keys, Level, Piece, Runtime, Stated, Strategy, Trouble, Value,
    Variable, number_of, text_of,
};

const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);
const ENTRY: &str = "1700000000001";

/// A question to the resolver.
pub(super) struct Asked {
    pub(super) provider: ProviderId,
    pub(super) model: String,
    pub(super) model_type: ModelType,
    pub(super) snapshot: Snapshot,
    pub(super) context: WorkflowContext,
    pub(super) selector: real::CredentialSelector,
    pub(super) rendered: real::RenderedSelector,
}

pub(super) fn of(case: &Case) -> Asked {
    let names = Names::of(case.keys);
    let selector = real::CredentialSelector {
        choice: real::CredentialChoice {
            credential_id: case.id.as_deref().map(template),
            credential_name: case.name.as_deref().map(template),
        },
        locked: case.is_locked,
        on_empty: if case.next_on_empty {
            real::OnEmpty::Next
        } else {
            real::OnEmpty::Fail
        },
        fallback: case.fallback.clone(),
    };
    let entry = NodeId::new(ENTRY);
    Asked {
        rendered: selector::render(&selector, &variables(case, &entry), &entry),
        selector,
        provider: names.own.clone(),
        model: case.model.clone(),
        model_type: ModelType::Llm,
        snapshot: snapshot(case, &names),
        context: context(case, &names),
    }
}

/// The provider that is asked, and another one.
struct Names {
    own: ProviderId,
    other: ProviderId,
}

impl Names {
    fn of(keys: Keys) -> Self {
        let own = match keys {
            Keys::Needed => "openai",
            Keys::Optional => "ollama",
            Keys::None => "simulated",
        };
        Self {
            own: ProviderId::normalise(own),
            other: ProviderId::normalise("deepseek"),
        }
    }

    fn one(&self, is_own: bool) -> ProviderId {
        if is_own {
            self.own.clone()
        } else {
            self.other.clone()
        }
    }
}

pub(super) const fn level(of: Level) -> real::Level {
    match of {
        Level::RunOverride => real::Level::RunOverride,
        Level::Node => real::Level::Node,
        Level::Binding => real::Level::WorkflowBinding,
        Level::ModelDefault => real::Level::WorkspaceModelDefault,
        Level::ProviderDefault => real::Level::WorkspaceDefault,
        Level::System => real::Level::System,
    }
}

fn workspace() -> WorkspaceId {
    WorkspaceId::new(Uuid::from_u128(1))
}

fn workflow(number: u8) -> WorkflowId {
    WorkflowId::new(Uuid::from_u128(0x100 + u128::from(number)))
}

fn principal(number: u8) -> real::Principal {
    real::Principal::ApiKey(ApiKeyId::new(Uuid::from_u128(0x200 + u128::from(number))))
}

fn id(index: usize) -> CredentialId {
    CredentialId::new(Uuid::from_u128(number_of(index)))
}

fn choice(of: &Choice) -> real::CredentialChoice {
    real::CredentialChoice {
        credential_id: of.id.map(text_of),
        credential_name: of.name.clone(),
    }
}

fn snapshot(case: &Case, names: &Names) -> Snapshot {
    let credentials = case.credentials.iter().enumerate();
    let credentials = credentials.map(|(index, one)| credential(index, one, names));
    let known: Credentials = credentials.collect();
    let of_model = real::ModelScope {
        name: case.model.clone(),
        model_type: ModelType::Llm,
    };
    let busy = case.busy.iter().enumerate();
    let pools = pools(case, names);
    Snapshot {
        turns: pools.iter().map(|pool| (pool.id, case.turn)).collect(),
        credentials: Arc::new(known.with_pools(pools)),
        model_defaults: case
            .model_default
            .map(|index| (of_model, id(index)))
            .into_iter()
            .collect(),
        provider_default: case.provider_default.map(id),
        settings: Arc::new(settings(case, names)),
        system: case.system,
        busy: busy
            .map(|(index, count)| (id(index), *count))
            .collect::<HashMap<_, _>>(),
        now: NOW,
        ..Snapshot::default()
    }
}

fn credential(index: usize, of: &Credential, names: &Names) -> real::Credential {
    let trouble = |kind: Trouble| of.trouble == Some(kind);
    let health = real::Health {
        cooling_until: trouble(Trouble::Cooling).then(|| NOW.plus_millis(1)),
        exhausted_at: trouble(Trouble::Exhausted).then_some(NOW),
        ..real::Health::default()
    };
    let state = match of.trouble {
        Some(Trouble::Disabled) => real::CredentialState::Disabled,
        Some(Trouble::Invalid) => real::CredentialState::Invalid,
        Some(Trouble::Expired | Trouble::Exhausted | Trouble::Cooling) | None => {
            real::CredentialState::Active
        }
    };
    let environments = of.environments.as_ref();
    let settings = [(
        "base_url".to_owned(),
        "https://elsewhere.test/v1".to_owned(),
    )];
    real::Credential {
        id: id(index),
        workspace: workspace(),
        provider: names.one(of.is_of_provider),
        name: of.name.clone(),
        model: of.model.as_ref().map(|name| real::ModelScope {
            name: name.clone(),
            model_type: ModelType::Llm,
        }),
        hosts: if of.is_astray {
            vec!["own.test".to_owned()]
        } else {
            Vec::new()
        },
        settings: if of.is_astray {
            BTreeMap::from(settings)
        } else {
            BTreeMap::new()
        },
        secrets: BTreeMap::new(),
        scope: real::Scope {
            workflows: of
                .workflows
                .as_ref()
                .map(|all| all.iter().copied().map(workflow).collect()),
            environments: environments
                .map(|all| all.iter().cloned().map(real::Environment).collect()),
            principals: of
                .principals
                .as_ref()
                .map(|all| all.iter().copied().map(principal).collect()),
        },
        state,
        limits: real::Limits::default(),
        budgets: Vec::new(),
        health,
        expires_at: trouble(Trouble::Expired).then_some(NOW),
        version: 1,
        revision: 1,
        created_at: NOW,
        updated_at: NOW,
        last_used_at: None,
        last_validated_at: None,
    }
}

fn pools(case: &Case, names: &Names) -> Vec<real::Pool> {
    let entry = |index: &usize| real::PoolEntry {
        credential_id: id(*index),
        weight: u32::try_from(*index).unwrap() + 1,
    };
    let pool = |(number, of): (u128, &super::model::Pool)| real::Pool {
        id: CredentialPoolId::new(Uuid::from_u128(0x2000 + number)),
        workspace: workspace(),
        provider: names.own.clone(),
        name: of.name.clone(),
        strategy: match of.strategy {
            Strategy::Priority => real::PoolStrategy::Priority,
            Strategy::RoundRobin => real::PoolStrategy::RoundRobin,
            Strategy::Weighted => real::PoolStrategy::Weighted,
            Strategy::LeastBusy => real::PoolStrategy::LeastBusy,
        },
        members: of.members.iter().map(entry).collect(),
        revision: 1,
        created_at: NOW,
        updated_at: NOW,
    };
    (0..).zip(&case.pools).map(pool).collect()
}

fn settings(case: &Case, names: &Names) -> CredentialSettings {
    let binding = |of: &super::model::Binding| Binding {
        provider: names.one(of.is_of_provider),
        model: of.model.clone(),
        environment: of.environment.clone().map(real::Environment),
        choice: choice(&of.choice),
    };
    CredentialSettings {
        bindings: case.bindings.iter().map(binding).collect(),
        weakest: level(case.weakest),
        runtime_override: match case.runtime {
            Runtime::None => RuntimeOverride::None,
            Runtime::Named => RuntimeOverride::Named,
            Runtime::Inline => RuntimeOverride::Inline,
        },
        runtime_allow: case.allow.clone(),
        runtime_hosts: case.hosts.clone(),
    }
}

fn context(case: &Case, names: &Names) -> WorkflowContext {
    let mut overrides = real::Overrides::new();
    for of in &case.overrides {
        let provider = names.one(of.is_of_provider);
        let mut key = if of.is_long {
            format!("langgenius/{provider}/{provider}")
        } else {
            provider.to_string()
        };
        if let Some(model) = &of.model {
            key = format!("{key}:{model}");
        }
        overrides.insert(key, stated(&of.stated));
    }
    WorkflowContext {
        workspace: workspace(),
        workflow: Some(workflow(case.workflow)),
        workflow_name: None,
        version: Some(1),
        author: principal(case.author),
        caller: principal(case.caller),
        run: Some(RunId::new(Uuid::from_u128(9))),
        epoch: 1,
        node: Some(NodeId::new("llm")),
        node_execution: None,
        iteration_path: Vec::new(),
        environment: real::Environment(case.environment.clone()),
        end_user: None,
        overrides,
        attempt: 1,
    }
}

fn stated(of: &Stated) -> real::OverrideChoice {
    match of {
        Stated::Stored(stored) => real::OverrideChoice::Stored(choice(stored)),
        Stated::Inline { number, host } => real::OverrideChoice::Inline {
            inline: real::InlineCredential {
                run: RunId::new(Uuid::from_u128(9)),
                fingerprint: format!("values {number}"),
                hosts: host.iter().cloned().collect(),
            },
        },
    }
}

fn template(pieces: &[Piece]) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Text(text) => text.clone(),
        Piece::Variable(variable) => {
            let (node, name) = place(*variable);
            format!("{{{{#{node}.{name}#}}}}")
        }
    };
    pieces.iter().map(piece).collect()
}

/// Where a variable stands in a document.
const fn place(of: Variable) -> (&'static str, &'static str) {
    match of {
        Variable::Start => ("start", "tenant"),
        Variable::Sys => ("sys", "user_id"),
        Variable::Env => ("env", "key"),
        Variable::Conversation => ("conversation", "key"),
        Variable::Upstream => ("1700000000002", "output"),
        Variable::Unknown => ("1700000000003", "output"),
    }
}

fn variables(case: &Case, entry: &NodeId) -> Variables {
    let mut pool = Variables::new();
    pool.set_entry(entry, false);
    for (variable, value) in &case.values {
        let value = match value {
            Value::Text(text) => json!(text),
            Value::Number(number) => json!(number),
            Value::Null => json!(null),
            Value::List => json!(["acme"]),
            Value::Object => json!({"a": "acme"}),
        };
        let (node, name) = match variable {
            Variable::Start => (ENTRY, "tenant"),
            Variable::Sys
            | Variable::Env
            | Variable::Conversation
            | Variable::Upstream
            | Variable::Unknown => place(*variable),
        };
        pool.set(node, name, RealValue::infer(value));
    }
    pool
}

/// Ids that are none are told by their texts alone.
#[test]
fn ids_that_are_none_are_none() {
    assert!(text_of(Id::Garbage).parse::<CredentialId>().is_err());
    assert_eq!(text_of(Id::Of(3)).parse(), Ok(id(3)));
}
