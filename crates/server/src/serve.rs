//! `latchkey serve`: puts the crates together and answers HTTP until it is told to stop.

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer};
use anyhow::Context as _;
use latchkey_cluster::Cluster;
use latchkey_engine::clock::SystemClock;
use latchkey_nodes::tools::mcp::stdio::StdioServers;
use latchkey_outbound::Outbound;
use latchkey_secrets::{Secret, token};
use latchkey_service::{
    Bootstrapped, Company, Executes, ExternalValues, FileSettings, Keyring, Observation, Parts,
    Service, SystemCredentials, TraceSettings, VaultAuth, VaultServer, Work,
};
use latchkey_store::{Blobs, Claim, Store};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::cli::Role;
use crate::config::{self, Database, External, Settings, Storage, TOKEN_PREFIX};
use crate::database;
use crate::ending::Ending;
use crate::failure::{Exit, Failure, Halt};
use crate::neighbours::{self, Telling};
use crate::{code, folder, key, lock, out, studio, system};

/// How long connections get to end after that.
const LAST_ANSWERS: u64 = 5;
/// How long an unfinished upload must have been left alone in a folder that others may use.
const SHARED: Duration = Duration::from_secs(60 * 60);
/// How long everything else may take after the process was told to stop; what still hangs then ends with it.
const LATEST: Duration = Duration::from_secs(45);
/// The file that keeps the owner's first token until it is put away.
const FIRST_TOKEN: &str = "first-token";

/// Serves until the process is told to stop.
pub(crate) async fn serve(settings: Settings, role: Role) -> Result<(), Failure> {
    let part = Part::of(&settings, role)?;
    let end = Ending::listen(settings.drain + LATEST, give_up)?;
    // Before anything is made or taken: a wrong setting leaves nothing behind.
    let system = system::credentials(&settings)?;
    let _lock = lock::acquire(&settings.data_dir)?;
    let listener = listen(&settings)?;
    let claim = part.claim(&settings).await?;
    let options = database::options(&settings);
    let begins = Store::begin_alone(&options).await;
    let begins = begins.with_context(|| database::shown(&settings))?;
    let (service, cluster) = assemble(&settings, system, part).await?;
    sweep(&settings)?;
    let is_new = service.is_new().await.map_err(anyhow::Error::from)?;
    let token = FirstToken::of(&settings, is_new)?;
    let found = service
        .bootstrap(token.token.clone())
        .await
        .map_err(anyhow::Error::from)?;
    service
        .first_token_is_kept_in(settings.data_dir.join(FIRST_TOKEN))
        .await
        .map_err(anyhow::Error::from)?;
    drop(begins);
    service.observe(observation(&settings)?);
    service.watch_schedules();
    service.watch_budgets();
    if part.executes == Executes::Runs {
        service.watch_retention(settings.retention);
    }
    if part.answers {
        greet(&settings, &found, &token);
    } else {
        let address = settings.listen;
        out::line(format_args!(
            "Latchkey works; http://{address}/readyz answers how it is"
        ));
    }
    drop(token);
    let handler = service.clone();
    let studio = studio::built();
    let server = HttpServer::new(move || {
        App::new()
            .wrap(from_fn(latchkey_api::measured))
            .configure(|config| {
                if part.answers {
                    latchkey_api::configure(config, &handler, &studio);
                } else {
                    latchkey_api::configure_worker(config, &handler);
                }
            })
    })
    .listen(listener)
    .context("the server cannot be started")?
    .disable_signals()
    .shutdown_timeout(LAST_ANSWERS)
    .run();
    let handle = server.handle();
    let over = CancellationToken::new();
    let ending = async {
        end.told().await;
        tracing::info!("ending: running work gets {} s", settings.drain.as_secs());
        let left = service.drain(settings.drain).await;
        if left > 0 {
            let runs = if left == 1 { "run" } else { "runs" };
            tracing::warn!("{left} {runs} did not end in time and go on at the next start");
        }
        handle.stop(true).await;
        service.close().await;
        over.cancel();
    };
    let neighbours = async {
        if part.company == Company::Others {
            let of_others = service.clone();
            neighbours::listen(cluster, of_others, part.executes, over.clone()).await;
        }
    };
    let all = async { tokio::join!(server, ending, neighbours).0 };
    tokio::select! {
        served = all => Ok(served.context("the server failed")?),
        () = claim.lost() => {
            // As after `kill -9`: whoever has the database now goes on with what is left.
            let detail = "another server has taken the database while it was away";
            Err(anyhow::Error::from(Halt::new("already_running", detail)).into())
        }
    }
}

/// Runs that nobody could let go of go on at the next start.
fn give_up() {
    tracing::error!("the process did not end in time and is cut off");
    std::process::exit(i32::from(Exit::Failed as u8));
}

