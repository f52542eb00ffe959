//! Counting tokens without the provider's tokenizer.

use latchkey_domain::ledger::Reservation;

use crate::catalogue::ModelInfo;
use crate::chat::{ChatRequest, Content, Part, ResponseFormat};

/// A rough count: four letters or digits of an alphabet are a token, a character of a script without spaces is one,
/// so is a sign. It is used only where nobody else has counted, and rows say so (`estimated`).
#[must_use]
pub fn estimate(text: &str) -> u64 {
    let mut tokens = 0;
    let mut letters = 0u64;
    for character in text.chars() {
        if character.is_ascii_alphanumeric()
            || (character.is_alphabetic() && character < '\u{2e80}')
        {
            letters += 1;
            continue;
        }
        tokens += letters.div_ceil(4);
        letters = 0;
        if !character.is_whitespace() {
            tokens += 1;
        }
    }
    tokens + letters.div_ceil(4)
}

/// The estimate for a whole question.
pub(crate) fn estimate_request(request: &ChatRequest) -> u64 {
    let messages: u64 = request
        .messages
        .iter()
        .map(|message| 4 + estimate_content(&message.content))
        .sum();
    let tools: u64 = request
        .tools
        .iter()
        .map(|tool| {
            estimate(&tool.name)
                + estimate(&tool.description)
                + estimate(&tool.parameters.to_string())
        })
        .sum();
    messages + tools
}

/// How big a call is: what it probably reads, and the most that it may use.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Size {
    pub(crate) estimate: u64,
    pub(crate) most: Reservation,
}

/// What a message, a tool or a question has around its text.
const AROUND: u64 = 16;
/// The most that an image counts at any provider, and one in low detail.
const IMAGE: u64 = 50_000;
const SMALL_IMAGE: u64 = 3_000;
/// What a document, a sound or a film counts when nobody knows how much the model takes.
const MEDIUM: u64 = 200_000;
/// What a model may answer when neither the question nor the catalogue says.
pub(crate) const UNKNOWN_OUTPUT: u64 = 32_768;
/// The names of the greatest length of an answer, at all providers.
const LENGTHS: [&str; 7] = [
    "max_tokens",
    "max_completion_tokens",
    "max_output_tokens",
    "maxOutputTokens",
    "maxTokens",
    "max_tokens_to_sample",
    "num_predict",
];
/// What comes on top of it where thinking is counted apart.
const THINKING: [&str; 2] = ["thinking_budget", "reasoning_budget"];
/// Several answers to one question.
const ANSWERS: [&str; 2] = ["n", "best_of"];

/// The most that a question to a language model may use. No tokenizer makes more tokens than a text has bytes, and no model
/// reads more than its context; an answer is as long as the question allows, else as the model can.
pub(crate) fn size_of_request(request: &ChatRequest, info: &ModelInfo) -> Size {
    let context = info.context_size.map(u64::from);
    let messages = request.messages.iter().map(|message| {
        let calls = message.tool_calls.iter();
        let calls: u64 = calls
            .map(|call| bytes(&call.name) + bytes(&call.arguments) + AROUND)
            .sum();
        AROUND + calls + bytes_of_content(&message.content, context)
    });
    let tools = request.tools.iter().map(|tool| {
        AROUND + bytes(&tool.name) + bytes(&tool.description) + bytes(&tool.parameters.to_string())
    });
    let format = match &request.response_format {
        Some(ResponseFormat::JsonSchema { schema, name, .. }) => {
            AROUND + bytes(name) + bytes(&schema.to_string())
        }
        Some(ResponseFormat::Text | ResponseFormat::JsonObject) | None => AROUND,
    };
    let input = messages.chain(tools).fold(format, u64::saturating_add);
    Size {
        estimate: estimate_request(request),
        most: Reservation {
            input: context.map_or(input, |context| input.min(context)),
            output: longest_answer(request, info),
        },
    }
}

/// The most that texts which are read whole may use; nothing is written.
pub(crate) fn size_of_texts<'a>(texts: impl Iterator<Item = &'a str> + Clone) -> Size {
    let most = texts.clone().map(|text| bytes(text) + AROUND);
    Size {
        estimate: texts.map(estimate).sum(),
        most: Reservation {
            input: most.fold(0, u64::saturating_add),
            output: 0,
        },
    }
}

fn longest_answer(request: &ChatRequest, info: &ModelInfo) -> u64 {
    let number = |name: &&str| {
        let value = request.parameters.get(*name)?;
        let number = value
            .as_f64()
            .or_else(|| value.as_str()?.trim().parse().ok())?;
        // Some say -1 for as much as there is.
        (number >= 1.0).then_some(number.min(1e12) as u64)
    };
    let stated = LENGTHS.iter().filter_map(number).max();
    let known = info.max_output.map(u64::from);
    let one = stated.or(known).unwrap_or(UNKNOWN_OUTPUT);
    let thinking: u64 = THINKING.iter().filter_map(number).sum();
    let answers = ANSWERS.iter().filter_map(number).max().unwrap_or(1);
    one.saturating_add(thinking).saturating_mul(answers)
}

