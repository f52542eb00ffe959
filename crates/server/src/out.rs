//! What the command line prints: the one place that writes to standard output and standard error.
//!
//! Control characters are taken out of lines, because names and messages come from files and servers that could otherwise
//! steer the terminal.

use std::fmt::Display;
use std::io::Write as _;

use serde_json::Value as Json;

/// Prints a line on standard output.
pub(crate) fn line(text: impl Display) {
    let text = format!("{}\n", plain(&text.to_string()));
    exact(&text);
}

/// Prints a line on standard error.
pub(crate) fn error(text: impl Display) {
    let text = format!("{}\n", plain(&text.to_string()));
    // Nobody is left to be told when standard error is closed.
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// Prints a text on standard output as it is, for documents that are written to a file.
pub(crate) fn exact(text: &str) {
    let mut stdout = std::io::stdout().lock();
    // A reader such as `head` may close the pipe early; what it has read is what it wanted.
    let _ = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
}

/// Prints a JSON value on standard output.
pub(crate) fn json(value: &Json) {
    exact(&format!("{value:#}\n"));
}

/// Prints rows under a header, in columns as wide as their widest cell.
pub(crate) fn table<const N: usize>(header: [&str; N], rows: &[[String; N]]) {
    let header = header.map(str::to_owned);
    let all = || std::iter::once(&header).chain(rows);
    let width = |column: usize| all().map(|row| row[column].chars().count()).max();
    let widths: [usize; N] = std::array::from_fn(|column| width(column).unwrap_or(0));
    for row in all() {
        let cells = row.iter().zip(widths);
        let text: String = cells
            .map(|(cell, width)| format!("{cell:width$}  "))
            .collect();
        line(text.trim_end());
    }
}

/// A JSON value as a cell: texts without quotation marks, nothing for `null`, lists joined by commas.
pub(crate) fn cell(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        Json::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(", "),
        Json::Bool(_) | Json::Number(_) | Json::Object(_) => value.to_string(),
    }
}

fn plain(text: &str) -> String {
    text.chars()
        .map(|letter| {
            if letter.is_control() && letter != '\n' && letter != '\t' {
                '\u{fffd}'
            } else {
                letter
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{cell, plain};

    #[test]
    fn nothing_printed_steers_the_terminal() {
        assert_eq!(plain("a\u{1b}[31mb\tc\n"), "a\u{fffd}[31mb\tc\n");
    }

    #[test]
    fn cells_are_readable() {
        assert_eq!(cell(&json!(["a", 1, null])), "a, 1, ");
        assert_eq!(cell(&json!(null)), "");
    }
}
