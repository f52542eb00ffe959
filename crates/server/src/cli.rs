//! The command line: what may be typed. What it does is in the module of each command.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};
use serde_json::{Map, Value as Json};

use crate::commands::credentials::CredentialsCommand;
use crate::commands::export::ExportArguments;
use crate::commands::import::ImportArguments;
use crate::commands::keys::KeysCommand;
use crate::commands::resolve::ResolveArguments;
use crate::master_key::MasterKeyCommand;
use crate::members::MembersCommand;

/// Runs LLM workflows in which every workflow brings its own keys.
#[derive(Parser)]
#[command(
    name = "latchkey",
    version,
    disable_help_subcommand = true,
    after_help = "Exit codes: 0 ok, 1 a run failed, 2 wrong usage or a bad file, 3 refused by the server or a credential, or a server that cannot start.\n\
                  import, export, resolve, credentials and keys speak to LATCHKEY_URL with LATCHKEY_API_KEY; so does master-key while a server runs here."
)]
pub(crate) struct CommandLine {
    /// The TOML file of the settings; else LATCHKEY_CONFIG
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Serve the API until told to stop
    Serve {
        /// What this process does
        #[arg(long, value_enum, default_value_t = Role::All)]
        role: Role,
    },
    /// Run a file without a server
    Run(RunArguments),
    /// Import a workflow file; the workflow's id is the last line printed
    Import(ImportArguments),
    /// Print a workflow as a file
    Export(ExportArguments),
    /// Ask which credentials would pay, without running anything
    Resolve(ResolveArguments),
    /// Add, list, validate and remove credentials
    Credentials {
        /// What to do with them.
        #[command(subcommand)]
        command: CredentialsCommand,
    },
    /// Create, list and remove API keys
    Keys {
        /// What to do with them.
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Change the master key, or seal everything anew; also while a server serves
    MasterKey {
        /// What to do with it.
        #[command(subcommand)]
        command: MasterKeyCommand,
    },
    /// List who can log in, or give somebody another password
    Members {
        /// What to do.
        #[command(subcommand)]
        command: MembersCommand,
    },
    /// Bring the database to this version, or show how far it is
    Migrate {
        /// What to do.
        #[command(subcommand)]
        command: MigrateCommand,
    },
    /// Print the settings in force, with secrets masked
    Config,
    /// Check what a server needs of this machine
    Doctor,
    /// Print the description of the API
    Openapi,
}

/// What a server process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// Everything: answer requests and execute runs
    All,
    /// Answer requests; workers execute the runs
    Api,
    /// Execute runs
    Worker,
}

/// What is done with the migrations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
pub(crate) enum MigrateCommand {
    /// Apply what is missing
    Up,
    /// Show what is applied and what is missing
    Status,
}

/// How a file is run without a server.
#[derive(Args, Clone, Debug)]
pub(crate) struct RunArguments {
    /// The workflow file
    pub(crate) file: PathBuf,
    /// A start input: name=text, name:=JSON, or name=@path for a file
    #[arg(short, long = "input", value_name = "NAME=VALUE")]
    pub(crate) inputs: Vec<Input>,
    /// A credential from a variable: provider/name=env:VARIABLE
    #[arg(long = "credential", value_name = "PROVIDER/NAME=env:VAR")]
    pub(crate) credentials: Vec<CredentialFromVariable>,
    /// What is no secret of such a credential: provider/name.field=value
    #[arg(long = "set", value_name = "PROVIDER/NAME.FIELD=VALUE")]
    pub(crate) fields: Vec<CredentialField>,
    /// Print the result as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// A start input of the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Input {
    /// The variable.
    pub(crate) name: String,
    /// A text, or what the JSON says.
    pub(crate) value: Json,
}

/// Inputs as the object that a run is started with; of equal names the last counts.
pub(crate) fn as_object(inputs: Vec<Input>) -> Json {
    let pairs = inputs.into_iter().map(|input| (input.name, input.value));
    Json::Object(pairs.collect::<Map<_, _>>())
}

impl FromStr for Input {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text
            .split_once('=')
            .ok_or("name=value is needed, or name:=JSON")?;
        let (name, value) = match name.strip_suffix(':') {
            Some(name) => {
                let parsed = serde_json::from_str(value);
                (name, parsed.map_err(|why| format!("no JSON: {why}"))?)
            }
            None => (name, Json::from(value)),
        };
        if name.is_empty() {
            return Err("a name is needed before the =".to_owned());
        }
        Ok(Self {
            name: name.to_owned(),
            value,
        })
    }
}

/// A credential whose secret stands in a variable of the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CredentialFromVariable {
    /// The provider, as workflow files or as we call it.
    pub(crate) provider: String,
    /// The name that nodes choose it by.
    pub(crate) name: String,
    /// The variable of the environment.
    pub(crate) variable: String,
}

