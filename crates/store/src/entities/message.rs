//! A question of a conversation; its answer is its run's.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "messages")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) workspace_id: Uuid,
    pub(crate) workflow_id: Uuid,
    pub(crate) conversation_id: Uuid,
    pub(crate) parent_id: Option<Uuid>,
    pub(crate) end_user_id: Uuid,
    pub(crate) run_id: Option<Uuid>,
    pub(crate) query: String,
    pub(crate) inputs: String,
    pub(crate) said: Option<String>,
    pub(crate) created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
