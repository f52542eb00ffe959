//! Uploads: the one part `file` of a form, read as a stream.

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::web::Bytes;
use futures::{Stream, StreamExt as _};
use latchkey_service::{Error, ErrorItem, ErrorKind, NewFile};

use crate::problem::{Refusal, malformed};

/// How much of a refused body is read all the same, in bytes, so that the client hears why.
const READ_ON: usize = 64 << 20;

/// A file that is being uploaded.
pub(crate) struct Upload {
    part: Field,
    /// It holds the connection's end, so it goes last.
    _form: Multipart,
}

impl Upload {
    /// Reads on to the file.
    pub(crate) async fn of(mut form: Multipart) -> Result<Self, Refusal> {
        let part = form.next().await.ok_or_else(missing)?.map_err(broken)?;
        match part.name() {
            Some("file") => Ok(Self { part, _form: form }),
            other => Err(unknown(other.unwrap_or_default())),
        }
    }

    /// How its uploader calls it.
    pub(crate) fn named(&self) -> NewFile {
        let disposition = self.part.content_disposition();
        let name = disposition.and_then(|it| {
            let extended = it.get_filename_ext();
            let extended = extended.map(|it| String::from_utf8_lossy(&it.value).into_owned());
            extended.or_else(|| it.get_filename().map(str::to_owned))
        });
        NewFile {
            name: name.unwrap_or_default(),
            mime_type: self.part.content_type().map(ToString::to_string),
            end_user: None,
        }
    }

    /// Its content.
    pub(crate) fn content(&mut self) -> impl Stream<Item = Result<Bytes, Error>> + Unpin {
        let broke_off = |_| Error::new(ErrorKind::Malformed, "malformed", "the upload broke off");
        (&mut self.part).map(move |piece| piece.map_err(broke_off))
    }

    /// A refusal that the client hears: most clients listen only after they have said everything.
    pub(crate) async fn refused(mut self, refusal: Error) -> Refusal {
        let mut read = 0;
        while let Some(Ok(piece)) = self.part.next().await {
            read += piece.len();
            if read > READ_ON {
                break;
            }
        }
        refusal.into()
    }
}

fn broken(cause: MultipartError) -> Refusal {
    let detail = format!("a form (multipart/form-data) with a part named file is needed: {cause}");
    malformed("malformed", detail)
}

fn missing() -> Refusal {
    super::routes::wrong("/file", "a form with a part named file is needed")
}

fn unknown(name: &str) -> Refusal {
    let message = format!("unknown field {name} (known: file)");
    let item = ErrorItem {
        code: "unknown_field".to_owned(),
        message: message.clone(),
        field: Some(name.to_owned()),
        ..ErrorItem::default()
    };
    Error::new(ErrorKind::Malformed, "unknown_field", message)
        .with([item])
        .into()
}
