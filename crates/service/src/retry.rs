//! Runs that are repeated: what need not be come to again is taken over, everything else is a start like any other.
//!
//! Taken over are results of top-level nodes that ended well, whose data and whole upstream are unchanged and are taken over
//! themselves; a container as a whole or not at all. Who starts it, whether they may, whose credentials pay and what the workflow's settings
//! allow is checked anew.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::credential::CredentialCode;
use latchkey_domain::document::{Document, Edge, GraphNode};
use latchkey_domain::id::{NodeId, RunId};
use latchkey_domain::inputs::prepare_entry;
use latchkey_domain::journal::{
    JournalEntry, JournalRecord, NodeResult, NodeUsage, ReusedNode, StartValues,
};
use latchkey_domain::run::{Run, RunVersion};
use latchkey_domain::value::Value;
use latchkey_domain::workflow::Mode;
use latchkey_engine::state::replay_results;
use serde_json::json;

use crate::documents::Prepared;
use crate::error::{Error, ErrorKind};
use crate::inline::StatedOverrides;
use crate::resolve::{self, Version};
use crate::start::{Acceptable, Started, ending};
use crate::{Service, require};

/// How a run is repeated.
#[derive(Clone, Debug)]
pub struct RetryRequest {
    /// Where it begins again.
    pub from: RetryFrom,
    /// What it executes.
    pub version: RetryVersion,
    /// What the new run states for itself; nothing is inherited.
    pub overrides: StatedOverrides,
}

/// Where a repeated run begins again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RetryFrom {
    /// At what did not end well.
    Failed,
    /// At this node of the top level, and at what follows from it.
    Node(NodeId),
}

/// What a repeated run executes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryVersion {
    /// What the run has executed.
    Same,
    /// The newest published version.
    Published,
}

impl Service {
    /// Repeats a run that is over.
    ///
    /// # Errors
    /// When the caller may not, there is no such run, it is not over or answers in a conversation, its overrides are not stated again, or
    /// anything is wrong that would be wrong with a start.
    pub async fn retry_run(
        &self,
        caller: &Caller,
        id: RunId,
        request: RetryRequest,
    ) -> Result<Started, Error> {
        require(caller, Permission::RunsWrite)?;
        if self.inner.tasks.is_closed() {
            return Err(ending());
        }
        let old = self.run_to_repeat(caller, id).await?;
        let workflow = self.visible(caller, old.workflow).await?;
        let before = self.prepare_run(&old).await?;
        if before.document.mode() == Mode::AdvancedChat {
            let detail = "a run of a conversation is not repeated: the message is regenerated";
            return Err(Error::new(
                ErrorKind::Conflict,
                "chat_run_not_retried",
                detail,
            ));
        }
        let prepared = match request.version {
            RetryVersion::Same => Arc::clone(&before),
            RetryVersion::Published => {
                let root = old.trigger.clone();
                self.prepare(caller, old.workflow, Version::Published, root)
                    .await?
            }
        };
        if !old.overrides.is_empty() && request.overrides.is_empty() {
            let code = CredentialCode::OverrideRequired;
            let detail = "the run has stated credentials for itself; state them again";
            return Err(Error::of_credential(code, detail));
        }
        let is_draft = matches!(old.version, RunVersion::Draft(_));
        let environment = Some(old.environment.clone());
        let environment = self.environment(caller, environment, is_draft).await?;
        let run = RunId::new(Self::new_id());
        let values = self
            .values_again(&old, &before, &prepared, run, &request.from)
            .await?;
        let (overrides, inline) = self
            .stated_overrides(caller, old.workflow, run, request.overrides)
            .await?;
        let reused = values.reused.len();
        let new = Acceptable {
            run,
            workflow: &workflow,
            prepared: &prepared,
            environment,
            end_user: old.end_user.clone(),
            values,
            overrides,
            inline,
            strict: false,
            key: None,
            message: None,
            retried_from: Some(old.id),
        };
        let started = self.accept(caller, new).await?;
        self.audit(
            caller,
            "run.retry",
            old.id,
            json!({"run": run, "reused": reused}),
        )
        .await?;
        Ok(started)
    }

    async fn run_to_repeat(&self, caller: &Caller, id: RunId) -> Result<Run, Error> {
        let run = self.inner.store.run(caller.workspace, id).await?;
        let run = run
            .filter(|run| caller.sees(run.workflow))
            .ok_or_else(|| Error::not_found("run"))?;
        let refused = |code, detail: &str| Err(Error::new(ErrorKind::Conflict, code, detail));
        if !run.status.is_terminal() {
            return refused(
                "run_not_over",
                "the run is not over: stop it, or wait for its end",
            );
        }
        if run.parent.is_some() {
            let detail = "the run was the tool of another one: repeat that one";
            return refused("tool_run_not_retried", detail);
        }
        Ok(run)
    }

    /// The values that the repeated run begins with, and the results that it takes over.
    async fn values_again(
        &self,
        old: &Run,
        before: &Arc<Prepared>,
        now: &Arc<Prepared>,
        run: RunId,
        from: &RetryFrom,
    ) -> Result<StartValues, Error> {
        let records = self.inner.store.journal(old.id).await?;
        if records.is_empty() {
            return Err(crate::events::removed());
        }
        let Some(JournalEntry::Started { values, .. }) = records.first().map(|it| &it.entry) else {
            return Err(Error::internal("a run that is over has no beginning"));
        };
        let mut values = StartValues::clone(values);
        let entry = now.plan.entry().clone();
        let is_known = same(node(&now.document, &entry), node(&before.document, &entry));
        if !is_known {
            // Other start variables: the inputs are checked as those of any start.
            values.inputs =
                prepare_entry(&now.document, &entry, &old.inputs).map_err(Error::of_inputs)?;
        }
        for (name, value) in &mut values.system {
            if name == "workflow_run_id" {
                *value = Value::string(run.to_string());
            }
        }
        values.environment = resolve::plain_environment(&now.document);
        let (before, now) = (Arc::clone(before), Arc::clone(now));
        let (from, old) = (from.clone(), old.id);
        // What the run has taken over itself is among its results.
        let reused = self.at_length(move |_| taken_over(&before, &now, old, &records, &from));
        values.reused = reused.await??;
        Ok(values)
    }
}

