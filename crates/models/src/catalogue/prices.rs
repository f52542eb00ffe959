//! Models with their sizes and list prices, as the providers published them in 2025. A provider's own bill decides;
//! prices that are not known stand here as none, never as zero.

use latchkey_domain::ledger::Price;
use latchkey_domain::provider::ModelType;
use rust_decimal::Decimal;

use crate::catalogue::{Feature, ModelInfo};

/// Per million tokens: input, input from the cache, output; as decimal texts.
type List = (&'static str, &'static str, &'static str, &'static str);

/// Provider, model, context size, longest answer, features, price.
type Row = (
    &'static str,
    &'static str,
    u32,
    u32,
    &'static [Feature],
    Option<List>,
);

const ALL: &[Feature] = &[
    Feature::Vision,
    Feature::ToolCall,
    Feature::StructuredOutput,
];
const TOOLS: &[Feature] = &[Feature::ToolCall];
const TOOLS_AND_SCHEMA: &[Feature] = &[Feature::ToolCall, Feature::StructuredOutput];
const VISION: &[Feature] = &[Feature::Vision];
const TEXT: &[Feature] = &[];

const ROWS: &[Row] = &[
    (
        "openai",
        "gpt-4o",
        128_000,
        16_384,
        ALL,
        Some(("USD", "2.50", "1.25", "10.00")),
    ),
    (
        "openai",
        "gpt-4o-2024-08-06",
        128_000,
        16_384,
        ALL,
        Some(("USD", "2.50", "1.25", "10.00")),
    ),
    (
        "openai",
        "gpt-4o-2024-11-20",
        128_000,
        16_384,
        ALL,
        Some(("USD", "2.50", "1.25", "10.00")),
    ),
    (
        "openai",
        "gpt-4o-mini",
        128_000,
        16_384,
        ALL,
        Some(("USD", "0.15", "0.075", "0.60")),
    ),
    (
        "openai",
        "gpt-4o-mini-2024-07-18",
        128_000,
        16_384,
        ALL,
        Some(("USD", "0.15", "0.075", "0.60")),
    ),
    (
        "openai",
        "gpt-4.1",
        1_047_576,
        32_768,
        ALL,
        Some(("USD", "2.00", "0.50", "8.00")),
    ),
    (
        "openai",
        "gpt-4.1-mini",
        1_047_576,
        32_768,
        ALL,
        Some(("USD", "0.40", "0.10", "1.60")),
    ),
    (
        "openai",
        "gpt-4.1-nano",
        1_047_576,
        32_768,
        ALL,
        Some(("USD", "0.10", "0.025", "0.40")),
    ),
    (
        "openai",
        "gpt-5",
        400_000,
        128_000,
        ALL,
        Some(("USD", "1.25", "0.125", "10.00")),
    ),
    (
        "openai",
        "gpt-5-mini",
        400_000,
        128_000,
        ALL,
        Some(("USD", "0.25", "0.025", "2.00")),
    ),
    (
        "openai",
        "gpt-5-nano",
        400_000,
        128_000,
        ALL,
        Some(("USD", "0.05", "0.005", "0.40")),
    ),
    (
        "openai",
        "o3",
        200_000,
        100_000,
        ALL,
        Some(("USD", "2.00", "0.50", "8.00")),
    ),
    (
        "openai",
        "o4-mini",
        200_000,
        100_000,
        ALL,
        Some(("USD", "1.10", "0.275", "4.40")),
    ),
    (
        "openai",
        "o3-mini",
        200_000,
        100_000,
        TOOLS_AND_SCHEMA,
        Some(("USD", "1.10", "0.55", "4.40")),
    ),
    (
        "openai",
        "gpt-4-turbo",
        128_000,
        4096,
        &[Feature::Vision, Feature::ToolCall],
        Some(("USD", "10.00", "10.00", "30.00")),
    ),
    (
        "openai",
        "gpt-4",
        8192,
        8192,
        TOOLS,
        Some(("USD", "30.00", "30.00", "60.00")),
    ),
    (
        "openai",
        "gpt-3.5-turbo",
        16_385,
        4096,
        TOOLS,
        Some(("USD", "0.50", "0.50", "1.50")),
    ),
    (
        "deepseek",
        "deepseek-chat",
        128_000,
        8192,
        TOOLS,
        Some(("USD", "0.28", "0.028", "0.42")),
    ),
    (
        "deepseek",
        "deepseek-reasoner",
        128_000,
        65_536,
        TEXT,
        Some(("USD", "0.28", "0.028", "0.42")),
    ),
    ("deepseek", "deepseek-coder", 128_000, 8192, TOOLS, None),
    (
        "siliconflow",
        "deepseek-ai/DeepSeek-V3",
        64_000,
        8192,
        TOOLS,
        None,
    ),
    (
        "siliconflow",
        "deepseek-ai/DeepSeek-R1",
        64_000,
        16_384,
        TEXT,
        None,
    ),
    (
        "siliconflow",
        "deepseek-ai/DeepSeek-V2.5",
        32_768,
        4096,
        TOOLS,
        None,
    ),
    (
        "siliconflow",
        "Qwen/Qwen2-VL-72B-Instruct",
        32_768,
        4096,
        VISION,
        None,
    ),
    (
        "siliconflow",
        "Qwen/Qwen2.5-72B-Instruct",
        32_768,
        4096,
        TOOLS,
        None,
    ),
    (
        "siliconflow",
        "internlm/internlm2_5-7b-chat",
        32_768,
        4096,
        TEXT,
        None,
    ),
    ("tongyi", "qwen-max", 32_768, 8192, TOOLS, None),
    ("tongyi", "qwen-plus", 131_072, 8192, TOOLS, None),
    ("tongyi", "qwen-turbo", 1_000_000, 8192, TOOLS, None),
    ("tongyi", "qwen3-32b", 131_072, 16_384, TOOLS, None),
    ("tongyi", "qwen-vl-max", 131_072, 8192, VISION, None),
    (
        "volcengine_maas",
        "Doubao-Pro-32k",
        32_768,
        4096,
        TOOLS,
        None,
    ),
    ("volcengine_maas", "DeepSeek-V3", 64_000, 8192, TOOLS, None),
    ("volcengine_maas", "DeepSeek-R1", 64_000, 8192, TEXT, None),
    ("modelscope", "qwen3-32b", 131_072, 8192, TOOLS, None),
    ("moonshot", "moonshot-v1-8k", 8192, 4096, TOOLS, None),
    ("moonshot", "moonshot-v1-32k", 32_768, 8192, TOOLS, None),
    ("moonshot", "moonshot-v1-128k", 131_072, 8192, TOOLS, None),
    ("zhipuai", "glm-4-plus", 128_000, 4096, TOOLS, None),
    ("zhipuai", "glm-4-flash", 128_000, 4096, TOOLS, None),
    ("yi", "yi-large", 32_768, 4096, TOOLS, None),
    (
        "groq",
        "llama-3.3-70b-versatile",
        131_072,
        32_768,
        TOOLS,
        Some(("USD", "0.59", "0.59", "0.79")),
    ),
    (
        "groq",
        "llama-3.1-8b-instant",
        131_072,
        131_072,
        TOOLS,
        Some(("USD", "0.05", "0.05", "0.08")),
    ),
    (
        "mistralai",
        "mistral-large-latest",
        131_072,
        8192,
        TOOLS_AND_SCHEMA,
        Some(("USD", "2.00", "2.00", "6.00")),
    ),
    (
        "mistralai",
        "mistral-small-latest",
        131_072,
        8192,
        TOOLS_AND_SCHEMA,
        Some(("USD", "0.10", "0.10", "0.30")),
    ),
];

/// The models of a provider.
pub(super) fn models_of(provider: &str) -> Vec<ModelInfo> {
    let rows = ROWS.iter().filter(|row| row.0 == provider);
    rows.map(|(_, name, context, output, features, price)| ModelInfo {
        name: (*name).to_owned(),
        model_type: ModelType::Llm,
        context_size: Some(*context),
        max_output: Some(*output),
        features: Some(features.to_vec()),
        price: price.map(read),
    })
    .collect()
}

fn read((currency, input, cached, output): List) -> Price {
    let amount = |text: &str| -> Decimal { text.parse().expect("the table holds decimals") };
    Price {
        currency: currency.to_owned(),
        input: amount(input),
        cache_read: amount(cached),
        // None of these providers charges for writing to its cache beyond the input itself.
        cache_write: amount(input),
        output: amount(output),
    }
}
