//! JSON and YAML: read, and written in one form.

use std::io;

use serde::Deserialize as _;
use serde::Serialize as _;
use serde_json::Value as Json;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

use super::{DocumentError, Output, number};

/// JSON, indented by two; keys keep their order, and letters stay letters.
pub(super) fn json(text: &str) -> Result<String, DocumentError> {
    let value: Json = serde_json::from_str(text).map_err(DocumentError::broken)?;
    let mut bytes = Vec::new();
    let formatter = Indented(PrettyFormatter::new());
    let mut serializer = Serializer::with_formatter(&mut bytes, formatter);
    value
        .serialize(&mut serializer)
        .map_err(DocumentError::broken)?;
    String::from_utf8(bytes).map_err(DocumentError::broken)
}

/// How deep brackets may be open. A value cannot be as deep; what takes each of them up looks at all that are open, so that
/// nothing but brackets would take for ever to be refused.
const DEEPEST: usize = 256;

/// YAML in block form; several documents stay several.
pub(super) fn yaml(text: &str) -> Result<String, DocumentError> {
    if brackets(text) > DEEPEST {
        return Err(DocumentError::broken("brackets are nested too deeply"));
    }
    let mut out = Output::default();
    for (index, document) in serde_yaml::Deserializer::from_str(text).enumerate() {
        let value = serde_yaml::Value::deserialize(document).map_err(DocumentError::broken)?;
        // A text without anything in it is no document.
        if value.is_null() && text.trim().is_empty() {
            break;
        }
        if index > 0 {
            out.push("---\n")?;
        }
        let written = serde_yaml::to_string(&value).map_err(DocumentError::broken)?;
        out.push(&written)?;
    }
    Ok(out.0)
}

/// How many brackets are open at once at most. Those in texts and comments count too.
fn brackets(text: &str) -> usize {
    let mut open = 0_usize;
    let mut most = 0;
    for byte in text.bytes() {
        match byte {
            b'[' | b'{' => open += 1,
            b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}

/// Indented JSON with numbers as Python writes them.
struct Indented(PrettyFormatter<'static>);

impl Formatter for Indented {
    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        writer.write_all(number::float(value).as_bytes())
    }

    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}
