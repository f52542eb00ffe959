//! The two layers, file and environment, merged into one text per setting that knows where it comes from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use figment::providers::{Format as _, Serialized, Toml};
use figment::value::{Dict, Value};
use figment::{Figment, Provider as _};
use latchkey_nodes::tools::mcp::stdio::StdioServer;
use latchkey_secrets::Secret;
use serde_json::Value as Json;

use super::environment::{Environment, content};
use super::error::Error;
use super::mcp;
use super::system::{self, SystemEntry};

/// All settings, as they are called in the file; the variable is `LATCHKEY_` and the same in capitals.
pub(super) const NAMES: [&str; 43] = [
    "listen",
    "data_dir",
    "database_url",
    "sqlite_sync",
    "master_key",
    "first_token",
    "nats_url",
    "storage_url",
    "max_upload_mb",
    "public_url",
    "log",
    "outbound_allow",
    "system_credentials",
    "sandbox_python",
    "sandbox_packages",
    "sandbox_seconds",
    "sandbox_memory_mb",
    "sandbox_processes",
    "sandbox_network",
    "sandbox_network_mb",
    mcp::NAME,
    "references",
    "vault_url",
    "vault_namespace",
    "vault_token",
    "vault_token_path",
    "vault_role_id",
    "vault_secret_id",
    "retention_runs",
    "retention_events",
    "retention_nodes",
    "retention_files",
    "retention_ledger",
    "metrics_token",
    "otlp_url",
    "otlp_headers",
    "runs_per_process",
    "runs_per_workspace",
    "runs_per_workflow",
    "queue_per_workspace",
    "queue_timeout_seconds",
    "run_timeout_seconds",
    "drain_seconds",
];

/// Where the settings that are given come from.
pub(super) type Origins = BTreeMap<&'static str, String>;

/// The tables of a file, which have no text.
#[derive(Default)]
struct Tables {
    system: BTreeMap<String, SystemEntry>,
    programs: Option<Json>,
}

type Layer = BTreeMap<&'static str, String>;

/// The merged texts. It has no `Debug` and is dropped after reading, because some of them are secrets.
pub(super) struct Layers {
    merged: BTreeMap<String, String>,
    tables: Tables,
    file: Option<PathBuf>,
    environment: Vec<&'static str>,
}

impl Layers {
    /// Reads both layers.
    pub(super) fn read(file: Option<&Path>, environment: &Environment) -> Result<Self, Error> {
        let (below, tables) = file.map_or_else(|| Ok(Default::default()), of_file)?;
        let above = of_environment(environment)?;
        let names = above.keys().copied().collect();
        let merged = Figment::from(Serialized::defaults(below)).merge(Serialized::defaults(above));
        Ok(Self {
            // The library's own text could show a value.
            merged: merged
                .extract()
                .map_err(|_| Error::invalid("the settings", "they cannot be merged"))?,
            tables,
            file: file.map(Path::to_owned),
            environment: names,
        })
    }

    /// The operator's own credentials; once.
    pub(super) fn system(&mut self) -> BTreeMap<String, SystemEntry> {
        std::mem::take(&mut self.tables.system)
    }

    /// The operator's programs: one text stands for all of them.
    pub(super) fn programs(&self) -> Result<BTreeMap<String, StdioServer>, Error> {
        match (self.get(mcp::NAME), &self.tables.programs) {
            (Some(text), _) => mcp::parse(&self.place(mcp::NAME), text),
            (None, Some(tables)) => mcp::list(&self.place(mcp::NAME), tables),
            (None, None) => Ok(BTreeMap::new()),
        }
    }

