//! Who would pay for the questions that nodes put to datasets: the vector of a question, and somebody else's knowledge.

use std::collections::HashMap;

use latchkey_domain::document::Document;
use latchkey_domain::id::NodeId;
use latchkey_domain::knowledge::{Dataset, SearchMethod, Source, Technique};
use latchkey_domain::provider::{ModelType, ProviderId};
use latchkey_engine::plan::Outline;
use latchkey_models::catalogue::EXTERNAL_KNOWLEDGE;
use latchkey_models::{PlannedModel, PlannedSelector, WorkflowContext};

use crate::Service;
use crate::error::Error;
use crate::import::datasets_of;
use crate::knowledge::model_of;

impl Service {
    /// One place for each model that the datasets of a reachable node ask, and for each payer of it.
    pub(crate) async fn planned_datasets(
        &self,
        context: &WorkflowContext,
        document: &Document,
        outline: &Outline,
    ) -> Result<Vec<PlannedModel>, Error> {
        let mut named = datasets_of(document);
        named.retain(|one| outline.reaches(&one.node));
        if named.is_empty() {
            return Ok(Vec::new());
        }
        let names: Vec<String> = named.iter().map(|one| one.name.clone()).collect();
        let store = &self.inner.store;
        let known = store.named_datasets(context.workspace, &names).await?;
        let known: HashMap<String, Dataset> = known.into_iter().collect();
        let nodes = document.graph().nodes.iter();
        let titles: HashMap<&NodeId, &String> = nodes.map(|node| (&node.id, &node.title)).collect();
        let mut planned: Vec<PlannedModel> = Vec::new();
        for one in &named {
            let title = titles.get(&one.node).map_or("", |title| title.as_str());
            let place = known
                .get(&one.name)
                .and_then(|dataset| place(&one.node, title, dataset));
            planned.extend(place.filter(|place| !planned.contains(place)));
        }
        Ok(planned)
    }
}

/// What a dataset asks; none for one that is searched by words.
fn place(node: &NodeId, title: &str, dataset: &Dataset) -> Option<PlannedModel> {
    let (provider, model, model_type) = match (&dataset.source, &dataset.embedding) {
        (Source::External { knowledge_id }, _) => {
            let provider = ProviderId::normalise(EXTERNAL_KNOWLEDGE);
            (provider, knowledge_id.clone(), ModelType::Rerank)
        }
        (Source::Own, Some(embedding)) => {
            let by_words = dataset.retrieval.search_method == Some(SearchMethod::FullText);
            if dataset.technique == Technique::Economy || by_words {
                return None;
            }
            let (provider, name) = (embedding.provider.clone(), embedding.name.clone());
            (provider, name, ModelType::TextEmbedding)
        }
        (Source::Own, None) => return None,
    };
    let asked = model_of(&provider, &model, model_type, &dataset.choice);
    Some(PlannedModel {
        node_id: node.clone(),
        title: title.to_owned(),
        provider,
        model,
        model_type,
        tool_provider: None,
        selector: asked.selector_source,
        rendered: PlannedSelector::Known(asked.rendered),
    })
}
