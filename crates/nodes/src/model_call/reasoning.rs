//! Tells thoughts (`<think>…</think>`) apart from text while both arrive in pieces.

/// The longest tag that is recognised: `<think`, attributes of at most 512 characters, `>`.
const LONGEST_TAG: usize = 6 + 1 + 512 + 1;
const CLOSE: &str = "</think>";

/// A piece of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// For the reader.
    Text(String),
    /// What the model thinks.
    Thought(String),
    /// A block of thoughts is over.
    BlockEnd,
}

/// A text without the thoughts in it.
pub(crate) fn without_thoughts(text: &str) -> String {
    let mut splitter = Splitter::default();
    let mut pieces = splitter.push(text);
    pieces.extend(splitter.finish());
    let texts = pieces.into_iter().filter_map(|piece| match piece {
        Piece::Text(text) => Some(text),
        Piece::Thought(_) | Piece::BlockEnd => None,
    });
    texts.collect()
}

/// What is left to be judged when the next piece arrives.
#[derive(Debug, Default)]
pub(crate) struct Splitter {
    held: String,
    thinking: bool,
}

/// What stands at a `<`.
enum Tag {
    /// A whole tag of this length.
    Whole(usize),
    /// Perhaps a tag, if more comes.
    Perhaps,
    No,
}

impl Splitter {
    /// Takes more of the answer; what may be the beginning of a tag is kept back.
    pub(crate) fn push(&mut self, more: &str) -> Vec<Piece> {
        self.held.push_str(more);
        let mut pieces = Vec::new();
        while let Some((at, tag)) = self.next_tag() {
            let before: String = self.held.drain(..at).collect();
            self.say(before, &mut pieces);
            let Tag::Whole(length) = tag else {
                return pieces;
            };
            self.held.drain(..length);
            if self.thinking {
                pieces.push(Piece::BlockEnd);
            }
            self.thinking = !self.thinking;
        }
        let rest = std::mem::take(&mut self.held);
        self.say(rest, &mut pieces);
        pieces
    }

    /// The answer is over: what was kept back is no tag, and an open block ends here.
    pub(crate) fn finish(&mut self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let rest = std::mem::take(&mut self.held);
        self.say(rest, &mut pieces);
        if std::mem::take(&mut self.thinking) {
            pieces.push(Piece::BlockEnd);
        }
        pieces
    }

    fn say(&self, text: String, pieces: &mut Vec<Piece>) {
        if !text.is_empty() {
            pieces.push(if self.thinking {
                Piece::Thought(text)
            } else {
                Piece::Text(text)
            });
        }
    }

    /// The first place that is a tag, or may become one.
    fn next_tag(&self) -> Option<(usize, Tag)> {
        self.held.match_indices('<').find_map(|(at, _)| {
            let rest = &self.held[at..];
            let tag = if self.thinking {
                closing(rest)
            } else {
                opening(rest)
            };
            (!matches!(tag, Tag::No)).then_some((at, tag))
        })
    }
}

fn closing(rest: &str) -> Tag {
    let length = rest.len().min(CLOSE.len());
    let fits = rest.as_bytes()[..length].eq_ignore_ascii_case(&CLOSE.as_bytes()[..length]);
    match (fits, length == CLOSE.len()) {
        (true, true) => Tag::Whole(length),
        (true, false) => Tag::Perhaps,
        (false, _) => Tag::No,
    }
}

fn opening(rest: &str) -> Tag {
    const OPEN: &[u8] = b"<think";
    let bytes = rest.as_bytes();
    let length = bytes.len().min(OPEN.len());
    if !bytes[..length].eq_ignore_ascii_case(&OPEN[..length]) {
        return Tag::No;
    }
    match bytes.get(OPEN.len()) {
        None => Tag::Perhaps,
        Some(b'>') => Tag::Whole(OPEN.len() + 1),
        Some(letter) if letter.is_ascii_whitespace() => match rest.find('>') {
            Some(at) if at < LONGEST_TAG => Tag::Whole(at + 1),
            None if rest.len() < LONGEST_TAG => Tag::Perhaps,
            Some(_) | None => Tag::No,
        },
        Some(_) => Tag::No,
    }
}
