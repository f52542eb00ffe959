//! `make fuzz-api`: the built binary with two workspaces that have things of every kind, for a program that sends it all sorts of requests
//! as the owner of the first. The program finds in `LATCHKEY_WORLD` a file that says where the server is, and what belongs to whom.
//! When it is over, nothing of the second workspace may have changed, and the server must still be ready.

use std::io::Write as _;
use std::process::{Command, ExitCode};

use latchkey_tests::app::PASSWORD;
use latchkey_tests::client::Client;
use latchkey_tests::document::{self, Document};
use latchkey_tests::provider::Provider;
use latchkey_tests::server::{Server, Setup};
use latchkey_tests::tool_server::ToolServer;
use latchkey_tests::user::User;
use latchkey_tests::wait;
use serde_json::{Map, Value as Json, json};

/// How many things of a kind may be removed.
const SPARE: usize = 6;
/// What is read of the second workspace before and afterwards.
const LISTS: [&str; 17] = [
    "/api-keys",
    "/audit",
    "/budget-webhook",
    "/budget-events",
    "/credential-pools",
    "/credentials",
    "/datasets",
    "/invitations",
    "/members",
    "/model-calls",
    "/prices",
    "/providers",
    "/runs",
    "/tool-bindings",
    "/tool-providers",
    "/usage",
    "/workflows",
];

fn say(text: &str) {
    // Whoever started it may have gone.
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Somebody who fills a workspace.
struct Owner<'a> {
    user: User,
    provider: &'a Provider,
    tools: &'a ToolServer,
}

impl Owner<'_> {
    /// One thing of each kind, each with `name` in it, by the first part of its path; with what stands in such a path.
    async fn things(&self, name: &str) -> Map<String, Json> {
        let user = &self.user;
        let key = format!("test-key-{name}");
        let credential = user.credential(name, &key, self.provider).await;
        let pool = json!({"provider": "deepseek", "name": format!("{name}-pool"), "members": [{"credential_id": credential}]});
        let tools =
            json!({"name": format!("{name}-tools"), "kind": "mcp", "url": self.tools.url("/mcp")});
        let price = json!({"provider": "deepseek", "model": name, "currency": "USD", "input": "1"});
        let scoped = json!({"name": name, "scopes": ["runs:read"]});
        let invited = json!({"email": format!("{name}-guest@example.com"), "role": "viewer"});
        let file = user
            .upload(&format!("{name}.txt"), "text/plain", name)
            .await;
        let mut things = Map::new();
        let mut put = |kind: &str, place: Json| drop(things.insert(kind.to_owned(), place));
        put("credentials", json!({"id": credential}));
        put(
            "credential-pools",
            self.made("/credential-pools", pool).await,
        );
        put("tool-providers", self.made("/tool-providers", tools).await);
        put("api-keys", self.made("/api-keys", scoped).await);
        put("invitations", self.made("/invitations", invited).await);
        let price = user.put("/prices", price).await.expect(200);
        put("prices", json!({"id": price["id"]}));
        put("files", json!({"id": file.expect(201)["id"]}));
        put("members", json!({"id": self.member(name).await}));
        put("datasets", self.dataset(name).await);
        put("workflows", self.workflow(name).await);
        put("runs", self.run(name).await);
        things
    }

    async fn made(&self, path: &str, body: Json) -> Json {
        let made = self.user.post(path, body).await.expect(201);
        json!({"id": made["id"]})
    }

    async fn member(&self, name: &str) -> Json {
        let email = format!("{name}@example.com");
        let invited = json!({"email": email, "role": "editor"});
        let invited = self.user.post("/invitations", invited).await.expect(201);
        let url = invited["url"].as_str().expect("a new link is shown");
        let token = url.rsplit_once("token=").expect("the link has a token").1;
        let accept = json!({"token": token, "name": name, "password": PASSWORD});
        let nobody = User::new(&self.user.client().with_key(None));
        let _ = nobody.post("/invitations/accept", accept).await.expect(200);
        let members = self.user.pages("/api/v1/members").await;
        let member = members
            .iter()
            .find(|member| member["email"] == json!(email));
        member.expect("who has accepted is a member")["id"].clone()
    }

    async fn dataset(&self, name: &str) -> Json {
        let dataset = self.made("/datasets", json!({"name": name})).await;
        let path = format!("/datasets/{}/documents", text(&dataset["id"]));
        let document = self.made(&path, json!({"name": name, "text": name})).await;
        json!({"id": dataset["id"], "document_id": document["id"]})
    }

    /// A workflow with two versions, a trigger, and a run.
    async fn workflow(&self, name: &str) -> Json {
        let document = Document::triggered(name)
            .node("hook", "trigger-webhook", json!({}))
            .template("ask", "Hello", &[])
            .end("end", &[("said", "ask.output")])
            .line(&["hook", "ask", "end"]);
        let workflow = self.user.publish(&document, &[]).await;
        let triggers = self.user.client().get(&workflow.path("/triggers")).await;
        let trigger = triggers.expect(200)["data"][0]["id"].clone();
        json!({"id": workflow.id, "trigger_id": trigger, "node_id": "ask", "number": 1})
    }

    /// A run that waits for somebody.
    async fn run(&self, name: &str) -> Json {
        let document = document::approval().with(|file| file["app"]["name"] = json!(name));
        let workflow = self.user.publish(&document, &[]).await;
        let run = workflow.run(json!({"what": name})).await;
        let forms = format!("/api/v1/runs/{}/forms", text(&run["id"]));
        let forms = self.user.pages(&forms).await;
        json!({"id": run["id"], "form_id": forms[0]["id"]})
    }

    /// All that can be read.
    async fn seen(&self, things: &Map<String, Json>) -> Vec<(String, u16, String)> {
        let mut paths: Vec<String> = LISTS.iter().map(ToString::to_string).collect();
        for (kind, place) in things {
            let of = |rest: &str| format!("/{kind}/{}{rest}", text(&place["id"]));
            match kind.as_str() {
                "api-keys" | "invitations" | "members" | "prices" => {}
                "workflows" => paths.extend(
                    [
                        "",
                        "/app",
                        "/draft",
                        "/versions",
                        "/triggers",
                        "/limits",
                        "/credential-settings",
                    ]
                    .map(of),
                ),
                "runs" => paths.extend(["", "/forms", "/node-executions", "/model-calls"].map(of)),
                "datasets" => paths.extend(["", "/documents"].map(of)),
                "credentials" => paths.extend(["", "/versions", "/references"].map(of)),
                _ => paths.push(of("")),
            }
        }
        let mut seen = Vec::new();
        for path in paths {
            let answer = self.user.get(&path).await;
            let body = serde_json::from_str(&answer.text).unwrap_or_default();
            seen.push((path, answer.status, steady(body).to_string()));
        }
        seen
    }
}

