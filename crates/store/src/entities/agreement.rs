//! The entities against the schema that the migrations make, in both databases.

use std::collections::BTreeMap;

use latchkey_tests::database::on_both;
use sea_orm::{
    ColumnTrait as _, ColumnType, ConnectionTrait as _, DatabaseConnection, DbBackend, EntityName,
    EntityTrait, IdenStatic as _, Iterable as _, PrimaryKeyToColumn as _, Statement,
};

use crate::open::{Options, Store, Sync};

/// What finds segments by their words is of another kind in each database; in SQLite it is several tables.
const TERMS: &str = "segment_terms";

/// Tables that have no entity: the migrations' own.
const WITHOUT_ENTITY: [&str; 1] = ["seaql_migrations"];

/// What is to agree of a column.
#[derive(Debug, PartialEq, Eq)]
struct Column {
    kind: &'static str,
    may_be_null: bool,
    is_key: bool,
}

type Tables = BTreeMap<String, BTreeMap<String, Column>>;

fn add<E: EntityTrait + EntityName>(tables: &mut Tables, entity: E) {
    let keys: Vec<String> = E::PrimaryKey::iter()
        .map(|key| key.into_column().as_str().to_owned())
        .collect();
    let columns = E::Column::iter().map(|column| {
        let name = column.as_str().to_owned();
        let definition = column.def();
        let kind = definition.get_column_type();
        let kinds = [
            ("id", matches!(kind, ColumnType::Uuid)),
            (
                "bytes",
                matches!(kind, ColumnType::VarBinary(_) | ColumnType::Blob),
            ),
            ("int", matches!(kind, ColumnType::BigInteger)),
            (
                "text",
                matches!(kind, ColumnType::String(_) | ColumnType::Text),
            ),
        ];
        let found = kinds.into_iter().find(|(_, fits)| *fits);
        let (kind, _) = found.unwrap_or_else(|| panic!("{name} is of {kind:?}"));
        let about = Column {
            kind,
            may_be_null: definition.is_null(),
            is_key: keys.contains(&name),
        };
        (name, about)
    });
    tables.insert(entity.table_name().to_owned(), columns.collect());
}

fn of_entities() -> Tables {
    let mut tables = Tables::new();
    add(&mut tables, super::api_key::Entity);
    add(&mut tables, super::app_setting::Entity);
    add(&mut tables, super::audit::Entity);
    add(&mut tables, super::budget_event::Entity);
    add(&mut tables, super::budget_webhook::Entity);
    add(&mut tables, super::call_guard::Entity);
    add(&mut tables, super::conversation::Entity);
    add(&mut tables, super::conversation_variable::Entity);
    add(&mut tables, super::credential_default::Entity);
    add(&mut tables, super::credential_health::Entity);
    add(&mut tables, super::credential_name::Entity);
    add(&mut tables, super::credential_pool::Entity);
    add(&mut tables, super::credential_pool_member::Entity);
    add(&mut tables, super::credential_version::Entity);
    add(&mut tables, super::data_key::Entity);
    add(&mut tables, super::dataset::Entity);
    add(&mut tables, super::dataset_alias::Entity);
    add(&mut tables, super::dataset_document::Entity);
    add(&mut tables, super::dataset_text::Entity);
    add(&mut tables, super::dataset_segment::Entity);
    add(&mut tables, super::dataset_vector::Entity);
    add(&mut tables, super::duty::Entity);
    add(&mut tables, super::end_user::Entity);
    add(&mut tables, super::fact::Entity);
    add(&mut tables, super::file::Entity);
    add(&mut tables, super::form::Entity);
    add(&mut tables, super::idempotency_key::Entity);
    add(&mut tables, super::invitation::Entity);
    add(&mut tables, super::journal::Entity);
    add(&mut tables, super::member::Entity);
    add(&mut tables, super::message::Entity);
    add(&mut tables, super::message_feedback::Entity);
    add(&mut tables, super::message_file::Entity);
    add(&mut tables, super::model_call::Entity);
    add(&mut tables, super::node_execution::Entity);
    add(&mut tables, super::price::Entity);
    add(&mut tables, super::provider_credential::Entity);
    add(&mut tables, super::provider_model_credential::Entity);
    add(&mut tables, super::run::Entity);
    add(&mut tables, super::run_document::Entity);
    add(&mut tables, super::spending::Entity);
    add(&mut tables, super::run_secret::Entity);
    add(&mut tables, super::session::Entity);
    add(&mut tables, super::trigger::Entity);
    add(&mut tables, super::tool_binding::Entity);
    add(&mut tables, super::tool_provider::Entity);
    add(&mut tables, super::timer::Entity);
    add(&mut tables, super::workflow::Entity);
    add(&mut tables, super::workflow_rules::Entity);
    add(&mut tables, super::worker::Entity);
    add(&mut tables, super::workflow_version::Entity);
    add(&mut tables, super::workspace::Entity);
    tables
}

