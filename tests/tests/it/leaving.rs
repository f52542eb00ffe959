//! Changes in process: of clients that leave, and of several at once.

use std::collections::BTreeSet;
use std::future::Future;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;

use futures::future::join_all;
use latchkey_domain::access::{ApiKeyKind, Caller, Permission};
use latchkey_domain::id::{ApiKeyId, WorkflowId};
use latchkey_domain::settings::CredentialSettings;
use latchkey_engine::clock::SystemClock;
use latchkey_nodes::tools::mcp::stdio::StdioServers;
use latchkey_outbound::Outbound;
use latchkey_secrets::{MasterKey, Secret};
use latchkey_service::{
    CreatedKey, ExternalValues, FileSettings, ImportRequest, Keyring, NewKey, Parts, Service,
    SystemCredentials, Version,
};
use latchkey_store::{AuditFilter, Blobs, Options, Page, Store, Sync};
use latchkey_tests::document::{self, Document};
use latchkey_tests::wait;
use serde_json::{Value as Json, json};
use tokio::runtime::Handle;

struct World {
    service: Service,
    store: Store,
    owner: Caller,
    _folder: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).await;
        let keyring = Keyring::load(&store, MasterKey::generate().unwrap()).await;
        let service = Service::new(Parts {
            mcp_programs: StdioServers::none(),
            sandbox: None,
            store: store.clone(),
            keyring: keyring.unwrap(),
            outbound: Outbound::new(latchkey_outbound::Config::default()).unwrap(),
            files: FileSettings {
                blobs: Blobs::in_directory(&folder.path().join("files")).unwrap(),
                longest: 1 << 20,
                public_url: "http://here.test".to_owned(),
            },
            clock: Arc::new(SystemClock),
            runtime: Handle::current(),
            system: SystemCredentials::new(),
            external: ExternalValues::default(),
            work: latchkey_service::Work::alone(),
        });
        let token = Service::first_token().unwrap();
        service.bootstrap(token.clone()).await.unwrap();
        let owner = service.authenticate(token.expose()).await.unwrap();
        Self {
            service,
            store,
            owner,
            _folder: folder,
        }
    }

    async fn key(&self) -> CreatedKey {
        let new = NewKey {
            name: "short-lived".to_owned(),
            kind: ApiKeyKind::Workspace,
            workflow: None,
            scopes: vec![Permission::WorkflowsRead],
            environments: Vec::new(),
            expires_at: None,
        };
        self.service.create_api_key(&self.owner, new).await.unwrap()
    }

    async fn import(&self, file: &Document) -> WorkflowId {
        let request = ImportRequest {
            content: file.yaml(),
            ..ImportRequest::default()
        };
        let imported = self.service.import(&self.owner, request).await.unwrap();
        imported.workflow.unwrap().id
    }

    async fn is_audited(&self, action: &str, subject: ApiKeyId) -> Option<()> {
        let page = Page::first(200);
        let all = AuditFilter::default();
        let page = self
            .store
            .audit(self.owner.workspace, &all, page)
            .await
            .unwrap();
        let subject = subject.to_string();
        let mut entries = page.rows.iter();
        let is_it = entries.any(|entry| entry.action == action && entry.subject == subject);
        is_it.then_some(())
    }
}

async fn open(folder: &Path) -> Store {
    let options = Options {
        url: format!("sqlite://{}?mode=rwc", folder.join("latchkey.db").display()),
        sync: Sync::Normal,
    };
    Store::open(&options).await.unwrap()
}

/// Asks a future so many times whether it is ready, and leaves.
async fn leave_after(polls: usize, change: impl Future) {
    let mut change = pin!(change);
    for _ in 0..polls {
        if futures::poll!(change.as_mut()).is_ready() {
            return;
        }
        tokio::task::yield_now().await;
    }
}

fn named(name: &str) -> Json {
    let mut document = document::light().json();
    document["app"]["name"] = json!(name);
    document
}

