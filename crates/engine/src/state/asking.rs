//! Forms and pauses (Dify DSL reference, 4.21, 6.4): while a form waits no node starts; what runs comes to its end, and
//! then the run is paused. It goes on with the first answer, from its journal, wherever that is.

use latchkey_domain::event::{EventBody, RunPaused};
use latchkey_domain::form::{Form, FormAnswer, FormRequest};
use latchkey_domain::id::{FormId, NodeExecutionId};
use latchkey_domain::journal::JournalEntry;
use latchkey_domain::time::Timestamp;

use crate::node::Question;

use super::execution::Phase;
use super::{Effect, RunState};

/// A form of this run.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) request: FormRequest,
    pub(super) answer: Option<FormAnswer>,
}

impl RunState {
    /// A node asks: the record of what it asks. Secrets are masked, since people read it.
    pub(super) fn asked(
        &self,
        at: Timestamp,
        execution_id: NodeExecutionId,
        started_at: Timestamp,
        question: Question,
    ) -> Option<JournalEntry> {
        let number = self.number(execution_id)?;
        let node = &self.plan.nodes[self.executions[number as usize].node];
        let mut form = question.at(at);
        form.content = self.secrets.masked(form.content);
        for input in &mut form.inputs {
            input.default = input.default.take().map(|text| self.secrets.masked(text));
        }
        let request = FormRequest {
            form_id: FormId::of(execution_id),
            execution_id,
            node_id: node.id.clone(),
            title: node.title.clone(),
            iteration_path: self.path_of_frame(self.frame_of(number)),
            form,
        };
        Some(JournalEntry::FormAsked {
            started_at,
            request: Box::new(request),
        })
    }

    /// What a node asks is recorded: it waits, and with it everything that has not begun.
    pub(super) fn form_asked(
        &mut self,
        started_at: Timestamp,
        request: FormRequest,
        effects: &mut Vec<Effect>,
    ) {
        let Some(number) = self.number(request.execution_id) else {
            return;
        };
        let execution = &mut self.executions[number as usize];
        execution.started_at.get_or_insert(started_at);
        execution.phase = Phase::Asks;
        self.running = self.running.saturating_sub(1);
        if self.ending.is_some() {
            return;
        }
        self.is_pausing = true;
        self.asking += 1;
        let asked = Asked {
            request: request.clone(),
            answer: None,
        };
        self.forms.insert(number, asked);
        self.publish(EventBody::FormRequested(Box::new(request)), effects);
    }

    /// Whether this execution waits for an answer.
    pub(super) fn awaits_answer(&self, execution_id: NodeExecutionId) -> bool {
        self.phase(execution_id) == Some(Phase::Asks)
    }

    /// An answer is recorded: its node makes an attempt of it, and others may start.
    pub(super) fn form_answered(
        &mut self,
        execution_id: NodeExecutionId,
        answer: FormAnswer,
        effects: &mut Vec<Effect>,
    ) {
        let Some(number) = self.number(execution_id) else {
            return;
        };
        let Some(asked) = self.forms.get_mut(&number) else {
            return;
        };
        asked.answer = Some(answer.clone());
        self.executions[number as usize].phase = Phase::Running;
        self.running += 1;
        self.is_pausing = false;
        self.asking = self.asking.saturating_sub(1);
        if let Some(paused_at) = self.paused_at.take() {
            // Nobody's time is spent by a run that waits.
            let waited = i64::try_from(self.at.millis_since(paused_at)).unwrap_or(i64::MAX);
            self.started_at = self.started_at.plus_millis(waited);
        }
        let node = self.executions[number as usize].node;
        let body = EventBody::FormAnswered {
            node_id: self.plan.nodes[node].id.clone(),
            execution_id,
            answer,
        };
        self.publish(body, effects);
        effects.push(Effect::Compute(execution_id));
    }

    /// Whether everything that runs has come to its end and the rest waits for forms. What waits to be repeated runs.
    pub(super) const fn is_quiet(&self) -> bool {
        let goes_on = self.running > 0 || self.retrying > 0 || self.ending.is_some();
        self.asking > 0 && !goes_on && self.paused_at.is_none()
    }

    pub(super) fn pause(&mut self, at: Timestamp, effects: &mut Vec<Effect>) {
        let mut open: Vec<(&u32, &Asked)> = self.forms.iter().collect();
        open.retain(|(_, asked)| asked.answer.is_none());
        open.sort_by_key(|(number, _)| **number);
        let paused = RunPaused {
            forms: open
                .into_iter()
                .map(|(_, asked)| asked.request.clone())
                .collect(),
            outputs: self.outputs.clone(),
            usage: self.usage.clone(),
            steps: self.steps,
            exceptions: self.exceptions,
        };
        self.record(at, JournalEntry::Paused(paused), effects);
    }

    /// The pause is recorded: tells it, after the commit.
    pub(super) fn paused(&mut self, paused: RunPaused, effects: &mut Vec<Effect>) {
        self.paused_at = Some(self.at);
        effects.push(Effect::AwaitCommit);
        self.publish(EventBody::RunPaused(paused.clone()), effects);
        effects.push(Effect::Pause(paused));
    }

    /// The form of an execution and its answer, if it has one.
    pub(crate) fn answer_of(&self, execution_id: NodeExecutionId) -> Option<(&Form, &FormAnswer)> {
        let asked = self.forms.get(&self.number(execution_id)?)?;
        Some((&asked.request.form, asked.answer.as_ref()?))
    }

    /// Whether it is paused: only an answer makes it go on.
    #[must_use]
    pub const fn is_paused(&self) -> bool {
        self.paused_at.is_some()
    }
}
