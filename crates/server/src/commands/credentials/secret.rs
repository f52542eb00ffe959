//! A secret of the command line: it comes from a file or from standard input.

use std::io::Read as _;
use std::path::PathBuf;

use clap::Args;
use latchkey_secrets::Secret;
use serde_json::{Map, Value as Json, json};

use crate::failure::Failure;

/// Where a secret comes from, and which field it is.
#[derive(Args)]
pub(super) struct SecretArguments {
    /// Read the secret from this file
    #[arg(long, value_name = "FILE", conflicts_with = "secret_stdin")]
    secret_file: Option<PathBuf>,
    /// Read the secret from standard input
    #[arg(long)]
    secret_stdin: bool,
    /// Where the secret is kept instead of here: env:NAME, file:/path or vault:mount/path#field
    #[arg(long = "ref", value_name = "REFERENCE", conflicts_with_all = ["secret_file", "secret_stdin"])]
    reference: Option<String>,
    /// The field that the secret is
    #[arg(long, value_name = "FIELD", default_value = "api_key")]
    secret_field: String,
}

impl SecretArguments {
    /// Whether there is one.
    pub(super) const fn is_given(&self) -> bool {
        self.secret_file.is_some() || self.secret_stdin || self.reference.is_some()
    }

    /// The secret without the line end that editors and `echo` put after it.
    pub(super) fn read(&self) -> Result<Option<Secret<String>>, Failure> {
        let (name, text) = if let Some(path) = &self.secret_file {
            (path.display().to_string(), std::fs::read_to_string(path))
        } else if self.secret_stdin {
            let mut text = String::new();
            let read = std::io::stdin().read_to_string(&mut text);
            ("standard input".to_owned(), read.map(|_| text))
        } else {
            return Ok(None);
        };
        let text = Secret::new(text.map_err(|cause| Failure::file(&name, &cause))?);
        let secret = text.expose().trim_end_matches(['\r', '\n']);
        if secret.is_empty() {
            return Err(Failure::usage(format!("{name}: there is no secret in it")));
        }
        Ok(Some(Secret::from(secret)))
    }

    /// The values of a body: what is no secret, as `field=value`, and the secret.
    pub(super) fn values(
        &self,
        fields: &[String],
        secret: Option<&Secret<String>>,
    ) -> Result<Json, Failure> {
        let mut values = Map::new();
        for field in fields {
            // Not repeated in the error: it may be a secret in the wrong place.
            let pair = field.split_once('=').filter(|(name, _)| !name.is_empty());
            let (name, value) = pair.ok_or_else(|| Failure::usage("--set needs field=value"))?;
            if name == self.secret_field {
                let detail = format!(
                    "{name} is the secret: give it with --secret-file or --secret-stdin, \
                     since others can see the command line"
                );
                return Err(Failure::usage(detail));
            }
            values.insert(name.to_owned(), json!(value));
        }
        if let Some(secret) = secret {
            values.insert(self.secret_field.clone(), json!(secret.expose()));
        }
        if let Some(reference) = &self.reference {
            values.insert(self.secret_field.clone(), json!({"ref": reference}));
        }
        Ok(Json::Object(values))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::SecretArguments;

    #[test]
    fn a_secret_file_loses_its_line_end_only() {
        let path = std::env::temp_dir().join(uuid::Uuid::now_v7().to_string());
        let of = |secret_file| SecretArguments {
            secret_file,
            secret_stdin: false,
            reference: None,
            secret_field: "api_key".to_owned(),
        };
        let read = |content: &str| {
            std::fs::write(&path, content).unwrap();
            let read = of(Some(path.clone())).read();
            read.map(|secret| secret.unwrap().expose().clone())
        };
        assert_eq!(read(" test key\r\n").unwrap(), " test key");
        assert!(read("\n").is_err());
        std::fs::remove_file(&path).unwrap();
        assert!(of(None).read().unwrap().is_none());
    }

    #[test]
    fn a_reference_takes_the_place_of_the_secret() {
        let arguments = SecretArguments {
            secret_file: None,
            secret_stdin: false,
            reference: Some("env:KEY".to_owned()),
            secret_field: "token".to_owned(),
        };
        assert!(arguments.is_given() && arguments.read().unwrap().is_none());
        let values = arguments.values(&["base_url=http://x".to_owned()], None);
        let expected = json!({"base_url": "http://x", "token": {"ref": "env:KEY"}});
        assert_eq!(values.unwrap(), expected);
    }
}
