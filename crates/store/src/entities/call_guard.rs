//! What guards a holder's rates: until when the room of a minute is taken, in nanoseconds since 1970. Whoever opens or closes
//! a call of the holder locks its row first.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "call_guards")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) holder: String,
    pub(crate) workspace_id: Uuid,
    pub(crate) requests_at: i64,
    pub(crate) tokens_at: i64,
    pub(crate) tokens_per_minute: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
