//! Values of credentials that are kept elsewhere: by the built binary, whose settings say what may be used.

use latchkey_tests::app::TestApp;
use latchkey_tests::document;
use latchkey_tests::provider::Provider;
use latchkey_tests::requires;
use latchkey_tests::server::{Server, Setup};
use latchkey_tests::user::User;
use latchkey_tests::vault::Vault;
use latchkey_tests::wait;
use serde_json::{Value as Json, json};
use tempfile::TempDir;

/// A server whose operator allows variables `MODEL_*` and the files of a folder.
async fn server() -> (Server, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let allowed = format!("env:MODEL_*,file:{}/*", folder.path().display());
    let server = Setup::sqlite()
        .with("LATCHKEY_REFERENCES", &allowed)
        .with("MODEL_KEY", "test-key-of-a-variable")
        .with("OTHER_KEY", "test-key-of-nobody")
        .start()
        .await;
    (server, folder)
}

fn body(name: &str, provider: &Provider, reference: &str) -> Json {
    json!({"provider": "deepseek", "name": name, "validate": false,
        "values": {"api_key": {"ref": reference}, "base_url": provider.base_url()}})
}

async fn pays(user: &User, provider: &Provider, name: &str) -> Json {
    let workflow = user.publish(&document::one_model(name), &[]).await;
    provider.forget();
    let run = workflow
        .run(json!({"tenant": "acme", "question": "why"}))
        .await;
    assert_eq!(run["status"], "succeeded", "{run}");
    json!(provider.chats()[0].key)
}

#[tokio::test]
async fn a_variable_pays_and_only_its_name_is_shown() {
    let (server, _folder) = server().await;
    let (user, provider) = (User::new(server.client()), Provider::start());
    let made = user
        .post("/credentials", body("acme", &provider, "env:MODEL_KEY"))
        .await;
    let made = made.expect(201);
    let shown = json!({"last4": "", "fingerprint": "", "ref": "env:MODEL_KEY"});
    assert_eq!(made["values"]["api_key"], shown);
    assert_eq!(
        pays(&user, &provider, "acme").await,
        "test-key-of-a-variable"
    );
    let path = format!("/credentials/{}", made["id"].as_str().unwrap());
    let stays = user.patch(&path, json!({"values": {"base_url": provider.base_url()}}));
    assert_eq!(stays.await.expect(200)["values"]["api_key"], shown);
    // A reference is as little sent to a new host as a key.
    let moved = json!({"values": {"base_url": "http://127.0.0.2:9/v1"}});
    let refused = user.patch(&path, moved).await;
    assert_eq!(refused.refusal(), (422, "values_required".to_owned()));
    // A value takes the place of a reference, and the other way round.
    let rotate = format!("{path}/rotate");
    let new = json!({"values": {"api_key": "test-key-stored"}, "validate": false});
    let rotated = user.post(&rotate, new).await.expect(200);
    assert_eq!(rotated["values"]["api_key"]["last4"], "ored");
    assert_eq!(pays(&user, &provider, "acme").await, "test-key-stored");
    let back = json!({"values": {"api_key": {"ref": "env:MODEL_KEY"}}, "validate": false});
    assert_eq!(
        user.post(&rotate, back).await.expect(200)["values"]["api_key"],
        shown
    );
    assert_eq!(
        pays(&user, &provider, "acme").await,
        "test-key-of-a-variable"
    );
    for kept in [server.printed(), user.client().heard().concat()] {
        assert!(!kept.contains("test-key-of-a-variable"));
    }
}

#[tokio::test]
async fn a_file_that_changes_is_picked_up_and_one_that_is_gone_fails_the_call() {
    let (server, folder) = server().await;
    let (user, provider) = (User::new(server.client()), Provider::start());
    let file = folder.path().join("model");
    std::fs::write(&file, "test-key-first\n").unwrap();
    let reference = format!("file:{}", file.display());
    let made = user
        .post("/credentials", body("acme", &provider, &reference))
        .await;
    let id = made.expect(201)["id"].as_str().unwrap().to_owned();
    assert_eq!(pays(&user, &provider, "acme").await, "test-key-first");
    std::fs::write(&file, "test-key-second\n").unwrap();
    wait::until("the new content pays", async || {
        (pays(&user, &provider, "acme").await == "test-key-second").then_some(())
    })
    .await;
    std::fs::remove_file(&file).unwrap();
    let workflow = user.publish(&document::one_model("acme"), &[]).await;
    let run = wait::until("the file is missed", async || {
        let run = workflow
            .run(json!({"tenant": "acme", "question": "why"}))
            .await;
        (run["status"] == "failed").then_some(run)
    })
    .await;
    let told = run["error"]["message"].as_str().unwrap();
    assert!(told.contains("kept elsewhere"), "{told}");
    let place = folder.path().display().to_string();
    assert!(
        !told.contains(&place),
        "a run does not tell the operator's paths: {told}"
    );
    let asked = user
        .post(&format!("/credentials/{id}/validate"), json!({}))
        .await;
    assert_eq!(asked.refusal(), (422, "reference_unreadable".to_owned()));
    assert!(asked.text.contains(&reference), "{}", asked.text);
}

