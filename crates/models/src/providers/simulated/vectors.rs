//! Vectors without a model: texts that share words and beginnings of words are near each other, the same text has the
//! same vector on every machine.

use latchkey_domain::knowledge::{cosine, keyword_scores, normalised, terms};

/// How many numbers a vector has.
const LENGTH: usize = 256;
/// How many letters of a word count besides the whole word, so that `reset` is near `resetting`.
const BEGINNING: usize = 4;

/// The vector of a text; of length one.
pub(super) fn vector(text: &str) -> Vec<f32> {
    let mut vector = vec![0.0_f32; LENGTH];
    for term in terms(text) {
        let beginning: String = term.chars().take(BEGINNING).collect();
        add(&mut vector, &term, 1.0);
        add(&mut vector, &beginning, 0.5);
    }
    normalised(&vector).unwrap_or_else(|| {
        // A text without words still has a direction, as it has with real models.
        vector[0] = 1.0;
        vector
    })
}

/// How well each document answers a query, from 0 to 1.
pub(super) fn relevance(query: &str, documents: &[String]) -> Vec<f64> {
    let asked = vector(query);
    let texts: Vec<&str> = documents.iter().map(String::as_str).collect();
    let words = keyword_scores(query, &texts);
    let near = |text: &str| f64::from(cosine(&asked, &vector(text))).max(0.0);
    let both = texts
        .iter()
        .zip(words)
        .map(|(text, words)| (near(text) + words) / 2.0);
    both.collect()
}

/// Every term is a direction of its own, as far as there are enough of them.
fn add(vector: &mut [f32], term: &str, weight: f32) {
    let hash = fnv(term);
    let place = usize::try_from(hash % LENGTH as u64).unwrap_or_default();
    let sign = if hash >> 63 == 0 { 1.0 } else { -1.0 };
    vector[place] += sign * weight;
}

/// FNV-1a, which is the same everywhere; the standard library's hashes promise nothing.
fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use latchkey_domain::knowledge::cosine;

    use super::{relevance, vector};

    #[test]
    fn texts_with_the_same_words_are_near() {
        let near = |a: &str, b: &str| cosine(&vector(a), &vector(b));
        assert!((near("reset a password", "reset a password") - 1.0).abs() < 1e-5);
        let question = "How do I reset my password?";
        assert!(near(question, "Resetting passwords") > near(question, "Baking bread"));
        assert!(near("重置密码", "如何重置密码") > near("重置密码", "烤面包"));
        assert!(
            vector("")
                .iter()
                .chain(&vector("!?"))
                .all(|x| x.is_finite())
        );
    }

    #[test]
    fn the_better_answer_is_more_relevant() {
        let documents = ["baking bread", "reset your password here"].map(str::to_owned);
        let scores = relevance("reset password", &documents);
        assert!(scores[1] > scores[0] && scores[1] <= 1.0, "{scores:?}");
    }
}
