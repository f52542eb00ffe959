//! A form that a run asks.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "forms")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) run_id: Uuid,
    pub(crate) workspace_id: Uuid,
    pub(crate) request: String,
    pub(crate) answer: Option<String>,
    pub(crate) created_at: i64,
    pub(crate) answered_at: Option<i64>,
    /// When the answer was recorded in the journal of the run.
    pub(crate) recorded_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
