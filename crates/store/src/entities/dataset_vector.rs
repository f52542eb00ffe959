//! The vector of a segment.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dataset_vectors")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) dataset_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) segment_id: Uuid,
    pub(crate) workspace_id: Uuid,
    pub(crate) document_id: Uuid,
    pub(crate) model: String,
    pub(crate) dimension: i64,
    pub(crate) vector: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
