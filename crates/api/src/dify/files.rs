//! Files: uploaded for an end user, and those of messages shown (service API reference, 7).

use actix_multipart::{Field, Multipart};
use actix_web::http::header::{ACCEPT_RANGES, CACHE_CONTROL, HeaderValue};
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use futures::{StreamExt as _, stream};
use latchkey_domain::file::StoredFile;
use latchkey_domain::id::FileId;
use latchkey_service::{ErrorKind, NewFile, Service};
use serde_json::json;

use super::app::Key;
use super::body::{Asked, path_id};
use super::refused::Refused;
use crate::download;

/// How long a name of an end user may be in a form, in bytes.
const USER: usize = 4096;
/// The longest upload, in bytes: what the longest kind may be.
const LONGEST: usize = 100 << 20;
/// Limits by kind in megabytes, with the extensions that are of it (Dify).
const LIMITS: [(usize, &[&str]); 3] = [
    (10, &["jpg", "jpeg", "png", "webp", "gif", "svg"]),
    (100, &["mp4", "mov", "mpeg", "webm"]),
    (50, &["mp3", "m4a", "wav", "amr", "mpga"]),
];
/// The limit of all others, in megabytes.
const OTHERS: usize = 15;
/// The longest name, in characters; the rest is cut.
const NAME: usize = 200;

/// A part of a form that was read.
struct Part {
    name: String,
    mime_type: Option<String>,
    content: Vec<u8>,
}

/// Uploads a file.
pub(crate) async fn upload(
    service: Data<Service>,
    key: Key,
    form: Multipart,
) -> Result<HttpResponse, Refused> {
    let (part, user) = read(form).await?;
    let user = super::body::Fields(serde_json::Map::from_iter(
        user.map(|user| ("user".to_owned(), json!(user))),
    ));
    let name = user.user()?;
    let user = key.user(&service, name.as_deref()).await?;
    let new = NewFile {
        name: part.name,
        mime_type: part.mime_type,
        // A start that names nobody has no name either: such a file is the app's.
        end_user: name,
    };
    let content = stream::iter([Ok(Bytes::from(part.content))]);
    let kept = service.upload_file(&key.caller, new, content).await?;
    let url = service.file_address(&kept);
    Ok(HttpResponse::Created().json(json!({
        "id": kept.id, "name": kept.name, "size": kept.size, "extension": extension(&kept), "mime_type": kept.mime_type,
        "created_by": user.id, "created_at": kept.created_at.seconds(), "preview_url": null, "source_url": url,
        "original_url": null, "user_id": null, "tenant_id": kept.workspace, "conversation_id": null, "file_key": null,
        "reference": null,
    })))
}

fn extension(file: &StoredFile) -> Option<&str> {
    let extension = file.extension.trim_start_matches('.');
    (!extension.is_empty()).then_some(extension)
}

/// The one file of a form, and who it is for, in whichever order they come.
async fn read(mut form: Multipart) -> Result<(Part, Option<String>), Refused> {
    let mut file: Option<Part> = None;
    let mut user = None;
    let mut files = 0;
    while let Some(part) = form.next().await {
        let broken = |cause: actix_multipart::MultipartError| Refused::request(cause.to_string());
        let mut part = part.map_err(broken)?;
        match part.name() {
            Some("user") => {
                let text = content(&mut part, USER).await?;
                user = Some(String::from_utf8_lossy(&text).into_owned());
            }
            Some("file") => {
                files += 1;
                file = Some(read_file(&mut part).await?);
            }
            Some(_) | None
                if part
                    .content_disposition()
                    .is_some_and(|it| it.get_filename().is_some()) =>
            {
                files += 1;
                content(&mut part, LONGEST).await?;
            }
            Some(_) | None => drop(content(&mut part, USER).await?),
        }
    }
    if files > 1 {
        return Err(Refused::new(
            400,
            "too_many_files",
            "Only one file is allowed.",
        ));
    }
    let missing = || Refused::new(400, "no_file_uploaded", "Please upload your file.");
    Ok((file.ok_or_else(missing)?, user))
}

