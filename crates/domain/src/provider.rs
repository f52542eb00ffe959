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
    /// (Dify: a short name means `langgenius/<name>/<name>`, except that `google` is `langgenius/gemini/google`).
    #[must_use]
    pub fn normalise(id: &str) -> Self {
        let id = id.trim();
        let parts: Vec<&str> = id.split('/').collect();
        match parts.as_slice() {
            ["langgenius", "gemini", "google"] => Self("google".into()),
            ["langgenius", plugin, provider] if plugin == provider => Self((*provider).into()),
            _ => Self(id.into()),
        }
    }

    /// The normalised text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

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
            ("acme/openai/openai", "acme/openai/openai"),
            ("langgenius/openai/other", "langgenius/openai/other"),
        ] {
            assert_eq!(ProviderId::normalise(given).as_str(), normal);
        }
    }
}
