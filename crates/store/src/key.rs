//! Reading the one row of a key.

use sea_orm::{ConnectionTrait, DbErr, EntityTrait, Select};

/// The row of a find that names a whole key, so that there is at most one. It has no `LIMIT`, as `one` would add: SQLite
/// parses a statement with a bound limit anew at every execution, because the value is part of its plan.
pub(crate) async fn row_of_key<E: EntityTrait>(
    find: Select<E>,
    connection: &impl ConnectionTrait,
) -> Result<Option<E::Model>, DbErr> {
    Ok(find.all(connection).await?.pop())
}
