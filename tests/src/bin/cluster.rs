//! `make cluster`: a local cluster without containers, until it is told to stop: PostgreSQL, three NATS servers, two processes that answer
//! and three that work. It is for trying things out: everything that it has kept is gone with it.

use std::io::Write as _;

use latchkey_tests::cluster::{Cluster, Size};
use latchkey_tests::nats::Nats;
use latchkey_tests::requirement;
use latchkey_tests::server::Server;
use tokio::signal::unix::{SignalKind, signal};

fn say(text: &str) {
    // Whoever started it may have gone.
    let _ = writeln!(std::io::stdout(), "{text}");
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let postgres = requirement::postgres();
    let postgres = postgres.ok_or_else(|| anyhow::anyhow!("PostgreSQL's programs are needed"))?;
    let nats = Nats::cluster().await;
    let nats = nats.ok_or_else(|| anyhow::anyhow!("nats-server is needed"))?;
    let size = Size {
        apis: 2,
        workers: 3,
    };
    let url = postgres.database().await;
    let cluster = Cluster::start(&url, nats, size).await;
    say(&format!("PostgreSQL: {url}"));
    for server in &cluster.nats {
        say(&format!("NATS: {}", server.url()));
    }
    let shown = |role: &str, server: &Server| {
        let process = server.process().unwrap_or_default();
        say(&format!("{role}: {} (process {process})", server.url()));
    };
    cluster
        .apis
        .iter()
        .for_each(|server| shown("answers", server));
    cluster
        .workers
        .iter()
        .for_each(|server| shown("works", server));
    let first = &cluster.apis[0];
    say(&format!("First token: {}", first.token()));
    say(&format!(
        "\n  curl -H 'Authorization: Bearer {}' {}/api/v1/status\n\nCtrl-C ends all of it.",
        first.token(),
        first.url()
    ));
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminated.recv() => {}
    }
    Ok(())
}
