//! The providers of real files are in the catalogue.

use std::collections::BTreeSet;

use latchkey_domain::document::{ImportOptions, import};
use latchkey_models::catalogue::Catalogue;
use latchkey_tests::requires;

/// Placeholders that stand in published examples and are nobody's service.
const NOBODY: [&str; 1] = ["example"];

#[test]
fn every_provider_of_the_corpus_can_be_called() {
    let shared = requires!(shared);
    let catalogue = Catalogue::built_in();
    let supported = |_: &str| true;
    let options = ImportOptions {
        confirm_newer: true,
        supported: &supported,
    };
    let (mut places, mut missing) = (0, BTreeSet::new());
    for file in std::fs::read_dir(shared.join("corpus")).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|kind| kind != "yml") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let document = import(&text, &options).document;
        for place in document.iter().flat_map(|document| document.model_places()) {
            places += 1;
            let provider = place.provider;
            if catalogue.provider(&provider).is_none() && !NOBODY.contains(&provider.as_str()) {
                missing.insert(format!("{provider} in {}", path.display()));
            }
        }
    }
    assert!(places > 50, "only {places} places were read");
    assert_eq!(missing, BTreeSet::new());
}
