//! The dry run of workflows that a workflow uses as tools.

use latchkey_domain::document::Document;
use latchkey_domain::id::{NodeId, WorkflowId};
use latchkey_domain::journal::StartValues;
use latchkey_engine::plan::Outline;
use latchkey_engine::template::Template;
use latchkey_models::{DryRunRow, PlannedModel, PlannedSelector, WorkflowContext};

use super::{plain_environment, planned};
use crate::Service;
use crate::error::Error;
use crate::start::{conversation_values, system_values};
use crate::tools::{DEEPEST, Target, of_tool};

/// The most rows of one answer.
const ROWS: usize = 1_000;

/// What is around a workflow that is used as a tool.
pub(super) struct Around<'a> {
    pub(super) context: &'a WorkflowContext,
    /// The nodes that use it, the outermost first.
    pub(super) nodes: Vec<NodeId>,
    /// The workflows, the outermost first.
    pub(super) workflows: Vec<WorkflowId>,
}

impl Service {
    /// The rows of the workflows that a document uses as tools. Each resolves as itself: with its own author, settings and
    /// bindings, and the outermost run's caller.
    pub(super) async fn resolve_inside(
        &self,
        around: Around<'_>,
        document: &Document,
        outline: &Outline,
        rows: &mut Vec<DryRunRow>,
    ) -> Result<(), Error> {
        let context = around.context;
        for place in document.tool_places() {
            if !outline.reaches(&place.node_id) || rows.len() >= ROWS {
                continue;
            }
            let found = self.find_tool(context.workspace, context.workflow, &place.tool);
            let Ok(found) = found.await? else {
                continue;
            };
            let Target::Workflow { workflow, .. } = found.target else {
                continue;
            };
            // One that uses itself is told once; what has no published version is not used.
            if around.workflows.contains(&workflow) || around.nodes.len() >= DEEPEST as usize {
                continue;
            }
            let Ok((workflow, prepared)) = self.tool_workflow(context.workspace, workflow).await
            else {
                continue;
            };
            let context = of_tool(context, &workflow, &prepared);
            let entry = Some(prepared.plan.entry());
            let inner = Outline::of(prepared.document.graph(), entry).map_err(Error::of_plan)?;
            let values = StartValues {
                environment: plain_environment(&prepared.document),
                conversation: conversation_values(&prepared.document),
                system: system_values(workflow.id, context.end_user.as_deref()),
                ..StartValues::default()
            };
            let mut places = planned(&prepared.document, &inner, &values);
            let besides = self.planned_besides(&context, &prepared.document, &inner, &values);
            places.extend(besides.await?);
            for one in &mut places {
                depend_on(&place.node_id, one, &inner);
            }
            let around = around.with(&context, place.node_id, workflow.id);
            let found = self.inner.models.dry_run(&context, &places).await?;
            rows.extend(found.into_iter().map(|row| DryRunRow {
                inside: around.nodes.clone(),
                ..row
            }));
            Box::pin(self.resolve_inside(around, &prepared.document, &inner, rows)).await?;
        }
        Ok(())
    }
}

impl Around<'_> {
    fn with<'a>(
        &self,
        context: &'a WorkflowContext,
        node: NodeId,
        workflow: WorkflowId,
    ) -> Around<'a> {
        let mut nodes = self.nodes.clone();
        nodes.push(node);
        let mut workflows = self.workflows.clone();
        workflows.push(workflow);
        Around {
            context,
            nodes,
            workflows,
        }
    }
}

/// What a workflow is given as a tool is known when it is used, and not before: a selector that needs it depends on that node.
fn depend_on(tool: &NodeId, place: &mut PlannedModel, outline: &Outline) {
    let entry = outline.entry().as_str();
    let start_is_entry = entry == "start" || !outline.has_node("start");
    let choice = &place.selector.choice;
    let texts = [&choice.credential_id, &choice.credential_name];
    let mut needs = Vec::new();
    for text in texts.into_iter().flatten() {
        for placeholder in Template::parse(text).placeholders() {
            let source = placeholder.first().map_or("", String::as_str);
            if source == entry || (source == "start" && start_is_entry) {
                let rest = placeholder.get(1..).unwrap_or_default().join(".");
                needs.push(format!("{tool}.{rest}"));
            }
        }
    }
    if needs.is_empty() {
        return;
    }
    match &mut place.rendered {
        PlannedSelector::DependsOn(others) => others.extend(needs),
        known @ PlannedSelector::Known(_) => *known = PlannedSelector::DependsOn(needs),
    }
}
