//! Server-sent events as providers send them: cut anywhere, with any line end, comments and empty events between.

use bytes::{Buf as _, BytesMut};

/// How long one event may be.
const MAX_EVENT: usize = 8 * 1024 * 1024;

/// Takes bytes in, gives events out.
#[derive(Debug, Default)]
pub struct Parser {
    waiting: BytesMut,
    /// How much of it is known to hold no end of a line.
    looked_at: usize,
    data: String,
    has_data: bool,
    begun: bool,
}

/// An event is longer than a sane provider sends.
#[derive(Debug, PartialEq, Eq)]
pub struct TooLong;

impl Parser {
    /// Takes a piece in and gives the data of the events that it completes.
    ///
    /// # Errors
    /// When an event is longer than 8 MiB.
    pub fn push(&mut self, piece: &[u8]) -> Result<Vec<String>, TooLong> {
        self.waiting.extend_from_slice(piece);
        self.skip_mark();
        let mut events = Vec::new();
        while let Some(line) = self.line(false) {
            events.extend(self.take(&line));
            if self.data.len() > MAX_EVENT {
                return Err(TooLong);
            }
        }
        if self.waiting.len() > MAX_EVENT {
            return Err(TooLong);
        }
        Ok(events)
    }

    /// The stream is over: gives the event that lacks its empty line. A line that lacks its end is whole as well,
    /// since providers close the connection after the last one.
    pub fn finish(&mut self) -> Option<String> {
        while let Some(line) = self.line(true) {
            if let Some(event) = self.take(&line) {
                return Some(event);
            }
        }
        self.dispatch()
    }

    fn skip_mark(&mut self) {
        const MARK: &[u8] = b"\xef\xbb\xbf";
        if !self.begun && self.waiting.len() >= MARK.len() {
            self.begun = true;
            if self.waiting.starts_with(MARK) {
                self.waiting.advance(MARK.len());
                self.looked_at = 0;
            }
        }
    }

    /// The next whole line without its end. A line feed may still follow a carriage return at the end of what has
    /// come, so that one waits.
    fn line(&mut self, is_end: bool) -> Option<BytesMut> {
        let ending = |byte: &u8| matches!(byte, b'\n' | b'\r');
        let new = self.waiting.get(self.looked_at..).unwrap_or_default();
        let Some(at) = new.iter().position(ending).map(|at| self.looked_at + at) else {
            self.looked_at = self.waiting.len();
            let rest = is_end && !self.waiting.is_empty();
            return rest.then(|| {
                self.looked_at = 0;
                self.waiting.split()
            });
        };
        let width = match (self.waiting[at], self.waiting.get(at + 1)) {
            (b'\r', Some(b'\n')) => 2,
            (b'\r', None) if !is_end => {
                self.looked_at = at;
                return None;
            }
            _ => 1,
        };
        self.looked_at = 0;
        let line = self.waiting.split_to(at);
        self.waiting.advance(width);
        Some(line)
    }

    fn take(&mut self, line: &[u8]) -> Option<String> {
        if line.is_empty() {
            return self.dispatch();
        }
        // Other fields, and comments, which have no name before the colon, say nothing here.
        let data = line.strip_prefix(b"data")?;
        let data = match data {
            [] => data,
            [b':', b' ', rest @ ..] | [b':', rest @ ..] => rest,
            _ => return None,
        };
        if self.has_data {
            self.data.push('\n');
        }
        self.has_data = true;
        self.data.push_str(&String::from_utf8_lossy(data));
        None
    }

    fn dispatch(&mut self) -> Option<String> {
        let data = std::mem::take(&mut self.data);
        std::mem::replace(&mut self.has_data, false).then_some(data)
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_EVENT, Parser, TooLong};

    fn events(pieces: &[&[u8]]) -> Vec<String> {
        let mut parser = Parser::default();
        let mut events: Vec<String> = pieces
            .iter()
            .flat_map(|piece| parser.push(piece).unwrap())
            .collect();
        events.extend(parser.finish());
        events
    }

    #[test]
    fn streams_are_read_as_they_come() {
        for (stream, expected) in [
            ("data: a\n\ndata: b\n\n", vec!["a", "b"]),
            ("data:a\r\n\r\ndata:b\r\n\r\n", vec!["a", "b"]),
            ("data: a\r\rdata: b\r\r", vec!["a", "b"]),
            (": comment\n\ndata: a\n\n: ping\n\n", vec!["a"]),
            ("event: x\nid: 1\nretry: 5\ndata: a\n\n", vec!["a"]),
            ("data: one\ndata: two\n\n", vec!["one\ntwo"]),
            ("data\n\n", vec![""]),
            ("data:  two spaces\n\n", vec![" two spaces"]),
            ("database: no\n\n", vec![]),
            ("\u{feff}data: a\n\n", vec!["a"]),
            ("data: [DONE]", vec!["[DONE]"]),
            ("data: 你好 🎉\n\n", vec!["你好 🎉"]),
            ("\n\n\n", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(events(&[stream.as_bytes()]), expected, "{stream:?} whole");
            let bytes: Vec<&[u8]> = stream.as_bytes().chunks(1).collect();
            assert_eq!(events(&bytes), expected, "{stream:?} byte by byte");
        }
    }

    #[test]
    fn a_long_line_is_looked_at_once() {
        let mut parser = Parser::default();
        for _ in 0..1000 {
            assert_eq!(parser.push(b"data").unwrap(), Vec::<String>::new());
            assert_eq!(parser.looked_at, parser.waiting.len());
        }
        assert_eq!(parser.push(b": end\r").unwrap(), Vec::<String>::new());
        assert_eq!(parser.looked_at, 4005);
        parser.push(b"\n\n").unwrap();
        assert_eq!((parser.looked_at, parser.waiting.len()), (0, 0));
    }

    #[test]
    fn an_endless_event_is_refused() {
        let mut parser = Parser::default();
        let piece = vec![b'x'; MAX_EVENT + 1];
        assert_eq!(parser.push(&piece), Err(TooLong));
        let mut parser = Parser::default();
        let line = [b"data: ".as_slice(), &[b'x'; 1024 * 1024], b"\n"].concat();
        let refused = (0..9)
            .map(|_| parser.push(&line))
            .any(|told| told == Err(TooLong));
        assert!(refused);
    }
}
