//! `latchkey credentials`: the workspace's credentials. A secret comes from a file or from standard input, never from the
//! command line, which other users of the machine can read.

mod add;
mod limit;
mod rotate;
mod secret;

use clap::Subcommand;
use serde_json::{Value as Json, json};

pub(crate) use self::add::AddArguments;
pub(crate) use self::limit::LimitArguments;
pub(crate) use self::rotate::RotateArguments;
use crate::client::{Client, segment};
use crate::failure::{Exit, Failure};
use crate::out;

/// What is done with credentials.
#[derive(Subcommand)]
pub(crate) enum CredentialsCommand {
    /// Store a credential
    Add(AddArguments),
    /// List the credentials
    List {
        /// Print the rows as JSON
        #[arg(long)]
        json: bool,
    },
    /// Ask the provider whether it accepts a credential
    Validate {
        /// The id, or provider/name
        credential: String,
    },
    /// Set a credential's limits and budgets, or show how they stand
    Limit(LimitArguments),
    /// Give a credential a new secret; the old one stays usable for an overlap
    Rotate(RotateArguments),
    /// Go back to the secret before the last rotation
    Rollback {
        /// The id, or provider/name
        credential: String,
    },
    /// Remove a credential
    Rm {
        /// The id, or provider/name
        credential: String,
        /// Remove it although something names it
        #[arg(long)]
        force: bool,
    },
}

/// Does it.
pub(crate) async fn credentials(
    client: &Client,
    command: CredentialsCommand,
) -> Result<(), Failure> {
    match command {
        CredentialsCommand::Add(arguments) => add::add(client, arguments).await,
        CredentialsCommand::List { json } => list(client, json).await,
        CredentialsCommand::Validate { credential } => validate(client, &credential).await,
        CredentialsCommand::Limit(arguments) => limit::limit(client, arguments).await,
        CredentialsCommand::Rotate(arguments) => rotate::rotate(client, arguments).await,
        CredentialsCommand::Rollback { credential } => rotate::roll_back(client, &credential).await,
        CredentialsCommand::Rm { credential, force } => {
            let path = path(client, &credential).await?;
            let forced = if force { "?force=true" } else { "" };
            client.delete(&format!("{path}{forced}")).await?;
            out::line(format_args!("removed {credential}"));
            Ok(())
        }
    }
}

async fn list(client: &Client, as_json: bool) -> Result<(), Failure> {
    let rows = client.pages("/credentials").await?;
    if as_json {
        out::json(&Json::Array(rows));
        return Ok(());
    }
    let cells: Vec<_> = rows.iter().map(row).collect();
    let header = [
        "ID",
        "PROVIDER",
        "NAME",
        "MODEL",
        "STATE",
        "LAST 4",
        "HOSTS",
        "LAST USED",
    ];
    out::table(header, &cells);
    Ok(())
}

fn row(credential: &Json) -> [String; 8] {
    let values = credential["values"].as_object();
    let ends = values.and_then(|values| values.values().find_map(|value| value["last4"].as_str()));
    let cell = |name: &str| out::cell(&credential[name]);
    [
        cell("id"),
        cell("provider"),
        cell("name"),
        cell("model"),
        cell("state"),
        ends.unwrap_or_default().to_owned(),
        cell("hosts"),
        cell("last_used_at"),
    ]
}

async fn validate(client: &Client, credential: &str) -> Result<(), Failure> {
    let path = path(client, credential).await?;
    let checked = client.post(&format!("{path}/validate"), &json!({})).await?;
    match rejection(&checked.body) {
        Some(failure) => Err(failure),
        None => {
            out::line(format_args!("{credential} is accepted by its provider"));
            Ok(())
        }
    }
}

/// The failure that an answer to a validation stands for: it may say so in its state, or in a flag with a code.
fn rejection(answer: &Json) -> Option<Failure> {
    let state = answer["state"].as_str().unwrap_or("active");
    let rejected = answer["valid"] == json!(false) || ["invalid", "exhausted"].contains(&state);
    let code = answer["code"].as_str().unwrap_or("credential_invalid");
    let told = [&answer["detail"], &answer["message"]];
    let detail = told.into_iter().find_map(Json::as_str);
    let detail = detail.unwrap_or("the provider does not accept it");
    rejected.then(|| Failure::new(Exit::Refused, code, detail))
}

/// The path of a credential that is named by its id or as `provider/name`.
async fn path(client: &Client, credential: &str) -> Result<String, Failure> {
    let Some((provider, name)) = credential.rsplit_once('/') else {
        return Ok(format!("/credentials/{}", segment(credential)));
    };
    let rows = client.pages("/credentials").await?;
    let mut ids = rows
        .iter()
        .filter(|row| row["provider"] == json!(provider) && row["name"] == json!(name))
        .map(|row| out::cell(&row["id"]));
    match (ids.next(), ids.next()) {
        (Some(id), None) => Ok(format!("/credentials/{}", segment(&id))),
        (Some(_), Some(_)) => Err(Failure::usage(format!(
            "several credentials are called {credential}: name one by its id"
        ))),
        (None, _) => Err(Failure::new(
            Exit::Refused,
            "not_found",
            format!("there is no credential {credential}"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{rejection, row};

    #[test]
    fn lists_show_the_end_of_the_secret_only() {
        let credential = json!({"id": "1", "provider": "openai", "name": "acme", "model": null, "state": "active",
            "values": {"base_url": {}, "api_key": {"last4": "9f3c", "fingerprint": "x"}}, "hosts": ["api.openai.com"]});
        assert_eq!(
            row(&credential),
            [
                "1",
                "openai",
                "acme",
                "",
                "active",
                "9f3c",
                "api.openai.com",
                ""
            ]
        );
    }

    #[test]
    fn a_rejected_key_is_a_failure() {
        assert_eq!(rejection(&json!({"state": "active"})), None);
        assert_eq!(rejection(&json!(null)), None);
        for answer in [json!({"state": "invalid"}), json!({"valid": false})] {
            assert_eq!(rejection(&answer).unwrap().code, "credential_invalid");
        }
        let exhausted = json!({"valid": false, "code": "credential_exhausted"});
        assert_eq!(rejection(&exhausted).unwrap().code, "credential_exhausted");
    }
}
