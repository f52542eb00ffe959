//! One credential of a pool, at its place.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "credential_pool_members")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) pool_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) credential_id: Uuid,
    pub(crate) workspace_id: Uuid,
    pub(crate) place: i64,
    pub(crate) weight: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
