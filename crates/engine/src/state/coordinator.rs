//! The streaming order of answers (Dify DSL reference, 6.5): text comes as early as possible, but in template order,
//! and never from a branch that may not be taken.

use std::collections::VecDeque;
use std::sync::Arc;

use latchkey_domain::event::EventBody;
use latchkey_domain::id::ModelCallId;
use latchkey_domain::journal::{Report, ReportBody};

use crate::plan::{
    Bits, EdgeIndex, NodeIndex, Plan, ResponseIndex, Segment, StreamIndex, ViewIndex,
};

use super::execution::Phase;
use super::frame::ROOT;
use super::{Effect, RunState};

/// What the coordinator remembers of one run.
#[derive(Clone, Debug)]
pub(super) struct Coordinator {
    sessions: Box<[Session]>,
    /// The nodes reached so far, by view: the plan's own sets until a blocking edge is taken.
    reached: Box<[Arc<Bits>]>,
    /// Reachable sessions in the order in which they became so; the first one is active.
    queue: VecDeque<ResponseIndex>,
    streams: Box<[Stream]>,
}

/// One response node's place in its template.
#[derive(Clone, Copy, Debug)]
struct Session {
    phase: SessionPhase,
    segment: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SessionPhase {
    /// Not reachable yet.
    Hidden,
    /// Active, or waiting for others.
    Open,
    /// Streamed to its end.
    Done,
}

/// The chunks of one output that some template shows.
#[derive(Clone, Debug, Default)]
struct Stream {
    unread: VecDeque<(String, bool)>,
    has_begun: bool,
    is_closed: bool,
}

impl Coordinator {
    pub(super) fn new(plan: &Plan) -> Self {
        let hidden = Session {
            phase: SessionPhase::Hidden,
            segment: 0,
        };
        Self {
            sessions: vec![hidden; plan.responses.len()].into(),
            reached: plan.views.iter().map(|view| view.reached.clone()).collect(),
            queue: VecDeque::new(),
            streams: vec![Stream::default(); plan.streams].into(),
        }
    }
}

impl Coordinator {
    /// What an output has said so far does not count: it begins anew.
    pub(super) fn forget(&mut self, stream: StreamIndex) {
        self.streams[stream] = Stream::default();
    }
}

impl RunState {
    /// Activates every session whose response is reachable from the start, in ascending order of node ids.
    pub(super) fn activate_responses(&mut self, effects: &mut Vec<Effect>) {
        let plan = self.plan.clone();
        for (at, response) in plan.responses.iter().enumerate() {
            if self.coordinator.reached[response.view].contains(response.node) {
                self.activate(at, effects);
            }
        }
    }

    fn activate(&mut self, response: ResponseIndex, effects: &mut Vec<Effect>) {
        let session = &mut self.coordinator.sessions[response];
        if session.phase != SessionPhase::Hidden {
            return;
        }
        session.phase = SessionPhase::Open;
        self.coordinator.queue.push_back(response);
        if self.coordinator.queue.len() == 1 {
            self.flush(effects);
        }
    }

    /// An edge was taken: responses behind it may have become reachable.
    pub(super) fn edge_taken(&mut self, edge: EdgeIndex, effects: &mut Vec<Effect>) {
        let plan = self.plan.clone();
        let source = plan.edges[edge].source;
        let mut found = Vec::new();
        for (at, view) in plan.views.iter().enumerate() {
            let reached = &mut self.coordinator.reached[at];
            let target = plan.edges[edge].target;
            let opens = view.blocking.contains(source) && reached.contains(source);
            if opens && !reached.contains(target) {
                let reached = Arc::make_mut(reached);
                reach(
                    &plan,
                    &self.frames.get(ROOT).flow,
                    reached,
                    at,
                    target,
                    &mut found,
                );
            }
        }
        // The responses of a plan are in ascending order of their node ids.
        found.sort_unstable();
        for response in found {
            self.activate(response, effects);
        }
    }

    /// Something that a running node told; answers whether it changed anything or was shown to anybody, so that the
    /// journal must keep it.
    pub(super) fn report(&mut self, report: &Report, effects: &mut Vec<Effect>) -> bool {
        let Some(number) = self.number(report.execution_id) else {
            return false;
        };
        let execution = &self.executions[number as usize];
        if execution.phase != Phase::Running || self.ending.is_some() {
            return false;
        }
        let node = execution.node;
        self.at = report.at;
        match &report.body {
            ReportBody::Chunk {
                name,
                text,
                is_final,
            } => self.chunk(node, name, text, *is_final, effects),
            ReportBody::Reasoning { text, is_final } => {
                self.reasoning(node, text, *is_final, effects)
            }
            ReportBody::AgentLog(log) => {
                let body = EventBody::AgentLog {
                    node_id: self.plan.nodes[node].id.clone(),
                    execution_id: report.execution_id,
                    log: log.clone(),
                };
                self.publish(body, effects);
                true
            }
            ReportBody::ModelCall {
                call_id,
                model,
                attempt,
                resolution,
            } => {
                let call: (ModelCallId, u32) = (*call_id, *attempt);
                let body = EventBody::ModelCall {
                    call_id: call.0,
                    node_id: self.plan.nodes[node].id.clone(),
                    execution_id: report.execution_id,
                    attempt: call.1,
                    model: model.clone(),
                    resolution: resolution.clone(),
                };
                self.publish(body, effects);
                true
            }
        }
    }