/// The results of a run's nodes that one which repeats it takes over.
fn taken_over(
    before: &Prepared,
    now: &Prepared,
    old: RunId,
    records: &[JournalRecord],
    from: &RetryFrom,
) -> Result<Vec<ReusedNode>, Error> {
    let secrets = before.secrets.clone();
    let (results, skipped) = replay_results(Arc::clone(&before.plan), old, secrets, records);
    let reuse = Reuse {
        before: &before.document,
        now: &now.document,
        entry: now.plan.entry(),
        results: results.into_iter().collect(),
        skipped: skipped.into_iter().collect(),
        redone: redone(&now.document, from)?,
    };
    // Any node may have used a variable of the environment.
    let is_same = resolve::plain_environment(&before.document)
        == resolve::plain_environment(&now.document)
        && before.secrets == now.secrets;
    if !is_same {
        return Ok(Vec::new());
    }
    let mut known = HashMap::new();
    let top = now.document.graph().nodes.iter();
    let top = top.filter(|node| node.container.is_none());
    let mut reused = Vec::new();
    for node in top {
        if !reuse.stands(&node.id, &mut known) || node.id == *reuse.entry {
            continue;
        }
        if let Some(result) = reuse.results.get(&node.id) {
            reused.push(ReusedNode {
                node_id: node.id.clone(),
                result: Box::new(NodeResult {
                    usage: NodeUsage::default(),
                    resolution: None,
                    ..result.clone()
                }),
            });
        }
    }
    Ok(reused)
}

/// The nodes that are to be executed again whatever they came to.
fn redone(document: &Document, from: &RetryFrom) -> Result<HashSet<NodeId>, Error> {
    let RetryFrom::Node(from) = from else {
        return Ok(HashSet::new());
    };
    let Some(found) = node(document, from) else {
        let detail = format!("the workflow has no node {from}");
        return Err(Error::field("invalid_input", "/from", detail));
    };
    if let Some(container) = &found.container {
        let detail =
            format!("{from} is inside of {container}, which is repeated as a whole: name that one");
        return Err(Error::field("invalid_input", "/from", detail));
    }
    let mut all = HashSet::from([from.clone()]);
    let mut open = vec![from.clone()];
    while let Some(source) = open.pop() {
        for edge in document
            .graph()
            .edges
            .iter()
            .filter(|edge| edge.source == source)
        {
            if all.insert(edge.target.clone()) {
                open.push(edge.target.clone());
            }
        }
    }
    Ok(all)
}

/// What can be taken over, and why.
struct Reuse<'a> {
    before: &'a Document,
    now: &'a Document,
    entry: &'a NodeId,
    results: HashMap<NodeId, NodeResult>,
    skipped: HashSet<NodeId>,
    redone: HashSet<NodeId>,
}

impl Reuse<'_> {
    /// Whether what a node came to still stands: its result, or that it was skipped. A graph has no cycles.
    fn stands(&self, id: &NodeId, known: &mut HashMap<NodeId, bool>) -> bool {
        if let Some(known) = known.get(id) {
            return *known;
        }
        let has_come = self.results.contains_key(id) || self.skipped.contains(id);
        let stands = has_come
            && !self.redone.contains(id)
            && self.is_unchanged(id)
            && edges_into(self.now, id).all(|edge| self.stands(&edge.source, known));
        known.insert(id.clone(), stands);
        stands
    }

    /// Whether a node, what is inside of it and what leads to it are as they were.
    fn is_unchanged(&self, id: &NodeId) -> bool {
        let is_same_node =
            node(self.before, id).is_some() && same(node(self.before, id), node(self.now, id));
        let way = |document| -> HashSet<(NodeId, String)> {
            let edges = edges_into(document, id);
            edges
                .map(|edge| (edge.source.clone(), edge.handle.clone()))
                .collect()
        };
        is_same_node && way(self.before) == way(self.now) && self.is_unchanged_inside(id)
    }

    fn is_unchanged_inside(&self, id: &NodeId) -> bool {
        let inside = |document: &Document| -> Vec<NodeId> {
            let nodes = document.graph().nodes.iter();
            let nodes = nodes.filter(|node| node.container.as_ref() == Some(id));
            nodes.map(|node| node.id.clone()).collect()
        };
        let (before, now) = (inside(self.before), inside(self.now));
        before == now && now.iter().all(|id| self.is_unchanged(id))
    }
}

fn node<'a>(document: &'a Document, id: &NodeId) -> Option<&'a GraphNode> {
    document.graph().nodes.iter().find(|node| node.id == *id)
}

fn same(one: Option<&GraphNode>, other: Option<&GraphNode>) -> bool {
    let told = |node: &GraphNode| {
        (
            node.node_type.clone(),
            node.version.clone(),
            Arc::clone(&node.data),
            node.container.clone(),
        )
    };
    one.map(told) == other.map(told)
}

fn edges_into<'a>(document: &'a Document, id: &'a NodeId) -> impl Iterator<Item = &'a Edge> {
    let edges = document.graph().edges.iter();
    edges.filter(move |edge| edge.target == *id)
}
