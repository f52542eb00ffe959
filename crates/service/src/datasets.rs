//! Datasets: made, changed, deleted. What must hold of them is in `checks`, asking them in `search`, who would pay for that in
//! `planned`.

mod checks;
mod planned;
mod search;

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::credential::{CredentialChoice, Environment};
use latchkey_domain::id::DatasetId;
use latchkey_domain::knowledge::{Chunking, Dataset, EmbeddingModel, Retrieval, Source, Technique};
use latchkey_store::{Page, Paged, StoreError};
use serde_json::json;

use crate::error::{Error, ErrorKind};
use crate::{Service, require};

pub(crate) use self::checks::check_chunking;
pub use self::search::SearchRequest;

/// A dataset that is to be made.
#[derive(Clone, Debug, Default)]
pub struct NewDataset {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub description: String,
    /// What other installations call it.
    pub aliases: Vec<String>,
    /// The knowledge of somebody else that it stands for; none: its content is here.
    pub external: Option<String>,
    /// How it is indexed; none: by vectors if there is a model for them.
    pub technique: Option<Technique>,
    /// The model of its vectors.
    pub embedding: Option<EmbeddingModel>,
    /// Who pays for its calls.
    pub choice: CredentialChoice,
    /// How it is searched when nobody says otherwise.
    pub retrieval: Retrieval,
    /// How documents are cut when they do not say otherwise.
    pub chunking: Chunking,
}

/// What is changed of a dataset; none leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct ChangedDataset {
    /// Its name.
    pub name: Option<String>,
    /// What is in it.
    pub description: Option<String>,
    /// What other installations call it: all of them.
    pub aliases: Option<Vec<String>>,
    /// What the other side calls the knowledge that it stands for.
    pub external: Option<String>,
    /// The model of its vectors; only while it has no documents.
    pub embedding: Option<EmbeddingModel>,
    /// Who pays for its calls.
    pub choice: Option<CredentialChoice>,
    /// How it is searched when nobody says otherwise.
    pub retrieval: Option<Retrieval>,
    /// How new documents are cut.
    pub chunking: Option<Chunking>,
}

impl Service {
    /// Makes a dataset.
    ///
    /// # Errors
    /// When the caller may not, something about it is wrong, or its name or an alias is taken.
    pub async fn create_dataset(&self, caller: &Caller, new: NewDataset) -> Result<Dataset, Error> {
        let change = move |service: Self, caller: Caller| async move {
            require(&caller, Permission::DatasetsWrite)?;
            let now = service.now();
            let technique = match (new.technique, &new.embedding) {
                (Some(technique), _) => technique,
                (None, Some(_)) => Technique::HighQuality,
                (None, None) => Technique::Economy,
            };
            let dataset = Dataset {
                id: DatasetId::new(Self::new_id()),
                workspace: caller.workspace,
                name: new.name,
                description: new.description,
                aliases: new.aliases,
                source: match new.external {
                    Some(knowledge_id) => Source::External { knowledge_id },
                    None => Source::Own,
                },
                technique,
                embedding: new.embedding,
                choice: new.choice,
                retrieval: new.retrieval,
                chunking: new.chunking,
                documents: 0,
                created_at: now,
                updated_at: now,
            };
            service
                .check_dataset(&caller, &dataset, &CredentialChoice::default())
                .await?;
            let kept = service.inner.store.insert_dataset(&dataset).await;
            kept.map_err(name_taken)?;
            let detail = json!({"name": dataset.name});
            service
                .audit(&caller, "dataset.create", dataset.id, detail)
                .await?;
            Ok(dataset)
        };
        self.complete(caller, change).await
    }

    /// The datasets of the caller's workspace.
    ///
    /// # Errors
    /// When the caller may not.
    pub async fn datasets(&self, caller: &Caller, page: Page) -> Result<Paged<Dataset>, Error> {
        require(caller, Permission::DatasetsRead)?;
        Ok(self.inner.store.datasets(caller.workspace, page).await?)
    }

