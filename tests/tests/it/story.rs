//! The user's story: a real Dify file, two customers' keys, and the right one pays. On the built binary, on both databases.

use std::collections::BTreeSet;
use std::path::Path;

use latchkey_tests::provider::{Provider, Seen};
use latchkey_tests::requires;
use latchkey_tests::server::{Server, Setup};
use latchkey_tests::user::{User, Workflow};
use serde_json::{Value as Json, json};

const FILE: &str = "corpus/023-translation-workflow.yml";
const SELECTOR: &str = "customer-{{#start.tenant#}}";

/// A server with the file imported through the command line, and the two customers' credentials.
struct Story {
    server: Server,
    provider: Provider,
    workflow: Workflow,
}

impl Story {
    async fn begin(setup: Setup, shared: &Path) -> Self {
        let server = setup.start().await;
        let provider = Provider::start();
        let file = shared.join(FILE);
        let imported = server.cli(&["import", file.to_str().unwrap()]);
        let printed = String::from_utf8_lossy(&imported.stdout).into_owned();
        assert!(imported.status.success(), "{imported:?}");
        let id = printed
            .lines()
            .last()
            .expect("the workflow's id is the last line");
        for tenant in ["acme", "globex"] {
            add_credential(&server, &provider, tenant);
        }
        provider.forget();
        let workflow = User::new(server.client()).workflow(&json!(id));
        Self {
            server,
            provider,
            workflow,
        }
    }

    /// What an editor does: one more start variable, and a name by variable on each LLM node.
    async fn edit(&self) {
        let (mut draft, etag) = self.workflow.draft().await;
        let nodes = draft["workflow"]["graph"]["nodes"].as_array_mut().unwrap();
        for data in nodes.iter_mut().map(|node| &mut node["data"]) {
            match data["type"].as_str() {
                Some("start") => {
                    let variable = json!({"variable": "tenant", "label": "tenant", "type": "text-input", "required": false, "max_length": 48, "options": []});
                    data["variables"].as_array_mut().unwrap().push(variable);
                }
                Some("llm") => data["model"]["credential_name"] = json!(SELECTOR),
                _ => {}
            }
        }
        let _ = self.workflow.put_draft(&draft, &etag).await.expect(200);
        self.workflow.allow(&["customer-*"]).await;
        self.workflow.publish().await;
    }

    /// Runs as a stream; the last event's data.
    async fn run(&self, tenant: &str, country: &str) -> Json {
        let events = self.workflow.stream_to_end(inputs(tenant, country)).await;
        let last = events.last().expect("a run has events");
        assert_eq!(last.name, "run_finished");
        last.data.clone()
    }
}

fn add_credential(server: &Server, provider: &Provider, tenant: &str) {
    let name = format!("customer-{tenant}");
    let base_url = format!("base_url={}", provider.base_url());
    let arguments = [
        "credentials",
        "add",
        "--provider",
        "deepseek",
        "--name",
        &name,
        "--set",
        &base_url,
        "--secret-stdin",
    ];
    let added = server.cli_with_input(&arguments, &key(tenant));
    assert!(added.status.success(), "{added:?}");
}

fn key(tenant: &str) -> String {
    format!("test-key-{tenant}")
}

fn inputs(tenant: &str, country: &str) -> Json {
    json!({"tenant": tenant, "country": country, "source_text": format!("words of {tenant}"), "source_lang": "English", "target_lang": "German"})
}

async fn the_right_key_pays(setup: Setup, shared: &Path) {
    let story = Story::begin(setup, shared).await;
    story.edit().await;
    for tenant in ["acme", "globex"] {
        story.provider.forget();
        // The branch on the country decides which of two LLM nodes runs: two runs visit all four.
        for country in ["", "Austria"] {
            let finished = story.run(tenant, country).await;
            assert_eq!(finished["status"], "succeeded", "{finished}");
        }
        let chats = story.provider.chats();
        let keys: BTreeSet<_> = chats.iter().map(|seen| seen.key.clone()).collect();
        assert_eq!((chats.len(), keys), (6, BTreeSet::from([key(tenant)])));
        let all_say_the_tenant =
            |seen: &Seen| seen.prompt.contains(tenant) || !seen.prompt.contains("words of");
        assert!(chats.iter().all(all_say_the_tenant));
    }
    no_key_no_call(&story).await;
    the_dry_run_agrees(&story).await;
}

async fn no_key_no_call(story: &Story) {
    story.provider.forget();
    for (tenant, code) in [
        ("nobody", "credential_not_found"),
        ("", "credential_selector_empty"),
    ] {
        let finished = story.run(tenant, "").await;
        assert_eq!(finished["status"], "failed", "{finished}");
        let message = finished["error"]["message"].as_str().unwrap_or_default();
        assert!(message.starts_with(code), "{finished}");
    }
    assert_eq!(story.provider.seen().len(), 0, "no call leaves the process");
}

async fn the_dry_run_agrees(story: &Story) {
    for (tenant, expected) in [
        ("acme", "customer-acme"),
        ("globex", "customer-globex"),
        ("nobody", "credential_not_found"),
        ("", "credential_selector_empty"),
    ] {
        let answer = story
            .workflow
            .resolve(json!({"inputs": inputs(tenant, "")}))
            .await
            .expect(200);
        let rows = answer["nodes"].as_array().unwrap();
        assert_eq!(rows.len(), 4);
        for row in rows {
            let name = row["resolution"]["credential_name"].as_str();
            let told = name.or(row["code"].as_str());
            assert_eq!(told, Some(expected), "{row}");
        }
    }
    assert_eq!(story.provider.seen().len(), 0, "a dry run calls nobody");
}

#[tokio::test]
async fn the_right_key_pays_on_sqlite() {
    let shared = requires!(shared);
    the_right_key_pays(Setup::sqlite(), &shared).await;
}

#[tokio::test]
async fn the_right_key_pays_on_postgres() {
    let shared = requires!(shared);
    let postgres = requires!(postgres);
    the_right_key_pays(Setup::postgres(postgres).await, &shared).await;
}

#[tokio::test]
async fn the_trace_says_which_key_was_used_and_why() {
    let shared = requires!(shared);
    let story = Story::begin(Setup::sqlite(), &shared).await;
    story.edit().await;
    let events = story.workflow.stream_to_end(inputs("acme", "")).await;
    let calls: Vec<_> = events.iter().filter(|e| e.name == "model_call").collect();
    assert_eq!(calls.len(), 3);
    for call in calls {
        let why = &call.data["resolution"];
        assert_eq!(why["credential_name"], "customer-acme");
        assert_eq!(
            (&why["level"], &why["selector_rendered"]),
            (&json!("node"), &json!("customer-acme"))
        );
        assert!(
            why["selector"].as_str().unwrap().contains(SELECTOR),
            "{why}"
        );
    }
    let run = events[0].data["run_id"].as_str().unwrap();
    let ledger = User::new(story.server.client()).model_calls(run).await;
    let names: BTreeSet<_> = ledger
        .iter()
        .map(|row| row["credential_name"].as_str())
        .collect();
    assert_eq!(
        (ledger.len(), names),
        (3, BTreeSet::from([Some("customer-acme")]))
    );
}
