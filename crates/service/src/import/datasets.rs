//! The datasets that a file names, and which of them are not here. An id of another installation is found by an alias.

use latchkey_domain::access::Caller;
use latchkey_domain::document::{Document, Place, Problem, Severity, Status};
use latchkey_domain::id::NodeId;
use serde_json::Value as Json;

use crate::Service;
use crate::error::Error;

use super::Imported;

/// A dataset as a node of a file names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NamedDataset {
    pub(crate) node: NodeId,
    place: Option<Place>,
    pub(crate) name: String,
}

/// Every statement of a dataset.
pub(crate) fn datasets_of(document: &Document) -> Vec<NamedDataset> {
    let nodes = document.graph().nodes.iter();
    let retrieving = nodes.filter(|node| node.node_type == "knowledge-retrieval");
    let named = retrieving.flat_map(|node| {
        let ids = node.data.get("dataset_ids").and_then(Json::as_array);
        let texts = ids.into_iter().flatten().filter_map(Json::as_str);
        texts
            .filter(|text| !text.is_empty())
            .map(|text| NamedDataset {
                node: node.id.clone(),
                place: node.place,
                name: text.to_owned(),
            })
    });
    named.collect()
}

impl Service {
    /// Warns of datasets that are not here: their nodes run and find nothing in them.
    pub(super) async fn tell_missing_datasets(
        &self,
        caller: &Caller,
        imported: &mut Imported,
    ) -> Result<(), Error> {
        let mut names: Vec<String> = imported
            .datasets
            .iter()
            .map(|one| one.name.clone())
            .collect();
        names.sort();
        names.dedup();
        let known = self
            .inner
            .store
            .named_datasets(caller.workspace, &names)
            .await?;
        let report = &mut imported.report;
        let is_missing = |one: &&NamedDataset| known.iter().all(|(name, _)| *name != one.name);
        for missing in imported.datasets.iter().filter(is_missing) {
            let message = format!(
                "no dataset is called {:?} here, so nothing is found in it: add this text to the aliases of a dataset",
                missing.name
            );
            let problem = Problem::warning("dataset_missing", message).at_node(&missing.node);
            let problem = problem.in_field("data.dataset_ids").on_line(missing.place);
            report.items.push(problem);
        }
        let has_warnings = report
            .items
            .iter()
            .any(|item| item.severity == Severity::Warning);
        if report.status == Status::Completed && has_warnings {
            report.status = Status::CompletedWithWarnings;
        }
        Ok(())
    }
}
