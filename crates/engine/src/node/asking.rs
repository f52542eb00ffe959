//! A node that asks a person: it makes a form, and later an attempt of what was answered. Between the two its run is
//! paused and in no memory.

use latchkey_domain::form::{Form, FormAction, FormAnswer, FormInput};
use latchkey_domain::run::Failure;
use latchkey_domain::time::Timestamp;

use crate::pool::Pool;

use super::Attempt;

/// A node that asks a person. Both halves are instant and deterministic.
pub trait AskingNode: Send + Sync {
    /// What it asks.
    ///
    /// # Errors
    /// When it cannot ask: the node has failed.
    fn ask(&self, pool: &Pool) -> Result<Question, Failure>;

    /// What the answer comes to.
    fn answered(&self, form: &Form, answer: &FormAnswer) -> Attempt;
}

/// What a node asks.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The text, as markdown.
    pub content: String,
    /// The fields, in order.
    pub inputs: Vec<FormInput>,
    /// What the person can choose.
    pub actions: Vec<FormAction>,
    /// How long it can be answered, in milliseconds.
    pub patience_millis: i64,
}

impl Question {
    /// The form, asked now.
    pub(crate) fn at(self, now: Timestamp) -> Form {
        Form {
            content: self.content,
            inputs: self.inputs,
            actions: self.actions,
            due_at: now.plus_millis(self.patience_millis),
        }
    }
}
