//! What is known of models that embed and rerank: their sizes, their prices, how many texts fit into one call; and the
//! provider that has no models, somebody else's knowledge.

use latchkey_domain::ledger::Price;
use latchkey_domain::provider::{ModelType, ProviderId};
use rust_decimal::Decimal;

use crate::catalogue::{Dialect, Field, FieldKind, ModelInfo, ProviderInfo, SecretNeed, Wire};

use ModelType::{Rerank, TextEmbedding};

/// Provider, model, type, context size, dollars per million tokens as a decimal text. Some rerank models are paid by the
/// search: their price stands here as none, which is not the same as nothing.
type Row = (
    &'static str,
    &'static str,
    ModelType,
    u32,
    Option<&'static str>,
);

const ROWS: &[Row] = &[
    (
        "openai",
        "text-embedding-3-small",
        TextEmbedding,
        8191,
        Some("0.02"),
    ),
    (
        "openai",
        "text-embedding-3-large",
        TextEmbedding,
        8191,
        Some("0.13"),
    ),
    (
        "openai",
        "text-embedding-ada-002",
        TextEmbedding,
        8191,
        Some("0.10"),
    ),
    (
        "mistralai",
        "mistral-embed",
        TextEmbedding,
        8192,
        Some("0.10"),
    ),
    ("siliconflow", "BAAI/bge-m3", TextEmbedding, 8192, None),
    (
        "siliconflow",
        "BAAI/bge-large-zh-v1.5",
        TextEmbedding,
        512,
        None,
    ),
    ("siliconflow", "BAAI/bge-reranker-v2-m3", Rerank, 8192, None),
    (
        "siliconflow",
        "netease-youdao/bce-reranker-base_v1",
        Rerank,
        512,
        None,
    ),
    ("tongyi", "text-embedding-v3", TextEmbedding, 8192, None),
    ("tongyi", "text-embedding-v4", TextEmbedding, 8192, None),
    ("zhipuai", "embedding-2", TextEmbedding, 512, None),
    ("zhipuai", "embedding-3", TextEmbedding, 3072, None),
    (
        "jina",
        "jina-embeddings-v3",
        TextEmbedding,
        8192,
        Some("0.02"),
    ),
    (
        "jina",
        "jina-reranker-v2-base-multilingual",
        Rerank,
        1024,
        Some("0.02"),
    ),
    ("cohere", "embed-v4.0", TextEmbedding, 128_000, Some("0.12")),
    (
        "cohere",
        "embed-multilingual-v3.0",
        TextEmbedding,
        512,
        Some("0.10"),
    ),
    ("cohere", "rerank-v3.5", Rerank, 4096, None),
    ("cohere", "rerank-multilingual-v3.0", Rerank, 4096, None),
    ("cohere", "rerank-english-v3.0", Rerank, 4096, None),
    (
        "google",
        "gemini-embedding-001",
        TextEmbedding,
        2048,
        Some("0.15"),
    ),
];

/// How many texts a provider takes in one call; the others take [`USUAL`].
const BATCHES: &[(&str, usize)] = &[
    ("openai", 128),
    ("azure_openai", 128),
    ("mistralai", 64),
    ("siliconflow", 32),
    ("tongyi", 10),
    ("zhipuai", 64),
    ("jina", 64),
    ("cohere", 96),
    ("simulated", 64),
];
const USUAL: usize = 32;

/// The models of a provider that embed or rerank.
pub(super) fn retrieval_models_of(provider: &str) -> impl Iterator<Item = ModelInfo> {
    let rows = ROWS.iter().filter(move |row| row.0 == provider);
    rows.map(|(_, name, model_type, context, dollars)| ModelInfo {
        context_size: Some(*context),
        price: dollars.map(per_million),
        ..ModelInfo::unknown(name, *model_type)
    })
}

fn per_million(dollars: &str) -> Price {
    let amount: Decimal = dollars.parse().expect("the table holds decimals");
    Price {
        currency: "USD".to_owned(),
        input: amount,
        cache_read: amount,
        cache_write: amount,
        output: amount,
    }
}

impl ProviderInfo {
    /// How many texts go into one call of an embedding model.
    #[must_use]
    pub fn embedding_batch(&self) -> usize {
        let known = BATCHES.iter().find(|(id, _)| *id == self.id.as_str());
        known.map_or(USUAL, |(_, batch)| *batch)
    }
}

/// A server of somebody else that speaks Dify's external knowledge API.
pub(super) fn external_knowledge() -> ProviderInfo {
    let field = |name: &str, label: &str, kind, placeholder: Option<&str>| Field {
        name: name.to_owned(),
        label: label.to_owned(),
        kind,
        required: true,
        default: None,
        placeholder: placeholder.map(str::to_owned),
    };
    let example = Some("https://knowledge.example.com/api");
    ProviderInfo {
        id: ProviderId::normalise(EXTERNAL_KNOWLEDGE),
        label: "External knowledge API".to_owned(),
        wire: Wire::ExternalKnowledge,
        secrets: SecretNeed::Required,
        dialect: Dialect::default(),
        base_url: None,
        fields: vec![
            field("api_key", "API key", FieldKind::Secret, None),
            field(
                "base_url",
                "Endpoint, without /retrieval",
                FieldKind::Url,
                example,
            ),
        ],
        models: Vec::new(),
    }
}

/// The id of the provider that stands for servers of Dify's external knowledge API.
pub const EXTERNAL_KNOWLEDGE: &str = "tool/external-knowledge";
