//! `latchkey serve`: puts the crates together and answers HTTP until it is told to stop.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::{App, HttpServer};
use anyhow::{Context as _, anyhow};
use latchkey_engine::clock::SystemClock;
use latchkey_outbound::Outbound;
use latchkey_service::{Bootstrapped, Parts, Service};
use latchkey_store::Store;
use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::Role;
use crate::config::{Database, Settings};
use crate::database;
use crate::failure::Failure;
use crate::key::{self, DatabaseState};
use crate::{folder, lock, out, system};

/// How long running work gets to end after the process was told to stop.
const GRACE: Duration = Duration::from_secs(30);
/// How long connections get to end after that.
const LAST_ANSWERS: u64 = 5;
/// The file that keeps the owner's first token until it is put away.
const FIRST_TOKEN: &str = "first-token";

/// Serves until the process is told to stop.
pub(crate) async fn serve(settings: Settings, role: Role) -> Result<(), Failure> {
    if role != Role::All {
        return Err(Failure::usage(
            "one process does everything in this version: --role all",
        ));
    }
    let _lock = lock::acquire(&settings.data_dir)?;
    let listener = listen(&settings)?;
    for name in &settings.ignored {
        tracing::warn!("{name} is no setting and is ignored");
    }
    let service = assemble(&settings).await?;
    let preset = settings.first_token.clone();
    let found = service
        .bootstrap(preset)
        .await
        .map_err(|error| anyhow!("{error}"))?;
    greet(&settings, &found)?;
    drop(found);
    let handler = service.clone();
    let server = HttpServer::new(move || {
        App::new().configure(|config| latchkey_api::configure(config, &handler))
    })
    .listen(listener)
    .context("the server cannot be started")?
    .disable_signals()
    .shutdown_timeout(LAST_ANSWERS)
    .run();
    let handle = server.handle();
    let ending = async {
        told_to_stop().await?;
        tracing::info!("ending: running work gets {} s", GRACE.as_secs());
        let left = service.drain(GRACE).await;
        if left > 0 {
            tracing::warn!("{left} runs did not end in time; the next start marks them");
        }
        handle.stop(true).await;
        service.close().await;
        anyhow::Ok(())
    };
    let (served, ended) = tokio::join!(server, ending);
    served.context("the server failed")?;
    Ok(ended?)
}

fn listen(settings: &Settings) -> anyhow::Result<TcpListener> {
    let address = settings.listen;
    let listener = TcpListener::bind(address)
        .with_context(|| format!("{address} cannot be listened on; is another process there?"))?;
    listener.set_nonblocking(true).context("the listener")?;
    Ok(listener)
}

/// Puts the crates together over an opened database.
pub(crate) async fn assemble(settings: &Settings) -> anyhow::Result<Service> {
    let store = Store::open(&database::options(settings)).await?;
    let state = match store.fact("master key").await? {
        Some(_) => DatabaseState::InUse,
        None => DatabaseState::Empty,
    };
    let master_key = key::load(settings, state)?;
    let parts = Parts {
        store,
        master_key,
        outbound: Outbound::new(settings.outbound.clone())?,
        clock: Arc::new(SystemClock),
        system: system::credentials(settings)?,
        runtime: Handle::current(),
    };
    Ok(Service::new(parts))
}

/// What a person reads after the start.
fn greet(settings: &Settings, found: &Bootstrapped) -> anyhow::Result<()> {
    let url = &settings.public_url;
    let kept = settings.data_dir.join(FIRST_TOKEN);
    out::line(format_args!("Latchkey answers at {url} (API: {url}/docs)"));
    let place = match &settings.database {
        Database::Sqlite(file) => format!("SQLite, {}", file.display()),
        Database::Postgres(_) => "PostgreSQL".to_owned(),
    };
    out::line(format_args!("Database: {place}"));
    if found.interrupted > 0 {
        out::line(format_args!(
            "{} runs were interrupted when the last process died; they are marked failed (run_interrupted)",
            found.interrupted
        ));
    }
    let token = match &found.first_token {
        Some(token) => {
            folder::write_private(&kept, token.expose()).with_context(|| {
                format!("the first token cannot be written to {}", kept.display())
            })?;
            out::line(format_args!(
                "\nFirst token, shown once and kept in {}:\n  {}",
                kept.display(),
                token.expose()
            ));
            token.expose().clone()
        }
        None if kept.exists() => format!("$(cat {})", kept.display()),
        None => "$LATCHKEY_API_KEY".to_owned(),
    };
    if let Some(sample) = found.sample {
        out::line(format_args!(
            "\nThe sample workflow answers through a simulated model:\n  \
             curl -N {url}/api/v1/workflows/{sample}/runs \\\n    \
             -H \"Authorization: Bearer {token}\" -H 'Content-Type: application/json' \\\n    \
             -d '{{\"inputs\": {{\"question\": \"Who pays?\"}}, \"response_mode\": \"streaming\"}}'"
        ));
    }
    Ok(())
}

async fn told_to_stop() -> anyhow::Result<()> {
    let mut terminated = signal(SignalKind::terminate()).context("SIGTERM cannot be heard")?;
    tokio::select! {
        _ = terminated.recv() => Ok(()),
        heard = tokio::signal::ctrl_c() => heard.context("SIGINT cannot be heard"),
    }
}
