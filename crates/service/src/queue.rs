//! How many runs are at work, and what waits: starts are taken up at once while there is room, wait while there is none, and are
//! refused when too much waits already.
//!
//! What this process executes it counts exactly. What others execute it knows from the database as of its last look, so that
//! several processes together may exceed a bound by what they have begun since.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use latchkey_domain::id::{WorkflowId, WorkspaceId};
use latchkey_store::ActiveRuns;
use tokio::sync::Notify;

use crate::error::{Error, ErrorKind, Hint};
use crate::lock;
use crate::signals::{Executes, WorkLimits};

/// After how many seconds a start that was refused may be tried again.
const TRY_AGAIN: u64 = 5;

/// What becomes of a start.
pub(crate) enum Admission {
    /// It is executed here, at once.
    Here(Slot),
    /// It waits.
    Waits,
}

/// Runs of this process and of others.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    here: usize,
    elsewhere: usize,
    /// Runs that wait, as far as this process knows.
    waiting: usize,
}

impl Count {
    const fn active(self) -> usize {
        self.here + self.elsewhere
    }

    const fn is_nothing(self) -> bool {
        self.here == 0 && self.elsewhere == 0 && self.waiting == 0
    }
}

#[derive(Default)]
struct Counts {
    here: usize,
    workspaces: HashMap<WorkspaceId, Count>,
    workflows: HashMap<WorkflowId, Count>,
}

/// The room for runs.
pub(crate) struct Queue {
    limits: WorkLimits,
    executes: Executes,
    counts: Mutex<Counts>,
    /// There is room again, or something waits that did not.
    changed: Notify,
}

/// The place of one run; given back when it is dropped.
pub(crate) struct Slot {
    queue: Arc<Queue>,
    workspace: WorkspaceId,
    workflow: WorkflowId,
}

impl Queue {
    pub(crate) fn new(limits: WorkLimits, executes: Executes) -> Arc<Self> {
        Arc::new(Self {
            limits,
            executes,
            counts: Mutex::default(),
            changed: Notify::new(),
        })
    }

    /// What becomes of a new run.
    pub(crate) fn admit(
        self: &Arc<Self>,
        workspace: WorkspaceId,
        workflow: WorkflowId,
    ) -> Result<Admission, Error> {
        let mut counts = lock(&self.counts);
        let waiting = counts.workspaces.get(&workspace).map_or(0, |it| it.waiting);
        // Who came first is taken up first.
        if waiting == 0
            && let Some(slot) = self.take_of(&mut counts, workspace, workflow)
        {
            return Ok(Admission::Here(slot));
        }
        if waiting >= self.limits.waiting_per_workspace {
            let most = self.limits.waiting_per_workspace;
            let detail = format!("{most} runs of this workspace wait already; start it later");
            let full = Error::new(ErrorKind::RateLimited, "queue_full", detail);
            return Err(full.hinting(Hint::RetryAfter(TRY_AGAIN)));
        }
        counts.workspaces.entry(workspace).or_default().waiting += 1;
        Ok(Admission::Waits)
    }

    /// A place for a run that waits, if there is one.
    pub(crate) fn take(
        self: &Arc<Self>,
        workspace: WorkspaceId,
        workflow: WorkflowId,
    ) -> Option<Slot> {
        self.take_of(&mut lock(&self.counts), workspace, workflow)
    }

    fn take_of(
        self: &Arc<Self>,
        counts: &mut Counts,
        workspace: WorkspaceId,
        workflow: WorkflowId,
    ) -> Option<Slot> {
        let limits = &self.limits;
        let of_workspace = counts
            .workspaces
            .get(&workspace)
            .copied()
            .unwrap_or_default();
        let of_workflow = counts.workflows.get(&workflow).copied().unwrap_or_default();
        let is_full = self.executes == Executes::Nothing
            || counts.here >= limits.per_process
            || of_workspace.active() >= limits.per_workspace
            || of_workflow.active() >= limits.per_workflow;
        if is_full {
            return None;
        }
        counts.here += 1;
        counts.workspaces.entry(workspace).or_default().here += 1;
        counts.workflows.entry(workflow).or_default().here += 1;
        Some(Slot {
            queue: Arc::clone(self),
            workspace,
            workflow,
        })
    }

    /// How many more runs this process can execute.
    pub(crate) fn room(&self) -> usize {
        match self.executes {
            Executes::Nothing => 0,
            Executes::Runs => self
                .limits
                .per_process
                .saturating_sub(lock(&self.counts).here),
        }
    }

