//! People who log in: sessions, passwords, roles, invitations, and what is left when somebody goes.

use std::time::Duration;

use latchkey_tests::app::{PASSWORD, TestApp};
use latchkey_tests::client::{Client, Session};
use latchkey_tests::document;
use latchkey_tests::requires;
use latchkey_tests::server::{Server, Setup};
use latchkey_tests::user::User;
use latchkey_tests::wait;
use serde_json::{Value as Json, json};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// The id of a member by his name.
async fn id_of(app: &TestApp, name: &str) -> String {
    let all = app.user().pages("/api/v1/members").await;
    let found = all.iter().find(|member| member["name"] == name).unwrap();
    found["id"].as_str().unwrap().to_owned()
}

fn user(client: &Client) -> User {
    User::new(client)
}

/// The actions that were written down, oldest first.
async fn actions(app: &TestApp) -> Vec<String> {
    let mut rows = app.user().pages("/api/v1/audit").await;
    rows.reverse();
    let action = |row: &Json| row["action"].as_str().unwrap().to_owned();
    rows.iter().map(action).collect()
}

#[tokio::test]
async fn the_first_token_makes_the_owners_account_once() {
    let app = TestApp::new().await;
    let nobody = app.nobody();
    let needed = nobody.get("/setup").await.expect(200);
    assert_eq!(needed, json!({"needed": true}));
    let token = app.user().client().key().unwrap().to_owned();
    let body = |token: &str, password: &str| json!({"token": token, "name": "Ada", "email": " Ada@Example.com", "password": password});
    let weak = nobody.post("/setup", body(&token, "short")).await;
    assert_eq!(weak.refusal(), (422, "password_weak".to_owned()));
    let unknown = latchkey_secrets::token::generate("lk_").unwrap();
    let wrong = nobody
        .post("/setup", body(unknown.expose(), PASSWORD))
        .await;
    assert_eq!(wrong.refusal(), (401, "unauthenticated".to_owned()));
    let less = json!({"name": "less", "scopes": ["members:read", "members:write"]});
    let less = app.user_of_key(less).await;
    let less = less.client().key().unwrap().to_owned();
    let less = nobody.post("/setup", body(&less, PASSWORD)).await;
    assert_eq!(less.refusal(), (403, "forbidden".to_owned()));

    let made = nobody.post("/setup", body(&token, PASSWORD)).await;
    let said = made.expect(200);
    assert_eq!(said["member"]["email"], "ada@example.com");
    assert_eq!(said["member"]["role"], "owner");
    let ada = user(&nobody.client().logged_in(&made));
    assert_eq!(ada.get("/session").await.expect(200), said);
    assert_eq!(ada.get("/workflows").await.status, 200);
    let needed = nobody.get("/setup").await.expect(200);
    assert_eq!(needed, json!({"needed": false}));
    let again = nobody.post("/setup", body(&token, PASSWORD)).await;
    assert_eq!(again.refusal(), (409, "set_up_already".to_owned()));
    assert_eq!(
        app.user().get("/workflows").await.status,
        200,
        "a key still"
    );
    assert!(actions(&app).await.contains(&"member.set_up".to_owned()));
}

#[tokio::test]
async fn a_cookie_is_for_this_server_only_and_changes_nothing_alone() {
    let app = TestApp::new().await;
    let bob = app.member("bob", "editor").await;
    let login = app.log_in("bob", PASSWORD).await;
    let cookie = login.header("set-cookie").unwrap().to_owned();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(
        !cookie.contains("Secure") && !cookie.contains("Domain"),
        "{cookie}"
    );
    let session = |csrf_token: Option<&str>| Session {
        cookie: cookie.split(';').next().unwrap().to_owned(),
        csrf_token: csrf_token.map(str::to_owned),
    };
    let own = login.expect(200)["csrf_token"].as_str().unwrap().to_owned();
    let other = bob.get("/session").await.expect(200);
    let other = other["csrf_token"].as_str().unwrap().to_owned();
    let new = json!({"name": "new"});
    for (csrf_token, status) in [
        (None, 403),
        (Some("wrong"), 403),
        (Some(&*other), 403),
        (Some(&*own), 201),
    ] {
        let browser = user(&bob.client().with_session(session(csrf_token)));
        assert_eq!(browser.get("/workflows").await.status, 200);
        let made = browser.post("/workflows", new.clone()).await;
        assert_eq!(made.status, status, "{}", made.text);
        if status == 403 {
            assert_eq!(made.code(), "csrf_token_missing");
        }
    }
    let form = "application/x-www-form-urlencoded";
    let body = json!({"email": "bob@example.com", "password": PASSWORD}).to_string();
    for kind in [form, "text/plain"] {
        let ask = app.nobody().client().request("POST", "/api/v1/session");
        let refused = ask.body(kind, body.clone()).send().await;
        assert_eq!(
            refused.refusal(),
            (415, "unsupported_media_type".to_owned())
        );
    }
}

