//! Rebuilding a run from its journal.

use std::sync::Arc;

use latchkey_domain::event::RunEvent;
use latchkey_domain::id::{NodeId, RunId};
use latchkey_domain::journal::{JournalEntry, JournalRecord, Limits, NodeResult, StartValues};
use latchkey_domain::time::Timestamp;
use latchkey_domain::value::NamedValues;

use crate::plan::Plan;

use super::{Effect, Happened, RunState};

impl RunState {
    /// Takes in a record of the journal: first what nodes reported before it, then itself.
    pub fn replay(&mut self, record: &JournalRecord, effects: &mut Vec<Effect>) {
        self.shown.get_or_insert_default();
        self.position.epoch = record.epoch;
        for report in &record.reports {
            self.report(report, effects);
        }
        // What was still due was streamed before the end was recorded.
        if matches!(record.entry, JournalEntry::Finished(_)) {
            self.at = record.at;
            self.flush(effects);
        }
        let mut record = record.clone();
        self.secrets.unseal(&mut record);
        self.apply(record, effects);
    }
}

/// The first record of a run that somebody begins later.
#[must_use]
pub fn first_record(
    plan: Arc<Plan>,
    run: RunId,
    at: Timestamp,
    values: StartValues,
    limits: Limits,
) -> Option<JournalRecord> {
    let mut state = RunState::new(plan, run, 1, NamedValues::new());
    let mut effects = Vec::new();
    state.on(at, Happened::Started { values, limits }, &mut effects);
    effects.into_iter().find_map(|effect| match effect {
        Effect::Record(record) => Some(record),
        Effect::Publish(_)
        | Effect::Compute(_)
        | Effect::Start { .. }
        | Effect::Interrupted(_)
        | Effect::Wait { .. }
        | Effect::CancelNodes
        | Effect::AwaitCommit
        | Effect::Pause(_)
        | Effect::Finish(_) => None,
    })
}

/// What the top-level nodes of a run came to that ended well, in the order of their ends, from its journal; and those that were
/// skipped.
#[must_use]
pub fn replay_results(
    plan: Arc<Plan>,
    run: RunId,
    secrets: NamedValues,
    records: &[JournalRecord],
) -> (Vec<(NodeId, NodeResult)>, Vec<NodeId>) {
    let mut state = RunState::new(plan, run, 1, secrets);
    state.results = Some(Vec::new());
    let mut effects = Vec::new();
    for record in records {
        state.replay(record, &mut effects);
        effects.clear();
    }
    let skipped = state.skipped().into_iter().cloned().collect();
    (state.results.unwrap_or_default(), skipped)
}

/// The events of a run as they were shown, from its journal. `secrets` are the run's secret environment variables: an
/// answer that names one shows it, and the journal does not have it.
#[must_use]
pub fn replay_events(
    plan: Arc<Plan>,
    run: RunId,
    secrets: NamedValues,
    records: &[JournalRecord],
) -> Vec<RunEvent> {
    let epoch = records.first().map_or(0, |record| record.epoch);
    let mut state = RunState::new(plan, run, epoch, secrets);
    let mut events = Vec::new();
    let mut effects = Vec::new();
    for record in records {
        state.replay(record, &mut effects);
        events.extend(effects.drain(..).filter_map(|effect| match effect {
            Effect::Publish(event) => Some(event),
            Effect::Record(_)
            | Effect::Compute(_)
            | Effect::Start { .. }
            | Effect::Interrupted(_)
            | Effect::Wait { .. }
            | Effect::CancelNodes
            | Effect::AwaitCommit
            | Effect::Pause(_)
            | Effect::Finish(_) => None,
        }));
    }
    events
}
