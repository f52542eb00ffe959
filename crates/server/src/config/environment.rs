//! The environment of the process, taken once.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use latchkey_domain::settings::matches_pattern;
use latchkey_secrets::Secret;

use super::Error;

/// Variables of ours that are no settings of the server.
const OTHERS: [&str; 8] = [
    "LATCHKEY_CONFIG",
    "LATCHKEY_URL",
    "LATCHKEY_API_KEY",
    "LATCHKEY_SHARED",
    "LATCHKEY_REQUIRE",
    "LATCHKEY_TEST_POSTGRES",
    "LATCHKEY_TEST_VAULT",
    crate::points::VARIABLE,
];

/// A copy of the environment; tests make one of their own. It has no `Debug`, because it holds secrets.
pub(crate) struct Environment(BTreeMap<OsString, OsString>);

impl Environment {
    /// The environment of this process.
    pub(crate) fn of_process() -> Self {
        Self(std::env::vars_os().collect())
    }

    /// An environment with these variables only.
    #[cfg(test)]
    pub(crate) fn of(variables: &[(&str, &str)]) -> Self {
        let pairs = variables.iter().map(|(k, v)| (k.into(), v.into()));
        Self(pairs.collect())
    }

    /// A variable's text; `None` when it is missing or empty, as an empty one is how a composed file leaves one out.
    ///
    /// # Errors
    /// When it is no UTF-8.
    pub(crate) fn get(&self, name: &str) -> Result<Option<&str>, Error> {
        let Some(value) = self.0.get(&OsString::from(name)) else {
            return Ok(None);
        };
        let text = value.to_str();
        let text = text.ok_or_else(|| Error::invalid(name, "the value is no UTF-8"))?;
        Ok((!text.is_empty()).then_some(text))
    }

    /// A variable, or the content of the file that the variable with `_FILE` at its end names.
    ///
    /// # Errors
    /// When both are given, or the file cannot be read.
    pub(crate) fn read(&self, name: &str) -> Result<Option<String>, Error> {
        let file_variable = format!("{name}_FILE");
        match (self.get(name)?, self.get(&file_variable)?) {
            (Some(_), Some(_)) => Err(Error::twice(name, &file_variable)),
            (Some(text), None) => Ok(Some(text.to_owned())),
            (None, Some(path)) => content(&file_variable, Path::new(path)).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// The variables whose names fit patterns (`*` stands for any text, `{workspace}` for any id), without ours. Empty ones are
    /// left out.
    ///
    /// # Errors
    /// When one of them is no UTF-8.
    pub(super) fn matching<'a>(
        &self,
        patterns: impl Iterator<Item = &'a str>,
    ) -> Result<BTreeMap<String, Secret<String>>, Error> {
        let patterns: Vec<String> = patterns
            .map(|pattern| pattern.replace("{workspace}", "*"))
            .collect();
        let mut found = BTreeMap::new();
        for name in self.0.keys().filter_map(|name| name.to_str()) {
            let fits = |pattern: &String| matches_pattern(pattern, name);
            if name.starts_with("LATCHKEY_") || !patterns.iter().any(fits) {
                continue;
            }
            if let Some(value) = self.get(name)? {
                found.insert(name.to_owned(), Secret::from(value));
            }
        }
        Ok(found)
    }

    /// A variable that begins like ours and is none of these settings nor anything else of ours: probably misspelt.
    pub(super) fn unknown(&self, settings: &[&str]) -> Option<String> {
        let known = |name: &str| {
            let name = name.strip_suffix("_FILE").unwrap_or(name);
            let setting = name.trim_start_matches("LATCHKEY_").to_ascii_lowercase();
            OTHERS.contains(&name) || settings.contains(&setting.as_str())
        };
        self.0
            .keys()
            .filter_map(|name| name.to_str())
            .find(|name| name.starts_with("LATCHKEY_") && !known(name))
            .map(str::to_owned)
    }
}

/// What stands in a setting's file, without the line end at its end.
pub(super) fn content(setting: &str, path: &Path) -> Result<String, Error> {
    let text = std::fs::read_to_string(path)
        .map_err(|cause| Error::unreadable(setting, format!("{}: {cause}", path.display())))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
