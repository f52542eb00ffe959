//! Finding the machine's Python: the real interpreter behind shims and virtual environments, and exactly those files that it
//! needs. The interpreter is asked once, unconfined, with a program of ours; no code of a workflow is near.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::elf;
use crate::spec::{Seen, Tree};

/// What is asked; it answers one JSON object.
const QUESTION: &str = include_str!("python/probe.py");
/// What a confined interpreter runs: it waits for a job, runs it, answers.
pub(crate) const SERVE: &str = include_str!("python/serve.py");

/// Where interpreters usually are.
const USUAL: [&str; 2] = ["/usr/local/bin/python3", "/usr/bin/python3"];
/// Where a confined process sees the operator's packages.
pub(crate) const PACKAGES: &str = "/packages";
/// What else an interpreter reads: where libraries are, and time zones.
const EXTRA: [&str; 2] = ["/etc/ld.so.cache", "/usr/share/zoneinfo"];
/// Libraries of compilers, which packages need and the interpreter does not.
const RUNTIMES: [&str; 3] = ["libstdc++.so.6", "libgcc_s.so.1", "libgomp.so.1"];
/// What the search path of a shim is.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// A found interpreter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Python {
    /// The real program.
    pub(crate) program: PathBuf,
    /// Such as `3.11.7`.
    pub(crate) version: String,
    /// What it needs.
    pub(crate) tree: Tree,
}

#[derive(Deserialize)]
struct Answer {
    program: PathBuf,
    version: String,
    folders: BTreeSet<PathBuf>,
    hidden: Vec<PathBuf>,
    libraries: BTreeSet<PathBuf>,
}

impl Python {
    /// Finds the interpreter, or says why there is none.
    pub(crate) fn find(named: Option<&Path>, packages: Option<&Path>) -> Result<Self, String> {
        let answer = match named {
            Some(program) => ask(program)?,
            None => {
                let found = USUAL.iter().map(Path::new).find(|path| path.exists());
                ask(found
                    .ok_or_else(|| format!("none of {} exists; name one", USUAL.join(", ")))?)?
            }
        };
        let tree = tree(&answer, packages)?;
        Ok(Self {
            program: answer.program,
            version: answer.version,
            tree,
        })
    }
}

fn ask(program: &Path) -> Result<Answer, String> {
    let shown = program.display();
    let asked = Command::new(program)
        .args(["-I", "-B", "-c", QUESTION])
        .env_clear()
        .env("PATH", PATH)
        .stdin(Stdio::null())
        .current_dir("/")
        .output()
        .map_err(|cause| format!("{shown}: {cause}"))?;
    if !asked.status.success() {
        let said = String::from_utf8_lossy(&asked.stderr);
        let last = said.lines().last().unwrap_or("it says nothing");
        return Err(format!("{shown} does not work: {last}"));
    }
    serde_json::from_slice(&asked.stdout)
        .map_err(|cause| format!("{shown} does not answer as Python 3.8 or newer does: {cause}"))
}

fn tree(answer: &Answer, packages: Option<&Path>) -> Result<Tree, String> {
    let mut tree = Tree {
        folders: answer.folders.iter().cloned().map(Seen::same).collect(),
        hidden: answer.hidden.clone(),
        programs: vec![answer.program.clone()],
        ..Tree::default()
    };
    let mut files = answer.libraries.clone();
    files.insert(answer.program.clone());
    add_loader(&answer.program, &mut files, &mut tree);
    add_links(&mut files, &mut tree);
    for extra in EXTRA.iter().filter_map(|path| real(Path::new(path))) {
        let at = if extra.is_dir() {
            &mut tree.folders
        } else {
            &mut tree.files
        };
        at.push(Seen::same(extra));
    }
    if let Some(folder) = packages {
        let from = real(folder).filter(|path| path.is_dir());
        let from = from.ok_or_else(|| format!("{} is no folder of packages", folder.display()))?;
        tree.folders.push(Seen {
            from,
            at: PathBuf::from(PACKAGES),
        });
    }
    let within = |file: &Path| answer.folders.iter().any(|folder| file.starts_with(folder));
    tree.files.extend(
        files
            .into_iter()
            .filter(|file| !within(file))
            .map(Seen::same),
    );
    add_top(&mut tree);
    Ok(tree)
}

