//! Counting tokens without the provider's tokenizer.

use crate::chat::{ChatRequest, Content, Part};

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
    use super::estimate;

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
