//! Files.

use latchkey_domain::file::StoredFile;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::{IntoParams, ToSchema};

/// A file.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct FileView {
    /// Its id: the `upload_file_id` of an input.
    id: String,
    /// Its name.
    name: String,
    /// Its extension in lower case, with the dot; empty when the name has none.
    extension: String,
    /// Its MIME type.
    mime_type: String,
    /// Its size in bytes.
    size: u64,
    /// image, document, audio, video or custom.
    #[serde(rename = "type")]
    file_type: &'static str,
    /// SHA-256 of its content, in hexadecimal digits.
    checksum: String,
    /// The workflow whose run made it, or whose app uploaded it.
    workflow_id: Option<String>,
    /// The run that made it.
    run_id: Option<String>,
    /// When it was stored.
    created_at: String,
    /// Where whoever has no key reads it, for a day.
    url: String,
}

impl FileView {
    pub(crate) fn of(file: StoredFile, url: String) -> Self {
        Self {
            id: file.id.to_string(),
            name: file.name,
            extension: file.extension,
            mime_type: file.mime_type,
            size: file.size,
            file_type: file.file_type.as_str(),
            checksum: file.checksum,
            workflow_id: file.workflow.map(|id| id.to_string()),
            run_id: file.run.map(|id| id.to_string()),
            created_at: file.created_at.to_string(),
            url,
        }
    }
}

/// A file that is to be uploaded, as one part of a form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the form, which is read as a stream")]
pub(crate) struct UploadForm {
    /// The content; the part's file name and content type say what it is.
    #[schema(value_type = String, format = Binary)]
    file: Json,
}

/// What makes the address of a file good.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddressQuery {
    /// When it ends, in seconds since 1970.
    pub(crate) expires: i64,
    /// The proof that this server gave it.
    pub(crate) signature: String,
}
