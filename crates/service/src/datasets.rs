//! Datasets: made, changed, deleted, and searched as a node would search them.

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::credential::{CredentialChoice, Environment, is_credential_name};
use latchkey_domain::id::{CredentialId, DatasetId};
use latchkey_domain::knowledge::{
    Chunking, Dataset, EmbeddingModel, Filter, Retrieval, SearchMethod, Source, Technique, Unit,
};
use latchkey_domain::provider::{ModelType, ProviderId};
use latchkey_models::catalogue::EXTERNAL_KNOWLEDGE;
use latchkey_models::{InvokeError, RerankRequest};
use latchkey_nodes::{Hit, KnowledgeError, KnowledgeQuestion, best};
use latchkey_store::{Page, Paged, StoreError};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::access::{check_name, check_text};
use crate::credentials::MODEL;
use crate::error::{Error, ErrorKind};
use crate::indexing::{told, without_run};
use crate::knowledge::{model_of, note};
use crate::{Service, require};

/// The longest description, in characters.
const DESCRIPTION: usize = 2000;
/// The longest alias, in characters: Dify encrypts the ids in its files.
const ALIAS: usize = 512;
/// The most aliases of a dataset.
const ALIASES: usize = 50;
/// The longest question, in characters.
const QUERY: usize = 8000;

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

/// A question to one dataset.
#[derive(Clone, Debug, Default)]
pub struct SearchRequest {
    /// The question.
    pub query: String,
    /// How many segments are wanted; none: as the dataset says.
    pub top_k: Option<u32>,
    /// What each must score; none: as the dataset says.
    pub score_threshold: Option<f64>,
    /// How it is searched; none: as the dataset says.
    pub search_method: Option<SearchMethod>,
    /// A model that orders what was found, and who pays for it.
    pub rerank: Option<(EmbeddingModel, CredentialChoice)>,
    /// Which documents are searched.
    pub filter: Option<Filter>,
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

    async fn check_dataset(
        &self,
        caller: &Caller,
        dataset: &Dataset,
        before: &CredentialChoice,
    ) -> Result<(), Error> {
        check_name(&dataset.name)?;
        check_text(&dataset.description, "/description", DESCRIPTION)?;
        check_aliases(&dataset.aliases)?;
        check_retrieval(&dataset.retrieval)?;
        check_chunking(&dataset.chunking, "/chunking")?;
        let payer = match (&dataset.source, dataset.technique, &dataset.embedding) {
            (Source::External { knowledge_id }, _, None) => {
                check_text(knowledge_id, "/external/knowledge_id", ALIAS)?;
                Some(ProviderId::normalise(EXTERNAL_KNOWLEDGE))
            }
            (Source::Own, Technique::HighQuality, Some(model)) => {
                check_text(&model.name, "/embedding_model/name", MODEL)?;
                self.callable(&model.provider, "/embedding_model/provider")?;
                Some(model.provider.clone())
            }
            (Source::Own, Technique::Economy, None) => None,
            (Source::Own, Technique::HighQuality, None) => {
                let detail = "a model is needed for vectors; without one the technique is economy";
                return Err(Error::field(
                    "embedding_model_missing",
                    "/embedding_model",
                    detail,
                ));
            }
            (Source::Own, Technique::Economy, Some(_)) | (Source::External { .. }, _, Some(_)) => {
                let detail = "this dataset has no vectors here, so it needs no model for them";
                return Err(Error::field("invalid_input", "/embedding_model", detail));
            }
        };
        if dataset.choice == *before {
            return Ok(());
        }
        require(caller, Permission::CredentialsBind)?;
        self.check_choice(caller, &dataset.choice, payer.as_ref())
            .await
    }

    /// Whether a provider can be asked for vectors or an order.
    fn callable(&self, provider: &ProviderId, pointer: &str) -> Result<(), Error> {
        let known = self
            .inner
            .models
            .model_info(provider, "", ModelType::TextEmbedding);
        if known.is_some() && provider.as_str() != EXTERNAL_KNOWLEDGE {
            return Ok(());
        }
        let detail = format!("there is no provider {provider} with models");
        Err(Error::field("provider_unknown", pointer, detail))
    }

    /// A choice names a credential that is here; what it pays for decides of which provider.
    async fn check_choice(
        &self,
        caller: &Caller,
        choice: &CredentialChoice,
        provider: Option<&ProviderId>,
    ) -> Result<(), Error> {
        if *choice == CredentialChoice::default() {
            return Ok(());
        }
        let pointer = match choice.credential_id {
            Some(_) => "/credential_id",
            None => "/credential_name",
        };
        let Some(provider) = provider else {
            let detail = "this dataset asks nobody, so nobody pays for it";
            return Err(Error::field("invalid_input", pointer, detail));
        };
        let known = self.inner.facts.credentials(caller.workspace).await?;
        let id = choice
            .credential_id
            .as_ref()
            .map(|text| text.parse::<CredentialId>());
        let by_id = match id {
            Some(Ok(id)) => known.by_id(id).filter(|found| found.provider == *provider),
            Some(Err(_)) => None,
            None => None,
        };
        let by_name = choice.credential_name.as_ref();
        let by_name = by_name.filter(|name| is_credential_name(name));
        let by_name = by_name.and_then(|name| known.by_name(provider, name));
        let is_right = match (&choice.credential_id, &choice.credential_name) {
            (Some(_), Some(_)) => {
                by_id.is_some() && by_id.map(|one| one.id) == by_name.map(|one| one.id)
            }
            (Some(_), None) => by_id.is_some(),
            (None, _) => by_name.is_some(),
        };
        if is_right {
            return Ok(());
        }
        let detail = format!("{provider} has no such credential here");
        Err(Error::field("credential_not_found", pointer, detail))
    }