/// Without what says when it was asked, or for how long an address is good.
fn steady(mut body: Json) -> Json {
    match &mut body {
        Json::Object(all) => {
            all.retain(|key, _| !["last_used_at", "request_id", "url"].contains(&key.as_str()));
            all.values_mut()
                .for_each(|value| *value = steady(value.take()));
        }
        Json::Array(all) => all
            .iter_mut()
            .for_each(|value| *value = steady(value.take())),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
    body
}

fn text(id: &Json) -> String {
    id.as_str().expect("an id is a text").to_owned()
}

/// The server, and what its two workspaces have.
struct World<'a> {
    server: Server,
    second: Owner<'a>,
    foreign: Map<String, Json>,
    said: Json,
}

async fn world<'a>(provider: &'a Provider, tools: &'a ToolServer) -> World<'a> {
    let mut server = Setup::sqlite().start().await;
    let second = server.second_workspace().await;
    let owner = |client: Client| Owner {
        user: User::new(&client.unchecked()),
        provider,
        tools,
    };
    let first = owner(server.client().clone());
    let second = owner(server.client().with_key(Some(&second)));
    let mut spare = Vec::new();
    for number in 0..SPARE {
        spare.push(Json::from(first.things(&format!("spare-{number}")).await));
    }
    let kept = first.things("kept").await;
    // Nobody guesses this name; where it is read it has crossed.
    let mark = format!("stranger-{}", uuid::Uuid::now_v7().simple());
    let foreign = second.things(&mark).await;
    let said = json!({"url": server.url(), "key": key(&first).await, "mark": mark, "spare": spare, "kept": kept, "foreign": foreign,
        "foreign_key": second.user.client().key()});
    World {
        server,
        second,
        foreign,
        said,
    }
}

/// A key that the program cannot take from itself: it is in no list that it is given.
async fn key(owner: &Owner<'_>) -> Json {
    let scopes: Vec<_> = latchkey_domain::access::Permission::ALL
        .iter()
        .map(|scope| scope.as_str())
        .collect();
    let made = owner
        .user
        .post("/api-keys", json!({"name": "fuzzed", "scopes": scopes}))
        .await;
    made.expect(201)["key"].clone()
}

/// What the second workspace looks like once its document has been indexed.
async fn rest(world: &World<'_>) -> Vec<(String, u16, String)> {
    let mut last = Vec::new();
    wait::until("the second workspace is at rest", async || {
        let seen = world.second.seen(&world.foreign).await;
        let is_same = seen == last;
        last.clone_from(&seen);
        is_same.then_some(seen)
    })
    .await
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    let program = arguments
        .next()
        .ok_or_else(|| anyhow::anyhow!("a program to run is needed"))?;
    let (provider, tools) = (Provider::start(), ToolServer::start());
    let world = world(&provider, &tools).await;
    let file = world.server.home().join("world.json");
    std::fs::write(&file, world.said.to_string())?;
    let before = rest(&world).await;
    let mut command = Command::new(program);
    command.args(arguments).env("LATCHKEY_WORLD", &file);
    let status = tokio::task::spawn_blocking(move || command.status()).await??;
    let after = world.second.seen(&world.foreign).await;
    let mut is_good = status.success();
    for (one, other) in before
        .iter()
        .zip(&after)
        .filter(|(one, other)| one != other)
    {
        say(&format!(
            "the second workspace has changed: {one:?}\n  {other:?}"
        ));
        is_good = false;
    }
    let ready = world.server.client().get("/readyz").await;
    let printed = world.server.printed();
    // What is no HTTP at all, actix-web calls an error of its own.
    let is_fault = |line: &&str| {
        line.contains("panicked") || line.contains(" ERROR ") && !line.contains(" actix_http::")
    };
    let faults = printed.lines().filter(is_fault);
    for fault in faults {
        say(&format!("the server's log: {fault}"));
        is_good = false;
    }
    is_good &= ready.status == 200;
    say(&format!(
        "{} answers of the second workspace compared; ready: {}",
        before.len(),
        ready.status
    ));
    Ok(if is_good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
