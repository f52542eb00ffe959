//! What may be said on the command line.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context as _, bail};

/// How it is used.
const USAGE: &str = "latchkey-bench [--rounds N] [--seconds N] [--write FILE]";

/// What is to be done.
pub(crate) enum Task {
    /// Measure everything.
    Measure(Plan),
    /// Be the floor: listen on this port, with a database in this folder.
    Floor {
        /// The port.
        port: u16,
        /// The folder.
        folder: PathBuf,
    },
}

/// How much is measured.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Every round measures everything once, floors and service in turn.
    pub(crate) rounds: usize,
    /// How long one load lasts.
    pub(crate) load: Duration,
    /// The document whose table is replaced.
    pub(crate) write: Option<PathBuf>,
}

impl Task {
    /// Reads the command line, without the program's name.
    ///
    /// # Errors
    /// With how it is used.
    pub(crate) fn read(mut words: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut plan = Plan {
            rounds: 5,
            load: Duration::from_secs(3),
            write: None,
        };
        while let Some(word) = words.next() {
            match word.as_str() {
                "floor" => {
                    return Ok(Self::Floor {
                        port: value(&mut words)?,
                        folder: value(&mut words)?,
                    });
                }
                "--rounds" => plan.rounds = value::<usize>(&mut words)?.max(1),
                "--seconds" => plan.load = Duration::from_secs(value::<u64>(&mut words)?.max(1)),
                "--write" => plan.write = Some(value(&mut words)?),
                _ => bail!("{word} is unknown: {USAGE}"),
            }
        }
        Ok(Self::Measure(plan))
    }
}

fn value<T: FromStr>(words: &mut impl Iterator<Item = String>) -> anyhow::Result<T> {
    let word = words.next();
    word.and_then(|word| word.parse().ok()).context(USAGE)
}
