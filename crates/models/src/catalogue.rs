//! The catalogue: which providers there are, what their credentials consist of, which models they have at what price.
//!
//! It is data: files beside the code, one for each provider or family, built into the program. A model that is not listed can
//! still be called; then its context size and its price are unknown.

mod file;
mod price_list;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use latchkey_domain::price::Price;
use latchkey_domain::provider::{ModelType, ProviderId};
use latchkey_domain::time::Timestamp;
use serde::Deserialize;

use crate::providers::{bedrock, vertex};

pub use self::price_list::{ListedPrice, Peak, PeakHours, PriceList};

/// The id of the provider that stands for servers of Dify's external knowledge API.
pub const EXTERNAL_KNOWLEDGE: &str = "tool/external-knowledge";

/// How many texts go into one call of an embedding model whose provider has not said how many it takes.
const USUAL_BATCH: usize = 32;

/// All providers that can be called.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    providers: BTreeMap<ProviderId, Arc<ProviderInfo>>,
}

/// A provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderInfo {
    /// Its normalised id.
    pub id: ProviderId,
    /// Other names that become this id.
    pub aliases: Vec<String>,
    /// Its name, for people.
    pub label: String,
    /// The format that it speaks.
    pub wire: Wire,
    /// Whether it needs a secret.
    pub secrets: SecretNeed,
    /// How it differs from the format's inventor.
    pub dialect: Dialect,
    /// Where it is unless the credential says otherwise; none when only the credential can say.
    pub base_url: Option<String>,
    /// What a credential of it consists of.
    pub fields: Vec<Field>,
    /// How many texts go into one call of an embedding model.
    pub embedding_batch: usize,
    /// The models that are known.
    pub models: Vec<ModelInfo>,
    /// The page of the provider that its prices are from; none where there are no prices.
    pub source: Option<String>,
    /// The day, such as `2026-11-18`, on which that page, or a list made from it, was last looked at.
    pub as_of: Option<String>,
}

/// The format that a provider speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wire {
    /// OpenAI's chat completions.
    #[serde(rename = "openai")]
    OpenAi,
    /// OpenAI's responses.
    #[serde(rename = "openai_responses")]
    OpenAiResponses,
    /// Azure's deployments of OpenAI's models.
    #[serde(rename = "azure_openai")]
    AzureOpenAi,
    /// Anthropic's messages.
    Anthropic,
    /// Google's `generateContent` with an API key.
    Gemini,
    /// The same with a service account.
    VertexAi,
    /// Amazon Bedrock's `Converse`.
    Bedrock,
    /// Ollama's own.
    Ollama,
    /// None: the simulated model answers in this process.
    Simulated,
    /// None: it is a provider of tools, not of models.
    #[serde(skip)]
    Tool,
    /// Dify's external knowledge API: it has no models.
    ExternalKnowledge,
    /// Whatever a test has registered.
    #[serde(skip)]
    Scripted,
    /// One that this build does not speak.
    #[serde(skip)]
    Unsupported,
}

impl Wire {
    /// Whether its calls leave this process with the credential's values, so that hosts confine them.
    #[must_use]
    pub const fn is_remote(self) -> bool {
        match self {
            Self::OpenAi
            | Self::OpenAiResponses
            | Self::AzureOpenAi
            | Self::Anthropic
            | Self::Gemini
            | Self::VertexAi
            | Self::Bedrock
            | Self::Ollama
            | Self::ExternalKnowledge => true,
            // A tool is confined where it is asked: its address is not one of a provider.
            Self::Tool | Self::Simulated | Self::Scripted | Self::Unsupported => false,
        }
    }
}

/// How a server of a format differs from the format's inventor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// How the key is sent.
    pub key_header: KeyHeader,
    /// Whether it takes the request for counts in a stream (`stream_options`).
    pub counts_on_request: bool,
}

impl Default for Dialect {
    fn default() -> Self {
        Self {
            key_header: KeyHeader::Bearer,
            counts_on_request: true,
        }
    }
}

