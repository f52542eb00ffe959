//! Forms: what a run asks a person, and what the person says (Dify DSL reference, human-input).

mod check;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::id::{FormId, NodeExecutionId, NodeId, RunId};
use crate::inputs::{FileRules, StartVariable};
use crate::run::IterationPath;
use crate::time::Timestamp;

pub use self::check::FormProblem;

/// What a run asks a person. Everything in it is rendered already.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Form {
    /// The text, as markdown; `{{#$output.name#}}` stands where a field is.
    pub content: String,
    /// The fields, in order.
    pub inputs: Vec<FormInput>,
    /// What the person can choose.
    pub actions: Vec<FormAction>,
    /// Until when it can be answered.
    pub due_at: Timestamp,
}

/// A field of a form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FormInput {
    /// The name under which its value becomes an output.
    pub name: String,
    /// What is filled in.
    #[serde(flatten)]
    pub kind: FormInputKind,
    /// What stands there at first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
}

/// What is filled into a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum FormInputKind {
    /// A line of text.
    TextInput,
    /// Text.
    Paragraph,
    /// One of these texts.
    Select {
        /// The texts.
        options: Vec<String>,
    },
    /// A file.
    File {
        /// Which are taken.
        files: FileRules,
    },
    /// Files.
    FileList {
        /// Which are taken, and how many.
        files: FileRules,
    },
}

/// Something that a person can choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormAction {
    /// Its id, which is the handle of the edges that it takes.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How its button looks: `primary`, `default`, `accent` or `ghost`.
    pub style: String,
}

impl Form {
    /// The fields that are files, as variables whose stored files are looked up like those of a start.
    #[must_use]
    pub fn file_variables(&self) -> Vec<StartVariable> {
        let variable = |input: &FormInput| {
            let (form, files) = match &input.kind {
                FormInputKind::File { files } => ("file", files),
                FormInputKind::FileList { files } => ("file-list", files),
                FormInputKind::TextInput
                | FormInputKind::Paragraph
                | FormInputKind::Select { .. } => return None,
            };
            Some(StartVariable {
                name: input.name.clone(),
                label: input.name.clone(),
                form: form.to_owned(),
                required: true,
                default: Json::Null,
                max_length: files.most,
                options: Vec::new(),
                files: files.clone(),
            })
        };
        self.inputs.iter().filter_map(variable).collect()
    }
}

/// What became of a form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum FormAnswer {
    /// Somebody has filled it in.
    Submitted {
        /// What was chosen.
        action: String,
        /// The values of all fields; files in their dictionary form.
        values: Map<String, Json>,
    },
    /// Nobody has until its deadline.
    TimedOut,
}

/// A form that waits, as the pause of its run tells it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FormRequest {
    /// The form.
    pub form_id: FormId,
    /// The execution that waits for it.
    pub execution_id: NodeExecutionId,
    /// The node.
    pub node_id: NodeId,
    /// The node's title.
    pub title: String,
    /// The rounds of the containers around it.
    pub iteration_path: IterationPath,
    /// What it asks.
    pub form: Form,
}

/// A form as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptForm {
    /// The run that asks.
    pub run: RunId,
    /// What it asks, and where.
    pub request: FormRequest,
    /// Where it stands.
    pub state: FormState,
    /// What was answered.
    pub answer: Option<FormAnswer>,
    /// When it was asked.
    pub created_at: Timestamp,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
}

/// Where a form stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormState {
    /// It can be answered.
    Open,
    /// Somebody has answered it, or its deadline has.
    Answered,
    /// Its run is over, so that nobody needs it any more.
    Closed,
}

impl FormState {
    /// The name used in bodies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Answered => "answered",
            Self::Closed => "closed",
        }
    }
}
