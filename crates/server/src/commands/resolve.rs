//! `latchkey resolve`: which credential would pay at each place, asked without running anything.

use clap::Args;
use serde_json::{Map, Value as Json, json};

use crate::cli::{Input, as_object};
use crate::client::{Client, segment};
use crate::failure::{Exit, Failure};
use crate::out;

/// What is asked.
#[derive(Args)]
pub(crate) struct ResolveArguments {
    /// The workflow
    #[arg(value_name = "ID")]
    workflow: String,
    /// A start input: name=text, or name:=JSON
    #[arg(short, long = "input", value_name = "NAME=VALUE")]
    inputs: Vec<Input>,
    /// The environment that the run would be in
    #[arg(long)]
    environment: Option<String>,
    /// published, draft, or a version's number
    #[arg(long)]
    version: Option<String>,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
}

/// Asks and prints one row for each place; a place whose credential cannot be used makes the command fail.
pub(crate) async fn resolve(client: &Client, arguments: ResolveArguments) -> Result<(), Failure> {
    let workflow = segment(&arguments.workflow);
    let path = format!("/workflows/{workflow}/credentials/resolve");
    let as_json = arguments.json;
    let answer = client.post(&path, &body(arguments)).await?.body;
    let nodes = answer["nodes"].as_array().map_or(&[][..], Vec::as_slice);
    if as_json {
        out::json(&answer);
    } else {
        let rows: Vec<_> = nodes.iter().map(row).collect();
        let header = [
            "NODE",
            "PROVIDER",
            "MODEL",
            "OUTCOME",
            "CREDENTIAL",
            "BECAUSE",
        ];
        out::table(header, &rows);
    }
    failed(nodes)
}

fn body(arguments: ResolveArguments) -> Json {
    let mut body = Map::new();
    body.insert("inputs".to_owned(), as_object(arguments.inputs));
    if let Some(environment) = arguments.environment {
        body.insert("environment".to_owned(), Json::from(environment));
    }
    if let Some(version) = arguments.version {
        let number = version.parse::<u32>().map(Json::from);
        let version = number.unwrap_or_else(|_| Json::from(version));
        body.insert("version".to_owned(), version);
    }
    Json::Object(body)
}

fn row(node: &Json) -> [String; 6] {
    let resolution = &node["resolution"];
    let because = match node["outcome"].as_str() {
        Some("failed") => {
            // The detail begins with the code; those who may not read credentials hear the code alone.
            let detail = out::cell(&node["detail"]);
            if detail.is_empty() {
                out::cell(&node["code"])
            } else {
                detail
            }
        }
        Some("depends_on") => format!("needs {}", out::cell(&node["depends_on"])),
        _ => {
            let said = [&resolution["level"], &resolution["selector"]];
            let said: Vec<_> = said
                .into_iter()
                .filter(|part| !part.is_null())
                .map(out::cell)
                .collect();
            said.join(": ") + &fallback(resolution)
        }
    };
    [
        out::cell(&node["node_id"]),
        out::cell(&node["provider"]),
        out::cell(&node["model"]),
        out::cell(&node["outcome"]),
        out::cell(&resolution["credential_name"]),
        because,
    ]
}

/// Why a fallback pays; nothing of the credential that was chosen.
fn fallback(resolution: &Json) -> String {
    if resolution["fallback"].is_null() {
        return String::new();
    }
    let mut told = String::from(" (fallback");
    let skipped = resolution["skipped"].as_array();
    for (at, one) in skipped.into_iter().flatten().enumerate() {
        told.push_str(if at == 0 { "; " } else { ", " });
        told.push_str(&out::cell(&one["credential_name"]));
        told.push_str(": ");
        told.push_str(&out::cell(&one["code"]));
    }
    told.push(')');
    told
}

/// The failure of the places that have no credential, under the code of the first.
fn failed(nodes: &[Json]) -> Result<(), Failure> {
    let failed: Vec<_> = nodes
        .iter()
        .filter(|node| node["outcome"] == json!("failed"))
        .collect();
    let Some(first) = failed.first() else {
        return Ok(());
    };
    let code = first["code"].as_str().unwrap_or("credential_missing");
    let detail = format!(
        "{} of {} places have no usable credential",
        failed.len(),
        nodes.len()
    );
    Err(Failure::new(Exit::Refused, code, detail))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use serde_json::json;

    use super::{body, failed, row};
    use crate::cli::{Command, CommandLine};
    use crate::failure::Exit;

    #[test]
    fn versions_are_words_or_numbers() {
        for (said, sent) in [("3", json!(3)), ("draft", json!("draft"))] {
            let line = [
                "latchkey",
                "resolve",
                "1",
                "-i",
                "tenant=acme",
                "--version",
                said,
            ];
            let line = CommandLine::try_parse_from(line).ok().unwrap();
            let Command::Resolve(arguments) = line.command else {
                panic!("it is a resolve");
            };
            assert_eq!(
                body(arguments),
                json!({"inputs": {"tenant": "acme"}, "version": sent})
            );
        }
    }

    #[test]
    fn each_outcome_says_why() {
        let because = |node: &serde_json::Value| row(node)[5].clone();
        let resolved =
            json!({"outcome": "resolved", "resolution": {"level": "node", "selector": "acme"}});
        let waiting = json!({"outcome": "depends_on", "depends_on": ["a.text", "b.text"]});
        let missing = json!({"outcome": "failed", "code": "credential_not_found"});
        assert_eq!(because(&resolved), "node: acme");
        let mut other = resolved.clone();
        other["resolution"]["fallback"] = json!(1);
        other["resolution"]["skipped"] =
            json!([{"credential_name": "evil", "code": "credential_invalid"}]);
        assert_eq!(
            because(&other),
            "node: acme (fallback; evil: credential_invalid)"
        );
        assert_eq!(because(&waiting), "needs a.text, b.text");
        assert_eq!(because(&missing), "credential_not_found");
        let whole = "credential_not_found: level node, selector \"x\"";
        let told = json!({"outcome": "failed", "code": "credential_not_found", "detail": whole});
        assert_eq!(because(&told), whole);
        assert_eq!(failed(&[resolved.clone(), waiting]), Ok(()));
        let failure = failed(&[resolved, missing]).unwrap_err();
        assert_eq!(
            (failure.exit, failure.code.as_str()),
            (Exit::Refused, "credential_not_found")
        );
    }
}
