//! Forms that paused runs ask.

use latchkey_domain::form::{FormAnswer, FormInput, FormInputKind, KeptForm};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use utoipa::ToSchema;

use super::run::StepView;

/// A form.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct FormView {
    /// Its id.
    id: String,
    /// The run that asks.
    run_id: String,
    /// The node.
    node_id: String,
    /// The node's title.
    title: String,
    /// The rounds of the containers around the node.
    iteration_path: Vec<StepView>,
    /// open, answered, or closed when its run is over.
    state: String,
    /// The text, as markdown; `{{#$output.name#}}` stands where a field is.
    content: String,
    /// The fields, in order.
    inputs: Vec<FormInputView>,
    /// What can be chosen.
    actions: Vec<FormActionView>,
    /// Until when it can be answered.
    due_at: String,
    /// When it was asked.
    created_at: String,
    /// When it was answered, or its deadline has passed.
    answered_at: Option<String>,
    /// What was answered; null while it is open, and when nobody has in time.
    answer: Option<FormAnswerView>,
}

/// A field of a form.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct FormInputView {
    /// The name of its value.
    name: String,
    /// text-input, paragraph, select, file or file-list.
    #[serde(rename = "type")]
    kind: String,
    /// What stands there at first.
    default: Option<String>,
    /// What can be selected.
    #[serde(skip_serializing_if = "Option::is_none")]
    options: Option<Vec<String>>,
    /// Which files are taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<FileRulesView>,
}

/// Which files are taken.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct FileRulesView {
    /// Types; empty: all.
    types: Vec<String>,
    /// Extensions of files of the type `custom`, with dots; empty: all.
    extensions: Vec<String>,
    /// How they may be given; empty: in every way.
    methods: Vec<String>,
    /// How many; null: any number.
    most: Option<u64>,
}

/// Something that can be chosen.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct FormActionView {
    /// Its id.
    id: String,
    /// Its title.
    title: String,
    /// How its button looks: primary, default, accent or ghost.
    style: String,
}

/// What was answered.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct FormAnswerView {
    /// The chosen action.
    action: String,
    /// The values of the fields.
    #[schema(value_type = Object)]
    values: Map<String, Json>,
}

/// An answer to a form.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FormBody {
    /// The id of the chosen action.
    pub(crate) action: String,
    /// A value for every field.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub(crate) values: Map<String, Json>,
}

impl From<KeptForm> for FormView {
    fn from(kept: KeptForm) -> Self {
        let request = kept.request;
        let path = request.iteration_path.into_iter();
        Self {
            id: request.form_id.to_string(),
            run_id: kept.run.to_string(),
            node_id: request.node_id.to_string(),
            title: request.title,
            iteration_path: path.map(StepView::from).collect(),
            state: kept.state.as_str().to_owned(),
            content: request.form.content,
            inputs: request
                .form
                .inputs
                .into_iter()
                .map(FormInputView::from)
                .collect(),
            actions: request
                .form
                .actions
                .into_iter()
                .map(|action| FormActionView {
                    id: action.id,
                    title: action.title,
                    style: action.style,
                })
                .collect(),
            due_at: request.form.due_at.to_string(),
            created_at: kept.created_at.to_string(),
            answered_at: kept.answered_at.map(|at| at.to_string()),
            answer: match kept.answer {
                Some(FormAnswer::Submitted { action, values }) => {
                    Some(FormAnswerView { action, values })
                }
                Some(FormAnswer::TimedOut) | None => None,
            },
        }
    }
}

impl From<FormInput> for FormInputView {
    fn from(input: FormInput) -> Self {
        let (kind, options, files) = match input.kind {
            FormInputKind::TextInput => ("text-input", None, None),
            FormInputKind::Paragraph => ("paragraph", None, None),
            FormInputKind::Select { options } => ("select", Some(options), None),
            FormInputKind::File { files } => ("file", None, Some(files)),
            FormInputKind::FileList { files } => ("file-list", None, Some(files)),
        };
        Self {
            name: input.name,
            kind: kind.to_owned(),
            default: input.default,
            options,
            files: files.map(|rules| FileRulesView {
                types: rules.types,
                extensions: rules.extensions,
                methods: rules.methods,
                most: rules.most,
            }),
        }
    }
}
