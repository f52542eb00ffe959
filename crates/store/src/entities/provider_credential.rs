//! `ProviderCredential`: a credential of a provider, values sealed.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "provider_credentials")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) workspace_id: Uuid,
    pub(crate) provider: String,
    pub(crate) name: String,
    pub(crate) hosts: String,
    pub(crate) settings: String,
    pub(crate) fingerprints: String,
    pub(crate) sealed: Vec<u8>,
    pub(crate) scope: String,
    pub(crate) state: String,
    pub(crate) expires_at: Option<i64>,
    pub(crate) version: i64,
    pub(crate) revision: i64,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) last_used_at: Option<i64>,
    pub(crate) last_validated_at: Option<i64>,
    pub(crate) rules: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