fn listen(settings: &Settings) -> anyhow::Result<TcpListener> {
    let address = settings.listen;
    let listener = TcpListener::bind(address).map_err(|cause| {
        let is_taken = cause.kind() == std::io::ErrorKind::AddrInUse;
        let code = if is_taken {
            "address_in_use"
        } else {
            "address_unusable"
        };
        Halt::new(code, format!("{address} cannot be listened on: {cause}"))
    })?;
    listener.set_nonblocking(true).context("the listener")?;
    Ok(listener)
}

/// Removes what uploads have left that were under way when the last process died. Only a server does that: beside one, others
/// must not.
fn sweep(settings: &Settings) -> anyhow::Result<()> {
    let Storage::Folder(folder) = settings.storage() else {
        // A bucket has a rule for that.
        return Ok(());
    };
    // In our own directory nobody else can be writing.
    let untouched = match settings.storage_url {
        None => Duration::ZERO,
        Some(_) => SHARED,
    };
    let left = Blobs::sweep(&folder, untouched).context("the file store")?;
    if left > 0 {
        tracing::info!("{left} uploads that a dead process had not finished were removed");
    }
    Ok(())
}

/// How a process takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    executes: Executes,
    company: Company,
    /// Whether it answers more than how it is.
    answers: bool,
}

impl Part {
    /// A process that has the database for itself and does everything.
    pub(crate) const ALONE: Self = Self {
        executes: Executes::Runs,
        company: Company::Alone,
        answers: true,
    };

    fn of(settings: &Settings, role: Role) -> Result<Self, Failure> {
        if role == Role::All && settings.nats_url.is_none() {
            return Ok(Self::ALONE);
        }
        if matches!(settings.database, Database::Sqlite(_)) {
            let detail = "several processes need PostgreSQL: LATCHKEY_DATABASE_URL, or --role all without LATCHKEY_NATS_URL";
            return Err(Failure::new(Exit::Usage, "database_not_shared", detail));
        }
        Ok(Self {
            executes: match role {
                Role::All | Role::Worker => Executes::Runs,
                Role::Api => Executes::Nothing,
            },
            company: Company::Others,
            answers: role != Role::Worker,
        })
    }

    async fn claim(self, settings: &Settings) -> anyhow::Result<Claim> {
        match self.company {
            Company::Alone => claim(settings).await,
            Company::Others => {
                let joined = Store::join(&database::options(settings)).await;
                joined.with_context(|| database::shown(settings))
            }
        }
    }
}

/// Puts the crates together over an opened database, with the way to other processes.
pub(crate) async fn assemble(
    settings: &Settings,
    system: SystemCredentials,
    part: Part,
) -> anyhow::Result<(Service, Cluster)> {
    let options = database::options(settings);
    let store = Store::open(&options).await;
    let blobs = blobs(settings)?;
    let store = store.with_context(|| database::shown(settings))?;
    let store = store.with_blobs(blobs.clone());
    let record = store.fact("master key").await?;
    let master_key = key::load(settings, record.as_deref())?;
    let keyring = Keyring::load(&store, master_key).await;
    let keyring = keyring.map_err(anyhow::Error::from)?;
    let cluster = match part.company {
        Company::Alone => Cluster::local(),
        Company::Others => neighbours::reach(settings, &store).await?,
    };
    let files = FileSettings {
        blobs,
        longest: settings.max_upload_mb << 20,
        public_url: settings.public_url.clone(),
    };
    let parts = Parts {
        store,
        keyring,
        outbound: Outbound::new(settings.outbound.clone())?,
        files,
        clock: Arc::new(SystemClock),
        system,
        external: external(settings)?,
        sandbox: Some(Arc::new(code::sandbox(settings))),
        mcp_programs: StdioServers::new(
            settings.sandbox.launcher.clone(),
            settings.mcp_programs.clone(),
        ),
        runtime: Handle::current(),
        work: Work {
            limits: settings.work,
            executes: part.executes,
            company: part.company,
            signals: Arc::new(Telling(cluster.clone())),
            ..Work::alone()
        },
    };
    Ok((Service::new(parts), cluster))
}

/// The contents of files, and what is too large for a row.
fn blobs(settings: &Settings) -> anyhow::Result<Blobs> {
    let storage = settings.storage();
    let blobs = match &storage {
        Storage::Folder(folder) => Blobs::in_directory(folder),
        Storage::Bucket(bucket) => Blobs::in_bucket(bucket),
    };
    blobs.with_context(|| format!("the file store, {}", storage.shown()))
}

