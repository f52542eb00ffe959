//! A run.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "runs")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) workspace_id: Uuid,
    pub(crate) workflow_id: Uuid,
    pub(crate) draft_revision: Option<i64>,
    pub(crate) version: Option<i64>,
    pub(crate) author: String,
    pub(crate) caller: String,
    pub(crate) end_user: Option<String>,
    pub(crate) environment: String,
    pub(crate) overrides: String,
    pub(crate) status: String,
    pub(crate) epoch: i64,
    pub(crate) inputs: String,
    pub(crate) outputs: Option<String>,
    pub(crate) error: Option<String>,
    pub(crate) retried_from: Option<Uuid>,
    pub(crate) parent_run_id: Option<Uuid>,
    pub(crate) usage: String,
    pub(crate) steps: i64,
    pub(crate) exceptions: i64,
    pub(crate) created_at: i64,
    pub(crate) started_at: Option<i64>,
    pub(crate) finished_at: Option<i64>,
    pub(crate) trigger_node: Option<String>,
    pub(crate) only_node: Option<String>,
    pub(crate) worker_id: Option<Uuid>,
    pub(crate) claims: i64,
    pub(crate) queued_at: Option<i64>,
    pub(crate) called_by: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
