//! `latchkey master-key`: changes the master key, and seals everything anew.
//!
//! Where a server runs on the data directory or the database, it is asked over HTTP with an order that is sealed with the master
//! key, which only its holder can make; where none runs, the command takes the database for itself.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use clap::Subcommand;
use latchkey_engine::clock::{Clock as _, SystemClock};
use latchkey_secrets::{MasterKey, Secret};
use latchkey_service::{Haste, Service, SystemCredentials, order_to_reencrypt, order_to_rotate};
use latchkey_store::{Claim, Store, StoreError};
use serde_json::{Value as Json, json};

use crate::client::Client;
use crate::config::{Environment, Settings};
use crate::failure::{Exit, Failure, Halt};
use crate::lock::{self, Lock};
use crate::serve::Part;
use crate::{database, key, out, serve};

/// How often a server is asked how far it is.
const ASK_AGAIN: Duration = Duration::from_millis(300);

/// What is done with the master key.
#[derive(Subcommand)]
pub(crate) enum MasterKeyCommand {
    /// Change the master key; what it seals stays as it is
    Rotate {
        /// The new key: base64 of 32 bytes; needed where the key comes from a setting, else one is made
        #[arg(long, value_name = "FILE")]
        new_key_file: Option<PathBuf>,
    },
    /// Give every workspace a new data key and seal everything anew
    Reencrypt,
}

/// Does it.
pub(crate) async fn master_key(
    command: MasterKeyCommand,
    settings: &Settings,
    environment: &Environment,
) -> Result<(), Failure> {
    let place = match hold(settings).await? {
        Some(held) => {
            if Store::peek_fact(&database::options(settings), "master key")
                .await
                .map_err(anyhow::Error::from)?
                .is_none()
            {
                let detail = "there is nothing here yet that a master key seals";
                return Err(Failure::new(Exit::Refused, "not_found", detail));
            }
            let (service, _) =
                serve::assemble(settings, SystemCredentials::new(), Part::ALONE).await?;
            Place::Here {
                service: Box::new(service),
                _held: held,
            }
        }
        None => Place::Server(Client::of(environment, settings)?),
    };
    let done = match command {
        MasterKeyCommand::Rotate { new_key_file } => {
            rotate(&place, settings, new_key_file.as_deref()).await
        }
        MasterKeyCommand::Reencrypt => reencrypt(&place, settings).await,
    };
    if let Place::Here { service, .. } = &place {
        service.close().await;
    }
    done
}

/// Where the keys are changed.
enum Place {
    /// In a database that this process has for itself.
    Here { service: Box<Service>, _held: Held },
    /// By a server.
    Server(Client),
}

/// What keeps a server away.
struct Held {
    _lock: Lock,
    _claim: Claim,
}

/// The data directory and the database; none where a server has them.
async fn hold(settings: &Settings) -> Result<Option<Held>, Failure> {
    let lock = match lock::acquire(&settings.data_dir) {
        Ok(lock) => lock,
        Err(error) => {
            let halt = error.downcast_ref::<Halt>();
            return match halt.map(Halt::code) {
                Some("already_running") => Ok(None),
                Some(_) | None => Err(error.into()),
            };
        }
    };
    match serve::claim(settings).await {
        Ok(claim) => Ok(Some(Held {
            _lock: lock,
            _claim: claim,
        })),
        Err(error) => match error.downcast_ref::<StoreError>() {
            Some(StoreError::InUse(_)) => Ok(None),
            Some(_) | None => Err(error.into()),
        },
    }
}

