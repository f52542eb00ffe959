//! The published clients of others: installed once from their registries into `target/peers`, never changed.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use crate::requirement::workspace;

/// What is installed from PyPI and from npm; other versions are installed anew.
const PYTHON: [&str; 7] = [
    "dify-client==0.1.10",
    "openai==3.57.0",
    "mcp==2.3.0",
    "httpx2",
    // What the generated client of clients/python needs.
    "httpx<1",
    "attrs",
    "python-dateutil",
];
const NODE: [&str; 2] = ["dify-client@2.3.2", "openai"];

/// The folder with the installed clients.
#[derive(Clone, Debug)]
pub struct Peers {
    folder: PathBuf,
}

/// The clients, if they can be installed here.
pub(crate) fn installed() -> Option<&'static Peers> {
    static INSTALLED: OnceLock<Option<Peers>> = OnceLock::new();
    INSTALLED.get_or_init(install).as_ref()
}

fn install() -> Option<Peers> {
    let folder = workspace().join("target/peers");
    let done = folder.join("installed");
    let wanted = format!("{}\n{}\n", PYTHON.join(" "), NODE.join(" "));
    let peers = Peers {
        folder: folder.clone(),
    };
    if std::fs::read_to_string(&done).is_ok_and(|found| found == wanted) {
        return Some(peers);
    }
    std::fs::create_dir_all(folder.join("node")).ok()?;
    // Other test processes may be about to do the same.
    let lock = std::fs::File::create(folder.join("lock")).ok()?;
    lock.lock().ok()?;
    if std::fs::read_to_string(&done).is_ok_and(|found| found == wanted) {
        return Some(peers);
    }
    let python = folder.join("python");
    run(Command::new("python3").args(["-m", "venv"]).arg(&python))?;
    let mut pip = Command::new(python.join("bin/python"));
    run(pip.args(["-m", "pip", "install", "--quiet"]).args(PYTHON))?;
    let package = r#"{"private": true, "type": "module"}"#;
    std::fs::write(folder.join("node/package.json"), package).ok()?;
    let mut npm = Command::new("npm");
    npm.current_dir(folder.join("node"));
    run(npm
        .args(["install", "--silent", "--no-audit", "--no-fund"])
        .args(NODE))?;
    std::fs::write(&done, wanted).ok()?;
    Some(peers)
}

fn run(command: &mut Command) -> Option<()> {
    let output = command.output().ok()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        eprintln_line(&format!("{command:?}: {said}"));
        return None;
    }
    Some(())
}

fn eprintln_line(line: &str) {
    use std::io::Write as _;
    // A test run without its standard error still goes on.
    let _ = writeln!(std::io::stderr(), "{line}");
}

impl Peers {
    /// Runs a script of `tests/peers` with settings from the environment.
    ///
    /// # Panics
    /// With what it printed, if it fails.
    pub fn run(&self, script: &str, variables: &[(&str, &str)]) {
        let file = workspace().join("tests/peers").join(script);
        let mut command = if script.ends_with(".py") {
            let mut command = Command::new(self.folder.join("python/bin/python"));
            command.arg(&file);
            command
        } else {
            // Packages are looked for beside the script.
            let copy = self.folder.join("node").join(script);
            std::fs::copy(&file, &copy).expect("a script can be copied");
            let mut command = Command::new("node");
            command.arg(copy);
            command
        };
        command.current_dir(&self.folder);
        command.env("PYTHONPATH", workspace().join("clients/python"));
        command.envs(variables.iter().copied());
        let output = command.output().expect("the interpreter starts");
        check(&file, &output);
    }
}

fn check(file: &Path, output: &Output) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(
        output.status.success() && out.ends_with("ok\n"),
        "{}: {}\n{out}\n{err}",
        file.display(),
        output.status
    );
}
