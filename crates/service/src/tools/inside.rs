//! The workflows that a workflow uses as tools, and theirs: what a run states may be of use in any of them.

use std::collections::HashSet;

use latchkey_domain::document::Document;
use latchkey_domain::id::{WorkflowId, WorkspaceId};
use latchkey_domain::journal::StartValues;
use latchkey_engine::plan::Outline;
use latchkey_models::{PlannedModel, WorkflowContext};

use super::Target;
use crate::Service;
use crate::error::Error;
use crate::resolve::planned;

impl Service {
    /// The places of the workflows that a document uses as tools, and of those that they use. One that cannot be used has
    /// none: it fails at its node.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn planned_inside(
        &self,
        context: &WorkflowContext,
        document: &Document,
        outline: &Outline,
    ) -> Result<Vec<PlannedModel>, Error> {
        let (workspace, workflow) = (context.workspace, context.workflow);
        let mut known: HashSet<WorkflowId> = workflow.into_iter().collect();
        let mut all = Vec::new();
        let mut left = self
            .used_workflows(workspace, workflow, document, outline)
            .await?;
        while let Some(id) = left.pop() {
            if !known.insert(id) {
                continue;
            }
            let Ok((_, prepared)) = self.tool_workflow(workspace, id).await else {
                continue;
            };
            let entry = Some(prepared.plan.entry());
            let Ok(outline) = Outline::of(prepared.document.graph(), entry) else {
                continue;
            };
            // What its start is given is known at its node.
            let values = StartValues::default();
            let inside = WorkflowContext {
                workflow: Some(id),
                ..context.clone()
            };
            let document = &prepared.document;
            all.extend(planned(document, &outline, &values));
            all.extend(
                self.planned_besides(&inside, document, &outline, &values)
                    .await?,
            );
            left.extend(
                self.used_workflows(workspace, Some(id), document, &outline)
                    .await?,
            );
        }
        Ok(all)
    }

    async fn used_workflows(
        &self,
        workspace: WorkspaceId,
        workflow: Option<WorkflowId>,
        document: &Document,
        outline: &Outline,
    ) -> Result<Vec<WorkflowId>, Error> {
        let mut used = Vec::new();
        for place in document.tool_places() {
            if !outline.reaches(&place.node_id) {
                continue;
            }
            let found = self.find_tool(workspace, workflow, &place.tool).await?;
            if let Some(Target::Workflow { workflow, .. }) = found.ok().map(|found| found.target) {
                used.push(workflow);
            }
        }
        Ok(used)
    }
}
