//! Files of this machine as inputs: `-i name=@path`, and several of one name for a list.

use std::path::Path;

use latchkey_domain::inputs::{InputProblem, StartVariable, fill_files};
use latchkey_nodes::MemoryFiles;
use serde_json::{Map, Value as Json};

use crate::cli::Input;
use crate::failure::{Exit, Failure};

/// The inputs of a run, with the files that they name read.
pub(super) fn inputs(
    variables: &[StartVariable],
    given: Vec<Input>,
    files: &MemoryFiles,
) -> Result<Map<String, Json>, Failure> {
    let form = |name: &str| {
        let variable = variables.iter().find(|it| it.name == name);
        variable
            .filter(|it| it.is_file())
            .map(|it| it.form.as_str())
    };
    let mut inputs = Map::new();
    let mut read = Vec::new();
    for Input { name, value } in given {
        let path = value.as_str().and_then(|text| text.strip_prefix('@'));
        match (form(&name), path) {
            (Some(form), Some(path)) => read.push((name, form, file(path, files)?)),
            _ => drop(inputs.insert(name, value)),
        }
    }
    // What the JSON of an input says about files elsewhere; nothing is stored here that it could name.
    fill_files(variables, &mut inputs, &|_| None).map_err(refused)?;
    for (name, form, file) in read {
        match (form, inputs.get_mut(&name)) {
            ("file-list", Some(Json::Array(list))) => list.push(file),
            ("file-list", _) => drop(inputs.insert(name, Json::Array(vec![file]))),
            _ => drop(inputs.insert(name, file)),
        }
    }
    Ok(inputs)
}

/// Reads a file; its address is its path.
fn file(path: &str, files: &MemoryFiles) -> Result<Json, Failure> {
    let content = std::fs::read(path).map_err(|cause| Failure::file(path, &cause))?;
    let name = Path::new(path).file_name().unwrap_or_default();
    let mut file = files.add(&name.to_string_lossy(), None, content.into());
    file.url = Some(path.to_owned());
    Ok(file.to_json())
}

pub(super) fn refused(problems: Vec<InputProblem>) -> Failure {
    let told: Vec<String> = problems
        .into_iter()
        .map(|problem| problem.message)
        .collect();
    Failure::new(Exit::Usage, "invalid_input", told.join("; "))
}
