//! Documents of every kind, made here, and those that want to do harm.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{DocumentError, DocumentKind, LONGEST_TEXT, extract};

fn text_of(kind: DocumentKind, content: impl AsRef<[u8]>) -> String {
    extract(kind, content.as_ref()).unwrap()
}

/// An archive of these entries.
fn archive(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, content) in entries {
        zip.start_file(*name, options).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn docx(body: &str) -> Vec<u8> {
    let main = format!("<w:document xmlns:w=\"w\"><w:body>{body}<w:sectPr/></w:body></w:document>");
    archive(&[("word/document.xml", &main)])
}

/// A file of one page with one line.
fn pdf(line: &str) -> Vec<u8> {
    let content = format!("BT /F1 12 Tf 72 720 Td ({line}) Tj ET");
    let length = content.len();
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_owned(),
        format!("<< /Length {length} >>\nstream\n{content}\nendstream"),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
    ];
    let mut file = "%PDF-1.4\n".to_owned();
    let mut places = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        places.push(file.len());
        file += &format!("{} 0 obj\n{object}\nendobj\n", index + 1);
    }
    let table = file.len();
    file += "xref\n0 6\n0000000000 65535 f \n";
    for place in places {
        file += &format!("{place:010} 00000 n \n");
    }
    file += &format!("trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n");
    file.into_bytes()
}

#[test]
fn extensions_and_mime_types_say_what_a_document_is() {
    for (extension, kind) in [
        (".txt", Some(DocumentKind::Text)),
        (".c++", Some(DocumentKind::Text)),
        (".srt", Some(DocumentKind::Text)),
        (".yml", Some(DocumentKind::Yaml)),
        (".xls", Some(DocumentKind::Sheet)),
        (".TXT", None),
        ("txt", None),
        (".", None),
        (". ", None),
        (".zzz", None),
    ] {
        assert_eq!(DocumentKind::of_extension(extension), kind, "{extension}");
    }
    let office = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    assert_eq!(DocumentKind::of_mime(office), Some(DocumentKind::Docx));
    let captions = DocumentKind::of_mime("text/vtt");
    assert_eq!(captions, Some(DocumentKind::Captions));
    assert_eq!(DocumentKind::of_mime("image/png"), None);
}

#[test]
fn words_for_kinds_read_back() {
    for kind in DocumentKind::ALL {
        assert_eq!(DocumentKind::parse(kind.as_str()), Some(kind));
    }
    assert_eq!(DocumentKind::parse("hologram"), None);
}

#[test]
fn texts_are_read_in_the_characters_that_they_are_written_in() {
    for (content, text) in [
        (&b"W\xc3\xb6rld"[..], "Wörld"),
        (b"\xef\xbb\xbfmarked", "marked"),
        (b"\xff\xfeh\x00i\x00", "hi"),
        (
            b"Caf\xe9 au lait, cr\xe8me br\xfbl\xe9e et p\xe2tisserie fran\xe7aise",
            "Café au lait, crème brûlée et pâtisserie française",
        ),
        (b"", ""),
    ] {
        assert_eq!(text_of(DocumentKind::Text, content), text);
    }
}

#[test]
fn structured_texts_are_written_anew() {
    for (kind, content, text) in [
        (
            DocumentKind::Json,
            r#"{"b":1,"a":["\u00e9",null,1e20,2.0],"e":[],"f":{}}"#,
            "{\n  \"b\": 1,\n  \"a\": [\n    \"é\",\n    null,\n    1e+20,\n    2.0\n  ],\n  \"e\": [],\n  \"f\": {}\n}",
        ),
        (
            DocumentKind::Yaml,
            "b: 1\na: [x, {k: v}]\n---\nc: 2\n",
            "b: 1\na:\n- x\n- k: v\n---\nc: 2\n",
        ),
        (DocumentKind::Yaml, "", ""),
        (
            DocumentKind::Properties,
            "# comment\nkey=value\nother: thing\nalone\n\na=b=c\n",
            "# comment\nkey: value\nother: thing\nalone: \n\na: b=c",
        ),
        (
            DocumentKind::Csv,
            "name,age\n\"A\nnn\",3\nBo,\n",
            "| name | age |\n| ---- | --- |\n| A nn | 3 |\n| Bo |  |\n",
        ),
        (DocumentKind::Csv, "", ""),
        (
            DocumentKind::Captions,
            "WEBVTT\n\n1\n00:00.000 --> 00:01.000\n<v Ann>Hello\n\n00:01.000 --> 00:02.000\n<v Ann>there</v>\n\n00:02.000 --> 00:03.000\n<v Bo>Hi\n\n00:03.000 --> 00:04.000\n<i>music</i>\n",
            "Ann \"Hello there\"\nBo \"Hi\"\n \"music\"",
        ),
    ] {
        assert_eq!(text_of(kind, content), text, "{content}");
    }
}

