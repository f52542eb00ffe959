//! The service under measurement: `latchkey serve` as a user starts it, with the workflows of the measurements.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::client::{Connection, request};
use crate::cores::Cores;
use crate::documents;
use crate::process::{Process, free_address};

const API: &str = "/api/v1";
/// What an answer of a run that went well has in it.
pub(crate) const SUCCEEDED: &str = "\"status\":\"succeeded\"";

/// A running service.
pub(crate) struct Service {
    /// Its process.
    pub(crate) process: Process,
    /// From its start to its first answer, on a folder without a database.
    pub(crate) first_start: Duration,
    /// Its memory before any request of ours, in bytes.
    pub(crate) idle_memory: u64,
    token: String,
    light: String,
    model: String,
    chain: String,
    python: String,
    form: String,
    database: Option<String>,
    folder: TempDir,
}

/// A run that is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ask {
    /// The light run.
    Light,
    /// One model call.
    Model,
    /// The chain.
    Chain,
    /// The code nodes.
    Python,
    /// One model call whose answer is read as it comes.
    Paced,
    /// One model call that is never answered; nobody waits for it.
    Hanging,
    /// A person is asked; nobody waits for it.
    Form,
}

impl Service {
    /// Starts it in an empty folder below `place`, starts it again, and makes its workflows.
    pub(crate) async fn start(
        cores: Cores,
        binary: &Path,
        place: &Path,
        provider: SocketAddr,
    ) -> anyhow::Result<Self> {
        Self::start_on(cores, binary, place, provider, None).await
    }

    /// The same on the database of a URL.
    pub(crate) async fn start_on(
        cores: Cores,
        binary: &Path,
        place: &Path,
        provider: SocketAddr,
        database: Option<String>,
    ) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir_in(place)?;
        let url = database.as_deref();
        let first_start = launch(cores, binary, folder.path(), url).await?.started_in;
        let process = launch(cores, binary, folder.path(), url).await?;
        let idle_memory = process.memory()?;
        let kept: PathBuf = folder.path().join("data/first-token");
        let token = std::fs::read_to_string(kept).context("the first token")?;
        let mut service = Self {
            process,
            first_start,
            idle_memory,
            token: token.trim().to_owned(),
            light: String::new(),
            model: String::new(),
            chain: String::new(),
            python: String::new(),
            form: String::new(),
            database,
            folder,
        };
        service.light = service.import(&documents::light()).await?;
        service.model = service.import(&documents::model()).await?;
        service.chain = service.import(&documents::chain()).await?;
        service.python = service.import(&documents::python()).await?;
        service.form = service.import(&documents::form()).await?;
        let credential = json!({"provider": "deepseek", "name": "measured", "validate": false, "default": true,
            "values": {"api_key": "test-key-bench", "base_url": format!("http://{provider}/v1")}, "hosts": [provider.to_string()]});
        service
            .post("/credentials", "application/json", &credential.to_string())
            .await?;
        Ok(service)
    }

    /// Kills the process and starts it again on the same data.
    pub(crate) async fn kill_and_start(
        &mut self,
        cores: Cores,
        binary: &Path,
    ) -> anyhow::Result<()> {
        self.process.kill()?;
        let url = self.database.as_deref();
        self.process = launch(cores, binary, self.folder.path(), url).await?;
        Ok(())
    }

    async fn import(&self, document: &Json) -> anyhow::Result<String> {
        // JSON is YAML.
        let path = "/workflows/import?publish=true";
        let imported = self
            .post(path, "application/yaml", &document.to_string())
            .await?;
        let id = imported["workflow"]["id"].as_str();
        Ok(id.context("an import without an id")?.to_owned())
    }

    async fn post(&self, path: &str, content_type: &str, body: &str) -> anyhow::Result<Json> {
        let address = self.process.address;
        let path = format!("{API}{path}");
        let bytes = request("POST", &path, address, &self.token, content_type, body);
        let (status, answer) = Connection::open(address).await?.send(&bytes).await?;
        ensure!(
            (200..300).contains(&status),
            "{path} answered {status}: {}",
            String::from_utf8_lossy(&answer)
        );
        Ok(serde_json::from_slice(&answer)?)
    }

    /// Whether any run is in a state.
    pub(crate) async fn has_any(&self, status: &str) -> anyhow::Result<bool> {
        let address = self.process.address;
        let path = format!("{API}/runs?status={status}&limit=1");
        let bytes = request("GET", &path, address, &self.token, "application/json", "");
        let (code, answer) = Connection::open(address).await?.send(&bytes).await?;
        ensure!(code == 200, "{path} answered {code}");
        let page: Json = serde_json::from_slice(&answer)?;
        Ok(page["data"].as_array().is_some_and(|rows| !rows.is_empty()))
    }

    /// The request of a run.
    pub(crate) fn request(&self, ask: Ask) -> Arc<[u8]> {
        let (workflow, inputs, mode) = match ask {
            Ask::Light => (&self.light, json!({"name": "Ada"}), "blocking"),
            Ask::Model => (&self.model, json!({"question": "what is it"}), "blocking"),
            Ask::Chain => (&self.chain, json!({"name": "Ada"}), "blocking"),
            Ask::Python => (&self.python, json!({"name": "Ada"}), "blocking"),
            Ask::Paced => (
                &self.model,
                json!({"question": crate::provider::PACED}),
                "streaming",
            ),
            Ask::Hanging => (
                &self.model,
                json!({"question": crate::provider::HANGING}),
                "detached",
            ),
            Ask::Form => (&self.form, json!({"name": "Ada"}), "detached"),
        };
        let body = json!({"inputs": inputs, "response_mode": mode}).to_string();
        let path = format!("{API}/workflows/{workflow}/runs");
        let (address, token) = (self.process.address, &self.token);
        request("POST", &path, address, token, "application/json", &body).into()
    }
}

async fn launch(
    cores: Cores,
    binary: &Path,
    folder: &Path,
    database: Option<&str>,
) -> anyhow::Result<Process> {
    let address = free_address()?;
    let log = std::fs::File::options()
        .create(true)
        .append(true)
        .open(folder.join("log"))?;
    let mut command = cores.measured(binary);
    command
        .arg("serve")
        .current_dir(folder)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("LATCHKEY_LISTEN", address.to_string())
        .env("LATCHKEY_DATA_DIR", folder.join("data"))
        .env("LATCHKEY_OUTBOUND_ALLOW", "127.0.0.0/8")
        .stderr(log);
    if let Some(url) = database {
        command.env("LATCHKEY_DATABASE_URL", url);
    }
    Process::start(command, address, "/readyz").await
}
