//! How long things are kept.

use std::time::Duration;

use latchkey_service::Retention;

use super::error::Error;
use super::layers::Layers;

/// What is kept, with the setting that says how long.
pub(super) const NAMES: [&str; 5] = [
    "retention_runs",
    "retention_events",
    "retention_nodes",
    "retention_files",
    "retention_ledger",
];

/// Units of a time, in seconds.
const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3600), ('m', 60), ('s', 1)];

/// Reads these settings; everything is kept unless they say otherwise.
pub(super) fn read(layers: &Layers) -> Result<Retention, Error> {
    let [runs, events, nodes, files, ledger] = NAMES.map(|name| layers.parse(name, age, || None));
    Ok(Retention {
        runs: runs?,
        events: events?,
        nodes: nodes?,
        files: files?,
        ledger: ledger?,
    })
}

/// These settings with their values.
pub(super) fn shown(retention: &Retention) -> impl Iterator<Item = (&'static str, Option<String>)> {
    let ages = [
        retention.runs,
        retention.events,
        retention.nodes,
        retention.files,
        retention.ledger,
    ];
    NAMES.into_iter().zip(ages.map(|age| Some(text(age))))
}

fn age(text: &str) -> Result<Option<Duration>, String> {
    let needed = || "a time is needed, such as 90d, 12h, 30m or 45s; or off".to_owned();
    if text == "off" {
        return Ok(None);
    }
    let unit = text.chars().last().ok_or_else(needed)?;
    let known = UNITS.into_iter().find(|(name, _)| *name == unit);
    let (name, seconds) = known.ok_or_else(needed)?;
    let number: u64 = text.trim_end_matches(name).parse().map_err(|_| needed())?;
    let seconds = number.checked_mul(seconds).filter(|seconds| *seconds > 0);
    seconds
        .map(|seconds| Some(Duration::from_secs(seconds)))
        .ok_or_else(needed)
}

fn text(age: Option<Duration>) -> String {
    let Some(seconds) = age.map(|age| age.as_secs()) else {
        return "off".to_owned();
    };
    let whole = UNITS
        .into_iter()
        .find(|(_, unit)| seconds.is_multiple_of(*unit));
    let (name, unit) = whole.unwrap_or(('s', 1));
    format!("{}{name}", seconds / unit)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{age, text};

    #[test]
    fn ages_are_numbers_with_a_unit_or_off() {
        for (said, seconds) in [
            ("90d", 7_776_000),
            ("12h", 43_200),
            ("30m", 1800),
            ("45s", 45),
        ] {
            let read = age(said).unwrap();
            assert_eq!(read, Some(Duration::from_secs(seconds)));
            assert_eq!(text(read), said);
        }
        assert_eq!(age("off"), Ok(None));
        assert_eq!(text(None), "off");
        for wrong in [
            "",
            "90",
            "0d",
            "d",
            "-1d",
            "1w",
            "99999999999999999999d",
            "9999999999999999d",
        ] {
            assert!(age(wrong).is_err(), "{wrong}");
        }
    }
}
