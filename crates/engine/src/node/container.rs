//! What an iteration or a loop is to the engine: where its graph begins, what each round is given, and when it is over.
//!
//! Node types only describe it; the rounds themselves are the business of the state machine.

use latchkey_domain::id::NodeId;
use latchkey_domain::value::Value;

use crate::pool::Pool;

/// A node that runs a graph of its own.
pub enum Container {
    /// Once for each item of a list, each with its own copy of the variables.
    Iteration(Iteration),
    /// Again and again, with the variables around it.
    Loop(Loop),
}

impl Container {
    pub(crate) const fn start(&self) -> &NodeId {
        match self {
            Self::Iteration(iteration) => &iteration.start,
            Self::Loop(turns) => &turns.start,
        }
    }
}

/// An iteration (Dify DSL reference, 4.15).
pub struct Iteration {
    /// The node where its graph begins.
    pub start: NodeId,
    /// The list.
    pub iterator: Vec<String>,
    /// What an item's result is read from.
    pub output: Vec<String>,
    /// How many items run at the same time; at least one does.
    pub at_once: usize,
    /// What becomes of an item that fails.
    pub on_failure: OnFailure,
    /// Whether a list of lists becomes one list.
    pub flattens: bool,
}

/// What becomes of an item that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// The iteration fails.
    Terminate,
    /// Null stands in its place.
    Null,
    /// It is left out.
    Omit,
}

/// A loop (Dify DSL reference, 4.16).
pub struct Loop {
    /// The node where its graph begins.
    pub start: NodeId,
    /// How many turns at most, from 1.
    pub count: u32,
    /// Its variables, in order.
    pub variables: Vec<LoopVariable>,
    /// When it ends early.
    pub until: Box<dyn Condition>,
}

/// A variable of a loop.
pub struct LoopVariable {
    /// Its name.
    pub label: String,
    /// What it begins with.
    pub source: LoopSource,
}

/// What a variable of a loop begins with.
pub enum LoopSource {
    /// A value of the document, or why it is of the wrong type: the loop then fails when it begins.
    Constant(Result<Value, String>),
    /// The value that another variable has then.
    Variable(Vec<String>),
}

/// Something that holds or not.
pub trait Condition: Send + Sync {
    /// Whether it holds.
    ///
    /// # Errors
    /// When that cannot be said, with the reason for people.
    fn holds(&self, pool: &Pool) -> Result<bool, String>;
}
