//! Every file is read, and what would be a slip is refused.

use std::collections::BTreeSet;
use std::path::Path;

use latchkey_domain::provider::{ALIASES, ModelType, ProviderId};
use latchkey_domain::time::Timestamp;
use rust_decimal::Decimal;

use super::{FILES, read, read_all};
use crate::catalogue::{Catalogue, Feature, ModelInfo, Wire};

/// A provider with one model, to which a slip is added.
fn file(provider: &str, model: &str) -> String {
    format!(
        "source: https://prices.example.com\nas_of: 2026-11-18\nproviders:\n  - id: acme\n    label: Acme\n    wire: openai\n    \
         secrets: required\n    currency: USD\n{provider}    models:\n      - name: m\n{model}"
    )
}

fn model(text: &str) -> ModelInfo {
    let mut providers = read("acme.yml", &file("", text)).unwrap();
    providers.remove(0).models.remove(0)
}

#[test]
fn the_list_of_files_is_the_folder() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("catalogue");
    let entries = std::fs::read_dir(folder).unwrap();
    let found: BTreeSet<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let listed: BTreeSet<String> = FILES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(found, listed);
}

#[test]
fn every_file_is_read() {
    let catalogue = read_all().unwrap();
    assert!(catalogue.providers().count() > 40);
    let models = catalogue.providers().map(|provider| provider.models.len());
    assert!(models.sum::<usize>() > 500);
}

#[test]
fn every_alias_is_said_in_its_file() {
    let catalogue = read_all().unwrap();
    for (alias, id) in ALIASES {
        let provider = catalogue.provider(&ProviderId::normalise(id)).unwrap();
        assert!(provider.aliases.iter().any(|it| it == alias), "{alias}");
    }
    let said: usize = catalogue.providers().map(|it| it.aliases.len()).sum();
    assert_eq!(said, ALIASES.len());
}

#[test]
fn prices_are_as_the_providers_publish_them() {
    let catalogue = Catalogue::built_in();
    let million = 1_000_000;
    for (provider, name, day, input, output) in [
        ("openai", "gpt-4o-mini", "2026-11-27", "0.15", "0.6"),
        (
            "openai",
            "gpt-4o-mini-2024-07-18",
            "2026-11-27",
            "0.15",
            "0.6",
        ),
        ("openai", "o3", "2025-06-09", "10", "40"),
        ("openai", "o3", "2025-06-10", "2", "8"),
        ("openai", "gpt-5.6-luna", "2026-07-29", "1", "6"),
        ("openai", "gpt-5.6-luna", "2026-07-30", "0.2", "1.2"),
        ("anthropic", "claude-opus-5-5", "2026-11-27", "4", "20"),
        ("google", "gemini-2.5-pro", "2026-11-27", "1.25", "10"),
        (
            "mistralai",
            "mistral-large-latest",
            "2026-11-27",
            "0.5",
            "1.5",
        ),
    ] {
        let known = catalogue
            .provider(&ProviderId::normalise(provider))
            .unwrap();
        let at = Timestamp::parse(&format!("{day}T00:00:00Z")).unwrap();
        let model = known.model(name, ModelType::Llm);
        let price = model.price_at(at).expect(name);
        let said = (price.input.to_string(), price.output.to_string());
        assert_eq!(said, (input.to_owned(), output.to_owned()), "{name} {day}");
        let longest = price.for_question(million);
        assert!(longest.input >= price.input && longest.output >= price.output);
    }
}

#[test]
fn nothing_costs_nothing_unless_it_is_free() {
    for provider in Catalogue::built_in().providers() {
        for model in &provider.models {
            for row in model.prices.rows() {
                let price = &row.dated.price;
                let is_free = row.dated.effective_from < Timestamp::default();
                let costs = price.input > Decimal::ZERO || price.request.is_some();
                assert_ne!(is_free, costs, "{} {}", provider.id, model.name);
                assert!(
                    price.cache_read <= price.input,
                    "{} {}",
                    provider.id,
                    model.name
                );
            }
        }
    }
}

