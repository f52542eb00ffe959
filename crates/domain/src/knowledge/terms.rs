//! What a text is made of for searching by words: lower-case words of scripts that put spaces between them, pairs of
//! neighbouring characters of those that do not (Chinese, Japanese, Korean, Thai …), whose words nobody can tell without
//! a dictionary.

/// The longest word, in characters; more of one is not looked at.
const LONGEST: usize = 64;

/// A term of a question.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Term {
    /// The whole term.
    Whole(String),
    /// Any term that begins with it: one character alone of a script without spaces.
    Prefix(String),
}

impl Term {
    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Whole(text) | Self::Prefix(text) => text,
        }
    }
}

/// The terms of a text, in order and with repetitions. Every character of a script without spaces begins a term, so that
/// one alone is found by its prefix.
#[must_use]
pub fn terms(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut word = String::new();
    let mut letters = 0;
    let mut last = None;
    for character in text.chars().flat_map(char::to_lowercase) {
        if is_unspaced(character) {
            take(&mut word, &mut letters, &mut found);
            if let Some(before) = last {
                found.push(String::from_iter([before, character]));
            }
            last = Some(character);
            continue;
        }
        found.extend(last.take().map(String::from));
        if !character.is_alphanumeric() {
            take(&mut word, &mut letters, &mut found);
        } else if letters < LONGEST {
            word.push(character);
            letters += 1;
        }
    }
    found.extend(last.map(String::from));
    take(&mut word, &mut letters, &mut found);
    found
}

/// The terms of a question, each once: pairs where two characters stand together, a prefix where one stands alone.
#[must_use]
pub fn terms_of_query(text: &str) -> Vec<Term> {
    let mut found: Vec<Term> = Vec::new();
    let mut follows_pair = false;
    for term in terms(text) {
        let mut characters = term.chars();
        let is_one = characters.next().is_some_and(is_unspaced) && characters.next().is_none();
        let is_pair = !is_one && term.chars().all(is_unspaced);
        let term = if is_one {
            Term::Prefix(term)
        } else {
            Term::Whole(term)
        };
        // The last character of a passage is the end of a pair already.
        let is_said = is_one && follows_pair;
        follows_pair = is_pair;
        if !is_said && !found.contains(&term) && found.len() < 128 {
            found.push(term);
        }
    }
    found
}

fn take(word: &mut String, letters: &mut usize, found: &mut Vec<String>) {
    *letters = 0;
    if !word.is_empty() {
        found.push(std::mem::take(word));
    }
}

/// Whether a character is of a script that puts no spaces between words.
const fn is_unspaced(character: char) -> bool {
    matches!(character,
        '\u{0e00}'..='\u{0eff}' // Thai, Lao
        | '\u{1000}'..='\u{109f}' // Myanmar
        | '\u{1780}'..='\u{17ff}' // Khmer
        | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{30ff}' // Hiragana, Katakana
        | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' // Han
        | '\u{ac00}'..='\u{d7af}' // Hangul
        | '\u{ff66}'..='\u{ff9d}'
        | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::{Term, terms, terms_of_query};

    #[test]
    fn words_are_lower_case_and_unspaced_scripts_are_pairs() {
        for (text, found) in [
            ("", vec![]),
            (
                "Reset my PASSWORD, now!",
                vec!["reset", "my", "password", "now"],
            ),
            ("重置密码", vec!["重置", "置密", "密码", "码"]),
            ("用API重置", vec!["用", "api", "重置", "置"]),
            ("don't 2.5", vec!["don", "t", "2", "5"]),
            ("Straße", vec!["straße"]),
        ] {
            assert_eq!(terms(text), found, "{text}");
        }
    }

    #[test]
    fn a_question_has_each_term_once_and_prefixes_for_single_characters() {
        let whole = |text: &str| Term::Whole(text.to_owned());
        let prefix = |text: &str| Term::Prefix(text.to_owned());
        assert_eq!(terms_of_query("why why"), [whole("why")]);
        assert_eq!(terms_of_query("密码"), [whole("密码")]);
        assert_eq!(terms_of_query("码"), [prefix("码")]);
        assert_eq!(terms_of_query("码 重置"), [prefix("码"), whole("重置")]);
    }

    #[test]
    fn hostile_texts_have_bounded_terms() {
        let long = "x".repeat(100_000);
        assert_eq!(terms(&long), ["x".repeat(64)]);
        let many: String = (0..10_000).map(|number| format!("w{number} ")).collect();
        assert_eq!(terms_of_query(&many).len(), 128);
    }
}
