//! The schema from empty to newest and back, and databases that somebody newer wrote.

use latchkey_migrations::{Migrator, MigratorTrait as _};
use latchkey_store::{ChangeState, Store, StoreError};
use latchkey_tests::database::on_both;
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement};

use crate::world::options;

async fn connect(url: &str) -> DatabaseConnection {
    let create = if url.starts_with("sqlite:") {
        "?mode=rwc"
    } else {
        ""
    };
    Database::connect(format!("{url}{create}")).await.unwrap()
}

/// Every table, column and index, one a line.
async fn schema(connection: &DatabaseConnection) -> Vec<String> {
    let backend = connection.get_database_backend();
    let ask = if backend == DbBackend::Postgres {
        "SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable AS line
           FROM information_schema.columns WHERE table_schema = 'public'
         UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'"
    } else {
        "SELECT name || ' ' || coalesce(sql, '') AS line FROM sqlite_master"
    };
    let rows = connection
        .query_all_raw(Statement::from_string(backend, ask))
        .await
        .unwrap();
    let mut lines: Vec<String> = rows
        .iter()
        .map(|row| row.try_get("", "line").unwrap())
        .filter(|line: &String| !line.contains("seaql_migrations"))
        .collect();
    lines.sort();
    lines
}

#[cfg(unix)]
#[tokio::test]
async fn a_new_file_is_readable_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;

    let database = latchkey_tests::database::Database::sqlite();
    let store = Store::open(&options(&database)).await.unwrap();
    let file = database.url.trim_start_matches("sqlite:");
    for suffix in ["", "-wal", "-shm"] {
        let known = std::fs::metadata(format!("{file}{suffix}")).unwrap();
        assert_eq!(known.permissions().mode() & 0o777, 0o600, "{suffix}");
    }
    store.close().await;
}

#[tokio::test]
async fn an_empty_database_becomes_the_newest() {
    on_both(async |database| {
        let before = Store::schema(&options(database)).await.unwrap();
        assert!(
            before
                .iter()
                .all(|(_, state)| *state == ChangeState::Missing),
            "{before:?}"
        );
        Store::open(&options(database)).await.unwrap().close().await;
        let after = Store::schema(&options(database)).await.unwrap();
        assert_eq!(after.len(), Migrator::migrations().len());
        assert!(
            after
                .iter()
                .all(|(_, state)| *state == ChangeState::Applied),
            "{after:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn down_leaves_nothing_and_up_again_the_same() {
    on_both(async |database| {
        let connection = connect(&database.url).await;
        Migrator::up(&connection, None).await.unwrap();
        let first = schema(&connection).await;
        Migrator::down(&connection, None).await.unwrap();
        assert_eq!(schema(&connection).await, Vec::<String>::new());
        Migrator::up(&connection, None).await.unwrap();
        assert_eq!(schema(&connection).await, first);
    })
    .await;
}

#[tokio::test]
async fn opening_again_changes_nothing() {
    on_both(async |database| {
        Store::open(&options(database)).await.unwrap().close().await;
        let connection = connect(&database.url).await;
        let first = schema(&connection).await;
        Store::open(&options(database)).await.unwrap().close().await;
        assert_eq!(schema(&connection).await, first);
    })
    .await;
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused() {
    on_both(async |database| {
        Store::open(&options(database)).await.unwrap().close().await;
        let connection = connect(&database.url).await;
        let newer = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29991231_000001_later', 0)";
        connection.execute_unprepared(newer).await.unwrap();
        let before = schema(&connection).await;
        let refused = Store::open(&options(database)).await.unwrap_err();
        assert_eq!(refused, StoreError::Newer("m29991231_000001_later".into()));
        assert_eq!(schema(&connection).await, before);
        let told = Store::schema(&options(database)).await.unwrap();
        let newer = ("m29991231_000001_later".to_owned(), ChangeState::Newer);
        assert_eq!(told.last(), Some(&newer));
    })
    .await;
}

#[tokio::test]
async fn a_url_of_no_known_database_is_refused() {
    on_both(async |database| {
        let (_, rest) = database.url.split_once(':').unwrap();
        let mut options = options(database);
        options.url = format!("mysql:{rest}");
        assert_eq!(Store::open(&options).await.unwrap_err(), StoreError::Url);
    })
    .await;
}
