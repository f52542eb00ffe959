//! The words of a template's tags, as its parser will see them.

/// The longest text that costs nothing to compare with, in bytes.
const SHORT: usize = 256;
const CONSTANTS: &[&str] = &["true", "false", "none", "True", "False", "None"];

/// A word of a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Word(&'a str),
    Number,
    /// Its length in the source.
    Text(usize),
    /// `==`, `!=`, `<`, `<=`, `>` or `>=`.
    Compare,
    Sign(u8),
}

impl Token<'_> {
    /// Whether it is a constant that costs nothing to compare with.
    pub(super) fn is_constant(self) -> bool {
        match self {
            Self::Number => true,
            Self::Text(length) => length <= SHORT,
            Self::Word(word) => CONSTANTS.contains(&word),
            Self::Compare | Self::Sign(_) => false,
        }
    }

    /// Whether an operand before this is whole.
    pub(super) fn ends_operand(self) -> bool {
        match self {
            Self::Word(word) => matches!(word, "and" | "or" | "if" | "else"),
            Self::Sign(sign) => matches!(sign, b')' | b','),
            Self::Number | Self::Text(_) | Self::Compare => false,
        }
    }

    /// Whether an operand begins behind this.
    pub(super) fn begins_operand(self) -> bool {
        match self {
            Self::Word(word) => matches!(word, "and" | "or" | "not" | "if" | "else"),
            Self::Sign(sign) => matches!(sign, b'(' | b','),
            Self::Number | Self::Text(_) | Self::Compare => false,
        }
    }
}

/// A part of a template that is no text.
pub(super) enum Tag<'a> {
    Comment,
    Output(Vec<Token<'a>>),
    Statement(Vec<Token<'a>>),
}

/// Reads a template from tag to tag.
pub(super) struct Words<'a>(&'a str);

impl<'a> Words<'a> {
    pub(super) const fn of(source: &'a str) -> Self {
        Self(source)
    }

    /// The next tag; none within when it is not clear what it is.
    pub(super) fn tag(&mut self) -> Option<Option<Tag<'a>>> {
        let begin = self.next_tag()?;
        let kind = self.0.as_bytes()[begin + 1];
        self.0 = &self.0[begin + 2..];
        Some(match kind {
            b'#' => self.comment(),
            b'%' => self.words(b'%').map(Tag::Statement),
            _ => self.words(b'}').map(Tag::Output),
        })
    }

    fn next_tag(&self) -> Option<usize> {
        let mut pairs = self.0.as_bytes().windows(2);
        pairs.position(|pair| pair[0] == b'{' && matches!(pair[1], b'{' | b'%' | b'#'))
    }

    fn comment(&mut self) -> Option<Tag<'a>> {
        let (_, rest) = self.0.split_once("#}")?;
        self.0 = rest;
        Some(Tag::Comment)
    }

    /// The words up to the end of the tag, which is this sign and a bracket; without the signs that take spaces away.
    fn words(&mut self, end: u8) -> Option<Vec<Token<'a>>> {
        let mut tokens = Vec::new();
        if let Some(rest) = self.0.strip_prefix(['-', '+']) {
            self.0 = rest;
        }
        loop {
            self.0 = self.0.trim_start_matches([' ', '\t', '\r', '\n']);
            let bytes = self.0.as_bytes();
            let first = *bytes.first()?;
            let second = bytes.get(1).copied();
            if first == end && second == Some(b'}') {
                self.0 = &self.0[2..];
                if let Some(Token::Sign(b'-' | b'+')) = tokens.last() {
                    tokens.pop();
                }
                return Some(tokens);
            }
            tokens.push(match first {
                b'\'' | b'"' => self.text(first)?,
                b'0'..=b'9' => self.number()?,
                b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.word(),
                b'=' | b'!' | b'<' | b'>' if second == Some(b'=') => self.skip(2, Token::Compare),
                b'<' | b'>' => self.skip(1, Token::Compare),
                b'*' | b'/' if second == Some(first) => self.skip(2, Token::Sign(first)),
                b'%' if second == Some(b'}') => return None,
                b'.' | b',' | b'|' | b'(' | b')' | b'[' | b']' | b':' | b'=' | b'+' | b'-'
                | b'*' | b'/' | b'%' | b'~' => self.skip(1, Token::Sign(first)),
                _ => return None,
            });
        }
    }

    fn skip(&mut self, length: usize, token: Token<'a>) -> Token<'a> {
        self.0 = &self.0[length..];
        token
    }

    fn text(&mut self, quote: u8) -> Option<Token<'a>> {
        let mut is_escaped = false;
        let inside = self.0.bytes().skip(1);
        let length = inside.enumerate().find_map(|(at, byte)| {
            let is_end = byte == quote && !is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
            is_end.then_some(at)
        })?;
        Some(self.skip(length + 2, Token::Text(length)))
    }

    /// A number in plain digits; one that is written in another way, or runs into a word, is not clear.
    fn number(&mut self) -> Option<Token<'a>> {
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let mut length = digits(self.0);
        if let Some(behind) = self.0[length..].strip_prefix('.')
            && digits(behind) > 0
        {
            length += 1 + digits(behind);
        }
        let next = self.0.as_bytes().get(length);
        let runs_on = next.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        (!runs_on).then(|| self.skip(length, Token::Number))
    }

    fn word(&mut self) -> Token<'a> {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let length = self.0.bytes().take_while(is_part).count();
        let (word, rest) = self.0.split_at(length);
        self.0 = rest;
        Token::Word(word)
    }
}