async fn read_file(part: &mut Field) -> Result<Part, Refused> {
    let disposition = part.content_disposition();
    let name = disposition.and_then(|it| {
        let extended = it.get_filename_ext();
        let extended = extended.map(|it| String::from_utf8_lossy(&it.value).into_owned());
        extended.or_else(|| it.get_filename().map(str::to_owned))
    });
    let name = name.filter(|name| !name.is_empty());
    let missing = || {
        Refused::new(
            400,
            "filename_not_exists_error",
            "The specified filename does not exist.",
        )
    };
    let name = name.ok_or_else(missing)?;
    if name.contains(['/', '\\']) {
        return Err(Refused::param("Filename contains invalid characters"));
    }
    let Some(mime_type) = part.content_type().map(ToString::to_string) else {
        return Err(Refused::new(
            415,
            "unsupported_file_type",
            "File type not allowed.",
        ));
    };
    Ok(Part {
        content: content(part, limit_of(&name)).await?,
        name: cut(&name),
        mime_type: Some(mime_type),
    })
}

/// A name that is not too long, with its extension.
fn cut(name: &str) -> String {
    if name.chars().count() <= NAME {
        return name.to_owned();
    }
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let stem: String = stem.chars().take(NAME).collect();
    if extension.is_empty() {
        stem
    } else {
        format!("{stem}.{extension}")
    }
}

fn limit_of(name: &str) -> usize {
    let extension = name
        .rsplit_once('.')
        .map(|(_, extension)| extension.to_lowercase());
    let extension = extension.unwrap_or_default();
    let kinds = LIMITS.iter();
    let mut kinds = kinds.filter(|(_, extensions)| extensions.contains(&extension.as_str()));
    kinds.next().map_or(OTHERS, |(most, _)| *most) << 20
}

/// The content of a part; what is too long is read to its end all the same, so that the client hears why.
async fn content(part: &mut Field, most: usize) -> Result<Vec<u8>, Refused> {
    let mut content = Vec::new();
    let mut is_too_long = false;
    while let Some(piece) = part.next().await {
        let piece = piece.map_err(|_| Refused::request("The upload broke off."))?;
        is_too_long |= content.len() + piece.len() > most;
        if is_too_long {
            content.clear();
        } else {
            content.extend_from_slice(&piece);
        }
    }
    if is_too_long {
        let text = format!("File size exceeded. The limit is {} MB.", most >> 20);
        return Err(Refused::new(413, "file_too_large", text));
    }
    Ok(content)
}

/// Shows a file of one of the app's messages.
pub(crate) async fn preview(
    service: Data<Service>,
    key: Key,
    path: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refused> {
    let missing = || Refused::new(404, "file_not_found", "The requested file was not found.");
    let id: FileId = path_id(&path, "").map_err(|_| missing())?;
    let is_attached = Asked::of(&request).flag("as_attachment")?;
    let found = service
        .message_file(&key.caller, key.app.workflow.id, id)
        .await;
    let found = found.map_err(|error| {
        if error.kind == ErrorKind::NotFound {
            return missing();
        }
        if error.kind == ErrorKind::Forbidden {
            let text = "Access to the requested file is denied.";
            return Refused::new(403, "file_access_denied", text);
        }
        error.into()
    })?;
    let is_media = ["audio/", "video/"]
        .iter()
        .any(|kind| found.file.mime_type.starts_with(kind));
    let mut response = if is_attached {
        download::attached(found)
    } else {
        download::shown(found)
    };
    let headers = response.headers_mut();
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("private, max-age=3600"),
    );
    if is_media {
        headers.insert(ACCEPT_RANGES, HeaderValue::from_static("none"));
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::{cut, limit_of};

    #[test]
    fn names_are_cut_and_limits_are_those_of_their_kind() {
        assert_eq!(
            cut(&format!("{}.txt", "a".repeat(300))),
            format!("{}.txt", "a".repeat(200))
        );
        assert_eq!(cut("short.txt"), "short.txt");
        for (name, most) in [
            ("a.PNG", 10),
            ("a.webm", 100),
            ("a.mp3", 50),
            ("a.txt", 15),
            ("a", 15),
        ] {
            assert_eq!(limit_of(name), most << 20, "{name}");
        }
    }
}
