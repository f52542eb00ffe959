//! The published files that stay outside of the project.

use std::path::PathBuf;

/// A folder of the shared material, or `None` with one printed line when it is absent and nobody requires it.
pub(crate) fn folder(name: &str, tests: usize) -> Option<PathBuf> {
    #[expect(
        clippy::disallowed_methods,
        reason = "where the shared material lies is the test run's business"
    )]
    let (shared, required) = (
        std::env::var("LATCHKEY_SHARED"),
        std::env::var("LATCHKEY_REQUIRE"),
    );
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = root
        .join(shared.unwrap_or_else(|_| "../shared".into()))
        .join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    let required = required.unwrap_or_default();
    assert!(
        !required.split(',').any(|part| part == "shared"),
        "{} is required and not there",
        folder.display()
    );
    println!(
        "{} is not there: {tests} tests did not run",
        folder.display()
    );
    None
}
