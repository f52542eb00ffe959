//! The codes that the sources can answer against `docs/`: each is explained there, and nothing else is.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use latchkey_domain::provider::ProviderId;
use latchkey_models::catalogue::Catalogue;
use latchkey_tests::contract::Contract;
use latchkey_tests::requirement::workspace;

/// Crates whose codes reach a client.
const CRATES: [&str; 6] = ["api", "domain", "engine", "models", "nodes", "service"];
/// What makes a refusal or a finding; the first text after it that looks like a code is one.
const MAKERS: [&str; 14] = [
    "Error::new(",
    "Error::field(",
    "unprocessable(",
    "malformed(",
    "Problem::error(",
    "Problem::warning(",
    "PlanProblem::of_graph(",
    "PlanProblem::of_node(",
    "wrong(variable, ",
    "problem(name, ",
    "tell(",
    "refuse(",
    "code: \"",
    "RunError {",
];
/// Looks like a code and is none that a client hears: it stops the start of the server.
const NOT_ANSWERED: [&str; 1] = ["master_key_wrong"];

fn sources(folder: &Path, into: &mut Vec<String>) {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<PathBuf>, Vec<PathBuf>) = entries.partition(|path| path.is_dir());
    folders.iter().for_each(|folder| sources(folder, into));
    let is_source = |path: &&PathBuf| path.extension().is_some_and(|of| of == "rs");
    let texts = files
        .iter()
        .filter(is_source)
        .map(|file| std::fs::read_to_string(file).unwrap());
    into.extend(texts.map(|text| text.split("#[cfg(test)]").next().unwrap().to_owned()));
}

fn all_sources() -> Vec<String> {
    let mut texts = Vec::new();
    for name in CRATES {
        sources(
            &workspace().join("crates").join(name).join("src"),
            &mut texts,
        );
    }
    texts
}

/// The first quoted text, if it looks like a code.
fn code(after: &str) -> Option<&str> {
    let statement = after.split([';', '{']).next().unwrap_or_default();
    let text = statement.split('"').nth(1)?;
    let is_code = text.contains('_')
        && text
            .bytes()
            .all(|byte| byte == b'_' || byte.is_ascii_lowercase());
    is_code.then_some(text)
}

#[test]
fn every_code_is_explained() {
    let mut codes = BTreeSet::new();
    for text in all_sources() {
        for maker in MAKERS {
            let quote = if maker.ends_with('"') { "\"" } else { "" };
            for after in text.split(maker).skip(1) {
                codes.extend(code(&format!("{quote}{after}")).map(str::to_owned));
            }
        }
    }
    assert!(
        codes.len() > 50,
        "the makers of codes are not recognised any more: {codes:?}"
    );
    NOT_ANSWERED
        .iter()
        .for_each(|code| assert!(codes.remove(*code)));
    let unexplained: Vec<_> = codes
        .difference(Contract::load().codes())
        .cloned()
        .collect();
    assert!(
        unexplained.is_empty(),
        "not in docs/errors.md: {unexplained:?}"
    );
}

#[test]
fn every_explained_code_is_one() {
    let sources = all_sources();
    let contract = Contract::load();
    let catalogue = Catalogue::built_in();
    // The ids of providers stand in the catalogue's files.
    let is_written = |code: &&String| {
        catalogue.provider(&ProviderId::normalise(code)).is_some()
            || sources
                .iter()
                .any(|text| text.contains(&format!("\"{code}\"")))
    };
    let gone: Vec<_> = contract
        .codes()
        .iter()
        .filter(|code| !is_written(code))
        .collect();
    assert!(
        gone.is_empty(),
        "in docs/, but not in the sources: {gone:?}"
    );
}
