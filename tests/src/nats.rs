//! Real NATS servers with `JetStream`, where there is the binary: one, or three that are a cluster. Each has a folder and ports of its
//! own, and can be killed and started again on them.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::wait;

const LOOPBACK: &str = "127.0.0.1";

/// One server. Dropping it ends it.
pub struct Nats {
    binary: PathBuf,
    arguments: Vec<String>,
    at: String,
    child: Option<Child>,
    _home: TempDir,
}

impl Nats {
    /// Starts one server; none where there is no binary.
    pub async fn start() -> Option<Self> {
        let binary = crate::requirement::nats()?;
        let mut server = Self::of(&binary, LOOPBACK, Vec::new());
        server.begin().await;
        Some(server)
    }

    /// Starts three servers that are a cluster; none where there is no binary.
    pub async fn cluster() -> Option<Vec<Self>> {
        Self::cluster_on(LOOPBACK).await
    }

    /// The same for clients at another address of this machine.
    pub async fn cluster_on(ip: &str) -> Option<Vec<Self>> {
        let binary = crate::requirement::nats()?;
        let routes = [(); 3].map(|()| free_port());
        let all = routes.map(|port| format!("nats-route://127.0.0.1:{port}"));
        let mut servers: Vec<Self> = routes
            .iter()
            .enumerate()
            .map(|(number, route)| {
                let together = vec![
                    format!("--server_name=n{number}"),
                    "--cluster_name=latchkey".to_owned(),
                    format!("--cluster=nats://127.0.0.1:{route}"),
                    format!("--routes={}", all.join(",")),
                ];
                Self::of(&binary, ip, together)
            })
            .collect();
        for server in &mut servers {
            server.spawn();
        }
        for server in &servers {
            server.answers().await;
        }
        Some(servers)
    }

    fn of(binary: &Path, ip: &str, more: Vec<String>) -> Self {
        let port = free_port();
        let home = tempfile::tempdir().expect("a temporary folder can be made");
        let mut arguments = vec![
            format!("--addr={ip}"),
            format!("--port={port}"),
            "--jetstream".to_owned(),
            format!("--store_dir={}", home.path().display()),
        ];
        arguments.extend(more);
        Self {
            binary: binary.to_owned(),
            arguments,
            at: format!("{ip}:{port}"),
            child: None,
            _home: home,
        }
    }

    /// Starts it (again) and waits until it answers.
    pub async fn begin(&mut self) {
        self.spawn();
        self.answers().await;
    }

    fn spawn(&mut self) {
        let child = Command::new(&self.binary)
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.child = Some(child.expect("the NATS server starts"));
    }

    async fn answers(&self) {
        wait::until("the NATS server answers", async || {
            let stream = tokio::net::TcpStream::connect(&self.at).await;
            stream.is_ok().then_some(())
        })
        .await;
    }

    /// Kills it as `kill -9` does.
    ///
    /// # Panics
    /// If it does not run.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
    }

    /// `nats://<address>:<port>`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://{}", self.at)
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may be gone.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a loopback port is free");
    listener
        .local_addr()
        .expect("a bound socket has an address")
        .port()
}
