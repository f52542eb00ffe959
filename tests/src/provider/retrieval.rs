//! What the scripted provider answers to questions for vectors and orders when no rule says otherwise. The vector of a text
//! counts its words by a hash of each, so that texts with the same words are near; tokens are counted as everywhere.

use serde_json::{Value as Json, json};

use super::tokens;

/// How many numbers a vector has.
const LENGTH: usize = 64;

/// The texts of a request for vectors or for an order, one per line.
pub(super) fn texts_of(body: &Json) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for field in ["input", "query", "documents"] {
        match &body[field] {
            Json::String(text) => lines.push(text),
            Json::Array(items) => lines.extend(items.iter().filter_map(Json::as_str)),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => {}
        }
    }
    lines.join("\n")
}

/// The answer to a request for vectors.
pub(super) fn vectors(body: &Json) -> Json {
    let texts: Vec<&str> = match &body["input"] {
        Json::String(text) => vec![text],
        Json::Array(items) => items.iter().filter_map(Json::as_str).collect(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => Vec::new(),
    };
    let numbered = texts.iter().enumerate();
    let data: Vec<Json> = numbered
        .map(|(index, text)| json!({"object": "embedding", "index": index, "embedding": vector(text)}))
        .collect();
    let counted = tokens(&texts.join("\n"));
    json!({"object": "list", "data": data, "usage": {"prompt_tokens": counted, "total_tokens": counted}})
}

/// The answer to a request for an order: the more words of the query a document has, the better.
pub(super) fn order(body: &Json) -> Json {
    let query = body["query"].as_str().unwrap_or_default().to_lowercase();
    let documents = body["documents"].as_array().into_iter().flatten();
    let score = |text: &str| {
        let text = text.to_lowercase();
        let words = query.split_whitespace().collect::<Vec<_>>();
        let shared = words.iter().filter(|word| text.contains(**word)).count();
        shared as f64 / words.len().max(1) as f64
    };
    let results: Vec<Json> = documents
        .enumerate()
        .map(|(index, text)| json!({"index": index, "relevance_score": score(text.as_str().unwrap_or_default())}))
        .collect();
    let counted = tokens(&texts_of(body));
    json!({"results": results, "usage": {"total_tokens": counted}})
}

fn vector(text: &str) -> Vec<f32> {
    let mut vector = vec![0.01_f32; LENGTH];
    for word in text.to_lowercase().split(|c: char| !c.is_alphanumeric()) {
        let hash = word.bytes().fold(17_usize, |hash, byte| {
            hash.wrapping_mul(31).wrapping_add(byte.into())
        });
        vector[hash % LENGTH] += f32::from(u8::from(!word.is_empty()));
    }
    vector
}
