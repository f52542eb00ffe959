//! Values in rows: CSV and spreadsheets, as markdown tables whose first row has the headers.

use std::collections::HashMap;
use std::io::Cursor;

use calamine::{Data, Ods, Reader as _, Sheets, Xls, Xlsb, Xlsx};

use super::table::{row, rule};
use super::{DocumentError, Output, archive, number};

/// CSV; a line feed inside a cell becomes a space.
pub(super) fn csv(text: &str) -> Result<String, DocumentError> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut out = Output::default();
    for (index, record) in reader.records().enumerate() {
        let record = record.map_err(DocumentError::broken)?;
        let cells: Vec<String> = record.iter().map(one_line).collect();
        row(&mut out, cells.iter().map(String::as_str))?;
        if index == 0 {
            rule(&mut out, record.iter().map(|header| header.chars().count()))?;
        }
    }
    Ok(out.0)
}

fn one_line(cell: &str) -> String {
    cell.replace('\n', " ").replace('\r', "")
}

/// Excel's newer and older forms and OpenDocument's; what is wrong is told of the form that it looks like.
fn open(content: &[u8]) -> Result<Sheets<Cursor<&[u8]>>, DocumentError> {
    let reader = || Cursor::new(content);
    if !archive::is_one(content) {
        let book = Xls::new(reader()).map_err(DocumentError::broken)?;
        return Ok(Sheets::Xls(book));
    }
    // The library unpacks without bounds: what would unfold beyond them never gets there.
    archive::check(content)?;
    let cause = match Xlsx::new(reader()) {
        Ok(book) => return Ok(Sheets::Xlsx(book)),
        Err(cause) => cause,
    };
    let others = Xlsb::new(reader()).map(Sheets::Xlsb).ok();
    let others = others.or_else(|| Ods::new(reader()).map(Sheets::Ods).ok());
    others.ok_or_else(|| DocumentError::broken(cause))
}

/// All sheets that have values, an empty line behind each.
pub(super) fn workbook(content: &[u8]) -> Result<String, DocumentError> {
    let mut book = open(content)?;
    let mut out = Output::default();
    for name in book.sheet_names() {
        let Ok(range) = book.worksheet_range(&name) else {
            continue;
        };
        let mut rows = range.rows();
        let Some(first) = rows.next() else {
            continue;
        };
        let headers = headers(first);
        let mut lines = Output::default();
        row(&mut lines, headers.iter().map(String::as_str))?;
        rule(
            &mut lines,
            headers.iter().map(|header| header.chars().count()),
        )?;
        for cells in rows.filter(|cells| cells.iter().any(|cell| *cell != Data::Empty)) {
            let cells: Vec<String> = cells.iter().map(shown).collect();
            row(&mut lines, cells.iter().map(String::as_str))?;
        }
        out.push(&lines.0)?;
        out.push("\n")?;
    }
    Ok(out.0)
}

/// Headers that are missing or there already get names of their own, as every reader of such tables knows them.
fn headers(cells: &[Data]) -> Vec<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let named = cells.iter().enumerate().map(|(index, cell)| {
        let name = if *cell == Data::Empty {
            format!("Unnamed: {index}")
        } else {
            shown(cell)
        };
        let before = seen.entry(name.clone()).or_default();
        *before += 1;
        if *before > 1 {
            format!("{name}.{}", *before - 1)
        } else {
            name
        }
    });
    named.collect()
}

fn shown(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::Int(number) => number.to_string(),
        // Spreadsheets know no integers.
        Data::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            format!("{number:.0}")
        }
        Data::Float(number) => number::float(*number),
        Data::Bool(true) => "True".to_owned(),
        Data::Bool(false) => "False".to_owned(),
        Data::DateTime(at) if at.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
        }
        Data::DateTime(duration) => number::float(duration.as_f64()),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => {
            let lines: Vec<&str> = text.lines().collect();
            lines.join(" ")
        }
        Data::Error(error) => error.to_string(),
    }
}
