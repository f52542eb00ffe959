//! Stored files: what is known of a file that somebody uploaded or a run made, and how names tell what a file is. The
//! content is elsewhere.

use crate::credential::Principal;
use crate::id::{FileId, RunId, WorkflowId, WorkspaceId};
use crate::time::Timestamp;
use crate::value::{File, FileType, TransferMethod};

/// The longest name that is kept, in characters.
const LONGEST_NAME: usize = 200;
/// The longest extension that is taken for one, in characters without the dot.
const LONGEST_EXTENSION: usize = 20;
/// The MIME type of what nobody knows better.
pub const UNKNOWN_MIME: &str = "application/octet-stream";

/// A file that is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// Its id.
    pub id: FileId,
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// The app whose key uploaded it, or the workflow whose run made it; none for an upload of the workspace.
    pub workflow: Option<WorkflowId>,
    /// Its name: one line, no path.
    pub name: String,
    /// Its extension in lower case, with the dot; empty when the name has none.
    pub extension: String,
    /// Its MIME type, as its uploader or its name says.
    pub mime_type: String,
    /// Its size in bytes.
    pub size: u64,
    /// What it is for.
    pub file_type: FileType,
    /// Who uploaded it, or started the run that made it.
    pub created_by: Principal,
    /// The run that made it; none for an upload.
    pub run: Option<RunId>,
    /// The end user for whom an app's client uploaded it; a start for another one cannot name it.
    pub end_user: Option<String>,
    /// When it was stored.
    pub created_at: Timestamp,
    /// SHA-256 of its content, in hexadecimal digits.
    pub checksum: String,
}

impl StoredFile {
    /// The value that stands for it in a run; `url` is where a reader gets it.
    #[must_use]
    pub fn value(&self, url: Option<String>) -> File {
        let id = self.id.to_string();
        File {
            id: None,
            file_type: self.file_type,
            transfer_method: if self.run.is_some() {
                TransferMethod::ToolFile
            } else {
                TransferMethod::LocalFile
            },
            remote_url: None,
            reference: Some(id.clone()),
            filename: Some(self.name.clone()),
            extension: Some(self.extension.clone()).filter(|text| !text.is_empty()),
            mime_type: Some(self.mime_type.clone()),
            size: i64::try_from(self.size).unwrap_or(i64::MAX),
            related_id: Some(id),
            url,
        }
    }
}

/// What a name and a stated MIME type tell about a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFile {
    /// The name, without folders and characters that are none of a name.
    pub name: String,
    /// The extension in lower case, with the dot; empty when there is none.
    pub extension: String,
    /// The MIME type.
    pub mime_type: String,
    /// What it is for.
    pub file_type: FileType,
}

impl NamedFile {
    /// Reads a name that a stranger gave, and a MIME type that counts unless it says nothing.
    #[must_use]
    pub fn of(name: &str, mime_type: Option<&str>) -> Self {
        let name = plain_name(name);
        let extension = extension_of(&name);
        let stated = mime_type.and_then(essence);
        let stated = stated.filter(|text| text != UNKNOWN_MIME);
        let mime_type = stated
            .or_else(|| mime_of(&extension).map(str::to_owned))
            .unwrap_or_else(|| UNKNOWN_MIME.to_owned());
        Self {
            file_type: FileType::guess(&extension, &mime_type),
            name,
            extension,
            mime_type,
        }
    }

    /// What the address of a file tells: nothing is fetched.
    #[must_use]
    pub fn of_url(url: &str) -> Self {
        let path = url.split(['?', '#']).next().unwrap_or_default();
        let after_host = path.split_once("://").map_or(path, |(_, rest)| rest);
        let last = after_host.split_once('/').map_or("", |(_, path)| path);
        let last = last.rsplit('/').next().unwrap_or_default();
        Self::of(&percent_decoded(last), None)
    }
}

/// The MIME type that an extension (with its dot) tells.
#[must_use]
pub fn mime_of(extension: &str) -> Option<&'static str> {
    mime_guess::from_ext(extension.trim_start_matches('.')).first_raw()
}

/// The extension that is usual for a MIME type, with its dot.
#[must_use]
pub fn extension_for(mime_type: &str) -> Option<String> {
    let essence = essence(mime_type).filter(|text| text != UNKNOWN_MIME)?;
    let usual = match essence.as_str() {
        "image/jpeg" => "jpg",
        "text/plain" => "txt",
        "text/html" => "html",
        "text/markdown" => "md",
        "audio/mpeg" => "mp3",
        "video/mp4" => "mp4",
        other => mime_guess::get_mime_extensions_str(other)?.first()?,
    };
    Some(format!(".{usual}"))
}

