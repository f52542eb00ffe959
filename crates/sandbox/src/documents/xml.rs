//! XML, step by step: never a tree, never an entity of the document's own, and only so deep.

use std::borrow::Cow;

use quick_xml::escape::resolve_html5_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::DocumentError;

/// Elements inside each other, at most.
const DEEPEST: usize = 512;

/// What comes next. Names have no prefix.
pub(super) enum Step<'a> {
    Open(Tag<'a>),
    Close(&'a str),
    Text(Cow<'a, str>),
}

/// The beginning of an element.
pub(super) struct Tag<'a>(BytesStart<'a>);

impl Tag<'_> {
    pub(super) fn name(&self) -> String {
        self.0.local_name().as_ref().to_owned()
    }

    /// An attribute by its name, with the prefix if it is written with one.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        let found = self.0.try_get_attribute(name).ok().flatten()?;
        let value = found.normalized_value(XmlVersion::Implicit1_0);
        value.ok().map(Cow::into_owned)
    }
}

/// Walks through a document.
pub(super) fn walk(
    content: &[u8],
    mut visit: impl FnMut(Step<'_>) -> Result<(), DocumentError>,
) -> Result<(), DocumentError> {
    let text = super::text::decoded(content);
    let mut reader = Reader::from_str(&text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    let mut depth = 0_usize;
    loop {
        match reader.read_event().map_err(DocumentError::broken)? {
            Event::Start(tag) => {
                depth += 1;
                if depth > DEEPEST {
                    let why = format!("is nested more than {DEEPEST} elements deep");
                    return Err(DocumentError::TooLarge(why));
                }
                visit(Step::Open(Tag(tag)))?;
            }
            Event::Empty(tag) => {
                let name = tag.local_name().as_ref().to_owned();
                visit(Step::Open(Tag(tag)))?;
                visit(Step::Close(&name))?;
            }
            Event::End(tag) => {
                depth = depth.saturating_sub(1);
                visit(Step::Close(tag.local_name().as_ref()))?;
            }
            Event::Text(text) => visit(Step::Text(text.xml10_content()))?,
            Event::CData(text) => visit(Step::Text(text.xml10_content()))?,
            Event::GeneralRef(reference) => {
                let letter = reference.resolve_char_ref().ok().flatten();
                let known = resolve_html5_entity(&reference.xml10_content()).map(str::to_owned);
                if let Some(text) = letter.map(String::from).or(known) {
                    visit(Step::Text(text.into()))?;
                }
            }
            Event::Eof => return Ok(()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}
