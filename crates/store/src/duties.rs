//! Duties that one process at a time does for all of them. Whoever has one keeps it for a while and may keep it longer; when it
//! dies, another one takes it up after that.

use latchkey_domain::time::Timestamp;
use sea_orm::sea_query::{Condition, Expr, OnConflict};
use sea_orm::{ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use uuid::Uuid;

use crate::entities::duty;
use crate::error::StoreError;
use crate::open::Store;

impl Store {
    /// Takes a duty up, or keeps it, until a time; whether it is this holder's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_duty(
        &self,
        name: &str,
        holder: Uuid,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let free = duty::Model {
            name: name.to_owned(),
            holder: String::new(),
            until: 0,
        };
        let is_there = OnConflict::column(duty::Column::Name)
            .do_nothing()
            .to_owned();
        duty::Entity::insert(free.into_active_model())
            .on_conflict(is_there)
            .exec_without_returning(&self.write)
            .await?;
        let may = Condition::any()
            .add(duty::Column::Until.lt(now.millis()))
            .add(duty::Column::Holder.eq(holder.to_string()));
        let taken = duty::Entity::update_many()
            .col_expr(duty::Column::Holder, Expr::value(holder.to_string()))
            .col_expr(duty::Column::Until, Expr::value(until.millis()))
            .filter(duty::Column::Name.eq(name))
            .filter(may)
            .exec(&self.write)
            .await?;
        Ok(taken.rows_affected == 1)
    }

    /// Takes every duty from whoever has it: nobody else is there any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn free_duties(&self) -> Result<(), StoreError> {
        duty::Entity::delete_many().exec(&self.write).await?;
        Ok(())
    }

    /// Leaves a duty that is over to nobody.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn leave_duty(&self, name: &str, holder: Uuid) -> Result<(), StoreError> {
        duty::Entity::delete_many()
            .filter(duty::Column::Name.eq(name))
            .filter(duty::Column::Holder.eq(holder.to_string()))
            .exec(&self.write)
            .await?;
        Ok(())
    }
}
