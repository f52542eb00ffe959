//! The providers that speak OpenAI's format, one row each.

use latchkey_domain::provider::ProviderId;

use crate::catalogue::prices::models_of;
use crate::catalogue::retrieval::retrieval_models_of;
use crate::catalogue::{Dialect, Field, FieldKind, KeyHeader, ProviderInfo, SecretNeed, Wire};

/// Id, name, base URL, whether a key is needed.
type Row = (&'static str, &'static str, Option<&'static str>, SecretNeed);

use SecretNeed::{Optional, Required};

const ROWS: &[Row] = &[
    (
        "openai",
        "OpenAI",
        Some("https://api.openai.com/v1"),
        Required,
    ),
    (
        "openai_api_compatible",
        "OpenAI-compatible server",
        None,
        Optional,
    ),
    (
        "deepseek",
        "DeepSeek",
        Some("https://api.deepseek.com/v1"),
        Required,
    ),
    (
        "siliconflow",
        "SiliconFlow",
        Some("https://api.siliconflow.cn/v1"),
        Required,
    ),
    (
        "tongyi",
        "Tongyi Qianwen",
        Some("https://dashscope.aliyuncs.com/compatible-mode/v1"),
        Required,
    ),
    (
        "volcengine_maas",
        "Volcengine Ark",
        Some("https://ark.cn-beijing.volces.com/api/v3"),
        Required,
    ),
    (
        "modelscope",
        "ModelScope",
        Some("https://api-inference.modelscope.cn/v1"),
        Required,
    ),
    (
        "moonshot",
        "Moonshot",
        Some("https://api.moonshot.cn/v1"),
        Required,
    ),
    (
        "zhipuai",
        "Zhipu AI",
        Some("https://open.bigmodel.cn/api/paas/v4"),
        Required,
    ),
    (
        "yi",
        "01.AI",
        Some("https://api.lingyiwanwu.com/v1"),
        Required,
    ),
    (
        "baichuan",
        "Baichuan",
        Some("https://api.baichuan-ai.com/v1"),
        Required,
    ),
    (
        "stepfun",
        "StepFun",
        Some("https://api.stepfun.com/v1"),
        Required,
    ),
    (
        "minimax",
        "MiniMax",
        Some("https://api.minimax.chat/v1"),
        Required,
    ),
    (
        "hunyuan",
        "Tencent Hunyuan",
        Some("https://api.hunyuan.cloud.tencent.com/v1"),
        Required,
    ),
    (
        "gitee_ai",
        "Gitee AI",
        Some("https://ai.gitee.com/v1"),
        Required,
    ),
    (
        "novita",
        "Novita AI",
        Some("https://api.novita.ai/v3/openai"),
        Required,
    ),
    (
        "groq",
        "Groq",
        Some("https://api.groq.com/openai/v1"),
        Required,
    ),
    (
        "openrouter",
        "OpenRouter",
        Some("https://openrouter.ai/api/v1"),
        Required,
    ),
    (
        "mistralai",
        "Mistral AI",
        Some("https://api.mistral.ai/v1"),
        Required,
    ),
    (
        "togetherai",
        "Together AI",
        Some("https://api.together.xyz/v1"),
        Required,
    ),
    (
        "fireworks",
        "Fireworks AI",
        Some("https://api.fireworks.ai/inference/v1"),
        Required,
    ),
    (
        "nvidia",
        "NVIDIA API Catalog",
        Some("https://integrate.api.nvidia.com/v1"),
        Required,
    ),
    (
        "perplexity",
        "Perplexity",
        Some("https://api.perplexity.ai"),
        Required,
    ),
    ("x", "xAI", Some("https://api.x.ai/v1"), Required),
    (
        "cerebras",
        "Cerebras",
        Some("https://api.cerebras.ai/v1"),
        Required,
    ),
    (
        "deepinfra",
        "DeepInfra",
        Some("https://api.deepinfra.com/v1/openai"),
        Required,
    ),
    ("ollama", "Ollama", Some("http://localhost:11434"), Optional),
    ("xinference", "Xinference", None, Optional),
    ("localai", "LocalAI", None, Optional),
    (
        "lmstudio",
        "LM Studio",
        Some("http://localhost:1234/v1"),
        Optional,
    ),
    ("vllm", "vLLM", None, Optional),
    ("gpustack", "GPUStack", None, Optional),
    (
        "google",
        "Google Gemini",
        Some("https://generativelanguage.googleapis.com/v1beta"),
        Required,
    ),
    ("vertex_ai", "Google Vertex AI", None, Required),
    (
        "anthropic",
        "Anthropic",
        Some("https://api.anthropic.com/v1"),
        Required,
    ),
    (
        "cohere",
        "Cohere",
        Some("https://api.cohere.ai/compatibility/v1"),
        Required,
    ),
    ("jina", "Jina AI", Some("https://api.jina.ai/v1"), Required),
    // Each customer has an address of its own.
    ("azure_openai", "Azure OpenAI", None, Required),
    ("bedrock", "Amazon Bedrock", None, Required),
];

/// Addresses that are shown as examples where the credential has to name one.
const EXAMPLES: [(&str, &str); 2] = [
    (
        "azure_openai",
        "https://my-resource.openai.azure.com/openai/v1",
    ),
    ("bedrock", "https://bedrock-mantle.us-east-1.api.aws/v1"),
];

fn dialect(id: &str) -> Dialect {
    let key_header = match id {
        "azure_openai" => KeyHeader::ApiKey,
        "anthropic" => KeyHeader::Anthropic,
        _ => KeyHeader::Bearer,
    };
    Dialect {
        key_header,
        // It is said to refuse the option; a call without counts is estimated.
        counts_on_request: id != "cohere",
    }
}

fn wire(id: &str) -> Wire {
    match id {
        "azure_openai" => Wire::AzureOpenAi,
        "google" => Wire::Gemini,
        "vertex_ai" => Wire::VertexAi,
        "ollama" => Wire::Ollama,
        _ => Wire::OpenAi,
    }
}

/// The rows as providers.
pub(super) fn providers() -> impl Iterator<Item = ProviderInfo> {
    ROWS.iter()
        .map(|(id, label, base_url, secrets)| ProviderInfo {
            id: ProviderId::normalise(id),
            label: (*label).to_owned(),
            wire: wire(id),
            secrets: *secrets,
            dialect: dialect(id),
            base_url: base_url.map(str::to_owned),
            fields: fields(id, *base_url, *secrets),
            models: models_of(id)
                .into_iter()
                .chain(retrieval_models_of(id))
                .collect(),
        })
}

fn fields(id: &str, base_url: Option<&str>, secrets: SecretNeed) -> Vec<Field> {
    let key = Field {
        name: "api_key".to_owned(),
        label: "API key".to_owned(),
        kind: FieldKind::Secret,
        required: secrets == SecretNeed::Required,
        default: None,
        placeholder: None,
    };
    let example = EXAMPLES.iter().find(|(of, _)| *of == id);
    let example = example.map_or("https://models.example.com/v1", |(_, url)| url);
    let url = Field {
        name: "base_url".to_owned(),
        label: "Base URL".to_owned(),
        kind: FieldKind::Url,
        required: base_url.is_none(),
        default: None,
        placeholder: Some(base_url.unwrap_or(example).to_owned()),
    };
    let mut fields = vec![key, url];
    let optional = |name: &str, label: &str, kind, default: Option<&str>| Field {
        name: name.to_owned(),
        label: label.to_owned(),
        kind,
        required: false,
        default: default.map(str::to_owned),
        placeholder: None,
    };
    if id == "vertex_ai" {
        let account = Field {
            required: true,
            ..optional(
                "service_account_json",
                "Service account key (JSON)",
                FieldKind::Secret,
                None,
            )
        };
        return vec![
            account,
            optional("project_id", "Project", FieldKind::Text, None),
            optional("location", "Location", FieldKind::Text, Some("us-central1")),
        ];
    }
    if id == "azure_openai" {
        fields.push(optional(
            "api_version",
            "API version",
            FieldKind::Text,
            None,
        ));
        fields.push(optional(
            "base_model",
            "Model of the deployment",
            FieldKind::Text,
            None,
        ));
    }
    if matches!(id, "openai" | "openai_api_compatible" | "azure_openai") {
        let formats = vec!["chat".to_owned(), "responses".to_owned()];
        fields.push(optional("api", "API", FieldKind::Select(formats), None));
    }
    if id == "openai" {
        fields.push(Field {
            name: "organization".to_owned(),
            label: "Organization".to_owned(),
            kind: FieldKind::Text,
            required: false,
            default: None,
            placeholder: Some("org-…".to_owned()),
        });
    }
    fields
}