/// The header that the key is sent in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyHeader {
    /// `Authorization: Bearer <key>`.
    #[default]
    Bearer,
    /// `api-key: <key>`, as Azure wants it.
    ApiKey,
}

/// Whether a provider's credential needs a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretNeed {
    /// Every call is paid by a credential.
    Required,
    /// A credential is used when there is one.
    Optional,
    /// There is none.
    Never,
}

/// A field of a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The key in `values`.
    pub name: String,
    /// Its name, for people.
    pub label: String,
    /// What it holds.
    pub kind: FieldKind,
    /// Whether it must be given.
    pub required: bool,
    /// The value when it is not given.
    pub default: Option<String>,
    /// An example, for people.
    pub placeholder: Option<String>,
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Text that may be shown.
    Text,
    /// A URL that says where the credential is sent.
    Url,
    /// Sealed, never shown.
    Secret,
    /// One of these.
    Select(Vec<String>),
}

impl FieldKind {
    /// The name used in the API.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Url => "url",
            Self::Secret => "secret",
            Self::Select(_) => "select",
        }
    }
}

/// A model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelInfo {
    /// Its name at its provider.
    pub name: String,
    /// What it does.
    pub model_type: ModelType,
    /// How many tokens question and answer may have together.
    pub context_size: Option<u32>,
    /// How many tokens an answer may have.
    pub max_output: Option<u32>,
    /// What it can do besides text; none when unknown.
    pub features: Option<Vec<Feature>>,
    /// What it costs since when; empty when unknown, which is not the same as nothing.
    pub prices: PriceList,
    /// The format that it is spoken to in, where that is not its provider's.
    pub wire: Option<Wire>,
}

impl ModelInfo {
    /// A model of which nothing is known but its name.
    #[must_use]
    pub fn unknown(name: &str, model_type: ModelType) -> Self {
        Self {
            name: name.to_owned(),
            model_type,
            context_size: None,
            max_output: None,
            features: None,
            prices: PriceList::default(),
            wire: None,
        }
    }

    /// What a call costs that is opened at this time; none when unknown.
    #[must_use]
    pub fn price_at(&self, time: Timestamp) -> Option<&Price> {
        self.prices.at(time)
    }

    /// Whether it can do something; `None` when nobody knows.
    #[must_use]
    pub fn can(&self, feature: Feature) -> Option<bool> {
        self.features
            .as_ref()
            .map(|features| features.contains(&feature))
    }
}

/// What a language model can do besides text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Feature {
    /// Reads images.
    Vision,
    /// Reads documents.
    Document,
    /// Hears sound.
    Audio,
    /// Watches films.
    Video,
    /// Calls tools.
    ToolCall,
    /// Answers in a given JSON Schema.
    StructuredOutput,
}

impl Feature {
    /// The name that Dify uses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Vision => "vision",
            Self::Document => "document",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::ToolCall => "tool-call",
            Self::StructuredOutput => "structured-output",
        }
    }
}

impl Catalogue {
    /// The providers of the files. They are read once in a process.
    #[must_use]
    pub fn built_in() -> Self {
        static BUILT_IN: LazyLock<Catalogue> =
            LazyLock::new(|| file::read_all().expect("a test reads the files"));
        BUILT_IN.clone()
    }

    /// Adds or replaces a provider.
    pub fn insert(&mut self, provider: ProviderInfo) {
        self.providers
            .insert(provider.id.clone(), Arc::new(provider));
    }

    /// The provider of this id.
    #[must_use]
    pub fn provider(&self, id: &ProviderId) -> Option<&Arc<ProviderInfo>> {
        self.providers.get(id)
    }

    /// All providers, by id.
    pub fn providers(&self) -> impl Iterator<Item = &Arc<ProviderInfo>> {
        self.providers.values()
    }
}

