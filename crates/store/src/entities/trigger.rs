//! A trigger.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "triggers")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) workspace_id: Uuid,
    pub(crate) workflow_id: Uuid,
    pub(crate) node: String,
    pub(crate) title: String,
    pub(crate) rule: String,
    pub(crate) version: i64,
    pub(crate) author: String,
    pub(crate) environment: String,
    pub(crate) enabled: i64,
    pub(crate) address_hash: Option<String>,
    pub(crate) address_sealed: Option<Vec<u8>>,
    pub(crate) next_at: Option<i64>,
    pub(crate) fired_at: Option<i64>,
    pub(crate) missed: i64,
    pub(crate) last_error: Option<String>,
    pub(crate) created_at: i64,
    pub(crate) removed_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
