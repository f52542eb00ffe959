//! What a machine may lack: a PostgreSQL server, the shared corpus, a Vault server, a NATS server, the published clients of
//! others. A test that needs one asks here.
//!
//! What `LATCHKEY_REQUIRE` lists and is missing is a failure; what it does not list and is missing is one printed line
//! with the number of tests that did not run.

use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Binds what a test needs, or ends the test (see the module).
///
/// `requires!(peers)` is a [`crate::peers::Peers`], `requires!(shared)` the folder of shared files, `requires!(postgres)` a
/// [`crate::postgres::Postgres`], `requires!(vault)` and `requires!(nats)` the binary of such a server.
#[macro_export]
macro_rules! requires {
    ($what:ident) => {
        match $crate::requirement::$what() {
            Some(found) => found,
            None => return,
        }
    };
}

/// The folder with the corpus: `LATCHKEY_SHARED`, else `../shared` beside the project.
///
/// # Panics
/// If it is required and missing.
#[must_use]
pub fn shared() -> Option<PathBuf> {
    let folder =
        environment("LATCHKEY_SHARED").map_or_else(|| workspace().join("../shared"), PathBuf::from);
    found("shared", folder.join("corpus").is_dir().then_some(folder))
}

/// A PostgreSQL server to make databases on.
///
/// # Panics
/// If it is required and missing.
#[must_use]
pub fn postgres() -> Option<&'static crate::postgres::Postgres> {
    found("postgres", crate::postgres::shared())
}

/// The published clients of others, which the first test that asks installs from PyPI and npm into `target/peers`.
///
/// # Panics
/// If they are required and cannot be installed.
#[must_use]
pub fn peers() -> Option<&'static crate::peers::Peers> {
    // Whoever does not ask for them has no test that loads from elsewhere.
    let required = environment("LATCHKEY_REQUIRE").unwrap_or_default();
    let is_wanted = required.split(',').any(|one| one.trim() == "peers");
    let is_there = workspace().join("target/peers/installed").is_file();
    let found_here = (is_wanted || is_there)
        .then(crate::peers::installed)
        .flatten();
    found("peers", found_here)
}

/// The binary of a server that speaks Vault's API: `LATCHKEY_TEST_VAULT`, else `bao` or `vault` on the path.
///
/// # Panics
/// If it is required and missing.
#[must_use]
pub fn vault() -> Option<PathBuf> {
    let named = environment("LATCHKEY_TEST_VAULT").map(PathBuf::from);
    found(
        "vault",
        named
            .or_else(|| on_path("bao"))
            .or_else(|| on_path("vault")),
    )
}

/// The binary of a NATS server: `nats-server` on the path or where packages put it.
///
/// # Panics
/// If it is required and missing.
#[must_use]
pub fn nats() -> Option<PathBuf> {
    let packaged = || Some(PathBuf::from("/usr/sbin/nats-server")).filter(|file| file.is_file());
    found("nats", on_path("nats-server").or_else(packaged))
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = environment("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// Prints one line for each missing thing with the number of tests under `folder` that ask for it.
pub fn report(folder: &Path) {
    let asks = |what: &str| {
        let call = format!("requires!({what})");
        let files = std::fs::read_dir(folder).expect("the folder of the tests is there");
        let sources = files.filter_map(|file| std::fs::read_to_string(file.ok()?.path()).ok());
        sources
            .map(|source| source.matches(&call).count())
            .sum::<usize>()
    };
    for (what, missing) in [
        ("shared", shared().is_none()),
        ("postgres", postgres().is_none()),
        ("vault", vault().is_none()),
        ("nats", nats().is_none()),
        ("peers", peers().is_none()),
    ] {
        if missing {
            tell(what, asks(what));
        }
    }
}

/// Prints the line for one missing thing.
pub fn tell(what: &str, tests: usize) {
    // Written past the capture of the test runner, which hides what passing tests print.
    let line = format!("not run, because {what} is missing: {tests} tests\n");
    let _ = std::io::stderr().write_all(line.as_bytes());
}

/// The project's folder.
#[must_use]
pub fn workspace() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().expect("the package lies in the workspace")
}

/// A setting of the test run.
#[must_use]
pub fn environment(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "the tests' own settings")]
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn found<T>(what: &str, thing: Option<T>) -> Option<T> {
    let required = environment("LATCHKEY_REQUIRE").unwrap_or_default();
    let is_required = required.split(',').any(|one| one.trim() == what);
    assert!(
        thing.is_some() || !is_required,
        "{what} is required (LATCHKEY_REQUIRE) and missing"
    );
    thing
}
