//! Names of attributes: those of the GenAI conventions of OpenTelemetry (development, 2026), and our own under `latchkey.`. The
//! constants of the library are marked as deprecated because the registry has moved.

pub(super) const OPERATION: &str = "gen_ai.operation.name";
pub(super) const PROVIDER: &str = "gen_ai.provider.name";
pub(super) const MODEL: &str = "gen_ai.request.model";
pub(super) const WORKFLOW_NAME: &str = "gen_ai.workflow.name";
pub(super) const INPUT_TOKENS: &str = "gen_ai.usage.input_tokens";
pub(super) const OUTPUT_TOKENS: &str = "gen_ai.usage.output_tokens";
pub(super) const CACHE_READ_TOKENS: &str = "gen_ai.usage.cache_read.input_tokens";
pub(super) const CACHE_WRITE_TOKENS: &str = "gen_ai.usage.cache_creation.input_tokens";
pub(super) const REASONING_TOKENS: &str = "gen_ai.usage.reasoning.output_tokens";
pub(super) const ERROR: &str = "error.type";
pub(super) const HTTP_STATUS: &str = "http.response.status_code";
pub(super) const RUN: &str = "latchkey.run.id";
pub(super) const PARENT: &str = "latchkey.run.parent_id";
pub(super) const WORKFLOW_ID: &str = "latchkey.workflow.id";
pub(super) const WORKSPACE_ID: &str = "latchkey.workspace.id";
pub(super) const ENVIRONMENT: &str = "latchkey.environment";
pub(super) const VERSION: &str = "latchkey.workflow.version";
pub(super) const STATUS: &str = "latchkey.status";
pub(super) const NODE_ID: &str = "latchkey.node.id";
pub(super) const NODE_TYPE: &str = "latchkey.node.type";
pub(super) const ATTEMPTS: &str = "latchkey.node.attempts";
pub(super) const ATTEMPT: &str = "latchkey.call.attempt";
pub(super) const CALL: &str = "latchkey.call.id";
pub(super) const LEVEL: &str = "latchkey.credential.level";
pub(super) const FIRST_TOKEN: &str = "latchkey.call.first_token_ms";
