//! What the documentation promises: its links lead somewhere, every code that the code answers is in it, and the tour of the
//! README runs as it is written.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use latchkey_tests::provider::Provider;
use latchkey_tests::requirement::workspace;
use latchkey_tests::server::{Server, Setup, binary};

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.to_str().is_some_and(|path| path.ends_with(ending)) {
            found.push(path);
        }
    }
    found
}

fn documents() -> Vec<PathBuf> {
    let root = workspace();
    let mut all = files(&root.join("docs"), ".md");
    all.extend(["README.md", "ARCHITECTURE.md", "CHANGELOG.md"].map(|name| root.join(name)));
    all
}

pub(crate) fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// The targets of a document's links.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
}

/// The anchors of a document's headings, as they are made from their words.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let anchor = |heading: &str| {
        let words = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = words
            .chars()
            .filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
        kept.map(|letter| if letter == ' ' { '-' } else { letter })
            .collect()
    };
    headings.map(anchor).collect()
}

#[test]
fn every_link_leads_to_something_that_is_there() {
    for document in documents() {
        let content = text(&document);
        for link in links(&content).filter(|link| !link.contains("://")) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => document.clone(),
                file => document.parent().unwrap().join(file),
            };
            let shown = document.display();
            assert!(target.exists(), "{shown}: {link}");
            if !anchor.is_empty() {
                assert!(anchors(&text(&target)).contains(anchor), "{shown}: {link}");
            }
        }
    }
}

/// The codes of a source: the literal after one of these words, if it looks like a code.
fn codes(source: &str, makers: &[&str]) -> BTreeSet<String> {
    let product = source.split("#[cfg(test)]").next().unwrap_or_default();
    let after = makers.iter().flat_map(|maker| product.split(maker).skip(1));
    // Within the statement only: the next literal further on belongs to something else.
    let literals = after.filter_map(|rest| rest.split([';', '{']).next()?.split('"').nth(1));
    let is_word = |letter: char| letter.is_ascii_lowercase() || letter == '_';
    let is_code = |text: &&str| text.contains('_') && text.chars().all(is_word);
    literals.filter(is_code).map(str::to_owned).collect()
}

/// Codes that a part of the sources makes stand in the page about it; the codes of answers have a test of their own.
fn check_codes(sources: &[&str], makers: &[&str], page: &str) {
    let documented = text(&workspace().join("docs").join(page));
    let mut found = BTreeSet::new();
    for source in sources {
        let path = workspace().join("crates").join(source);
        let all = if path.is_dir() {
            files(&path, ".rs")
        } else {
            vec![path]
        };
        found.extend(all.iter().flat_map(|file| codes(&text(file), makers)));
    }
    assert!(
        found.len() > 5,
        "the scan finds nothing any more: {found:?}"
    );
    let missing: Vec<_> = found
        .iter()
        .filter(|code| !documented.contains(&format!("`{code}`")))
        .collect();
    assert!(missing.is_empty(), "not in docs/{page}: {missing:?}");
}

#[test]
fn every_code_of_a_report_is_explained_where_files_are() {
    let sources = [
        "domain/src/document",
        "service/src/import.rs",
        "service/src/import",
    ];
    let makers = ["Problem::error(", "Problem::warning(", "refuse("];
    check_codes(&sources, &makers, "dsl.md");
}

#[test]
fn every_code_of_the_command_line_is_explained_where_it_is() {
    let makers = [
        "Halt::new(",
        "if is_taken {",
        "code: ",
        "is_newer { ",
        "else { ",
    ];
    check_codes(
        &[
            "server/src/config/error.rs",
            "server/src/lock.rs",
            "server/src/key.rs",
            "server/src/failure.rs",
            "server/src/serve.rs",
            "server/src/client.rs",
        ],
        &makers,
        "cli.md",
    );
    let cli = text(&workspace().join("docs/cli.md"));
    for code in [
        "address_in_use",
        "database_newer",
        "database_unavailable",
        "master_key_wrong",
    ] {
        assert!(cli.contains(&format!("`{code}`")), "{code}");
    }
}

/// The shell blocks of a document, without those that only build and test.
pub(crate) fn blocks(text: &str) -> Vec<String> {
    let blocks = text.split("```sh\n").skip(1);
    blocks
        .filter_map(|rest| rest.split("```").next())
        .filter(|block| !block.contains("make "))
        .map(str::to_owned)
        .collect()
}

/// A folder as the README assumes it: the binary where `make` puts it, the documents, the server's data.
pub(crate) fn checkout(server: &Server) {
    let home = server.home();
    std::fs::create_dir_all(home.join("target/release")).unwrap();
    std::os::unix::fs::symlink(binary(), home.join("target/release/latchkey")).unwrap();
    std::fs::create_dir_all(home.join("docs/examples")).unwrap();
    for file in files(&workspace().join("docs/examples"), ".yml") {
        let name = file.file_name().unwrap().to_owned();
        std::fs::copy(&file, home.join("docs/examples").join(name)).unwrap();
    }
    let token = server.data().join("first-token");
    if !token.exists() {
        std::fs::write(token, server.token()).unwrap();
    }
}

/// Runs lines as a user types them; what they print, in one.
pub(crate) fn type_in(server: &Server, lines: &str) -> String {
    let script = format!("shopt -s expand_aliases\nset -eu -o pipefail\n{lines}");
    std::fs::write(server.home().join("tour.sh"), script).unwrap();
    let output = Command::new("bash")
        .arg("tour.sh")
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("LATCHKEY_OUTBOUND_ALLOW", "127.0.0.0/8")
        .env("OPENAI_API_KEY", "test-key")
        .current_dir(server.home())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{errors}");
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tour_of_the_readme_runs_as_it_is_written() {
    let server = Setup::sqlite().start().await;
    let provider = Provider::start();
    checkout(&server);
    let tour = blocks(&text(&workspace().join("README.md")));
    assert_eq!(tour.len(), 6, "setting up and five steps");
    let there = tour
        .concat()
        .replace("http://127.0.0.1:8080", &server.url());
    // The only differences: the keys go to the scripted provider, and the last step, which has no server, to the simulated one.
    let base_url = format!("--provider openai --set base_url={}", provider.base_url());
    let simulated = "sed -i s#langgenius/openai/openai#simulated# docs/examples/tenant-answer.yml\nlatchkey run ";
    let there = there
        .replace("--provider openai", &base_url)
        .replace("latchkey run ", simulated);
    let said = type_in(&server, &there);
    for part in [
        "by_variable",
        "published as version 1",
        "customer-acme",
        "event: run_finished",
        "\"status\":\"succeeded\"",
        "\"credential\":",
    ] {
        assert!(said.contains(part), "no {part} in:\n{said}");
    }
    let keys: Vec<_> = provider
        .chats()
        .iter()
        .map(|seen| seen.key.clone())
        .collect();
    assert_eq!(keys, ["key-of-acme"]);
}