/// A line for each column: table, name, type, whether it may be null, whether it is of the key.
const SQLITE: &str =
    "SELECT t.name AS t, c.name AS c, c.type AS k, c.\"notnull\" = 0 AS n, c.pk > 0 AS p
    FROM sqlite_master AS t, pragma_table_info(t.name) AS c WHERE t.type = 'table'";
const POSTGRES: &str = "SELECT c.table_name AS t, c.column_name AS c, c.data_type AS k, c.is_nullable = 'YES' AS n,
      EXISTS (SELECT 1 FROM information_schema.key_column_usage AS u
        JOIN information_schema.table_constraints AS o USING (constraint_name, table_schema)
        WHERE o.constraint_type = 'PRIMARY KEY' AND o.table_name = c.table_name AND u.column_name = c.column_name) AS p
    FROM information_schema.columns AS c WHERE c.table_schema = 'public'";

async fn of_database(database: &DatabaseConnection) -> Tables {
    let backend = database.get_database_backend();
    let is_postgres = backend == DbBackend::Postgres;
    let ask = Statement::from_string(backend, if is_postgres { POSTGRES } else { SQLITE });
    let mut tables = Tables::new();
    for row in database.query_all_raw(ask).await.unwrap() {
        let text = |name: &str| row.try_get::<String>("", name).unwrap();
        let name = text("c");
        let table = text("t");
        if WITHOUT_ENTITY.contains(&table.as_str()) || table.starts_with(TERMS) {
            continue;
        }
        let kind = match (text("k").to_lowercase().as_str(), kind_of_blob(&name)) {
            ("uuid", _) => "id",
            ("blob", known) => known,
            ("bytea", _) => "bytes",
            ("bigint", _) => "int",
            ("text", _) => "text",
            (other, _) => panic!("{name} is of {other}"),
        };
        let about = Column {
            kind,
            may_be_null: row.try_get("", "n").unwrap(),
            is_key: row.try_get("", "p").unwrap(),
        };
        tables.entry(text("t")).or_default().insert(name, about);
    }
    tables
}

/// SQLite has one type for ids and bytes; their names tell them apart.
fn kind_of_blob(column: &str) -> &'static str {
    let is_id = column == "id" || column.ends_with("_id") || column == "retried_from";
    if is_id { "id" } else { "bytes" }
}

#[tokio::test]
async fn entities_agree_with_the_migrated_schema() {
    on_both(async |database| {
        let options = Options {
            url: database.url.clone(),
            sync: Sync::Normal,
        };
        let store = Store::open(&options).await.unwrap();
        let (entities, tables) = (of_entities(), of_database(&store.read).await);
        for (name, columns) in &entities {
            assert_eq!(tables.get(name), Some(columns), "{name}");
        }
        let left: Vec<_> = tables
            .keys()
            .filter(|name| !entities.contains_key(*name))
            .collect();
        assert_eq!(left, Vec::<&String>::new(), "tables without an entity");
        store.close().await;
    })
    .await;
}
