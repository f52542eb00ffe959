//! Tokens that say when they were sent: `@<microseconds>;`, on the one clock of this process.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

fn clock() -> Duration {
    static BEGAN: OnceLock<Instant> = OnceLock::new();
    BEGAN.get_or_init(Instant::now).elapsed()
}

/// A token of now.
pub(crate) fn now() -> String {
    format!("@{};", clock().as_micros())
}

/// How long the tokens in these bytes were on their way.
pub(crate) fn ages(bytes: &[u8]) -> impl Iterator<Item = Duration> {
    let now = clock();
    let stamps = bytes.split(|byte| *byte == b'@').skip(1);
    stamps.filter_map(move |part| {
        let end = part.iter().position(|byte| *byte == b';')?;
        let micros = std::str::from_utf8(&part[..end]).ok()?.parse().ok()?;
        Some(now.saturating_sub(Duration::from_micros(micros)))
    })
}
