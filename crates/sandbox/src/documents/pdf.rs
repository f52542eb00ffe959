//! PDF: the texts of its pages, one directly after the other.

use pdf_extract::{Document, PlainTextOutput, output_doc_page};

use super::{DocumentError, Output};

/// Pages, at most.
const PAGES: usize = 5_000;

pub(super) fn text(content: &[u8]) -> Result<String, DocumentError> {
    let mut document = Document::load_mem(content).map_err(DocumentError::broken)?;
    if document.is_encrypted() {
        let locked = |_| DocumentError::Broken("it is locked with a password".to_owned());
        document.decrypt("").map_err(locked)?;
    }
    let pages = document.get_pages();
    if pages.len() > PAGES {
        return Err(DocumentError::TooLarge(format!(
            "has more than {PAGES} pages"
        )));
    }
    let mut out = Output::default();
    for number in pages.keys() {
        let mut page = String::new();
        let mut plain = PlainTextOutput::new(&mut page);
        let read = output_doc_page(&document, &mut plain, *number);
        read.map_err(|cause| DocumentError::Broken(format!("page {number}: {cause}")))?;
        out.push(&page)?;
    }
    Ok(out.0)
}
