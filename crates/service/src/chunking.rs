//! Cutting texts into segments: always at the separator, and inside of what is still too long at the best place that is
//! not too near to its beginning. The same text is always cut in the same way, so that indexing can go on after a crash.

use std::ops::Range;

use latchkey_domain::knowledge::{Chunking, Unit};

/// What a character that is a token of its own weighs, when tokens are counted; four letters are one.
const TOKEN: u64 = 4;

/// The segments of a text, in its order; none of them is empty.
pub(crate) fn segments(text: &str, chunking: &Chunking) -> Vec<String> {
    let mut found = Vec::new();
    let ruler = Ruler::of(chunking);
    let separator = chunking.separator.as_str();
    if separator.is_empty() {
        cut(text, &ruler, &mut found);
    } else {
        text.split(separator)
            .for_each(|passage| cut(passage, &ruler, &mut found));
    }
    found
}

/// How long things are.
struct Ruler {
    unit: Unit,
    max: u64,
    overlap: u64,
}

impl Ruler {
    fn of(chunking: &Chunking) -> Self {
        let each = match chunking.unit {
            Unit::Characters => 1,
            Unit::Tokens => TOKEN,
        };
        let max = u64::from(chunking.max.max(1)) * each;
        // A segment always brings something new.
        let overlap = (u64::from(chunking.overlap) * each).min(max / 2);
        Self {
            unit: chunking.unit,
            max,
            overlap,
        }
    }

    fn weight(&self, character: char) -> u64 {
        match self.unit {
            Unit::Characters => 1,
            Unit::Tokens if character.is_whitespace() => 0,
            Unit::Tokens if character.is_alphanumeric() && character < '\u{2e80}' => 1,
            Unit::Tokens => TOKEN,
        }
    }
}

/// Cuts a passage that may be too long.
fn cut(passage: &str, ruler: &Ruler, found: &mut Vec<String>) {
    let mut begin = 0;
    while let Some(rest) = passage.get(begin..).filter(|rest| !rest.trim().is_empty()) {
        let end = begin + window(rest, ruler);
        let piece = passage.get(begin..end).unwrap_or_default().trim();
        if !piece.is_empty() {
            found.push(piece.to_owned());
        }
        if end >= passage.len() {
            return;
        }
        begin = overlapped(passage, begin..end, ruler);
    }
}

/// Where the first segment of a text ends: at the end of the text if it is short enough, else after the last paragraph,
/// line, sentence or word in the last quarter of what fits.
fn window(text: &str, ruler: &Ruler) -> usize {
    let mut length = 0;
    let mut best: Option<(u8, usize)> = None;
    let mut before = '\0';
    for (at, character) in text.char_indices() {
        length += ruler.weight(character);
        if length > ruler.max && at > 0 {
            return best.map_or(at, |(_, end)| end);
        }
        let end = at + character.len_utf8();
        let rank = rank(before, character);
        if rank > 0 && length * 4 >= ruler.max * 3 && best.is_none_or(|(known, _)| rank >= known) {
            best = Some((rank, end));
        }
        before = character;
    }
    text.len()
}

/// How good a place to cut is after a character: a paragraph, a line, a sentence, a word.
const fn rank(before: char, character: char) -> u8 {
    match (before, character) {
        ('\n', '\n') => 4,
        (_, '\n') => 3,
        (_, '。' | '！' | '？' | '；') | ('.' | '!' | '?' | ';', ' ') => 2,
        (_, ' ' | '\t' | '，' | '、') => 1,
        _ => 0,
    }
}

/// Where the next segment begins: so much before the end of the last one, at the beginning of a word if there is one.
fn overlapped(passage: &str, last: Range<usize>, ruler: &Ruler) -> usize {
    let said = passage.get(last.clone()).unwrap_or_default();
    let (mut length, mut begin) = (0, last.end);
    for (at, character) in said.char_indices().rev() {
        length += ruler.weight(character);
        if length > ruler.overlap || at == 0 {
            break;
        }
        begin = last.start + at;
    }
    let repeated = passage.get(begin..last.end).unwrap_or_default();
    let word = repeated.find(char::is_whitespace);
    word.map_or(begin, |space| begin + space)
}

#[cfg(test)]
mod tests {
    use latchkey_domain::knowledge::{Chunking, Unit};

    use super::segments;

    fn chunking(unit: Unit, max: u32, overlap: u32, separator: &str) -> Chunking {
        Chunking {
            unit,
            max,
            overlap,
            separator: separator.to_owned(),
        }
    }

    #[test]
    fn a_text_is_always_cut_at_its_separator() {
        let by = |separator| chunking(Unit::Characters, 100, 0, separator);
        let text = "one\n\ntwo\nthree\n\n  \n\n four ";
        assert_eq!(segments(text, &by("\n\n")), ["one", "two\nthree", "four"]);
        assert_eq!(segments(text, &by("\n")), ["one", "two", "three", "four"]);
        assert_eq!(segments("a##b", &by("##")), ["a", "b"]);
        assert_eq!(segments("", &by("")), Vec::<String>::new());
    }

    #[test]
    fn what_is_too_long_is_cut_at_the_best_place() {
        let text = "The first sentence. The second one is longer. And a third.";
        let cut = segments(text, &chunking(Unit::Characters, 48, 0, "\n\n"));
        assert_eq!(
            cut,
            [
                "The first sentence. The second one is longer.",
                "And a third."
            ]
        );
        let cut = segments(
            "第一句话。第二句话很长。第三",
            &chunking(Unit::Characters, 12, 0, ""),
        );
        assert_eq!(cut, ["第一句话。第二句话很长。", "第三"]);
    }

    #[test]
    fn segments_overlap_at_words_and_always_move_on() {
        let words: Vec<String> = (0..40).map(|number| format!("word{number}")).collect();
        let text = words.join(" ");
        let cut = segments(&text, &chunking(Unit::Characters, 60, 20, ""));
        assert!(
            cut.iter().all(|piece| piece.chars().count() <= 60),
            "{cut:?}"
        );
        for pair in cut.windows(2) {
            let first = pair[1].split(' ').next().unwrap();
            assert!(pair[0].contains(first), "{pair:?}");
        }
        assert!(
            words
                .iter()
                .all(|word| cut.iter().any(|piece| piece.contains(word)))
        );
    }

    #[test]
    fn tokens_are_letters_by_four_and_characters_without_spaces_by_one() {
        let cut = segments(&"字".repeat(25), &chunking(Unit::Tokens, 10, 0, ""));
        assert_eq!(
            cut.iter()
                .map(|piece| piece.chars().count())
                .collect::<Vec<_>>(),
            [10, 10, 5]
        );
        let cut = segments(&"a".repeat(100), &chunking(Unit::Tokens, 10, 0, ""));
        assert_eq!(
            cut.iter().map(String::len).collect::<Vec<_>>(),
            [40, 40, 20]
        );
    }

    #[test]
    fn hostile_texts_are_cut_in_the_end() {
        for text in [
            "\u{300}".repeat(10_000),
            " ".repeat(10_000),
            "\n".repeat(10_000),
            "👩‍👩‍👧".repeat(2000),
        ] {
            for (max, overlap) in [(1, 0), (1, 5), (50, 49), (7, 3)] {
                for unit in [Unit::Characters, Unit::Tokens] {
                    let cut = segments(&text, &chunking(unit, max, overlap, ""));
                    assert!(cut.iter().all(|piece| !piece.is_empty()));
                }
            }
        }
    }
}
