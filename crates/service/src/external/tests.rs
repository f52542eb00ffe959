//! Values that are kept elsewhere. What the Vault server says here was recorded from OpenBao 2.7.2, which speaks Vault's API; a
//! test of the whole asks a real one where there is one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use latchkey_domain::credential::ValueReference;
use latchkey_domain::id::WorkspaceId;
use latchkey_domain::time::Timestamp;
use latchkey_engine::clock::ManualClock;
use latchkey_outbound::{Error as SendError, Outbound, Request, Response};
use latchkey_secrets::Secret;
use uuid::Uuid;

use super::{External, ExternalError, ExternalValues, VaultAuth, VaultServer};

const WORKSPACE: WorkspaceId = WorkspaceId::new(Uuid::from_u128(1));

const SECRET: &str = r#"{"request_id":"facd73a6-822a-b1bd-b88b-8c4f3d213fa1","lease_id":"","renewable":false,"lease_duration":0,"data":{"data":{"api_key":"test-key-from-vault","n":5,"o":{"a":1}},"metadata":{"created_time":"2026-11-27T13:06:11.663597521Z","custom_metadata":null,"deletion_time":"","destroyed":false,"version":1}},"wrap_info":null,"warnings":null,"auth":null}"#;
const DELETED: &str = r#"{"request_id":"1245d568-8f47-6480-67f2-0f02cd94f238","lease_id":"","renewable":false,"lease_duration":0,"data":{"data":null,"metadata":{"created_time":"2026-11-27T13:06:11.663597521Z","custom_metadata":null,"deletion_time":"2026-11-27T13:06:18.739921563Z","destroyed":false,"version":1}},"wrap_info":null,"warnings":null,"auth":null}"#;
const LOGIN: &str = r#"{"request_id":"5f407fc6-2cae-bc3d-bf8c-55fbe418d200","lease_id":"","renewable":false,"lease_duration":0,"data":null,"wrap_info":null,"warnings":null,"auth":{"client_token":"test-token-of-role","accessor":"jAkKGvasae91GuT6VIsED5VX","policies":["default","reads"],"token_policies":["default","reads"],"metadata":{"role_name":"latchkey"},"lease_duration":600,"renewable":true,"entity_id":"fcdf2a06-c8b1-0375-3720-9a2d99f3e0ee","token_type":"service","orphan":true,"mfa_requirement":null,"num_uses":0}}"#;
const DENIED: (u16, &str) = (403, r#"{"errors":["permission denied"]}"#);
const NOTHING: (u16, &str) = (404, r#"{"errors":[]}"#);
const NO_ROLE: (u16, &str) = (400, r#"{"errors":["invalid role or secret ID"]}"#);
const SEALED: (u16, &str) = (503, r#"{"errors":["Vault is sealed"]}"#);

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(Timestamp::from_millis(1_795_000_000_000)))
}

fn reference(text: &str) -> ValueReference {
    text.parse().unwrap()
}

/// A Vault server that gives these answers in turn, the last for ever, and what it was asked: method, URL and token.
struct Script {
    external: External,
    clock: Arc<ManualClock>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Script {
    fn of(auth: VaultAuth, answers: &[(u16, &str)]) -> Self {
        let answers: Vec<(u16, String)> = answers
            .iter()
            .map(|(status, body)| (*status, (*body).to_owned()))
            .collect();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&asked);
        let answer = move |request: &Request| -> Result<Response, SendError> {
            let mut told = told.lock().unwrap();
            let token = request.headers().find(|(name, _)| *name == "x-vault-token");
            let token = token.map_or("-", |(_, token)| token);
            told.push(format!(
                "{} {} {token}",
                request.method().as_str(),
                request.url()
            ));
            let (status, body) = answers[(told.len() - 1).min(answers.len() - 1)].clone();
            Ok(Response::ready(status, Vec::new(), body))
        };
        let server = VaultServer {
            url: "https://vault.test".to_owned(),
            namespace: None,
            auth,
            outbound: Outbound::scripted(Arc::new(answer)),
        };
        let clock = clock();
        let config = ExternalValues {
            allowed: vec!["vault:secret/latchkey/*".to_owned()],
            vault: Some(server),
            ..ExternalValues::default()
        };
        Self {
            external: External::new(config, Arc::clone(&clock) as _),
            clock,
            asked,
        }
    }

    fn with_token(answers: &[(u16, &str)]) -> Self {
        Self::of(VaultAuth::Token(Secret::from("test-token")), answers)
    }

    async fn read(&self, text: &str) -> Result<String, ExternalError> {
        let value = self.external.read(WORKSPACE, &reference(text)).await;
        value.map(|value| value.expose().clone())
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

const KEY: &str = "vault:secret/latchkey/openai#api_key";

#[tokio::test]
async fn a_secret_of_vault_is_read_by_path_and_field() {
    let vault = Script::with_token(&[(200, SECRET)]);
    assert_eq!(vault.read(KEY).await.unwrap(), "test-key-from-vault");
    let number = vault.read("vault:secret/latchkey/openai#n").await;
    assert_eq!(number.unwrap(), "5");
    let asked = "GET https://vault.test/v1/secret/data/latchkey/openai test-token";
    assert_eq!(vault.asked(), [asked, asked]);
    let object = vault.read("vault:secret/latchkey/openai#o").await;
    assert!(matches!(object, Err(ExternalError::Unusable(..))));
    let other = vault.read("vault:secret/latchkey/openai#none").await;
    assert!(matches!(other, Err(ExternalError::Missing(_))));
}

#[tokio::test]
async fn what_vault_does_not_hand_out_is_told_without_its_words() {
    for (answer, expected) in [
        (
            DENIED,
            format!("{KEY} cannot be read: the Vault server answered 403"),
        ),
        (NOTHING, format!("{KEY} is not there")),
        ((404, DELETED), format!("{KEY} is not there")),
        (
            SEALED,
            format!("{KEY} cannot be read now: the Vault server answered 503"),
        ),
        (
            (200, "test-key-from-vault"),
            format!("{KEY} cannot be read: the Vault server's answer is no JSON"),
        ),
    ] {
        let told = Script::with_token(&[answer]).read(KEY).await.unwrap_err();
        assert_eq!(told.to_string(), expected);
    }
    let none = ExternalValues {
        allowed: vec!["vault:*".to_owned()],
        ..ExternalValues::default()
    };
    let none = External::new(none, clock());
    let told = none.read(WORKSPACE, &reference(KEY)).await.unwrap_err();
    assert!(told.to_string().contains("LATCHKEY_VAULT_URL"), "{told}");
}

fn role() -> VaultAuth {
    VaultAuth::AppRole {
        role_id: Secret::from("role"),
        secret_id: Secret::from("test-secret"),
    }
}

#[tokio::test]
async fn a_role_logs_in_once_again_before_its_token_ends_and_when_it_was_revoked() {
    let answers = [
        (200, LOGIN),
        (200, SECRET),
        (200, SECRET),
        DENIED,
        (200, LOGIN),
        (200, SECRET),
    ];
    let vault = Script::of(role(), &answers);
    let login = "POST https://vault.test/v1/auth/approle/login -";
    let read = "GET https://vault.test/v1/secret/data/latchkey/openai test-token-of-role";
    assert!(vault.read(KEY).await.is_ok());
    vault.clock.advance(61000);
    assert!(vault.read(KEY).await.is_ok());
    assert_eq!(vault.asked(), [login, read, read]);
    vault.clock.advance(61000);
    assert!(vault.read(KEY).await.is_ok(), "it logs in again");
    assert_eq!(vault.asked()[3..], [read, login, read]);
    vault.clock.advance(480000);
    assert!(
        vault.read(KEY).await.is_err(),
        "the script has no login any more"
    );
    assert_eq!(vault.asked()[6], login, "four fifths of its time are over");
}

#[tokio::test]
async fn a_role_that_is_refused_is_told() {
    let told = Script::of(role(), &[NO_ROLE]).read(KEY).await.unwrap_err();
    let expected = format!("{KEY} cannot be read: the Vault server refused the role: 400");
    assert_eq!(told.to_string(), expected);
}

#[tokio::test]
async fn a_value_is_remembered_and_stands_in_for_a_server_that_is_away_for_a_while() {
    let vault = Script::with_token(&[(200, SECRET), SEALED]);
    for _ in 0..5 {
        assert!(vault.read(KEY).await.is_ok());
    }
    assert_eq!(vault.asked().len(), 1);
    vault.clock.advance(61000);
    for _ in 0..5 {
        assert_eq!(vault.read(KEY).await.unwrap(), "test-key-from-vault");
    }
    assert_eq!(
        vault.asked().len(),
        2,
        "a server in trouble is not asked by every call"
    );
    vault.clock.advance(300000);
    assert!(matches!(
        vault.read(KEY).await,
        Err(ExternalError::Away(..))
    ));
}

#[tokio::test]
async fn a_value_that_was_taken_away_stands_in_for_nothing() {
    let vault = Script::with_token(&[(200, SECRET), DENIED]);
    assert!(vault.read(KEY).await.is_ok());
    vault.clock.advance(61000);
    assert!(matches!(
        vault.read(KEY).await,
        Err(ExternalError::Refused(..))
    ));
}

#[tokio::test]
async fn a_file_is_read_again_after_a_short_time_without_its_line_end() {
    let folder = std::env::temp_dir().join(Uuid::now_v7().to_string());
    std::fs::create_dir(&folder).unwrap();
    let path = folder.join("key");
    let shown = path.display().to_string();
    let allowed = ExternalValues {
        allowed: vec![format!("file:{}/*", folder.display())],
        ..ExternalValues::default()
    };
    let clock = clock();
    let external = External::new(allowed, Arc::clone(&clock) as _);
    let read = async || {
        let value = external
            .read(WORKSPACE, &reference(&format!("file:{shown}")))
            .await;
        value.map(|value| value.expose().clone())
    };
    assert!(matches!(read().await, Err(ExternalError::Missing(_))));
    clock.advance(3000);
    std::fs::write(&path, "test-key-1\n").unwrap();
    assert_eq!(read().await.unwrap(), "test-key-1");
    std::fs::write(&path, "test-key-2\r\n").unwrap();
    assert_eq!(read().await.unwrap(), "test-key-1", "it is remembered");
    clock.advance(6000);
    assert_eq!(read().await.unwrap(), "test-key-2");
    for (content, why) in [
        (vec![], "empty"),
        (b"a\nb".to_vec(), "control"),
        (vec![0xff, 0xfe], "no text"),
        (vec![b'x'; 65_537], "64 KiB"),
    ] {
        clock.advance(6000);
        std::fs::write(&path, content).unwrap();
        let told = read().await.unwrap_err().to_string();
        assert!(told.contains(why), "{told}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn only_what_the_operator_allows_is_read() {
    let config = ExternalValues {
        allowed: vec!["env:MODEL_*".to_owned()],
        environment: BTreeMap::from([
            ("MODEL_KEY".to_owned(), Secret::from("test-key-1")),
            ("OTHER".to_owned(), Secret::from("test-key-2")),
        ]),
        vault: None,
    };
    let external = External::new(config, clock());
    let read = async |text: &str| {
        let value = external.read(WORKSPACE, &reference(text)).await;
        value.map(|value| value.expose().clone())
    };
    assert_eq!(read("env:MODEL_KEY").await.unwrap(), "test-key-1");
    assert!(matches!(
        read("env:MODEL_NONE").await,
        Err(ExternalError::Missing(_))
    ));
    for text in ["env:OTHER", "file:/etc/passwd", KEY] {
        let told = read(text).await.unwrap_err();
        assert_eq!(told, ExternalError::NotAllowed(reference(text)));
        assert!(!told.to_string().contains("test-key"), "{told}");
    }
}
