//! The settings as they are printed: each with its origin, secrets masked.

use latchkey_secrets::Secret;

use super::{Database, Settings, SqliteSync, external, observation, retention, sandbox, work};
use crate::out;

const MASK: &str = "…";

impl Settings {
    /// Prints the settings in force as TOML, with secrets masked.
    pub(crate) fn print(&self) {
        for (name, value) in self.shown() {
            let origin = self.origins.get(name).map_or("default", String::as_str);
            let line = match value {
                Some(value) => format!("{name} = {value:?}"),
                None => format!("# {name} is not set"),
            };
            out::line(format_args!("{line:<56} # {origin}"));
        }
        for (name, server) in &self.mcp_programs {
            let variables: Vec<&str> = server.environment.names().collect();
            let variables = match &variables[..] {
                [] => "no environment".to_owned(),
                some => some.join(", "),
            };
            out::line(format_args!(
                "# mcp_stdio.{name} starts {} with {variables}",
                server.program.command.display()
            ));
        }
        for (provider, own) in &self.system {
            let fields: Vec<&str> = own.fields.keys().map(String::as_str).collect();
            out::line(format_args!(
                "# system.{provider} has {}",
                fields.join(", ")
            ));
        }
    }

    /// Every setting with its value, secrets masked.
    fn shown(&self) -> Vec<(&'static str, Option<String>)> {
        let secret = |value: &Option<Secret<String>>| value.as_ref().map(|_| MASK.to_owned());
        let url = |value: &Option<Secret<String>>| value.as_ref().map(|url| masked(url.expose()));
        let database = match &self.database {
            Database::Sqlite(path) => format!("sqlite://{}", path.display()),
            Database::Postgres(url) => masked(url.expose()),
        };
        let sync = match self.sqlite_sync {
            SqliteSync::Full => "full",
            SqliteSync::Normal => "normal",
        };
        let allow: Vec<_> = self
            .outbound
            .allow
            .iter()
            .map(ToString::to_string)
            .collect();
        let system = if self.system_credentials { "on" } else { "off" };
        let mut shown = vec![
            ("listen", Some(self.listen.to_string())),
            ("data_dir", Some(self.data_dir.display().to_string())),
            ("database_url", Some(database)),
            ("sqlite_sync", Some(sync.to_owned())),
            ("master_key", secret(&self.master_key)),
            ("first_token", secret(&self.first_token)),
            ("nats_url", url(&self.nats_url)),
            ("storage_url", url(&self.storage_url)),
            ("max_upload_mb", Some(self.max_upload_mb.to_string())),
            ("public_url", Some(self.public_url.clone())),
            ("log", Some(self.log.clone())),
            ("outbound_allow", Some(allow.join(","))),
            ("system_credentials", Some(system.to_owned())),
        ];
        shown.extend(sandbox::shown(&self.sandbox, self.sandbox_network));
        shown.extend(external::shown(&self.external));
        shown.extend(retention::shown(&self.retention));
        shown.extend(observation::shown(&self.observation));
        shown.extend(work::shown(&self.work, self.drain));
        shown
    }
}

/// A URL without what may be secret in it: the user, the password and the query.
pub(crate) fn masked(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return MASK.to_owned();
    };
    // The last @, since a password may hold one; and before the query is cut, since it may hold a question mark.
    let (user, host) = match rest.rsplit_once('@') {
        Some((_, host)) => ("…@", host),
        None => ("", rest),
    };
    let host = host.split(['?', '#']).next().unwrap_or_default();
    format!("{scheme}://{user}{host}")
}