impl ProviderInfo {
    /// A provider whose every call a test answers.
    #[must_use]
    pub fn scripted(id: &ProviderId) -> Self {
        Self {
            id: id.clone(),
            aliases: Vec::new(),
            label: id.to_string(),
            wire: Wire::Scripted,
            secrets: SecretNeed::Never,
            dialect: Dialect::default(),
            base_url: None,
            fields: Vec::new(),
            embedding_batch: USUAL_BATCH,
            models: Vec::new(),
            source: None,
            as_of: None,
        }
    }

    /// A provider that this build cannot call. Who would pay for it can be told all the same.
    #[must_use]
    pub(crate) fn unsupported(id: &ProviderId) -> Self {
        Self {
            wire: Wire::Unsupported,
            secrets: SecretNeed::Required,
            ..Self::scripted(id)
        }
    }

    /// Whether it answers without a credential: it needs no secret, and nobody has to say where it is.
    #[must_use]
    pub const fn goes_without(&self) -> bool {
        match self.secrets {
            SecretNeed::Never => true,
            SecretNeed::Optional => self.base_url.is_some(),
            SecretNeed::Required => false,
        }
    }

    /// What is known of a model.
    #[must_use]
    pub fn model(&self, name: &str, model_type: ModelType) -> ModelInfo {
        self.models
            .iter()
            .find(|model| model.name == name && model.model_type == model_type)
            .cloned()
            .unwrap_or_else(|| ModelInfo::unknown(name, model_type))
    }

    /// Where a credential with these settings is sent: the address that it states, else one that its settings lead to,
    /// else the provider's own. None when nothing says it.
    #[must_use]
    pub fn address(&self, settings: &BTreeMap<String, String>) -> Option<String> {
        if let Some(stated) = settings.get("base_url").filter(|url| !url.is_empty()) {
            return Some(stated.clone());
        }
        let made = match self.wire {
            Wire::Bedrock => bedrock::base_url(settings),
            Wire::VertexAi => vertex::base_url(settings),
            Wire::OpenAi
            | Wire::OpenAiResponses
            | Wire::AzureOpenAi
            | Wire::Anthropic
            | Wire::Gemini
            | Wire::Ollama
            | Wire::Simulated
            | Wire::Tool
            | Wire::ExternalKnowledge
            | Wire::Scripted
            | Wire::Unsupported => None,
        };
        made.or_else(|| self.base_url.clone())
    }

    /// The hosts that a credential with these settings may be sent to when nobody says otherwise.
    #[must_use]
    pub fn default_hosts(&self, settings: &BTreeMap<String, String>) -> Vec<String> {
        self.address(settings)
            .as_deref()
            .and_then(latchkey_outbound::target_host)
            .into_iter()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_whole() {
        let catalogue = Catalogue::built_in();
        assert!(catalogue.providers().count() > 20);
        for provider in catalogue.providers() {
            if provider.wire == Wire::OpenAi {
                let has_field = provider.fields.iter().any(|field| field.name == "base_url");
                assert!(has_field, "{}", provider.id);
                if provider.base_url.is_some() {
                    assert_eq!(
                        provider.default_hosts(&BTreeMap::new()).len(),
                        1,
                        "{}",
                        provider.id
                    );
                }
            }
            for model in &provider.models {
                let again = provider.model(&model.name, model.model_type);
                assert_eq!(&again, model, "twice: {} {}", provider.id, model.name);
            }
        }
    }

    #[test]
    fn an_unknown_model_has_no_price_rather_than_a_price_of_zero() {
        let catalogue = Catalogue::built_in();
        let openai = catalogue
            .provider(&ProviderId::normalise("openai"))
            .unwrap();
        let price = |model: &str, time: &str| {
            let at = Timestamp::parse(time).unwrap();
            openai.model(model, ModelType::Llm).price_at(at).cloned()
        };
        let now = "2026-11-27T00:00:00Z";
        assert_eq!(price("gpt-not-yet-made", now), None);
        assert!(price("gpt-4o-mini", now).is_some());
        // It was not there yet.
        assert_eq!(price("gpt-4o-mini", "2024-01-01T00:00:00Z"), None);
    }
}
