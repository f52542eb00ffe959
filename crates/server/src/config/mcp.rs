//! The operator's list of MCP servers that are programs: tables `[mcp_stdio.<name>]` of the file, or one JSON object of the
//! same form. No error repeats a value, since environments hold secrets.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use latchkey_nodes::tools::mcp::stdio::{Environment, StdioServer, is_name};
use latchkey_sandbox::Program;
use serde_json::{Map, Value as Json};

use super::error::Error;

/// The setting's name, and that of the tables.
pub(super) const NAME: &str = "mcp_stdio";

const MIB: u64 = 1024 * 1024;
/// How many files a process may hold open.
const OPEN_FILES: u64 = 1024;
/// What a program may say about itself.
const KEYS: [&str; 8] = [
    "command",
    "args",
    "environment",
    "directory",
    "memory_mb",
    "seconds",
    "idle_seconds",
    "processes",
];

/// Reads the list from a text of JSON.
pub(super) fn parse(place: &str, text: &str) -> Result<BTreeMap<String, StdioServer>, Error> {
    let read = serde_json::from_str(text);
    let read = read.map_err(|cause| {
        let at = format!("line {}, column {}", cause.line(), cause.column());
        Error::invalid(place, format!("it is no JSON at {at}"))
    })?;
    list(place, &read)
}

/// Reads the list from its tables.
pub(super) fn list(place: &str, tables: &Json) -> Result<BTreeMap<String, StdioServer>, Error> {
    let tables = object(place, tables)?;
    let servers = tables.iter().map(|(name, table)| {
        let place = format!("{name} of {place}");
        if !is_name(name) {
            let text = "a name has small letters, digits and hyphens between them, at most 63";
            return Err(Error::invalid(place, text));
        }
        Ok((name.clone(), server(&place, object(&place, table)?)?))
    });
    servers.collect()
}

fn server(place: &str, table: &Map<String, Json>) -> Result<StdioServer, Error> {
    if let Some(unknown) = table.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(Error::unknown(format!("{unknown} of {place}")));
    }
    let fields = Fields { place, table };
    let command = fields.path("command")?;
    let command = command.ok_or_else(|| fields.wrong("command", "it is needed"))?;
    let directory = fields.path("directory")?;
    let memory = fields.number("memory_mb", 64, 65_536, 1024)?;
    let patience = fields.number("seconds", 1, 600, 120)?;
    let idle = fields.number("idle_seconds", 1, 86_400, 300)?;
    let processes = fields.number("processes", 1, 256, 8)?;
    Ok(StdioServer {
        program: Program {
            command,
            arguments: fields.arguments()?,
            directory: directory.unwrap_or_else(|| PathBuf::from("/")),
            memory: memory * MIB,
            open_files: OPEN_FILES,
        },
        environment: fields.environment()?,
        patience: Duration::from_secs(patience),
        idle: Duration::from_secs(idle),
        processes: usize::try_from(processes).unwrap_or(usize::MAX),
    })
}

/// The fields of one program.
struct Fields<'a> {
    place: &'a str,
    table: &'a Map<String, Json>,
}

impl Fields<'_> {
    fn wrong(&self, key: &str, detail: &str) -> Error {
        Error::invalid(format!("{key} of {}", self.place), detail)
    }

    fn path(&self, key: &str) -> Result<Option<PathBuf>, Error> {
        let Some(value) = self.table.get(key) else {
            return Ok(None);
        };
        let path = value.as_str().filter(|path| path.starts_with('/'));
        let path = path.filter(|path| !path.contains('\0'));
        let path = path.ok_or_else(|| self.wrong(key, "a path from the root is needed"))?;
        Ok(Some(PathBuf::from(path)))
    }

    fn arguments(&self) -> Result<Vec<String>, Error> {
        let Some(value) = self.table.get("args") else {
            return Ok(Vec::new());
        };
        let texts = value.as_array().map(|texts| {
            let texts = texts.iter().map(Json::as_str);
            let texts = texts.map(|text| text.filter(|text| !text.contains('\0')));
            texts.map(|text| text.map(str::to_owned)).collect()
        });
        let texts: Option<Vec<String>> = texts.flatten();
        texts.ok_or_else(|| self.wrong("args", "a list of texts is needed"))
    }

    fn environment(&self) -> Result<Environment, Error> {
        let Some(value) = self.table.get("environment") else {
            return Ok(Environment::default());
        };
        let wrong = |detail: &str| self.wrong("environment", detail);
        let needed = "a table of texts is needed";
        let table = value.as_object().ok_or_else(|| wrong(needed))?;
        let pairs = table.iter().map(|(name, value)| {
            let text = value.as_str().ok_or_else(|| wrong(needed))?;
            Ok((name.clone(), text.to_owned()))
        });
        let pairs = pairs.collect::<Result<Vec<_>, Error>>()?;
        Environment::parse(pairs).map_err(|why| wrong(&why))
    }

    fn number(&self, key: &str, least: u64, most: u64, usual: u64) -> Result<u64, Error> {
        let Some(value) = self.table.get(key) else {
            return Ok(usual);
        };
        let number = value.as_u64();
        let number = number.filter(|number| (least..=most).contains(number));
        let needed = format!("a number from {least} to {most} is needed");
        number.ok_or_else(|| self.wrong(key, &needed))
    }
}

fn object<'a>(place: &str, value: &'a Json) -> Result<&'a Map<String, Json>, Error> {
    let object = value.as_object();
    object.ok_or_else(|| Error::invalid(place, "a table is needed"))
}
