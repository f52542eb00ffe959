//! The texts of documents, as pure functions: bytes in, text out. Parsers of foreign formats are what goes wrong here, so
//! every one has bounds of its own, and only the confined process calls [`extract`].

mod archive;
mod captions;
mod epub;
mod mail;
mod number;
mod office;
mod pdf;
mod sheet;
mod structured;
mod table;
mod text;
mod xml;

use std::panic::{AssertUnwindSafe, catch_unwind};

/// How long a text may become, in bytes.
pub const LONGEST_TEXT: usize = 16 << 20;

/// What a document is, and so which parser reads it (Dify DSL, document-extractor).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentKind {
    /// Text that stays as it is: also markdown, HTML, XML and sources.
    Text,
    /// JSON, which is indented anew.
    Json,
    /// YAML, which is written anew.
    Yaml,
    /// PDF.
    Pdf,
    /// The word processor's format since 2007.
    Docx,
    /// Its format before.
    Doc,
    /// Values with commas between them.
    Csv,
    /// Spreadsheets of every age.
    Sheet,
    /// Slides since 2007.
    Pptx,
    /// Slides before.
    Ppt,
    /// Books.
    Epub,
    /// Open documents.
    Odt,
    /// A message as it is sent.
    Mail,
    /// A message as one program keeps it.
    Outlook,
    /// Captions of a film, by speaker.
    Captions,
    /// Keys and values, one a line.
    Properties,
}

/// Extensions of texts that stay as they are.
const TEXTS: &str = " txt markdown md mdx html htm xml c h cpp hpp cc cxx c++ py js ts jsx tsx java php rb go rs swift kt scala \
     sh bash bat ps1 sql r m pl lua vim asm s css scss less sass ini cfg conf toml env log vtt srt ";

impl DocumentKind {
    /// All of them.
    const ALL: [Self; 16] = [
        Self::Text,
        Self::Json,
        Self::Yaml,
        Self::Pdf,
        Self::Docx,
        Self::Doc,
        Self::Csv,
        Self::Sheet,
        Self::Pptx,
        Self::Ppt,
        Self::Epub,
        Self::Odt,
        Self::Mail,
        Self::Outlook,
        Self::Captions,
        Self::Properties,
    ];

    /// What an extension says, which has its dot and small letters.
    #[must_use]
    pub fn of_extension(extension: &str) -> Option<Self> {
        let end = extension.strip_prefix('.')?;
        if !end.is_empty() && TEXTS.contains(&format!(" {end} ")) {
            return Some(Self::Text);
        }
        Some(match end {
            "json" => Self::Json,
            "yaml" | "yml" => Self::Yaml,
            "pdf" => Self::Pdf,
            "docx" => Self::Docx,
            "doc" => Self::Doc,
            "csv" => Self::Csv,
            "xls" | "xlsx" => Self::Sheet,
            "pptx" => Self::Pptx,
            "ppt" => Self::Ppt,
            "epub" => Self::Epub,
            "odt" => Self::Odt,
            "eml" => Self::Mail,
            "msg" => Self::Outlook,
            "properties" => Self::Properties,
            _ => return None,
        })
    }

    /// What a MIME type says.
    #[must_use]
    pub fn of_mime(mime_type: &str) -> Option<Self> {
        const OFFICE: &str = "application/vnd.openxmlformats-officedocument.";
        if let Some(office) = mime_type.strip_prefix(OFFICE) {
            return match office {
                "wordprocessingml.document" => Some(Self::Docx),
                "spreadsheetml.sheet" => Some(Self::Sheet),
                "presentationml.presentation" => Some(Self::Pptx),
                _ => None,
            };
        }
        Some(match mime_type {
            "text/plain" | "text/html" | "text/htm" | "text/markdown" | "text/xml" => Self::Text,
            "application/json" => Self::Json,
            "application/x-yaml" | "text/yaml" => Self::Yaml,
            "application/pdf" => Self::Pdf,
            "application/msword" => Self::Doc,
            "text/csv" => Self::Csv,
            "application/vnd.ms-excel" => Self::Sheet,
            "application/vnd.ms-powerpoint" => Self::Ppt,
            "application/epub+zip" => Self::Epub,
            "application/vnd.oasis.opendocument.text" => Self::Odt,
            "message/rfc822" => Self::Mail,
            "application/vnd.ms-outlook" => Self::Outlook,
            "text/vtt" => Self::Captions,
            "text/properties" => Self::Properties,
            _ => return None,
        })
    }

