//! Word documents: paragraphs and tables in their order. What was deleted, drawn or put into a box is left out.

use std::rc::Rc;

use crate::documents::archive::Archive;
use crate::documents::table::{row, rule};
use crate::documents::xml::{Step, Tag, walk};
use crate::documents::{DocumentError, Output};

/// Columns of a table, at most.
const COLUMNS: usize = 1_000;
/// Elements whose content is no text of the document.
const HIDDEN: [&str; 7] = [
    "Fallback",
    "txbxContent",
    "del",
    "moveFrom",
    "drawing",
    "pict",
    "object",
];

/// The text of a document.
pub(in crate::documents) fn text(content: &[u8]) -> Result<String, DocumentError> {
    let mut reader = Reader::default();
    walk(&main_part(content)?, |step| match step {
        Step::Open(tag) => {
            reader.open(&tag);
            Ok(())
        }
        Step::Close(name) => reader.close(name),
        Step::Text(text) => {
            if reader.in_text {
                reader.put(&text);
            }
            Ok(())
        }
    })?;
    Ok(reader.out.0)
}

/// The part with the text, under its usual name or another one that begins like it.
fn main_part(content: &[u8]) -> Result<Vec<u8>, DocumentError> {
    const USUAL: &str = "word/document.xml";
    let mut archive = Archive::open(content)?;
    if let Some(main) = archive.entry(USUAL)? {
        return Ok(main);
    }
    let is_main = |name: &String| name.starts_with("word/document") && name.ends_with(".xml");
    let other = archive.names().into_iter().find(is_main);
    archive.needed(&other.unwrap_or_else(|| USUAL.to_owned()))
}

#[derive(Default)]
struct Reader {
    out: Output,
    has_items: bool,
    hidden: usize,
    in_run: bool,
    in_text: bool,
    paragraph: Option<String>,
    /// Tables inside each other.
    tables: Vec<Table>,
}

/// A table that is being read. Cells that span others share their text: a small file can ask for many of them.
#[derive(Default)]
struct Table {
    rows: Vec<Vec<Rc<str>>>,
    row: Vec<Rc<str>>,
    cell: Cell,
}

#[derive(Default)]
struct Cell {
    paragraphs: Vec<String>,
    /// Columns, 0 for one.
    span: usize,
    /// It belongs to the cell above.
    goes_on: bool,
}

impl Reader {
    fn put(&mut self, text: &str) {
        if let Some(paragraph) = self.paragraph.as_mut().filter(|_| self.in_run) {
            paragraph.push_str(text);
        }
    }

    fn open(&mut self, tag: &Tag<'_>) {
        let name = tag.name();
        self.hidden += usize::from(HIDDEN.contains(&name.as_str()));
        if self.hidden > 0 {
            return;
        }
        let is_break = || {
            let kind = tag.attribute("w:type");
            kind.is_none_or(|kind| kind == "textWrapping")
        };
        match name.as_str() {
            "p" => self.paragraph = Some(String::new()),
            "r" => self.in_run = true,
            "t" => self.in_text = self.in_run,
            "tab" | "ptab" => self.put("\t"),
            "br" if is_break() => self.put("\n"),
            "cr" => self.put("\n"),
            "noBreakHyphen" => self.put("-"),
            "tbl" => self.tables.push(Table::default()),
            "tc" | "gridSpan" | "vMerge" => self.open_cell(&name, tag),
            _ => {}
        }
    }

    fn open_cell(&mut self, name: &str, tag: &Tag<'_>) {
        let Some(table) = self.tables.last_mut() else {
            return;
        };
        let said = tag.attribute("w:val");
        match name {
            "gridSpan" => {
                let span = said.and_then(|text| text.parse().ok());
                table.cell.span = span.unwrap_or(1);
            }
            "vMerge" => table.cell.goes_on = said.is_none_or(|text| text != "restart"),
            _ => table.cell = Cell::default(),
        }
    }

    fn close(&mut self, name: &str) -> Result<(), DocumentError> {
        if HIDDEN.contains(&name) {
            self.hidden = self.hidden.saturating_sub(1);
            return Ok(());
        }
        if self.hidden > 0 {
            return Ok(());
        }
        match (name, self.tables.last_mut()) {
            ("r", _) => self.in_run = false,
            ("t", _) => self.in_text = false,
            ("p", None) => {
                if let Some(paragraph) = self.paragraph.take() {
                    self.item(&paragraph)?;
                }
            }
            ("p", Some(table)) => table.cell.paragraphs.extend(self.paragraph.take()),
            ("tc", Some(table)) => table.close_cell(),
            ("tr", Some(table)) => {
                let row = std::mem::take(&mut table.row);
                table.rows.push(row);
            }
            ("tbl", Some(_)) => {
                // A table inside a cell is no text of that cell.
                if let Some(table) = self.tables.pop().filter(|_| self.tables.is_empty())
                    && table.has_content()
                {
                    self.item(&table.markdown()?)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Adds a paragraph or a table, empty ones too.
    fn item(&mut self, text: &str) -> Result<(), DocumentError> {
        if self.has_items {
            self.out.push("\n")?;
        }
        self.has_items = true;
        self.out.push(text)
    }
}

impl Table {
    fn close_cell(&mut self) {
        let cell = std::mem::take(&mut self.cell);
        let above = self.rows.last().and_then(|row| row.get(self.row.len()));
        let text = match above.filter(|_| cell.goes_on) {
            Some(above) => Rc::clone(above),
            None => cell.paragraphs.join("\n").replace('\n', "<br>").into(),
        };
        let room = COLUMNS.saturating_sub(self.row.len());
        for _ in 0..cell.span.max(1).min(room) {
            self.row.push(Rc::clone(&text));
        }
    }

    fn has_content(&self) -> bool {
        let mut cells = self.rows.iter().flatten();
        cells.any(|cell| !cell.trim().is_empty())
    }

    fn markdown(&self) -> Result<String, DocumentError> {
        let mut out = Output::default();
        for (index, cells) in self.rows.iter().enumerate() {
            row(&mut out, cells.iter().map(|cell| &**cell))?;
            if index == 0 {
                rule(&mut out, cells.iter().map(|_| 3))?;
            }
        }
        Ok(out.0)
    }
}
