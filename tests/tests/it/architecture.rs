//! The crate table of the design, held against `cargo metadata`: who may depend on whom, and who may name what is heavy.
//!
//! A new arrow or fence changes a constant here and `ARCHITECTURE.md` together.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

const DOMAIN: &str = "latchkey-domain";

/// Crates of the chain with what each may depend on. A crate that is not built yet is no failure.
const MAY_DEPEND: [(&str, &[&str]); 12] = [
    ("domain", &[]),
    ("engine", &["domain"]),
    ("outbound", &[]),
    ("secrets", &[]),
    ("models", &["domain", "outbound", "secrets"]),
    ("sandbox", &[]),
    (
        "nodes",
        &["domain", "engine", "models", "outbound", "sandbox"],
    ),
    ("store", &["domain", "secrets", "migrations"]),
    ("cluster", &["domain"]),
    (
        "service",
        &[
            "domain", "engine", "nodes", "models", "outbound", "store", "secrets", "cluster",
        ],
    ),
    ("api", &["domain", "secrets", "service"]),
    (
        "server",
        &[
            "domain",
            "engine",
            "outbound",
            "secrets",
            "models",
            "sandbox",
            "nodes",
            "store",
            "cluster",
            "service",
            "api",
            "migrations",
        ],
    ),
];

/// Packages that stand outside the chain.
const OUTSIDE: [&str; 3] = ["migrations", "tests", "bench"];

/// Heavy or dangerous libraries with the crates that may name them. `tests` and `bench` may name what they need.
const FENCES: [(&str, &[&str]); 35] = [
    ("actix-web", &["api", "server"]),
    ("actix-http", &["api", "server"]),
    ("actix-multipart", &["api"]),
    ("utoipa", &["api", "server"]),
    ("utoipa-actix-web", &["api", "server"]),
    ("utoipa-swagger-ui", &["api", "server"]),
    ("sea-orm", &["store", "migrations"]),
    ("sea-orm-migration", &["migrations"]),
    ("sqlx", &["store", "migrations"]),
    // Contents of files leave and enter the file store in one place.
    ("object_store", &["store"]),
    // Parsers of what strangers made run in confined processes.
    ("pdf-extract", &["sandbox"]),
    ("calamine", &["sandbox"]),
    ("quick-xml", &["sandbox"]),
    ("zip", &["sandbox"]),
    ("cfb", &["sandbox"]),
    ("mail-parser", &["sandbox"]),
    // The floor of the benchmarks only.
    ("rusqlite", &[]),
    // The store names it for the TLS of the library that speaks to a bucket; it makes no client.
    ("reqwest", &["outbound", "store"]),
    ("hyper", &["outbound"]),
    ("petgraph", &["engine"]),
    ("async-nats", &["cluster"]),
    // What operators are told is told in one place.
    ("prometheus-client", &["service"]),
    ("opentelemetry-proto", &["service"]),
    ("prost", &["service"]),
    ("async-openai", &["models"]),
    ("chacha20poly1305", &["secrets"]),
    ("hmac", &["secrets"]),
    ("argon2", &["secrets"]),
    // Signs for the tokens of service accounts; TLS has it in any case.
    ("ring", &["models"]),
    ("rustls", &["outbound", "server"]),
    // Tools of others, and workflows as tools for others.
    ("rmcp", &["nodes", "api"]),
    ("figment", &["server"]),
    ("landlock", &["sandbox"]),
    ("seccompiler", &["sandbox"]),
    ("rquickjs", &["sandbox"]),
];

const LONGEST_CHAIN: usize = 6;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the package lies in the workspace")
        .to_path_buf()
}

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .expect("cargo answers about its own workspace")
}

/// `latchkey-engine` → `engine`.
fn short(package: &str) -> Option<&str> {
    package.strip_prefix("latchkey-")
}

/// What a package names outside its tests.
fn names(package: &Package) -> BTreeSet<String> {
    package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind != DependencyKind::Development)
        .map(|dependency| dependency.name.clone())
        .collect()
}

fn crates(metadata: &Metadata) -> BTreeMap<String, BTreeSet<String>> {
    metadata
        .packages
        .iter()
        .map(|package| {
            let name = short(&package.name).expect("every package is named latchkey-<folder>");
            (name.to_owned(), names(package))
        })
        .collect()
}

