//! `latchkey members`: who can log in, and a way back in for whoever cannot. It works on the database of this machine's settings,
//! also beside a running server: whoever has the database and these settings may do anything anyway.

use std::io::Read as _;

use anyhow::Context as _;
use clap::Subcommand;
use latchkey_engine::clock::{Clock as _, SystemClock};
use latchkey_secrets::{Secret, token};
use latchkey_service::{Error, Page, reset_password};
use latchkey_store::{ChangeState, Store};
use serde_json::json;

use crate::config::Settings;
use crate::failure::{Exit, Failure, Halt};
use crate::{database, out};

/// How long a generated password is: 119 bits.
const GENERATED: usize = 20;
/// How many members one look at the database brings.
const ROWS: u64 = 200;

/// What is done with members.
#[derive(Subcommand)]
pub(crate) enum MembersCommand {
    /// List who can log in
    List {
        /// Print the rows as JSON
        #[arg(long)]
        json: bool,
    },
    /// Give a member another password, which ends all sessions of that member; a generated one is the last line printed
    ResetPassword {
        /// The address that the member logs in with
        email: String,
        /// Read the new password from standard input instead of generating one
        #[arg(long)]
        password_stdin: bool,
    },
}

/// Does it.
pub(crate) async fn members(command: MembersCommand, settings: &Settings) -> Result<(), Failure> {
    let store = open(settings).await?;
    let done = match command {
        MembersCommand::List { json } => list(&store, json).await,
        MembersCommand::ResetPassword {
            email,
            password_stdin,
        } => reset(&store, &email, password_stdin).await,
    };
    store.close().await;
    done
}

/// The database as it is: nothing is made and nothing is migrated beside a server that may be running.
async fn open(settings: &Settings) -> anyhow::Result<Store> {
    let options = database::options(settings);
    let shown = || database::shown(settings);
    let changes = Store::schema(&options).await.with_context(shown)?;
    let is_old = changes
        .iter()
        .any(|(_, state)| *state == ChangeState::Missing);
    if is_old {
        let detail = "is not of this version yet: start the server once";
        let detail = format!("{} {detail}", shown());
        return Err(Halt::new("database_older", detail).into());
    }
    Store::open(&options).await.with_context(shown)
}

async fn list(store: &Store, as_json: bool) -> Result<(), Failure> {
    let mut all = Vec::new();
    for workspace in store.workspaces().await.map_err(anyhow::Error::from)? {
        let mut page = Page::first(ROWS);
        loop {
            let members = store.members(workspace.id, page).await;
            let members = members.map_err(anyhow::Error::from)?;
            let name = |member| (workspace.name.clone(), member);
            all.extend(members.rows.into_iter().map(name));
            page.after = members.next;
            if page.after.is_none() {
                break;
            }
        }
    }
    if as_json {
        let rows = all.iter().map(|(workspace, member)| {
            json!({"id": member.id.to_string(), "workspace": workspace, "email": member.email.as_str(), "name": member.name,
                   "role": member.role.as_str(), "disabled": member.disabled_at.is_some(), "last_seen_at": member.seen_at})
        });
        out::json(&rows.collect());
        return Ok(());
    }
    let rows = all.into_iter().map(|(workspace, member)| {
        let state = match member.disabled_at {
            None => "active",
            Some(_) => "disabled",
        };
        let seen = member.seen_at.map(|at| at.to_string());
        [
            member.email.to_string(),
            member.name,
            member.role.as_str().to_owned(),
            state.to_owned(),
            workspace,
            seen.unwrap_or_default(),
        ]
    });
    let header = ["EMAIL", "NAME", "ROLE", "STATE", "WORKSPACE", "LAST SEEN"];
    out::table(header, &rows.collect::<Vec<_>>());
    Ok(())
}

async fn reset(store: &Store, email: &str, from_stdin: bool) -> Result<(), Failure> {
    let (password, is_generated) = if from_stdin {
        (read()?, false)
    } else {
        let random = token::generate("").map_err(anyhow::Error::from)?;
        let part = random.expose()[..GENERATED].to_owned();
        (Secret::new(part), true)
    };
    let now = SystemClock.now();
    let member = reset_password(store, email, password.clone(), now).await;
    let member = member.map_err(refused)?;
    out::line(format_args!(
        "{} has another password; all sessions have ended",
        member.email
    ));
    if is_generated {
        out::line("It is shown this once:");
        out::line(password.expose());
    }
    Ok(())
}

fn refused(error: Error) -> Failure {
    match &*error.code {
        "not_found" => Failure::new(Exit::Refused, "not_found", "nobody has that address"),
        "password_weak" => Failure::new(Exit::Usage, "password_weak", error.detail),
        _ => anyhow::Error::from(error).into(),
    }
}

/// One line of standard input.
fn read() -> Result<Secret<String>, Failure> {
    let mut text = String::new();
    let read = std::io::stdin().take(4_096).read_to_string(&mut text);
    read.map_err(|cause| Failure::file("standard input", &cause))?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    Ok(Secret::from(line.strip_suffix('\r').unwrap_or(line)))
}
