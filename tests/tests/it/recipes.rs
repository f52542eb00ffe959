//! The recipes of docs/credentials.md, typed in as they stand: each on a server of its own, and the keys that the provider saw.

use latchkey_tests::provider::{Provider, Reply, Rule};
use latchkey_tests::requirement::workspace;
use latchkey_tests::server::Setup;

use crate::documentation::{blocks, checkout, text, type_in};

/// Each recipe with the keys that its runs must be paid with, in order.
const PAID_WITH: [(&str, &[&str]); 11] = [
    (
        "Every customer pays with a key of their own",
        &["key-of-acme", "key-of-globex"],
    ),
    ("The caller names the customer's key", &["key-of-initech"]),
    ("The caller brings the key itself", &["key-brought-along"]),
    (
        "Staging never touches production's key",
        &["key-of-staging", "key-of-production"],
    ),
    ("Who spent what", &["key-of-research"]),
    (
        "When one account fails, the next pays",
        &["key-that-is-busy", "key-of-backup"],
    ),
    ("Spread the load over several keys", &["key-one", "key-two"]),
    ("A ceiling on what a key may cost", &[]),
    ("A key that only one workflow may use", &["key-of-payroll"]),
    (
        "Exchange a key while runs use it",
        &["key-before", "key-after", "key-before"],
    ),
    ("A file from another installation", &["key-of-the-house"]),
];

struct Recipe {
    title: String,
    lines: String,
}

/// What all recipes share, and the recipes.
fn recipes() -> (String, Vec<Recipe>) {
    let page = text(&workspace().join("docs/credentials.md"));
    let (_, section) = page.split_once("\n## Recipes\n").unwrap();
    let mut parts = section.split("\n### ");
    let shared = blocks(parts.next().unwrap()).concat();
    let recipe = |part: &str| Recipe {
        title: part.lines().next().unwrap().to_owned(),
        lines: blocks(part).concat(),
    };
    (shared, parts.map(recipe).collect())
}

/// The only differences: the server's address, and that keys lead to the scripted provider.
fn here(lines: &str, url: &str, provider: &Provider) -> String {
    let base_url = provider.base_url();
    let brought = r#"{"api_key": "key-brought-along"}"#;
    let host = provider.host();
    lines
        .replace("http://127.0.0.1:8080", url)
        .replace(
            "--provider openai",
            &format!("--provider openai --set base_url={base_url}"),
        )
        .replace(
            r#"{"runtime_override": "inline"}"#,
            &format!(r#"{{"runtime_override": "inline", "runtime_hosts": ["{host}"]}}"#),
        )
        .replace(
            brought,
            &format!(r#"{{"api_key": "key-brought-along", "base_url": "{base_url}"}}"#),
        )
}

async fn check(recipe: &Recipe, shared: &str, keys: &[&str]) {
    let server = Setup::sqlite().start().await;
    let provider = Provider::start();
    provider.script(Rule::for_key("key-that-is-busy", Reply::rate_limited(30)));
    checkout(&server);
    let alias = "latchkey() { target/release/latchkey \"$@\"; }\n";
    let lines = here(
        &format!("{shared}\n{}", recipe.lines),
        &server.url(),
        &provider,
    );
    let said = type_in(&server, &format!("{alias}{lines}"));
    let paid: Vec<_> = provider.chats().into_iter().map(|seen| seen.key).collect();
    assert_eq!(paid, keys, "{}:\n{said}", recipe.title);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_recipe_runs_as_it_is_written() {
    let (shared, recipes) = recipes();
    let titles: Vec<&str> = recipes.iter().map(|recipe| &*recipe.title).collect();
    assert_eq!(titles, PAID_WITH.map(|(title, _)| title));
    for (recipe, (_, keys)) in recipes.iter().zip(PAID_WITH) {
        check(recipe, &shared, keys).await;
    }
}
