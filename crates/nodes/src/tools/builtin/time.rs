//! `time`: now, in other zones, as seconds, and which day of the week.

use std::fmt::Write as _;

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, TimeZone as _};
use chrono_tz::Tz;
use serde_json::Value as Json;

use latchkey_domain::time::Timestamp;
use latchkey_domain::value::python_text;

use super::{Arguments, text};
use crate::host::ToolError;

const FORMAT: &str = "%Y-%m-%d %H:%M:%S";
/// The longest text that a format may make, in bytes.
const LONGEST: usize = 10_000;

pub(super) fn current_time(arguments: &Arguments, now: Timestamp) -> Result<String, ToolError> {
    let zone = zone(text(arguments, "timezone"))?;
    let now = zone.timestamp_millis_opt(now.millis()).single();
    let now = now.ok_or_else(|| ToolError::Invoke("the clock is out of range".to_owned()))?;
    formatted(&now, text(arguments, "format"))
}

pub(super) fn timezone_conversion(
    arguments: &Arguments,
    _: Timestamp,
) -> Result<String, ToolError> {
    let from = zone(text(arguments, "current_timezone"))?;
    let to = zone(text(arguments, "target_timezone"))?;
    let local = moment(text(arguments, "current_time"), from)?;
    formatted(&local.with_timezone(&to), FORMAT)
}

pub(super) fn localtime_to_timestamp(
    arguments: &Arguments,
    _: Timestamp,
) -> Result<String, ToolError> {
    let zone = zone(text(arguments, "timezone"))?;
    Ok(moment(text(arguments, "localtime"), zone)?
        .timestamp()
        .to_string())
}

pub(super) fn timestamp_to_localtime(
    arguments: &Arguments,
    _: Timestamp,
) -> Result<String, ToolError> {
    let zone = zone(text(arguments, "timezone"))?;
    let said = arguments.get("timestamp").unwrap_or(&Json::Null);
    let seconds = said
        .as_i64()
        .or_else(|| said.as_f64().map(|float| float as i64));
    let local = seconds.and_then(|seconds| zone.timestamp_opt(seconds, 0).single());
    let wrong = || ToolError::Invoke(format!("Invalid timestamp: {}", python_text(said)));
    formatted(&local.ok_or_else(wrong)?, FORMAT)
}

pub(super) fn weekday(arguments: &Arguments, _: Timestamp) -> Result<String, ToolError> {
    let part = |name: &str| {
        let said = arguments.get(name)?;
        said.as_i64()
            .or_else(|| said.as_f64().map(|float| float as i64))
    };
    let (year, month, day) = (part("year"), part("month"), part("day"));
    let date = || {
        let (year, month, day) = (year?, month?, day?);
        let in_range = (1..=9999).contains(&year);
        let small = |number: i64| u32::try_from(number).ok();
        let year = i32::try_from(year).ok().filter(|_| in_range)?;
        NaiveDate::from_ymd_opt(year, small(month)?, small(day)?)
    };
    let shown = |part: Option<i64>| part.map_or_else(|| "None".to_owned(), |part| part.to_string());
    Ok(match date() {
        None => format!(
            "Invalid date: Year {}, Month {}, Day {}.",
            shown(year),
            shown(month),
            shown(day)
        ),
        Some(date) => format!(
            "{} {}, {} is {}.",
            date.format("%B"),
            date.day(),
            date.year(),
            date.format("%A")
        ),
    })
}

fn zone(name: &str) -> Result<Tz, ToolError> {
    let known = name.trim().parse();
    known.map_err(|_| ToolError::Invoke(format!("Invalid timezone: {name}")))
}

/// A local time; of one that clocks show twice the first is meant, one that they skip is none.
fn moment(local: &str, zone: Tz) -> Result<DateTime<Tz>, ToolError> {
    let read = NaiveDateTime::parse_from_str(local.trim(), FORMAT).ok();
    let moment = read.and_then(|read| zone.from_local_datetime(&read).earliest());
    moment.ok_or_else(|| ToolError::Invoke(format!("Invalid localtime: {local}")))
}

/// Python's `strftime`, in which `%f` are microseconds.
fn formatted(time: &DateTime<Tz>, format: &str) -> Result<String, ToolError> {
    let wrong = || ToolError::Invoke(format!("the time format {format:?} cannot be used"));
    if format.len() > LONGEST {
        return Err(wrong());
    }
    let format = format.replace("%f", "%6f");
    let mut out = String::new();
    write!(out, "{}", time.format(&format)).map_err(|_| wrong())?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use latchkey_domain::time::Timestamp;

    use super::super::Work;

    const NOON: Timestamp = Timestamp::from_millis(1_704_110_400_000);

    fn answer(work: Work, arguments: Json) -> String {
        match work(arguments.as_object().unwrap(), NOON) {
            Ok(text) => text,
            Err(cause) => format!("! {cause}"),
        }
    }

    #[test]
    fn now_is_told_in_any_zone_and_format() {
        for (zone, format, told) in [
            ("UTC", "%Y-%m-%d %H:%M:%S", "2024-01-01 12:00:00"),
            ("Asia/Shanghai", "%d/%m/%y %H:%M", "01/01/24 20:00"),
            ("America/New_York", "%I %p %Z", "07 AM EST"),
            ("UTC", "%f", "000000"),
            ("Mars/Base", "%Y", "! Invalid timezone: Mars/Base"),
            ("UTC", "%Q", "! the time format \"%Q\" cannot be used"),
        ] {
            let arguments = json!({"timezone": zone, "format": format});
            assert_eq!(answer(super::current_time, arguments), told);
        }
    }

    #[test]
    fn times_are_converted_there_and_back() {
        let there = json!({"current_time": "2024-1-1 0:0:0", "current_timezone": "Asia/Shanghai",
            "target_timezone": "Asia/Tokyo"});
        assert_eq!(
            answer(super::timezone_conversion, there),
            "2024-01-01 01:00:00"
        );
        let local = json!({"localtime": "2024-1-1 20:0:0", "timezone": "Asia/Shanghai"});
        assert_eq!(answer(super::localtime_to_timestamp, local), "1704110400");
        let stamp = json!({"timestamp": 1_704_110_400, "timezone": "Asia/Shanghai"});
        let back = answer(super::timestamp_to_localtime, stamp);
        assert_eq!(back, "2024-01-01 20:00:00");
        let skipped = json!({"localtime": "2024-3-10 2:30:0", "timezone": "America/New_York"});
        let told = answer(super::localtime_to_timestamp, skipped);
        assert_eq!(told, "! Invalid localtime: 2024-3-10 2:30:0");
    }

    #[test]
    fn a_date_has_its_weekday() {
        for (day, told) in [
            ([2024, 2, 29], "February 29, 2024 is Thursday."),
            ([2023, 2, 29], "Invalid date: Year 2023, Month 2, Day 29."),
            ([0, 1, 1], "Invalid date: Year 0, Month 1, Day 1."),
        ] {
            let date = json!({"year": day[0], "month": day[1], "day": day[2]});
            assert_eq!(answer(super::weekday, date), told);
        }
    }
}