    /// What the database says about others, and about what waits.
    pub(crate) fn heard(&self, active: &[ActiveRuns]) {
        let mut counts = lock(&self.counts);
        let number = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        for count in counts.workspaces.values_mut() {
            (count.elsewhere, count.waiting) = (0, 0);
        }
        for count in counts.workflows.values_mut() {
            count.elsewhere = 0;
        }
        for one in active {
            let workspace = counts.workspaces.entry(one.workspace).or_default();
            workspace.elsewhere += number(one.running);
            workspace.waiting += number(one.queued);
            let workflow = counts.workflows.entry(one.workflow).or_default();
            workflow.elsewhere += number(one.running);
        }
        counts.workspaces.retain(|_, count| !count.is_nothing());
        counts.workflows.retain(|_, count| !count.is_nothing());
    }

    /// There may be something to take up.
    pub(crate) fn wake(&self) {
        self.changed.notify_one();
    }

    /// Waits until there may be something to take up.
    pub(crate) async fn woken(&self) {
        self.changed.notified().await;
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut counts = lock(&self.queue.counts);
        counts.here = counts.here.saturating_sub(1);
        let mut waits = false;
        if let Some(count) = counts.workspaces.get_mut(&self.workspace) {
            count.here = count.here.saturating_sub(1);
            if count.is_nothing() {
                counts.workspaces.remove(&self.workspace);
            }
        }
        if let Some(count) = counts.workflows.get_mut(&self.workflow) {
            count.here = count.here.saturating_sub(1);
            if count.is_nothing() {
                counts.workflows.remove(&self.workflow);
            }
        }
        waits |= counts.workspaces.values().any(|count| count.waiting > 0);
        drop(counts);
        if waits {
            self.queue.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use latchkey_domain::id::{WorkflowId, WorkspaceId};
    use latchkey_store::ActiveRuns;
    use uuid::Uuid;

    use super::{Admission, Queue};
    use crate::signals::{Executes, WorkLimits};

    const OURS: WorkspaceId = WorkspaceId::new(Uuid::from_u128(1));
    const THEIRS: WorkspaceId = WorkspaceId::new(Uuid::from_u128(2));

    const fn workflow(number: u128) -> WorkflowId {
        WorkflowId::new(Uuid::from_u128(number))
    }

    fn queue() -> std::sync::Arc<Queue> {
        let limits = WorkLimits {
            per_process: 4,
            per_workspace: 3,
            per_workflow: 2,
            waiting_per_workspace: 1,
            ..WorkLimits::default()
        };
        Queue::new(limits, Executes::Runs)
    }

    #[test]
    fn starts_are_taken_up_while_there_is_room_then_wait_then_are_refused() {
        let queue = queue();
        let one = queue.take(OURS, workflow(1)).unwrap();
        let two = queue.take(OURS, workflow(1)).unwrap();
        assert!(
            queue.take(OURS, workflow(1)).is_none(),
            "its workflow is full"
        );
        let three = queue.take(OURS, workflow(2)).unwrap();
        assert!(
            queue.take(OURS, workflow(3)).is_none(),
            "its workspace is full"
        );
        let four = queue.take(THEIRS, workflow(4)).unwrap();
        assert!(
            queue.take(THEIRS, workflow(4)).is_none(),
            "the process is full"
        );
        assert!(matches!(
            queue.admit(OURS, workflow(1)),
            Ok(Admission::Waits)
        ));
        let refused = queue.admit(OURS, workflow(1)).err().unwrap();
        assert_eq!(refused.code, "queue_full");
        drop((one, two, three, four));
        assert_eq!(queue.room(), 4);
        assert!(
            matches!(queue.admit(THEIRS, workflow(4)), Ok(Admission::Here(_))),
            "the place of another workspace is free"
        );
        assert!(
            queue.admit(OURS, workflow(1)).is_err(),
            "who waits comes first"
        );
    }

    #[test]
    fn what_others_execute_counts_too() {
        let queue = queue();
        let elsewhere = ActiveRuns {
            workspace: OURS,
            workflow: workflow(1),
            running: 2,
            queued: 0,
        };
        queue.heard(&[elsewhere]);
        assert!(queue.take(OURS, workflow(1)).is_none());
        let other = queue.take(OURS, workflow(2)).unwrap();
        assert!(queue.take(OURS, workflow(2)).is_none());
        queue.heard(&[]);
        assert!(queue.take(OURS, workflow(1)).is_some());
        drop(other);
    }
}
