//! Workflows as they are listed; what is in them is the document's business.

use serde::{Deserialize, Serialize};

use crate::credential::Principal;
use crate::id::{WorkflowId, WorkspaceId};
use crate::time::Timestamp;

/// The two modes of apps that have a graph (Dify DSL, `app.mode`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Runs once from inputs to outputs.
    Workflow,
    /// Answers in a conversation (Dify: chatflow).
    AdvancedChat,
}

impl Mode {
    /// The name used in files, tables and bodies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Workflow => "workflow",
            Self::AdvancedChat => "advanced-chat",
        }
    }

    /// Reads [`Mode::as_str`] back.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Workflow, Self::AdvancedChat]
            .into_iter()
            .find(|mode| mode.as_str() == text)
    }
}

/// A workflow: an app with a graph, its draft and its published versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workflow {
    /// Its id.
    pub id: WorkflowId,
    /// The workspace that owns it.
    pub workspace: WorkspaceId,
    /// Its name.
    pub name: String,
    /// Its mode.
    pub mode: Mode,
    /// What it is for.
    pub description: String,
    /// Counts changes of the draft, from 1; the draft's `ETag`.
    pub draft_revision: u32,
    /// The newest published version.
    pub published_version: Option<u32>,
    /// Counts changes of its live credential settings.
    pub settings_revision: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A published version, which never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedVersion {
    /// Its number, from 1 without gaps.
    pub number: u32,
    /// What its author says about it.
    pub note: String,
    /// Who published it: the author whose rights its runs need.
    pub author: Principal,
    /// When.
    pub published_at: Timestamp,
}
