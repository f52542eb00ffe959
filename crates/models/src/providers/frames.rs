//! AWS's event stream: messages with lengths, headers and checksums, cut anywhere. An event is handed on as a JSON object
//! whose only key is its type.

use bytes::{Buf as _, BytesMut};
use serde_json::{Value as Json, json};

/// How long one message may be, and its headers.
const MAX_MESSAGE: usize = 8 * 1024 * 1024;
const MAX_HEADERS: usize = 128 * 1024;
/// Both lengths and their checksum.
const PRELUDE: usize = 12;
/// The checksum at the end.
const CHECKSUM: usize = 4;

/// Takes bytes in, gives events out.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    waiting: BytesMut,
}

/// Why a stream cannot be read on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Damaged;

impl Frames {
    /// Takes a piece in and gives the events that it completes.
    pub(crate) fn push(&mut self, piece: &[u8]) -> Result<Vec<String>, Damaged> {
        self.waiting.extend_from_slice(piece);
        let mut events = Vec::new();
        while let Some(length) = self.length()? {
            if self.waiting.len() < length {
                break;
            }
            let message = self.waiting.split_to(length);
            events.extend(event(&message)?);
        }
        Ok(events)
    }

    /// The length of the message that begins here, once that has come and its checksum says so.
    fn length(&self) -> Result<Option<usize>, Damaged> {
        let Some(mut prelude) = self.waiting.get(..PRELUDE) else {
            return Ok(None);
        };
        let checksum = crc32fast::hash(&prelude[..PRELUDE - CHECKSUM]);
        let (length, headers) = (prelude.get_u32() as usize, prelude.get_u32() as usize);
        let is_sane = length <= MAX_MESSAGE
            && headers <= MAX_HEADERS
            && length >= PRELUDE + headers + CHECKSUM;
        if !is_sane || prelude.get_u32() != checksum {
            return Err(Damaged);
        }
        Ok(Some(length))
    }
}

/// What a whole message says. Its type stands in its headers; one that has none says nothing.
fn event(message: &[u8]) -> Result<Option<String>, Damaged> {
    let (said, mut checksum) = message.split_at(message.len() - CHECKSUM);
    if crc32fast::hash(said) != checksum.get_u32() {
        return Err(Damaged);
    }
    let mut lengths = &said[4..8];
    let (headers, payload) = said[PRELUDE..].split_at(lengths.get_u32() as usize);
    let headers = Headers::read(headers)?;
    let payload = String::from_utf8_lossy(payload);
    let told = match headers.message.as_deref() {
        Some("exception") => headers.exception.map(|kind| (kind, payload.into_owned())),
        Some("error") => {
            let text = json!({"message": headers.text, "code": headers.code});
            Some(("error".to_owned(), text.to_string()))
        }
        _ => headers.event.map(|kind| (kind, payload.into_owned())),
    };
    Ok(told.map(|(kind, said)| format!("{{{}:{said}}}", Json::String(kind))))
}

/// The headers that anybody wants to know.
#[derive(Default)]
struct Headers {
    message: Option<String>,
    event: Option<String>,
    exception: Option<String>,
    code: Option<String>,
    text: Option<String>,
}

impl Headers {
    fn read(mut bytes: &[u8]) -> Result<Self, Damaged> {
        let mut headers = Self::default();
        while !bytes.is_empty() {
            let length = usize::from(take(&mut bytes, 1)?[0]);
            let name = take(&mut bytes, length)?;
            let value = value(&mut bytes)?;
            let place = match name {
                b":message-type" => &mut headers.message,
                b":event-type" => &mut headers.event,
                b":exception-type" => &mut headers.exception,
                b":error-code" => &mut headers.code,
                b":error-message" => &mut headers.text,
                _ => continue,
            };
            *place = value.map(|text| String::from_utf8_lossy(text).into_owned());
        }
        Ok(headers)
    }
}

