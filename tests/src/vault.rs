//! A real server that speaks Vault's API, where there is one: `bao` (OpenBao) or `vault` on the path, or the binary that
//! `LATCHKEY_TEST_VAULT` names. It keeps everything in memory.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::{Value as Json, json};

use crate::client::Client;
use crate::wait;

const ROOT: &str = "root-token-of-a-test";

/// The running server. Dropping it ends it.
pub struct Vault {
    child: Child,
    url: String,
}

/// A role's id and secret.
pub struct Role {
    /// The id.
    pub id: String,
    /// The secret.
    pub secret: String,
}

impl Vault {
    /// Starts one; none where there is no binary.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn start() -> Option<Self> {
        let binary = crate::requirement::vault()?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a loopback port is free");
        let address = listener.local_addr().expect("it is bound");
        drop(listener);
        let child = Self::command(&binary, &address.to_string())
            .spawn()
            .expect("the Vault server starts");
        let vault = Self {
            child,
            url: format!("http://{address}"),
        };
        wait::until("the Vault server is ready", async || {
            let health = vault.client().request("GET", "/v1/sys/health");
            let health = health.try_send().await.ok()?;
            (health.status == 200).then_some(())
        })
        .await;
        Some(vault)
    }

    fn command(binary: &PathBuf, address: &str) -> Command {
        let mut command = Command::new(binary);
        command
            .args(["server", "-dev", "-dev-no-store-token"])
            .arg(format!("-dev-root-token-id={ROOT}"))
            .arg(format!("-dev-listen-address={address}"))
            .env_clear()
            .env("HOME", std::env::temp_dir())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The token that may do everything.
    #[must_use]
    pub const fn root(&self) -> &str {
        ROOT
    }

    fn client(&self) -> Client {
        Client::new(&self.url, None)
    }

    async fn ask(&self, method: &str, path: &str, body: Json) -> Json {
        let mut ask = self.client().request(method, &format!("/v1/{path}"));
        if !body.is_null() {
            ask = ask.json(&body);
        }
        let answer = ask.header("x-vault-token", ROOT).send().await;
        assert!(answer.status < 300, "{path}: {}", answer.text);
        serde_json::from_str(&answer.text).unwrap_or(Json::Null)
    }

    /// Writes a secret of the store at `secret`.
    pub async fn write(&self, path: &str, data: Json) {
        self.ask(
            "POST",
            &format!("secret/data/{path}"),
            json!({"data": data}),
        )
        .await;
    }

    /// Makes a role that may read the secrets under a path.
    pub async fn role(&self, path: &str) -> Role {
        self.ask("POST", "sys/auth/approle", json!({"type": "approle"}))
            .await;
        let policy = format!("path \"secret/data/{path}/*\" {{ capabilities = [\"read\"] }}");
        self.ask("PUT", "sys/policies/acl/reads", json!({"policy": policy}))
            .await;
        let role = json!({"token_policies": ["reads"], "token_ttl": "10m"});
        self.ask("POST", "auth/approle/role/latchkey", role).await;
        let text =
            |answer: Json, name: &str| answer["data"][name].as_str().unwrap_or_default().to_owned();
        let id = self.ask("GET", "auth/approle/role/latchkey/role-id", Json::Null);
        let secret = self.ask("POST", "auth/approle/role/latchkey/secret-id", json!({}));
        Role {
            id: text(id.await, "role_id"),
            secret: text(secret.await, "secret_id"),
        }
    }
}

impl Drop for Vault {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
