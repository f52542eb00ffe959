//! What running nodes tell before their end, and how the journal writes it.

use crate::agent::AgentLog;
use crate::credential::Resolution;
use crate::id::{ModelCallId, NodeExecutionId};
use crate::time::Timestamp;

/// Something that a running node told before its end.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The node execution.
    pub execution_id: NodeExecutionId,
    /// When.
    pub at: Timestamp,
    /// What.
    pub body: ReportBody,
}

/// What a running node told.
#[derive(Clone, Debug, PartialEq)]
pub enum ReportBody {
    /// A piece of one of its outputs.
    Chunk {
        /// The output's name.
        name: String,
        /// The piece.
        text: String,
        /// Whether the output is complete with it.
        is_final: bool,
    },
    /// A piece of a model's reasoning.
    Reasoning {
        /// The piece.
        text: String,
        /// Whether the reasoning is complete with it.
        is_final: bool,
    },
    /// An agent's step began or is over.
    AgentLog(Box<AgentLog>),
    /// A model call was opened.
    ModelCall {
        /// The ledger's row.
        call_id: ModelCallId,
        /// The model.
        model: String,
        /// Which attempt, from 1.
        attempt: u32,
        /// Why this key.
        resolution: Box<Resolution>,
    },
}

/// The written form: neighbours that come from one output of one node share their head, because a model says hundreds
/// of short pieces.
pub(super) mod compact {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::agent::AgentLog;
    use crate::credential::Resolution;
    use crate::id::{ModelCallId, NodeExecutionId};
    use crate::time::Timestamp;

    use super::{Report, ReportBody};

    #[derive(Serialize, Deserialize)]
    struct Group {
        execution_id: NodeExecutionId,
        at: Timestamp,
        #[serde(flatten)]
        body: GroupBody,
    }

    #[derive(Serialize, Deserialize)]
    #[serde(tag = "report", rename_all = "snake_case")]
    enum GroupBody {
        Chunks {
            name: String,
            #[serde(flatten)]
            pieces: Pieces,
        },
        Reasoning {
            #[serde(flatten)]
            pieces: Pieces,
        },
        AgentLog(Box<AgentLog>),
        ModelCall {
            call_id: ModelCallId,
            model: String,
            attempt: u32,
            resolution: Box<Resolution>,
        },
    }

    /// Each piece with the milliseconds since the first; only the last one can be final.
    #[derive(Serialize, Deserialize)]
    struct Pieces {
        pieces: Vec<(u64, String)>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_final: bool,
    }

    impl Pieces {
        fn of(text: &str, is_final: bool) -> Self {
            Self {
                pieces: vec![(0, text.to_owned())],
                is_final,
            }
        }

        fn add(&mut self, millis: u64, text: &str, is_final: bool) {
            self.pieces.push((millis, text.to_owned()));
            self.is_final = is_final;
        }

        fn into_reports(
            self,
            execution_id: NodeExecutionId,
            at: Timestamp,
            body: impl Fn(String, bool) -> ReportBody,
        ) -> Vec<Report> {
            let last = self.pieces.len().saturating_sub(1);
            let pieces = self.pieces.into_iter().enumerate();
            let report = |(index, (millis, text))| Report {
                execution_id,
                at: at.plus_millis(i64::try_from(millis).unwrap_or(i64::MAX)),
                body: body(text, index == last && self.is_final),
            };
            pieces.map(report).collect()
        }
    }

    pub(in crate::journal) fn serialize<S: Serializer>(
        reports: &[Report],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut groups: Vec<Group> = Vec::new();
        for report in reports {
            if !groups.last_mut().is_some_and(|group| join(group, report)) {
                groups.push(begin(report));
            }
        }
        groups.serialize(serializer)
    }

    /// Adds a report to the group before it, if it continues it.
    fn join(group: &mut Group, report: &Report) -> bool {
        if group.execution_id != report.execution_id || report.at < group.at {
            return false;
        }
        let millis = report.at.millis_since(group.at);
        match (&mut group.body, &report.body) {
            (
                GroupBody::Chunks { name, pieces },
                ReportBody::Chunk {
                    name: other,
                    text,
                    is_final,
                },
            ) if name == other && !pieces.is_final => pieces.add(millis, text, *is_final),
            (GroupBody::Reasoning { pieces }, ReportBody::Reasoning { text, is_final })
                if !pieces.is_final =>
            {
                pieces.add(millis, text, *is_final);
            }
            _ => return false,
        }
        true
    }

