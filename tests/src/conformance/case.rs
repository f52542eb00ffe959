//! Reading a case: the file, and values in the form in which a run takes them.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::{Map, Value as Json};

use latchkey_domain::value::{Array, File, FileType, TransferMethod, Value};
use latchkey_domain::workflow::Mode;
use latchkey_engine::node::Exchange;

use crate::requirement;

/// Where uploaded files are.
pub(super) const UPLOADS: &str = "https://files.test/";

/// A case as it stands in its file.
pub(super) struct Case {
    pub(super) name: String,
    path: PathBuf,
    raw: Map<String, Json>,
}

/// The document of a case.
pub(super) enum Dsl {
    /// A mapping.
    Tree(Json),
    /// The text of a file.
    Text(String),
}

impl Case {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let raw: Map<String, Json> =
            serde_yaml::from_str(&text).context("the case is no mapping")?;
        let name = raw.get("name").and_then(Json::as_str);
        Ok(Self {
            name: name.unwrap_or_default().to_owned(),
            path: path.to_owned(),
            raw,
        })
    }

    pub(super) fn get(&self, key: &str) -> Option<&Json> {
        self.raw.get(key).filter(|value| !value.is_null())
    }

    /// A mapping; empty when it is absent.
    pub(super) fn map(&self, key: &str) -> Map<String, Json> {
        let map = self.get(key).and_then(Json::as_object);
        map.cloned().unwrap_or_default()
    }

    /// A list; empty when it is absent.
    pub(super) fn list(&self, key: &str) -> &[Json] {
        let list = self.get(key).and_then(Json::as_array);
        list.map_or(&[], Vec::as_slice)
    }

    pub(super) fn mode(&self) -> Mode {
        let mode = self.get("mode").and_then(Json::as_str);
        mode.and_then(Mode::parse).unwrap_or(Mode::Workflow)
    }

    pub(super) fn limit(&self, key: &str) -> Option<u64> {
        self.get("limits")?.get(key)?.as_u64()
    }

    pub(super) fn dsl(&self) -> Result<Dsl> {
        if let Some(Json::String(text)) = self.get("dsl_text") {
            return Ok(Dsl::Text(text.clone()));
        }
        if let Some(Json::String(file)) = self.get("dsl_file") {
            let path = self.path.parent().unwrap_or(Path::new("")).join(file);
            let text = std::fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            return Ok(Dsl::Text(text));
        }
        if let Some(Json::String(number)) = self.get("corpus") {
            return corpus(number).map(Dsl::Text);
        }
        let tree = self.get("dsl").context("the case has no document")?;
        Ok(Dsl::Tree(tree.clone()))
    }

    pub(super) fn history(&self) -> Vec<Exchange> {
        let text = |pair: &Json, key: &str| {
            pair.get(key)
                .and_then(Json::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let pairs = self.list("history").iter();
        pairs
            .map(|pair| Exchange {
                query: text(pair, "query"),
                answer: text(pair, "answer"),
            })
            .collect()
    }

    /// The system variables: the usual ones, changed by what the case says.
    pub(super) fn system(&self) -> Vec<(String, Value)> {
        let mut all: Map<String, Json> = [
            ("user_id", "user-1"),
            ("app_id", "app-1"),
            ("workflow_id", "workflow-1"),
            ("workflow_run_id", "run-1"),
        ]
        .map(|(name, value)| (name.to_owned(), value.into()))
        .into_iter()
        .collect();
        if self.mode() == Mode::AdvancedChat {
            all.insert("query".to_owned(), "".into());
            all.insert("conversation_id".to_owned(), "conversation-1".into());
            all.insert("dialogue_count".to_owned(), 1.into());
        }
        all.extend(self.map("sys"));
        let files: Vec<File> = all
            .shift_remove("files")
            .as_ref()
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
            .filter_map(Json::as_object)
            .map(file)
            .collect();
        let files = if files.is_empty() {
            Value::infer(Json::Array(Vec::new()))
        } else {
            Value::Array(Array::of_files(&files))
        };
        all.into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, Value::infer(value)))
            .chain([("files".to_owned(), files)])
            .collect()
    }

    /// The given inputs; those of file variables in the form of files.
    pub(super) fn inputs(&self, is_file: impl Fn(&str) -> bool) -> Map<String, Json> {
        let convert = |value: Json| match value {
            Json::Object(map) => file(&map).to_json(),
            Json::Array(items) => items
                .iter()
                .map(|item| {
                    item.as_object()
                        .map_or_else(|| item.clone(), |map| file(map).to_json())
                })
                .collect(),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => value,
        };
        self.map("inputs")
            .into_iter()
            .map(|(name, value)| {
                let value = if is_file(&name) {
                    convert(value)
                } else {
                    value
                };
                (name, value)
            })
            .collect()
    }
}

/// The text of a file of the corpus, by its number.
fn corpus(number: &str) -> Result<String> {
    let shared = requirement::shared().context("the corpus is missing (LATCHKEY_SHARED)")?;
    let begin = format!("{number}-");
    for entry in std::fs::read_dir(shared.join("corpus"))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with(&begin) && name.ends_with(".yml") {
            return Ok(std::fs::read_to_string(&path)?);
        }
    }
    anyhow::bail!("the corpus has no file {number}")
}

/// A file as a case describes it.
fn file(raw: &Map<String, Json>) -> File {
    let text = |key: &str| raw.get(key).and_then(Json::as_str).map(str::to_owned);
    let method = text("transfer_method").and_then(|name| TransferMethod::parse(&name));
    let method = method.unwrap_or_default();
    let url = text("url").or_else(|| text("remote_url"));
    let upload = text("upload_file_id");
    let from_url = url.as_deref().and_then(|url| {
        let path = url.split('?').next().unwrap_or(url);
        path.rsplit('/').next().map(str::to_owned)
    });
    let filename = text("filename").or(from_url);
    let extension = text("extension").or_else(|| {
        let name = filename.as_deref()?;
        let (stem, end) = name.rsplit_once('.')?;
        (!stem.is_empty()).then(|| format!(".{end}"))
    });
    File {
        id: None,
        file_type: text("type")
            .and_then(|name| FileType::parse(&name))
            .unwrap_or_default(),
        transfer_method: method,
        remote_url: url.clone().filter(|_| method == TransferMethod::RemoteUrl),
        reference: upload.clone(),
        filename,
        extension,
        mime_type: text("mime_type"),
        size: raw.get("size").and_then(Json::as_i64).unwrap_or(-1),
        related_id: upload.clone(),
        url: url.or_else(|| upload.map(|id| format!("{UPLOADS}{id}"))),
    }
}
