//! What a holder has used of a budget in a period, and what its calls under way may still use.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "spending")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) holder: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) period: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) start_at: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) unit: String,
    pub(crate) workspace_id: Uuid,
    pub(crate) used: String,
    pub(crate) reserved: String,
    pub(crate) allowance: String,
    pub(crate) warns_at: Option<String>,
    pub(crate) warned_at: Option<i64>,
    pub(crate) exceeded_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
