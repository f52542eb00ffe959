//! Reads a text that is JSON or almost JSON, one character after the other, with a look ahead where a quote may or may
//! not be the end of a text.

use super::tree::{Entries, Tree};

/// How deeply lists and mappings may be nested.
const DEEPEST: usize = 128;

/// The text is nested too deeply.
#[derive(Debug)]
pub(super) struct TooDeep;

/// Where a text stands: what may follow it tells whether a quote ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Key,
    Value,
    Item,
}

pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    /// The text is JSON, so that every quote is what it seems.
    exact: bool,
    /// Where the next typographic quote ends, and where the next quote begins.
    ends: Ahead,
    quotes: Ahead,
}

/// The next of something that is asked for again and again on the way through a text: it is looked for once, however long
/// the way to it.
struct Ahead {
    /// From where it was looked for, and where it was found; the end of the text if nowhere.
    looked: Option<(usize, usize)>,
}

impl Ahead {
    fn from(&mut self, text: &str, at: usize, is_it: fn(char) -> bool) -> Option<usize> {
        let known = self
            .looked
            .filter(|(from, found)| (*from..=*found).contains(&at));
        let (_, found) = known.unwrap_or_else(|| {
            let found = text[at..]
                .find(is_it)
                .map_or(text.len(), |found| at + found);
            (at, found)
        });
        if known.is_none() {
            self.looked = Some((at, found));
        }
        (found < text.len()).then_some(found)
    }
}

