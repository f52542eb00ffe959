//! The provider modules: one for each format that is spoken.

pub(crate) mod anthropic;
pub(crate) mod azure;
pub(crate) mod bedrock;
mod claude;
pub(crate) mod events;
pub(crate) mod external_knowledge;
mod frames;
pub(crate) mod gemini;
pub(crate) mod media;
pub(crate) mod ollama;
pub(crate) mod openai;
pub(crate) mod parameters;
pub(crate) mod refusal;
pub(crate) mod responses;
mod shape;
pub(crate) mod simulated;
mod turns;
pub(crate) mod vertex;
