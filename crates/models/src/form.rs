//! Checking what somebody enters as a credential against its provider's form.

use std::collections::BTreeMap;

use latchkey_outbound::target_host;
use latchkey_secrets::Secret;

use crate::catalogue::{Field, FieldKind, ProviderInfo, SecretNeed};
use crate::hosts::{host_is_allowed, is_host_entry};
use crate::source::CredentialValues;

/// A form that is filled in well, sorted by what happens to its fields.
#[derive(Clone, Debug, Default)]
pub struct FormValues {
    /// Fields that may be shown.
    pub settings: BTreeMap<String, String>,
    /// Fields that are sealed.
    pub values: CredentialValues,
    /// Where the credential may be sent.
    pub hosts: Vec<String>,
}

/// One thing that is wrong with a form. No text of it holds a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormProblem {
    /// The field.
    pub field: String,
    /// A stable code: `required`, `unknown_field`, `too_long`, `invalid_option`, `invalid_url`, `invalid_host`,
    /// `host_not_listed`, `invalid_characters`.
    pub code: &'static str,
    /// The message, for people.
    pub message: String,
}

const MAX_LENGTH: usize = 8192;

/// Checks the fields and sorts them. Without stated hosts, a credential may be sent to the host of its URL only.
///
/// # Errors
/// Everything that is wrong with them.
pub fn check_form(
    provider: &ProviderInfo,
    given: &BTreeMap<String, Secret<String>>,
    hosts: Option<&[String]>,
) -> Result<FormValues, Vec<FormProblem>> {
    let mut form = FormValues::default();
    let mut problems: Vec<FormProblem> = given
        .keys()
        .filter(|name| !provider.fields.iter().any(|field| field.name == **name))
        .map(|name| {
            problem(
                name,
                "unknown_field",
                format!("{} has no field {name}", provider.id),
            )
        })
        .collect();
    for field in &provider.fields {
        let value = given.get(&field.name).map(|value| value.expose().as_str());
        if let Err(wrong) = take(field, value, &mut form) {
            problems.push(wrong);
        }
    }
    if let Some(wrong) = lacks_secret(provider, &form).filter(|_| problems.is_empty()) {
        problems.push(wrong);
    }
    match allowed_hosts(provider, &form, hosts) {
        Ok(hosts) => form.hosts = hosts,
        Err(wrong) => problems.push(wrong),
    }
    if problems.is_empty() {
        Ok(form)
    } else {
        Err(problems)
    }
}

/// Where one of several secrets is enough, one is needed all the same.
fn lacks_secret(provider: &ProviderInfo, form: &FormValues) -> Option<FormProblem> {
    let is_needed = provider.secrets == SecretNeed::Required && form.values.secrets.is_empty();
    let is_secret = |field: &&Field| field.kind == FieldKind::Secret;
    let first = provider
        .fields
        .iter()
        .find(is_secret)
        .filter(|_| is_needed)?;
    let secrets = provider.fields.iter().filter(is_secret);
    let names: Vec<&str> = secrets.map(|field| field.name.as_str()).collect();
    let message = format!("one of {} is required", names.join(", "));
    Some(problem(&first.name, "required", message))
}

fn take(field: &Field, value: Option<&str>, form: &mut FormValues) -> Result<(), FormProblem> {
    let name = &field.name;
    let value = match value.filter(|value| !value.is_empty()) {
        Some(value) => value,
        None if field.required => {
            return Err(problem(name, "required", format!("{name} is required")));
        }
        None => match &field.default {
            Some(default) => default,
            None => return Ok(()),
        },
    };
    let packed = packed(field, value);
    let value = packed.as_deref().unwrap_or(value);
    if value.len() > MAX_LENGTH {
        let message = format!("{name} is longer than {MAX_LENGTH} bytes");
        return Err(problem(name, "too_long", message));
    }
    if value.chars().any(char::is_control) {
        let message = format!("{name} holds control characters, such as a line feed");
        return Err(problem(name, "invalid_characters", message));
    }
    match &field.kind {
        FieldKind::Secret => {
            form.values
                .secrets
                .insert(name.clone(), Secret::from(value));
            return Ok(());
        }
        FieldKind::Url if target_host(value).is_none() => {
            let message = format!("{name} is no http or https URL without a user name");
            return Err(problem(name, "invalid_url", message));
        }
        FieldKind::Url if value.contains(['?', '#']) => {
            let message =
                format!("{name} has a query or a fragment, to which no path can be added");
            return Err(problem(name, "invalid_url", message));
        }
        FieldKind::Select(options) if !options.iter().any(|option| option == value) => {
            let message = format!("{name} is none of {}", options.join(", "));
            return Err(problem(name, "invalid_option", message));
        }
        FieldKind::Url | FieldKind::Select(_) | FieldKind::Text => {}
    }
    form.settings.insert(name.clone(), value.to_owned());
    Ok(())
}

/// A secret that is a JSON object, such as the file of a service account, without the line feeds between its fields.
fn packed(field: &Field, value: &str) -> Option<String> {
    let is_object = field.kind == FieldKind::Secret && value.trim_start().starts_with('{');
    let object: Option<serde_json::Map<String, serde_json::Value>> = is_object
        .then(|| serde_json::from_str(value).ok())
        .flatten();
    object.and_then(|object| serde_json::to_string(&object).ok())
}

fn allowed_hosts(
    provider: &ProviderInfo,
    form: &FormValues,
    stated: Option<&[String]>,
) -> Result<Vec<String>, FormProblem> {
    let url = provider.address(&form.settings);
    let url = url.as_deref();
    let Some(stated) = stated.filter(|hosts| !hosts.is_empty()) else {
        let hosts: Vec<String> = url.and_then(target_host).into_iter().collect();
        if hosts.is_empty() && provider.secrets != SecretNeed::Never {
            return Err(problem(
                "hosts",
                "required",
                "nothing says where it may be sent".to_owned(),
            ));
        }
        return Ok(hosts);
    };
    if let Some(bad) = stated.iter().find(|host| !is_host_entry(host)) {
        return Err(problem(
            "hosts",
            "invalid_host",
            format!("{bad} is no host or host:port"),
        ));
    }
    let is_own = form.settings.contains_key("base_url");
    if url.is_some_and(|url| !host_is_allowed(url, stated, is_own)) {
        let message = "the host of base_url is not among the hosts".to_owned();
        return Err(problem("hosts", "host_not_listed", message));
    }
    Ok(stated.to_vec())
}

fn problem(field: &str, code: &'static str, message: String) -> FormProblem {
    FormProblem {
        field: field.to_owned(),
        code,
        message,
    }
}