    fn begin(report: &Report) -> Group {
        let body = match &report.body {
            ReportBody::Chunk {
                name,
                text,
                is_final,
            } => GroupBody::Chunks {
                name: name.clone(),
                pieces: Pieces::of(text, *is_final),
            },
            ReportBody::Reasoning { text, is_final } => GroupBody::Reasoning {
                pieces: Pieces::of(text, *is_final),
            },
            ReportBody::AgentLog(log) => GroupBody::AgentLog(log.clone()),
            ReportBody::ModelCall {
                call_id,
                model,
                attempt,
                resolution,
            } => GroupBody::ModelCall {
                call_id: *call_id,
                model: model.clone(),
                attempt: *attempt,
                resolution: resolution.clone(),
            },
        };
        Group {
            execution_id: report.execution_id,
            at: report.at,
            body,
        }
    }

    pub(in crate::journal) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Report>, D::Error> {
        let groups = Vec::<Group>::deserialize(deserializer)?;
        Ok(groups.into_iter().flat_map(reports).collect())
    }

    fn reports(group: Group) -> Vec<Report> {
        let (execution_id, at) = (group.execution_id, group.at);
        match group.body {
            GroupBody::Chunks { name, pieces } => {
                pieces.into_reports(execution_id, at, |text, is_final| ReportBody::Chunk {
                    name: name.clone(),
                    text,
                    is_final,
                })
            }
            GroupBody::Reasoning { pieces } => {
                pieces.into_reports(execution_id, at, |text, is_final| ReportBody::Reasoning {
                    text,
                    is_final,
                })
            }
            GroupBody::AgentLog(log) => vec![Report {
                execution_id,
                at,
                body: ReportBody::AgentLog(log),
            }],
            GroupBody::ModelCall {
                call_id,
                model,
                attempt,
                resolution,
            } => vec![Report {
                execution_id,
                at,
                body: ReportBody::ModelCall {
                    call_id,
                    model,
                    attempt,
                    resolution,
                },
            }],
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::{JournalEntry, JournalRecord};
    use super::{Report, ReportBody};
    use crate::agent::{AgentLog, AgentLogStatus};
    use crate::id::NodeExecutionId;
    use crate::time::Timestamp;

    fn chunk(node: u128, millis: i64, text: &str, is_final: bool) -> Report {
        Report {
            execution_id: NodeExecutionId::new(Uuid::from_u128(node)),
            at: Timestamp::from_millis(millis),
            body: ReportBody::Chunk {
                name: "text".into(),
                text: text.into(),
                is_final,
            },
        }
    }

    fn thought(node: u128, text: &str) -> Report {
        Report {
            execution_id: NodeExecutionId::new(Uuid::from_u128(node)),
            at: Timestamp::from_millis(9),
            body: ReportBody::Reasoning {
                text: text.into(),
                is_final: false,
            },
        }
    }

    fn step(node: u128) -> Report {
        let data = serde_json::json!({"at": 1, "report": "chunks", "execution_id": 2});
        Report {
            execution_id: NodeExecutionId::new(Uuid::from_u128(node)),
            at: Timestamp::from_millis(9),
            body: ReportBody::AgentLog(Box::new(AgentLog {
                id: "1".into(),
                label: "CALL weather".into(),
                parent_id: None,
                status: AgentLogStatus::Error,
                error: Some("no".into()),
                data: data.as_object().unwrap().clone(),
                metadata: serde_json::Map::new(),
            })),
        }
    }

    #[test]
    fn reports_survive_in_order_and_share_their_heads() {
        let record = JournalRecord {
            sequence: 3,
            epoch: 1,
            at: Timestamp::from_millis(20),
            reports: vec![
                chunk(1, 5, "a", false),
                chunk(1, 7, "b", false),
                thought(2, "hm"),
                thought(2, "so"),
                chunk(1, 9, "c", true),
                step(3),
                step(3),
                chunk(1, 9, "again", false),
                chunk(2, 8, "d", false),
            ],
            entry: JournalEntry::StopAsked {
                reason: String::new(),
            },
        };
        let written = serde_json::to_string(&record).unwrap();
        assert_eq!(written.matches("execution_id").count(), 9, "{written}");
        assert_eq!(
            serde_json::from_str::<JournalRecord>(&written).unwrap(),
            record
        );
    }
}
