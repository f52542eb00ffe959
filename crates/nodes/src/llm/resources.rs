//! Where the context of a prompt comes from: what was found in datasets, as citations have it (Dify DSL reference, 4.6;
//! service API, retriever resource).

use serde_json::{Map, Value as Json};

use latchkey_domain::value::Value;
use latchkey_engine::pool::Pool;

/// The keys of a resource with those of an item's metadata.
const KEYS: &[(&str, &str)] = &[
    ("position", "position"),
    ("dataset_id", "dataset_id"),
    ("dataset_name", "dataset_name"),
    ("document_id", "document_id"),
    ("document_name", "document_name"),
    ("data_source_type", "data_source_type"),
    ("segment_id", "segment_id"),
    ("retriever_from", "retriever_from"),
    ("score", "score"),
    ("hit_count", "segment_hit_count"),
    ("word_count", "segment_word_count"),
    ("segment_position", "segment_position"),
    ("index_node_hash", "segment_index_node_hash"),
    ("page", "page"),
    ("doc_metadata", "doc_metadata"),
];

/// The resources in a variable: those items of a list that are of a dataset.
pub(super) fn of(selector: Option<&[String]>, pool: &Pool) -> Vec<Json> {
    let Some(Value::Array(array)) = selector.and_then(|selector| pool.get(selector)) else {
        return Vec::new();
    };
    array.items().iter().filter_map(resource).collect()
}

fn resource(item: &Json) -> Option<Json> {
    let metadata = item.get("metadata")?;
    if metadata.get("_source").and_then(Json::as_str) != Some("knowledge") {
        return None;
    }
    let value = |from: &Json, key: &str| from.get(key).cloned().unwrap_or(Json::Null);
    let mut resource: Map<String, Json> = KEYS
        .iter()
        .map(|(key, of)| ((*key).to_owned(), value(metadata, of)))
        .collect();
    for key in ["title", "content", "files", "summary"] {
        resource.insert(key.to_owned(), value(item, key));
    }
    Some(Json::Object(resource))
}
