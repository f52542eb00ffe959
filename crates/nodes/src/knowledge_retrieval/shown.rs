//! How something that was found looks as an item of the output (Dify DSL reference, 4.7).

use serde_json::{Map, Value as Json, json};

use crate::host::Hit;

/// The item at a position, from 1.
pub(super) fn item(hit: &Hit, position: usize) -> Json {
    let mut metadata = json!({
        "_source": "knowledge",
        "position": position,
        "dataset_id": hit.dataset,
        "dataset_name": hit.dataset_name,
        "document_id": hit.document_id,
        "document_name": hit.document_name,
        "data_source_type": "external",
        "retriever_from": "workflow",
        "score": hit.score,
        "doc_metadata": hit.metadata,
    });
    if let Some(segment) = &hit.segment {
        metadata["data_source_type"] = json!("upload_file");
        metadata["segment_id"] = json!(segment.id);
        metadata["segment_hit_count"] = json!(segment.hits);
        metadata["segment_word_count"] = json!(segment.characters());
        metadata["segment_position"] = json!(segment.position);
        metadata["segment_index_node_hash"] = json!(segment.hash());
    }
    Json::Object(Map::from_iter([
        ("metadata".to_owned(), metadata),
        ("title".to_owned(), json!(hit.document_name)),
        ("content".to_owned(), json!(hit.content)),
    ]))
}