/// What operators are told. The collector's address is the operator's, so that it may be private.
fn observation(settings: &Settings) -> anyhow::Result<Observation> {
    let given = &settings.observation;
    let traces = match &given.otlp_url {
        None => None,
        Some(url) => Some(TraceSettings {
            endpoint: url.clone(),
            headers: given.headers(),
            outbound: anywhere()?,
        }),
    };
    Ok(Observation {
        metrics_token: given.metrics_token.clone(),
        traces,
    })
}

/// A way to hosts of the operator, wherever they are.
fn anywhere() -> anyhow::Result<Outbound> {
    let everywhere = latchkey_outbound::Config {
        allow: vec!["0.0.0.0/0".parse()?, "::/0".parse()?],
        ..latchkey_outbound::Config::default()
    };
    Ok(Outbound::new(everywhere)?)
}

/// Where values of credentials may be kept. The Vault server's address is the operator's, so that it may be private.
pub(crate) fn external(settings: &Settings) -> anyhow::Result<ExternalValues> {
    let External {
        allowed,
        environment,
        vault,
    } = &settings.external;
    let vault = match vault {
        None => None,
        Some(vault) => Some(VaultServer {
            url: vault.url.clone(),
            namespace: vault.namespace.clone(),
            auth: match &vault.auth {
                config::VaultAuth::Token(token) => VaultAuth::Token(token.clone()),
                config::VaultAuth::TokenFile(path) => VaultAuth::TokenFile(path.clone()),
                config::VaultAuth::AppRole(role_id, secret_id) => VaultAuth::AppRole {
                    role_id: role_id.clone(),
                    secret_id: secret_id.clone(),
                },
            },
            outbound: anywhere()?,
        }),
    };
    Ok(ExternalValues {
        allowed: allowed.clone(),
        environment: environment.clone(),
        vault,
    })
}

/// The database for this process only.
pub(crate) async fn claim(settings: &Settings) -> anyhow::Result<Claim> {
    let claimed = Store::claim(&database::options(settings)).await;
    claimed.with_context(|| database::shown(settings))
}

/// The owner's token: it is kept in its file before the database knows it, so that no owner is ever without.
struct FirstToken {
    token: Secret<String>,
    /// The file that has it, if it was not preset.
    file: Option<PathBuf>,
}

impl FirstToken {
    fn of(settings: &Settings, is_new: bool) -> anyhow::Result<Self> {
        if let Some(token) = settings.first_token.clone() {
            return Ok(Self { token, file: None });
        }
        let path = settings.data_dir.join(FIRST_TOKEN);
        let kept = std::fs::read_to_string(&path).map(Secret::new).ok();
        let kept = kept
            .map(|text| Secret::from(text.expose().trim()))
            .filter(|text| token::is_well_formed(TOKEN_PREFIX, text.expose()));
        let (token, is_kept) = match kept {
            // An earlier start wrote it and died, or the database was put away: it is as good as any other.
            Some(token) => (token, true),
            None => (Service::first_token().map_err(anyhow::Error::from)?, false),
        };
        if is_new && !is_kept {
            folder::write_private(&path, token.expose()).with_context(|| {
                format!("the first token cannot be written to {}", path.display())
            })?;
        }
        let file = (is_new || is_kept).then_some(path);
        Ok(Self { token, file })
    }
}

/// What a person reads after the start.
fn greet(settings: &Settings, found: &Bootstrapped, token: &FirstToken) {
    let url = &settings.public_url;
    out::line(format_args!("Latchkey answers at {url} (API: {url}/docs)"));
    let place = match &settings.database {
        Database::Sqlite(file) => format!("SQLite, {}", file.display()),
        Database::Postgres(_) => "PostgreSQL".to_owned(),
    };
    out::line(format_args!("Database: {place}"));
    if found.waiting > 0 {
        out::line(format_args!(
            "{} runs were unfinished when the last process ended: they go on",
            found.waiting
        ));
    }
    let shown = match &token.file {
        Some(file) if found.is_new => {
            out::line(format_args!(
                "\nFirst token, shown once and kept in {} until there is an owner:\n  {}\nIt makes the owner's account: {url}/setup",
                file.display(),
                token.token.expose()
            ));
            token.token.expose().clone()
        }
        Some(file) => format!("$(cat {})", file.display()),
        None => "$LATCHKEY_API_KEY".to_owned(),
    };
    if let Some(sample) = found.sample {
        out::line(format_args!(
            "\nThe sample workflow answers through a simulated model:\n  \
             curl -N {url}/api/v1/workflows/{sample}/runs \\\n    \
             -H \"Authorization: Bearer {shown}\" -H 'Content-Type: application/json' \\\n    \
             -d '{{\"inputs\": {{\"question\": \"Who pays?\"}}, \"response_mode\": \"streaming\"}}'"
        ));
    }
}
