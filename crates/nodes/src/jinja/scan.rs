//! Looks at a template before the parser does: its tree is as deep as the longest chain of operators, filters and
//! `elif` branches in the source, and a tree that is too deep for the stack ends the process.

/// How long a template may be, in bytes.
const LENGTH: usize = 256 * 1024;
/// How many operators, filters, accesses and open brackets may follow one another in one expression, and how many
/// `elif` branches may hang on one another.
const CHAIN: usize = 500;
const BRANCHES: usize = 200;

/// Why a template is not even parsed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Oversized {
    /// Too long.
    #[error("the template is longer than {LENGTH} bytes")]
    Source,
    /// Too many operators.
    #[error("an expression of the template has more than {CHAIN} operators and filters (line {0})")]
    Chain(usize),
    /// Too many branches.
    #[error("an if of the template has more than {BRANCHES} elif branches (line {0})")]
    Branches(usize),
}

/// Refuses what the parser could not bear. It may count too much, never too little.
pub(super) fn check(source: &str) -> Result<(), Oversized> {
    if source.len() > LENGTH {
        return Err(Oversized::Source);
    }
    let mut scan = Scan {
        bytes: source.as_bytes(),
        at: 0,
        branches: Levels::default(),
    };
    while let Some(tag) = scan.next_tag() {
        match tag {
            b'#' => scan.skip_past("#}"),
            b'%' => scan.statement()?,
            _ => scan.expression("}}")?,
        }
    }
    Ok(())
}

/// Counts within nested levels; what is nested comes on top of what it is nested in.
#[derive(Default)]
struct Levels {
    outer: Vec<usize>,
    sum: usize,
    current: usize,
}

impl Levels {
    fn count(&mut self) -> usize {
        self.current += 1;
        self.sum += 1;
        self.sum
    }

    fn reset(&mut self) {
        self.sum -= self.current;
        self.current = 0;
    }

    fn open(&mut self) {
        self.outer.push(std::mem::take(&mut self.current));
    }

    fn close(&mut self) {
        if let Some(outer) = self.outer.pop() {
            self.reset();
            self.current = outer;
        }
    }
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    branches: Levels,
}

impl<'a> Scan<'a> {
    /// Moves behind the next `{{`, `{%` or `{#` and answers its second letter.
    fn next_tag(&mut self) -> Option<u8> {
        let rest = self.bytes.get(self.at..)?;
        let is_tag = |pair: &[u8]| pair[0] == b'{' && matches!(pair[1], b'{' | b'%' | b'#');
        let found = rest.windows(2).position(is_tag)?;
        self.at += found + 2;
        Some(rest[found + 1])
    }

    fn skip_past(&mut self, end: &str) {
        let rest = &self.bytes[self.at..];
        let found = rest.windows(end.len()).position(|it| it == end.as_bytes());
        self.at = found.map_or(self.bytes.len(), |found| self.at + found + end.len());
    }

    fn line(&self) -> usize {
        let read = &self.bytes[..self.at.min(self.bytes.len())];
        1 + read.iter().filter(|byte| **byte == b'\n').count()
    }

    fn statement(&mut self) -> Result<(), Oversized> {
        while matches!(self.bytes.get(self.at), Some(byte) if b" \t\r\n-+".contains(byte)) {
            self.at += 1;
        }
        match self.word() {
            // What stands in a raw block is text; the rest of its tag is read like any other.
            b"raw" => self.skip_past("endraw"),
            b"if" => self.branches.open(),
            b"endif" => self.branches.close(),
            b"elif" if self.branches.count() > BRANCHES => {
                return Err(Oversized::Branches(self.line()));
            }
            _ => {}
        }
        self.expression("%}")
    }

    /// The word that begins here; moves behind it.
    fn word(&mut self) -> &'a [u8] {
        let rest = &self.bytes[self.at..];
        let end = rest
            .iter()
            .position(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80));
        let word = &rest[..end.unwrap_or(rest.len())];
        self.at += word.len();
        word
    }

    /// Reads to the end of a tag.
    fn expression(&mut self, end: &str) -> Result<(), Oversized> {
        let mut levels = Levels::default();
        while let Some(byte) = self.bytes.get(self.at).copied() {
            let is_end =
                levels.outer.is_empty() && self.bytes[self.at..].starts_with(end.as_bytes());
            if is_end {
                self.at += end.len();
                return Ok(());
            }
            let counts = match byte {
                b'\'' | b'"' => {
                    self.text(byte);
                    continue;
                }
                b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | 0x80.. => {
                    let is_operator = is_operator(self.word());
                    if is_operator && levels.count() > CHAIN {
                        return Err(Oversized::Chain(self.line()));
                    }
                    continue;
                }
                b',' => {
                    levels.reset();
                    false
                }
                b'(' | b'[' | b'{' => {
                    let is_chain = levels.count() > CHAIN;
                    levels.open();
                    is_chain
                }
                b')' | b']' | b'}' => {
                    levels.close();
                    false
                }
                b'.' => !self.is_decimal_point() && levels.count() > CHAIN,
                b'+' | b'-' | b'*' | b'/' | b'%' | b'~' | b'|' | b'=' | b'!' | b'<' | b'>' => {
                    levels.count() > CHAIN
                }
                _ => false,
            };
            if counts {
                return Err(Oversized::Chain(self.line()));
            }
            self.at += 1;
        }
        Ok(())
    }

    /// Moves behind a quoted text.
    fn text(&mut self, quote: u8) {
        self.at += 1;
        while let Some(byte) = self.bytes.get(self.at) {
            self.at += if *byte == b'\\' { 2 } else { 1 };
            if *byte == quote {
                return;
            }
        }
    }

    fn is_decimal_point(&self) -> bool {
        let is_digit = |at: usize| self.bytes.get(at).is_some_and(u8::is_ascii_digit);
        self.at > 0 && is_digit(self.at - 1) && is_digit(self.at + 1)
    }
}

fn is_operator(word: &[u8]) -> bool {
    const WORDS: [&[u8]; 7] = [b"and", b"or", b"not", b"in", b"is", b"if", b"else"];
    WORDS.contains(&word)
}
