//! The master key is changed and everything is sealed anew: while a server serves, while none does, and with a kill in the middle.

use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::Arc;

use latchkey_domain::access::Caller;
use latchkey_domain::id::WorkspaceId;
use latchkey_domain::time::Timestamp;
use latchkey_engine::clock::{Clock as _, ManualClock, SystemClock};
use latchkey_outbound::Outbound;
use latchkey_secrets::{KeyId, MasterKey, Secret};
use latchkey_service::{
    ExternalValues, FileSettings, Keyring, Parts, Service, SystemCredentials, order_to_reencrypt,
    order_to_rotate,
};
use latchkey_store::{Blobs, Options, SealedTable, Store, Sync};
use latchkey_tests::document::{self, Document};
use latchkey_tests::provider::{Provider, Reply, Rule};
use latchkey_tests::requirement;
use latchkey_tests::server::{Server, Setup};
use latchkey_tests::user::User;
use latchkey_tests::wait;
use serde_json::{Value as Json, json};
use tokio::runtime::Handle;

const INPUTS: fn() -> Json = || json!({"tenant": "acme", "question": "why"});

/// A setup on each kind of database.
async fn setups() -> Vec<Setup> {
    let mut all = vec![Setup::sqlite()];
    if let Some(server) = requirement::postgres() {
        all.push(Setup::postgres(server).await);
    }
    all
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

fn key_of(server: &Server) -> MasterKey {
    let text = std::fs::read_to_string(server.data().join("master.key")).unwrap();
    MasterKey::parse(&text).unwrap()
}

/// The database of a server that does not run.
async fn store(server: &Server) -> Store {
    let file = server.data().join("latchkey.db");
    let url = server.database_url().map(str::to_owned);
    let url = url.unwrap_or_else(|| format!("sqlite://{}", file.display()));
    let options = Options {
        url,
        sync: Sync::Normal,
    };
    Store::open(&options).await.unwrap()
}

/// How many values are sealed with another data key than the one in force, and how many older keys are kept.
async fn left(store: &Store) -> (usize, usize) {
    let (mut values, mut keys) = (0, 0);
    for workspace in store.wrapped_keys().await.unwrap() {
        keys += workspace.older.len();
        for table in SealedTable::ALL {
            let current = current(store, workspace.workspace).await;
            let found = store.sealed_otherwise(workspace.workspace, table, current, None, 10_000);
            values += found.await.unwrap().len();
        }
    }
    (values, keys)
}

/// The id of the data key in force: the one that most of what is sealed has, once everything is sealed anew.
async fn current(store: &Store, workspace: WorkspaceId) -> [u8; 8] {
    let any = store.sealed_otherwise(workspace, SealedTable::ProviderCredentials, [0; 8], None, 1);
    let any = any.await.unwrap();
    KeyId::of(&any[0].bytes).unwrap().bytes()
}

/// A workflow that uses a secret variable, and one with a webhook.
async fn with_secrets(
    user: &User,
) -> (
    latchkey_tests::user::Workflow,
    latchkey_tests::user::Workflow,
) {
    let mut file = document::one_model("acme").json();
    file["workflow"]["environment_variables"] =
        json!([{"id": "1", "name": "WORD", "value": "sealed-word", "value_type": "secret"}]);
    let nodes = file["workflow"]["graph"]["nodes"].as_array_mut().unwrap();
    let ask = nodes.iter_mut().find(|node| node["id"] == "ask").unwrap();
    ask["data"]["prompt_template"] =
        json!([{"role": "user", "text": "say {{#env.WORD#}}", "id": "1"}]);
    let secret = user.publish(&Document::from_json(file), &[]).await;
    let hook = Document::triggered("hook")
        .node("hook", "trigger-webhook", json!({"method": "post"}))
        .end("end", &[])
        .line(&["hook", "end"]);
    (secret, user.publish(&hook, &[]).await)
}

/// Everything that is sealed still opens, and everybody is still recognised.
async fn all_is_well(user: &User, provider: &Provider, workflow: &latchkey_tests::user::Workflow) {
    provider.forget();
    let run = workflow.run(INPUTS()).await;
    assert_eq!(run["status"], "succeeded", "{run}");
    let seen = &provider.chats()[0];
    assert_eq!(
        (seen.key.as_str(), seen.prompt.as_str()),
        ("test-key-acme", "say sealed-word")
    );
    let draft = json!({"inputs": INPUTS(), "response_mode": "blocking", "version": "draft"});
    assert_eq!(
        workflow.start(draft).await.expect(200)["status"],
        "succeeded"
    );
    let _ = user.get("/credentials").await.expect(200);
}

async fn address(workflow: &latchkey_tests::user::Workflow, user: &User) -> String {
    let listed = user
        .client()
        .get(&workflow.path("/triggers"))
        .await
        .expect(200);
    let path = listed["data"][0]["webhook"]["path"].as_str();
    path.unwrap().to_owned()
}

#[tokio::test]
async fn the_master_key_is_changed_while_a_server_serves() {
    for setup in setups().await {
        let mut server = setup.start().await;
        let (user, provider) = (User::new(server.client()), Provider::start());
        let id = user.credential("acme", "test-key-acme", &provider).await;
        let (workflow, hook) = with_secrets(&user).await;
        let (before, shown) = (
            address(&hook, &user).await,
            user.get(&format!("/credentials/{id}")).await,
        );
        let old = key_of(&server);
        provider.script(Rule::for_prompt("why not", Reply::Gated("one two".to_owned())).times(1));
        let slow = user.publish(&document::one_model("acme"), &[]).await;
        let run = slow
            .detach(json!({"tenant": "acme", "question": "why not"}))
            .await;
        provider.arrived(1).await;
        let changed = server.cli(&["master-key", "rotate"]);
        assert!(changed.status.success(), "{}", said(&changed));
        provider.release(2);
        assert_eq!(user.run_over(&run).await["status"], "succeeded");
        let new = key_of(&server);
        assert_ne!(new.id(), old.id());
        assert!(!server.data().join("master.key.next").exists());
        let listed = user.get("/master-key").await.expect(200);
        assert_eq!(listed["master_key"], new.id().to_string());
        all_is_well(&user, &provider, &workflow).await;
        server.kill();
        server.start().await;
        let user = User::new(server.client());
        all_is_well(&user, &provider, &user.workflow(&json!(workflow.id))).await;
        assert_eq!(address(&hook, &user).await, before);
        let called = user.client().with_key(None).post(&before, json!({})).await;
        assert!(
            called.status < 300,
            "the webhook is recognised: {}",
            called.text
        );
        let again = user.get(&format!("/credentials/{id}")).await.expect(200);
        assert_eq!(
            again["values"],
            shown.expect(200)["values"],
            "fingerprints stay"
        );
        for text in [old.to_text(), new.to_text()] {
            assert!(!server.printed().contains(text.expose()));
        }
        let doctor = server.cli(&["doctor"]);
        assert!(said(&doctor).contains("the one that the database was made with"));
    }
}

#[tokio::test]
async fn the_master_key_of_a_setting_is_changed_by_whoever_sets_it() {
    let (old, new) = (
        MasterKey::generate().unwrap(),
        MasterKey::generate().unwrap(),
    );
    let (old_text, new_text) = (
        old.to_text().expose().clone(),
        new.to_text().expose().clone(),
    );
    let mut server = Setup::sqlite()
        .with("LATCHKEY_MASTER_KEY", &old_text)
        .start()
        .await;
    let (user, provider) = (User::new(server.client()), Provider::start());
    user.credential("acme", "test-key-acme", &provider).await;
    let told = server.cli(&["master-key", "rotate"]);
    assert_eq!(told.status.code(), Some(2));
    assert!(said(&told).contains("--new-key-file"), "{}", said(&told));
    let file = server.home().join("new.key");
    std::fs::write(&file, "no key").unwrap();
    let shown = file.display().to_string();
    let line = ["master-key", "rotate", "--new-key-file", &shown];
    assert_eq!(server.cli(&line).status.code(), Some(2));
    std::fs::write(&file, &new_text).unwrap();
    let changed = server.cli(&line);
    assert!(changed.status.success(), "{}", said(&changed));
    let workflow = user.publish(&document::one_model("acme"), &[]).await;
    assert_eq!(workflow.run(INPUTS()).await["status"], "succeeded");
    server.kill();
    let refused = server.refused(|_| {}).await;
    assert!(
        said(&refused).contains("master_key_wrong"),
        "{}",
        said(&refused)
    );
    let other = server.refused(|command| {
        command.env(
            "LATCHKEY_MASTER_KEY",
            MasterKey::generate().unwrap().to_text().expose(),
        );
    });
    assert!(said(&other.await).contains("master_key_wrong"));
    let doctor = server
        .command(&["doctor"])
        .env("LATCHKEY_MASTER_KEY", &new_text)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert!(said(&doctor).contains("the one that the database was made with"));
    let offline = server.cli(&["master-key", "rotate", "--new-key-file", &shown]);
    assert_ne!(
        offline.status.code(),
        Some(0),
        "the setting is still the old one"
    );
}

#[tokio::test]
async fn the_master_key_is_changed_without_a_server() {
    for setup in setups().await {
        let mut server = setup.start().await;
        let (user, provider) = (User::new(server.client()), Provider::start());
        user.credential("acme", "test-key-acme", &provider).await;
        let (workflow, _) = with_secrets(&user).await;
        let old = key_of(&server).id();
        server.kill();
        let changed = server.cli(&["master-key", "rotate"]);
        assert!(changed.status.success(), "{}", said(&changed));
        let again = server.cli(&["master-key", "reencrypt"]);
        assert!(again.status.success(), "{}", said(&again));
        assert!(
            said(&again).contains("values are sealed anew"),
            "{}",
            said(&again)
        );
        assert_ne!(key_of(&server).id(), old);
        let kept = store(&server).await;
        assert_eq!(
            left(&kept).await,
            (0, 0),
            "nothing of the older keys is left"
        );
        kept.close().await;
        server.start().await;
        let user = User::new(server.client());
        all_is_well(&user, &provider, &user.workflow(&json!(workflow.id))).await;
    }
}

#[tokio::test]
async fn sealing_anew_goes_on_after_a_kill_while_calls_are_made() {
    for setup in setups().await {
        let mut server = setup.start().await;
        let (user, provider) = (User::new(server.client()), Provider::start());
        user.credential("acme", "test-key-acme", &provider).await;
        for number in 0..250 {
            user.credential(&format!("more-{number}"), "test-key-more", &provider)
                .await;
        }
        let (workflow, _) = with_secrets(&user).await;
        let order = order_to_reencrypt(&key_of(&server), SystemClock.now()).unwrap();
        let begun = user
            .post("/master-key/reencrypt", json!({"order": order}))
            .await;
        assert_eq!(begun.expect(202)["older_keys"], 1);
        server.kill();
        server.start().await;
        let user = User::new(server.client());
        let workflow = user.workflow(&json!(workflow.id));
        let done = wait::until("everything is sealed anew", async || {
            all_is_well(&user, &provider, &workflow).await;
            let state = user.get("/master-key").await.expect(200);
            (state["reencrypting"] == false).then_some(state)
        });
        let done = done.await;
        assert_eq!(
            (&done["unreadable"], &done["failure"]),
            (&json!(0), &Json::Null)
        );
        assert_eq!(done["older_keys"], 1, "it is kept for ten minutes more");
        server.kill();
        let kept = store(&server).await;
        // A draft that was read before its secrets were sealed anew may be copied to its run afterwards: that is what the grace is for.
        let (late, keys) = left(&kept).await;
        assert!(
            late <= 1,
            "{late} values are left, and one run at a time was started"
        );
        assert_eq!(keys, 1);
        kept.close().await;
        // Nobody writes meanwhile: it is forgotten at once.
        let again = server.cli(&["master-key", "reencrypt"]);
        assert!(
            said(&again).starts_with(&format!("{late} values are sealed anew")),
            "{}",
            said(&again)
        );
        let kept = store(&server).await;
        assert_eq!(left(&kept).await, (0, 0));
        kept.close().await;
        server.start().await;
        let user = User::new(server.client());
        all_is_well(&user, &provider, &user.workflow(&json!(workflow.id))).await;
    }
}

/// A service in this process, on SQLite, with a clock that only the test moves.
struct World {
    service: Service,
    owner: Caller,
    clock: Arc<ManualClock>,
    master: Secret<String>,
    _folder: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).await;
        let master = MasterKey::generate().unwrap();
        let text = master.to_text();
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_795_000_000_000)));
        let service = Service::new(Parts {
            sandbox: None,
            mcp_programs: latchkey_nodes::tools::mcp::stdio::StdioServers::none(),
            keyring: Keyring::load(&store, master).await.unwrap(),
            store,
            outbound: Outbound::new(latchkey_outbound::Config::default()).unwrap(),
            files: FileSettings {
                blobs: Blobs::in_directory(&folder.path().join("files")).unwrap(),
                longest: 1 << 20,
                public_url: "http://here.test".to_owned(),
            },
            clock: Arc::clone(&clock) as _,
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
            owner,
            clock,
            master: text,
            _folder: folder,
        }
    }

    fn master(&self) -> MasterKey {
        MasterKey::parse(self.master.expose()).unwrap()
    }
}

