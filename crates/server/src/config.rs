//! The settings: a TOML file and the environment, of which the environment wins; read once, at the start.
//!
//! Nothing else in Latchkey reads the environment. No error and no printout of this module shows a secret's value.

mod environment;
mod error;
mod external;
mod layers;
mod mcp;
mod observation;
mod retention;
mod sandbox;
mod shown;
mod storage;
mod system;
mod work;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use latchkey_nodes::tools::mcp::stdio::StdioServer;
use latchkey_secrets::{MasterKey, Secret, token};
use latchkey_service::{Retention, WorkLimits};

pub(crate) use self::environment::Environment;
pub(crate) use self::error::Error;
pub(crate) use self::external::{External, VaultAuth};
use self::layers::{Layers, Origins};
pub(crate) use self::observation::Observation;
pub(crate) use self::shown::masked;
pub(crate) use self::storage::Storage;
pub(crate) use self::system::SystemEntry;

/// What tokens of workspaces begin with.
pub(crate) const TOKEN_PREFIX: &str = "lk_";

/// What is logged unless said otherwise: not what libraries tell about themselves at every start.
const LOG: &str = "info,sea_orm_migration=warn,actix_server=warn";

/// The longest upload unless said otherwise, in MiB.
const UPLOAD: u64 = 100;
/// The most that can be said, in MiB.
const MOST: u64 = 4096;

/// The settings in force.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Where the server listens.
    pub(crate) listen: SocketAddr,
    /// The directory of everything that is kept on disk.
    pub(crate) data_dir: PathBuf,
    /// Where the data is.
    pub(crate) database: Database,
    /// How hard SQLite makes sure that a commit is on disk.
    pub(crate) sqlite_sync: SqliteSync,
    /// The base64 text of the master key, if it is not in the data directory; a valid one.
    pub(crate) master_key: Option<Secret<String>>,
    /// The owner's first token, if it is not to be generated; a well-formed one.
    pub(crate) first_token: Option<Secret<String>>,
    /// Where NATS is; the URL may hold a password.
    pub(crate) nats_url: Option<Secret<String>>,
    /// Where files are stored, if not in the data directory; the URL may hold a password.
    pub(crate) storage_url: Option<Secret<String>>,
    /// How long an uploaded file may be, in MiB.
    pub(crate) max_upload_mb: u64,
    /// How clients reach the server, without a slash at the end.
    pub(crate) public_url: String,
    /// The filter of the log.
    pub(crate) log: String,
    /// How requests leave the process.
    pub(crate) outbound: latchkey_outbound::Config,
    /// What code may use of the machine.
    pub(crate) sandbox: latchkey_sandbox::Config,
    /// What code may use of the network; none: nothing.
    pub(crate) sandbox_network: Option<latchkey_outbound::ProxyLimits>,
    /// The MCP servers that are programs of the operator.
    pub(crate) mcp_programs: BTreeMap<String, StdioServer>,
    /// Whether the operator's own credentials may pay as the weakest level.
    pub(crate) system_credentials: bool,
    /// The operator's own credentials by provider, as they stand in the file.
    pub(crate) system: BTreeMap<String, SystemEntry>,
    /// Where values of credentials may be kept instead of here.
    pub(crate) external: External,
    /// How long things are kept.
    pub(crate) retention: Retention,
    /// What operators are told.
    pub(crate) observation: Observation,
    /// How many runs are worked at, and for how long.
    pub(crate) work: WorkLimits,
    /// How long running work gets to end after the process was told to stop.
    pub(crate) drain: Duration,
    origins: Origins,
}

/// Where the data is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Database {
    /// A file of SQLite.
    Sqlite(PathBuf),
    /// The URL of a PostgreSQL database, which may hold a password.
    Postgres(Secret<String>),
}

/// How hard SQLite makes sure that a commit is on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SqliteSync {
    /// Every commit is on disk before it is answered.
    Full,
    /// The last commits may be lost when the machine dies.
    Normal,
}

