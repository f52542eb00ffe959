//! `document-extractor`: the texts of files. It reads them through the host; the parsers run elsewhere.

mod parse;

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::{Value as Json, json};

use latchkey_domain::document::GraphNode;
use latchkey_domain::run::Failure;
use latchkey_domain::value::{ArrayKind, File, Value, python_repr};
use latchkey_engine::node::{Attempt, BuildProblem, Node, NodeContext, NodeSpec};
use latchkey_sandbox::{DocumentKind, LONGEST_TEXT, Sandbox};

use crate::data::{self, problem};
use crate::host::{FileError, Host};

/// How long a document may be, in bytes.
const LONGEST: u64 = 50 << 20;

struct DocumentExtractor {
    selector: Vec<String>,
    host: Host,
}

pub(crate) fn build(node: &GraphNode, host: &Host) -> Result<NodeSpec, BuildProblem> {
    let selector = data::selector(&node.data, "variable_selector");
    if selector.is_empty() {
        let why = "the node names no variable with files";
        return Err(problem("variable_selector", why));
    }
    let host = host.clone();
    Ok(NodeSpec::effect(Arc::new(DocumentExtractor {
        selector,
        host,
    })))
}

/// Why a document has no text. The reference reports no class for any of this.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("Error downloading file: {0}")]
    File(#[from] FileError),
    #[error("Unsupported Extension Type: {0}")]
    Extension(String),
    #[error("Unsupported MIME type: {0}")]
    Mime(String),
    #[error("Unable to determine file type: MIME type or file extension is missing")]
    Unknown,
    #[error("Failed to extract text from {kind}: {why}")]
    Parse { kind: &'static str, why: String },
    #[error("the documents have more than {} MiB of text together", LONGEST_TEXT >> 20)]
    TooMuch,
}

#[async_trait]
impl Node for DocumentExtractor {
    async fn run(&self, context: NodeContext) -> Attempt {
        let refused = |why: String| Attempt::failed(Failure::new("", why));
        let selector = python_repr(&json!(self.selector));
        let Some(value) = context.pool.get(&self.selector) else {
            return refused(format!("File variable not found for selector: {selector}"));
        };
        let files = match &value {
            value if !value.is_truthy() => Vec::new(),
            Value::File(file) => vec![file.as_ref().clone()],
            Value::Array(array) if array.kind() == ArrayKind::File => array.files(),
            Value::None
            | Value::Boolean(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::String(_)
            | Value::Secret(_)
            | Value::Object(_)
            | Value::Array(_) => {
                return refused(format!("Variable {selector} is not an ArrayFileSegment"));
            }
        };
        let documents: Json = files.iter().map(File::to_json).collect();
        let texts = tokio::select! {
            texts = self.texts(&context, &files) => texts,
            () = context.cancel.cancelled() => return refused("the run is stopped".to_owned()),
        };
        let mut attempt = match texts {
            Ok(mut texts) => Attempt::succeeded(vec![(
                "text".to_owned(),
                match (&value, texts.pop()) {
                    (Value::File(_), Some(text)) => Value::string(text),
                    (_, last) => {
                        let texts = texts.into_iter().chain(last).map(Json::from);
                        Value::array(ArrayKind::String, texts.collect())
                    }
                },
            )]),
            Err(cause) => refused(cause.to_string()),
        };
        let inputs = json!({"variable_selector": self.selector});
        attempt.inputs = inputs.as_object().cloned().unwrap_or_default();
        let told = ("documents".to_owned(), documents);
        attempt.process_data.extend([told]);
        attempt
    }
}

impl DocumentExtractor {
    /// The texts of files, in their order; the first that has none ends it.
    async fn texts(&self, context: &NodeContext, files: &[File]) -> Result<Vec<String>, Error> {
        let mut texts = Vec::with_capacity(files.len());
        let mut length = 0;
        for file in files {
            let reading = self.host.files.read(&context.run, file, LONGEST);
            let content = reading.await?;
            let kind = kind(file)?;
            let parsed = parse::text(self.host.sandbox.as_deref(), kind, content).await;
            let text = parsed.map_err(|why| Error::Parse {
                kind: kind.name(),
                why,
            })?;
            length += text.len();
            if length > LONGEST_TEXT {
                return Err(Error::TooMuch);
            }
            texts.push(text);
        }
        Ok(texts)
    }
}

/// The text of a document that belongs to no run.
///
/// # Errors
/// When there is no reader for such files, or it cannot be read; the text is for people.
pub async fn document_text(
    sandbox: &Sandbox,
    file: &File,
    content: Bytes,
) -> Result<String, String> {
    let kind = kind(file).map_err(|cause| cause.to_string())?;
    parse::text(Some(sandbox), kind, content).await
}

/// What a file is: its extension says it, or else its MIME type.
fn kind(file: &File) -> Result<DocumentKind, Error> {
    let said = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    if let Some(extension) = said(&file.extension) {
        let kind = DocumentKind::of_extension(&extension);
        return kind.ok_or(Error::Extension(extension));
    }
    let mime_type = said(&file.mime_type).ok_or(Error::Unknown)?;
    DocumentKind::of_mime(&mime_type).ok_or(Error::Mime(mime_type))
}
