//! A document of a dataset.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dataset_documents")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) workspace_id: Uuid,
    pub(crate) dataset_id: Uuid,
    pub(crate) name: String,
    pub(crate) metadata: String,
    pub(crate) form: String,
    pub(crate) chunking: String,
    pub(crate) status: String,
    pub(crate) error: Option<String>,
    pub(crate) segments: i64,
    pub(crate) characters: i64,
    pub(crate) created_by: String,
    pub(crate) environment: String,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