    /// A piece of an output: buffered if some template shows it, else nobody's business.
    fn chunk(
        &mut self,
        node: NodeIndex,
        name: &str,
        text: &str,
        is_final: bool,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let mut streamed = self.plan.nodes[node].streamed.iter();
        let Some((_, stream)) = streamed.find(|(known, _)| known == name) else {
            return false;
        };
        let stream = &mut self.coordinator.streams[*stream];
        stream.has_begun = true;
        stream.is_closed |= is_final;
        stream.unread.push_back((text.to_owned(), is_final));
        self.flush(effects);
        true
    }

    /// Reasoning is shown as it comes if an activated response shows the node's text.
    fn reasoning(
        &mut self,
        node: NodeIndex,
        text: &str,
        is_final: bool,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let is_open = |response: &ResponseIndex| {
            self.coordinator.sessions[*response].phase == SessionPhase::Open
        };
        let is_visible = self.plan.nodes[node].reasoning_in.iter().any(is_open);
        if is_visible {
            let body = EventBody::ReasoningChunk {
                node_id: self.plan.nodes[node].id.clone(),
                text: text.to_owned(),
                is_final,
            };
            self.publish(body, effects);
        }
        is_visible
    }

    /// Streams everything that is due: from the active session until it has to wait, then from the next one.
    pub(super) fn flush(&mut self, effects: &mut Vec<Effect>) {
        let plan = self.plan.clone();
        while let Some(active) = self.coordinator.queue.front().copied() {
            let response = &plan.responses[active];
            let at = self.coordinator.sessions[active].segment as usize;
            let Some(segment) = response.segments.get(at) else {
                self.coordinator.queue.pop_front();
                self.coordinator.sessions[active].phase = SessionPhase::Done;
                continue;
            };
            let is_last = at + 1 == response.segments.len();
            let is_complete = match segment {
                Segment::Text(text) => {
                    let id = &plan.nodes[response.node].id;
                    let selector = vec![id.as_str().to_owned(), "answer".to_owned()];
                    self.stream_text(response.node, selector, text.clone(), is_last, effects);
                    true
                }
                Segment::Variable {
                    selector,
                    node,
                    stream,
                } => self.stream_variable(active, selector, *node, *stream, effects),
            };
            if !is_complete {
                return;
            }
            self.coordinator.sessions[active].segment += 1;
        }
    }

    /// Streams a variable as far as it is known; answers whether it is complete.
    fn stream_variable(
        &mut self,
        response: ResponseIndex,
        selector: &[String],
        node: Option<NodeIndex>,
        stream: Option<StreamIndex>,
        effects: &mut Vec<Effect>,
    ) -> bool {
        if node.is_some_and(|node| self.frames.get(ROOT).flow.is_skipped(node)) {
            return true;
        }
        let response = &self.plan.responses[response];
        let (masks_secrets, shown_as) = (response.masks_secrets, node.unwrap_or(response.node));
        if let Some(stream) = stream {
            while let Some((text, is_final)) = self.coordinator.streams[stream].unread.pop_front() {
                self.stream_text(shown_as, selector.to_vec(), text, is_final, effects);
            }
            let stream = &self.coordinator.streams[stream];
            if stream.has_begun {
                return stream.is_closed;
            }
        }
        match self.pool().get(selector) {
            Some(value) => {
                let text = if masks_secrets {
                    self.secrets.shown_markdown(&value)
                } else {
                    value.markdown().into_owned()
                };
                self.stream_text(shown_as, selector.to_vec(), text, true, effects);
                true
            }
            None => false,
        }
    }

    fn stream_text(
        &mut self,
        node: NodeIndex,
        selector: Vec<String>,
        text: String,
        is_final: bool,
        effects: &mut Vec<Effect>,
    ) {
        if let Some(shown) = &mut self.shown {
            shown.push((node, text.clone()));
        }
        let body = EventBody::TextChunk {
            node_id: self.plan.nodes[node].id.clone(),
            selector,
            text,
            is_final,
        };
        self.publish(body, effects);
    }
}

/// Adds a node and everything behind it over edges that do not block or are taken, and finds the responses among them.
fn reach(
    plan: &Plan,
    flow: &super::flow::Flow,
    reached: &mut Bits,
    view: ViewIndex,
    node: NodeIndex,
    found: &mut Vec<ResponseIndex>,
) {
    let blocking = &plan.views[view].blocking;
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        if !reached.insert(node) {
            continue;
        }
        let response = plan.nodes[node].response;
        found.extend(response.filter(|response| plan.responses[*response].view == view));
        for edge in &plan.nodes[node].outgoing {
            if !blocking.contains(node) || flow.is_taken(*edge) {
                open.push(plan.edges[*edge].target);
            }
        }
    }
}
