//! Datasets and what they are called.

use std::collections::HashMap;

use latchkey_domain::id::{DatasetId, WorkspaceId};
use latchkey_domain::knowledge::{Dataset, Technique};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use uuid::Uuid;

use crate::codec::{self, long, optional, text, value};
use crate::entities::{dataset, dataset_alias, dataset_document};
use crate::error::StoreError;
use crate::open::Store;
use crate::page::{Page, Paged};

/// How many names are looked up together: statements have a limited number of parameters.
const NAMES: usize = 500;

impl Store {
    /// Keeps a new dataset.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when its name or one of its aliases is taken, or the database's.
    pub async fn insert_dataset(&self, new: &Dataset) -> Result<(), StoreError> {
        let transaction = self.write.begin().await?;
        row_of(new)?
            .into_active_model()
            .insert(&transaction)
            .await?;
        insert_aliases(&transaction, new).await?;
        Ok(transaction.commit().await?)
    }

    /// A dataset of a workspace.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn dataset(
        &self,
        workspace: WorkspaceId,
        id: DatasetId,
    ) -> Result<Option<Dataset>, StoreError> {
        let find = dataset::Entity::find()
            .filter(dataset::Column::Id.eq(id.uuid()))
            .filter(dataset::Column::WorkspaceId.eq(workspace.uuid()));
        let rows = find.all(&self.read).await?;
        Ok(self.whole(rows).await?.pop())
    }

    /// The datasets of a workspace.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn datasets(
        &self,
        workspace: WorkspaceId,
        page: Page,
    ) -> Result<Paged<Dataset>, StoreError> {
        let mut find =
            dataset::Entity::find().filter(dataset::Column::WorkspaceId.eq(workspace.uuid()));
        if let Some(after) = page.after {
            find = find.filter(dataset::Column::Id.lt(after));
        }
        let rows = find
            .order_by_desc(dataset::Column::Id)
            .limit(page.limit + 1)
            .all(&self.read)
            .await?;
        let Paged { rows, next } = Paged::of(rows, page, |row| row.id);
        let rows = self.whole(rows).await?;
        Ok(Paged { rows, next })
    }

    /// The datasets that these texts name: an id here, an alias, or a name; the first that fits, in this order. One that
    /// names nothing is left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn named_datasets(
        &self,
        workspace: WorkspaceId,
        named: &[String],
    ) -> Result<Vec<(String, Dataset)>, StoreError> {
        let mut found = Vec::new();
        for named in named.chunks(NAMES) {
            found.extend(self.few_named_datasets(workspace, named).await?);
        }
        Ok(found)
    }

    async fn few_named_datasets(
        &self,
        workspace: WorkspaceId,
        named: &[String],
    ) -> Result<Vec<(String, Dataset)>, StoreError> {
        let ids: Vec<Uuid> = named.iter().filter_map(|text| text.parse().ok()).collect();
        let aliases = dataset_alias::Entity::find()
            .filter(dataset_alias::Column::WorkspaceId.eq(workspace.uuid()))
            .filter(dataset_alias::Column::Alias.is_in(named))
            .all(&self.read)
            .await?;
        let aliased: HashMap<&str, Uuid> = aliases
            .iter()
            .map(|row| (row.alias.as_str(), row.dataset_id))
            .collect();
        let is_meant = Condition::any()
            .add(dataset::Column::Id.is_in(ids))
            .add(dataset::Column::Id.is_in(aliased.values().copied()))
            .add(dataset::Column::Name.is_in(named));
        let rows = dataset::Entity::find()
            .filter(dataset::Column::WorkspaceId.eq(workspace.uuid()))
            .filter(is_meant)
            .all(&self.read)
            .await?;
        let found = self.whole(rows).await?;
        let by_id = |id: Uuid| found.iter().find(|one| one.id.uuid() == id);
        let meant = |text: &String| {
            let own = text.parse().ok().and_then(by_id);
            let alias = || aliased.get(text.as_str()).and_then(|id| by_id(*id));
            own.or_else(alias)
                .or_else(|| found.iter().find(|one| one.name == *text))
        };
        let pairs = named
            .iter()
            .filter_map(|text| Some((text.clone(), meant(text)?.clone())));
        Ok(pairs.collect())
    }

    /// Changes a dataset, with all of its aliases.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there, [`StoreError::Taken`] when its new name or an alias is taken, or the
    /// database's.
    pub async fn change_dataset(&self, new: &Dataset) -> Result<(), StoreError> {
        let transaction = self.write.begin().await?;
        let done = dataset::Entity::update_many()
            .set(row_of(new)?.into_active_model().reset_all())
            .filter(dataset::Column::Id.eq(new.id.uuid()))
            .filter(dataset::Column::WorkspaceId.eq(new.workspace.uuid()))
            .exec(&transaction)
            .await?;
        if done.rows_affected == 0 {
            return Err(StoreError::NotFound);
        }
        dataset_alias::Entity::delete_many()
            .filter(dataset_alias::Column::DatasetId.eq(new.id.uuid()))
            .exec(&transaction)
            .await?;
        insert_aliases(&transaction, new).await?;
        Ok(transaction.commit().await?)
    }

    /// Removes a dataset: its documents one by one, so that no transaction is long, and then itself. Whoever dies half-way
    /// leaves a dataset with fewer documents.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there, or the database's.
    pub async fn delete_dataset(
        &self,
        workspace: WorkspaceId,
        id: DatasetId,
    ) -> Result<(), StoreError> {
        if self.dataset(workspace, id).await?.is_none() {
            return Err(StoreError::NotFound);
        }
        loop {
            let documents: Vec<Uuid> = dataset_document::Entity::find()
                .select_only()
                .column(dataset_document::Column::Id)
                .filter(dataset_document::Column::DatasetId.eq(id.uuid()))
                .limit(100)
                .into_tuple()
                .all(&self.read)
                .await?;
            for document in &documents {
                self.remove_document(*document).await?;
            }
            if !documents.is_empty() {
                continue;
            }
            let deleted = dataset::Entity::delete_many()
                .filter(dataset::Column::Id.eq(id.uuid()))
                .filter(dataset::Column::WorkspaceId.eq(workspace.uuid()))
                .exec(&self.write)
                .await
                .map_err(StoreError::from);
            match deleted {
                // A document came meanwhile.
                Err(StoreError::NotFound) => {}
                done => return done.map(drop),
            }
        }
    }

    /// Rows with their aliases and the number of their documents.
    async fn whole(&self, rows: Vec<dataset::Model>) -> Result<Vec<Dataset>, StoreError> {
        let mut all = Vec::with_capacity(rows.len());
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let mut aliases: HashMap<Uuid, Vec<String>> = HashMap::new();
        let of_them = dataset_alias::Entity::find()
            .filter(dataset_alias::Column::DatasetId.is_in(ids.iter().copied()))
            .order_by_asc(dataset_alias::Column::Alias);
        for row in of_them.all(&self.read).await? {
            aliases.entry(row.dataset_id).or_default().push(row.alias);
        }
        let counts: Vec<(Uuid, i64)> = dataset_document::Entity::find()
            .select_only()
            .column(dataset_document::Column::DatasetId)
            .column_as(dataset_document::Column::Id.count(), "documents")
            .filter(dataset_document::Column::DatasetId.is_in(ids))
            .group_by(dataset_document::Column::DatasetId)
            .into_tuple()
            .all(&self.read)
            .await?;
        let counts: HashMap<Uuid, i64> = counts.into_iter().collect();
        for row in rows {
            let documents = counts.get(&row.id).copied().unwrap_or_default();
            let aliases = aliases.remove(&row.id).unwrap_or_default();
            all.push(dataset_of(row, aliases, long(documents))?);
        }
        Ok(all)
    }
}

