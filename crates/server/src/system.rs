//! The operator's own credentials, out of the settings.

use latchkey_domain::provider::ProviderId;
use latchkey_models::catalogue::Catalogue;
use latchkey_models::{SystemCredential, check_form};
use latchkey_service::SystemCredentials;

use crate::config::{Error, Settings};

/// The credentials that may pay; none while they are switched off.
///
/// # Errors
/// When one of them is not what its provider's form wants; also while they are switched off, so that it is not found out
/// on the day when they are needed.
pub(crate) fn credentials(settings: &Settings) -> Result<SystemCredentials, Error> {
    let wrong = |name: &str, why: &str| Error::invalid(format!("system.{name}"), why);
    let catalogue = Catalogue::built_in();
    let mut all = SystemCredentials::new();
    for (name, given) in &settings.system {
        let provider = ProviderId::normalise(name);
        let info = catalogue.provider(&provider);
        let info = info.ok_or_else(|| wrong(name, "there is no such provider"))?;
        let form = check_form(info, &given.fields, given.hosts.as_deref());
        let form = form.map_err(|problems| {
            let told: Vec<String> = problems
                .into_iter()
                .map(|problem| problem.message)
                .collect();
            wrong(name, &told.join("; "))
        })?;
        let credential = SystemCredential {
            hosts: form.hosts,
            settings: form.settings,
            values: form.values,
        };
        if all.insert(provider, credential).is_some() {
            return Err(wrong(name, "the provider has another one"));
        }
    }
    if !settings.system_credentials {
        all.clear();
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use latchkey_domain::provider::ProviderId;

    use super::credentials;
    use crate::config::{Environment, Settings};

    fn of(toml: &str, switch: &str) -> anyhow::Result<super::SystemCredentials> {
        let file = std::env::temp_dir().join(uuid::Uuid::now_v7().to_string());
        std::fs::write(&file, toml)?;
        let variables = [("LATCHKEY_SYSTEM_CREDENTIALS", switch)];
        let settings = Settings::load(Some(&file), &Environment::of(&variables));
        std::fs::remove_file(&file)?;
        let settings = settings.map_err(|error| anyhow::anyhow!("{error}"))?;
        credentials(&settings).map_err(|error| anyhow::anyhow!("{error}"))
    }

    const OPENAI: &str = "[system.openai]\napi_key = 'test-key'\n";

    #[test]
    fn the_operators_credentials_are_there_when_they_are_switched_on() {
        assert!(of(OPENAI, "off").unwrap().is_empty());
        let on = of(OPENAI, "on").unwrap();
        let own = &on[&ProviderId::normalise("openai")];
        assert_eq!(own.hosts, ["api.openai.com"]);
        assert_eq!(own.values.secret("api_key"), Some("test-key"));
    }

    #[test]
    fn a_wrong_one_is_refused_at_the_start_without_its_values() {
        for (toml, told) in [
            ("[system.nobody]\napi_key = 'test-key'\n", "system.nobody"),
            ("[system.openai]\nsecret = 'test-key'\n", "no field secret"),
            ("[system.openai]\nbase_url = 'x'\n", "api_key is required"),
            ("[system.openai]\napi_key = 7\n", "system.openai.api_key"),
            ("system = 'test-key'\n", "system"),
        ] {
            let error = of(toml, "off").unwrap_err().to_string();
            assert!(error.contains(told), "{toml}: {error}");
            assert!(!error.contains("test-key"), "{error}");
        }
    }
}
