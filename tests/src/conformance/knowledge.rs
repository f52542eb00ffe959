//! The knowledge of a case: every dataset that a node names is there, and a question finds what the case says.

use async_trait::async_trait;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use latchkey_domain::id::{DatasetId, WorkspaceId};
use latchkey_domain::knowledge::Retrieval;
use latchkey_nodes::{AskedModel, DatasetCard, Hit, Knowledge, KnowledgeError, KnowledgeQuestion};

use super::case::Case;

/// The knowledge of one case.
pub(super) struct CaseKnowledge {
    answers: Vec<Json>,
}

impl CaseKnowledge {
    pub(super) fn of(case: &Case) -> Self {
        Self {
            answers: case.list("knowledge").to_vec(),
        }
    }
}

#[async_trait]
impl Knowledge for CaseKnowledge {
    async fn datasets(
        &self,
        _: WorkspaceId,
        named: &[String],
    ) -> Result<Vec<DatasetCard>, KnowledgeError> {
        let card = |(_, number): (&String, u128)| DatasetCard {
            id: DatasetId::new(Uuid::from_u128(number)),
            name: format!("dataset {number}"),
            description: String::new(),
            retrieval: Retrieval::default(),
            has_documents: true,
        };
        Ok(named.iter().zip(1..).map(card).collect())
    }

    async fn metadata_names(
        &self,
        _: WorkspaceId,
        _: &[DatasetId],
    ) -> Result<Vec<String>, KnowledgeError> {
        Ok(Vec::new())
    }

    async fn search(
        &self,
        question: &KnowledgeQuestion<'_>,
        _: &mut Vec<AskedModel>,
    ) -> Result<Vec<Hit>, KnowledgeError> {
        let fits = |answer: &&Json| {
            let query = answer["query"].as_str();
            query.is_none_or(|query| query == question.query)
        };
        let answer = self.answers.iter().find(fits).ok_or_else(|| {
            KnowledgeError::Unavailable(format!("nothing is scripted for {:?}", question.query))
        })?;
        let records = answer["records"].as_array().into_iter().flatten();
        let hit = |(record, at): (&Json, usize)| Hit {
            dataset: question.datasets[0],
            dataset_name: "dataset 1".to_owned(),
            document_id: format!("document-{at}"),
            document_name: record["document"].as_str().unwrap_or("document").to_owned(),
            metadata: Map::new(),
            segment: None,
            content: record["content"].as_str().unwrap_or_default().to_owned(),
            score: record["score"].as_f64().unwrap_or(0.5),
            vector_score: record["score"].as_f64(),
        };
        Ok(records.zip(1..).map(hit).collect())
    }
}
