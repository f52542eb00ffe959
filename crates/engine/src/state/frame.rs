//! Frames: the run's own graph, and one for every round of a container that is under way. Each has its own states of
//! nodes and edges; an item of an iteration has its own variables, a turn of a loop those around it.

use latchkey_domain::run::{Failure, IterationPath, IterationStep};
use latchkey_domain::time::Timestamp;
use latchkey_domain::value::NamedValues;

use crate::plan::{Plan, ScopeIndex, TOP};
use crate::pool::Pool;

use super::flow::{Flow, Step};
use super::{Effect, RunState};

/// The number of a frame in its run; numbers are not used again.
pub(super) type FrameNumber = u32;

/// The frame of the run's own graph.
pub(super) const ROOT: FrameNumber = 0;

/// One graph under way.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    /// None for the run's own graph.
    pub(super) parent: Option<Parent>,
    pub(super) flow: Flow,
    /// Its variables; none when they are those around it.
    pool: Option<Pool>,
    /// Its executions that have not ended.
    pub(super) open: u32,
    /// Whether any node of it was made ready.
    pub(super) has_begun: bool,
    /// The first failure that no strategy of a node took: nothing more becomes ready in it.
    pub(super) failure: Option<Failure>,
    /// Whether a node ran that ends the loop which this is a turn of.
    pub(super) ends_loop: bool,
    /// What its responses gave, in order; who runs the round decides whether the run gets it.
    pub(super) responses: Vec<NamedValues>,
    pub(super) began_at: Timestamp,
}

/// Whose round a frame is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parent {
    /// The execution of the container.
    pub(super) container: u32,
    /// The round, from 0.
    pub(super) round: u32,
}

/// All frames of a run; those of rounds that are over are gone.
#[derive(Clone, Debug)]
pub(super) struct Frames(Vec<Option<Box<Frame>>>);

impl Frames {
    /// The frame of the run's own graph.
    pub(super) fn new(plan: &Plan) -> Self {
        let root = Frame::new(
            plan,
            TOP,
            None,
            Some(Pool::new()),
            Timestamp::from_millis(0),
        );
        Self(vec![Some(Box::new(root))])
    }

    fn add(&mut self, frame: Frame) -> FrameNumber {
        let number = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        self.0.push(Some(Box::new(frame)));
        number
    }

    pub(super) fn take(&mut self, number: FrameNumber) -> Option<Box<Frame>> {
        self.0.get_mut(number as usize)?.take()
    }

    /// A frame whose executions have not all ended.
    pub(super) fn get(&self, number: FrameNumber) -> &Frame {
        let frame = self.0[number as usize].as_ref();
        frame.expect("a frame is there as long as its executions")
    }

    /// A frame whose executions have not all ended.
    pub(super) fn get_mut(&mut self, number: FrameNumber) -> &mut Frame {
        let frame = self.0[number as usize].as_mut();
        frame.expect("a frame is there as long as its executions")
    }
}

impl Frame {
    fn new(
        plan: &Plan,
        scope: ScopeIndex,
        parent: Option<Parent>,
        pool: Option<Pool>,
        began_at: Timestamp,
    ) -> Self {
        Self {
            parent,
            flow: Flow::new(plan, scope),
            pool,
            open: 0,
            has_begun: false,
            failure: None,
            ends_loop: false,
            responses: Vec::new(),
            began_at,
        }
    }

    /// The variable of its own copy, if it has one.
    pub(super) fn own_pool(&self) -> Option<&Pool> {
        self.pool.as_ref()
    }
}

impl RunState {
    /// Begins a round of a container: its start node is done at once.
    pub(super) fn begin_frame(
        &mut self,
        scope: ScopeIndex,
        parent: Parent,
        pool: Option<Pool>,
        effects: &mut Vec<Effect>,
    ) {
        let plan = self.plan.clone();
        let frame = Frame::new(&plan, scope, Some(parent), pool, self.at);
        let number = self.frames.add(frame);
        let start = plan.scopes[scope].start;
        let steps = self.frames.get_mut(number).flow.take_all(&plan, start);
        for step in steps {
            if let Step::Ready(node) = step {
                self.make_ready(number, node, Some(start));
            }
        }
        if self.frames.get(number).open == 0 {
            self.emptied.push_back(number);
        }
        self.flush(effects);
    }

    /// The frame whose variables a frame uses.
    fn pool_frame(&self, mut number: FrameNumber) -> FrameNumber {
        loop {
            let frame = self.frames.get(number);
            match (&frame.pool, frame.parent) {
                (None, Some(parent)) => number = self.frame_of(parent.container),
                (Some(_), _) | (None, None) => return number,
            }
        }
    }

    /// The variables that the nodes of a frame see.
    pub(super) fn frame_pool(&self, number: FrameNumber) -> &Pool {
        let owner = self.frames.get(self.pool_frame(number));
        owner.pool.as_ref().expect("the root has variables")
    }

    pub(super) fn frame_pool_mut(&mut self, number: FrameNumber) -> &mut Pool {
        let owner = self.pool_frame(number);
        let pool = self.frames.get_mut(owner).pool.as_mut();
        pool.expect("the root has variables")
    }

    /// The frame that an execution is in.
    pub(super) fn frame_of(&self, execution: u32) -> FrameNumber {
        self.executions[execution as usize].frame
    }

    /// The rounds of the containers around the nodes of a frame, outermost first.
    pub(super) fn path_of_frame(&self, mut number: FrameNumber) -> IterationPath {
        let mut path = Vec::new();
        while let Some(parent) = self.frames.get(number).parent {
            let container = &self.executions[parent.container as usize];
            path.push(IterationStep {
                node_id: self.plan.nodes[container.node].id.clone(),
                index: parent.round,
            });
            number = container.frame;
        }
        path.reverse();
        path
    }

    /// A node ran that ends a loop: the innermost turn of that loop around it is the last.
    pub(super) fn end_loop(&mut self, mut number: FrameNumber, ended: &str) {
        while let Some(parent) = self.frames.get(number).parent {
            let container = &self.executions[parent.container as usize];
            if self.plan.nodes[container.node].id.as_str() == ended {
                self.frames.get_mut(number).ends_loop = true;
                return;
            }
            number = container.frame;
        }
    }
}
