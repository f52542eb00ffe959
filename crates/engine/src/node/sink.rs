//! How a running node tells what happens before its end.

use latchkey_domain::agent::AgentLog;
use latchkey_domain::credential::Resolution;
use latchkey_domain::id::{ModelCallId, NodeExecutionId};
use latchkey_domain::journal::ReportBody;
use latchkey_domain::time::Timestamp;
use tokio::sync::mpsc;

use super::Attempt;

/// A message of a node task to the dispatcher of its run.
pub(crate) struct FromNode {
    pub(crate) execution_id: NodeExecutionId,
    pub(crate) told: Told,
}

/// What a node task says.
pub(crate) enum Told {
    Report(ReportBody),
    Ended {
        started_at: Timestamp,
        attempt: Box<Attempt>,
    },
}

/// The way from a node to its run: bounded, in order, and gone when the run is.
///
/// When it is full the node waits, so a model that writes faster than the run can publish is slowed, never lost.
#[derive(Clone)]
pub struct Sink {
    execution_id: NodeExecutionId,
    reports: mpsc::Sender<FromNode>,
}

impl Sink {
    pub(crate) fn new(execution_id: NodeExecutionId, reports: mpsc::Sender<FromNode>) -> Self {
        Self {
            execution_id,
            reports,
        }
    }

    /// A sink that nobody listens to, for tests of single nodes.
    #[must_use]
    pub fn closed(execution_id: NodeExecutionId) -> Self {
        let (reports, _) = mpsc::channel(1);
        Self::new(execution_id, reports)
    }

    /// Tells a piece of one of the node's outputs.
    pub async fn chunk(&self, name: &str, text: &str, is_final: bool) {
        self.report(ReportBody::Chunk {
            name: name.to_owned(),
            text: text.to_owned(),
            is_final,
        })
        .await;
    }

    /// Tells a piece of the model's reasoning.
    pub async fn reasoning(&self, text: &str, is_final: bool) {
        self.report(ReportBody::Reasoning {
            text: text.to_owned(),
            is_final,
        })
        .await;
    }

    /// Tells that an agent's step began or is over.
    pub async fn agent_log(&self, log: AgentLog) {
        self.report(ReportBody::AgentLog(Box::new(log))).await;
    }

    /// Tells that a model call was opened.
    pub async fn model_call(
        &self,
        call_id: ModelCallId,
        model: &str,
        attempt: u32,
        resolution: Resolution,
    ) {
        self.report(ReportBody::ModelCall {
            call_id,
            model: model.to_owned(),
            attempt,
            resolution: Box::new(resolution),
        })
        .await;
    }

    async fn report(&self, body: ReportBody) {
        let message = FromNode {
            execution_id: self.execution_id,
            told: Told::Report(body),
        };
        // A closed channel means that the run is over: nobody needs the report.
        let _ = self.reports.send(message).await;
    }
}
