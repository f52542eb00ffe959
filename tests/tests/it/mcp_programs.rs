//! MCP servers that are programs of the operator: whose they are, how they end, and what becomes of those that misbehave.

use std::time::{Duration, Instant};

use latchkey_domain::id::{CredentialId, ToolProviderId};
use latchkey_domain::tool::McpTool;
use latchkey_models::{Access, CredentialValues};
use latchkey_nodes::tools::Answered;
use latchkey_nodes::tools::mcp::McpError;
use latchkey_nodes::tools::mcp::stdio::{Payer, StdioServer, StdioServers, Visit};
use latchkey_nodes::{ToolError, ToolMessage};
use latchkey_tests::mcp_program::{PATIENCE, listed, server, setting};
use latchkey_tests::server::Setup;
use latchkey_tests::user::User;
use latchkey_tests::wait;
use serde_json::{Value as Json, json};
use uuid::Uuid;

const FIRST: ToolProviderId = ToolProviderId::new(Uuid::from_u128(1));
const SECOND: ToolProviderId = ToolProviderId::new(Uuid::from_u128(2));

fn key(key: &str) -> Access {
    Access {
        values: CredentialValues::one("api_key", key),
        ..Access::default()
    }
}

fn visit(provider: ToolProviderId, access: &Access, payer: Payer) -> Visit<'_> {
    Visit {
        server: "sums",
        provider,
        access,
        payer,
    }
}

async fn call_as(
    servers: &StdioServers,
    visit: Visit<'_>,
    tool: &str,
    arguments: Json,
) -> Result<String, String> {
    let tool = McpTool {
        name: tool.to_owned(),
        description: String::new(),
        input_schema: json!({"type": "object"}),
        output_schema: None,
    };
    let answered = servers.call(visit, &tool, arguments.as_object().unwrap());
    match answered.await {
        Ok(all) => Ok(all.iter().map(told).collect::<Vec<_>>().join(" ")),
        Err(ToolError::Invoke(why)) => Err(why),
        Err(other) => panic!("{other:?}"),
    }
}

fn told(one: &Answered) -> String {
    match one {
        Answered::Message(ToolMessage::Text(text)) => text.clone(),
        Answered::Message(ToolMessage::Json(value)) => value.to_string(),
        other @ (Answered::Message(_) | Answered::Made(_)) => format!("{other:?}"),
    }
}

/// Calls a tool of the only server for the first provider, without a credential.
async fn call(servers: &StdioServers, tool: &str) -> Result<String, String> {
    let nobody = Access::default();
    call_as(
        servers,
        visit(FIRST, &nobody, Payer::Nobody),
        tool,
        json!({}),
    )
    .await
}

async fn facts(servers: &StdioServers, visit: Visit<'_>) -> Json {
    let facts = call_as(servers, visit, "facts", json!({})).await.unwrap();
    serde_json::from_str(&facts).unwrap()
}

fn only(server: StdioServer) -> StdioServers {
    listed([("sums", server)])
}

fn is_alive(process: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}

