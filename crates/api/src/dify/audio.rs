//! Speech: this server has no model that hears or speaks, and says so in the words of the API.

use super::app::Key;
use super::refused::Refused;

/// Hears nothing.
pub(crate) async fn to_text(_: Key) -> Result<String, Refused> {
    let text = "Provider does not support speech to text.";
    Err(Refused::new(
        400,
        "provider_not_support_speech_to_text",
        text,
    ))
}

/// Says nothing.
pub(crate) async fn from_text(_: Key) -> Result<String, Refused> {
    Err(Refused::unavailable())
}
