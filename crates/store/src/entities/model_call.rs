//! A row of the ledger.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "model_calls")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) workspace_id: Uuid,
    pub(crate) workflow_id: Option<Uuid>,
    pub(crate) workflow_name: Option<String>,
    pub(crate) version: Option<i64>,
    pub(crate) run_id: Option<Uuid>,
    pub(crate) epoch: i64,
    pub(crate) node_id: Option<String>,
    pub(crate) node_execution_id: Option<Uuid>,
    pub(crate) iteration_path: String,
    pub(crate) attempt: i64,
    pub(crate) environment: String,
    pub(crate) end_user: Option<String>,
    pub(crate) caller: String,
    pub(crate) api_key_id: Option<Uuid>,
    pub(crate) credential_id: Option<Uuid>,
    pub(crate) credential_name: Option<String>,
    pub(crate) credential_version: Option<i64>,
    pub(crate) credential_revision: Option<i64>,
    pub(crate) level: Option<String>,
    pub(crate) provider: String,
    pub(crate) model: String,
    pub(crate) model_type: String,
    pub(crate) price: Option<String>,
    pub(crate) opened_at: i64,
    pub(crate) outcome: Option<String>,
    pub(crate) error_code: Option<String>,
    pub(crate) http_status: Option<i64>,
    pub(crate) input_tokens: i64,
    pub(crate) cache_read_tokens: i64,
    pub(crate) cache_write_tokens: i64,
    pub(crate) output_tokens: i64,
    pub(crate) reasoning_tokens: i64,
    pub(crate) usage_source: Option<String>,
    pub(crate) raw_usage: Option<String>,
    pub(crate) provider_request_id: Option<String>,
    pub(crate) latency_ms: Option<i64>,
    pub(crate) first_token_ms: Option<i64>,
    pub(crate) closed_at: Option<i64>,
    pub(crate) currency: Option<String>,
    pub(crate) amount: Option<String>,
    pub(crate) inline: Option<String>,
    pub(crate) reserved_input: i64,
    pub(crate) reserved_output: i64,
    pub(crate) governed: i64,
    pub(crate) watched: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
