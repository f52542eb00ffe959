//! Structured answers: what the model is asked for, and whether it kept to it.

use serde_json::Value as Json;

use latchkey_domain::value::json_compact;
use latchkey_models::catalogue::{Feature, ModelInfo};
use latchkey_models::{Content, Message, ResponseFormat, Role};

use crate::json_text;
use crate::model_call::answer::Answer;
use crate::model_call::reasoning;
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

/// Whether the provider takes the schema itself. A model of which nothing is known is asked in words: many servers
/// refuse what they do not know.
pub(super) fn is_native(info: &ModelInfo) -> bool {
    info.can(Feature::StructuredOutput) == Some(true)
}

/// Asks for an answer of the schema in words.
pub(super) fn ask_in_words(messages: &mut Vec<Message>, schema: &Schema) {
    let words = format!(
        "Answer with one JSON object that fits the JSON Schema below, and with nothing else: no explanation, no fences.\n\
         <schema>\n{}\n</schema>",
        json_compact(schema.raw())
    );
    match messages.first_mut() {
        Some(Message {
            role: Role::System,
            content: Content::Text(text),
            ..
        }) => *text = format!("{text}\n\n{words}"),
        _ => messages.insert(0, Message::text(Role::System, words)),
    }
}

/// The structured answer, if it is there and fits.
pub(super) fn result(schema: &Schema, answer: &Answer) -> Result<Json, Error> {
    let failed =
        |cause: String| Error::Node(format!("structured output failed: stage=result, {cause}"));
    let found = match &answer.structured {
        Some(found) => found.clone(),
        None => object_in(answer.plain()).map_err(failed)?,
    };
    schema.check(&found).map_err(failed)?;
    Ok(found)
}

/// The JSON object that a text is, or that stands in it between fences, thoughts or prose.
fn object_in(text: &str) -> Result<Json, String> {
    let text = reasoning::without_thoughts(text);
    let text = text.trim();
    let parse = |text: &str| {
        serde_json::from_str::<Json>(text)
            .ok()
            .filter(Json::is_object)
    };
    let block = json_text::block(text);
    if let Some(found) = parse(text).or_else(|| block.and_then(parse)) {
        return Ok(found);
    }
    // Of an object that is cut off, or written badly, a part would be the wrong answer.
    let outer = text.find('{').map(|begin| &text[begin..]);
    if let Some(found) = outer.and_then(json_text::object_at) {
        return Ok(found);
    }
    Err(match block.map(serde_json::from_str::<Json>) {
        Some(Err(cause)) => format!("the JSON in the answer cannot be read: {cause}"),
        Some(Ok(_)) | None => "the answer is no JSON object".to_owned(),
    })
}
