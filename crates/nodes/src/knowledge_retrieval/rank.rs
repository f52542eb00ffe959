//! The order of what was found.

use std::collections::HashSet;

use latchkey_domain::document::ModelPlace;
use latchkey_domain::knowledge::keyword_scores;
use latchkey_models::RerankRequest;

use crate::host::{AskedModel, Hit};

use super::Error;
use super::ask::Asker;

/// The most documents that a model is asked to order.
const MOST: usize = 200;

/// The best hits that score well enough, the best first.
#[must_use]
pub fn best(mut hits: Vec<Hit>, threshold: Option<f64>, top_k: usize) -> Vec<Hit> {
    hits.retain(|hit| threshold.is_none_or(|least| hit.score >= least));
    hits.sort_by(|a, b| b.score.total_cmp(&a.score));
    hits.truncate(top_k);
    hits
}

/// The same hits, scored by the nearness of their vectors and by the words that they share with the question. Of
/// somebody else's knowledge, whose vectors nobody knows, its own score counts for them.
#[must_use]
pub fn by_weights(mut hits: Vec<Hit>, query: &str, vector: f64, keyword: f64) -> Vec<Hit> {
    let texts: Vec<&str> = hits.iter().map(|hit| hit.content.as_str()).collect();
    let words = keyword_scores(query, &texts);
    for (hit, words) in hits.iter_mut().zip(words) {
        let foreign = hit.segment.is_none().then_some(hit.score);
        let near = hit.vector_score.or(foreign).unwrap_or_default();
        hit.score = vector * near + keyword * words;
    }
    hits
}

/// The same hits, scored by a model; a text that was found twice is judged once.
pub(super) async fn by_model(
    asker: &mut Asker<'_>,
    place: &ModelPlace,
    hits: Vec<Hit>,
    query: &str,
) -> Result<Vec<Hit>, Error> {
    let mut seen = HashSet::new();
    let hits = best(hits, None, usize::MAX).into_iter();
    let hits: Vec<Hit> = hits
        .filter(|hit| seen.insert(hit.content.clone()))
        .take(MOST)
        .collect();
    let request = RerankRequest {
        query: query.to_owned(),
        documents: hits.iter().map(|hit| hit.content.clone()).collect(),
        top_n: hits.len(),
    };
    let answered = match asker.instance(place).rerank(&request).await {
        Ok(answered) => answered,
        Err(error) => {
            asker.note(AskedModel::failed(&place.model, &error)).await;
            return Err(error.into());
        }
    };
    for report in &answered.calls {
        let resolution = answered.resolution.as_ref();
        asker
            .note(AskedModel::of(&place.model, resolution, report))
            .await;
    }
    let ranked = answered.value.iter().filter_map(|ranked| {
        let mut hit = hits.get(ranked.index)?.clone();
        hit.score = ranked.score;
        Some(hit)
    });
    Ok(ranked.collect())
}

#[cfg(test)]
mod tests {
    use latchkey_domain::id::DatasetId;
    use serde_json::Map;
    use uuid::Uuid;

    use super::{best, by_weights};
    use crate::host::Hit;

    fn hit(content: &str, score: f64) -> Hit {
        Hit {
            dataset: DatasetId::new(Uuid::nil()),
            dataset_name: String::new(),
            document_id: String::new(),
            document_name: String::new(),
            metadata: Map::new(),
            segment: None,
            content: content.to_owned(),
            score,
            vector_score: Some(score),
        }
    }

    fn contents(hits: &[Hit]) -> Vec<&str> {
        hits.iter().map(|hit| hit.content.as_str()).collect()
    }

    #[test]
    fn the_best_come_first_and_the_bad_not_at_all() {
        let hits = || vec![hit("b", 0.5), hit("a", 0.9), hit("c", 0.1)];
        assert_eq!(contents(&best(hits(), None, 10)), ["a", "b", "c"]);
        assert_eq!(contents(&best(hits(), Some(0.5), 10)), ["a", "b"]);
        assert_eq!(contents(&best(hits(), None, 1)), ["a"]);
        assert!(best(hits(), None, 0).is_empty());
    }

    #[test]
    fn weights_say_whether_words_or_vectors_count() {
        let hits = || vec![hit("reset the password", 0.1), hit("bake a cake", 0.9)];
        let first = |vector, keyword| {
            let ordered = best(by_weights(hits(), "password", vector, keyword), None, 1);
            ordered[0].content.clone()
        };
        assert_eq!(first(1.0, 0.0), "bake a cake");
        assert_eq!(first(0.0, 1.0), "reset the password");
    }
}
