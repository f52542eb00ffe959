//! What workspaces state about prices. Rows of the ledger do not change with them: each has its own price.

use latchkey_domain::id::WorkspaceId;
use latchkey_domain::price::{DatedPrice, PricedModel};
use latchkey_domain::provider::{ModelType, ProviderId};
use latchkey_domain::time::Timestamp;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
};
use uuid::Uuid;

use crate::codec::{self, text, value};
use crate::entities::price;
use crate::error::StoreError;
use crate::open::Store;

/// A price that a workspace has stated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedPrice {
    /// Its id.
    pub id: Uuid,
    /// Of what.
    pub model: PricedModel,
    /// The price, and since when it holds.
    pub dated: DatedPrice,
    /// When that was last said.
    pub updated_at: Timestamp,
}

impl Store {
    /// Everything that a workspace states about prices, by provider, model and time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prices(&self, workspace: WorkspaceId) -> Result<Vec<StatedPrice>, StoreError> {
        let rows = price::Entity::find()
            .filter(price::Column::WorkspaceId.eq(workspace.uuid()))
            .order_by_asc(price::Column::Provider)
            .order_by_asc(price::Column::Model)
            .order_by_asc(price::Column::ModelType)
            .order_by_asc(price::Column::EffectiveFrom)
            .all(&self.read)
            .await?;
        rows.into_iter().map(stated).collect()
    }

    /// States a price; what was stated for the same model and time is replaced and keeps its id, which is answered.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_price(
        &self,
        workspace: WorkspaceId,
        price: &StatedPrice,
    ) -> Result<Uuid, StoreError> {
        use price::Column;
        let row = price::Model {
            id: price.id,
            workspace_id: workspace.uuid(),
            provider: price.model.provider.to_string(),
            model: price.model.model.clone(),
            model_type: price.model.model_type.as_str().to_owned(),
            effective_from: price.dated.effective_from.millis(),
            price: text(&price.dated.price)?,
            updated_at: price.updated_at.millis(),
        };
        let key = [
            Column::WorkspaceId,
            Column::Provider,
            Column::Model,
            Column::ModelType,
            Column::EffectiveFrom,
        ];
        let replace = OnConflict::columns(key)
            .update_columns([Column::Price, Column::UpdatedAt])
            .to_owned();
        let same = price::Entity::find()
            .filter(Column::WorkspaceId.eq(row.workspace_id))
            .filter(Column::Provider.eq(&*row.provider))
            .filter(Column::Model.eq(&*row.model))
            .filter(Column::ModelType.eq(&*row.model_type))
            .filter(Column::EffectiveFrom.eq(row.effective_from));
        let transaction = self.write.begin().await?;
        price::Entity::insert(row.into_active_model())
            .on_conflict(replace)
            .exec_without_returning(&transaction)
            .await?;
        let kept = same.one(&transaction).await?;
        transaction.commit().await?;
        Ok(kept.map_or(price.id, |row| row.id))
    }

    /// Takes a stated price away; which it was.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_price(
        &self,
        workspace: WorkspaceId,
        id: Uuid,
    ) -> Result<Option<StatedPrice>, StoreError> {
        let find = price::Entity::find_by_id(id)
            .filter(price::Column::WorkspaceId.eq(workspace.uuid()))
            .one(&self.write)
            .await?;
        let Some(row) = find else {
            return Ok(None);
        };
        let deleted = price::Entity::delete_by_id(id).exec(&self.write).await?;
        Ok(Some(stated(row)?).filter(|_| deleted.rows_affected == 1))
    }
}

fn stated(row: price::Model) -> Result<StatedPrice, StoreError> {
    let model_type: ModelType = value(&format!("{:?}", row.model_type))?;
    Ok(StatedPrice {
        id: row.id,
        model: PricedModel {
            provider: ProviderId::normalise(&row.provider),
            model: row.model,
            model_type,
        },
        dated: DatedPrice {
            effective_from: codec::time(row.effective_from),
            price: value(&row.price)?,
        },
        updated_at: codec::time(row.updated_at),
    })
}
