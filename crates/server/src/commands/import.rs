//! `latchkey import`: sends a file, prints the report, and the workflow's id last.

use std::io::Read as _;
use std::str::FromStr;

use clap::Args;
use serde_json::{Map, Value as Json, json};

use super::import_report;
use crate::client::Client;
use crate::failure::{Exit, Failure};
use crate::out;

/// What is imported, and how.
#[derive(Args)]
pub(crate) struct ImportArguments {
    /// The workflow file; - for standard input
    file: String,
    /// Update this workflow's draft instead of making a new one
    #[arg(long, value_name = "ID")]
    workflow: Option<String>,
    /// Name the workflow otherwise than the file does
    #[arg(long)]
    name: Option<String>,
    /// Apply the credential settings that the file proposes
    #[arg(long)]
    bind: bool,
    /// Publish it at once
    #[arg(long)]
    publish: bool,
    /// Print the report only; nothing is stored
    #[arg(long)]
    dry_run: bool,
    /// Take a file of a newer format than this version knows
    #[arg(long)]
    confirm_newer: bool,
    /// What a credential of the file is called here
    #[arg(long = "map", value_name = "PROVIDER/NAME=HERE")]
    maps: Vec<Mapping>,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
}

/// A credential of the file and what it is called here.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mapping {
    in_file: String,
    here: String,
}

impl FromStr for Mapping {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let pair = text
            .split_once('=')
            .filter(|(file, here)| file.contains('/') && !here.is_empty());
        let (in_file, here) = pair.ok_or("provider/name=here is needed")?;
        Ok(Self {
            in_file: in_file.to_owned(),
            here: here.to_owned(),
        })
    }
}

/// Imports the file.
pub(crate) async fn import(client: &Client, arguments: ImportArguments) -> Result<(), Failure> {
    let content = read(&arguments.file)?;
    let body = body(&arguments, content);
    let answer = client.post("/workflows/import", &body).await;
    let answer = answer.map_err(|failure| {
        if let Some(report) = failure.report.as_ref().filter(|_| arguments.json) {
            out::json(&json!({"workflow": null, "report": report}));
        }
        advised(blame_the_file(failure), arguments.bind)
    })?;
    if arguments.json {
        out::json(&answer.body);
    } else {
        import_report::print(&answer.body);
    }
    if answer.status == 202 {
        let detail = "the file is of a newer format; --confirm-newer takes it all the same";
        let code = "confirmation_needed";
        return Err(Failure::new(Exit::Refused, code, detail));
    }
    if !arguments.json && !arguments.dry_run {
        out::line(out::cell(&answer.body["workflow"]["id"]));
    }
    Ok(())
}

fn read(file: &str) -> Result<String, Failure> {
    let mut content = String::new();
    let read = match file {
        "-" => std::io::stdin().read_to_string(&mut content).map(drop),
        path => std::fs::read_to_string(path).map(|text| content = text),
    };
    read.map_err(|cause| Failure::file(file, &cause))?;
    Ok(content)
}

/// The body with what was said only, so that the server's defaults hold for the rest.
fn body(arguments: &ImportArguments, content: String) -> Json {
    let mut body = Map::new();
    body.insert("content".to_owned(), Json::from(content));
    for (name, text) in [
        ("workflow_id", &arguments.workflow),
        ("name", &arguments.name),
    ] {
        if let Some(text) = text {
            body.insert(name.to_owned(), json!(text));
        }
    }
    for (name, wanted) in [
        ("bind", arguments.bind),
        ("publish", arguments.publish),
        ("dry_run", arguments.dry_run),
        ("confirm_newer", arguments.confirm_newer),
    ] {
        if wanted {
            body.insert(name.to_owned(), Json::from(true));
        }
    }
    let maps = arguments.maps.iter();
    let mapping: Map<_, _> = maps
        .map(|map| (map.in_file.clone(), json!(map.here)))
        .collect();
    if !mapping.is_empty() {
        body.insert("credential_mapping".to_owned(), Json::Object(mapping));
    }
    Json::Object(body)
}

/// A file that the server cannot take is a bad file, not a refusal: the user has to change it, not ask for access.
fn blame_the_file(failure: Failure) -> Failure {
    match failure.status {
        Some(400 | 413 | 422) => failure.exiting(Exit::Usage),
        Some(_) | None => failure,
    }
}

/// What on the command line would help.
fn advised(mut failure: Failure, bind: bool) -> Failure {
    if failure.code == "runtime_allow_missing" && !bind {
        failure
            .detail
            .push_str(" (--bind applies what the file proposes)");
    }
    failure
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use serde_json::json;

    use super::{advised, body};
    use crate::cli::{Command, CommandLine};
    use crate::failure::{Exit, Failure};

    #[test]
    fn proposals_that_were_not_applied_are_said_in_the_words_of_the_command_line() {
        let refused = || Failure::new(Exit::Usage, "runtime_allow_missing", "nothing is allowed");
        assert!(
            advised(refused(), false)
                .detail
                .ends_with("(--bind applies what the file proposes)")
        );
        assert_eq!(advised(refused(), true), refused());
    }

    fn check(line: &str, expected: serde_json::Value) {
        let line = CommandLine::try_parse_from(line.split(' ')).ok().unwrap();
        let Command::Import(arguments) = line.command else {
            panic!("it is an import");
        };
        assert_eq!(body(&arguments, "x".to_owned()), expected);
    }

    #[test]
    fn only_what_was_said_is_sent() {
        check("latchkey import f.yml", json!({"content": "x"}));
        let line = "latchkey import f.yml --workflow 1 --bind --publish --map openai/a=b --map langgenius/openai/openai/c=d";
        let mapping = json!({"openai/a": "b", "langgenius/openai/openai/c": "d"});
        check(
            line,
            json!({"content": "x", "workflow_id": "1", "bind": true, "publish": true, "credential_mapping": mapping}),
        );
    }
}
