//! A stored file without its content.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "files")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) workspace_id: Uuid,
    pub(crate) workflow_id: Option<Uuid>,
    pub(crate) name: String,
    pub(crate) extension: String,
    pub(crate) mime_type: String,
    pub(crate) size: i64,
    pub(crate) file_type: String,
    pub(crate) created_by: String,
    pub(crate) run_id: Option<Uuid>,
    pub(crate) created_at: i64,
    pub(crate) checksum: String,
    pub(crate) end_user: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
