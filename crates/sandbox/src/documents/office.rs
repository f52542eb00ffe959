//! Office documents that are archives of XML: texts, slides, open documents.

mod docx;
mod pptx;

pub(super) use self::docx::text as docx;
pub(super) use self::pptx::text as pptx;

use super::archive::Archive;
use super::xml::{Step, walk};
use super::{DocumentError, Output};

/// Spaces that one element stands for, at most.
const SPACES: usize = 100;

/// An open document: its headings and paragraphs, one a line.
pub(super) fn odt(content: &[u8]) -> Result<String, DocumentError> {
    let body = Archive::open(content)?.needed("content.xml")?;
    let mut out = Output::default();
    let mut line: Option<String> = None;
    // Inside of what was deleted or only remarked.
    let mut hidden = 0_usize;
    walk(&body, |step| {
        match step {
            Step::Open(tag) => match tag.name().as_str() {
                "tracked-changes" | "annotation" => hidden += 1,
                _ if hidden > 0 => {}
                "p" | "h" => line = Some(line.take().unwrap_or_default()),
                "tab" => line.iter_mut().for_each(|line| line.push('\t')),
                "line-break" => line.iter_mut().for_each(|line| line.push('\n')),
                "s" => {
                    let count = tag.attribute("text:c").and_then(|text| text.parse().ok());
                    let spaces = " ".repeat(count.unwrap_or(1).min(SPACES));
                    line.iter_mut().for_each(|line| line.push_str(&spaces));
                }
                _ => {}
            },
            Step::Close("tracked-changes" | "annotation") => hidden = hidden.saturating_sub(1),
            Step::Close("p" | "h") if hidden == 0 => {
                if let Some(line) = line.take().filter(|line| !line.trim().is_empty()) {
                    out.line(&line)?;
                }
            }
            Step::Text(text) if hidden == 0 => {
                line.iter_mut().for_each(|line| line.push_str(&text));
            }
            Step::Close(_) | Step::Text(_) => {}
        }
        Ok(())
    })?;
    Ok(out.0)
}
