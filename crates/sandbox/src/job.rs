//! What is run, and what comes of it.

use serde_json::{Map, Value as Json};

use crate::documents::DocumentKind;
use crate::error::SandboxError;
use crate::spec::Engine;

/// One job: it gets a process of its own.
#[derive(Clone, Debug, PartialEq)]
pub enum Job {
    /// A function `main` in a language.
    Code {
        /// The language.
        language: Language,
        /// The source.
        code: String,
        /// What `main` is given: Python by keyword, JavaScript as one object.
        inputs: Map<String, Json>,
    },
    /// The text of a document.
    Document {
        /// What it is.
        kind: DocumentKind,
        /// The document.
        bytes: Vec<u8>,
    },
    /// A function of the launcher, by its name; see [`crate::worker::main_if_asked`].
    Function {
        /// Its name.
        name: String,
        /// What it is given.
        input: Vec<u8>,
    },
}

/// A language of code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Python 3: the machine's interpreter with its standard library.
    Python,
    /// JavaScript, without the modules of a server or a browser.
    JavaScript,
}

/// What came of a job that went well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The result: JSON text of code, plain text of a document, whatever a function answers.
    pub text: String,
}

impl Output {
    /// The result of code.
    ///
    /// # Errors
    /// When it is no JSON that can be kept: half a surrogate pair, or values inside each other more than 127 deep.
    pub fn json(&self) -> Result<Json, SandboxError> {
        serde_json::from_str(&self.text).map_err(|cause| SandboxError::Garbled(cause.to_string()))
    }
}

impl Job {
    pub(crate) const fn engine(&self) -> Engine {
        match self {
            Self::Code {
                language: Language::Python,
                ..
            } => Engine::Python,
            Self::Code {
                language: Language::JavaScript,
                ..
            } => Engine::JavaScript,
            Self::Document { .. } => Engine::Document,
            Self::Function { .. } => Engine::Function,
        }
    }

    /// The two parts that a process is sent.
    pub(crate) fn into_parts(self) -> (Vec<u8>, Vec<u8>) {
        match self {
            Self::Code { code, inputs, .. } => (
                code.into_bytes(),
                Json::Object(inputs).to_string().into_bytes(),
            ),
            Self::Document { kind, bytes } => (kind.as_str().into(), bytes),
            Self::Function { name, input } => (name.into_bytes(), input),
        }
    }
}
