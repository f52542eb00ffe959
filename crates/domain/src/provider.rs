//! Model providers: their normalised ids and the kinds of models they have.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize};

/// A provider's id in its normalised form: `langgenius/openai/openai` and `openai` are both `openai`.
///
/// Ids of different vendors are never mapped to one (design: credential names). Tool providers are `tool/…`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ProviderId(Arc<str>);

impl ProviderId {
    /// Normalises an id as files spell it: surrounding blanks go, the marketplace's own vendor prefix goes
    /// (Dify: a short name means `langgenius/<name>/<name>`, except that `google` is `langgenius/gemini/google`). Further
    /// names of the same vendor become the one that Dify has ([`ALIASES`]).
    #[must_use]
    pub fn normalise(id: &str) -> Self {
        let id = id.trim();
        let parts: Vec<&str> = id.split('/').collect();
        let id = match parts.as_slice() {
            ["langgenius", "gemini", "google"] => "google",
            ["langgenius", plugin, provider] if plugin == provider => provider,
            _ => id,
        };
        let alias = ALIASES.iter().find(|(alias, _)| *alias == id);
        Self(alias.map_or(id, |(_, id)| id).into())
    }

    /// The normalised text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Other names of providers, each with the provider's id. Both are the same company's: a name that two vendors use stands
/// for neither here.
pub const ALIASES: [(&str, &str); 13] = [
    ("azure", "azure_openai"),
    ("dashscope", "tongyi"),
    ("fireworks_ai", "fireworks"),
    ("gemini", "google"),
    ("kimi", "moonshot"),
    ("mistral", "mistralai"),
    ("qwen", "tongyi"),
    ("together", "togetherai"),
    ("together_ai", "togetherai"),
    ("vertex", "vertex_ai"),
    ("volcengine", "volcengine_maas"),
    ("xai", "x"),
    ("zhipu", "zhipuai"),
];

impl fmt::Display for ProviderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ProviderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

impl<'de> Deserialize<'de> for ProviderId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::normalise(&String::deserialize(deserializer)?))
    }
}

/// What a model does (Dify's model types).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default,
)]
#[serde(rename_all = "kebab-case")]
pub enum ModelType {
    /// A language model.
    #[default]
    Llm,
    /// Texts to vectors.
    TextEmbedding,
    /// Orders passages by relevance.
    Rerank,
    /// Speech to text.
    Speech2text,
    /// Judges content.
    Moderation,
    /// Text to speech.
    Tts,
    /// No model: a tool, which is asked with a credential of its own.
    Tool,
}

impl ModelType {
    /// The name used in tables and bodies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Llm => "llm",
            Self::TextEmbedding => "text-embedding",
            Self::Rerank => "rerank",
            Self::Speech2text => "speech2text",
            Self::Moderation => "moderation",
            Self::Tts => "tts",
            Self::Tool => "tool",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ProviderId;

    #[test]
    fn ids_of_one_provider_become_one_and_of_others_stay_apart() {
        for (given, normal) in [
            ("openai", "openai"),
            ("langgenius/openai/openai", "openai"),
            ("langgenius/gemini/google", "google"),
            (" deepseek ", "deepseek"),
            ("gemini", "google"),
            ("xai", "x"),
            ("acme/gemini/gemini", "acme/gemini/gemini"),
            ("acme/openai/openai", "acme/openai/openai"),
            ("langgenius/openai/other", "langgenius/openai/other"),
        ] {
            assert_eq!(ProviderId::normalise(given).as_str(), normal);
        }
    }
}