impl<'a> Reader<'a> {
    pub(super) const fn new(text: &'a str, exact: bool) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
            exact,
            ends: Ahead { looked: None },
            quotes: Ahead { looked: None },
        }
    }

    /// The one value that the text is.
    pub(super) fn whole(&mut self) -> Result<Tree, TooDeep> {
        self.value(Place::Item)
    }

    /// All lists and mappings in the text; what is between them is left out.
    pub(super) fn every(&mut self) -> Result<Vec<Tree>, TooDeep> {
        let mut found = Vec::new();
        while let Some(ahead) = self.rest().find(['{', '[']) {
            self.at += ahead;
            found.push(self.value(Place::Item)?);
        }
        Ok(found)
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    /// Passes over spaces, comments and, between entries, commas.
    fn skip(&mut self, commas: &[char]) {
        loop {
            let rest = self.rest();
            let left = rest.trim_start_matches(|c: char| c.is_whitespace() || commas.contains(&c));
            self.at += rest.len() - left.len();
            let comment = if left.starts_with("//") || left.starts_with('#') {
                left.find('\n')
            } else if left.starts_with("/*") {
                left.find("*/").map(|end| end + 2)
            } else {
                return;
            };
            self.at += comment.unwrap_or(left.len());
        }
    }

    fn value(&mut self, place: Place) -> Result<Tree, TooDeep> {
        self.skip(&[]);
        match self.peek() {
            Some(open @ ('{' | '[')) => {
                self.next();
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err(TooDeep);
                }
                let read = if open == '{' {
                    self.object()
                } else {
                    self.array()
                };
                self.depth -= 1;
                read
            }
            Some(quote) if is_quote(quote) => Ok(Tree::Text(self.string(place))),
            _ => Ok(self.bare()),
        }
    }

    /// Whether the list or mapping ends here, with its own sign or that of one around it.
    fn ends(&mut self, own: char) -> bool {
        loop {
            self.skip(&[',']);
            match self.peek() {
                None => return true,
                Some(sign) if sign == own => {
                    self.next();
                    return true;
                }
                Some('}' | ']') if self.depth > 1 => return true,
                Some('}' | ']') => {
                    self.next();
                }
                Some(_) => return false,
            }
        }
    }

    fn array(&mut self) -> Result<Tree, TooDeep> {
        let mut items = Vec::new();
        while !self.ends(']') {
            items.push(self.value(Place::Item)?);
        }
        Ok(Tree::Array(items))
    }

    fn object(&mut self) -> Result<Tree, TooDeep> {
        let mut entries = Entries::default();
        while !self.ends('}') {
            let quoted = self.peek().is_some_and(is_quote);
            let key = if quoted {
                self.string(Place::Key)
            } else {
                self.bare_key()
            };
            self.skip(&[]);
            let colon = self.peek() == Some(':');
            if colon {
                self.next();
                self.skip(&[]);
            }
            let value = match self.peek() {
                Some(next) if colon && !matches!(next, ',' | '}' | ']') => {
                    self.value(Place::Value)?
                }
                _ => Tree::Text(String::new()),
            };
            if colon || quoted {
                entries.set(key, value);
            }
        }
        Ok(Tree::Object(entries))
    }

    /// A key without quotes; passes over at least one character.
    fn bare_key(&mut self) -> String {
        let rest = self.rest();
        let end = rest.find([':', ',', '{', '}', '[', ']', '\n']);
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let end = end.unwrap_or(rest.len()).max(first);
        self.at += end;
        rest[..end].trim().to_owned()
    }

    /// A number or a word without quotes, up to the next sign that ends a value.
    fn bare(&mut self) -> Tree {
        let rest = self.rest();
        let digits = rest
            .find(|c: char| !(c.is_ascii_digit() || "+-._eE".contains(c)))
            .unwrap_or(rest.len());
        let after = rest[digits..].chars().next();
        if after.is_none_or(|c| c.is_whitespace() || ",}]/#".contains(c))
            && let Some(number) = Tree::number(&rest[..digits])
        {
            self.at += digits;
            return number;
        }
        let end = rest.find([',', '}', ']', '\n']).unwrap_or(rest.len());
        self.at += end;
        Tree::of_word(rest[..end].trim())
    }

    fn string(&mut self, place: Place) -> String {
        let close = match self.next() {
            Some('“') => '”',
            Some(open) => open,
            None => return String::new(),
        };
        let mut text = String::new();
        while let Some(next) = self.next() {
            if next == close && (self.exact || self.closes(place)) {
                return text;
            }
            if next == '\\' {
                self.escape(&mut text);
            } else {
                text.push(next);
            }
        }
        // The end is missing; the signs there are those of what is around the text.
        text.truncate(
            text.trim_end_matches(['}', ']', ' ', '\n', '\r', '\t'])
                .len(),
        );
        text
    }

    /// What follows a backslash; a sequence that JSON does not know stays as it is.
    fn escape(&mut self, text: &mut String) {
        match self.next() {
            None => text.push('\\'),
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('r') => text.push('\r'),
            Some('b') => text.push('\u{8}'),
            Some('f') => text.push('\u{c}'),
            Some(plain @ ('"' | '\'' | '\\' | '/')) => text.push(plain),
            Some('u') => match self.unit() {
                None => text.push_str("\\u"),
                Some(unit) => text.push(self.character(unit)),
            },
            Some(other) => {
                text.push('\\');
                text.push(other);
            }
        }
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Option<u16> {
        let digits = self.rest().get(..4)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u16::from_str_radix(digits, 16).ok()
    }

    /// The character of a unit and, if it is half of one, of the unit behind it.
    fn character(&mut self, first: u16) -> char {
        let before = self.at;
        if (0xd800..0xdc00).contains(&first) && self.rest().starts_with("\\u") {
            self.at += 2;
            let second = self.unit();
            let pair = second.and_then(|second| char::decode_utf16([first, second]).next()?.ok());
            if let Some(character) = pair {
                return character;
            }
            self.at = before;
        }
        char::decode_utf16([first])
            .next()
            .and_then(Result::ok)
            .unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    /// Whether the quote that was just read ends a text: what follows must be able to follow one.
    fn closes(&mut self, place: Place) -> bool {
        let rest = self.rest().trim_start();
        let Some(next) = rest.chars().next() else {
            return true;
        };
        let behind = &rest[next.len_utf8()..];
        match (place, next) {
            (_, '/') => rest.starts_with("//") || rest.starts_with("/*"),
            (Place::Key, next) => next == ':',
            (_, '}' | ']') => self.ends_well(behind),
            (Place::Value, ',') => {
                let behind = behind.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
                behind.is_empty() || behind.starts_with('}') || self.begins_entry(behind)
            }
            (Place::Value, next) => is_quote(next) && self.begins_entry(rest),
            (Place::Item, ',') => {
                let behind = behind.trim_start();
                behind.is_empty() || behind.starts_with([']', ',']) || begins_value(behind)
            }
            (Place::Item, next) => is_quote(next),
        }
    }

    /// Whether this can be what is behind a list or mapping.
    fn ends_well(&mut self, behind: &'a str) -> bool {
        match behind.trim_start().chars().next() {
            None | Some(',' | '}' | ']') => true,
            Some(_) => {
                let at = self.place(behind);
                self.depth == 1 && self.quotes.from(self.text, at, is_quote).is_none()
            }
        }
    }

    /// Whether what is left of the text begins with a key and its colon.
    fn begins_entry(&mut self, text: &'a str) -> bool {
        let quote = text.chars().next().filter(|sign| is_quote(*sign));
        let behind = match quote {
            Some('“') => {
                let inner = self.place(text) + '“'.len_utf8();
                let end = self.ends.from(self.text, inner, |sign| sign == '”');
                end.map(|end| &self.text[end + '”'.len_utf8()..])
            }
            Some(quote) => {
                let inner = &text[quote.len_utf8()..];
                inner
                    .find(quote)
                    .map(|end| &inner[end + quote.len_utf8()..])
            }
            None => {
                let end = text.find(|c: char| !(c.is_alphanumeric() || "_-$".contains(c)));
                end.filter(|end| *end > 0).map(|end| &text[end..])
            }
        };
        behind.is_some_and(|behind| behind.trim_start().starts_with(':'))
    }

    /// Where what is left of the text begins.
    const fn place(&self, left: &str) -> usize {
        self.text.len() - left.len()
    }
}

const fn is_quote(sign: char) -> bool {
    matches!(sign, '"' | '\'' | '“')
}

/// Whether a text begins with a value.
fn begins_value(text: &str) -> bool {
    let begins = |sign: char| is_quote(sign) || sign.is_ascii_digit() || "{[-".contains(sign);
    let word = |word: &str| {
        let start = text.get(..word.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(word))
    };
    text.chars().next().is_some_and(begins)
        || ["true", "false", "null", "none"].into_iter().any(word)
}