    /// A dataset.
    ///
    /// # Errors
    /// When the caller may not, or there is no such dataset.
    pub async fn dataset(&self, caller: &Caller, id: DatasetId) -> Result<Dataset, Error> {
        require(caller, Permission::DatasetsRead)?;
        self.known_dataset(caller, id).await
    }

    pub(crate) async fn known_dataset(
        &self,
        caller: &Caller,
        id: DatasetId,
    ) -> Result<Dataset, Error> {
        let found = self.inner.store.dataset(caller.workspace, id).await?;
        found.ok_or_else(|| Error::not_found("dataset"))
    }

    /// Changes a dataset.
    ///
    /// # Errors
    /// When the caller may not, there is no such dataset, or something about the change is wrong.
    pub async fn change_dataset(
        &self,
        caller: &Caller,
        id: DatasetId,
        changed: ChangedDataset,
    ) -> Result<Dataset, Error> {
        let change = move |service: Self, caller: Caller| async move {
            require(&caller, Permission::DatasetsWrite)?;
            let old = service.known_dataset(&caller, id).await?;
            let new = service.changed_dataset(&old, changed)?;
            service.check_dataset(&caller, &new, &old.choice).await?;
            let kept = service.inner.store.change_dataset(&new).await;
            kept.map_err(name_taken)?;
            let detail = json!({"name": new.name});
            service.audit(&caller, "dataset.change", id, detail).await?;
            Ok(new)
        };
        self.complete(caller, change).await
    }

    fn changed_dataset(&self, old: &Dataset, changed: ChangedDataset) -> Result<Dataset, Error> {
        let mut new = old.clone();
        new.updated_at = self.now();
        new.name = changed.name.unwrap_or(new.name);
        new.description = changed.description.unwrap_or(new.description);
        new.aliases = changed.aliases.unwrap_or(new.aliases);
        new.choice = changed.choice.unwrap_or(new.choice);
        new.retrieval = changed.retrieval.unwrap_or(new.retrieval);
        new.chunking = changed.chunking.unwrap_or(new.chunking);
        if let Some(knowledge_id) = changed.external {
            if new.source == Source::Own {
                let detail =
                    "its content is here; make a new dataset for somebody else's knowledge";
                return Err(Error::field("dataset_not_external", "/external", detail));
            }
            new.source = Source::External { knowledge_id };
        }
        if let Some(embedding) = changed.embedding {
            let is_other = new.embedding.as_ref() != Some(&embedding);
            if is_other && (new.documents > 0 || new.technique == Technique::Economy) {
                let detail = "vectors of different models cannot be compared: make a new dataset";
                return Err(Error::field(
                    "embedding_model_fixed",
                    "/embedding_model",
                    detail,
                ));
            }
            new.embedding = Some(embedding);
        }
        Ok(new)
    }

    /// Deletes a dataset with its documents.
    ///
    /// # Errors
    /// When the caller may not, or there is no such dataset.
    pub async fn delete_dataset(&self, caller: &Caller, id: DatasetId) -> Result<(), Error> {
        let change = move |service: Self, caller: Caller| async move {
            require(&caller, Permission::DatasetsWrite)?;
            let old = service.known_dataset(&caller, id).await?;
            service
                .inner
                .store
                .delete_dataset(caller.workspace, id)
                .await?;
            let detail = json!({"name": old.name});
            service.audit(&caller, "dataset.delete", id, detail).await
        };
        self.complete(caller, change).await
    }
}

/// The environment of calls that a caller asks for without a run.
pub(crate) fn environment_of(caller: &Caller) -> Environment {
    let first = caller.environments.first().cloned();
    first.unwrap_or_else(|| Environment(Environment::FIRST[0].to_owned()))
}

fn name_taken(error: StoreError) -> Error {
    match error {
        StoreError::Taken => {
            let detail = "another dataset has that name or one of these aliases already";
            Error::new(ErrorKind::Conflict, "conflict", detail)
        }
        StoreError::NotFound => Error::not_found("dataset"),
        error @ (StoreError::Unavailable(_)
        | StoreError::Failed(_)
        | StoreError::Changed
        | StoreError::Corrupt(_)
        | StoreError::Newer(_)
        | StoreError::InUse(_)
        | StoreError::Url) => error.into(),
    }
}
