//! The provider modules: one for each format that is spoken.

pub(crate) mod azure;
pub(crate) mod events;
pub(crate) mod external_knowledge;
pub(crate) mod gemini;
pub(crate) mod media;
pub(crate) mod ollama;
pub(crate) mod openai;
pub(crate) mod parameters;
pub(crate) mod refusal;
pub(crate) mod responses;
pub(crate) mod simulated;
pub(crate) mod vertex;
