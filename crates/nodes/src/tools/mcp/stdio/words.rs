//! What a process says on its error stream.

use std::process::ExitStatus;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::process::ChildStderr;
use tokio::time::timeout;

/// How long the last words of a process are waited for.
const LAST_WORDS: Duration = Duration::from_millis(300);
/// How much of what it complains about is kept for its obituary, and logged in all, in bytes.
pub(super) const KEPT: usize = 2 << 10;
const LOGGED: usize = 64 << 10;

/// What a process says on its error stream: logged within bounds, and without the credential.
pub(super) struct Words {
    pub(super) name: String,
    hidden: Vec<String>,
    line: Vec<u8>,
    kept: String,
    logged: usize,
}

impl Words {
    pub(super) fn new(name: &str, hidden: Vec<String>) -> Self {
        Self {
            name: name.to_owned(),
            hidden,
            line: Vec::new(),
            kept: String::new(),
            logged: 0,
        }
    }

    pub(super) fn hear(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if *byte == b'\n' || self.line.len() == KEPT {
                self.end_line();
            }
            if *byte != b'\n' {
                self.line.push(*byte);
            }
        }
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let mut text = String::from_utf8_lossy(&line).into_owned();
        for secret in &self.hidden {
            text = text.replace(secret, "…");
        }
        if self.logged < LOGGED {
            self.logged += text.len();
            tracing::debug!(server = self.name, "says: {}", text.trim_end());
        }
        self.kept.push_str(&text);
        self.kept.push('\n');
        let over = self.kept.len().saturating_sub(KEPT);
        let cut = (over..=self.kept.len()).find(|at| self.kept.is_char_boundary(*at));
        self.kept.drain(..cut.unwrap_or_default());
    }

    /// What it said while it ended.
    pub(super) async fn last(&mut self, from: Option<ChildStderr>) {
        let Some(from) = from else {
            return;
        };
        let mut said = Vec::new();
        let mut limited = from.take(LOGGED as u64);
        // What cannot be read is not needed.
        let _ = timeout(LAST_WORDS, limited.read_to_end(&mut said)).await;
        self.hear(&said);
    }

    /// How it ended, and what it said last.
    pub(super) fn obituary<E>(&mut self, gone: &Result<std::io::Result<ExitStatus>, E>) -> String {
        if !self.line.is_empty() {
            self.end_line();
        }
        let how = match gone {
            Ok(Ok(status)) => match status.code() {
                Some(code) if code > 128 => format!("signal {}", code - 128),
                Some(code) => format!("exit code {code}"),
                None => status.to_string(),
            },
            Ok(Err(cause)) => cause.to_string(),
            Err(_) => "it has closed its output".to_owned(),
        };
        match self.kept.trim() {
            "" => how,
            words => format!("{how}; it said: {words}"),
        }
    }
}
