//! Datasets, their documents, and searching them.

use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Json as Answer, Path};
use actix_web::{HttpRequest, HttpResponse};
use latchkey_domain::credential::CredentialChoice;
use latchkey_domain::id::FileId;
use latchkey_service::{ChangedDataset, Content, NewDataset, NewDocument, SearchRequest};
use serde_json::Map;

use super::{Data, wrong};
use crate::body::{Body, Raw, parse};
use crate::caller::Authenticated;
use crate::page::{List, PageQuery, id};
use crate::problem::{Problem, Refusal, malformed};
use crate::query::{self, Query};
use crate::views::dataset::{ChunkingBody, DatasetChangeBody, DatasetView, NewDatasetBody};
use crate::views::document::{DocumentQuery, DocumentView, NewDocumentBody, SegmentView};
use crate::views::search::{FoundView, HitView, SearchBody};

/// Lists datasets.
#[utoipa::path(get, path = "/api/v1/datasets", tag = "datasets", params(PageQuery),
    responses((status = 200, body = List<DatasetView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_datasets(
    service: Data,
    caller: Authenticated,
    query: Query<PageQuery>,
) -> Result<Answer<List<DatasetView>>, Refusal> {
    let page = service.datasets(&caller.0, query.0.page()?).await?;
    Ok(Answer(List::of(page, DatasetView::from)))
}

/// Makes a dataset.
#[utoipa::path(post, path = "/api/v1/datasets", tag = "datasets", request_body = NewDatasetBody,
    responses((status = 201, body = DatasetView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn create_dataset(
    service: Data,
    caller: Authenticated,
    body: Body<NewDatasetBody>,
) -> Result<HttpResponse, Refusal> {
    let body = body.0;
    let new = NewDataset {
        name: body.name,
        description: body.description,
        aliases: body.aliases,
        external: body.external.map(|external| external.0.knowledge_id),
        technique: body.technique,
        embedding: body.embedding_model.map(|model| model.0.into()),
        choice: CredentialChoice {
            credential_id: body.credential_id,
            credential_name: body.credential_name,
        },
        retrieval: body.retrieval.map(|said| said.0.into()).unwrap_or_default(),
        chunking: match body.chunking {
            Some(said) => one_length(said.0)?.into(),
            None => Default::default(),
        },
    };
    let made = service.create_dataset(&caller.0, new).await?;
    Ok(HttpResponse::Created().json(DatasetView::from(made)))
}

/// Reads a dataset.
#[utoipa::path(get, path = "/api/v1/datasets/{id}", tag = "datasets", params(("id" = String, Path)),
    responses((status = 200, body = DatasetView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn get_dataset(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
) -> Result<Answer<DatasetView>, Refusal> {
    let dataset = service.dataset(&caller.0, id(&path, "dataset")?).await?;
    Ok(Answer(dataset.into()))
}

/// Changes a dataset.
#[utoipa::path(patch, path = "/api/v1/datasets/{id}", tag = "datasets", params(("id" = String, Path)), request_body = DatasetChangeBody,
    responses((status = 200, body = DatasetView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn change_dataset(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
    body: Body<DatasetChangeBody>,
) -> Result<Answer<DatasetView>, Refusal> {
    let body = body.0;
    let change = ChangedDataset {
        choice: body.choice(),
        name: body.name,
        description: body.description,
        aliases: body.aliases,
        external: body.external.map(|external| external.0.knowledge_id),
        embedding: body.embedding_model.map(|model| model.0.into()),
        retrieval: body.retrieval.map(|said| said.0.into()),
        chunking: body
            .chunking
            .map(|said| one_length(said.0))
            .transpose()?
            .map(Into::into),
    };
    let changed = service.change_dataset(&caller.0, id(&path, "dataset")?, change);
    Ok(Answer(changed.await?.into()))
}

/// Deletes a dataset with its documents.
#[utoipa::path(delete, path = "/api/v1/datasets/{id}", tag = "datasets", params(("id" = String, Path)),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn delete_dataset(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
) -> Result<HttpResponse, Refusal> {
    service
        .delete_dataset(&caller.0, id(&path, "dataset")?)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Searches a dataset as a node would.
#[utoipa::path(post, path = "/api/v1/datasets/{id}/search", tag = "datasets", params(("id" = String, Path)), request_body = SearchBody,
    responses((status = 200, body = FoundView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn search_dataset(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
    body: Body<SearchBody>,
) -> Result<Answer<FoundView>, Refusal> {
    let body = body.0;
    let request = SearchRequest {
        query: body.query,
        top_k: body.top_k,
        score_threshold: body.score_threshold,
        search_method: body.search_method,
        rerank: body.rerank.map(|rerank| rerank.0.into()),
        filter: body.filters.map(|filters| filters.0.into()),
    };
    let found = service.search_dataset(&caller.0, id(&path, "dataset")?, request);
    let data = found.await?.into_iter().map(HitView::from).collect();
    Ok(Answer(FoundView { data }))
}

/// Lists the documents of a dataset.
#[utoipa::path(get, path = "/api/v1/datasets/{id}/documents", tag = "datasets", params(("id" = String, Path), PageQuery),
    responses((status = 200, body = List<DocumentView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_documents(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
    query: Query<PageQuery>,
) -> Result<Answer<List<DocumentView>>, Refusal> {
    let (dataset, page) = (id(&path, "dataset")?, query.0.page()?);
    let page = service.documents(&caller.0, dataset, page).await?;
    Ok(Answer(List::of(page, DocumentView::from)))
}

/// Adds a document, as JSON or as its plain text; it is indexed in the background.
#[utoipa::path(post, path = "/api/v1/datasets/{id}/documents", tag = "datasets", params(("id" = String, Path), DocumentQuery),
    request_body(content((NewDocumentBody = "application/json"), (String = "text/plain"))),
    responses((status = 201, body = DocumentView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn create_document(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
    query: Query<DocumentQuery>,
    request: HttpRequest,
    raw: Raw,
) -> Result<HttpResponse, Refusal> {
    let new = new_document(query.0, &request, &raw)?;
    let made = service
        .create_document(&caller.0, id(&path, "dataset")?, new)
        .await?;
    Ok(HttpResponse::Created().json(DocumentView::from(made)))
}

/// Reads a document.
#[utoipa::path(get, path = "/api/v1/datasets/{id}/documents/{document_id}", tag = "datasets", params(("id" = String, Path), ("document_id" = String, Path)),
    responses((status = 200, body = DocumentView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn get_document(
    service: Data,
    caller: Authenticated,
    path: Path<(String, String)>,
) -> Result<Answer<DocumentView>, Refusal> {
    let (dataset, document) = (id(&path.0, "dataset")?, id(&path.1, "document")?);
    let found = service.document(&caller.0, dataset, document).await?;
    Ok(Answer(found.into()))
}

/// Deletes a document with its segments.
#[utoipa::path(delete, path = "/api/v1/datasets/{id}/documents/{document_id}", tag = "datasets", params(("id" = String, Path), ("document_id" = String, Path)),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn delete_document(
    service: Data,
    caller: Authenticated,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Refusal> {
    let (dataset, document) = (id(&path.0, "dataset")?, id(&path.1, "document")?);
    service
        .delete_document(&caller.0, dataset, document)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes a document up again that could not be indexed.
#[utoipa::path(post, path = "/api/v1/datasets/{id}/documents/{document_id}/retry", tag = "datasets", params(("id" = String, Path), ("document_id" = String, Path)),
    responses((status = 202, body = DocumentView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn retry_document(
    service: Data,
    caller: Authenticated,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Refusal> {
    let (dataset, document) = (id(&path.0, "dataset")?, id(&path.1, "document")?);
    let taken_up = service.retry_document(&caller.0, dataset, document).await?;
    Ok(HttpResponse::Accepted().json(DocumentView::from(taken_up)))
}

/// Lists the segments of a document, in its order.
#[utoipa::path(get, path = "/api/v1/datasets/{id}/documents/{document_id}/segments", tag = "datasets", params(("id" = String, Path), ("document_id" = String, Path), PageQuery),
    responses((status = 200, body = List<SegmentView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_segments(
    service: Data,
    caller: Authenticated,
    path: Path<(String, String)>,
    query: Query<PageQuery>,
) -> Result<Answer<List<SegmentView>>, Refusal> {
    let (dataset, document) = (id(&path.0, "dataset")?, id(&path.1, "document")?);
    let page = service
        .segments(&caller.0, dataset, document, query.0.page()?)
        .await?;
    Ok(Answer(List::of(page, SegmentView::from)))
}

/// What a body says about a new document: JSON, or the text itself.
fn new_document(
    query: DocumentQuery,
    request: &HttpRequest,
    raw: &Raw,
) -> Result<NewDocument, Refusal> {
    let kind = request.headers().get(CONTENT_TYPE);
    let kind = kind
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if kind.starts_with("text/") {
        let text = std::str::from_utf8(&raw.0);
        let text = text.map_err(|_| malformed("malformed", "the document is no UTF-8 text"))?;
        let missing = || query::wrong("name", "a document that is sent as a text needs a name");
        return Ok(NewDocument {
            name: Some(query.name.ok_or_else(missing)?),
            content: Content::Text(text.to_owned()),
            metadata: Map::new(),
            chunking: None,
        });
    }
    let body: NewDocumentBody = parse(&raw.0)?;
    let content = match (body.text, body.pairs, body.file_id) {
        (Some(text), None, None) => Content::Text(text),
        (None, Some(pairs), None) => {
            Content::Pairs(pairs.into_iter().map(|pair| pair.0.into()).collect())
        }
        (None, None, Some(file)) => Content::File(file_id(&file)?),
        (Some(_), _, _) | (None, Some(_), Some(_)) | (None, None, None) => {
            return Err(wrong("/text", "one of text, pairs and file_id is needed"));
        }
    };
    Ok(NewDocument {
        name: body.name,
        content,
        metadata: body.metadata,
        chunking: body
            .chunking
            .map(|said| one_length(said.0))
            .transpose()?
            .map(Into::into),
    })
}

fn file_id(text: &str) -> Result<FileId, Refusal> {
    let id = text.parse();
    id.map_err(|_| wrong("/file_id", "the id of an uploaded file is needed"))
}

fn one_length(body: ChunkingBody) -> Result<ChunkingBody, Refusal> {
    if body.max_tokens.is_some() && body.max_characters.is_some() {
        return Err(wrong(
            "/chunking/max_tokens",
            "either max_tokens or max_characters is needed",
        ));
    }
    Ok(body)
}