fn real(path: &Path) -> Option<PathBuf> {
    std::fs::canonicalize(path).ok()
}

/// The loader is started under the name that stands in the program.
fn add_loader(program: &Path, files: &mut BTreeSet<PathBuf>, tree: &mut Tree) {
    let Some(named) = elf::loader(program) else {
        return;
    };
    let (Some(loader), Some(folder), Some(name)) = (
        real(&named),
        named.parent().and_then(real),
        named.file_name(),
    ) else {
        return;
    };
    let place = folder.join(name);
    if place != loader {
        tree.links.push((place, loader.clone()));
    }
    tree.programs.push(loader.clone());
    files.insert(loader);
}

/// Libraries are asked for by names that are symbolic links to the files.
fn add_links(files: &mut BTreeSet<PathBuf>, tree: &mut Tree) {
    let folders: BTreeSet<PathBuf> = files
        .iter()
        .filter(|file| file.to_string_lossy().contains(".so"))
        .filter_map(|file| Some(file.parent()?.to_owned()))
        .collect();
    for folder in folders {
        for name in RUNTIMES {
            files.extend(real(&folder.join(name)));
        }
        let names = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        let links = names.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_symlink()));
        for link in links.map(|entry| entry.path()) {
            if let Some(file) = real(&link).filter(|file| files.contains(file)) {
                tree.links.push((link, file));
            }
        }
    }
    let unique: BTreeMap<_, _> = tree.links.drain(..).collect();
    tree.links.extend(unique);
}

/// `/lib` and the like are symbolic links on most machines.
fn add_top(tree: &mut Tree) {
    for name in ["/lib", "/lib64", "/lib32", "/bin", "/usr/lib64"] {
        if let Ok(said) = std::fs::read_link(name) {
            tree.links.insert(0, (PathBuf::from(name), said));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Python;

    #[test]
    fn the_real_interpreter_is_found_with_its_library() {
        let python = Python::find(None, None).expect("a machine with Python");
        assert!(python.version.starts_with("3."), "{}", python.version);
        let seen = |path: &Path| python.tree.files.iter().any(|file| file.from == path);
        assert!(seen(&python.program));
        for file in &python.tree.files {
            assert_eq!(std::fs::canonicalize(&file.from).unwrap(), file.from);
        }
        let library = &python.tree.folders[0].from;
        assert!(library.join("json").is_dir(), "{}", library.display());
    }

    #[test]
    fn a_shim_and_a_link_lead_to_the_real_interpreter() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let usual = Python::find(None, None).expect("a machine with Python");
        let shim = folder.path().join("shim");
        let text = format!("#!/bin/sh\nexec {} \"$@\"\n", usual.program.display());
        std::fs::write(&shim, text).unwrap();
        std::fs::set_permissions(&shim, PermissionsExt::from_mode(0o755)).unwrap();
        let link = folder.path().join("python3");
        symlink(&usual.program, &link).unwrap();
        for named in [shim, link] {
            let found = Python::find(Some(&named), None).unwrap();
            assert_eq!(found.program, usual.program);
        }
    }

    #[test]
    fn what_is_no_python_is_told() {
        for (program, part) in [
            ("/bin/true", "does not answer"),
            ("/no/such", "No such file"),
        ] {
            let why = Python::find(Some(Path::new(program)), None).unwrap_err();
            assert!(why.contains(part), "{why}");
        }
        let why = Python::find(None, Some(Path::new("/no/such"))).unwrap_err();
        assert!(why.contains("no folder of packages"), "{why}");
    }
}