    /// What is found in a dataset: what a node would find, and how each scored.
    ///
    /// # Errors
    /// When the caller may not, there is no such dataset, or a model that is needed did not answer.
    pub async fn search_dataset(
        &self,
        caller: &Caller,
        id: DatasetId,
        request: SearchRequest,
    ) -> Result<Vec<Hit>, Error> {
        let change = move |service: Self, caller: Caller| async move {
            service.search_dataset_now(&caller, id, request).await
        };
        self.complete(caller, change).await
    }

    async fn search_dataset_now(
        &self,
        caller: &Caller,
        id: DatasetId,
        request: SearchRequest,
    ) -> Result<Vec<Hit>, Error> {
        require(caller, Permission::DatasetsRead)?;
        let dataset = self.known_dataset(caller, id).await?;
        check_text(&request.query, "/query", QUERY)?;
        if request.query.trim().is_empty() {
            return Err(Error::field("required", "/query", "a question is needed"));
        }
        let stated = Retrieval {
            top_k: request.top_k.unwrap_or(dataset.retrieval.top_k),
            score_threshold: request
                .score_threshold
                .or(dataset.retrieval.score_threshold),
            search_method: request.search_method,
        };
        check_retrieval(&stated)?;
        if let Some((model, choice)) = &request.rerank {
            self.callable(&model.provider, "/rerank/provider")?;
            if *choice != CredentialChoice::default() {
                require(caller, Permission::CredentialsBind)?;
            }
        }
        let context = without_run(caller.workspace, caller.principal, environment_of(caller));
        let cancel = CancellationToken::new();
        let question = KnowledgeQuestion {
            caller: &context,
            datasets: &[id],
            query: &request.query,
            top_k: stated.top_k as usize,
            filter: request.filter.as_ref(),
            cancel: &cancel,
        };
        // The calls are in the ledger; there is no run that sums them up.
        let mut asked = Vec::new();
        let library = &self.inner.library;
        let found = library
            .look(&question, &[dataset], request.search_method, &mut asked)
            .await;
        let mut hits = found.map_err(not_searched)?;
        if let Some((model, choice)) = &request.rerank {
            let model = model_of(&model.provider, &model.name, ModelType::Rerank, choice);
            let instance = self.inner.models.model_instance(&context, &model);
            let ask = RerankRequest {
                query: request.query.clone(),
                documents: hits.iter().map(|hit| hit.content.clone()).collect(),
                top_n: hits.len(),
            };
            let ranked = note(&model.model, instance.rerank(&ask).await, &mut asked);
            let ranked = ranked.map_err(|error| not_asked(&error))?.into_iter();
            let ranked = ranked.filter_map(|one| {
                let mut hit = hits.get(one.index)?.clone();
                hit.score = one.score;
                Some(hit)
            });
            hits = ranked.collect();
        }
        Ok(best(hits, stated.score_threshold, stated.top_k as usize))
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

fn not_searched(error: KnowledgeError) -> Error {
    match error {
        KnowledgeError::Invoke(error) => not_asked(&error),
        KnowledgeError::Unavailable(detail) => {
            Error::new(ErrorKind::Unavailable, "database_unavailable", detail)
        }
    }
}

/// A model that is needed did not answer. Of a credential only the code is told: who searches may not read credentials.
fn not_asked(error: &InvokeError) -> Error {
    match &error.credential {
        Some(failure) => Error::of_credential(failure.code, told(error).message),
        None => Error::unprocessable("model_call_failed", error.message.clone()),
    }
}

fn check_aliases(aliases: &[String]) -> Result<(), Error> {
    if aliases.len() > ALIASES {
        let detail = format!("a dataset has at most {ALIASES} aliases");
        return Err(Error::field("invalid_input", "/aliases", detail));
    }
    for (at, alias) in aliases.iter().enumerate() {
        let pointer = format!("/aliases/{at}");
        check_text(alias, &pointer, ALIAS)?;
        if alias.trim().is_empty() || aliases[..at].contains(alias) {
            let detail = "an alias is not empty and stands once";
            return Err(Error::field("invalid_input", &pointer, detail));
        }
    }
    Ok(())
}

fn check_retrieval(retrieval: &Retrieval) -> Result<(), Error> {
    if !(1..=Retrieval::MOST).contains(&retrieval.top_k) {
        let detail = format!("a number from 1 to {} is needed", Retrieval::MOST);
        return Err(Error::field("invalid_input", "/top_k", detail));
    }
    let is_score = |score: f64| (-1.0..=1.0).contains(&score);
    if retrieval
        .score_threshold
        .is_some_and(|score| !is_score(score))
    {
        let detail = "a number from -1 to 1 is needed";
        return Err(Error::field("invalid_input", "/score_threshold", detail));
    }
    Ok(())
}

pub(crate) fn check_chunking(chunking: &Chunking, pointer: &str) -> Result<(), Error> {
    let (least, most, name) = match chunking.unit {
        Unit::Characters => (50, 16_000, "max_characters"),
        Unit::Tokens => (10, 4000, "max_tokens"),
    };
    let wrong = |field: &str, detail: String| {
        Err(Error::field(
            "invalid_input",
            &format!("{pointer}/{field}"),
            detail,
        ))
    };
    if !(least..=most).contains(&chunking.max) {
        return wrong(name, format!("a number from {least} to {most} is needed"));
    }
    if chunking.overlap > chunking.max / 2 {
        return wrong(
            "overlap",
            "at most half of a segment can be repeated".to_owned(),
        );
    }
    if chunking.separator.chars().count() > 50 {
        return wrong(
            "separator",
            "a separator has at most 50 characters".to_owned(),
        );
    }
    Ok(())
}
