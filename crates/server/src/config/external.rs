//! Where values of credentials may be kept instead of here.

use std::collections::BTreeMap;
use std::path::PathBuf;

use latchkey_secrets::Secret;

use super::environment::Environment;
use super::error::Error;
use super::layers::Layers;
use super::web_address;

/// What an operator lets credentials refer to.
#[derive(Debug, Default)]
pub(crate) struct External {
    /// Patterns of references.
    pub(crate) allowed: Vec<String>,
    /// The variables that they may mean.
    pub(crate) environment: BTreeMap<String, Secret<String>>,
    /// The Vault server.
    pub(crate) vault: Option<Vault>,
}

/// A Vault server and how we are let in.
#[derive(Debug)]
pub(crate) struct Vault {
    pub(crate) url: String,
    pub(crate) namespace: Option<String>,
    pub(crate) auth: VaultAuth,
}

/// How we are let in.
#[derive(Debug)]
pub(crate) enum VaultAuth {
    /// A token.
    Token(Secret<String>),
    /// A file with a token that somebody keeps fresh.
    TokenFile(PathBuf),
    /// A role's id and secret.
    AppRole(Secret<String>, Secret<String>),
}

/// Reads these settings, and of the environment's variables those that the patterns may mean.
pub(super) fn read(layers: &Layers, environment: &Environment) -> Result<External, Error> {
    let allowed = layers.parse("references", patterns, Vec::new)?;
    let names = allowed
        .iter()
        .filter_map(|pattern| pattern.strip_prefix("env:"));
    Ok(External {
        environment: environment.matching(names)?,
        vault: vault(layers)?,
        allowed,
    })
}

/// These settings with their values, secrets masked.
pub(super) fn shown(external: &External) -> Vec<(&'static str, Option<String>)> {
    let masked = || Some("…".to_owned());
    let vault = external.vault.as_ref();
    let [mut token, mut token_path, mut role_id, mut secret_id] = [None, None, None, None];
    match vault.map(|vault| &vault.auth) {
        None => {}
        Some(VaultAuth::Token(_)) => token = masked(),
        Some(VaultAuth::TokenFile(path)) => token_path = Some(path.display().to_string()),
        Some(VaultAuth::AppRole(..)) => (role_id, secret_id) = (masked(), masked()),
    }
    vec![
        ("references", Some(external.allowed.join(","))),
        ("vault_url", vault.map(|vault| vault.url.clone())),
        (
            "vault_namespace",
            vault.and_then(|vault| vault.namespace.clone()),
        ),
        ("vault_token", token),
        ("vault_token_path", token_path),
        ("vault_role_id", role_id),
        ("vault_secret_id", secret_id),
    ]
}

fn patterns(text: &str) -> Result<Vec<String>, String> {
    let parts = text.split(',').map(str::trim);
    let patterns: Vec<String> = parts
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect();
    let is_known = |pattern: &str| {
        let kinds = ["env:", "file:/", "vault:"];
        kinds.iter().any(|kind| pattern.starts_with(kind))
    };
    match patterns.iter().find(|pattern| !is_known(pattern)) {
        None => Ok(patterns),
        Some(_) => {
            Err("each pattern begins with env:, file:/ or vault:, such as env:OPENAI_*".to_owned())
        }
    }
}

fn vault(layers: &Layers) -> Result<Option<Vault>, Error> {
    let secret = |name| layers.secret(name, |_| Ok(()));
    let token = secret("vault_token")?;
    let (role_id, secret_id) = (secret("vault_role_id")?, secret("vault_secret_id")?);
    let path = layers.get("vault_token_path").map(PathBuf::from);
    let namespace = layers.get("vault_namespace").map(str::to_owned);
    let url = layers.parse("vault_url", |text| web_address(text).map(Some), || None)?;
    let wrong = |why: &str| Err(Error::invalid("LATCHKEY_VAULT_URL", why));
    let Some(url) = url else {
        let has_any = token.is_some() || role_id.is_some() || secret_id.is_some() || path.is_some();
        if has_any {
            return wrong("it is needed with the other settings of Vault");
        }
        return Ok(None);
    };
    let auth = match (token, path, role_id, secret_id) {
        (Some(token), None, None, None) => VaultAuth::Token(token),
        (None, Some(path), None, None) => VaultAuth::TokenFile(path),
        (None, None, Some(role), Some(secret)) => VaultAuth::AppRole(role, secret),
        _ => {
            return wrong(
                "one way in is needed with it: LATCHKEY_VAULT_TOKEN, LATCHKEY_VAULT_TOKEN_PATH, or LATCHKEY_VAULT_ROLE_ID with LATCHKEY_VAULT_SECRET_ID",
            );
        }
    };
    Ok(Some(Vault {
        url,
        namespace,
        auth,
    }))
}

#[cfg(test)]
mod tests {
    use super::super::{Environment, Settings};
    use super::{External, VaultAuth};

    fn of(variables: &[(&str, &str)]) -> Result<External, String> {
        let settings = Settings::load(None, &Environment::of(variables));
        settings
            .map(|settings| settings.external)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn only_variables_that_a_pattern_means_are_taken() {
        let external = of(&[
            (
                "LATCHKEY_REFERENCES",
                "env:OPENAI_*, env:ONE ,file:/run/secrets/*",
            ),
            ("OPENAI_API_KEY", "test-key-1"),
            ("ONE", "test-key-2"),
            ("ONE_MORE", "test-key-3"),
            ("AWS_SECRET", "test-key-4"),
        ])
        .unwrap();
        let names: Vec<&String> = external.environment.keys().collect();
        assert_eq!(names, ["ONE", "OPENAI_API_KEY"]);
        assert_eq!(external.allowed.len(), 3);
        assert!(of(&[("AWS_SECRET", "x")]).unwrap().environment.is_empty());
        let wrong = of(&[("LATCHKEY_REFERENCES", "OPENAI_*")]).unwrap_err();
        assert!(wrong.contains("LATCHKEY_REFERENCES"), "{wrong}");
    }

    #[test]
    fn a_vault_has_one_way_in() {
        let url = ("LATCHKEY_VAULT_URL", "http://127.0.0.1:8200/");
        let token = ("LATCHKEY_VAULT_TOKEN", "test-token-1");
        let role = ("LATCHKEY_VAULT_ROLE_ID", "role");
        let secret = ("LATCHKEY_VAULT_SECRET_ID", "test-secret-1");
        let path = ("LATCHKEY_VAULT_TOKEN_PATH", "/run/vault-token");
        let vault = of(&[url, token]).unwrap().vault.unwrap();
        assert_eq!(vault.url, "http://127.0.0.1:8200");
        assert!(matches!(vault.auth, VaultAuth::Token(_)));
        let vault = of(&[url, role, secret]).unwrap().vault.unwrap();
        assert!(matches!(vault.auth, VaultAuth::AppRole(..)));
        let vault = of(&[url, path]).unwrap().vault.unwrap();
        assert!(matches!(vault.auth, VaultAuth::TokenFile(_)));
        for wrong in [
            &[url][..],
            &[token],
            &[url, token, role, secret],
            &[url, role],
            &[("LATCHKEY_VAULT_URL", "127.0.0.1"), token],
        ] {
            let told = of(wrong).unwrap_err();
            assert!(told.contains("VAULT"), "{told}");
            assert!(!told.contains("test-token-1"), "{told}");
        }
    }
}