#[tokio::test]
async fn what_the_operator_does_not_allow_is_refused_with_its_field() {
    let (server, folder) = server().await;
    let (user, provider) = (User::new(server.client()), Provider::start());
    let missing = format!("file:{}/none", folder.path().display());
    for (reference, code) in [
        ("env:OTHER_KEY", "reference_not_allowed"),
        ("env:MODEL_NONE", "reference_unreadable"),
        ("env:LATCHKEY_FIRST_TOKEN", "reference_not_allowed"),
        ("file:/etc/passwd", "reference_not_allowed"),
        (&missing, "reference_unreadable"),
        ("vault:secret/a#b", "reference_not_allowed"),
        ("test-key-in-the-wrong-place", "reference_invalid"),
        ("file:../x", "reference_invalid"),
    ] {
        let refused = user
            .post("/credentials", body("acme", &provider, reference))
            .await;
        assert_eq!(refused.refusal(), (422, code.to_owned()), "{reference}");
        let first = &refused.expect(422)["errors"][0];
        assert_eq!(first["pointer"], "/values/api_key");
        assert!(!refused.text.contains("test-key"), "{}", refused.text);
    }
    let mut plain = body("acme", &provider, "env:MODEL_KEY");
    plain["values"]["base_url"] = json!({"ref": "env:MODEL_KEY"});
    let refused = user.post("/credentials", plain).await;
    assert_eq!(refused.refusal(), (422, "reference_not_allowed".to_owned()));
    assert_eq!(
        refused.expect(422)["errors"][0]["pointer"],
        "/values/base_url"
    );
    let mut odd = body("acme", &provider, "env:MODEL_KEY");
    odd["values"]["api_key"] = json!({"ref": "env:MODEL_KEY", "more": 1});
    assert_eq!(user.post("/credentials", odd).await.status, 422);
}

#[tokio::test]
async fn nothing_is_allowed_unless_the_operator_says_so() {
    let app = TestApp::new().await;
    let body = body("acme", app.provider(), "env:PATH");
    let refused = app.user().post("/credentials", body).await;
    assert_eq!(refused.refusal(), (422, "reference_not_allowed".to_owned()));
}

#[tokio::test]
async fn the_command_line_says_where_a_secret_is_kept() {
    let (server, _folder) = server().await;
    let provider = Provider::start();
    let url = format!("base_url={}", provider.base_url());
    let line = [
        "credentials",
        "add",
        "--provider",
        "deepseek",
        "--name",
        "acme",
        "--ref",
        "env:MODEL_KEY",
        "--set",
        &url,
    ];
    let made = server.cli(&line);
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let listed = provider.seen();
    assert_eq!(listed[0].key, "test-key-of-a-variable", "it was tried out");
    let line = line.map(|word| word.replace("MODEL", "OTHER").replace("acme", "other"));
    let line: Vec<&str> = line.iter().map(String::as_str).collect();
    let refused = server.cli(&line);
    assert_eq!(refused.status.code(), Some(3));
}

/// Run against a real server: OpenBao or Vault.
#[tokio::test]
async fn a_secret_of_a_vault_pays_with_a_token_and_with_a_role() {
    let _binary = requires!(vault);
    let vault = Vault::start().await.unwrap();
    vault
        .write("latchkey/model", json!({"api_key": "test-key-of-a-vault"}))
        .await;
    let role = vault.role("latchkey").await;
    let setup = || {
        Setup::sqlite()
            .with("LATCHKEY_REFERENCES", "vault:secret/latchkey/*")
            .with("LATCHKEY_VAULT_URL", vault.url())
    };
    let token = setup().with("LATCHKEY_VAULT_TOKEN", vault.root());
    let role = setup()
        .with("LATCHKEY_VAULT_ROLE_ID", &role.id)
        .with("LATCHKEY_VAULT_SECRET_ID", &role.secret);
    for setup in [token, role] {
        let server = setup.start().await;
        let (user, provider) = (User::new(server.client()), Provider::start());
        let secret = "vault:secret/latchkey/model#api_key";
        let made = user
            .post("/credentials", body("acme", &provider, secret))
            .await;
        assert_eq!(made.expect(201)["values"]["api_key"]["ref"], secret);
        assert_eq!(pays(&user, &provider, "acme").await, "test-key-of-a-vault");
        for missing in [
            "vault:secret/latchkey/none#api_key",
            "vault:secret/latchkey/model#none",
        ] {
            let refused = user
                .post("/credentials", body("other", &provider, missing))
                .await;
            assert_eq!(refused.refusal(), (422, "reference_unreadable".to_owned()));
        }
        assert!(!server.printed().contains("test-key-of-a-vault"));
        assert!(!server.printed().contains(vault.root()));
    }
    let wrong = setup()
        .with("LATCHKEY_VAULT_TOKEN", "wrong-token")
        .start()
        .await;
    let (user, provider) = (User::new(wrong.client()), Provider::start());
    let refused = user.post(
        "/credentials",
        body("acme", &provider, "vault:secret/latchkey/model#api_key"),
    );
    let refused = refused.await;
    assert_eq!(refused.refusal(), (422, "reference_unreadable".to_owned()));
    assert!(refused.text.contains("answered 403") && !refused.text.contains("wrong-token"));
}
