//! The schema of the database and its changes, for SQLite and PostgreSQL.

mod m20261124_000001_first;
mod m20261127_000001_triggers;
mod m20261127_000002_files;
mod m20261127_000003_knowledge;
mod m20261127_000004_tools;
mod m20261127_000010_forms;
mod m20261128_000001_pools;
mod m20261128_000002_limits;
mod m20261128_000003_prices;
mod m20261128_000004_versions;
mod m20261128_000014_data_keys;
mod m20261128_000020_accounts;
mod m20261128_000020_duties;
mod m20261128_000021_single_nodes;
mod m20261129_000001_conversations;
mod m20261129_000001_leases;

use sea_orm_migration::prelude::{DbErr, MigrationTrait, SchemaManager};
use sea_orm_migration::sea_orm::{ConnectionTrait as _, DatabaseConnection, Statement};

pub use sea_orm_migration::prelude::MigratorTrait;

/// All migrations, in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261124_000001_first::Migration),
            Box::new(m20261127_000001_triggers::Migration),
            Box::new(m20261127_000002_files::Migration),
            Box::new(m20261127_000003_knowledge::Migration),
            Box::new(m20261127_000004_tools::Migration),
            Box::new(m20261127_000010_forms::Migration),
            Box::new(m20261128_000001_pools::Migration),
            Box::new(m20261128_000002_limits::Migration),
            Box::new(m20261128_000003_prices::Migration),
            Box::new(m20261128_000004_versions::Migration),
            Box::new(m20261128_000014_data_keys::Migration),
            Box::new(m20261128_000020_accounts::Migration),
            Box::new(m20261128_000021_single_nodes::Migration),
            Box::new(m20261128_000020_duties::Migration),
            Box::new(m20261129_000001_conversations::Migration),
            Box::new(m20261129_000001_leases::Migration),
        ]
    }
}

/// The changes that a database has, in order; it is only read.
///
/// # Errors
/// When the database fails.
pub async fn applied(database: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let names = "seaql_migrations";
    if !SchemaManager::new(database).has_table(names).await? {
        return Ok(Vec::new());
    }
    let read = Statement::from_string(
        database.get_database_backend(),
        format!("SELECT version FROM {names} ORDER BY version"),
    );
    let rows = database.query_all_raw(read).await?;
    rows.iter().map(|row| row.try_get("", "version")).collect()
}
