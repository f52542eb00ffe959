//! Documents: bytes in, text out, and a parser that dies takes nothing with it.

use std::io::{Cursor, Write as _};

use latchkey_sandbox::{DocumentKind, Job, SandboxError};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::world::World;

async fn read(world: &World, kind: DocumentKind, bytes: &[u8]) -> Result<String, SandboxError> {
    let bytes = bytes.to_vec();
    let read = world.0.run(Job::Document { kind, bytes }).await;
    read.map(|output| output.text)
}

/// A workbook of one sheet.
fn workbook(sheet: &str) -> Vec<u8> {
    let relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet";
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in [
        (
            "_rels/.rels",
            "<Relationships><Relationship Id=\"r0\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>".to_owned(),
        ),
        (
            "xl/workbook.xml",
            "<workbook><sheets><sheet name=\"S\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
                .to_owned(),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships><Relationship Id=\"r1\" Type=\"{relation}\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet><sheetData>{sheet}</sheetData></worksheet>"),
        ),
    ] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[tokio::test]
async fn a_text_comes_back_as_it_is() {
    let text = "é😀\0\n".repeat(20_000);
    let answer = read(&World::new(), DocumentKind::Text, text.as_bytes()).await;
    assert_eq!(answer.unwrap(), text);
}

#[tokio::test]
async fn documents_are_read_behind_the_walls() {
    let world = World::new();
    let sheet =
        "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"2\"><c r=\"A2\"><v>2</v></c></row>";
    let table = read(&world, DocumentKind::Sheet, &workbook(sheet)).await;
    assert_eq!(table.unwrap(), "| 1 |\n| - |\n| 2 |\n\n");
    let csv = read(&world, DocumentKind::Csv, b"a\nb\n").await;
    assert_eq!(csv.unwrap(), "| a |\n| - |\n| b |\n");
}

#[tokio::test]
async fn what_cannot_be_read_is_told() {
    let world = World::new();
    for (kind, bytes, part) in [
        (DocumentKind::Json, &b"{"[..], "line 1"),
        (DocumentKind::Pdf, b"no pdf", ""),
        (DocumentKind::Doc, b"", "docx"),
    ] {
        let refused = read(&world, kind, bytes).await.unwrap_err();
        assert!(matches!(refused, SandboxError::Failed(_)), "{refused:?}");
        assert!(refused.to_string().contains(part), "{refused}");
    }
}

/// The library makes a table of all that lies between the first cell and the last one: of this, 256 GiB.
#[tokio::test]
async fn a_parser_that_dies_is_told_and_the_next_one_works() {
    let world = World::new();
    let far = "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"1048576\"><c r=\"XFD1048576\"><v>2</v></c></row>";
    let died = read(&world, DocumentKind::Sheet, &workbook(far)).await;
    let died = died.unwrap_err();
    assert!(matches!(died, SandboxError::Ended(_)), "{died:?}");
    let next = read(&world, DocumentKind::Text, b"next").await;
    assert_eq!(next.unwrap(), "next");
}
