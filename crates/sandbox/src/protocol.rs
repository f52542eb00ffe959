//! What goes over the channel between the sandbox and a process: one job in, one answer out.
//!
//! A process whose job may have a network sends one byte first, and with it the socket that the job can reach. A job is two lengths (four bytes each, little-endian) and two parts: code and inputs, or kind and document. An answer is
//! a tag, a length and a text. The other side is not trusted: lengths are checked before anything is read.

use std::io::{self, Read, Write};

/// What the first argument of a process says, so that no command of a person can be meant.
pub(crate) const WORD: &str = "__latchkey_sandbox_worker";
/// The same for a program of the operator that is to be kept.
pub(crate) const KEEP: &str = "__latchkey_sandbox_keeper";
/// How the launching half ends when it could not confine the other.
pub(crate) const REFUSED: i32 = 121;

/// What an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tag {
    /// With the socket that its job can reach: comes first, if the job may have a network.
    Network,
    /// It waits for its job.
    Ready,
    /// It could not be confined: a refusal as JSON.
    Refused,
    /// The result.
    Result,
    /// The job has failed: the text.
    Failed,
}

impl Tag {
    const ALL: [Self; 5] = [
        Self::Network,
        Self::Ready,
        Self::Refused,
        Self::Result,
        Self::Failed,
    ];

    pub(crate) const fn byte(self) -> u8 {
        match self {
            Self::Network => b'W',
            Self::Ready => b'R',
            Self::Refused => b'N',
            Self::Result => b'O',
            Self::Failed => b'E',
        }
    }

    pub(crate) fn of(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|tag| tag.byte() == byte)
    }
}

/// The bytes in front of a job's parts.
pub(crate) fn job_head(head: &[u8], body: &[u8]) -> Option<[u8; 8]> {
    let mut bytes = [0; 8];
    bytes[..4].copy_from_slice(&u32::try_from(head.len()).ok()?.to_le_bytes());
    bytes[4..].copy_from_slice(&u32::try_from(body.len()).ok()?.to_le_bytes());
    Some(bytes)
}

/// Reads a job; none when the other side has gone.
pub(crate) fn read_job(from: &mut impl Read, max: u64) -> io::Result<Option<(Vec<u8>, Vec<u8>)>> {
    let mut lengths = [0; 8];
    match from.read_exact(&mut lengths) {
        Err(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let [a, b, c, d, e, f, g, h] = lengths;
    let mut part = |length: u32| {
        if u64::from(length) > max {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a job is too large",
            ));
        }
        let mut bytes = vec![0; length as usize];
        from.read_exact(&mut bytes)?;
        Ok(bytes)
    };
    Ok(Some((
        part(u32::from_le_bytes([a, b, c, d]))?,
        part(u32::from_le_bytes([e, f, g, h]))?,
    )))
}

/// Writes an answer.
pub(crate) fn write_answer(to: &mut impl Write, tag: Tag, text: &[u8]) -> io::Result<()> {
    let length = u32::try_from(text.len()).map_err(io::Error::other)?;
    to.write_all(&[tag.byte()])?;
    to.write_all(&length.to_le_bytes())?;
    to.write_all(text)
}

#[cfg(test)]
mod tests {
    use super::{Tag, job_head, read_job, write_answer};

    #[test]
    fn a_job_arrives_as_it_was_sent() {
        let (head, body) = (b"code".as_slice(), b"{}".as_slice());
        let sent = [&job_head(head, body).unwrap(), head, body].concat();
        let read = read_job(&mut sent.as_slice(), 10).unwrap().unwrap();
        assert_eq!((read.0.as_slice(), read.1.as_slice()), (head, body));
        assert!(read_job(&mut [].as_slice(), 10).unwrap().is_none());
    }

    #[test]
    fn a_length_is_checked_before_anything_is_kept() {
        let lengths = [0xff; 8];
        assert!(read_job(&mut lengths.as_slice(), 10).is_err());
        assert!(read_job(&mut [1, 0, 0, 0, 0, 0, 0, 0].as_slice(), 10).is_err());
    }

    #[test]
    fn an_answer_is_tag_length_and_text() {
        let mut written = Vec::new();
        write_answer(&mut written, Tag::Failed, b"no").unwrap();
        assert_eq!(written, b"E\x02\0\0\0no");
        for tag in Tag::ALL {
            assert_eq!(Tag::of(tag.byte()), Some(tag));
        }
        assert_eq!(Tag::of(b'?'), None);
    }
}
