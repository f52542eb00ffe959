//! A budget has come to its warning or to its end; and what became of telling somebody.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "budget_events")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) workspace_id: Uuid,
    pub(crate) at: i64,
    pub(crate) kind: String,
    pub(crate) body: String,
    pub(crate) deliver_at: Option<i64>,
    pub(crate) attempts: i64,
    pub(crate) delivered_at: Option<i64>,
    pub(crate) last_error: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