/// The last part of a path of any system, without control characters, cut to length; `file` when nothing is left.
fn plain_name(raw: &str) -> String {
    let last = raw.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_good = |letter: &char| !letter.is_control() && !is_invisible(*letter);
    let name: String = last.chars().filter(is_good).collect();
    let name = name.trim().trim_start_matches('.');
    if name.is_empty() {
        return "file".to_owned();
    }
    let length = name.chars().count();
    if length <= LONGEST_NAME {
        return name.to_owned();
    }
    let end = extension_of(name);
    let kept = LONGEST_NAME - end.chars().count();
    name.chars().take(kept).chain(end.chars()).collect()
}

/// Characters that make a name look like another one.
const fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The extension of a name in lower case, with the dot; empty when it has none.
fn extension_of(name: &str) -> String {
    let end = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty());
    let end = end.map(|(_, end)| end).filter(|end| {
        let is_good = |letter: char| letter.is_alphanumeric() || "+-_".contains(letter);
        !end.is_empty() && end.chars().count() <= LONGEST_EXTENSION && end.chars().all(is_good)
    });
    end.map_or_else(String::new, |end| format!(".{}", end.to_lowercase()))
}

/// `type/subtype` of a MIME type in lower case, if it is one.
fn essence(mime_type: &str) -> Option<String> {
    let essence = mime_type.split(';').next()?.trim().to_ascii_lowercase();
    let is_token = |part: &str| {
        let is_good = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte);
        !part.is_empty() && part.bytes().all(is_good)
    };
    let (kind, subtype) = essence.split_once('/')?;
    (essence.len() <= 127 && is_token(kind) && is_token(subtype)).then_some(essence)
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let code = match (first, after) {
            (b'%', [high, low, ..]) => std::str::from_utf8(&[*high, *low])
                .ok()
                .and_then(|digits| u8::from_str_radix(digits, 16).ok()),
            _ => None,
        };
        match code {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{NamedFile, extension_for};
    use crate::value::FileType::{self, Audio, Custom, Document, Image};

    fn told(named: &NamedFile) -> (&str, &str, &str, FileType) {
        let NamedFile {
            name,
            extension,
            mime_type,
            file_type,
        } = named;
        (name, extension, mime_type, *file_type)
    }

    #[test]
    fn a_name_tells_what_a_file_is() {
        for (name, mime, expected) in [
            (
                "a.PDF",
                None,
                ("a.PDF", ".pdf", "application/pdf", Document),
            ),
            (
                "report.md",
                Some("text/x-own; charset=utf-8"),
                ("report.md", ".md", "text/x-own", Document),
            ),
            (
                "photo",
                Some("image/png"),
                ("photo", "", "image/png", Image),
            ),
            (
                "song.mp3",
                Some("application/octet-stream"),
                ("song.mp3", ".mp3", "audio/mpeg", Audio),
            ),
            (
                "x.zzz",
                Some("not a type"),
                ("x.zzz", ".zzz", "application/octet-stream", Custom),
            ),
        ] {
            assert_eq!(told(&NamedFile::of(name, mime)), expected);
        }
    }

    #[test]
    fn hostile_names_become_plain_ones() {
        let long = "x".repeat(500) + ".txt";
        for (raw, name) in [
            ("../../etc/passwd", "passwd"),
            ("..\\..\\boot.ini", "boot.ini"),
            ("..", "file"),
            ("/", "file"),
            ("", "file"),
            (".env", "env"),
            ("a\u{0}b\r\nSet-Cookie: x.txt", "abSet-Cookie: x.txt"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
            (&long, &("x".repeat(196) + ".txt")),
        ] {
            assert_eq!(NamedFile::of(raw, None).name, name, "{raw:?}");
        }
        let end = format!("a.{}", "y".repeat(40));
        assert_eq!(NamedFile::of(&end, None).extension, "");
    }

    #[test]
    fn an_address_tells_a_name() {
        for (url, name, extension) in [
            ("https://h.test/a/b%20c.png?x=1.txt#y", "b c.png", ".png"),
            ("https://h.test/%2e%2e%2fpasswd.txt", "passwd.txt", ".txt"),
            ("https://h.test", "file", ""),
            ("https://h.test/", "file", ""),
            ("https://h.test/100%.txt", "100%.txt", ".txt"),
        ] {
            let named = NamedFile::of_url(url);
            assert_eq!(
                (&*named.name, &*named.extension),
                (name, extension),
                "{url}"
            );
        }
    }

    #[test]
    fn mime_types_have_usual_extensions() {
        for (mime, extension) in [
            ("image/png", Some(".png")),
            ("image/jpeg", Some(".jpg")),
            ("application/octet-stream", None),
            ("nonsense", None),
        ] {
            assert_eq!(extension_for(mime).as_deref(), extension, "{mime}");
        }
    }
}
