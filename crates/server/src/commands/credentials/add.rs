//! `latchkey credentials add`.

use clap::Args;
use latchkey_secrets::Secret;
use serde_json::{Map, Value as Json, json};

use super::secret::SecretArguments;
use crate::client::Client;
use crate::failure::Failure;
use crate::out;

/// A new credential.
#[derive(Args)]
pub(crate) struct AddArguments {
    /// The provider, such as openai
    #[arg(long)]
    provider: String,
    /// The name that nodes and bindings choose it by
    #[arg(long)]
    name: String,
    /// For this model only
    #[arg(long)]
    model: Option<String>,
    /// The kind of that model, such as llm
    #[arg(long, requires = "model")]
    model_type: Option<String>,
    /// A value that is no secret, such as base_url=https://…; may be given several times
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    fields: Vec<String>,
    #[command(flatten)]
    secret: SecretArguments,
    /// Where it may be sent, as host or host:port; may be given several times
    #[arg(long = "host", value_name = "HOST")]
    hosts: Vec<String>,
    /// Make it the workspace's default for its provider
    #[arg(long)]
    default: bool,
    /// Store it without asking the provider whether it accepts it
    #[arg(long)]
    no_validate: bool,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
}

/// Stores it.
pub(crate) async fn add(client: &Client, arguments: AddArguments) -> Result<(), Failure> {
    let secret = arguments.secret.read()?;
    let body = body(&arguments, secret.as_ref())?;
    let made = client.post("/credentials", &body).await;
    let made = made.map_err(|failure| advised(failure, &arguments))?.body;
    if arguments.json {
        out::json(&made);
        return Ok(());
    }
    out::line(format_args!(
        "added {}/{}{}",
        arguments.provider,
        arguments.name,
        if arguments.default {
            ", the default of its provider"
        } else {
            ""
        }
    ));
    out::line(out::cell(&made["id"]));
    Ok(())
}

/// What on the command line would help.
fn advised(mut failure: Failure, arguments: &AddArguments) -> Failure {
    let has_secret = arguments.secret.is_given();
    let advice = match failure.code.as_str() {
        "invalid_input" if !has_secret => {
            " (a secret is given with --secret-file or --secret-stdin)"
        }
        "credential_invalid" | "credential_not_validated" | "credential_rate_limited" => {
            " (--no-validate stores it all the same)"
        }
        _ => "",
    };
    failure.detail.push_str(advice);
    failure
}

fn body(arguments: &AddArguments, secret: Option<&Secret<String>>) -> Result<Json, Failure> {
    let mut body = Map::new();
    body.insert("provider".to_owned(), json!(arguments.provider));
    body.insert("name".to_owned(), json!(arguments.name));
    for (name, text) in [
        ("model", &arguments.model),
        ("model_type", &arguments.model_type),
    ] {
        if let Some(text) = text {
            body.insert(name.to_owned(), json!(text));
        }
    }
    body.insert("values".to_owned(), values(arguments, secret)?);
    if !arguments.hosts.is_empty() {
        body.insert("hosts".to_owned(), json!(arguments.hosts));
    }
    body.insert("default".to_owned(), json!(arguments.default));
    body.insert("validate".to_owned(), json!(!arguments.no_validate));
    Ok(Json::Object(body))
}

fn values(arguments: &AddArguments, secret: Option<&Secret<String>>) -> Result<Json, Failure> {
    arguments.secret.values(&arguments.fields, secret)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use latchkey_secrets::Secret;
    use serde_json::{Value as Json, json};

    use super::{AddArguments, advised, body};
    use crate::cli::{Command, CommandLine};
    use crate::commands::credentials::CredentialsCommand;
    use crate::failure::{Exit, Failure};

    fn arguments(more: &str) -> AddArguments {
        let line = format!("latchkey credentials add --provider openai --name acme{more}");
        let line = CommandLine::try_parse_from(line.split(' ')).ok().unwrap();
        let Command::Credentials {
            command: CredentialsCommand::Add(arguments),
        } = line.command
        else {
            panic!("it adds a credential");
        };
        arguments
    }

    fn sent(more: &str) -> Json {
        let body = body(&arguments(more), Some(&Secret::from("test-key")));
        body.unwrap_or_else(|failure| json!(failure.detail))
    }

    #[test]
    fn the_secret_goes_into_its_field() {
        let expected = json!({"provider": "openai", "name": "acme", "values": {"base_url": "http://x/v1?a=b", "api_key": "test-key"},
            "default": false, "validate": true});
        assert_eq!(sent(" --set base_url=http://x/v1?a=b"), expected);
        let other = sent(" --secret-field token --default --no-validate --host x:1 --model m");
        let expected = json!({"provider": "openai", "name": "acme", "model": "m", "values": {"token": "test-key"}, "hosts": ["x:1"],
            "default": true, "validate": false});
        assert_eq!(other, expected);
    }

    #[test]
    fn a_secret_on_the_command_line_is_refused_and_not_repeated() {
        for wrong in [" --set api_key=test-key-7", " --set test-key-7"] {
            let said = sent(wrong).to_string();
            assert!(said.contains("--set") || said.contains("--secret-stdin"));
            assert!(!said.contains("test-key-7"), "{said}");
        }
    }

    #[test]
    fn a_refusal_says_what_on_the_command_line_would_help() {
        let told = |code, more| advised(Failure::new(Exit::Refused, code, ""), &arguments(more));
        let missing = told("invalid_input", "").detail;
        assert!(missing.contains("--secret-file") && missing.contains("--secret-stdin"));
        assert_eq!(told("invalid_input", " --secret-stdin").detail, "");
        let dead = told("credential_invalid", " --secret-stdin").detail;
        assert!(dead.contains("--no-validate"));
    }
}
