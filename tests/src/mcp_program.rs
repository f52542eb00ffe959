//! The MCP server of the tests that is a program: how it is listed by an operator.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use latchkey_nodes::tools::mcp::stdio::{Environment, StdioServer, StdioServers};
use latchkey_sandbox::Program;
use serde_json::{Value as Json, json};

use crate::sandbox::launcher;

/// How long the servers of [`listed`] may take to answer.
pub const PATIENCE: Duration = Duration::from_secs(3);

/// The program with this environment.
///
/// # Panics
/// If the environment is none that an operator may list, or there is no Python.
#[must_use]
pub fn server(environment: &[(&str, &str)]) -> StdioServer {
    let pairs = environment.iter();
    let pairs = pairs.map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    StdioServer {
        program: Program {
            command: python(),
            arguments: vec!["-I".to_owned(), script()],
            directory: PathBuf::from("/"),
            memory: 1 << 30,
            open_files: 64,
        },
        environment: Environment::parse(pairs).expect("an operator may list it"),
        patience: PATIENCE,
        idle: Duration::from_secs(60),
        processes: 4,
    }
}

/// A list of programs.
#[must_use]
pub fn listed<const N: usize>(servers: [(&str, StdioServer); N]) -> StdioServers {
    let named = servers.map(|(name, server)| (name.to_owned(), server));
    StdioServers::new(launcher(), BTreeMap::from(named))
}

/// What the apps of the tests list: `sums`, `keyed` with a credential in `KEY`, and `dead`, which ends at once.
#[must_use]
pub fn usual() -> StdioServers {
    listed([
        ("sums", server(&[])),
        ("keyed", server(&[("KEY", "${credential.api_key}")])),
        ("dead", server(&[("MODE", "dead")])),
    ])
}

/// The same program as an operator's setting.
#[must_use]
pub fn setting() -> Json {
    let environment = json!({"KEY": "${credential.api_key}"});
    let program = json!({"command": python(), "args": ["-I", script()], "seconds": 5});
    let mut keyed = program.clone();
    keyed["environment"] = environment;
    json!({"sums": program, "keyed": keyed})
}

fn script() -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/mcp_program.py");
    script.display().to_string()
}

fn python() -> PathBuf {
    let places = ["/usr/local/bin/python3", "/usr/bin/python3"].map(PathBuf::from);
    let found = places.into_iter().find(|place| place.exists());
    found.expect("there is a Python")
}
