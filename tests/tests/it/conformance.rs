//! All conformance cases: those of what is built must pass, those of what is not must be listed.

use std::path::{Path, PathBuf};

use latchkey_tests::conformance::{Outcome, files, run_all};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance")
}

/// The case as the list names it: `topic/name`.
fn case(outcome: &Outcome) -> String {
    let inside = outcome
        .file
        .strip_prefix(folder())
        .expect("a file of the folder");
    inside.with_extension("").display().to_string()
}

#[tokio::test]
async fn every_case_passes_unless_it_is_listed_as_not_built() {
    let list = std::fs::read_to_string(folder().join("not-built.txt")).unwrap();
    let listed: Vec<&str> = list.lines().filter(|line| !line.starts_with('#')).collect();
    let is_listed = |case: &str| {
        listed
            .iter()
            .any(|line| *line == case || (line.ends_with('/') && case.starts_with(line)))
    };
    let outcomes = run_all(&files(&[folder()]).unwrap()).await;
    assert!(outcomes.len() > 700, "only {} cases", outcomes.len());
    let wrong: Vec<String> = outcomes
        .iter()
        .filter_map(|outcome| {
            let (case, first) = (case(outcome), outcome.diff.first());
            match (first, is_listed(&case)) {
                (None, false) => None,
                (None, true) => Some(format!("{case} passes and is listed")),
                (Some(_), true) if !outcome.unbuilt.is_empty() => None,
                (Some(_), true) => Some(format!("{case} is listed and needs nothing new")),
                (Some(first), false) => Some(format!("{case} fails: {}", first.to_json())),
            }
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