#[test]
fn a_word_document_is_its_paragraphs_and_tables() {
    let cell = |text: &str, more: &str| {
        format!("<w:tc><w:tcPr>{more}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>")
    };
    let body = [
        "<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>One &amp; </w:t><w:tab/><w:t>two</w:t><w:br/><w:t>three</w:t></w:r></w:p>",
        "<w:p/>",
        "<w:tbl><w:tr>",
        &cell("a", ""),
        &cell("b", "<w:gridSpan w:val=\"2\"/>"),
        "</w:tr><w:tr>",
        &cell("c", "<w:vMerge w:val=\"restart\"/>"),
        "<w:tc><w:p><w:r><w:t>d</w:t></w:r></w:p><w:p><w:r><w:t>e</w:t></w:r></w:p></w:tc>",
        &cell("f", ""),
        "</w:tr><w:tr>",
        &cell("", "<w:vMerge/>"),
        &cell("g", ""),
        &cell("h", ""),
        "</w:tr></w:tbl>",
        "<w:p><w:r><w:t>end</w:t></w:r><w:del><w:r><w:t>gone</w:t></w:r></w:del></w:p>",
    ];
    let text = "One & \ttwo\nthree\n\n| a | b | b |\n| --- | --- | --- |\n| c | d<br>e | f |\n| c | g | h |\n\nend";
    assert_eq!(text_of(DocumentKind::Docx, docx(&body.concat())), text);
    let odd = archive(&[("word\\document.xml", "<d><p><r><t>odd</t></r></p></d>")]);
    assert_eq!(text_of(DocumentKind::Docx, odd), "odd");
}

#[test]
fn slides_books_and_open_documents_are_their_lines() {
    let slide =
        |text: &str| format!("<p:sld><a:p><a:r><a:t>{text}</a:t></a:r></a:p><a:p/></p:sld>");
    let slides = archive(&[
        ("ppt/slides/slide1.xml", &slide("second")),
        ("ppt/slides/slide2.xml", &slide("first")),
        (
            "ppt/presentation.xml",
            "<p:presentation><p:sldId id=\"256\" r:id=\"r2\"/><p:sldId id=\"257\" r:id=\"r1\"/></p:presentation>",
        ),
        (
            "ppt/_rels/presentation.xml.rels",
            "<x><Relationship Id=\"r1\" Target=\"slides/slide1.xml\"/><Relationship Id=\"r2\" Target=\"/ppt/slides/slide2.xml\"/></x>",
        ),
    ]);
    assert_eq!(text_of(DocumentKind::Pptx, slides), "first\nsecond");
    let book = archive(&[
        (
            "META-INF/container.xml",
            "<container><rootfile full-path=\"OEBPS/p.opf\"/></container>",
        ),
        (
            "OEBPS/p.opf",
            "<package><item id=\"a\" href=\"a.xhtml\"/><item id=\"b\" href=\"../b.xhtml\"/><itemref idref=\"b\"/><itemref idref=\"a\"/></package>",
        ),
        ("OEBPS/a.xhtml", "<html><body><p>two</p></body></html>"),
        ("b.xhtml", "<html><body><h1>one</h1></body></html>"),
    ]);
    assert_eq!(text_of(DocumentKind::Epub, book), "one\ntwo");
    let odt = archive(&[(
        "content.xml",
        "<o><text:h>Title</text:h><text:p>a<text:s text:c=\"2\"/>b<text:tab/>c<office:annotation><text:p>no</text:p></office:annotation></text:p></o>",
    )]);
    assert_eq!(text_of(DocumentKind::Odt, odt), "Title\na  b\tc");
}

#[test]
fn a_workbook_is_a_table_for_each_sheet() {
    let sheet = "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>name</t></is></c><c r=\"B1\" t=\"inlineStr\"><is><t>age</t></is></c></row>\
        <row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>Ann</t></is></c><c r=\"B2\"><v>3</v></c></row>\
        <row r=\"4\"><c r=\"A4\" t=\"inlineStr\"><is><t>Bo</t></is></c></row></sheetData></worksheet>";
    let book = archive(&[
        (
            "_rels/.rels",
            "<Relationships><Relationship Id=\"r0\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>",
        ),
        (
            "xl/workbook.xml",
            "<workbook xmlns:r=\"r\"><sheets><sheet name=\"S\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>",
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>",
        ),
        ("xl/worksheets/sheet1.xml", sheet),
    ]);
    let text = "| name | age |\n| ---- | --- |\n| Ann | 3 |\n| Bo |  |\n\n";
    assert_eq!(text_of(DocumentKind::Sheet, book), text);
}

