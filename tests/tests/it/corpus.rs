//! The published files run to their ends: every node on the way executed, its outputs told.

use latchkey_tests::corpus::{rows, table};
use latchkey_tests::requires;

#[tokio::test]
async fn every_published_file_runs_to_its_end_or_says_why_not() {
    let _shared = requires!(shared);
    let rows = rows().await.unwrap().unwrap();
    let is_unsaid =
        |row: &&latchkey_tests::corpus::Row| row.reason.is_none() == row.cases.is_empty();
    let unsaid: Vec<_> = rows
        .iter()
        .filter(is_unsaid)
        .map(|row| &row.number)
        .collect();
    assert!(
        unsaid.is_empty(),
        "neither a case nor a reason, or both: {unsaid:?}"
    );
    let cases = rows.iter().flat_map(|row| &row.cases);
    let wrong: Vec<String> = cases
        .filter(|case| !case.wrong.is_empty() && case.unbuilt.is_empty())
        .map(|case| format!("{}: {}", case.name, case.wrong.join("\n  ")))
        .collect();
    assert!(wrong.is_empty(), "{}\n{}", table(&rows), wrong.join("\n"));
    assert_eq!(rows.len(), 68);
}
