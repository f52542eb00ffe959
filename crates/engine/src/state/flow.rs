//! Readiness, branches and skips (Dify DSL reference, 6.1): nodes and edges are unknown, taken or skipped.

use crate::plan::{EdgeIndex, NodeIndex, Plan, ScopeIndex, TOP};

/// What an edge has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Unknown,
    Taken,
    Skipped,
}

/// A node's incoming edges, counted.
#[derive(Clone, Copy, Debug)]
struct Progress {
    undecided: u32,
    has_taken: bool,
    fate: Fate,
}

/// The states of all nodes and edges of one graph: the run's own, or one round of a container.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    /// The plan's numbers of the first ones; a graph's are a range of the plan's.
    first_node: NodeIndex,
    first_edge: EdgeIndex,
    nodes: Box<[Progress]>,
    edges: Box<[Fate]>,
}

/// What one decision led to, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// An edge was taken.
    Taken(EdgeIndex),
    /// All edges into a node are decided and one is taken: it may run.
    Ready(NodeIndex),
}

impl Flow {
    pub(super) fn new(plan: &Plan, scope: ScopeIndex) -> Self {
        let range = &plan.scopes[scope];
        let nodes = plan.nodes[range.nodes.clone()].iter();
        let nodes = nodes.map(|node| Progress {
            undecided: node.incoming,
            has_taken: false,
            fate: Fate::Unknown,
        });
        let mut flow = Self {
            first_node: range.nodes.start,
            first_edge: range.edges.start,
            nodes: nodes.collect(),
            edges: vec![Fate::Unknown; range.edges.len()].into(),
        };
        if scope == TOP {
            for edge in &plan.skipped_edges {
                *flow.edge(*edge) = Fate::Skipped;
                flow.node(plan.edges[*edge].target).undecided -= 1;
            }
            for node in &plan.skipped_nodes {
                flow.node(*node).fate = Fate::Skipped;
            }
        }
        flow
    }

    fn node(&mut self, node: NodeIndex) -> &mut Progress {
        &mut self.nodes[node - self.first_node]
    }

    fn edge(&mut self, edge: EdgeIndex) -> &mut Fate {
        &mut self.edges[edge - self.first_edge]
    }

    pub(super) fn is_skipped(&self, node: NodeIndex) -> bool {
        self.nodes[node - self.first_node].fate == Fate::Skipped
    }

    /// Takes all edges out of a node.
    pub(super) fn take_all(&mut self, plan: &Plan, node: NodeIndex) -> Vec<Step> {
        let mut steps = Vec::new();
        for edge in &plan.nodes[node].outgoing {
            self.take(plan, *edge, &mut steps);
        }
        steps
    }

    /// Takes the edges of one handle out of a node; the others are skipped first.
    pub(super) fn choose(&mut self, plan: &Plan, node: NodeIndex, handle: &str) -> Vec<Step> {
        let mut steps = Vec::new();
        let outgoing = &plan.nodes[node].outgoing;
        let is_chosen = |edge: &&EdgeIndex| plan.edges[**edge].handle == handle;
        for edge in outgoing.iter().filter(|edge| !is_chosen(edge)) {
            self.skip(plan, *edge, &mut steps);
        }
        for edge in outgoing.iter().filter(is_chosen) {
            self.take(plan, *edge, &mut steps);
        }
        steps
    }

    fn take(&mut self, plan: &Plan, edge: EdgeIndex, steps: &mut Vec<Step>) {
        if *self.edge(edge) != Fate::Unknown {
            return;
        }
        *self.edge(edge) = Fate::Taken;
        steps.push(Step::Taken(edge));
        let target = plan.edges[edge].target;
        let progress = self.node(target);
        progress.undecided -= 1;
        progress.has_taken = true;
        self.ready(target, steps);
    }

    /// Skips an edge and whatever can no longer be reached because of it.
    fn skip(&mut self, plan: &Plan, edge: EdgeIndex, steps: &mut Vec<Step>) {
        let mut open = vec![edge];
        while let Some(edge) = open.pop() {
            if *self.edge(edge) != Fate::Unknown {
                continue;
            }
            *self.edge(edge) = Fate::Skipped;
            let target = plan.edges[edge].target;
            let progress = self.node(target);
            progress.undecided -= 1;
            if progress.undecided > 0 || progress.fate != Fate::Unknown {
                continue;
            }
            if progress.has_taken {
                self.ready(target, steps);
            } else {
                progress.fate = Fate::Skipped;
                open.extend(plan.nodes[target].outgoing.iter().rev());
            }
        }
    }

    fn ready(&mut self, node: NodeIndex, steps: &mut Vec<Step>) {
        let progress = self.node(node);
        if progress.undecided == 0 && progress.has_taken && progress.fate == Fate::Unknown {
            progress.fate = Fate::Taken;
            steps.push(Step::Ready(node));
        }
    }

    /// Whether an edge was taken.
    pub(super) fn is_taken(&self, edge: EdgeIndex) -> bool {
        self.edges[edge - self.first_edge] == Fate::Taken
    }
}
