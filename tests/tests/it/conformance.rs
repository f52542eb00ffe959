//! All conformance cases pass.

use std::path::{Path, PathBuf};

use latchkey_tests::conformance::{Outcome, files, run_all};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance")
}

/// The case by its topic and name.
fn case(outcome: &Outcome) -> String {
    let inside = outcome
        .file
        .strip_prefix(folder())
        .expect("a file of the folder");
    inside.with_extension("").display().to_string()
}

#[tokio::test]
async fn every_case_passes() {
    let outcomes = run_all(&files(&[folder()]).unwrap()).await;
    assert!(outcomes.len() > 750, "only {} cases", outcomes.len());
    let wrong: Vec<String> = outcomes
        .iter()
        .filter_map(|outcome| {
            let first = outcome.diff.first()?;
            Some(format!("{} fails: {}", case(outcome), first.to_json()))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
