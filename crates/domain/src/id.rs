//! Identifiers: one newtype for each thing that has one, so that two can never be swapped.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! uuid_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps an id that somebody else made (the domain has no clock and no randomness).
            #[must_use]
            pub const fn new(id: Uuid) -> Self {
                Self(id)
            }

            /// The bare UUID.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )+};
}

uuid_id! {
    /// A workspace: the tenant that owns workflows, credentials and keys.
    WorkspaceId,
    /// A person who is a member of a workspace.
    MemberId,
    /// An invitation into a workspace.
    InvitationId,
    /// One login of a member.
    SessionId,
    /// An API key of a workspace or of one workflow.
    ApiKeyId,
    /// Several credentials behind one name.
    CredentialPoolId,
    /// A workflow: an app with a graph, in all its versions.
    WorkflowId,
    /// One run of a workflow.
    RunId,
    /// A stored file: uploaded, or made by a run.
    FileId,
    /// A stored credential, of a provider or of one model.
    CredentialId,
    /// A tool provider of a workspace: an API, an MCP server or a workflow.
    ToolProviderId,
    /// One attempt against a provider: a row of the ledger.
    ModelCallId,
    /// One execution of one node; stays the same through retries.
    NodeExecutionId,
    /// What begins runs of a published workflow without being asked: an address or a schedule.
    TriggerId,
    /// A form that a run asks.
    FormId,
    /// A server process that executes runs.
    WorkerId,
    /// A conversation of an end user with a workflow.
    ConversationId,
    /// A question of a conversation, with its answer.
    MessageId,
    /// Somebody for whom a workflow is used, as its caller names them.
    EndUserId,
    /// A dataset: documents that are searched together.
    DatasetId,
    /// A document of a dataset.
    DocumentId,
    /// A piece of a document, as searches find it.
    SegmentId,
}

/// What is mixed into the id of a run to make it the id of its task: outside of the bits that number executions.
const TASK: u128 = 0x0074_6173_6b00_0000_0000;
/// What is mixed into the id of a workflow to make it the id of one of its versions.
const VERSION_OF: u128 = 0x0076_6572_7300_0000_0000;

const fn mixed(id: Uuid, with: u128) -> Uuid {
    const VERSION: u128 = 0xf000 << 64;
    const CUSTOM: u128 = 0x8000 << 64;
    Uuid::from_u128(((id.as_u128() ^ with) & !VERSION) | CUSTOM)
}

/// Whose id was mixed; those ids are of version 7.
const fn unmixed(id: Uuid, with: u128) -> Uuid {
    const VERSION: u128 = 0xf000 << 64;
    const SORTED: u128 = 0x7000 << 64;
    Uuid::from_u128(((id.as_u128() ^ with) & !VERSION) | SORTED)
}

impl RunId {
    /// The id under which Dify's service API stops the run: another one than the run's, and nowhere kept.
    #[must_use]
    pub const fn task(self) -> Uuid {
        mixed(self.0, TASK)
    }

    /// The run whose task has this id, if it is the id of one.
    #[must_use]
    pub const fn of_task(task: Uuid) -> Option<Self> {
        let run = Self(unmixed(task, TASK));
        if run.task().as_u128() == task.as_u128() {
            Some(run)
        } else {
            None
        }
    }
}

impl WorkflowId {
    /// The id that Dify's service API knows a version by; number 0 stands for the draft.
    #[must_use]
    pub const fn version(self, number: u32) -> Uuid {
        mixed(self.0, VERSION_OF ^ number as u128)
    }

    /// Which version of this workflow has this id; none when it belongs to another workflow.
    #[must_use]
    pub const fn version_number(self, id: Uuid) -> Option<u32> {
        let number = (self.version(0).as_u128() ^ id.as_u128()) as u32;
        if self.version(number).as_u128() == id.as_u128() {
            Some(number)
        } else {
            None
        }
    }
}

impl NodeExecutionId {
    /// The id of the execution that is the `index`th start (from 1) of a run.
    ///
    /// Derived, not random: a run that is rebuilt from its journal knows the ids of executions that have not ended.
    #[must_use]
    pub const fn nth(run: RunId, index: u32) -> Self {
        const VERSION: u128 = 0xf000 << 64;
        const CUSTOM: u128 = 0x8000 << 64;
        let mixed = run.0.as_u128() ^ index as u128;
        Self(Uuid::from_u128((mixed & !VERSION) | CUSTOM))
    }

    /// Which start of `run` this is, from 1; `None` if it belongs to another run.
    #[must_use]
    pub const fn index_in(self, run: RunId) -> Option<u32> {
        let index = (self.0.as_u128() ^ run.0.as_u128()) as u32;
        if Self::nth(run, index).0.as_u128() == self.0.as_u128() {
            Some(index)
        } else {
            None
        }
    }
}

impl FormId {
    /// The form that an execution asks: it asks one at most.
    #[must_use]
    pub const fn of(execution: NodeExecutionId) -> Self {
        Self(execution.0)
    }

    /// The execution that asks it.
    #[must_use]
    pub const fn execution(self) -> NodeExecutionId {
        NodeExecutionId(self.0)
    }
}

/// The id of a node as the document spells it: an opaque text, unique within its graph.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeId(Arc<str>);

impl NodeId {
    /// Wraps the text of an id.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self(id.into())
    }

    /// The id's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for NodeId {
    fn from(id: &str) -> Self {
        Self::new(id)
    }
}

impl Borrow<str> for NodeId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{NodeExecutionId, RunId, WorkflowId};

    const ID: Uuid = Uuid::from_u128(0x0190_0000_0000_7abc_8def_0123_4567_89ab);

    #[test]
    fn a_task_is_another_id_that_leads_back_to_its_run() {
        let run = RunId::new(ID);
        assert_ne!(run.task(), run.uuid());
        assert_eq!(RunId::of_task(run.task()), Some(run));
        assert_eq!(RunId::of_task(run.uuid()), None);
        assert_ne!(run.task(), NodeExecutionId::nth(run, 0).uuid());
    }

    #[test]
    fn the_id_of_a_version_tells_its_number_to_its_own_workflow_only() {
        let (ours, theirs) = (
            WorkflowId::new(ID),
            WorkflowId::new(Uuid::from_u128(ID.as_u128() ^ (1 << 40))),
        );
        for number in [0, 1, 7, u32::MAX] {
            assert_eq!(ours.version_number(ours.version(number)), Some(number));
            assert_eq!(theirs.version_number(ours.version(number)), None);
        }
        assert_eq!(ours.version_number(ID), None);
    }
}