async fn rotate(
    place: &Place,
    settings: &Settings,
    new_key_file: Option<&Path>,
) -> Result<(), Failure> {
    let is_set = settings.master_key.is_some();
    let new = match new_key_file {
        Some(file) => read_key(file)?,
        None if is_set => {
            return Err(Failure::usage(
                "the master key comes from LATCHKEY_MASTER_KEY, where only you can change it: write a new one to a file \
                 (openssl rand -base64 32) and give it with --new-key-file",
            ));
        }
        None => MasterKey::generate().context("a master key cannot be made")?,
    };
    let current = match place {
        Place::Here { .. } => None,
        Place::Server(client) => Some(current(client, settings).await?),
    };
    if !is_set {
        key::write_next(settings, &new)?;
    }
    match change(place, current.as_ref(), &new).await {
        Ok(()) if is_set => {
            out::line(
                "the master key is changed: put the new one into LATCHKEY_MASTER_KEY before the next start",
            );
            Ok(())
        }
        Ok(()) => {
            key::keep_next(settings)?;
            let folder = settings.data_dir.display();
            out::line(format_args!(
                "the master key is changed; the new one is in {folder}/master.key: keep a copy of it apart from the database, and the old one as long as you keep backups that it is for"
            ));
            Ok(())
        }
        Err(mut failure) => {
            // Without an answer nobody knows whether it took place: the next start finds out which key is in force.
            let is_known = failure.status.is_some() || matches!(place, Place::Here { .. });
            if !is_set && is_known {
                key::discard_next(settings)?;
            } else if !is_set {
                let told = " (whether the key was changed is not known; the next start, or the next order, finds out: leave master.key.next where it is)";
                failure.detail.push_str(told);
            }
            Err(failure)
        }
    }
}

async fn change(
    place: &Place,
    current: Option<&MasterKey>,
    new: &MasterKey,
) -> Result<(), Failure> {
    match (place, current) {
        (Place::Here { service, .. }, _) => {
            let new = MasterKey::parse(new.to_text().expose()).context("the new master key")?;
            service
                .change_master_key(new)
                .await
                .map_err(anyhow::Error::from)?;
        }
        (Place::Server(client), Some(current)) => {
            let order = order_to_rotate(current, new, SystemClock.now());
            let order = order.context("the order cannot be sealed")?;
            let path = "/master-key/rotate";
            client.post(path, &json!({"order": order})).await?;
        }
        (Place::Server(_), None) => return Err(missing()),
    }
    Ok(())
}

async fn reencrypt(place: &Place, settings: &Settings) -> Result<(), Failure> {
    match place {
        Place::Here { service, .. } => {
            let begun = service.begin_reencryption().await;
            begun.map_err(anyhow::Error::from)?;
            let done = service.reencrypt(Haste::Alone).await;
            done.map_err(anyhow::Error::from)?;
            let state = service.keys_now().await.map_err(anyhow::Error::from)?;
            let state = state.reencryption;
            told(state.resealed, state.unreadable)
        }
        Place::Server(client) => {
            let current = current(client, settings).await?;
            let order = order_to_reencrypt(&current, SystemClock.now());
            let order = order.context("the order cannot be sealed")?;
            let path = "/master-key/reencrypt";
            client.post(path, &json!({"order": order})).await?;
            loop {
                let state = client.get("/master-key").await?;
                if let Some(why) = state["failure"].as_str() {
                    return Err(Failure::new(Exit::Failed, "failed", why));
                }
                if state["reencrypting"] == Json::Bool(false) {
                    let count = |name: &str| state[name].as_u64().unwrap_or_default();
                    told(count("resealed"), count("unreadable"))?;
                    out::line("the older keys are forgotten in ten minutes");
                    return Ok(());
                }
                tokio::time::sleep(ASK_AGAIN).await;
            }
        }
    }
}

fn told(resealed: u64, unreadable: u64) -> Result<(), Failure> {
    out::line(format_args!("{resealed} values are sealed anew"));
    if unreadable == 0 {
        return Ok(());
    }
    let detail = format!(
        "{unreadable} values cannot be opened by any key and stay as they are; the server's log names them"
    );
    Err(Failure::new(Exit::Failed, "failed", detail))
}

/// The master key that a server works with: of those that are here, the one that it names.
async fn current(client: &Client, settings: &Settings) -> Result<MasterKey, Failure> {
    let state = client.get("/master-key").await?;
    let named = state["master_key"].as_str().unwrap_or_default().to_owned();
    let found = key::named(settings, &named)?;
    found.ok_or_else(missing)
}

fn missing() -> Failure {
    let detail =
        "the server's master key is not here: run this where the server runs, with its settings";
    Failure::new(Exit::Refused, "master_key_missing", detail)
}

fn read_key(file: &Path) -> Result<MasterKey, Failure> {
    let shown = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|cause| Failure::file(&shown, &cause))?;
    let text = Secret::new(text);
    MasterKey::parse(text.expose())
        .map_err(|why| Failure::new(Exit::Usage, "bad_file", format!("{shown}: {why}")))
}
