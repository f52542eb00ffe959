//! Files: uploaded, described, downloaded, removed.

use actix_multipart::Multipart;
use actix_web::HttpResponse;
use actix_web::web::{Json as Answer, Path};

use super::Data;
use crate::caller::Authenticated;
use crate::download;
use crate::page::id;
use crate::problem::{Problem, Refusal};
use crate::query::Query;
use crate::upload::Upload;
use crate::views::file::{AddressQuery, FileView, UploadForm};

/// Uploads a file.
#[utoipa::path(post, path = "/api/v1/files", tag = "files", request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, body = FileView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn upload_file(
    service: Data,
    caller: Authenticated,
    body: Multipart,
) -> Result<HttpResponse, Refusal> {
    let mut upload = Upload::of(body).await?;
    let kept = service.upload_file(&caller.0, upload.named(), upload.content());
    let kept = match kept.await {
        Ok(kept) => kept,
        Err(refused) => return Err(upload.refused(refused).await),
    };
    let url = service.file_address(&kept);
    Ok(HttpResponse::Created().json(FileView::of(kept, url)))
}

/// Reads what is known of a file.
#[utoipa::path(get, path = "/api/v1/files/{id}", tag = "files", params(("id" = String, Path)),
    responses((status = 200, body = FileView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn get_file(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
) -> Result<Answer<FileView>, Refusal> {
    let file = service.file(&caller.0, id(&path, "file")?).await?;
    let url = service.file_address(&file);
    Ok(Answer(FileView::of(file, url)))
}

/// Downloads a file.
#[utoipa::path(get, path = "/api/v1/files/{id}/content", tag = "files", params(("id" = String, Path)),
    responses((status = 200, body = String, content_type = "application/octet-stream"), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn get_file_content(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
) -> Result<HttpResponse, Refusal> {
    let found = service.file_content(&caller.0, id(&path, "file")?).await?;
    Ok(download::attached(found))
}

/// Removes a file.
#[utoipa::path(delete, path = "/api/v1/files/{id}", tag = "files", params(("id" = String, Path)),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn delete_file(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
) -> Result<HttpResponse, Refusal> {
    service.delete_file(&caller.0, id(&path, "file")?).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Reads a file by an address that this server gave.
#[utoipa::path(get, path = "/files/{id}/preview", tag = "files", security(()), params(("id" = String, Path), AddressQuery),
    responses((status = 200, body = String, content_type = "*/*"), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn preview_file(
    service: Data,
    path: Path<String>,
    query: Query<AddressQuery>,
) -> Result<HttpResponse, Refusal> {
    let AddressQuery { expires, signature } = query.0;
    let id = id(&path, "file")?;
    let found = service.addressed_file(id, expires, &signature).await?;
    Ok(download::shown(found))
}
