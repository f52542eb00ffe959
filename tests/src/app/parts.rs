//! What an app in this process is made of, and what it must not leave behind.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::anyhow;
use latchkey_domain::access::{ApiKeyKind, Caller, Permission};
use latchkey_domain::credential::{Environment, Principal};
use latchkey_domain::id::WorkspaceId;
use latchkey_domain::time::Timestamp;
use latchkey_engine::clock::{Clock, ManualClock, SystemClock};
use latchkey_outbound::{Config, Outbound};
use latchkey_secrets::{DataKey, MasterKey};
use latchkey_service::{
    ExternalValues, FileSettings, Keyring, NewKey, Parts, Service, SystemCredentials, Work,
};
use latchkey_store::{Blobs, CallFilter, Options, Page, Store, Sync, Workspace};
use tokio::runtime::Handle;
use uuid::Uuid;

/// The tokens of the two owners.
pub(super) struct Made {
    pub(super) owner: String,
    pub(super) stranger: String,
}

/// Where an app is.
pub(super) struct Place {
    /// Its database.
    pub(super) url: String,
    /// Its own address.
    pub(super) address: String,
    /// The folder of its files.
    pub(super) files: PathBuf,
}

/// How long an uploaded file may be, in bytes.
const LONGEST: u64 = 1 << 20;

/// The service over a new database with two workspaces.
pub(super) async fn make(
    place: &Place,
    clock: Arc<ManualClock>,
) -> anyhow::Result<(Service, Made)> {
    latchkey_outbound::install_crypto();
    let master_key = MasterKey::generate()?;
    let now = clock.now();
    let blobs = Blobs::in_directory(&place.files)?;
    let store = open(&place.url).await?.with_blobs(blobs.clone());
    store
        .insert_fact("master key", master_key.check_record()?)
        .await?;
    let first = workspace(&store, &master_key, "First", now).await?;
    let second = workspace(&store, &master_key, "Second", now).await?;
    let service = over(store, master_key, place, blobs, clock).await?;
    // The workspaces are there already: no sample is made, and no first token.
    refused(service.bootstrap(refused(Service::first_token())?).await)?;
    let made = Made {
        owner: token(&service, first).await?,
        stranger: token(&service, second).await?,
    };
    Ok((service, made))
}

/// The service over an open database.
async fn over(
    store: Store,
    master_key: MasterKey,
    place: &Place,
    blobs: Blobs,
    clock: Arc<dyn Clock>,
) -> anyhow::Result<Service> {
    let allowed = Config {
        allow: vec!["127.0.0.0/8".parse()?],
        ..Config::default()
    };
    let keyring = refused(Keyring::load(&store, master_key).await)?;
    Ok(Service::new(Parts {
        store,
        keyring,
        outbound: Outbound::new(allowed)?,
        files: FileSettings {
            blobs,
            longest: LONGEST,
            public_url: place.address.clone(),
        },
        clock,
        system: SystemCredentials::new(),
        external: ExternalValues::default(),
        sandbox: Some(crate::sandbox::sandbox()),
        mcp_programs: crate::mcp_program::usual(),
        runtime: Handle::current(),
        work: Work::alone(),
    }))
}

/// Makes a second workspace in the database of a server that does not run at the moment; the token of its owner.
///
/// # Errors
/// When the database or the master key cannot be read.
pub(crate) async fn second_workspace(data: &Path) -> anyhow::Result<String> {
    latchkey_outbound::install_crypto();
    let clock = Arc::new(SystemClock);
    let master_key = std::fs::read_to_string(data.join("master.key"))?;
    let master_key = MasterKey::parse(&master_key)?;
    let store = open(&format!("sqlite://{}", data.join("latchkey.db").display())).await?;
    let id = workspace(&store, &master_key, "Second", clock.now()).await?;
    let place = Place {
        url: String::new(),
        address: String::new(),
        files: data.join("files"),
    };
    let blobs = Blobs::in_directory(&place.files)?;
    let service = over(store.clone(), master_key, &place, blobs, clock).await?;
    let token = token(&service, id).await?;
    store.close().await;
    Ok(token)
}

async fn open(url: &str) -> anyhow::Result<Store> {
    let options = Options {
        url: url.to_owned(),
        sync: Sync::Normal,
    };
    Ok(Store::open(&options).await?)
}

fn environments() -> Vec<Environment> {
    Environment::FIRST
        .map(|name| Environment(name.to_owned()))
        .to_vec()
}

async fn workspace(
    store: &Store,
    master: &MasterKey,
    name: &str,
    now: Timestamp,
) -> anyhow::Result<WorkspaceId> {
    let id = WorkspaceId::new(Uuid::now_v7());
    let new = Workspace {
        id,
        name: name.to_owned(),
        environments: environments(),
        data_key: master.wrap(&DataKey::generate()?, &id.to_string())?,
        created_at: now,
    };
    store.insert_workspace(&new).await?;
    Ok(id)
}

/// A key that may do everything in a workspace.
async fn token(service: &Service, workspace: WorkspaceId) -> anyhow::Result<String> {
    let operator = Caller {
        workspace,
        principal: Principal::Operator,
        permissions: Permission::ALL.to_vec(),
        environments: environments(),
        workflow: None,
    };
    let new = NewKey {
        name: "Owner".to_owned(),
        kind: ApiKeyKind::Workspace,
        workflow: None,
        scopes: Permission::ALL.to_vec(),
        environments: environments(),
        expires_at: None,
    };
    let created = refused(service.create_api_key(&operator, new).await)?;
    Ok(created.token.expose().clone())
}

fn refused<T>(answer: Result<T, latchkey_service::Error>) -> anyhow::Result<T> {
    answer.map_err(|error| anyhow!("{error}"))
}

/// Runs that have not ended and rows of the ledger that are open.
pub(super) async fn left_over(url: &str) -> anyhow::Result<Vec<String>> {
    let store = open(url).await?;
    let mut left: Vec<String> = store
        .unfinished_runs()
        .await?
        .into_iter()
        .map(|(run, _)| format!("run {run} is not over"))
        .collect();
    for workspace in store.workspaces().await? {
        let mut page = Page::first(200);
        loop {
            let calls = store
                .model_calls(workspace.id, &CallFilter::default(), page)
                .await?;
            let open = calls.rows.iter().filter(|call| call.end.is_none());
            left.extend(open.map(|call| format!("call {} is open", call.start.id)));
            match calls.next {
                Some(_) => page.after = calls.next,
                None => break,
            }
        }
    }
    store.close().await;
    Ok(left)
}
