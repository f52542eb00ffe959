//! `latchkey keys`: the API keys of the workspace.

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand, ValueEnum};
use latchkey_domain::access::Permission;
use serde_json::{Map, Value as Json, json};

use crate::client::{Client, segment};
use crate::failure::Failure;
use crate::out;

const SCOPES: [&str; Permission::ALL.len()] = {
    let mut names = [""; Permission::ALL.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = Permission::ALL[at].as_str();
        at += 1;
    }
    names
};

/// What is done with keys.
#[derive(Subcommand)]
pub(crate) enum KeysCommand {
    /// Make a key; it is the last line printed and never shown again
    Create(CreateArguments),
    /// List the keys
    List {
        /// Print the rows as JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove a key; whoever uses it is refused from then on
    Rm {
        /// The key's id
        id: String,
    },
}

/// What a new key may do.
#[derive(Args)]
pub(crate) struct CreateArguments {
    /// What the key is called in lists
    #[arg(long)]
    name: String,
    /// What the key is for
    #[arg(long, value_enum, default_value_t = Kind::Workspace)]
    kind: Kind,
    /// The workflow that an app key runs
    #[arg(long, value_name = "ID", required_if_eq("kind", "app"))]
    workflow: Option<String>,
    /// What it may do, may be given several times; an app key without any may start and read its runs
    #[arg(long = "scope", value_name = "SCOPE", value_parser = PossibleValuesParser::new(SCOPES))]
    scopes: Vec<String>,
    /// An environment that its runs may be in, the first given unless a run says otherwise; may be given several times
    #[arg(long = "environment", value_name = "NAME")]
    environments: Vec<String>,
    /// When it ends, such as 2027-01-31T00:00:00Z
    #[arg(long, value_name = "TIME")]
    expires_at: Option<String>,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// The whole workspace, within its scopes
    Workspace,
    /// One workflow and its own runs, within its scopes
    App,
}

/// Does it.
pub(crate) async fn keys(client: &Client, command: KeysCommand) -> Result<(), Failure> {
    match command {
        KeysCommand::Create(arguments) => create(client, &arguments).await,
        KeysCommand::List { json } => list(client, json).await,
        KeysCommand::Rm { id } => {
            let path = format!("/api-keys/{}", segment(&id));
            client.delete(&path).await?;
            out::line(format_args!("removed {id}"));
            Ok(())
        }
    }
}

async fn create(client: &Client, arguments: &CreateArguments) -> Result<(), Failure> {
    if arguments.scopes.is_empty() && arguments.kind == Kind::Workspace {
        let scopes = SCOPES.join(", ");
        let detail = format!("--scope is needed at least once: what may the key do? {scopes}");
        return Err(Failure::usage(detail));
    }
    let made = client.post("/api-keys", &body(arguments)).await?.body;
    if arguments.json {
        out::json(&made);
        return Ok(());
    }
    out::line(format_args!(
        "made {} ({}); the key is shown this once:",
        arguments.name,
        out::cell(&made["id"])
    ));
    out::line(out::cell(&made["key"]));
    Ok(())
}

/// The body with what was said only, so that the server's defaults hold for the rest.
fn body(arguments: &CreateArguments) -> Json {
    let kind = match arguments.kind {
        Kind::Workspace => "workspace",
        Kind::App => "app",
    };
    let mut body = Map::new();
    body.insert("name".to_owned(), json!(arguments.name));
    body.insert("kind".to_owned(), json!(kind));
    for (name, text) in [
        ("workflow_id", &arguments.workflow),
        ("expires_at", &arguments.expires_at),
    ] {
        if let Some(text) = text {
            body.insert(name.to_owned(), json!(text));
        }
    }
    for (name, list) in [
        ("scopes", &arguments.scopes),
        ("environments", &arguments.environments),
    ] {
        if !list.is_empty() {
            body.insert(name.to_owned(), json!(list));
        }
    }
    Json::Object(body)
}

async fn list(client: &Client, as_json: bool) -> Result<(), Failure> {
    let rows = client.pages("/api-keys").await?;
    if as_json {
        out::json(&Json::Array(rows));
        return Ok(());
    }
    let columns = ["id", "name", "kind", "scopes", "environments", "expires_at"];
    let cells = rows
        .iter()
        .map(|row| columns.map(|column| out::cell(&row[column])));
    let header = ["ID", "NAME", "KIND", "SCOPES", "ENVIRONMENTS", "EXPIRES"];
    out::table(header, &cells.collect::<Vec<_>>());
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use serde_json::json;

    use super::{KeysCommand, body};
    use crate::cli::{Command, CommandLine};

    #[test]
    fn only_what_was_said_is_sent() {
        let line = "latchkey keys create --name ci --scope runs:write --scope runs:read --environment staging";
        let line = CommandLine::try_parse_from(line.split(' ')).ok().unwrap();
        let Command::Keys {
            command: KeysCommand::Create(arguments),
        } = line.command
        else {
            panic!("it makes a key");
        };
        let expected = json!({"name": "ci", "kind": "workspace", "scopes": ["runs:write", "runs:read"], "environments": ["staging"]});
        assert_eq!(body(&arguments), expected);
    }

    #[test]
    fn an_app_key_needs_its_workflow() {
        let line = "latchkey keys create --name site --kind app";
        assert!(CommandLine::try_parse_from(line.split(' ')).is_err());
    }
}
