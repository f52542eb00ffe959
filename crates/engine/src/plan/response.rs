//! What the plan prepares for the streaming order of answers (Dify DSL reference, 6.5).
//!
//! The reference enumerates all simple paths from the root, of which there can be exponentially many. That a response
//! is reachable when on some path all blocking edges are taken is the same as: it is reached from the root over edges
//! that do not block or are taken. A set of reached nodes per response says so with one visit of each edge.

use std::collections::HashMap;

use latchkey_domain::id::NodeId;

use crate::node::{NodeKind, ResponseTemplate};
use crate::template::Part;

use super::{NodeIndex, PlanEdge, PlanNode, StreamIndex};

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
    /// Nodes whose outgoing edges block this response until they are taken.
    pub(crate) blocking: Bits,
    /// Nodes that are reached before any blocking edge is taken.
    pub(crate) reached: Bits,
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

/// Prepares all responses, and tells each node which of its outputs are streamed.
pub(super) fn prepare(
    drafts: &mut [Draft],
    edges: &[PlanEdge],
    index: &HashMap<NodeId, NodeIndex>,
    root: NodeIndex,
) -> (Vec<Response>, usize) {
    let mut order: Vec<NodeIndex> = (0..drafts.len())
        .filter(|at| drafts[*at].node.kind == NodeKind::Response && drafts[*at].response.is_some())
        .collect();
    order.sort_by(|a, b| drafts[*a].node.id.cmp(&drafts[*b].node.id));
    let mut streams = 0;
    let mut responses = Vec::with_capacity(order.len());
    for (number, at) in order.into_iter().enumerate() {
        let template = drafts[at].response.take().expect("filtered above");
        let blocking = blocking(drafts, &template);
        let reached = free_reach(drafts, edges, &blocking, root);
        let segments = template
            .segments
            .into_iter()
            .map(|part| segment(part, drafts, index, number, &mut streams))
            .collect();
        responses.push(Response {
            node: at,
            segments,
            masks_secrets: template.masks_secrets,
            blocking,
            reached,
        });
    }
    (responses, streams)
}

/// Branches, containers, responses, and whoever writes a variable that the template shows.
fn blocking(drafts: &[Draft], template: &ResponseTemplate) -> Bits {
    let shown: Vec<&[String]> = template
        .segments
        .iter()
        .filter_map(|part| match part {
            Part::Variable(selector) => selector.get(..2),
            Part::Text(_) => None,
        })
        .collect();
    let mut blocking = Bits::new(drafts.len());
    for (at, draft) in drafts.iter().enumerate() {
        let by_kind = match draft.node.kind {
            NodeKind::Branch | NodeKind::Container | NodeKind::Response => true,
            NodeKind::Root | NodeKind::Executable => false,
        };
        if by_kind
            || draft
                .writes
                .iter()
                .any(|write| shown.contains(&write.as_slice()))
        {
            blocking.insert(at);
        }
    }
    blocking
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
        .copied();
    let mut stream = None;
    if let (Some(at), Some(name)) = (node, selector.get(1)) {
        let source = &mut drafts[at].node;
        let shows_reasoning = name == "text" || name == "reasoning_content";
        if shows_reasoning && !source.reasoning_in.contains(&response) {
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