fn allowed(name: &str) -> Option<&'static [&'static str]> {
    MAY_DEPEND
        .iter()
        .find(|(of, _)| *of == name)
        .map(|(_, may)| *may)
}

#[test]
fn arrows_between_crates_point_down_only() {
    let mut wrong = Vec::new();
    for (name, named) in crates(&metadata()) {
        if OUTSIDE.contains(&name.as_str()) {
            continue;
        }
        let may = allowed(&name).unwrap_or_else(|| panic!("{name} is not in the crate table"));
        for target in named.iter().filter_map(|n| short(n)) {
            if !may.contains(&target) {
                wrong.push(format!("{name} → {target}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new(), "arrows that the table forbids");
}

#[test]
fn migrations_depend_on_no_crate_of_the_chain() {
    let crates = crates(&metadata());
    let arrows: Vec<_> = crates["migrations"]
        .iter()
        .filter_map(|n| short(n))
        .collect();
    assert_eq!(arrows, Vec::<&str>::new());
}

#[test]
fn the_longest_chain_is_six_crates() {
    fn depth(name: &str, crates: &BTreeMap<String, BTreeSet<String>>) -> usize {
        let below = crates.get(name).into_iter().flatten();
        let deepest = below
            .filter_map(|n| short(n))
            .map(|n| depth(n, crates))
            .max();
        1 + deepest.unwrap_or(0)
    }
    let crates = crates(&metadata());
    for name in crates.keys().filter(|n| !OUTSIDE.contains(&n.as_str())) {
        let length = depth(name, &crates);
        assert!(length <= LONGEST_CHAIN, "{name} ends a chain of {length}");
    }
}

#[test]
fn heavy_libraries_are_named_only_behind_their_fence() {
    let mut wrong = Vec::new();
    for (name, named) in crates(&metadata()) {
        for (library, may) in FENCES {
            let fenced = named.contains(library) && !may.contains(&name.as_str());
            if fenced && name != "tests" && name != "bench" {
                wrong.push(format!("{name} names {library}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_crate_takes_its_lints_from_the_workspace() {
    for package in metadata().packages {
        let manifest = std::fs::read_to_string(&package.manifest_path).unwrap();
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "{} has lints of its own",
            package.name
        );
    }
}

#[test]
fn versions_stand_in_the_workspace_only() {
    for package in metadata().packages {
        let manifest = std::fs::read_to_string(&package.manifest_path).unwrap();
        let own: Vec<_> = manifest
            .lines()
            .skip_while(|line| !line.contains("dependencies]"))
            .filter(|line| {
                line.contains("version = \"") || line.contains("= \"0") || line.contains("= \"1")
            })
            .collect();
        assert_eq!(own, Vec::<&str>::new(), "{}", package.name);
    }
}

#[test]
fn the_architecture_file_has_every_crate_and_the_same_arrows() {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for name in crates(&metadata()).keys() {
        let told = text.contains(&format!("`{name}`")) || text.contains(&format!("{name}/"));
        assert!(told, "ARCHITECTURE.md does not mention {name}");
        let Some(row) = text
            .lines()
            .find(|l| l.starts_with(&format!("| `{name}` |")))
        else {
            assert!(OUTSIDE.contains(&name.as_str()), "no row for {name}");
            continue;
        };
        let cell = row.split('|').nth(2).unwrap_or_default().trim();
        if cell == "all" {
            continue;
        }
        for told in cell.split(", ").filter(|told| *told != "–") {
            let may = allowed(name).unwrap_or_default();
            assert!(
                may.contains(&told),
                "ARCHITECTURE.md lets {name} use {told}"
            );
        }
    }
}

#[test]
fn the_domain_knows_no_time_no_network_and_no_runtime() {
    let metadata = metadata();
    let domain = metadata
        .packages
        .iter()
        .find(|p| *p.name == DOMAIN)
        .unwrap();
    for library in ["tokio", "futures", "async-trait", "getrandom", "tracing"] {
        assert!(!names(domain).contains(library), "domain names {library}");
    }
}
