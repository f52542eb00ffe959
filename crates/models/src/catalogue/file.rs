//! The catalogue's files: read strictly, so that a slip of the pen fails a test rather than somebody's bill.

use std::collections::BTreeSet;

use latchkey_domain::provider::{ModelType, ProviderId};
use serde::Deserialize;

use super::{
    Catalogue, Dialect, Feature, Field, FieldKind, KeyHeader, ModelInfo, PriceList, ProviderInfo,
    SecretNeed, USUAL_BATCH, Wire,
};

use self::prices::PriceRow;

mod prices;

/// The files by name. A test compares the list with the folder.
const FILES: &[(&str, &str)] = &[
    (
        "anthropic.yml",
        include_str!("../../catalogue/anthropic.yml"),
    ),
    (
        "azure_openai.yml",
        include_str!("../../catalogue/azure_openai.yml"),
    ),
    ("baichuan.yml", include_str!("../../catalogue/baichuan.yml")),
    ("bedrock.yml", include_str!("../../catalogue/bedrock.yml")),
    ("cerebras.yml", include_str!("../../catalogue/cerebras.yml")),
    ("cohere.yml", include_str!("../../catalogue/cohere.yml")),
    (
        "deepinfra.yml",
        include_str!("../../catalogue/deepinfra.yml"),
    ),
    ("deepseek.yml", include_str!("../../catalogue/deepseek.yml")),
    (
        "external-knowledge.yml",
        include_str!("../../catalogue/external-knowledge.yml"),
    ),
    (
        "fireworks.yml",
        include_str!("../../catalogue/fireworks.yml"),
    ),
    ("gitee_ai.yml", include_str!("../../catalogue/gitee_ai.yml")),
    ("google.yml", include_str!("../../catalogue/google.yml")),
    ("groq.yml", include_str!("../../catalogue/groq.yml")),
    ("hunyuan.yml", include_str!("../../catalogue/hunyuan.yml")),
    ("jina.yml", include_str!("../../catalogue/jina.yml")),
    ("minimax.yml", include_str!("../../catalogue/minimax.yml")),
    (
        "mistralai.yml",
        include_str!("../../catalogue/mistralai.yml"),
    ),
    (
        "modelscope.yml",
        include_str!("../../catalogue/modelscope.yml"),
    ),
    ("moonshot.yml", include_str!("../../catalogue/moonshot.yml")),
    ("novita.yml", include_str!("../../catalogue/novita.yml")),
    ("nvidia.yml", include_str!("../../catalogue/nvidia.yml")),
    ("openai.yml", include_str!("../../catalogue/openai.yml")),
    (
        "openrouter.yml",
        include_str!("../../catalogue/openrouter.yml"),
    ),
    (
        "perplexity.yml",
        include_str!("../../catalogue/perplexity.yml"),
    ),
    ("servers.yml", include_str!("../../catalogue/servers.yml")),
    (
        "siliconflow.yml",
        include_str!("../../catalogue/siliconflow.yml"),
    ),
    (
        "simulated.yml",
        include_str!("../../catalogue/simulated.yml"),
    ),
    ("stepfun.yml", include_str!("../../catalogue/stepfun.yml")),
    (
        "togetherai.yml",
        include_str!("../../catalogue/togetherai.yml"),
    ),
    ("tongyi.yml", include_str!("../../catalogue/tongyi.yml")),
    ("upstage.yml", include_str!("../../catalogue/upstage.yml")),
    (
        "vertex_ai.yml",
        include_str!("../../catalogue/vertex_ai.yml"),
    ),
    (
        "volcengine_maas.yml",
        include_str!("../../catalogue/volcengine_maas.yml"),
    ),
    ("voyage.yml", include_str!("../../catalogue/voyage.yml")),
    ("x.yml", include_str!("../../catalogue/x.yml")),
    ("yi.yml", include_str!("../../catalogue/yi.yml")),
    ("zhipuai.yml", include_str!("../../catalogue/zhipuai.yml")),
];

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {what}")]
pub(super) struct FileError {
    file: String,
    what: String,
}

