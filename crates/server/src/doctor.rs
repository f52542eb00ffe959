//! `latchkey doctor`: checks what a server needs of this machine, and changes nothing.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;

use latchkey_sandbox::Confinement;
use latchkey_store::{ChangeState, Store, StoreError};

use crate::config::{Database, Settings};
use crate::failure::{Exit, Failure};
use crate::{code, database, key, out, system};

/// Checks the machine.
pub(crate) async fn doctor(settings: &Settings) -> Result<(), Failure> {
    let (confined, python) = confinement(settings).await;
    let checks = [
        ("listen address", address(settings)),
        ("data directory", directory(settings)),
        ("database", reached(settings).await),
        ("master key", master_key(settings).await),
        ("system credentials", system_tables(settings)),
        ("code", confined),
        ("Python", python),
        ("MCP programs", programs(settings)),
    ];
    let mut bad = 0;
    for (name, outcome) in checks {
        let (mark, text) = match outcome {
            Ok(text) => ("ok  ", text),
            Err(text) => {
                bad += 1;
                ("bad ", text)
            }
        };
        out::line(format_args!("{mark}  {name}: {text}"));
    }
    if bad == 0 {
        return Ok(());
    }
    let detail = format!("{bad} of the checks failed");
    Err(Failure::new(Exit::Failed, "doctor", detail))
}

fn address(settings: &Settings) -> Result<String, String> {
    let address = settings.listen;
    match TcpListener::bind(address) {
        Ok(_) => Ok(format!("{address} is free")),
        Err(cause) => Err(format!(
            "{address}: {cause} (a running server holds it, which is as it should be)"
        )),
    }
}

fn directory(settings: &Settings) -> Result<String, String> {
    let shown = settings.data_dir.display();
    match std::fs::metadata(&settings.data_dir) {
        Ok(data) if data.permissions().readonly() => Err(format!("{shown} cannot be written to")),
        Ok(data) if data.is_dir() => Ok(format!("{shown} is there")),
        Ok(_) => Err(format!("{shown} is no directory")),
        Err(_) => Ok(format!("{shown} will be made")),
    }
}

/// Whether the key is the one that the database was made with.
async fn master_key(settings: &Settings) -> Result<String, String> {
    let record = Store::peek_fact(&database::options(settings), "master key").await;
    let record = record.map_err(|_| "it cannot be compared without the database".to_owned())?;
    let key = key::find(settings).map_err(|error| format!("{error:#}"))?;
    match (key, record) {
        (Some(key), Some(record)) if key.recognises(&record) => {
            Ok("it is the one that the database was made with".to_owned())
        }
        (Some(_), Some(_)) => Err("the database was made with another one".to_owned()),
        (None, Some(_)) => Err("it is missing, and the database is in use".to_owned()),
        (Some(_), None) => Ok("it is there, for a new database".to_owned()),
        (None, None) => Ok("it will be made".to_owned()),
    }
}

/// Whether code can be run confined, and whether it reaches its network, found out by doing it.
async fn confinement(settings: &Settings) -> (Result<String, String>, Result<String, String>) {
    let sandbox = code::sandbox(settings);
    let Confinement {
        walls,
        python,
        network,
    } = sandbox.check().await;
    sandbox.close().await;
    let network = network.transpose().map(|reached| match reached {
        Some(()) => "with network through the outbound guard (Python)",
        None => "without network",
    });
    let confined = walls.and_then(|()| {
        let network = network.map_err(|cause| format!("its network: {cause}"))?;
        Ok(format!(
            "runs confined (namespaces, Landlock, seccomp, limits), {network}, without files"
        ))
    });
    let python = python.map(|version| format!("{version}, confined"));
    (confined, python)
}

/// Whether the programs of the operator's list are there; none is started.
fn programs(settings: &Settings) -> Result<String, String> {
    let mut names = Vec::new();
    for (name, server) in &settings.mcp_programs {
        let command = &server.program.command;
        let shown = command.display();
        let found = std::fs::metadata(command);
        let found = found.map_err(|cause| format!("{name}: {shown}: {cause}"))?;
        if !found.is_file() || found.permissions().mode() & 0o111 == 0 {
            return Err(format!("{name}: {shown} is no program"));
        }
        let directory = &server.program.directory;
        if !directory.is_dir() {
            return Err(format!("{name}: {} is no directory", directory.display()));
        }
        names.push(name.as_str());
    }
    Ok(match &names[..] {
        [] => "none listed".to_owned(),
        some => format!("{} listed, each is there", some.join(", ")),
    })
}

fn system_tables(settings: &Settings) -> Result<String, String> {
    system::credentials(settings).map_err(|error| error.to_string())?;
    let (tables, switch) = (settings.system.len(), settings.system_credentials);
    let switch = if switch { "on" } else { "off" };
    Ok(format!("{tables} given, switched {switch}"))
}

async fn reached(settings: &Settings) -> Result<String, String> {
    if let Database::Sqlite(file) = &settings.database
        && !file.exists()
    {
        return Ok(format!("{} will be made", file.display()));
    }
    let changes = Store::schema(&database::options(settings)).await;
    let changes = changes.map_err(|error| error.to_string())?;
    let newer = changes
        .iter()
        .find(|(_, state)| *state == ChangeState::Newer);
    if let Some((name, _)) = newer {
        return Err(StoreError::Newer(name.clone()).to_string());
    }
    let missing = changes
        .iter()
        .filter(|(_, state)| *state == ChangeState::Missing);
    Ok(match missing.count() {
        0 => "reached, of this version".to_owned(),
        missing => format!("reached; {missing} changes are applied at the next start"),
    })
}
