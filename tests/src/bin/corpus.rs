//! Runs the cases over the published files and prints the table: `corpus`. Exits with 1 when one is wrong.

use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::Result;

use latchkey_tests::corpus::{rows, table};

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let mut out = io::stdout().lock();
    let Some(rows) = rows().await? else {
        writeln!(
            out,
            "the corpus is missing: LATCHKEY_SHARED names its folder"
        )?;
        return Ok(ExitCode::FAILURE);
    };
    write!(out, "{}", table(&rows))?;
    let cases = || rows.iter().flat_map(|row| &row.cases);
    let wrong = cases().filter(|case| !case.wrong.is_empty());
    let (wrong, waiting) = (
        wrong.clone().count(),
        wrong.filter(|case| !case.unbuilt.is_empty()).count(),
    );
    writeln!(
        out,
        "{} files, {} cases: {} as expected, {waiting} wait for node types, {} wrong",
        rows.len(),
        cases().count(),
        cases().count() - wrong,
        wrong - waiting
    )?;
    Ok(if wrong > waiting {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}
