//! What the plan prepares for the streaming order of answers (Dify DSL reference, 6.5).
//!
//! The reference enumerates all simple paths from the root, of which there can be exponentially many. That a response
//! is reachable when on some path all blocking edges are taken is the same as: it is reached from the root over edges
//! that do not block or are taken. A set of reached nodes says so with one visit of each edge. What blocks differs
//! between responses only in the nodes that write what they show, so responses share a view of the graph.

use std::collections::HashMap;
use std::sync::Arc;

use latchkey_domain::id::NodeId;

use crate::node::{NodeKind, ResponseTemplate};
use crate::template::Part;

use super::{NodeIndex, PlanEdge, PlanNode, StreamIndex, ViewIndex};

/// A node while its plan is being built.
pub(super) struct Draft {
    pub(super) node: PlanNode,
    pub(super) response: Option<ResponseTemplate>,
    pub(super) writes: Vec<[String; 2]>,
}

/// A response node as the coordinator sees it.
pub(crate) struct Response {
    pub(crate) node: NodeIndex,
    pub(crate) segments: Vec<Segment>,
    pub(crate) masks_secrets: bool,
    pub(crate) view: ViewIndex,
}

/// The graph as some responses see it.
pub(crate) struct View {
    /// Nodes whose outgoing edges block until they are taken.
    pub(crate) blocking: Bits,
    /// Nodes that are reached before any blocking edge is taken; a run copies them when it reaches more.
    pub(crate) reached: Arc<Bits>,
}

/// A piece of what a response streams.
pub(crate) enum Segment {
    Text(String),
    Variable {
        selector: Vec<String>,
        /// The source, if the selector begins with a node's id.
        node: Option<NodeIndex>,
        /// The source's stream, if the selector is exactly one of its outputs.
        stream: Option<StreamIndex>,
    },
}

/// A set of small numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bits(Box<[u64]>);

impl Bits {
    fn new(size: usize) -> Self {
        Self(vec![0; size.div_ceil(64)].into())
    }

    pub(crate) fn contains(&self, index: usize) -> bool {
        self.0[index / 64] & (1 << (index % 64)) != 0
    }

    /// Adds a number; answers whether it was new.
    pub(crate) fn insert(&mut self, index: usize) -> bool {
        let is_new = !self.contains(index);
        self.0[index / 64] |= 1 << (index % 64);
        is_new
    }
}

/// What the plan knows of its responses.
pub(super) struct Prepared {
    pub(super) responses: Vec<Response>,
    pub(super) views: Vec<View>,
    pub(super) streams: usize,
}

/// Prepares all responses of the top, whose nodes these are, and tells each node which of its outputs are streamed.
pub(super) fn prepare(
    drafts: &mut [Draft],
    edges: &[PlanEdge],
    index: &HashMap<NodeId, NodeIndex>,
    root: NodeIndex,
) -> Prepared {
    let mut order: Vec<NodeIndex> = (0..drafts.len())
        .filter(|at| drafts[*at].node.kind == NodeKind::Response && drafts[*at].response.is_some())
        .collect();
    order.sort_by(|a, b| drafts[*a].node.id.cmp(&drafts[*b].node.id));
    let writers = writers(drafts);
    let mut known: HashMap<Vec<NodeIndex>, ViewIndex> = HashMap::new();
    let mut prepared = Prepared {
        responses: Vec::with_capacity(order.len()),
        views: Vec::new(),
        streams: 0,
    };
    for (number, at) in order.into_iter().enumerate() {
        let template = drafts[at].response.take().expect("filtered above");
        drafts[at].node.response = Some(number);
        let shown = writers_of(&template, &writers);
        let view = *known.entry(shown).or_insert_with_key(|shown| {
            prepared.views.push(view(drafts, edges, shown, root));
            prepared.views.len() - 1
        });
        let segments = template
            .segments
            .into_iter()
            .map(|part| segment(part, drafts, index, number, &mut prepared.streams))
            .collect();
        prepared.responses.push(Response {
            node: at,
            segments,
            masks_secrets: template.masks_secrets,
            view,
        });
    }
    prepared
}

/// Who writes a variable of somebody else, by its first two parts.
fn writers(drafts: &[Draft]) -> HashMap<[String; 2], Vec<NodeIndex>> {
    let mut writers: HashMap<_, Vec<NodeIndex>> = HashMap::new();
    for (at, draft) in drafts.iter().enumerate() {
        for write in &draft.writes {
            writers.entry(write.clone()).or_default().push(at);
        }
    }
    writers
}

/// The nodes that write what a template shows, in order.
fn writers_of(
    template: &ResponseTemplate,
    writers: &HashMap<[String; 2], Vec<NodeIndex>>,
) -> Vec<NodeIndex> {
    let mut found = Vec::new();
    for part in &template.segments {
        if let Part::Variable(selector) = part
            && let [node, name, ..] = selector.as_slice()
            && let Some(nodes) = writers.get(&[node.clone(), name.clone()])
        {
            found.extend_from_slice(nodes);
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// What blocks: whoever chooses a handle, containers, responses, and these writers.
fn view(drafts: &[Draft], edges: &[PlanEdge], writers: &[NodeIndex], root: NodeIndex) -> View {
    let mut blocking = Bits::new(drafts.len());
    for (at, draft) in drafts.iter().enumerate() {
        let by_kind = match draft.node.kind {
            NodeKind::Branch | NodeKind::Container | NodeKind::Response => true,
            NodeKind::Root | NodeKind::Executable => false,
        };
        if by_kind || draft.node.chooses {
            blocking.insert(at);
        }
    }
    for at in writers {
        blocking.insert(*at);
    }
    let reached = Arc::new(free_reach(drafts, edges, &blocking, root));
    View { blocking, reached }
}

fn free_reach(drafts: &[Draft], edges: &[PlanEdge], blocking: &Bits, root: NodeIndex) -> Bits {
    let mut reached = Bits::new(drafts.len());
    reached.insert(root);
    let mut open = vec![root];
    while let Some(at) = open.pop() {
        if blocking.contains(at) {
            continue;
        }
        for edge in &drafts[at].node.outgoing {
            let target = edges[*edge].target;
            if reached.insert(target) {
                open.push(target);
            }
        }
    }
    reached
}

fn segment(
    part: Part,
    drafts: &mut [Draft],
    index: &HashMap<NodeId, NodeIndex>,
    response: usize,
    streams: &mut usize,
) -> Segment {
    let selector = match part {
        Part::Text(text) => return Segment::Text(text),
        Part::Variable(selector) => selector,
    };
    let node = selector
        .first()
        .and_then(|id| index.get(id.as_str()))
        .copied()
        // What runs inside of a container is streamed by nobody.
        .filter(|at| *at < drafts.len());
    let mut stream = None;
    if let (Some(at), Some(name)) = (node, selector.get(1)) {
        let source = &mut drafts[at].node;
        let shows_reasoning = name == "text" || name == "reasoning_content";
        // Responses are prepared one after another, so this one could only be the last.
        if shows_reasoning && source.reasoning_in.last() != Some(&response) {
            source.reasoning_in.push(response);
        }
        if selector.len() == 2 {
            stream = Some(stream_of(source, name, streams));
        }
    }
    Segment::Variable {
        selector,
        node,
        stream,
    }
}

fn stream_of(source: &mut PlanNode, name: &str, streams: &mut usize) -> StreamIndex {
    match source.streamed.iter().find(|(known, _)| known == name) {
        Some((_, stream)) => *stream,
        None => {
            let stream = *streams;
            source.streamed.push((name.to_owned(), stream));
            *streams += 1;
            stream
        }
    }
}
