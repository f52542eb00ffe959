//! Images of a question. Ollama takes their contents only, so those at an address are fetched first, as a browser would:
//! without the credential, and nothing but images.

use std::collections::HashMap;
use std::time::Duration;

use latchkey_outbound::{Deadlines, Request};

use crate::chat::{ChatRequest, Content, Part};
use crate::error::InvokeError;
use crate::provider::ProviderCall;
use crate::providers::media::{Place, base64, media};
use crate::providers::parameters::unusable;

/// How long the images of one question may be together, in bytes.
const LONGEST: u64 = 20 << 20;
const REDIRECTS: u8 = 3;
const PATIENCE: Deadlines = Deadlines {
    head: Duration::from_secs(15),
    idle: Duration::from_secs(15),
    total: Duration::from_secs(60),
};

/// The contents of images that stand at an address, as base64.
pub(super) async fn fetched(
    call: &ProviderCall<'_>,
    request: &ChatRequest,
) -> Result<HashMap<String, String>, InvokeError> {
    let mut images = HashMap::new();
    let mut left = LONGEST;
    let parts = request
        .messages
        .iter()
        .flat_map(|message| match &message.content {
            Content::Text(_) => [].iter(),
            Content::Parts(parts) => parts.iter(),
        });
    for part in parts.filter(|part| matches!(part, Part::Image { .. })) {
        let Some(Place::There(url)) = media(part).map(|media| media.place) else {
            continue;
        };
        if images.contains_key(url) {
            continue;
        }
        let asked = Request::get(url)
            .deadlines(PATIENCE)
            .follow_redirects(REDIRECTS)
            .max_body(left);
        let failed = |why: &str| unusable(&format!("an image could not be fetched: {why}"));
        let answer = call.outbound.send(asked).await;
        let answer = answer.map_err(|cause| failed(&cause.to_string()))?;
        if answer.status != 200 {
            return Err(failed(&format!(
                "its server answers with {}",
                answer.status
            )));
        }
        let kind = answer.header("content-type").unwrap_or_default();
        if !(kind.starts_with("image/") || kind.starts_with("application/octet-stream")) {
            return Err(failed("what is there is no image"));
        }
        let bytes = answer.bytes().await;
        let bytes = bytes.map_err(|cause| failed(&cause.to_string()))?;
        left = left.saturating_sub(bytes.len() as u64);
        images.insert(url.to_owned(), base64(&bytes));
    }
    Ok(images)
}
