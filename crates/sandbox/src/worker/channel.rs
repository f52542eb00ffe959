//! The channel to the sandbox, on the descriptor that is otherwise standard input.

use std::fs::File;
use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd};

use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};

use crate::error::Refusal;
use crate::protocol::{REFUSED, Tag, read_job, write_answer};
use crate::spec::Spec;

/// How a process ends whose sandbox has gone.
const LONELY: i32 = 0;

pub(super) struct Channel(File);

impl Channel {
    pub(super) fn of_stdin() -> io::Result<Self> {
        let own = io::stdin().as_fd().try_clone_to_owned()?;
        Ok(Self(File::from(own)))
    }

    /// Tells why nothing was run; how the process ends then.
    pub(super) fn refuse(&mut self, refusal: &Refusal) -> i32 {
        let text = serde_json::to_string(refusal).unwrap_or_default();
        // If nobody listens any more, nobody needs the reason.
        let _ = write_answer(&mut self.0, Tag::Refused, text.as_bytes());
        REFUSED
    }

    /// Hands a descriptor to the sandbox.
    pub(super) fn hand_over(&self, tag: Tag, what: &impl AsFd) -> io::Result<()> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        let descriptors = [what.as_fd()];
        if !control.push(SendAncillaryMessage::ScmRights(&descriptors)) {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        let byte = [tag.byte()];
        sendmsg(
            &self.0,
            &[IoSlice::new(&byte)],
            &mut control,
            SendFlags::empty(),
        )?;
        Ok(())
    }

    /// Waits for the job, does it and answers; how the process ends then.
    pub(super) fn serve(
        &mut self,
        spec: &Spec,
        work: impl FnOnce(&[u8], &[u8]) -> Result<String, String>,
    ) -> i32 {
        match self.exchange(spec, work) {
            Ok(()) => 0,
            Err(_) => LONELY,
        }
    }

    fn exchange(
        &mut self,
        spec: &Spec,
        work: impl FnOnce(&[u8], &[u8]) -> Result<String, String>,
    ) -> io::Result<()> {
        write_answer(&mut self.0, Tag::Ready, b"")?;
        let Some((head, body)) = read_job(&mut self.0, spec.bounds.input)? else {
            return Ok(());
        };
        match work(&head, &body) {
            Ok(text) => write_answer(&mut self.0, Tag::Result, text.as_bytes()),
            Err(text) => write_answer(&mut self.0, Tag::Failed, text.as_bytes()),
        }
    }
}

impl AsFd for Channel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
