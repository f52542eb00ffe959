//! Tables in markdown.

use super::{DocumentError, Output};

/// One row with its line feed.
pub(super) fn row<'a>(
    out: &mut Output,
    cells: impl Iterator<Item = &'a str>,
) -> Result<(), DocumentError> {
    out.push("| ")?;
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            out.push(" | ")?;
        }
        out.push(cell)?;
    }
    out.push(" |\n")
}

/// The row between headers and values: so many dashes for each header.
pub(super) fn rule(
    out: &mut Output,
    widths: impl Iterator<Item = usize>,
) -> Result<(), DocumentError> {
    let dashes: Vec<String> = widths.map(|width| "-".repeat(width)).collect();
    row(out, dashes.iter().map(String::as_str))
}