/// One file: providers whose facts are from one page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    source: Option<String>,
    as_of: Option<String>,
    providers: Vec<ProviderRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProviderRow {
    id: String,
    #[serde(default)]
    aliases: Vec<String>,
    label: String,
    wire: Wire,
    base_url: Option<String>,
    /// An address that is shown as an example where the credential has to name one.
    url_example: Option<String>,
    secrets: SecretNeed,
    #[serde(default)]
    key_header: KeyHeader,
    #[serde(default = "yes")]
    counts_on_request: bool,
    embedding_batch: Option<usize>,
    /// All fields of a credential; absent means the usual ones, a key and an address.
    fields: Option<Vec<FieldRow>>,
    /// Fields beside the usual ones.
    #[serde(default)]
    more_fields: Vec<FieldRow>,
    /// The currency of all prices.
    currency: Option<String>,
    #[serde(default)]
    models: Vec<ModelRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldRow {
    name: String,
    label: String,
    kind: KindName,
    /// The choices of a `select`.
    #[serde(default)]
    options: Vec<String>,
    #[serde(default)]
    required: bool,
    default: Option<String>,
    placeholder: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KindName {
    Text,
    Url,
    Secret,
    Select,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelRow {
    name: String,
    /// Further names of the same model, such as those of its versions.
    #[serde(default)]
    also: Vec<String>,
    #[serde(default, rename = "type")]
    model_type: ModelType,
    wire: Option<Wire>,
    context: Option<u32>,
    output: Option<u32>,
    features: Option<Vec<Feature>>,
    /// It costs nothing.
    #[serde(default)]
    free: bool,
    #[serde(default)]
    prices: Vec<PriceRow>,
}

const fn yes() -> bool {
    true
}

/// Reads all files.
pub(super) fn read_all() -> Result<Catalogue, FileError> {
    let mut all = Catalogue::default();
    for (name, text) in FILES {
        for provider in read(name, text)? {
            if all.provider(&provider.id).is_some() {
                return Err(FileError {
                    file: (*name).to_owned(),
                    what: format!("{} stands in another file too", provider.id),
                });
            }
            all.insert(provider);
        }
    }
    Ok(all)
}

fn read(name: &str, text: &str) -> Result<Vec<ProviderInfo>, FileError> {
    let wrong = |what: String| FileError {
        file: name.to_owned(),
        what,
    };
    let file: File = serde_yaml::from_str(text).map_err(|cause| wrong(cause.to_string()))?;
    file.checked().map_err(wrong)
}

impl File {
    fn checked(self) -> Result<Vec<ProviderInfo>, String> {
        if let Some(day) = &self.as_of {
            prices::day(day)?;
        }
        if let Some(source) = &self.source
            && !source.starts_with("https://")
        {
            return Err(format!("source {source} is no https URL"));
        }
        let mut providers = Vec::with_capacity(self.providers.len());
        for row in self.providers {
            let id = row.id.clone();
            let named = |what: String| format!("{id}: {what}");
            let mut provider = row.checked().map_err(named)?;
            let has_price = |model: &ModelInfo| !model.prices.rows().is_empty();
            let is_priced = provider.models.iter().any(has_price);
            if is_priced && (self.source.is_none() || self.as_of.is_none()) {
                return Err(named("prices without source and as_of".to_owned()));
            }
            provider.source.clone_from(&self.source);
            provider.as_of.clone_from(&self.as_of);
            providers.push(provider);
        }
        Ok(providers)
    }
}

impl ProviderRow {
    fn checked(self) -> Result<ProviderInfo, String> {
        let id = ProviderId::normalise(&self.id);
        if id.as_str() != self.id {
            return Err(format!("the id is normalised to {id}"));
        }
        for alias in &self.aliases {
            let normal = ProviderId::normalise(alias);
            if normal != id {
                return Err(format!("the alias {alias} is normalised to {normal}"));
            }
        }
        if let Some(url) = &self.base_url
            && (latchkey_outbound::target_host(url).is_none() || url.ends_with('/'))
        {
            return Err(format!("{url} is no base URL"));
        }
        let fields = self.fields()?;
        let mut names = BTreeSet::new();
        let mut models = Vec::with_capacity(self.models.len());
        for row in self.models {
            let name = row.name.clone();
            let more = row.checked(self.currency.as_deref());
            for model in more.map_err(|what| format!("{name}: {what}"))? {
                if !names.insert((model.name.clone(), model.model_type)) {
                    return Err(format!("{} stands here twice", model.name));
                }
                models.push(model);
            }
        }
        Ok(ProviderInfo {
            id,
            aliases: self.aliases,
            label: self.label,
            wire: self.wire,
            secrets: self.secrets,
            dialect: Dialect {
                key_header: self.key_header,
                counts_on_request: self.counts_on_request,
            },
            base_url: self.base_url,
            fields,
            embedding_batch: self.embedding_batch.unwrap_or(USUAL_BATCH).max(1),
            models,
            source: None,
            as_of: None,
        })
    }

    fn fields(&self) -> Result<Vec<Field>, String> {
        let mut fields = match &self.fields {
            Some(stated) => stated
                .iter()
                .map(FieldRow::checked)
                .collect::<Result<_, _>>()?,
            None if self.secrets == SecretNeed::Never => Vec::new(),
            None => self.usual_fields(),
        };
        for more in &self.more_fields {
            fields.push(more.checked()?);
        }
        let mut names = BTreeSet::new();
        match fields.iter().find(|field| !names.insert(&field.name)) {
            Some(twice) => Err(format!("the field {} stands here twice", twice.name)),
            None => Ok(fields),
        }
    }

    /// A key, and an address that has to be told unless it is known.
    fn usual_fields(&self) -> Vec<Field> {
        let example = self.base_url.as_ref().or(self.url_example.as_ref());
        let example = example.map_or("https://models.example.com/v1", String::as_str);
        vec![
            Field {
                name: "api_key".to_owned(),
                label: "API key".to_owned(),
                kind: FieldKind::Secret,
                required: self.secrets == SecretNeed::Required,
                default: None,
                placeholder: None,
            },
            Field {
                name: "base_url".to_owned(),
                label: "Base URL".to_owned(),
                kind: FieldKind::Url,
                required: self.base_url.is_none(),
                default: None,
                placeholder: Some(example.to_owned()),
            },
        ]
    }
}

impl FieldRow {
    fn checked(&self) -> Result<Field, String> {
        let kind = match self.kind {
            KindName::Text => FieldKind::Text,
            KindName::Url => FieldKind::Url,
            KindName::Secret => FieldKind::Secret,
            KindName::Select => FieldKind::Select(self.options.clone()),
        };
        if (self.kind == KindName::Select) == self.options.is_empty() {
            return Err(format!("{}: options belong to a select", self.name));
        }
        Ok(Field {
            name: self.name.clone(),
            label: self.label.clone(),
            kind,
            required: self.required,
            default: self.default.clone(),
            placeholder: self.placeholder.clone(),
        })
    }
}

impl ModelRow {
    /// The model under each of its names.
    fn checked(self, currency: Option<&str>) -> Result<Vec<ModelInfo>, String> {
        let is_llm = self.model_type == ModelType::Llm;
        if !is_llm && (self.features.is_some() || self.output.is_some()) {
            return Err("features and output belong to language models".to_owned());
        }
        if self.context == Some(0) || self.output == Some(0) {
            return Err("a size of zero".to_owned());
        }
        let prices = if self.prices.is_empty() && !self.free {
            PriceList::default()
        } else {
            let currency = currency.ok_or("a price without a currency")?;
            prices::list(self.prices, self.free, currency, self.model_type)?
        };
        let model = ModelInfo {
            name: self.name,
            model_type: self.model_type,
            context_size: self.context,
            max_output: self.output,
            features: self.features,
            prices,
            wire: self.wire,
        };
        let others = self.also.into_iter().map(|name| ModelInfo {
            name,
            ..model.clone()
        });
        let mut all: Vec<_> = others.collect();
        all.insert(0, model);
        Ok(all)
    }
}

#[cfg(test)]
mod tests;
