//! The provider modules: one for each format that is spoken.

pub(crate) mod external_knowledge;
pub(crate) mod openai;
pub(crate) mod simulated;