#[tokio::test]
async fn a_session_ends_by_itself_and_by_logging_out() {
    let app = TestApp::new().await;
    let bob = app.member("bob", "viewer").await;
    for _ in 0..3 {
        app.passes(HOUR * 20);
        assert_eq!(bob.get("/workflows").await.status, 200, "it is used");
        // Its use is written down beside the answer.
        let seen = app.now();
        wait::until("the use is written down", async || {
            let members = app.user().pages("/api/v1/members").await;
            (members[0]["last_seen_at"] == seen).then_some(())
        })
        .await;
    }
    app.passes(HOUR * 24);
    let ended = bob.get("/workflows").await;
    assert_eq!(ended.refusal(), (401, "unauthenticated".to_owned()));

    let login = app.log_in("bob", PASSWORD).await;
    let again = user(&app.nobody().client().logged_in(&login));
    assert_eq!(again.get("/workflows").await.status, 200);
    let left = again.delete("/session").await;
    assert_eq!(left.status, 204);
    assert!(left.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(again.get("/workflows").await.status, 401);

    let login = app.log_in("bob", PASSWORD).await;
    let again = user(&app.nobody().client().logged_in(&login));
    for _ in 0..14 {
        app.passes(HOUR * 23);
        assert_eq!(again.get("/session").await.status, 200);
        let seen = app.now();
        wait::until("the use is written down", async || {
            let members = app.user().pages("/api/v1/members").await;
            (members[0]["last_seen_at"] == seen).then_some(())
        })
        .await;
    }
    app.passes(HOUR * 14);
    assert_eq!(again.get("/session").await.status, 401, "after two weeks");
}

#[tokio::test]
async fn a_wrong_login_does_not_tell_who_has_an_account_and_is_throttled() {
    let app = TestApp::new().await;
    let _ = app.member("bob", "viewer").await;
    let wrong = async |name: &str| app.log_in(name, "test-password-2").await;
    let told = |answer: latchkey_tests::client::Answer| {
        let mut body: Json = serde_json::from_str(&answer.text).unwrap();
        body["request_id"] = json!("");
        (answer.status, body)
    };
    for attempt in 0..10 {
        let (known, unknown) = (wrong("bob").await, wrong("nobody").await);
        assert_eq!(
            known.refusal(),
            (401, "credentials_wrong".to_owned()),
            "{attempt}"
        );
        assert_eq!(told(known), told(unknown));
    }
    let (known, unknown) = (app.log_in("bob", PASSWORD).await, wrong("nobody").await);
    assert_eq!(known.refusal(), (429, "login_throttled".to_owned()));
    assert_eq!(known.header("retry-after"), Some("900"));
    assert_eq!(told(known), told(unknown));
    assert_eq!(wrong("another").await.status, 401);
    app.passes(Duration::from_secs(900));
    assert_eq!(app.log_in("bob", PASSWORD).await.status, 200);
    wait::until("what was refused is written down", async || {
        let refused = actions(&app).await;
        let refused = refused.iter().filter(|one| *one == "session.refuse");
        (refused.count() == 10).then_some(())
    })
    .await;
}

#[tokio::test]
async fn another_password_ends_the_other_sessions() {
    let app = TestApp::new().await;
    let here = app.member("bob", "viewer").await;
    let login = app.log_in("bob", PASSWORD).await;
    let there = user(&app.nobody().client().logged_in(&login));
    let change =
        |current: &str, new: &str| json!({"current_password": current, "new_password": new});
    let wrong = here
        .patch("/session", change("test-password-0", "test-password-2"))
        .await;
    assert_eq!(wrong.refusal(), (422, "password_wrong".to_owned()));
    let weak = here
        .patch("/session", change(PASSWORD, "bob@example.com"))
        .await;
    assert_eq!(weak.refusal(), (422, "password_weak".to_owned()));
    let half = here
        .patch("/session", json!({"new_password": "test-password-2"}))
        .await;
    assert_eq!(half.refusal(), (422, "invalid_input".to_owned()));
    let done = here
        .patch("/session", change(PASSWORD, "test-password-2"))
        .await;
    assert_eq!(done.expect(200)["member"]["name"], "bob");
    assert_eq!(here.get("/session").await.status, 200);
    assert_eq!(there.get("/session").await.status, 401);
    assert_eq!(app.log_in("bob", PASSWORD).await.status, 401);
    assert_eq!(app.log_in("bob", "test-password-2").await.status, 200);
    let named = here.patch("/session", json!({"name": "Robert"})).await;
    assert_eq!(named.expect(200)["member"]["name"], "Robert");
}

#[tokio::test]
async fn nobody_gives_or_takes_a_role_that_may_do_more_than_himself() {
    let app = TestApp::new().await;
    let _ = app.member("ada", "owner").await;
    let admin = app.member("bob", "admin").await;
    let (ada, bob) = (id_of(&app, "ada").await, id_of(&app, "bob").await);
    let refused = (403, "forbidden".to_owned());
    let invite = |role: &str| json!({"email": "eve@example.com", "role": role});
    let more = admin.post("/invitations", invite("owner")).await;
    assert_eq!(more.refusal(), refused);
    assert_eq!(
        admin.post("/invitations", invite("admin")).await.status,
        201
    );
    let path = |id: &str| format!("/members/{id}");
    for change in [json!({"role": "viewer"}), json!({"disabled": true})] {
        let dismissed = admin.patch(&path(&ada), change).await;
        assert_eq!(dismissed.refusal(), refused);
    }
    assert_eq!(admin.delete(&path(&ada)).await.refusal(), refused);
    let raised = admin.patch(&path(&bob), json!({"role": "owner"})).await;
    assert_eq!(raised.refusal(), refused);
    let last = (409, "last_owner".to_owned());
    let demoted = app
        .user()
        .patch(&path(&ada), json!({"role": "admin"}))
        .await;
    assert_eq!(demoted.refusal(), last);
    let disabled = app
        .user()
        .patch(&path(&ada), json!({"disabled": true}))
        .await;
    assert_eq!(disabled.refusal(), last);
    assert_eq!(app.user().delete(&path(&ada)).await.refusal(), last);
}

#[tokio::test]
async fn a_members_key_may_never_do_more_than_the_member() {
    let app = TestApp::new().await;
    let _ = app.member("ada", "owner").await;
    let bob = app.member("bob", "admin").await;
    let key = json!({"name": "of bob", "scopes": ["members:write", "members:read", "workflows:read", "api_keys:write", "runs:write"]});
    let more = json!({"name": "more", "scopes": ["workspace:write"]});
    let more = bob.post("/api-keys", more).await;
    assert_eq!(more.refusal(), (403, "forbidden".to_owned()));
    let made = bob.post("/api-keys", key.clone()).await.expect(201);
    let by_key = |made: &Json| user(&app.nobody().client().with_key(made["key"].as_str()));
    let first = by_key(&made);
    // Nor does a key of a key.
    let second = first.post("/api-keys", key).await.expect(201);
    let second = by_key(&second);
    for key in [&first, &second] {
        assert_eq!(key.get("/invitations").await.status, 200);
    }
    let path = format!("/members/{}", id_of(&app, "bob").await);
    let change = async |change: Json| app.user().patch(&path, change).await.expect(200);
    change(json!({"role": "viewer"})).await;
    assert_eq!(bob.get("/workflows").await.status, 401, "logged out");
    for key in [&first, &second] {
        assert_eq!(key.get("/invitations").await.status, 403);
        assert_eq!(key.get("/workflows").await.status, 200);
    }
    change(json!({"disabled": true})).await;
    for key in [&first, &second] {
        assert_eq!(key.get("/workflows").await.status, 401);
    }
    assert_eq!(
        app.log_in("bob", PASSWORD).await.refusal(),
        (401, "credentials_wrong".to_owned())
    );
    change(json!({"disabled": false, "role": "admin"})).await;
    for key in [&first, &second] {
        assert_eq!(key.get("/invitations").await.status, 200);
    }
    assert_eq!(app.user().delete(&path).await.status, 204);
    for key in [&first, &second] {
        assert_eq!(key.get("/workflows").await.status, 401);
    }
    let keys = app.user().pages("/api/v1/api-keys").await;
    assert!(keys.iter().all(|key| key["name"] != "of bob"), "{keys:?}");
}

#[tokio::test]
async fn an_invitation_is_good_once_and_as_long_as_its_maker_may_give_it() {
    let app = TestApp::new().await;
    let _ = app.member("ada", "owner").await;
    let bob = app.member("bob", "admin").await;
    let invited = json!({"email": "eve@example.com", "role": "editor"});
    let made = bob.post("/invitations", invited.clone()).await.expect(201);
    let token = |made: &Json| {
        let url = made["url"].as_str().unwrap();
        url.rsplit_once("/invitation?token=").unwrap().1.to_owned()
    };
    let listed = app.user().pages("/api/v1/invitations").await;
    assert_eq!(listed[0]["email"], "eve@example.com");
    assert_eq!(listed[0].get("url"), None, "the link is shown once");
    let nobody = app.nobody();
    let look = async |token: &str| {
        nobody
            .get(&format!("/invitations/by-token?token={token}"))
            .await
    };
    let found = look(&token(&made)).await.expect(200);
    assert_eq!(
        (&found["role"], &found["workspace_name"]),
        (&json!("editor"), &json!("First"))
    );
    let accept = async |token: &str| {
        let body = json!({"token": token, "name": "Eve", "password": PASSWORD});
        nobody.post("/invitations/accept", body).await
    };
    let gone = (404, "not_found".to_owned());
    // A newer one takes the place of the older one.
    let newer = bob.post("/invitations", invited.clone()).await.expect(201);
    assert_eq!(look(&token(&made)).await.refusal(), gone);
    let id = newer["id"].as_str().unwrap();
    assert_eq!(bob.delete(&format!("/invitations/{id}")).await.status, 204);
    assert_eq!(accept(&token(&newer)).await.refusal(), gone);
    let late = bob.post("/invitations", invited.clone()).await.expect(201);
    app.passes(HOUR * 24 * 7);
    assert_eq!(accept(&token(&late)).await.refusal(), gone);
    let login = app.log_in("bob", PASSWORD).await;
    let bob = user(&nobody.client().logged_in(&login));
    let of_bob = bob.post("/invitations", invited.clone()).await.expect(201);
    let path = format!("/members/{}", id_of(&app, "bob").await);
    let demoted = app.user().patch(&path, json!({"role": "editor"})).await;
    assert_eq!(demoted.status, 200);
    assert_eq!(accept(&token(&of_bob)).await.refusal(), gone);
    let good = app.user().post("/invitations", invited.clone()).await;
    let good = token(&good.expect(201));
    let accepted = accept(&good).await.expect(200);
    assert_eq!(accepted["member"]["role"], "editor");
    assert_eq!(accept(&good).await.refusal(), gone);
    let again = app.user().post("/invitations", invited).await;
    assert_eq!(again.refusal(), (409, "conflict".to_owned()));
    assert_eq!(look("lki_nonsense").await.refusal(), gone);
}

#[tokio::test]
async fn an_invitation_of_a_key_that_was_revoked_is_none() {
    let app = TestApp::new().await;
    let key = json!({"name": "leaked", "scopes": ["members:write", "members:read", "workflows:read", "runs:read", "credentials:read", "usage:read", "datasets:read"]});
    let made = app.user().post("/api-keys", key).await.expect(201);
    let leaked = user(&app.nobody().client().with_key(made["key"].as_str()));
    let invited = json!({"email": "eve@example.com", "role": "viewer"});
    let invited = leaked.post("/invitations", invited).await.expect(201);
    let (_, token) = invited["url"]
        .as_str()
        .unwrap()
        .split_once("token=")
        .unwrap();
    let path = format!("/invitations/by-token?token={token}");
    assert_eq!(app.nobody().get(&path).await.status, 200);
    let id = made["id"].as_str().unwrap();
    assert_eq!(
        app.user().delete(&format!("/api-keys/{id}")).await.status,
        204
    );
    assert_eq!(app.nobody().get(&path).await.status, 404);
}

#[tokio::test]
async fn a_draft_that_was_changed_meanwhile_tells_by_whom() {
    let app = TestApp::new().await;
    let (ada, bob) = (
        app.member("ada", "owner").await,
        app.member("bob", "editor").await,
    );
    let workflow = app.publish(&document::light()).await;
    let path = workflow.path("/draft");
    let read = ada.client().get(&path).await;
    let (seen, draft) = (read.header("etag").unwrap().to_owned(), read.expect(200));
    let put = async |user: &User| {
        let ask = user.client().request("PUT", &path).json(&draft);
        ask.header("if-match", &seen).send().await
    };
    assert_eq!(put(&bob).await.status, 200);
    let refused = put(&ada).await;
    assert_eq!(refused.refusal(), (412, "version_conflict".to_owned()));
    let changed = &refused.expect(412)["changed"];
    let by = format!("member:{}", id_of(&app, "bob").await);
    let expected = json!({"revision": 2, "at": app.now(), "by": by, "by_name": "bob"});
    assert_eq!(*changed, expected);
    let audit = ada.get("/audit?action=workflow.draft").await.expect(200);
    let row = &audit["data"][0];
    assert_eq!(
        (&row["actor"], &row["actor_name"]),
        (&json!(by), &json!("bob"))
    );
}

async fn check_first_token(setup: Setup) {
    let mut server = setup.with("LATCHKEY_FIRST_TOKEN", "").prepare();
    server.start().await;
    let file = server.data().join("first-token");
    let token = std::fs::read_to_string(&file).unwrap();
    let client = Client::new(&server.url(), None);
    let body = json!({"token": token.trim(), "name": "Ada", "email": "ada@example.com", "password": PASSWORD});
    let made = client.post("/api/v1/setup", body).await;
    let ada = client.logged_in(&made);
    assert!(!file.exists(), "there is an owner");
    assert_eq!(ada.get("/api/v1/session").await.status, 200);
    server.kill();
    server.start().await;
    assert_eq!(
        ada.get("/api/v1/session").await.status,
        200,
        "a session survives"
    );
    assert!(!file.exists());
    check_reset(&server, &ada).await;
    let printed = server.printed();
    for secret in [PASSWORD, "lks_", "test-password-3"] {
        assert!(!printed.contains(secret), "{secret}");
    }
}

/// Somebody has forgotten his password, and the server runs.
async fn check_reset(server: &Server, ada: &Client) {
    let said = |output: std::process::Output| {
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let listed = said(server.cli(&["members", "list"]));
    assert!(
        listed.contains("ada@example.com") && listed.contains("owner"),
        "{listed}"
    );
    let log_in = async |password: &str| {
        let body = json!({"email": "ada@example.com", "password": password});
        let client = Client::new(&server.url(), None);
        client.post("/api/v1/session", body).await.status
    };
    let reset = ["members", "reset-password", "ada@example.com"];
    let generated = said(server.cli(&reset));
    let generated = generated.lines().last().unwrap();
    assert_eq!(ada.get("/api/v1/session").await.status, 401, "sessions end");
    assert_eq!(
        (log_in(PASSWORD).await, log_in(generated).await),
        (401, 200)
    );
    let stated = [&reset[..], &["--password-stdin"]].concat();
    said(server.cli_with_input(&stated, "test-password-3\n"));
    assert_eq!(log_in("test-password-3").await, 200);
    let weak = server.cli_with_input(&stated, "short");
    assert_eq!(weak.status.code(), Some(2), "{weak:?}");
    let unknown = server.cli(&["members", "reset-password", "eve@example.com"]);
    assert_eq!(unknown.status.code(), Some(3), "{unknown:?}");
}

#[tokio::test]
async fn the_first_tokens_file_goes_when_there_is_an_owner_who_can_be_let_in_again() {
    check_first_token(Setup::sqlite()).await;
}

#[tokio::test]
async fn the_first_tokens_file_goes_when_there_is_an_owner_who_can_be_let_in_again_on_postgres() {
    let postgres = requires!(postgres);
    check_first_token(Setup::postgres(postgres).await).await;
}

#[tokio::test]
async fn over_tls_the_cookie_is_for_nothing_else() {
    let setup = Setup::sqlite().with("LATCHKEY_PUBLIC_URL", "https://latchkey.example.com");
    let server = setup.start().await;
    let client = Client::new(&server.url(), None);
    let body = json!({"token": server.token(), "name": "Ada", "email": "ada@example.com", "password": PASSWORD});
    let made = client.post("/api/v1/setup", body).await;
    let cookie = made.header("set-cookie").unwrap();
    assert!(
        cookie.starts_with("__Host-latchkey_session=lks_"),
        "{cookie}"
    );
    assert!(cookie.contains("Secure"), "{cookie}");
    let ada = client.logged_in(&made);
    assert_eq!(ada.get("/api/v1/session").await.status, 200);
}