#[test]
fn what_a_row_leaves_out_is_filled_in() {
    let whole = model(
        "        also: [m-1]\n        context: 8\n        output: 4\n        features: [vision, tool-call]\n        \
         prices:\n          - {effective_from: 2026-01-01, input: \"2\", output: \"3\"}\n",
    );
    assert_eq!(whole.can(Feature::Vision), Some(true));
    assert_eq!(whole.can(Feature::Audio), Some(false));
    let price = &whole.prices.rows()[0].dated.price;
    assert_eq!(
        (price.cache_read, price.cache_write),
        (price.input, price.input)
    );
    let bare = model("        wire: openai_responses\n");
    assert_eq!(
        (bare.can(Feature::Vision), bare.wire),
        (None, Some(Wire::OpenAiResponses))
    );
    assert!(bare.prices.rows().is_empty());
    let rerank = model(
        "        type: rerank\n        prices:\n          - {effective_from: 2026-01-01, request: \"0.002\"}\n",
    );
    assert_eq!(rerank.prices.rows()[0].dated.price.input, Decimal::ZERO);
}

#[test]
fn a_slip_is_refused_with_its_place() {
    let priced = |row: &str| format!("        prices:\n          - {{{row}}}\n");
    let good = "effective_from: 2026-01-01, input: \"2\", output: \"3\"";
    let later = "          - {effective_from: 2026-01-01, input: \"2\", output: \"3\"}\n";
    let twice = format!("        prices:\n{later}{later}");
    for (provider, model, told) in [
        ("", "        colour: red\n".to_owned(), "colour"),
        ("    colour: red\n", String::new(), "colour"),
        ("    base_url: nowhere\n", String::new(), "no base URL"),
        (
            "    base_url: https://a.example.com/\n",
            String::new(),
            "no base URL",
        ),
        ("    aliases: [other]\n", String::new(), "other"),
        (
            "    more_fields:\n      - {name: api_key, label: K, kind: text}\n",
            String::new(),
            "api_key",
        ),
        (
            "    more_fields:\n      - {name: k, label: K, kind: select}\n",
            String::new(),
            "options",
        ),
        ("", "        context: 0\n".to_owned(), "zero"),
        (
            "",
            "        type: rerank\n        output: 5\n".to_owned(),
            "language models",
        ),
        ("", "        also: [m]\n".to_owned(), "twice"),
        ("", format!("        free: true\n{}", priced(good)), "free"),
        ("", twice, "not later"),
        (
            "",
            priced("effective_from: 2026-02-30, input: \"2\", output: \"3\""),
            "no day",
        ),
        (
            "",
            priced("effective_from: 2026-01-01, input: \"0\", output: \"3\""),
            "above zero",
        ),
        (
            "",
            priced("effective_from: 2026-01-01, input: \"-1\", output: \"3\""),
            "above zero",
        ),
        (
            "",
            priced("effective_from: 2026-01-01, input: \"2,5\", output: \"3\""),
            "no number",
        ),
        (
            "",
            priced("effective_from: 2026-01-01, input: \"2\""),
            "output",
        ),
        (
            "",
            priced("effective_from: 2026-01-01, output: \"2\""),
            "input",
        ),
        (
            "",
            priced(&format!(
                "{good}, tiers: [{{above: 0, input: \"3\", output: \"3\"}}]"
            )),
            "not longer",
        ),
        (
            "",
            priced(&format!(
                "{good}, peak: {{utc: noon, input: \"3\", output: \"3\"}}"
            )),
            "noon",
        ),
    ] {
        let error = read("acme.yml", &file(provider, &model))
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("acme.yml: "), "{error}");
        assert!(error.contains(told), "{told}: {error}");
    }
    let unsourced = file("", &priced(good)).replace("as_of: 2026-11-18\n", "");
    assert!(
        read("acme.yml", &unsourced)
            .unwrap_err()
            .to_string()
            .contains("as_of")
    );
    let unsaid = file("", &priced(good)).replace("    currency: USD\n", "");
    assert!(
        read("acme.yml", &unsaid)
            .unwrap_err()
            .to_string()
            .contains("currency")
    );
}