impl FromStr for CredentialFromVariable {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let needed = || "provider/name=env:VARIABLE is needed".to_owned();
        let (place, variable) = text.split_once("=env:").ok_or_else(needed)?;
        // Providers of workflow files have slashes themselves; names have none.
        let (provider, name) = place.rsplit_once('/').ok_or_else(needed)?;
        if [provider, name, variable]
            .iter()
            .any(|part| part.is_empty())
        {
            return Err(needed());
        }
        Ok(Self {
            provider: provider.to_owned(),
            name: name.to_owned(),
            variable: variable.to_owned(),
        })
    }
}

/// A field of a credential that is no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CredentialField {
    /// The provider and the name, as in `--credential`.
    pub(crate) credential: String,
    /// The field.
    pub(crate) field: String,
    /// Its value.
    pub(crate) value: String,
}

impl FromStr for CredentialField {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let needed = || "provider/name.field=value is needed".to_owned();
        let (place, value) = text.split_once('=').ok_or_else(needed)?;
        // Names have dots themselves; fields have none.
        let (credential, field) = place.rsplit_once('.').ok_or_else(needed)?;
        if !credential.contains('/') || field.is_empty() || field.contains('/') {
            return Err(needed());
        }
        if field == "api_key" {
            return Err("a secret comes from a variable: --credential".to_owned());
        }
        Ok(Self {
            credential: credential.to_owned(),
            field: field.to_owned(),
            value: value.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};
    use serde_json::json;

    use super::{
        Command, CommandLine, CredentialField, CredentialFromVariable, Input, Role, as_object,
    };

    fn parse(line: &str) -> Result<Command, clap::Error> {
        CommandLine::try_parse_from(line.split(' ')).map(|line| line.command)
    }

    #[test]
    fn the_definition_holds_together() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn inputs_are_texts_unless_they_are_said_to_be_json() {
        let Ok(Command::Run(arguments)) = parse("latchkey run f.yml -i a=b=c -i n:=5 -i e= -i a=d")
        else {
            panic!("it parses");
        };
        assert_eq!(
            as_object(arguments.inputs),
            json!({"a": "d", "n": 5, "e": ""})
        );
        for wrong in ["a", "=b", "n:=x", ":=5"] {
            assert!(wrong.parse::<Input>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn credentials_come_from_variables_only() {
        let parsed: CredentialFromVariable =
            "langgenius/openai/openai/acme=env:KEY".parse().unwrap();
        assert_eq!(
            (
                parsed.provider.as_str(),
                parsed.name.as_str(),
                parsed.variable.as_str()
            ),
            ("langgenius/openai/openai", "acme", "KEY")
        );
        for wrong in [
            "openai/acme=sk-1",
            "acme=env:KEY",
            "openai/=env:KEY",
            "openai/acme=env:",
        ] {
            assert!(wrong.parse::<CredentialFromVariable>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn fields_of_credentials_are_no_secrets() {
        let parsed: CredentialField =
            "openai_api_compatible/my.server.base_url=http://x.test/v1?a=b"
                .parse()
                .unwrap();
        let parts = [&*parsed.credential, &*parsed.field, &*parsed.value];
        let wanted = [
            "openai_api_compatible/my.server",
            "base_url",
            "http://x.test/v1?a=b",
        ];
        assert_eq!(parts, wanted);
        for wrong in [
            "openai/acme",
            "acme.base_url=x",
            "openai/acme.=x",
            "openai/acme.api_key=x",
        ] {
            assert!(wrong.parse::<CredentialField>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn settings_files_and_roles_are_options_of_serve() {
        let line = "latchkey serve --config x.toml --role worker";
        let line = CommandLine::try_parse_from(line.split(' ')).ok().unwrap();
        assert_eq!(line.config.unwrap().to_str(), Some("x.toml"));
        assert!(matches!(
            line.command,
            Command::Serve { role: Role::Worker }
        ));
    }

    #[test]
    fn roles_are_offered() {
        let mut line = CommandLine::command();
        let serve = line.find_subcommand_mut("serve").unwrap();
        let help = serve.render_long_help().to_string();
        let roles = ["all", "api", "worker"];
        assert!(roles.iter().all(|role| help.contains(role)), "{help}");
    }

    #[test]
    fn wrong_lines_are_wrong_usage() {
        for line in [
            "latchkey no-such-command",
            "latchkey import",
            "latchkey import f.yml --map openai=here",
            "latchkey credentials add --provider p",
            "latchkey keys create --name n --scope everything",
            "latchkey credentials add --provider p --name n --secret-stdin --secret-file f",
            "latchkey resolve",
            "latchkey keys create",
            "latchkey migrate",
            "latchkey master-key",
            "latchkey master-key rotate extra",
        ] {
            let error = parse(line).err().unwrap_or_else(|| panic!("{line} parses"));
            assert_eq!(error.exit_code(), 2, "{line}");
        }
    }
}
