//! The process dies where a test says: `LATCHKEY_TEST_POINTS` is `record:FILE`, which writes down every place that is passed, or
//! `die:PLACE`, which kills the process there as `kill -9` does. Without the variable nobody watches.
//!
//! A place is a side, a kind, a name, and how often that was passed since the start of the process: `before durable append #2`.

use std::collections::HashMap;
use std::fs::File;
use std::io::Write as _;
use std::sync::{Mutex, OnceLock, PoisonError};

use anyhow::{Context as _, bail};
use latchkey_domain::points::{Kind, Side, watch};

/// The variable that says it; it is no setting.
pub(crate) const VARIABLE: &str = "LATCHKEY_TEST_POINTS";

enum Wish {
    Record(Mutex<File>),
    Die(String),
}

static WISH: OnceLock<Wish> = OnceLock::new();
static PASSED: Mutex<Option<HashMap<String, u32>>> = Mutex::new(None);

/// Begins to watch as the variable says.
pub(crate) fn watch_as(said: Option<&str>) -> anyhow::Result<()> {
    let wish = match said.and_then(|said| said.split_once(':')) {
        None if said.is_none() => return Ok(()),
        Some(("record", path)) => {
            let file = File::options().create(true).append(true).open(path);
            Wish::Record(Mutex::new(file.with_context(|| path.to_owned())?))
        }
        Some(("die", place)) => Wish::Die(place.to_owned()),
        _ => bail!("{VARIABLE} is record:FILE or die:PLACE"),
    };
    if WISH.set(wish).is_ok() {
        watch(passed);
    }
    Ok(())
}

fn passed(kind: Kind, side: Side, name: &str) {
    let side = match side {
        Side::Before => "before",
        Side::After => "after",
    };
    let kind = match kind {
        Kind::Durable => "durable",
        Kind::Effect => "effect",
    };
    let place = format!("{side} {kind} {name}");
    let mut all = PASSED.lock().unwrap_or_else(PoisonError::into_inner);
    let times = all
        .get_or_insert_default()
        .entry(place.clone())
        .or_default();
    *times += 1;
    let place = format!("{place} #{times}");
    match WISH.get() {
        Some(Wish::Record(file)) => {
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            // A test that misses a place counts too few of them.
            let _ = writeln!(file, "{place}");
        }
        Some(Wish::Die(here)) if *here == place => {
            let _ = rustix::process::kill_process(
                rustix::process::getpid(),
                rustix::process::Signal::KILL,
            );
            // The signal may take a moment; nothing more happens here.
            loop {
                std::thread::park();
            }
        }
        Some(Wish::Die(_)) | None => {}
    }
}