/// A header's value, if it is a text. The others are stepped over.
fn value<'a>(bytes: &mut &'a [u8]) -> Result<Option<&'a [u8]>, Damaged> {
    let kind = take(bytes, 1)?[0];
    let length = match kind {
        // True and false.
        0 | 1 => 0,
        // Numbers of one, two, four and eight bytes, and a time.
        2 => 1,
        3 => 2,
        4 => 4,
        5 | 8 => 8,
        // Bytes and texts say how long they are.
        6 | 7 => {
            let mut length = take(bytes, 2)?;
            usize::from(length.get_u16())
        }
        // An id.
        9 => 16,
        _ => return Err(Damaged),
    };
    let value = take(bytes, length)?;
    Ok((kind == 7).then_some(value))
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Result<&'a [u8], Damaged> {
    let (taken, rest) = bytes.split_at_checked(length).ok_or(Damaged)?;
    *bytes = rest;
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::{Damaged, Frames, MAX_MESSAGE};

    /// A message, made apart from the code that reads it.
    fn message(headers: &[u8], payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(16 + headers.len() + payload.len()).unwrap();
        let mut message = length.to_be_bytes().to_vec();
        message.extend(u32::try_from(headers.len()).unwrap().to_be_bytes());
        message.extend(crc32fast::hash(&message).to_be_bytes());
        message.extend(headers);
        message.extend(payload);
        message.extend(crc32fast::hash(&message).to_be_bytes());
        message
    }

    fn text(name: &str, value: &str) -> Vec<u8> {
        let length = u16::try_from(value.len()).unwrap().to_be_bytes();
        let name_length = u8::try_from(name.len()).unwrap();
        [
            &[name_length],
            name.as_bytes(),
            &[7],
            &length,
            value.as_bytes(),
        ]
        .concat()
    }

    #[test]
    fn every_kind_of_header_is_stepped_over() {
        let mut headers = vec![];
        for (kind, length) in [
            (0, 0),
            (1, 0),
            (2, 1),
            (3, 2),
            (4, 4),
            (5, 8),
            (8, 8),
            (9, 16),
        ] {
            headers.extend([1, b'x', kind]);
            headers.extend(vec![0xff; length]);
        }
        headers.extend([1, b'b', 6, 0, 3, 1, 2, 3]);
        headers.extend(text(":event-type", "metadata"));
        let told = Frames::default()
            .push(&message(&headers, b"{\"a\":1}"))
            .unwrap();
        assert_eq!(told, ["{\"metadata\":{\"a\":1}}"]);
    }

    #[test]
    fn exceptions_and_errors_are_events() {
        let exception = [
            text(":message-type", "exception"),
            text(":exception-type", "throttlingException"),
        ]
        .concat();
        let error = [
            text(":message-type", "error"),
            text(":error-code", "500"),
            text(":error-message", "oh"),
        ]
        .concat();
        let mut stream = message(&exception, b"{\"message\":\"slow\"}");
        stream.extend(message(&error, b""));
        stream.extend(message(b"", b"nobody knows"));
        let mut frames = Frames::default();
        let told = frames.push(&stream).unwrap();
        assert_eq!(
            told,
            [
                "{\"throttlingException\":{\"message\":\"slow\"}}",
                "{\"error\":{\"message\":\"oh\",\"code\":\"500\"}}"
            ]
        );
        assert!(frames.waiting.is_empty());
    }

    #[test]
    fn a_message_that_was_changed_on_the_way_is_refused() {
        let headers = text(":event-type", "x");
        let good = message(&headers, b"{}");
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            assert_eq!(Frames::default().push(&bad), Err(Damaged), "{at}");
        }
    }

    #[test]
    fn lengths_that_no_sane_server_sends_are_refused_at_once() {
        let prelude = |length: u32, headers: u32| {
            let mut prelude = [length.to_be_bytes(), headers.to_be_bytes()].concat();
            prelude.extend(crc32fast::hash(&prelude).to_be_bytes());
            prelude
        };
        for (length, headers) in [
            (u32::try_from(MAX_MESSAGE).unwrap() + 1, 0),
            (u32::MAX, u32::MAX),
            (15, 0),
            (20, 5),
            (200_000, 150_000),
            (0, 0),
        ] {
            assert_eq!(
                Frames::default().push(&prelude(length, headers)),
                Err(Damaged),
                "{length} {headers}"
            );
        }
        let mut frames = Frames::default();
        assert_eq!(frames.push(&prelude(16, 0)), Ok(vec![]));
        // Headers that end in the middle of one, and a kind that is none.
        for headers in [
            &b"\x05ab"[..],
            b"\x01x\x07\x00\x09ab",
            b"\x01x\x0a",
            b"\x01",
        ] {
            assert_eq!(
                Frames::default().push(&message(headers, b"")),
                Err(Damaged),
                "{headers:?}"
            );
        }
    }
}