    /// A short word for it, which [`DocumentKind::parse`] reads back.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Yaml => "yaml",
            Self::Pdf => "pdf",
            Self::Docx => "docx",
            Self::Doc => "doc",
            Self::Csv => "csv",
            Self::Sheet => "sheet",
            Self::Pptx => "pptx",
            Self::Ppt => "ppt",
            Self::Epub => "epub",
            Self::Odt => "odt",
            Self::Mail => "mail",
            Self::Outlook => "outlook",
            Self::Captions => "captions",
            Self::Properties => "properties",
        }
    }

    /// Reads the word back.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// What people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "plain text",
            Self::Json => "JSON",
            Self::Yaml => "YAML",
            Self::Pdf => "PDF",
            Self::Docx => "DOCX",
            Self::Doc => "DOC",
            Self::Csv => "CSV",
            Self::Sheet => "Excel file",
            Self::Pptx => "PPTX",
            Self::Ppt => "PPT",
            Self::Epub => "EPUB",
            Self::Odt => "ODT",
            Self::Mail => "EML",
            Self::Outlook => "MSG",
            Self::Captions => "VTT",
            Self::Properties => "properties file",
        }
    }
}

/// Why a document has no text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DocumentError {
    /// It is not what it says, or is damaged.
    #[error("{0}")]
    Broken(String),
    /// It is made to need more than a document may.
    #[error("the document {0}")]
    TooLarge(String),
    /// Its parser gave up in a way that it should not.
    #[error("its parser crashed")]
    Crashed,
    /// This program cannot read the format.
    #[error("{0}")]
    Unsupported(String),
}

impl DocumentError {
    fn broken(why: impl std::fmt::Display) -> Self {
        Self::Broken(why.to_string())
    }
}

/// The text of a document.
///
/// # Errors
/// When it cannot be read, or its text would be longer than [`LONGEST_TEXT`].
pub(crate) fn extract(kind: DocumentKind, content: &[u8]) -> Result<String, DocumentError> {
    let read = AssertUnwindSafe(|| read(kind, content));
    let text = catch_unwind(read).unwrap_or(Err(DocumentError::Crashed))?;
    if text.len() > LONGEST_TEXT {
        return Err(too_long());
    }
    Ok(text)
}

fn read(kind: DocumentKind, content: &[u8]) -> Result<String, DocumentError> {
    match kind {
        DocumentKind::Text => Ok(text::decoded(content)),
        DocumentKind::Json => structured::json(&text::decoded(content)),
        DocumentKind::Yaml => structured::yaml(&text::decoded(content)),
        DocumentKind::Pdf => pdf::text(content),
        DocumentKind::Docx => office::docx(content),
        DocumentKind::Pptx => office::pptx(content),
        DocumentKind::Odt => office::odt(content),
        DocumentKind::Csv => sheet::csv(&text::decoded(content)),
        DocumentKind::Sheet => sheet::workbook(content),
        DocumentKind::Epub => epub::text(content),
        DocumentKind::Mail => mail::message(content),
        DocumentKind::Outlook => mail::outlook(content),
        DocumentKind::Captions => Ok(captions::spoken(&text::decoded(content))),
        DocumentKind::Properties => Ok(text::properties(&text::decoded(content))),
        DocumentKind::Doc | DocumentKind::Ppt => Err(DocumentError::Unsupported(format!(
            "files of this old format cannot be read here: save it as .{}",
            if kind == DocumentKind::Doc {
                "docx"
            } else {
                "pptx"
            }
        ))),
    }
}

fn too_long() -> DocumentError {
    let most = LONGEST_TEXT >> 20;
    DocumentError::TooLarge(format!("has more than {most} MiB of text"))
}

/// A text that is being put together, and stops growing before it is too long.
#[derive(Default)]
struct Output(String);

impl Output {
    fn push(&mut self, text: &str) -> Result<(), DocumentError> {
        if self.0.len() + text.len() > LONGEST_TEXT {
            return Err(too_long());
        }
        self.0.push_str(text);
        Ok(())
    }

    /// Adds a line, with a line feed between it and the one before.
    fn line(&mut self, text: &str) -> Result<(), DocumentError> {
        if !self.0.is_empty() {
            self.push("\n")?;
        }
        self.push(text)
    }
}

#[cfg(test)]
mod tests;
