//! Who has changed a draft meanwhile: whoever finds his own change refused is told whose came before it.

use latchkey_domain::access::Caller;
use latchkey_domain::credential::Principal;
use latchkey_domain::id::WorkflowId;
use latchkey_domain::time::Timestamp;
use latchkey_store::{AuditFilter, Page};

use crate::Service;
use crate::error::{Error, ErrorKind};

/// What changes a draft.
const CHANGES: [&str; 5] = [
    "workflow.draft",
    "workflow.change",
    "workflow.import",
    "workflow.restore",
    "workflow.create",
];
/// How far back the change is looked for: others than those of the draft stand between.
const ROWS: u64 = 50;

/// The change that came before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meanwhile {
    /// The draft's revision now.
    pub revision: u32,
    /// When it was made.
    pub at: Timestamp,
    /// Who has made it, and his or the key's name; none when that is not written down yet.
    pub by: Option<(Principal, Option<String>)>,
}

impl Service {
    /// A refusal with whose change came before, if that is why.
    pub(crate) async fn told_meanwhile(
        &self,
        caller: &Caller,
        id: WorkflowId,
        refused: Error,
    ) -> Error {
        if refused.kind != ErrorKind::Precondition {
            return refused;
        }
        match self.meanwhile(caller, id).await {
            Ok(meanwhile) => Error {
                meanwhile: Some(Box::new(meanwhile)),
                ..refused
            },
            // It is refused all the same.
            Err(error) => {
                tracing::warn!(%error, "the change that came before cannot be read");
                refused
            }
        }
    }

    async fn meanwhile(&self, caller: &Caller, id: WorkflowId) -> Result<Meanwhile, Error> {
        let (workflow, _) = self.visible_draft(caller, id).await?;
        let filter = AuditFilter {
            subject: Some(id.to_string()),
            action: Some("workflow".to_owned()),
            ..AuditFilter::default()
        };
        let store = &self.inner.store;
        let rows = store.audit(caller.workspace, &filter, Page::first(ROWS));
        let rows = rows.await?.rows;
        let revision = workflow.draft_revision;
        let change = rows.into_iter().find(|row| {
            CHANGES.contains(&row.action.as_str()) && row.detail["revision"] == revision
        });
        let by = match change {
            None => None,
            // An app's key is told no names of the workspace.
            Some(change) if caller.workflow.is_some() => Some((change.actor, None)),
            Some(change) => {
                let actor = change.actor;
                let mut names = self.names_of(caller, std::iter::once(actor)).await?;
                Some((actor, names.remove(&actor)))
            }
        };
        Ok(Meanwhile {
            revision,
            at: workflow.updated_at,
            by,
        })
    }
}
