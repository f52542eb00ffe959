//! What an executor has got from elsewhere, before its files are kept.

use latchkey_engine::node::RunFacts;

use crate::host::{Files, MadeFile, ToolError, ToolMessage};

/// One thing that a tool answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Answered {
    /// A message.
    Message(ToolMessage),
    /// A file whose content came with the answer.
    Made(MadeFile),
}

impl Answered {
    /// A text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Message(ToolMessage::Text(text.into()))
    }

    /// The messages of answers, whose files are now kept.
    ///
    /// # Errors
    /// When a file cannot be kept.
    pub async fn kept(
        all: Vec<Self>,
        files: &dyn Files,
        run: &RunFacts,
    ) -> Result<Vec<ToolMessage>, ToolError> {
        let mut messages = Vec::with_capacity(all.len());
        for one in all {
            messages.push(match one {
                Self::Message(message) => message,
                Self::Made(made) => {
                    let kept = files.keep(run, made).await;
                    let kept = kept.map_err(|cause| {
                        ToolError::Invoke(format!("the tool's file cannot be kept: {cause}"))
                    })?;
                    ToolMessage::File(kept)
                }
            });
        }
        Ok(messages)
    }
}

/// The beginning of a text of somebody else, for a message.
pub(super) fn shortened(text: &str) -> String {
    const MOST: usize = 1000;
    let text = text.trim();
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