impl Settings {
    /// Reads the file of the command line, else that of `LATCHKEY_CONFIG`, if any, and the environment.
    ///
    /// # Errors
    /// With the setting that cannot be read or is wrong.
    pub(crate) fn load(file: Option<&Path>, environment: &Environment) -> Result<Self, Error> {
        let named = environment.read("LATCHKEY_CONFIG")?.map(PathBuf::from);
        if let Some(unknown) = environment.unknown(&layers::NAMES) {
            return Err(Error::unknown(unknown));
        }
        let mut layers = Layers::read(file.or(named.as_deref()), environment)?;
        let data_dir = PathBuf::from(layers.get("data_dir").unwrap_or("data"));
        let listen = layers.parse("listen", address, || {
            SocketAddr::from(([127, 0, 0, 1], 8080))
        })?;
        Ok(Self {
            listen,
            database: layers.parse("database_url", database, || {
                Database::Sqlite(data_dir.join("latchkey.db"))
            })?,
            sqlite_sync: layers.parse("sqlite_sync", sqlite_sync, || SqliteSync::Full)?,
            master_key: layers.secret("master_key", |text| {
                MasterKey::parse(text)
                    .map(drop)
                    .map_err(|why| why.to_string())
            })?,
            first_token: layers.secret("first_token", first_token)?,
            nats_url: layers.secret("nats_url", |_| Ok(()))?,
            storage_url: layers.secret("storage_url", storage::check)?,
            max_upload_mb: layers.parse("max_upload_mb", megabytes, || UPLOAD)?,
            public_url: layers.parse("public_url", web_address, || format!("http://{listen}"))?,
            log: layers.parse("log", log_filter, || LOG.to_owned())?,
            outbound: layers.parse("outbound_allow", outbound, Default::default)?,
            system_credentials: layers.parse("system_credentials", switch, || false)?,
            sandbox: sandbox::read(&layers)?,
            sandbox_network: sandbox::network(&layers)?,
            mcp_programs: layers.programs()?,
            external: external::read(&layers, environment)?,
            retention: retention::read(&layers)?,
            observation: observation::read(&layers)?,
            work: work::read(&layers)?,
            drain: work::drain(&layers)?,
            system: layers.system(),
            data_dir,
            origins: layers.origins(),
        })
    }
}

impl Settings {
    /// Where the contents of files are.
    pub(crate) fn storage(&self) -> Storage {
        Storage::of(self.storage_url.as_ref(), &self.data_dir)
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| "an address with a port is needed, such as 127.0.0.1:8080".to_owned())
}

fn database(text: &str) -> Result<Database, String> {
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        return Ok(Database::Postgres(Secret::from(text)));
    }
    let file = text
        .strip_prefix("sqlite://")
        .or_else(|| text.strip_prefix("sqlite:"))
        .map(|rest| rest.split('?').next().unwrap_or(rest));
    match file {
        Some("" | ":memory:") => Err("a file is needed after sqlite://".to_owned()),
        Some(file) => Ok(Database::Sqlite(file.into())),
        None => Err("a URL is needed that begins with postgres:// or sqlite://".to_owned()),
    }
}

fn megabytes(text: &str) -> Result<u64, String> {
    let number = text
        .parse()
        .ok()
        .filter(|number| (1..=MOST).contains(number));
    number.ok_or_else(|| format!("a number of MiB is needed, from 1 to {MOST}"))
}

fn sqlite_sync(text: &str) -> Result<SqliteSync, String> {
    match text {
        "full" => Ok(SqliteSync::Full),
        "normal" => Ok(SqliteSync::Normal),
        _ => Err("full or normal is needed".to_owned()),
    }
}

fn first_token(text: &str) -> Result<(), String> {
    token::is_well_formed(TOKEN_PREFIX, text)
        .then_some(())
        .ok_or_else(|| {
            "a token is needed: lk_, 32 letters and digits, and the 6 of its checksum".to_owned()
        })
}

fn web_address(text: &str) -> Result<String, String> {
    latchkey_outbound::target_host(text)
        .map(|_| text.trim().trim_end_matches('/').to_owned())
        .ok_or_else(|| "a URL is needed that begins with http:// or https://".to_owned())
}

fn log_filter(text: &str) -> Result<String, String> {
    tracing_subscriber::EnvFilter::try_new(text)
        .map(|_| text.to_owned())
        .map_err(|_| "a filter is needed, such as info,latchkey_service=debug".to_owned())
}

fn outbound(text: &str) -> Result<latchkey_outbound::Config, String> {
    let parts = text.split(',').map(str::trim);
    let mut config = latchkey_outbound::Config::default();
    for range in parts.filter(|range| !range.is_empty()) {
        let parsed = range.parse();
        let parsed = parsed.map_err(|_| {
            format!("{range} is no range of addresses; one is written like 10.1.0.0/16")
        })?;
        config.allow.push(parsed);
    }
    Ok(config)
}

fn switch(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("on or off is needed".to_owned()),
    }
}

#[cfg(test)]
mod tests;
