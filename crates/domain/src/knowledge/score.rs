//! How well texts fit a question: by their vectors, and by the words that they share.

use std::collections::{HashMap, HashSet};

use super::terms::{Term, terms, terms_of_query};

/// The vector of length one in the same direction; none for one without a direction or with something that is no number.
#[must_use]
pub fn normalised(vector: &[f32]) -> Option<Vec<f32>> {
    let length = vector
        .iter()
        .map(|x| f64::from(*x) * f64::from(*x))
        .sum::<f64>()
        .sqrt();
    if !length.is_finite() || length <= f64::EPSILON {
        return None;
    }
    Some(
        vector
            .iter()
            .map(|x| (f64::from(*x) / length) as f32)
            .collect(),
    )
}

/// The nearness of two vectors of length one, from -1 to 1; 0 for vectors of different kinds.
#[must_use]
pub fn cosine(left: &[f32], right: &[f32]) -> f32 {
    if left.len() != right.len() {
        return 0.0;
    }
    // Eight sums beside each other: one after the other would have to wait for each other.
    let (left, left_rest) = left.as_chunks::<8>();
    let (right, right_rest) = right.as_chunks::<8>();
    let mut sums = [0.0_f32; 8];
    for (a, b) in left.iter().zip(right) {
        for at in 0..8 {
            sums[at] += a[at] * b[at];
        }
    }
    let rest: f32 = left_rest.iter().zip(right_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

/// How well each text fits a question by its words, from 0 to 1: the cosine of the weights of their terms, where a term
/// that few of the texts have weighs more (Dify ranks by words in the same way).
#[must_use]
pub fn keyword_scores(question: &str, texts: &[&str]) -> Vec<f64> {
    let asked = terms_of_query(question);
    let counted: Vec<HashMap<String, f64>> = texts.iter().map(|text| counts(text)).collect();
    let mut texts_with: HashMap<&str, f64> = HashMap::new();
    for terms in &counted {
        for term in terms.keys() {
            *texts_with.entry(term).or_default() += 1.0;
        }
    }
    let all = texts.len() as f64;
    let rarity = |term: &str| {
        let with = texts_with.get(term).copied().unwrap_or_default();
        ((1.0 + all) / (1.0 + with)).ln() + 1.0
    };
    let question: HashSet<&str> = asked.iter().map(Term::as_str).collect();
    let length =
        |weights: &mut dyn Iterator<Item = f64>| weights.map(|w| w * w).sum::<f64>().sqrt();
    let asked_length = length(&mut question.iter().map(|term| rarity(term)));
    let score = |terms: &HashMap<String, f64>| {
        let shared: f64 = asked
            .iter()
            .map(|term| {
                let weight = rarity(term.as_str());
                weight * weight * frequency(term, terms)
            })
            .sum();
        let own = length(&mut terms.iter().map(|(term, count)| count * rarity(term)));
        let both = asked_length * own;
        if both > 0.0 {
            (shared / both).clamp(0.0, 1.0)
        } else {
            0.0
        }
    };
    counted.iter().map(score).collect()
}

fn counts(text: &str) -> HashMap<String, f64> {
    let mut counts: HashMap<String, f64> = HashMap::new();
    for term in terms(text) {
        *counts.entry(term).or_default() += 1.0;
    }
    counts
}

fn frequency(asked: &Term, terms: &HashMap<String, f64>) -> f64 {
    match asked {
        Term::Whole(term) => terms.get(term).copied().unwrap_or_default(),
        Term::Prefix(begin) => {
            let begun = terms
                .iter()
                .filter(|(term, _)| term.starts_with(begin.as_str()));
            begun.map(|(_, count)| count).sum()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{cosine, keyword_scores, normalised};

    #[test]
    fn vectors_become_of_length_one_or_none() {
        assert_eq!(normalised(&[3.0, 4.0]), Some(vec![0.6, 0.8]));
        for bad in [
            &[0.0, 0.0][..],
            &[],
            &[f32::NAN, 1.0],
            &[f32::INFINITY, 1.0],
        ] {
            assert_eq!(normalised(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn nearness_is_the_cosine_whatever_the_length() {
        for length in [1_usize, 7, 8, 9, 1536] {
            let vector: Vec<f32> = (0..length).map(|at| at as f32 + 1.0).collect();
            let one = normalised(&vector).unwrap();
            let other: Vec<f32> = one.iter().map(|x| -x).collect();
            assert!((cosine(&one, &one) - 1.0).abs() < 1e-4, "{length}");
            assert!((cosine(&one, &other) + 1.0).abs() < 1e-4, "{length}");
        }
        assert_eq!(cosine(&[1.0], &[1.0, 0.0]), 0.0);
    }

    #[test]
    fn texts_with_the_rarer_words_score_higher() {
        let texts = [
            "How to reset a password",
            "How to bake a cake",
            "如何重置密码",
            "nothing of it",
        ];
        let best = |question: &str| {
            let scores = keyword_scores(question, &texts);
            assert!(scores.iter().all(|score| (0.0..=1.0).contains(score)));
            let best = scores.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
            best.map(|(at, score)| (at, *score > 0.0)).unwrap()
        };
        assert_eq!(best("how do I reset my password?"), (0, true));
        assert_eq!(best("密码"), (2, true));
        assert_eq!(best("置"), (2, true));
        assert!(
            keyword_scores("???", &texts)
                .iter()
                .all(|score| *score == 0.0)
        );
        assert!(keyword_scores("why", &[]).is_empty());
    }
}