async fn use_it(service: Service, token: Secret<String>) {
    for _ in 0..4 {
        // Whether it is still good is not the question here.
        let _ = service.authenticate(token.expose()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_revoked_key_is_refused_whoever_uses_it_meanwhile() {
    let world = World::new().await;
    for round in 0..150 {
        let CreatedKey { key, token } = world.key().await;
        let mut users = tokio::task::JoinSet::new();
        for _ in 0..8 {
            users.spawn(use_it(world.service.clone(), token.clone()));
        }
        if round % 2 == 0 {
            tokio::task::yield_now().await;
        }
        let revoked = world.service.delete_api_key(&world.owner, key.id).await;
        revoked.unwrap();
        users.join_all().await;
        let refused = world.service.authenticate(token.expose()).await;
        assert!(refused.is_err(), "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_whose_revoker_leaves_is_revoked_and_the_change_written_down() {
    let world = World::new().await;
    for polls in 1..20 {
        let CreatedKey { key, token } = world.key().await;
        let _ = world.service.authenticate(token.expose()).await.unwrap();
        leave_after(polls, world.service.delete_api_key(&world.owner, key.id)).await;
        wait::until("the key is revoked", async || {
            let known = world.service.authenticate(token.expose()).await;
            known.is_err().then_some(())
        })
        .await;
        wait::until("it is written down", async || {
            world.is_audited("api_key.delete", key.id).await
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_whose_sender_leaves_take_effect() {
    let world = World::new().await;
    let World { service, owner, .. } = &world;
    let workflow = world.import(&document::light()).await;
    for polls in 1..20 {
        let pattern = format!("customer-{polls}-*");
        let settings: CredentialSettings =
            serde_json::from_value(json!({"runtime_allow": [pattern]})).unwrap();
        let put = service.put_credential_settings(owner, workflow, None, settings);
        leave_after(polls, put).await;
        wait::until("the settings are in effect", async || {
            let exported = service.export(owner, workflow, Version::Draft).await;
            exported.unwrap().contains(&pattern).then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_import_publishes_what_it_brought() {
    let world = World::new().await;
    let World { service, owner, .. } = &world;
    let workflow = world.import(&document::light()).await;
    let import = async |number: u32| {
        let name = format!("file {number}");
        let request = ImportRequest {
            content: named(&name).to_string(),
            workflow: Some(workflow),
            publish: true,
            ..ImportRequest::default()
        };
        let imported = service.import(owner, request).await.unwrap();
        let version = imported.workflow.unwrap().published_version.unwrap();
        let exported = service.export(owner, workflow, Version::Number(version));
        let exported = exported.await.unwrap();
        assert!(exported.contains(&name), "{name} is not version {version}");
        version
    };
    let versions: BTreeSet<u32> = join_all((0..20).map(import)).await.into_iter().collect();
    assert_eq!(versions.len(), 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_draft_is_answered_with_what_its_sender_wrote() {
    let world = World::new().await;
    let World { service, owner, .. } = &world;
    let workflow = world.import(&document::light()).await;
    let put = async |number: u32| {
        let name = format!("draft {number}");
        let put = service.put_draft(owner, workflow, None, named(&name));
        let draft = put.await.unwrap();
        let document: Json = serde_json::from_str(&draft.json).unwrap();
        assert_eq!(document["app"]["name"], json!(name));
        assert_eq!(draft.workflow.name, name);
        draft.workflow.draft_revision
    };
    let revisions: BTreeSet<u32> = join_all((0..20).map(put)).await.into_iter().collect();
    assert_eq!(revisions, (2..22).collect());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_secret_is_not_lost_to_an_edit_that_does_not_see_it() {
    let world = World::new().await;
    let World { service, owner, .. } = &world;
    let with = |value: &str| {
        let mut document = named("secret");
        document["workflow"]["environment_variables"] = json!([{"id": "v", "name": "TOKEN",
            "value_type": "secret", "value": value, "selector": ["env", "TOKEN"], "description": ""}]);
        document
    };
    let workflow = world.import(&Document::from_json(with("short"))).await;
    for round in 1..6_usize {
        // What is sealed is longer than what it seals by a constant.
        let value = "x".repeat(100 * round);
        let put = async |value: &str| {
            let put = service.put_draft(owner, workflow, None, with(value));
            put.await.unwrap();
        };
        let values = ["", "", value.as_str(), "", ""];
        join_all(values.map(put)).await;
        let draft = world.store.draft(owner.workspace, workflow).await.unwrap();
        let sealed = draft.unwrap().1.secrets.unwrap();
        assert!(sealed.len() > value.len(), "round {round}");
    }
}

#[tokio::test]
async fn settings_that_somebody_else_changed_are_not_overwritten() {
    let world = World::new().await;
    let World { service, owner, .. } = &world;
    let workflow = world.import(&document::light()).await;
    let (settings, seen) = service.credential_settings(owner, workflow).await.unwrap();
    let put = async || {
        let settings = settings.clone();
        let put = service.put_credential_settings(owner, workflow, Some(seen), settings);
        put.await
    };
    assert_eq!(put().await.unwrap().1, seen + 1);
    assert_eq!(put().await.unwrap_err().code, "version_conflict");
}
