//! Values of a credential that others have replaced; sealed as long as they are usable.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "credential_versions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) credential_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) version: i64,
    pub(crate) workspace_id: Uuid,
    /// Made when they were replaced: calls with the new values have greater ids.
    pub(crate) mark_id: Uuid,
    pub(crate) hosts: String,
    pub(crate) settings: String,
    pub(crate) fingerprints: String,
    /// None once they are destroyed.
    pub(crate) sealed: Option<Vec<u8>>,
    pub(crate) expires_at: Option<i64>,
    pub(crate) last_validated_at: Option<i64>,
    pub(crate) replaced_at: i64,
    pub(crate) overlap: String,
    pub(crate) ended_at: Option<i64>,
    pub(crate) ended: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
