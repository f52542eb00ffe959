//! Documents of datasets: added, read, taken up again, deleted. Indexing them is the indexer's.

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::id::{DatasetId, DocumentId, FileId};
use latchkey_domain::knowledge::{
    Chunking, Dataset, Document, Form, Pair, Segment, Source, Status,
};
use latchkey_nodes::document_text;
use latchkey_store::{DocumentBody, DocumentPlace, Page, Paged, StoreError};
use serde_json::{Map, Value as Json, json};

use crate::access::{check_name, check_text};
use crate::datasets::{check_chunking, environment_of};
use crate::error::{Error, ErrorKind};
use crate::{Service, require_workspace};

/// The longest text of a document, in bytes.
const LONGEST: usize = 10 << 20;
/// The longest question or answer, in characters.
const PAIR: usize = 16_000;
/// The longest file that a document is made of, in bytes.
const LONGEST_FILE: u64 = 50 << 20;
/// The most facts about a document, the longest name and value of one.
const FACTS: usize = 50;
const FACT: usize = 1000;

/// A document that is to be added.
#[derive(Clone, Debug)]
pub struct NewDocument {
    /// Its name; none: that of its file.
    pub name: Option<String>,
    /// What it consists of.
    pub content: Content,
    /// Facts about it.
    pub metadata: Map<String, Json>,
    /// How it is cut; none: as the dataset says.
    pub chunking: Option<Chunking>,
}

/// What a new document consists of.
#[derive(Clone, Debug)]
pub enum Content {
    /// A text.
    Text(String),
    /// Questions with their answers.
    Pairs(Vec<Pair>),
    /// The text of an uploaded file, as it is now.
    File(FileId),
}

impl Service {
    /// Adds a document, which is indexed in the background.
    ///
    /// # Errors
    /// When the caller may not, there is no such dataset, or something about the document is wrong.
    pub async fn create_document(
        &self,
        caller: &Caller,
        dataset: DatasetId,
        new: NewDocument,
    ) -> Result<Document, Error> {
        let change = move |service: Self, caller: Caller| async move {
            require_workspace(&caller, Permission::DatasetsWrite)?;
            let dataset = service.known_dataset(&caller, dataset).await?;
            check_new(&dataset, &new)?;
            let (name, body) = Box::pin(service.body(&caller, new.name, new.content)).await?;
            check_name(&name)?;
            let form = match body {
                DocumentBody::Text(_) => Form::Text,
                DocumentBody::Pairs(_) => Form::Qa,
            };
            let now = service.now();
            let document = Document {
                id: DocumentId::new(Self::new_id()),
                workspace: caller.workspace,
                dataset: dataset.id,
                name,
                metadata: new.metadata,
                form,
                chunking: new.chunking.unwrap_or(dataset.chunking),
                status: Status::Waiting,
                error: None,
                segments: 0,
                characters: 0,
                created_by: caller.principal,
                environment: environment_of(&caller),
                created_at: now,
                updated_at: now,
            };
            let kept = service.inner.store.insert_document(&document, &body).await;
            kept.map_err(|error| gone(error, "dataset"))?;
            service.inner.indexer.wake();
            let detail = json!({"dataset_id": dataset.id, "name": document.name});
            service
                .audit(&caller, "document.create", document.id, detail)
                .await?;
            Ok(document)
        };
        self.complete(caller, change).await
    }

    /// The name and the content of a new document, of which those of a file are read now.
    async fn body(
        &self,
        caller: &Caller,
        name: Option<String>,
        content: Content,
    ) -> Result<(String, DocumentBody), Error> {
        let (named, body) = match content {
            Content::Text(text) => (None, text_without_nul(&text)),
            Content::Pairs(pairs) => (None, DocumentBody::Pairs(pairs)),
            Content::File(id) => {
                let (named, text) = self.text_of_file(caller, id).await?;
                (Some(named), text_without_nul(&text))
            }
        };
        let name = name.or(named);
        let missing = || Error::field("required", "/name", "a name is needed");
        Ok((name.ok_or_else(missing)?, body))
    }

    async fn text_of_file(&self, caller: &Caller, id: FileId) -> Result<(String, String), Error> {
        let unreadable = |why: String| Error::field("document_unreadable", "/file_id", why);
        let Some(sandbox) = &self.inner.sandbox else {
            let why = "documents cannot be read here: there is no sandbox";
            return Err(unreadable(why.to_owned()));
        };
        let (file, content) = self.whole_file(caller, id, LONGEST_FILE).await?;
        let value = self.file_value(&file);
        let text = document_text(sandbox, &value, content).await;
        let text = text.map_err(unreadable)?;
        if text.len() > LONGEST {
            let detail = format!("the file has more than {} MiB of text", LONGEST >> 20);
            return Err(Error::new(ErrorKind::TooLarge, "too_large", detail));
        }
        if text.trim().is_empty() {
            return Err(unreadable("the file has no text".to_owned()));
        }
        Ok((file.name, text))
    }

    /// The documents of a dataset.
    ///
    /// # Errors
    /// When the caller may not, or there is no such dataset.
    pub async fn documents(
        &self,
        caller: &Caller,
        dataset: DatasetId,
        page: Page,
    ) -> Result<Paged<Document>, Error> {
        require_workspace(caller, Permission::DatasetsRead)?;
        self.known_dataset(caller, dataset).await?;
        Ok(self
            .inner
            .store
            .documents(caller.workspace, dataset, page)
            .await?)
    }