async fn is_gone(process: &str) {
    wait::until("the process is gone", async || {
        (!is_alive(process)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn tools_are_listed_and_called_with_and_without_a_handshake() {
    for mode in ["", "stateless"] {
        let servers = only(server(&[("MODE", mode)]));
        let nobody = Access::default();
        let visit = visit(FIRST, &nobody, Payer::Nobody);
        let tools = servers.list(visit).await.unwrap();
        assert_eq!(tools.len(), 12, "two pages");
        let arguments = json!({"a": "2", "b": "3"});
        let sum = servers.call(visit, &tools[0], arguments.as_object().unwrap());
        let sum: Vec<String> = sum.await.unwrap().iter().map(told).collect();
        assert_eq!(sum[0], "the sum is 5, says nobody");
        let lies = json!({"a": "2", "b": "lie"});
        let lied = servers
            .call(visit, &tools[0], lies.as_object().unwrap())
            .await;
        let lied = lied.unwrap_err().to_string();
        assert!(lied.contains("breaks its promise"), "{lied}");
        // What it asks of us is refused, and harms nothing.
        assert_eq!(call(&servers, "ask").await.unwrap(), "asked");
        servers.close().await;
    }
}

#[tokio::test]
async fn a_program_gets_what_the_list_says_and_nothing_else() {
    let servers = only(server(&[
        ("LANG", "C.UTF-8"),
        ("KEY", "of ${credential.api_key}"),
    ]));
    let access = key("k3y");
    let facts = facts(&servers, visit(FIRST, &access, Payer::Inline)).await;
    assert_eq!(
        facts["environment"],
        json!({"LANG": "C.UTF-8", "KEY": "of k3y"})
    );
    assert_eq!(facts["no_new_privileges"], "1");
    assert_eq!(facts["directory"], "/");
    // Its three streams, and the folder that it lists.
    assert_eq!(facts["open"], json!(["0", "1", "2", "3"]));
    servers.close().await;
}

#[tokio::test]
async fn requests_share_a_process_and_do_not_wait_for_each_other() {
    let servers = only(server(&[]));
    let nobody = Access::default();
    let visit = visit(FIRST, &nobody, Payer::Nobody);
    let begin = Instant::now();
    let waits = (0..8).map(|_| call_as(&servers, visit, "wait", json!({"seconds": "0.8"})));
    for waited in futures::future::join_all(waits).await {
        assert_eq!(waited.as_deref(), Ok("waited"));
    }
    assert!(
        begin.elapsed() < Duration::from_secs(4),
        "{:?}",
        begin.elapsed()
    );
    let (first, again) = (facts(&servers, visit).await, facts(&servers, visit).await);
    assert_eq!(first["pid"], again["pid"]);
    servers.close().await;
    is_gone(&first["pid"].to_string()).await;
}

#[tokio::test]
async fn nobody_shares_a_process_with_another_provider_or_credential() {
    let mut keyed = server(&[("KEY", "${credential.api_key}")]);
    keyed.processes = 8;
    let servers = only(keyed);
    let (one, two) = (key("k3y-one"), key("k3y-two"));
    let stored = |id: u128, version| Payer::Stored(CredentialId::new(Uuid::from_u128(id)), version);
    let mut seen = Vec::new();
    for (provider, access, payer) in [
        (FIRST, &one, stored(1, 1)),
        (FIRST, &two, stored(1, 2)),
        (FIRST, &two, stored(2, 1)),
        (SECOND, &one, stored(1, 1)),
        (FIRST, &one, Payer::Inline),
        (FIRST, &one, Payer::Inline),
    ] {
        let facts = facts(&servers, visit(provider, access, payer)).await;
        assert_eq!(
            facts["environment"]["KEY"].as_str(),
            access.values.secret("api_key")
        );
        assert!(!seen.contains(&facts["pid"]), "{provider} {payer:?}");
        seen.push(facts["pid"].clone());
    }
    // Those that came with a run are gone with their visit.
    for inline in &seen[4..] {
        is_gone(&inline.to_string()).await;
    }
    let again = facts(&servers, visit(FIRST, &one, stored(1, 1))).await;
    assert_eq!(again["pid"], seen[0]);
    servers.close().await;
    for process in &seen {
        is_gone(&process.to_string()).await;
    }
}

#[tokio::test]
async fn without_its_credential_a_program_is_not_started() {
    let servers = only(server(&[("KEY", "${credential.api_key}")]));
    let why = call(&servers, "facts").await.unwrap_err();
    assert!(why.contains("the credential has no api_key"), "{why}");
    let nobody = Access::default();
    let other = Visit {
        server: "other",
        ..visit(FIRST, &nobody, Payer::Nobody)
    };
    let why = servers.list(other).await.unwrap_err();
    assert_eq!(why, McpError::NotListed("other".to_owned()));
    servers.close().await;
}

#[tokio::test]
async fn one_that_misbehaves_fails_the_call_and_the_next_gets_a_new_one() {
    let servers = only(server(&[("KEY", "k3y-9")]));
    let mut last = String::new();
    for (tool, part) in [
        ("die", "has ended: exit code 3; it said: the end of k3y-9"),
        ("garbage", "a message of it is no JSON"),
        ("strange", "answered a request that nobody made"),
        ("flood", "sends messages without end"),
        ("long", "a message is longer than"),
        ("hang", "did not answer within 3 s"),
    ] {
        let why = call(&servers, tool).await.expect_err(tool);
        assert!(why.contains(part), "{tool}: {why}");
        let next = wait::until("another one works", async || {
            call(&servers, "facts").await.ok()
        });
        let facts: Json = serde_json::from_str(&next.await).unwrap();
        assert_ne!(facts["pid"].to_string(), last, "{tool}");
        last = facts["pid"].to_string();
    }
    // What it complains about is read, however much it is.
    assert_eq!(call(&servers, "complain").await.unwrap(), "complained");
    servers.close().await;
}

#[tokio::test]
async fn a_program_that_does_not_begin_is_told() {
    for (mode, part) in [
        ("dead", "has ended: exit code 1; it said: cannot work with"),
        ("mute", "did not answer within 3 s"),
    ] {
        let servers = only(server(&[("MODE", mode), ("KEY", "${credential.api_key}")]));
        let access = key("k3y-7");
        let why = servers.list(visit(FIRST, &access, Payer::Inline)).await;
        let why = why.unwrap_err().to_string();
        assert!(
            why.contains(part) && !why.contains("k3y-7"),
            "{mode}: {why}"
        );
        servers.close().await;
    }
    let mut gone = server(&[]);
    gone.program.command = "/no/such/program".into();
    let servers = only(gone);
    let why = call(&servers, "facts").await.unwrap_err();
    assert!(
        why.contains("exit code 127") && why.contains("cannot be started"),
        "{why}"
    );
    servers.close().await;
}

#[tokio::test]
async fn whatever_a_program_has_started_ends_with_it() {
    let servers = only(server(&[]));
    let child = call(&servers, "breed").await.unwrap();
    assert!(is_alive(&child), "{child}");
    servers.close().await;
    is_gone(&child).await;
    let why = call(&servers, "facts").await.unwrap_err();
    assert!(why.contains("the service is ending"), "{why}");
}

#[tokio::test]
async fn one_that_nobody_needs_ends_and_the_longest_idle_makes_room() {
    let mut short = server(&[]);
    short.idle = Duration::from_millis(600);
    let servers = only(short);
    let nobody = Access::default();
    let first = facts(&servers, visit(FIRST, &nobody, Payer::Nobody)).await;
    is_gone(&first["pid"].to_string()).await;
    servers.close().await;
    let mut two = server(&[]);
    two.processes = 2;
    let servers = only(two);
    let mut seen = Vec::new();
    for id in 1..=3 {
        let provider = ToolProviderId::new(Uuid::from_u128(id));
        let facts = facts(&servers, visit(provider, &nobody, Payer::Nobody)).await;
        seen.push(facts["pid"].to_string());
    }
    is_gone(&seen[0]).await;
    assert!(is_alive(&seen[1]) && is_alive(&seen[2]));
    // With all of them at work, the next one is told so.
    let wait = async |id: u128, times: usize| {
        let provider = ToolProviderId::new(Uuid::from_u128(id));
        let visit = visit(provider, &nobody, Payer::Nobody);
        let mut waited = Ok(String::new());
        for _ in 0..times {
            waited = call_as(&servers, visit, "wait", json!({"seconds": "1.5"})).await;
        }
        waited
    };
    let begin = Instant::now();
    let (second, third, fourth) = tokio::join!(wait(2, 3), wait(3, 3), async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        wait(4, 1).await
    });
    assert!(second.is_ok() && third.is_ok(), "{second:?} {third:?}");
    let why = fourth.unwrap_err();
    assert!(why.contains("all of its 2 processes are in use"), "{why}");
    assert!(begin.elapsed() < 3 * PATIENCE);
    servers.close().await;
}

/// A server whose operator lists the program of the tests, and the process of its own that lists its tools.
async fn listing() -> (latchkey_tests::server::Server, Vec<String>) {
    let server = Setup::sqlite()
        .with("LATCHKEY_MCP_STDIO", &setting().to_string())
        .start()
        .await;
    let user = User::new(server.client());
    let new = json!({"name": "sums", "kind": "mcp", "url": "stdio:sums"});
    let made = user.post("/tool-providers", new).await.expect(201);
    let tools = format!("/tool-providers/{}/tools", made["id"].as_str().unwrap());
    let tools = user.get(&tools).await.expect(200);
    assert_eq!(tools["data"][0]["name"], "add", "{tools}");
    let service = server.process().unwrap().to_string();
    let below = below(&service);
    assert!(below.len() >= 2, "the keeper and the program: {below:?}");
    (server, below)
}

/// Every process below one.
fn below(process: &str) -> Vec<String> {
    let mut all = Vec::new();
    let tasks = std::fs::read_dir(format!("/proc/{process}/task")).into_iter();
    for task in tasks.flatten().flatten() {
        let children = std::fs::read_to_string(task.path().join("children"));
        for child in children.unwrap_or_default().split_whitespace() {
            all.push(child.to_owned());
            all.extend(below(child));
        }
    }
    all
}

#[tokio::test]
async fn no_program_outlives_a_server_that_is_killed() {
    let (mut server, below) = listing().await;
    server.kill();
    for process in below {
        is_gone(&process).await;
    }
}

#[tokio::test]
async fn an_operator_sees_the_list_and_no_secret() {
    let mut list = setting();
    list["sums"]["environment"] = json!({"TOKEN": "s3cret-1"});
    let setup = || Setup::sqlite().with("LATCHKEY_MCP_STDIO", &list.to_string());
    let said = |arguments: &[&str]| {
        let said = setup().prepare().cli(arguments).stdout;
        String::from_utf8_lossy(&said).into_owned()
    };
    let config = said(&["config"]);
    assert!(
        config.contains("# mcp_stdio.sums starts ") && config.contains("with TOKEN"),
        "{config}"
    );
    assert!(!config.contains("s3cret-1"), "{config}");
    let doctor = said(&["doctor"]);
    assert!(
        doctor.contains("ok    MCP programs: keyed, sums listed"),
        "{doctor}"
    );
    list["sums"]["command"] = json!("/no/such/program");
    let setup = || Setup::sqlite().with("LATCHKEY_MCP_STDIO", &list.to_string());
    let doctor = setup().prepare().cli(&["doctor"]).stdout;
    let doctor = String::from_utf8_lossy(&doctor).into_owned();
    assert!(
        doctor.contains("bad   MCP programs: sums: /no/such/program"),
        "{doctor}"
    );
}
