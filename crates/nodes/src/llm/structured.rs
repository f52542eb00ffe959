//! Structured answers: what the model is asked for, and whether it kept to it.

use serde_json::Value as Json;

use latchkey_models::ResponseFormat;
use latchkey_models::catalogue::{Feature, ModelInfo};

use crate::model_call::answer::Answer;
use crate::schema::Schema;

use super::Error;
use super::config::Config;

/// The schema that the answer must have, if the node asks for one and the model can do it.
pub(super) fn schema(config: &Config, info: &ModelInfo) -> Result<Option<Schema>, Error> {
    let Some(raw) = &config.structured else {
        return Ok(None);
    };
    if info.can(Feature::StructuredOutput) == Some(false) {
        let text = format!(
            "structured output failed: stage=capability, model {} does not support it",
            config.model.name()
        );
        return Err(Error::Node(text));
    }
    let schema = Schema::new(raw.clone())
        .map_err(|cause| Error::Node(format!("structured output failed: stage=schema, {cause}")))?;
    Ok(Some(schema))
}

/// The schema as a request states it.
pub(super) fn response_format(schema: &Schema) -> ResponseFormat {
    ResponseFormat::JsonSchema {
        name: "structured_output".to_owned(),
        schema: schema.raw().clone(),
        // Providers refuse strict schemas that leave properties optional, as most in documents do.
        strict: false,
    }
}

/// The structured answer, if it is there and fits.
pub(super) fn result(schema: &Schema, answer: &Answer) -> Result<Json, Error> {
    let failed =
        |cause: String| Error::Node(format!("structured output failed: stage=result, {cause}"));
    let found = answer
        .structured
        .clone()
        .or_else(|| object_in(answer.plain()))
        .ok_or_else(|| failed("the answer is no JSON object".to_owned()))?;
    schema.check(&found).map_err(failed)?;
    Ok(found)
}

/// The JSON object that a text is, or that stands in it between fences or prose.
fn object_in(text: &str) -> Option<Json> {
    let whole = serde_json::from_str(text.trim()).ok();
    let inner = || serde_json::from_str(text.get(text.find('{')?..=text.rfind('}')?)?).ok();
    whole.or_else(inner).filter(Json::is_object)
}