fn bytes(text: &str) -> u64 {
    u64::try_from(text.len()).unwrap_or(u64::MAX)
}

fn bytes_of_content(content: &Content, context: Option<u64>) -> u64 {
    let part = |part: &Part| match part {
        Part::Text(text) => bytes(text) + AROUND,
        Part::Image { detail, .. } if detail.as_deref() == Some("low") => SMALL_IMAGE,
        Part::Image { .. } => IMAGE,
        Part::Document { .. } | Part::Audio { .. } | Part::Video { .. } => {
            context.unwrap_or(MEDIUM)
        }
    };
    match content {
        Content::Text(text) => bytes(text),
        Content::Parts(parts) => parts.iter().map(part).fold(0, u64::saturating_add),
    }
}

fn estimate_content(content: &Content) -> u64 {
    match content {
        Content::Text(text) => estimate(text),
        Content::Parts(parts) => parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => estimate(text),
                // What one image of middling size costs at the largest providers.
                Part::Image { .. }
                | Part::Document { .. }
                | Part::Audio { .. }
                | Part::Video { .. } => 765,
            })
            .sum(),
    }
}

#[cfg(test)]
mod tests {
    use latchkey_domain::ledger::Reservation;
    use latchkey_domain::provider::ModelType;
    use serde_json::{Map, Value as Json, json};

    use super::{AROUND, IMAGE, UNKNOWN_OUTPUT, estimate, size_of_request, size_of_texts};
    use crate::catalogue::ModelInfo;
    use crate::chat::{ChatRequest, Message, Part, Role};

    fn model(context_size: Option<u32>, max_output: Option<u32>) -> ModelInfo {
        ModelInfo {
            context_size,
            max_output,
            ..ModelInfo::unknown("m", ModelType::Llm)
        }
    }

    fn asks(messages: Vec<Message>, parameters: Json) -> ChatRequest {
        let parameters: Map<String, Json> = serde_json::from_value(parameters).unwrap();
        ChatRequest {
            messages,
            parameters,
            ..ChatRequest::default()
        }
    }

    #[test]
    fn an_answer_is_as_long_as_the_question_allows_else_as_the_model_can() {
        let known = model(None, Some(4096));
        for (parameters, info, output) in [
            (json!({}), &known, 4096),
            (json!({}), &model(None, None), UNKNOWN_OUTPUT),
            (json!({"max_tokens": 100}), &known, 100),
            (json!({"max_completion_tokens": "256"}), &known, 256),
            (json!({"max_tokens": 10, "maxOutputTokens": 20}), &known, 20),
            (json!({"num_predict": -1}), &known, 4096),
            (
                json!({"max_tokens": null, "temperature": 0.5}),
                &known,
                4096,
            ),
            (json!({"max_tokens": 100, "n": 3}), &known, 300),
            (
                json!({"max_tokens": 100, "thinking_budget": 50}),
                &known,
                150,
            ),
            (json!({"max_tokens": 1e30}), &known, 1_000_000_000_000),
        ] {
            let request = asks(Vec::new(), parameters);
            let size = size_of_request(&request, info);
            assert_eq!(size.most.output, output, "{:?}", request.parameters);
        }
    }

    #[test]
    fn what_is_read_is_never_counted_too_low_nor_beyond_the_context() {
        let text = "ordinary words, 你好, 1234567890";
        let request = asks(vec![Message::text(Role::User, text)], json!({}));
        let size = size_of_request(&request, &model(None, None));
        assert_eq!(
            size.most.input,
            u64::try_from(text.len()).unwrap() + 2 * AROUND
        );
        assert!(size.most.input > size.estimate);
        let capped = size_of_request(&request, &model(Some(10), None));
        assert_eq!(capped.most.input, 10);
        let image = Part::Image {
            url: "data:image/png;base64,AAAA".to_owned(),
            mime_type: None,
            detail: None,
        };
        let request = asks(vec![Message::parts(Role::User, vec![image])], json!({}));
        let size = size_of_request(&request, &model(None, None));
        assert_eq!(size.most.input, IMAGE + 2 * AROUND);
        let texts = ["one", "three"];
        let most = size_of_texts(texts.into_iter()).most;
        let expected = Reservation {
            input: 8 + 2 * AROUND,
            output: 0,
        };
        assert_eq!(most, expected);
    }

    #[test]
    fn counts_are_rough_and_steady() {
        for (text, tokens) in [
            ("", 0),
            ("word", 1),
            ("two words", 3),
            ("Hello, world!", 6),
            ("你好世界", 4),
            ("   \n", 0),
        ] {
            assert_eq!(estimate(text), tokens, "{text}");
        }
    }
}