#[test]
fn a_pdf_is_the_text_of_its_pages() {
    let text = text_of(DocumentKind::Pdf, pdf("Hello there"));
    assert_eq!(text.trim(), "Hello there");
}

#[test]
fn a_message_is_what_it_says() {
    let plain = "From: a@b.test\r\nSubject: s\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello\r\nthere\r\n";
    let text = text_of(DocumentKind::Mail, plain);
    assert_eq!(text.replace('\r', ""), "Hello\nthere");
    let html = "From: a@b.test\r\nContent-Type: text/html\r\n\r\n<p>Hello <b>you</b></p>";
    assert_eq!(text_of(DocumentKind::Mail, html).trim(), "Hello you");
    let mut kept = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    let mut body = kept.create_stream("/__substg1.0_1000001F").unwrap();
    let bytes: Vec<u8> = "Hallo\r\nWelt"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    body.write_all(&bytes).unwrap();
    drop(body);
    let text = text_of(DocumentKind::Outlook, kept.into_inner().into_inner());
    assert_eq!(text, "Hallo\nWelt");
}

#[test]
fn damaged_documents_are_refused_with_a_reason() {
    let whole = pdf("Hello there");
    for (kind, content) in [
        (DocumentKind::Pdf, &b"%PDF-1.4 and nothing"[..]),
        (DocumentKind::Pdf, &whole[..whole.len() / 3]),
        (DocumentKind::Pdf, b""),
        (DocumentKind::Docx, b"PK\x03\x04 broken"),
        (DocumentKind::Docx, &archive(&[("other.xml", "<a/>")])),
        (DocumentKind::Sheet, b"no workbook"),
        (DocumentKind::Epub, &archive(&[("a", "")])),
        (DocumentKind::Outlook, b"no file"),
        (DocumentKind::Json, b"{"),
        (DocumentKind::Yaml, b"a: [1, 2"),
        (DocumentKind::Doc, b"any"),
    ] {
        let refused = extract(kind, content).unwrap_err();
        assert!(!refused.to_string().is_empty(), "{kind:?}");
        let is_crash = refused == DocumentError::Crashed;
        assert!(!is_crash || kind == DocumentKind::Pdf, "{kind:?}");
    }
}

/// Nothing of this may take long or grow without end.
#[test]
fn documents_that_unfold_without_end_are_refused() {
    let long = "x".repeat(1 << 20);
    let many = format!("<w:p><w:r><w:t>{long}</w:t></w:r></w:p>").repeat(20);
    let deep = "<a>".repeat(100_000);
    let wide = format!(
        "<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val=\"900\"/></w:tcPr><w:p><w:r><w:t>{long}</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    );
    let zeros = String::from_utf8(vec![b'0'; 300 << 20]).unwrap();
    let laughs = "<!DOCTYPE d [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\">]>";
    for (kind, content, told) in [
        (DocumentKind::Docx, docx(&many), "MiB of text"),
        (DocumentKind::Docx, docx(&wide), "MiB of text"),
        (DocumentKind::Docx, docx(&deep), "elements deep"),
        (
            DocumentKind::Sheet,
            archive(&[("xl/worksheets/sheet1.xml", &zeros)]),
            "unfolds",
        ),
        (
            DocumentKind::Odt,
            archive(&[("content.xml", &zeros)]),
            "unfolds",
        ),
        (DocumentKind::Text, vec![b'x'; LONGEST_TEXT + 1], "MiB of text"),
        // Its reader would look at every open bracket for each of them.
        (DocumentKind::Yaml, vec![b'['; 1_000_000], "nested too deeply"),
        (DocumentKind::Yaml, b"a: {b: [".repeat(150_000), "nested too deeply"),
        (
            DocumentKind::Yaml,
            b"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f,*f,*f]\n".to_vec(),
            "",
        ),
    ] {
        let refused = extract(kind, &content).unwrap_err().to_string();
        assert!(refused.contains(told), "{kind:?}: {refused}");
    }
    let expanded = format!("{laughs}<d><p><r><t>&b;&lt;</t></r></p></d>");
    let expanded = archive(&[("word/document.xml", &expanded)]);
    assert_eq!(text_of(DocumentKind::Docx, expanded), "<");
}

#[test]
fn every_piece_of_a_file_ends_in_a_text_or_an_error() {
    let whole = pdf("Hello there");
    let book = docx("<w:p><w:r><w:t>x</w:t></w:r></w:p>");
    for (kind, whole) in [(DocumentKind::Pdf, whole), (DocumentKind::Docx, book)] {
        for end in (0..whole.len()).step_by(7) {
            drop(extract(kind, &whole[..end]));
        }
    }
}
