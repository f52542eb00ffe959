//! A workflow with its draft and its live credential settings.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "workflows")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) workspace_id: Uuid,
    pub(crate) name: String,
    pub(crate) mode: String,
    pub(crate) description: String,
    pub(crate) draft: String,
    pub(crate) draft_secrets: Option<Vec<u8>>,
    pub(crate) draft_revision: i64,
    pub(crate) published_version: Option<i64>,
    pub(crate) settings: String,
    pub(crate) settings_revision: i64,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) deleted_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