    /// A document.
    ///
    /// # Errors
    /// When the caller may not, or there is no such document.
    pub async fn document(
        &self,
        caller: &Caller,
        dataset: DatasetId,
        document: DocumentId,
    ) -> Result<Document, Error> {
        require_workspace(caller, Permission::DatasetsRead)?;
        self.known_document(caller, dataset, document).await
    }

    async fn known_document(
        &self,
        caller: &Caller,
        dataset: DatasetId,
        document: DocumentId,
    ) -> Result<Document, Error> {
        let found = self
            .inner
            .store
            .document(place(caller, dataset, document))
            .await?;
        found.ok_or_else(|| Error::not_found("document"))
    }

    /// The segments of a document, in its order.
    ///
    /// # Errors
    /// When the caller may not, or there is no such document.
    pub async fn segments(
        &self,
        caller: &Caller,
        dataset: DatasetId,
        document: DocumentId,
        page: Page,
    ) -> Result<Paged<Segment>, Error> {
        self.document(caller, dataset, document).await?;
        let place = place(caller, dataset, document);
        Ok(self.inner.store.segments(place, page).await?)
    }

    /// Takes a document up again that could not be indexed; it goes on where it was. One that is no failure stays as it is.
    ///
    /// # Errors
    /// When the caller may not, or there is no such document.
    pub async fn retry_document(
        &self,
        caller: &Caller,
        dataset: DatasetId,
        document: DocumentId,
    ) -> Result<Document, Error> {
        let change = move |service: Self, caller: Caller| async move {
            require_workspace(&caller, Permission::DatasetsWrite)?;
            service.known_document(&caller, dataset, document).await?;
            let (store, now) = (&service.inner.store, service.now());
            store
                .move_document(document, &[Status::Error], Status::Waiting, None, now)
                .await?;
            service.inner.indexer.wake();
            let detail = json!({"dataset_id": dataset});
            service
                .audit(&caller, "document.retry", document, detail)
                .await?;
            service.known_document(&caller, dataset, document).await
        };
        self.complete(caller, change).await
    }

    /// Deletes a document with its segments, also while it is being indexed.
    ///
    /// # Errors
    /// When the caller may not, or there is no such document.
    pub async fn delete_document(
        &self,
        caller: &Caller,
        dataset: DatasetId,
        document: DocumentId,
    ) -> Result<(), Error> {
        let change = move |service: Self, caller: Caller| async move {
            require_workspace(&caller, Permission::DatasetsWrite)?;
            let old = service.known_document(&caller, dataset, document).await?;
            let deleted = service
                .inner
                .store
                .delete_document(place(&caller, dataset, document));
            deleted.await.map_err(|error| gone(error, "document"))?;
            let detail = json!({"dataset_id": dataset, "name": old.name});
            service
                .audit(&caller, "document.delete", document, detail)
                .await
        };
        self.complete(caller, change).await
    }
}

const fn place(caller: &Caller, dataset: DatasetId, document: DocumentId) -> DocumentPlace {
    DocumentPlace {
        workspace: caller.workspace,
        dataset,
        document,
    }
}

fn gone(error: StoreError, what: &str) -> Error {
    if error == StoreError::NotFound {
        return Error::not_found(what);
    }
    error.into()
}

/// PostgreSQL keeps no NUL, and no reader misses one.
fn text_without_nul(text: &str) -> DocumentBody {
    DocumentBody::Text(text.replace('\0', ""))
}

fn check_new(dataset: &Dataset, new: &NewDocument) -> Result<(), Error> {
    if dataset.source != Source::Own {
        let detail = "the content of this dataset is somebody else's: add documents there";
        return Err(Error::unprocessable("dataset_external", detail));
    }
    check_metadata(&new.metadata)?;
    if let Some(chunking) = &new.chunking {
        check_chunking(chunking, "/chunking")?;
    }
    match &new.content {
        Content::Text(text) if text.len() > LONGEST => {
            let detail = format!("a text has at most {} MiB", LONGEST >> 20);
            Err(Error::new(ErrorKind::TooLarge, "too_large", detail))
        }
        Content::Text(text) if text.replace('\0', "").trim().is_empty() => {
            Err(Error::field("required", "/text", "a text is needed"))
        }
        Content::Text(_) | Content::File(_) => Ok(()),
        Content::Pairs(pairs) if pairs.is_empty() => Err(Error::field(
            "required",
            "/pairs",
            "questions with their answers are needed",
        )),
        Content::Pairs(pairs) => pairs.iter().enumerate().try_for_each(|(at, pair)| {
            for (field, text) in [("question", &pair.question), ("answer", &pair.answer)] {
                let pointer = format!("/pairs/{at}/{field}");
                if text.trim().is_empty() {
                    return Err(Error::field("required", &pointer, "a text is needed"));
                }
                check_text(text, &pointer, PAIR)?;
            }
            Ok(())
        }),
    }
}

fn check_metadata(metadata: &Map<String, Json>) -> Result<(), Error> {
    let wrong = |name: &str| {
        let escaped = name.replace('~', "~0").replace('/', "~1");
        let detail = format!(
            "facts are at most {FACTS} texts of at most {FACT} characters, numbers, true or false"
        );
        Err(Error::field(
            "invalid_input",
            &format!("/metadata/{escaped}"),
            detail,
        ))
    };
    for (at, (name, value)) in metadata.iter().enumerate() {
        let is_fact = match value {
            Json::String(text) => text.chars().count() <= FACT,
            Json::Null | Json::Bool(_) | Json::Number(_) => true,
            Json::Array(_) | Json::Object(_) => false,
        };
        let is_name = (1..=255).contains(&name.chars().count());
        if at >= FACTS || !is_fact || !is_name {
            return wrong(name);
        }
    }
    Ok(())
}
