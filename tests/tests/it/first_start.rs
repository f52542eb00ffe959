//! The first start and what can go wrong with it, and who may start on a database.

use std::time::Duration;

use latchkey_tests::client::Client;
use latchkey_tests::requires;
use latchkey_tests::server::{Server, Setup};

const WORKFLOWS: &str = "/api/v1/workflows";

/// A server whose token is not preset.
fn own_token(setup: Setup) -> Server {
    setup.with("LATCHKEY_FIRST_TOKEN", "").prepare()
}

async fn check_token(server: &Server) {
    let kept = std::fs::read_to_string(server.data().join("first-token")).unwrap();
    let answer = Client::new(&server.url(), Some(&kept)).get(WORKFLOWS).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// Kills the first start at many moments; the second one must come up, and its owner must have a token.
async fn check_killed_starts(setup: Setup, moments: impl Iterator<Item = u64>) {
    for moment in moments {
        let mut server = own_token(setup.clone());
        let mut child = server.command(&["serve"]).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(moment));
        child.kill().unwrap();
        child.wait().unwrap();
        server.start().await;
        check_token(&server).await;
    }
}

#[tokio::test]
async fn a_first_start_that_is_killed_is_begun_again() {
    check_killed_starts(Setup::sqlite(), (0..24).map(|step| 10 + step * 12)).await;
}

#[tokio::test]
async fn a_first_start_that_is_killed_is_begun_again_on_postgres() {
    let postgres = requires!(postgres);
    for step in 0..8 {
        let setup = Setup::postgres(postgres).await;
        check_killed_starts(setup, std::iter::once(40 + step * 40)).await;
    }
}

#[tokio::test]
async fn a_token_that_a_former_database_has_left_is_the_owners() {
    let mut server = own_token(Setup::sqlite());
    server.start().await;
    check_token(&server).await;
    server.kill();
    let databases = std::fs::read_dir(server.data()).unwrap();
    for file in databases.filter_map(|entry| Some(entry.ok()?.path())) {
        if file.to_string_lossy().contains("latchkey.db") {
            std::fs::remove_file(file).unwrap();
        }
    }
    server.start().await;
    check_token(&server).await;
}

#[tokio::test]
async fn a_left_over_that_is_no_token_is_replaced() {
    let mut server = own_token(Setup::sqlite());
    std::fs::create_dir_all(server.data()).unwrap();
    std::fs::write(server.data().join("first-token"), "lk_half").unwrap();
    server.start().await;
    check_token(&server).await;
}

#[tokio::test]
async fn a_token_that_cannot_be_kept_stops_the_start_before_anything_is_made() {
    let mut server = own_token(Setup::sqlite());
    let kept = server.data().join("first-token");
    std::fs::create_dir_all(kept.join("not empty")).unwrap();
    let output = server.refused(|_| {}).await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("first token"), "{said}");
    std::fs::remove_dir_all(kept).unwrap();
    server.start().await;
    check_token(&server).await;
}

/// A server with a data directory of its own, but the database and the master key of this one, is refused.
async fn check_second_refused(server: &Server, database: Option<&str>) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    std::fs::copy(server.data().join("master.key"), data.join("master.key")).unwrap();
    let output = server
        .refused(|command| {
            command
                .env("LATCHKEY_DATA_DIR", data)
                .env("LATCHKEY_LISTEN", "127.0.0.1:0");
            if let Some(url) = database {
                command.env("LATCHKEY_DATABASE_URL", url);
            }
        })
        .await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("another latchkey server"), "{said}");
    assert_eq!(server.client().get("/readyz").await.status, 200);
}

#[tokio::test]
async fn a_second_server_with_another_data_directory_is_refused() {
    let mut server = Setup::sqlite().start().await;
    let file = server.data().join("latchkey.db");
    let url = format!("sqlite://{}", file.display());
    check_second_refused(&server, Some(&url)).await;
    let other = server.home().join("other.db");
    std::os::unix::fs::symlink(&file, &other).unwrap();
    let by_another_name = format!("sqlite://{}", other.display());
    check_second_refused(&server, Some(&by_another_name)).await;
    server.kill();
    server.start().await;
}

#[tokio::test]
async fn a_second_server_with_another_data_directory_is_refused_on_postgres() {
    let postgres = requires!(postgres);
    let mut server = Setup::postgres(postgres).await.start().await;
    check_second_refused(&server, None).await;
    // Whoever was killed lets go.
    server.kill();
    server.start().await;
}

#[tokio::test]
async fn looking_at_a_database_makes_none() {
    let server = Setup::sqlite().prepare();
    for command in [&["doctor"][..], &["migrate", "status"]] {
        let output = server.cli(command);
        assert!(output.status.success(), "{output:?}");
        assert!(!server.data().exists(), "{command:?} made something");
    }
}

#[tokio::test]
async fn doctor_tells_whether_the_master_key_belongs_to_the_database() {
    let mut server = Setup::sqlite().start().await;
    server.kill();
    let key = server.data().join("master.key");
    let check = |told: &str, good: bool| {
        let output = server.cli(&["doctor"]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains(told), "{said}");
        assert_eq!(output.status.code(), Some(i32::from(!good)), "{said}");
    };
    check("ok    master key: it is the one", true);
    let kept = std::fs::read(&key).unwrap();
    std::fs::write(&key, format!("{}=", "A".repeat(43))).unwrap();
    check(
        "bad   master key: the database was made with another",
        false,
    );
    std::fs::remove_file(&key).unwrap();
    check("bad   master key: it is missing", false);
    std::fs::write(&key, kept).unwrap();
    std::fs::write(
        server.home().join("wrong.toml"),
        "[system.nobody]\napi_key = 'x'\n",
    )
    .unwrap();
    let wrong = server.home().join("wrong.toml");
    let wrong = wrong.to_str().unwrap();
    let output = server.cli(&["doctor", "--config", wrong]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        said.contains("bad   system credentials: system.nobody"),
        "{said}"
    );
    let output = server.cli(&["serve", "--config", wrong]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("setting_invalid: system.nobody"), "{said}");
    assert_eq!(output.status.code(), Some(2), "a wrong setting");
}

#[tokio::test]
async fn a_data_directory_that_cannot_be_used_has_a_code_of_its_own() {
    let server = Setup::sqlite().prepare();
    std::fs::write(server.data(), "a file").unwrap();
    let output = server.refused(|_| {}).await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("data_dir_unusable: "), "{said}");
    assert_eq!(output.status.code(), Some(3));
}
