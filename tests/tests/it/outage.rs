//! A database that is away for a while, or whose answer is lost: nothing accepted is lost, nothing is written twice.

use latchkey_tests::document;
use latchkey_tests::postgres::{Disk, Postgres};
use latchkey_tests::provider::{Provider, Reply, Rule};
use latchkey_tests::proxy::Proxy;
use latchkey_tests::requires;
use latchkey_tests::server::{Server, Setup};
use latchkey_tests::user::{User, Workflow};
use latchkey_tests::wait;
use serde_json::json;

struct World {
    proxy: Proxy,
    server: Server,
    provider: Provider,
    user: User,
    workflow: Workflow,
}

async fn world(postgres: &Postgres, reply: Reply) -> World {
    let url = postgres.database().await;
    let proxy = Proxy::start(&url).await;
    let server = Setup::on(&proxy.url(&url)).start().await;
    let provider = Provider::start();
    provider.script(Rule::always(reply));
    let user = User::new(server.client());
    user.credential("only", "test-key-only", &provider).await;
    let workflow = user.publish(&document::one_model("only"), &[]).await;
    World {
        proxy,
        server,
        provider,
        user,
        workflow,
    }
}

#[tokio::test]
async fn a_run_waits_for_a_database_that_is_away() {
    let postgres = requires!(postgres);
    let world = world(postgres, Reply::Gated("kept".to_owned())).await;
    let inputs = json!({"tenant": "acme", "question": "why"});
    let run = world.workflow.detach(inputs).await;
    world.provider.arrived(1).await;
    world.proxy.cut();
    world.provider.release(2);
    wait::until("the writer misses the database", async || {
        let printed = world.server.printed();
        printed.contains("the database is away").then_some(())
    })
    .await;
    world.proxy.mend();
    let over = wait::until("the run is over", async || {
        let path = format!("/api/v1/runs/{run}");
        let answer = world.user.client().get(&path).await;
        (answer.status == 200)
            .then(|| answer.expect(200))
            .filter(|run| run["status"] != "running")
    })
    .await;
    assert_eq!(
        (&over["status"], &over["outputs"]["answer"]),
        (&json!("succeeded"), &json!("kept"))
    );
    let calls = world.user.model_calls(&run).await;
    assert_eq!(
        (calls.len(), &calls[0]["outcome"]),
        (1, &json!("succeeded"))
    );
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_not_made_twice() {
    let postgres = requires!(postgres);
    let world = world(postgres, Reply::words("once")).await;
    // The start, the opening and the closing of the call, and the end: whichever commit is lost, the run is one run.
    for number in 1..=3 {
        world.proxy.lose_commit(number);
        let inputs = json!({"tenant": "acme", "question": number.to_string()});
        let run = world.workflow.run(inputs).await;
        assert_eq!(run["status"], "succeeded", "{run}");
        assert!(world.proxy.has_lost_it());
        let id = run["id"].as_str().unwrap();
        assert_eq!(world.user.model_calls(id).await.len(), 1);
        let nodes = world.user.node_executions(id).await;
        assert_eq!(nodes.len(), 3, "{nodes:?}");
    }
    assert_eq!(world.provider.chats().len(), 3);
}

#[tokio::test]
async fn a_restart_of_postgresql_does_not_let_a_second_server_in() {
    let _ = requires!(postgres);
    let mut postgres = Postgres::private(Disk::Hoped).expect("the programs are there");
    let server = Setup::on(&postgres.database().await).start().await;
    postgres.restart();
    wait::until("the lock is taken again", async || {
        let printed = server.printed();
        printed.contains("is taken again").then_some(())
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let refused = server.refused(|command| {
        command
            .env("LATCHKEY_DATA_DIR", folder.path())
            .env("LATCHKEY_LISTEN", "127.0.0.1:0");
    });
    let refused = refused.await;
    assert_eq!(refused.status.code(), Some(3));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("already_running"), "{said}");
}

/// Somebody else has the database when it is back: going on would be doing everything twice.
#[tokio::test]
async fn a_server_ends_that_has_lost_the_database_to_another() {
    let _ = requires!(postgres);
    let mut postgres = Postgres::private(Disk::Hoped).expect("the programs are there");
    let url = postgres.database().await;
    let proxy = Proxy::start(&url).await;
    let mut cut_off = Setup::on(&proxy.url(&url)).start().await;
    proxy.cut();
    // What a restart does to the lock of the one that is cut off.
    postgres.restart();
    let master_key = std::fs::read_to_string(cut_off.data().join("master.key")).unwrap();
    let other = Setup::on(&url)
        .with("LATCHKEY_MASTER_KEY", master_key.trim())
        .start()
        .await;
    proxy.mend();
    assert_eq!(cut_off.exit().await.code(), Some(3));
    assert!(cut_off.printed().contains("already_running"));
    other.client().get("/readyz").await.expect(200);
}