async fn insert_aliases(connection: &impl ConnectionTrait, of: &Dataset) -> Result<(), StoreError> {
    for alias in &of.aliases {
        let row = dataset_alias::Model {
            workspace_id: of.workspace.uuid(),
            alias: alias.clone(),
            dataset_id: of.id.uuid(),
        };
        row.into_active_model().insert(connection).await?;
    }
    Ok(())
}

fn row_of(of: &Dataset) -> Result<dataset::Model, StoreError> {
    Ok(dataset::Model {
        id: of.id.uuid(),
        workspace_id: of.workspace.uuid(),
        name: of.name.clone(),
        description: of.description.clone(),
        source: text(&of.source)?,
        technique: of.technique.as_str().to_owned(),
        embedding: of.embedding.as_ref().map(text).transpose()?,
        choice: text(&of.choice)?,
        retrieval: text(&of.retrieval)?,
        chunking: text(&of.chunking)?,
        created_at: of.created_at.millis(),
        updated_at: of.updated_at.millis(),
    })
}

fn dataset_of(
    row: dataset::Model,
    aliases: Vec<String>,
    documents: u64,
) -> Result<Dataset, StoreError> {
    let technique = [Technique::HighQuality, Technique::Economy];
    let technique = codec::word(&row.technique, |word| {
        technique.into_iter().find(|one| one.as_str() == word)
    })?;
    Ok(Dataset {
        id: DatasetId::new(row.id),
        workspace: WorkspaceId::new(row.workspace_id),
        name: row.name,
        description: row.description,
        aliases,
        source: value(&row.source)?,
        technique,
        embedding: optional(row.embedding.as_ref())?,
        choice: value(&row.choice)?,
        retrieval: value(&row.retrieval)?,
        chunking: value(&row.chunking)?,
        documents,
        created_at: codec::time(row.created_at),
        updated_at: codec::time(row.updated_at),
    })
}
