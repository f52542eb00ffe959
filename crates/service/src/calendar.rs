//! When a schedule is next: the only place that names the cron library and time zones.
//!
//! Clock changes are the library's rule, which is Vixie cron's. A time that is fixed (no `*` in minute and hour) and is
//! skipped runs at the first moment after the gap, and one that is there twice runs the first time only. Other schedules follow
//! the clock on the wall: what is skipped is skipped, what is there twice runs twice.

use chrono::{DateTime, TimeZone as _, Utc};
use chrono_tz::Tz;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use latchkey_domain::time::Timestamp;
use latchkey_domain::trigger::Schedule;

/// Missed times are counted up to here.
const COUNTED: u32 = 10_000;

/// A schedule that can be asked for its times.
pub(crate) struct Calendar {
    cron: Cron,
    zone: Tz,
}

/// Where a schedule stands when it is found due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    /// Its last time that is not in the future.
    pub(crate) last: Timestamp,
    /// How many times went by from the one that was due to that one.
    pub(crate) missed: u32,
    /// Its next time.
    pub(crate) next: Option<Timestamp>,
}

impl Calendar {
    /// Reads a schedule; what is wrong with it, and in which field of its node.
    pub(crate) fn of(schedule: &Schedule) -> Result<Self, (&'static str, String)> {
        let parser = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .build();
        let cron = parser.parse(&schedule.cron).map_err(|cause| {
            let said = &schedule.cron;
            (
                "cron_expression",
                format!("{said:?} is no cron expression of five fields: {cause}"),
            )
        })?;
        let zone = schedule.timezone.parse().map_err(|_| {
            let said = &schedule.timezone;
            ("timezone", format!("there is no time zone {said:?}"))
        })?;
        Ok(Self { cron, zone })
    }

    /// The first time after `at`; none when there is none any more.
    pub(crate) fn next_after(&self, at: Timestamp) -> Option<Timestamp> {
        let next = self.cron.find_next_occurrence(&self.local(at)?, false);
        next.ok().map(timestamp)
    }

    /// Where the schedule stands at `now` if it was due at `due`.
    pub(crate) fn since(&self, due: Timestamp, now: Timestamp) -> Due {
        let before = self
            .local(now)
            .and_then(|now| self.cron.find_previous_occurrence(&now, true).ok());
        // Never before the one that was due, whatever the rules of time zones have become meanwhile.
        let last = before.map_or(due, timestamp).max(due);
        let (mut missed, mut at) = (0, due);
        while at < last && missed < COUNTED {
            missed += 1;
            match self.next_after(at) {
                Some(next) => at = next,
                None => break,
            }
        }
        Due {
            last,
            missed,
            next: self.next_after(now),
        }
    }

    fn local(&self, at: Timestamp) -> Option<DateTime<Tz>> {
        let at = Utc.timestamp_millis_opt(at.millis()).single()?;
        Some(at.with_timezone(&self.zone))
    }
}

fn timestamp(at: DateTime<Tz>) -> Timestamp {
    Timestamp::from_millis(at.timestamp_millis())
}

#[cfg(test)]
mod tests {
    use latchkey_domain::time::Timestamp;
    use latchkey_domain::trigger::Schedule;

    use super::{Calendar, Due};

    fn calendar(cron: &str, timezone: &str) -> Result<Calendar, &'static str> {
        let schedule = Schedule {
            cron: cron.to_owned(),
            timezone: timezone.to_owned(),
        };
        Calendar::of(&schedule).map_err(|(field, _)| field)
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    /// The next times after one, as they stand in journals.
    fn times(cron: &str, timezone: &str, from: &str, many: usize) -> Vec<String> {
        let calendar = calendar(cron, timezone).unwrap();
        let next = |at: &Timestamp| calendar.next_after(*at);
        let times = std::iter::successors(next(&at(from)), next);
        let text = |time: Timestamp| time.to_string().replace(":00.000Z", "Z");
        times.take(many).map(text).collect()
    }

    #[test]
    fn a_schedule_follows_the_clock_of_its_zone() {
        assert_eq!(
            times("0 9 * * *", "Asia/Shanghai", "2026-01-01T00:00:00Z", 2),
            ["2026-01-01T01:00Z", "2026-01-02T01:00Z"]
        );
        assert_eq!(
            times("0 9 * * 1", "Europe/Berlin", "2026-03-23T08:00:00Z", 2),
            ["2026-03-30T07:00Z", "2026-04-06T07:00Z"]
        );
    }

    #[test]
    fn the_last_day_of_a_month_is_the_last_one_that_it_has() {
        assert_eq!(
            times("0 0 15,31,L * *", "UTC", "2026-01-31T00:00:00Z", 4),
            [
                "2026-02-15T00:00Z",
                "2026-02-28T00:00Z",
                "2026-03-15T00:00Z",
                "2026-03-31T00:00Z"
            ]
        );
    }

    #[test]
    fn a_fixed_time_that_is_skipped_runs_after_the_gap_and_a_doubled_one_runs_once() {
        // The clock goes from 2:00 to 3:00 on March 29 at 1:00 UTC, and from 3:00 back to 2:00 on October 25.
        assert_eq!(
            times("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2),
            ["2026-03-29T01:00Z", "2026-03-30T00:30Z"]
        );
        assert_eq!(
            times("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2),
            ["2026-10-25T00:30Z", "2026-10-26T01:30Z"]
        );
    }

    #[test]
    fn an_interval_follows_the_wall_through_a_change() {
        assert_eq!(
            times("*/30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2),
            ["2026-03-30T00:00Z", "2026-03-30T00:30Z"]
        );
        assert_eq!(
            times("*/30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 4),
            [
                "2026-10-25T00:00Z",
                "2026-10-25T00:30Z",
                "2026-10-25T01:00Z",
                "2026-10-25T01:30Z"
            ]
        );
    }

    #[test]
    fn times_that_went_by_are_counted_up_to_the_last_one() {
        let hourly = calendar("0 * * * *", "UTC").unwrap();
        let since = |now: &str| hourly.since(at("2026-01-01T01:00:00Z"), at(now));
        let due = |last: &str, missed, next: &str| Due {
            last: at(last),
            missed,
            next: Some(at(next)),
        };
        assert_eq!(
            since("2026-01-01T01:00:00Z"),
            due("2026-01-01T01:00:00Z", 0, "2026-01-01T02:00:00Z")
        );
        assert_eq!(
            since("2026-01-01T04:59:59Z"),
            due("2026-01-01T04:00:00Z", 3, "2026-01-01T05:00:00Z")
        );
        assert_eq!(since("2036-01-01T00:00:00Z").missed, 10_000);
    }

    #[test]
    fn what_is_no_schedule_is_refused_with_its_field() {
        for (cron, zone, field) in [
            ("", "UTC", "cron_expression"),
            ("* * * *", "UTC", "cron_expression"),
            ("0 * * * * *", "UTC", "cron_expression"),
            ("60 * * * *", "UTC", "cron_expression"),
            ("* * * * mo", "UTC", "cron_expression"),
            ("0 9 * * *", "Mars/Olympus", "timezone"),
            ("0 9 * * *", "../etc/localtime", "timezone"),
        ] {
            assert_eq!(calendar(cron, zone).err(), Some(field), "{cron} {zone}");
        }
    }

    #[test]
    fn a_day_that_never_comes_is_found_out() {
        let never = calendar("0 0 30 2 *", "America/New_York").unwrap();
        assert_eq!(never.next_after(at("2026-01-01T00:00:00Z")), None);
    }
}
