//! The tables of the operator's own credentials: `[system.<provider>]`, with the fields of the provider's form.

use std::collections::BTreeMap;
use std::path::Path;

use figment::value::{Dict, Value};
use latchkey_secrets::Secret;

use super::environment::content;
use super::error::Error;

/// The table's name.
pub(super) const TABLE: &str = "system";

/// The operator's own credential of one provider. All of its fields are treated as secrets.
#[derive(Debug, Default)]
pub(crate) struct SystemEntry {
    /// The fields of the provider's form.
    pub(crate) fields: BTreeMap<String, Secret<String>>,
    /// Where it may be sent; none: the host of its URL.
    pub(crate) hosts: Option<Vec<String>>,
}

/// Reads all the tables.
pub(super) fn read(file: &Path, value: &Value) -> Result<BTreeMap<String, SystemEntry>, Error> {
    let mut entries = BTreeMap::new();
    for (provider, table) in tables(file, TABLE, value)? {
        let name = format!("{TABLE}.{provider}");
        entries.insert(
            provider.clone(),
            entry(file, &name, tables(file, &name, table)?)?,
        );
    }
    Ok(entries)
}

fn tables<'a>(file: &Path, name: &str, value: &'a Value) -> Result<&'a Dict, Error> {
    let table = value.as_dict();
    table.ok_or_else(|| Error::invalid(place(file, name), "a table is needed"))
}

fn entry(file: &Path, name: &str, table: &Dict) -> Result<SystemEntry, Error> {
    let mut entry = SystemEntry::default();
    for (key, value) in table {
        let here = place(file, &format!("{name}.{key}"));
        if key == "hosts" {
            let hosts = value.as_array().map(|hosts| {
                let hosts = hosts.iter().map(|host| host.as_str().map(str::to_owned));
                hosts.collect::<Option<Vec<String>>>()
            });
            let hosts = hosts.flatten();
            let hosts = hosts.ok_or_else(|| Error::invalid(&here, "a list of texts is needed"))?;
            entry.hosts = Some(hosts);
            continue;
        }
        let text = value.as_str();
        let text = text.ok_or_else(|| Error::invalid(&here, "a text is needed"))?;
        let (field, text) = match key.strip_suffix("_file") {
            Some(field) => (field, content(&here, Path::new(text))?),
            None => (key.as_str(), text.to_owned()),
        };
        let secret = Secret::new(text.trim().to_owned());
        if entry.fields.insert(field.to_owned(), secret).is_some() {
            return Err(Error::twice(here, &format!("{field}_file")));
        }
    }
    Ok(entry)
}

fn place(file: &Path, name: &str) -> String {
    format!("{name} in {}", file.display())
}