async fn open(folder: &Path) -> Store {
    let options = Options {
        url: format!("sqlite://{}", folder.join("latchkey.db").display()),
        sync: Sync::Normal,
    };
    Store::open(&options).await.unwrap()
}

#[tokio::test]
async fn older_keys_are_forgotten_ten_minutes_later() {
    let world = World::new().await;
    let order = order_to_reencrypt(&world.master(), world.clock.now()).unwrap();
    let begun = world.service.obey_to_reencrypt(&world.owner, &order).await;
    assert_eq!(begun.unwrap().older_keys, 1);
    // A second order while it is under way makes no further keys.
    let again = world.service.obey_to_reencrypt(&world.owner, &order).await;
    assert_eq!(again.unwrap().older_keys, 1);
    let keys = async || world.service.key_state(&world.owner).await.unwrap();
    wait::until("values are sealed anew", async || {
        (!keys().await.reencryption.is_running).then_some(())
    })
    .await;
    world.clock.advance(9 * 60 * 1_000);
    assert_eq!(keys().await.older_keys, 1);
    world.clock.advance(60 * 1_000);
    wait::until("the older key is forgotten", async || {
        (keys().await.older_keys == 0).then_some(())
    })
    .await;
    world.service.close().await;
}

#[tokio::test]
async fn only_who_has_the_master_key_can_give_an_order() {
    let world = World::new().await;
    let (master, other) = (world.master(), MasterKey::generate().unwrap());
    let now = world.clock.now();
    let new = MasterKey::generate().unwrap();
    let late = now.plus_millis(-11 * 60 * 1_000);
    for order in [
        String::new(),
        "AAAA".to_owned(),
        order_to_rotate(&other, &new, now).unwrap(),
        order_to_rotate(&master, &new, late).unwrap(),
        order_to_reencrypt(&master, now).unwrap(),
    ] {
        let refused = world.service.obey_to_rotate(&world.owner, &order).await;
        assert_eq!(refused.unwrap_err().code, "order_invalid");
    }
    let order = order_to_rotate(&master, &new, now).unwrap();
    let powerless = Caller {
        permissions: Vec::new(),
        ..world.owner.clone()
    };
    let refused = world.service.obey_to_rotate(&powerless, &order).await;
    assert_eq!(refused.unwrap_err().code, "forbidden");
    let changed = world.service.obey_to_rotate(&world.owner, &order).await;
    assert_eq!(changed.unwrap().master_key, new.id().to_string());
    // What was sealed with the key before is an order no more.
    let again = world.service.obey_to_rotate(&world.owner, &order).await;
    assert_eq!(again.unwrap_err().code, "order_invalid");
    world.service.close().await;
}
