//! `latchkey credentials rotate` and `rollback`.

use clap::Args;
use serde_json::{Map, Value as Json, json};

use super::path;
use super::secret::SecretArguments;
use crate::client::Client;
use crate::failure::Failure;
use crate::out;

/// A new secret for a credential.
#[derive(Args)]
pub(crate) struct RotateArguments {
    /// The id, or provider/name
    credential: String,
    #[command(flatten)]
    secret: SecretArguments,
    /// A value that is no secret, such as base_url=https://…; may be given several times
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    fields: Vec<String>,
    /// How long the old secret stays usable, such as 30m, 24h or 7d; 0: not at all
    #[arg(long, value_name = "TIME", value_parser = duration)]
    overlap: Option<u64>,
    /// Destroy the old secret as soon as a call with the new one has succeeded; the default without --overlap
    #[arg(long)]
    until_proven: bool,
    /// Until when the new secret may pay (RFC 3339), or never to take the date away
    #[arg(long, value_name = "TIME")]
    expires: Option<String>,
    /// Take it without asking the provider whether it accepts it
    #[arg(long)]
    no_validate: bool,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
}

/// Rotates.
pub(super) async fn rotate(client: &Client, arguments: RotateArguments) -> Result<(), Failure> {
    let body = body(&arguments)?;
    let path = path(client, &arguments.credential).await?;
    let changed = client.post(&format!("{path}/rotate"), &body).await?.body;
    if arguments.json {
        out::json(&changed);
        return Ok(());
    }
    let version = out::cell(&changed["version"]);
    let credential = &arguments.credential;
    out::line(format_args!("{credential} is at version {version} now"));
    Ok(())
}

/// Goes back.
pub(super) async fn roll_back(client: &Client, credential: &str) -> Result<(), Failure> {
    let path = path(client, credential).await?;
    let restored = client.post(&format!("{path}/rollback"), &json!({})).await?;
    let version = out::cell(&restored.body["version"]);
    out::line(format_args!(
        "{credential} is back at version {version}; the secret since then is destroyed"
    ));
    Ok(())
}

fn body(arguments: &RotateArguments) -> Result<Json, Failure> {
    let secret = arguments.secret.read()?;
    let values = arguments
        .secret
        .values(&arguments.fields, secret.as_ref())?;
    if values == json!({}) {
        let detail = "the new secret is missing: give it with --secret-file or --secret-stdin";
        return Err(Failure::usage(detail));
    }
    let mut body = Map::new();
    body.insert("values".to_owned(), values);
    if let Some(millis) = arguments.overlap {
        body.insert("overlap_ms".to_owned(), json!(millis));
    }
    if arguments.until_proven {
        body.insert("overlap".to_owned(), json!("until_proven"));
    }
    if let Some(expires) = &arguments.expires {
        let date = Some(expires).filter(|text| *text != "never");
        body.insert("expires_at".to_owned(), json!(date));
    }
    body.insert("validate".to_owned(), json!(!arguments.no_validate));
    Ok(Json::Object(body))
}

/// A length of time in milliseconds: a whole number with s, m, h or d, or 0.
fn duration(text: &str) -> Result<u64, String> {
    let needed = || "a number with s, m, h or d is needed, such as 24h".to_owned();
    if text == "0" {
        return Ok(0);
    }
    let (number, unit) = text
        .char_indices()
        .next_back()
        .map(|(at, unit)| (&text[..at], unit))
        .ok_or_else(needed)?;
    let seconds: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return Err(needed()),
    };
    let number: u64 = number.parse().map_err(|_| needed())?;
    let millis = number.checked_mul(seconds * 1_000);
    millis.ok_or_else(|| "that is too long".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use serde_json::{Value as Json, json};

    use super::{body, duration};
    use crate::cli::{Command, CommandLine};
    use crate::commands::credentials::CredentialsCommand;

    fn sent(more: &str) -> Result<Json, String> {
        let file = std::env::temp_dir().join(uuid::Uuid::now_v7().to_string());
        std::fs::write(&file, "test-key-2\n").unwrap();
        let shown = file.display();
        let line = format!("latchkey credentials rotate deepseek/acme --secret-file {shown}{more}");
        let line = CommandLine::try_parse_from(line.split(' ')).ok().unwrap();
        let Command::Credentials {
            command: CredentialsCommand::Rotate(arguments),
        } = line.command
        else {
            panic!("it rotates");
        };
        let body = body(&arguments).map_err(|failure| failure.detail);
        std::fs::remove_file(&file).unwrap();
        body
    }

    #[test]
    fn what_is_said_is_sent() {
        let plain = json!({"values": {"api_key": "test-key-2"}, "validate": true});
        assert_eq!(sent("").unwrap(), plain);
        let all = sent(
            " --overlap 24h --until-proven --expires never --no-validate --set base_url=http://x/v1",
        );
        let expected = json!({"values": {"api_key": "test-key-2", "base_url": "http://x/v1"}, "overlap_ms": 86_400_000,
            "overlap": "until_proven", "expires_at": null, "validate": false});
        assert_eq!(all.unwrap(), expected);
    }

    #[test]
    fn times_have_a_unit() {
        for (text, millis) in [
            ("0", 0),
            ("90s", 90_000),
            ("5m", 300_000),
            ("2d", 172_800_000),
        ] {
            assert_eq!(duration(text), Ok(millis), "{text}");
        }
        for wrong in ["", "5", "h", "-1h", "1w", "1.5h", "ä", "99999999999999999d"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
