//! The tables as sea-orm entities. Nothing outside this crate sees them.

#[cfg(test)]
mod agreement;
pub(crate) mod api_key;
pub(crate) mod audit;
pub(crate) mod credential_default;
pub(crate) mod credential_name;
pub(crate) mod credential_pool;
pub(crate) mod credential_pool_member;
pub(crate) mod credential_version;
pub(crate) mod data_key;
pub(crate) mod dataset;
pub(crate) mod dataset_alias;
pub(crate) mod dataset_document;
pub(crate) mod dataset_segment;
pub(crate) mod dataset_text;
pub(crate) mod dataset_vector;
pub(crate) mod fact;
pub(crate) mod file;
pub(crate) mod form;
pub(crate) mod idempotency_key;
pub(crate) mod journal;
pub(crate) mod member;
pub(crate) mod model_call;
pub(crate) mod node_execution;
pub(crate) mod price;
pub(crate) mod provider_credential;
pub(crate) mod provider_model_credential;
pub(crate) mod run;
pub(crate) mod run_document;
pub(crate) mod run_secret;
pub(crate) mod timer;
pub(crate) mod tool_binding;
pub(crate) mod tool_provider;
pub(crate) mod trigger;
pub(crate) mod workflow;
pub(crate) mod workflow_version;
pub(crate) mod workspace;
