//! The generated clients against the description of the API: every operation and every field is in both. `make clients` writes them
//! anew.

use std::collections::BTreeSet;
use std::path::PathBuf;

use latchkey_tests::contract::Contract;
use latchkey_tests::document;
use latchkey_tests::requirement::workspace;
use latchkey_tests::requires;
use latchkey_tests::server::Setup;
use serde_json::Value as Json;

const SAID: &str = "the clients are not those of api-spec/openapi.json: `make clients`";

fn clients() -> PathBuf {
    workspace().join("clients")
}

fn text(path: PathBuf) -> String {
    let read = std::fs::read_to_string(&path);
    read.unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A name without what generators change of it: `List_KeyView`, `ListKeyView` and `list_key_view` are one.
fn plain(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.collect::<String>().to_lowercase()
}

fn operations() -> BTreeSet<String> {
    let contract = Contract::load();
    let id = |said: &Json| plain(said["operationId"].as_str().unwrap());
    contract
        .operations()
        .iter()
        .map(|one| id(one.said))
        .collect()
}

/// Every schema that is an object, with its fields.
fn schemas() -> Vec<(String, Vec<String>)> {
    let document: Json = serde_json::from_str(&latchkey_api::document()).unwrap();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let fields = |schema: &Json| {
        let fields = schema["properties"].as_object()?;
        Some(fields.keys().cloned().collect())
    };
    let objects = schemas
        .iter()
        .filter_map(|(name, schema)| Some((plain(name), fields(schema)?)));
    objects.collect()
}

#[test]
fn the_typescript_client_has_every_operation_and_field() {
    let source = clients().join("typescript/src/generated");
    let functions = text(source.join("sdk.gen.ts"));
    let name = |part: &str| {
        let name = part.split([' ', '<', '(']).next().unwrap_or_default();
        // Operations that share an id are numbered.
        plain(name.trim_end_matches(|letter: char| letter.is_ascii_digit()))
    };
    let made: BTreeSet<_> = functions
        .split("\nexport const ")
        .skip(1)
        .map(name)
        .collect();
    assert_eq!(made, operations(), "{SAID}");
    let types = text(source.join("types.gen.ts"));
    for (schema, fields) in schemas() {
        let found = types
            .split("\nexport type ")
            .find(|part| plain(part.split(" =").next().unwrap_or_default()) == schema);
        let found = found.unwrap_or_else(|| panic!("{schema}: {SAID}"));
        for field in fields {
            let forms = [":", "?:", "':", "'?:"].map(|after| format!("{field}{after}"));
            let is_there = forms.iter().any(|form| found.contains(form));
            assert!(is_there, "{schema}.{field}: {SAID}");
        }
    }
}

#[test]
fn the_python_client_has_every_operation_and_field() {
    let package = clients().join("python/latchkey_client");
    let mut made = BTreeSet::new();
    for tag in std::fs::read_dir(package.join("api")).unwrap() {
        let tag = tag.unwrap().path();
        if !tag.is_dir() {
            continue;
        }
        for module in std::fs::read_dir(tag).unwrap() {
            let path = module.unwrap().path();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            if name != "__init__" && path.is_file() {
                made.insert(plain(&name));
            }
        }
    }
    assert_eq!(made, operations(), "{SAID}");
    let mut models = Vec::new();
    for model in std::fs::read_dir(package.join("models")).unwrap() {
        let path = model.unwrap().path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        if path.is_file() {
            models.push((plain(&name), text(path.clone())));
        }
    }
    for (schema, fields) in schemas() {
        let found = models.iter().find(|(name, _)| *name == schema);
        let (_, found) = found.unwrap_or_else(|| panic!("{schema}: {SAID}"));
        for field in fields {
            assert!(
                found.contains(&format!("\"{field}\"")),
                "{schema}.{field}: {SAID}"
            );
        }
    }
}

#[tokio::test]
async fn the_python_client_speaks_to_the_server() {
    let peers = requires!(peers);
    let server = Setup::sqlite().start().await;
    let file = server.home().join("light.yml");
    std::fs::write(&file, document::light().yaml()).unwrap();
    let (base, key) = (server.url(), server.token().to_owned());
    let running = tokio::task::spawn_blocking(move || {
        let file = file.to_string_lossy();
        let variables = [("BASE", &*base), ("KEY", &*key), ("FILE", &*file)];
        peers.run("latchkey_client_test.py", &variables);
    });
    running.await.unwrap();
}