    /// A setting's text, if it is given.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.merged.get(name).map(String::as_str)
    }

    /// A setting's value, or its default.
    pub(super) fn parse<T>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
        default: impl FnOnce() -> T,
    ) -> Result<T, Error> {
        self.get(name).map_or_else(
            || Ok(default()),
            |text| parse(text).map_err(|why| Error::invalid(self.place(name), why)),
        )
    }

    /// A secret setting that is kept as a text after it has been checked.
    pub(super) fn secret(
        &self,
        name: &str,
        check: impl FnOnce(&str) -> Result<(), String>,
    ) -> Result<Option<Secret<String>>, Error> {
        let checked = |text: &str| check(text).map(|()| Some(Secret::from(text.trim())));
        self.parse(name, checked, || None)
    }

    /// Where each setting's value comes from: `environment`, the file's name, or nothing for a default.
    pub(super) fn origins(&self) -> Origins {
        let origin = |name: &'static str| {
            if self.environment.contains(&name) {
                return Some((name, "environment".to_owned()));
            }
            let file = self.file.as_ref()?;
            let given = self.merged.contains_key(name);
            given.then(|| (name, file.display().to_string()))
        };
        NAMES.into_iter().filter_map(origin).collect()
    }

    fn place(&self, name: &str) -> String {
        match &self.file {
            Some(file) if !self.environment.contains(&name) => place(file, name),
            _ => variable(name),
        }
    }
}

fn variable(name: &str) -> String {
    format!("LATCHKEY_{}", name.to_ascii_uppercase())
}

fn place(file: &Path, name: &str) -> String {
    format!("{name} in {}", file.display())
}

fn of_environment(environment: &Environment) -> Result<Layer, Error> {
    let mut layer = Layer::new();
    for name in NAMES {
        if let Some(text) = environment.read(&variable(name))? {
            layer.insert(name, text);
        }
    }
    Ok(layer)
}

fn of_file(file: &Path) -> Result<(Layer, Tables), Error> {
    let shown = file.display().to_string();
    let text = std::fs::read_to_string(file)
        .map_err(|cause| Error::unreadable(&shown, cause.to_string()))?;
    let profiles = Toml::string(&text).data().map_err(|cause| {
        // Further lines of the message quote the file, which may hold secrets.
        let first = cause.to_string();
        Error::invalid(&shown, first.lines().next().unwrap_or("no TOML").to_owned())
    })?;
    let mut layer = Layer::new();
    let mut tables = Tables::default();
    for (key, value) in profiles.into_values().flat_map(Dict::into_iter) {
        if key == system::TABLE {
            tables.system = system::read(file, &value)?;
            continue;
        }
        if key == mcp::NAME && value.as_dict().is_some() {
            // The library's own text could show a value.
            let wrong = |_| Error::invalid(place(file, &key), "it cannot be read");
            tables.programs = Some(value.deserialize().map_err(wrong)?);
            continue;
        }
        let (name, text) = entry(file, &key, &value)?;
        if layer.insert(name, text).is_some() {
            return Err(Error::twice(place(file, name), &format!("{name}_file")));
        }
    }
    Ok((layer, tables))
}

/// The setting of a key with its text; `<setting>_file` names the file that has it.
fn entry(file: &Path, key: &str, value: &Value) -> Result<(&'static str, String), Error> {
    let setting = |name: &str| NAMES.into_iter().find(|known| *known == name);
    let here = place(file, key);
    let given = text(value);
    let given = given.ok_or_else(|| Error::invalid(&here, "a text is needed"));
    if let Some(name) = setting(key) {
        return Ok((name, given?));
    }
    match key.strip_suffix("_file").and_then(setting) {
        Some(name) => Ok((name, content(&here, Path::new(&given?))?)),
        None => Err(Error::unknown(here)),
    }
}

/// A value as the environment would give it: lists with commas, switches as words.
fn text(value: &Value) -> Option<String> {
    if let Some(switch) = value.to_bool() {
        return Some(if switch { "on" } else { "off" }.to_owned());
    }
    if let Some(list) = value.as_array() {
        let items: Option<Vec<_>> = list.iter().map(Value::as_str).collect();
        return items.map(|items| items.join(","));
    }
    value.as_str().map(str::to_owned)
}
