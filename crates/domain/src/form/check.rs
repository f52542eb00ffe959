//! Whether an answer fits its form: a known action, and a value of the right kind for every field and for nothing else.

use serde_json::{Map, Value as Json};

use crate::inputs::FileRules;
use crate::value::File;

use super::{Form, FormAnswer, FormInput, FormInputKind};

/// The longest text of a field, in characters.
const LONGEST: usize = 100_000;

/// Why a form cannot be answered so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FormProblem {
    /// The field, or `action`.
    pub field: String,
    /// The text.
    pub message: String,
}

impl Form {
    /// The answer of somebody who chose `action` and filled in `values`.
    ///
    /// # Errors
    /// Everything that does not fit.
    pub fn answered(
        &self,
        action: &str,
        values: Map<String, Json>,
    ) -> Result<FormAnswer, Vec<FormProblem>> {
        let mut problems = Vec::new();
        let mut refuse = |field: &str, message: String| {
            let field = field.to_owned();
            problems.push(FormProblem { field, message });
        };
        if !self.actions.iter().any(|known| known.id == action) {
            refuse("action", format!("the form has no action {action:?}"));
        }
        for input in &self.inputs {
            let problem = match values.get(&input.name) {
                None | Some(Json::Null) => Some(format!("{} is not filled in", input.name)),
                Some(value) => input.problem(value),
            };
            if let Some(message) = problem {
                refuse(&input.name, message);
            }
        }
        for name in values.keys() {
            if !self.inputs.iter().any(|input| input.name == *name) {
                refuse(name, format!("the form has no field {name:?}"));
            }
        }
        if problems.is_empty() {
            return Ok(FormAnswer::Submitted {
                action: action.to_owned(),
                values,
            });
        }
        Err(problems)
    }
}

impl FormInput {
    fn problem(&self, value: &Json) -> Option<String> {
        let name = &self.name;
        match &self.kind {
            FormInputKind::TextInput | FormInputKind::Paragraph => match value.as_str() {
                None => Some(format!("{name} must be a text")),
                Some(text) if text.chars().count() > LONGEST => {
                    Some(format!("{name} has more than {LONGEST} characters"))
                }
                Some(_) => None,
            },
            FormInputKind::Select { options } => {
                let is_one = value
                    .as_str()
                    .is_some_and(|text| options.iter().any(|option| option == text));
                (!is_one).then(|| format!("{name} must be one of: {}", options.join(", ")))
            }
            FormInputKind::File { files } => file_problem(name, files, value),
            FormInputKind::FileList { files } => {
                let Some(given) = value.as_array() else {
                    return Some(format!("{name} must be a list of files"));
                };
                let too_many = files.most.filter(|most| given.len() as u64 > *most);
                too_many
                    .map(|most| format!("{name} has more than {most} files"))
                    .or_else(|| {
                        given
                            .iter()
                            .find_map(|file| file_problem(name, files, file))
                    })
            }
        }
    }
}

fn file_problem(name: &str, rules: &FileRules, value: &Json) -> Option<String> {
    match File::from_json(value) {
        None => Some(format!("{name} must be a file")),
        Some(file) => rules.broken_by(&file).map(|why| format!("{name} {why}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value as Json, json};

    use super::super::{Form, FormAction, FormAnswer, FormInput, FormInputKind};
    use crate::inputs::FileRules;
    use crate::time::Timestamp;
    use crate::value::{File, FileType};

    fn form() -> Form {
        let input = |name: &str, kind| FormInput {
            name: name.into(),
            kind,
            default: None,
        };
        let options = vec!["red".into(), "blue".into()];
        Form {
            content: String::new(),
            inputs: vec![
                input("why", FormInputKind::Paragraph),
                input("colour", FormInputKind::Select { options }),
                input(
                    "proofs",
                    FormInputKind::FileList {
                        files: FileRules {
                            types: vec!["image".into()],
                            most: Some(1),
                            ..FileRules::default()
                        },
                    },
                ),
            ],
            actions: vec![FormAction {
                id: "ok".into(),
                title: "OK".into(),
                style: "default".into(),
            }],
            due_at: Timestamp::from_millis(0),
        }
    }

    fn fields(action: &str, values: Json) -> Vec<String> {
        let values: Map<String, Json> = values.as_object().unwrap().clone();
        let problems = form().answered(action, values).err().unwrap_or_default();
        problems.into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn an_answer_fits_its_form_or_says_where_it_does_not() {
        let file = File {
            file_type: FileType::Image,
            ..File::default()
        };
        let file = file.to_json();
        let good = json!({"why": "so", "colour": "red", "proofs": [file]});
        assert_eq!(fields("ok", good.clone()), [""; 0]);
        assert_eq!(fields("no", good), ["action"]);
        assert_eq!(fields("ok", json!({})), ["why", "colour", "proofs"]);
        let wrong = json!({"why": 1, "colour": "green", "proofs": [file, file], "more": 1});
        assert_eq!(fields("ok", wrong), ["why", "colour", "proofs", "more"]);
        let wrong = json!({"why": "", "colour": null, "proofs": ["x"]});
        assert_eq!(fields("ok", wrong), ["colour", "proofs"]);
        let video = File {
            file_type: FileType::Video,
            ..File::default()
        };
        let wrong = json!({"why": "", "colour": "red", "proofs": [video.to_json()]});
        assert_eq!(fields("ok", wrong), ["proofs"]);
        let long = json!({"why": "x".repeat(100_001), "colour": "red", "proofs": []});
        assert_eq!(fields("ok", long), ["why"]);
    }

    #[test]
    fn an_answer_keeps_its_form_in_the_journal() {
        let values = Map::from_iter([("why".to_owned(), json!("so"))]);
        let action = "ok".to_owned();
        for answer in [
            FormAnswer::Submitted { action, values },
            FormAnswer::TimedOut,
        ] {
            let written = serde_json::to_string(&answer).unwrap();
            assert_eq!(
                serde_json::from_str::<FormAnswer>(&written).unwrap(),
                answer
            );
        }
    }
}
