//! Schedules: the two ways in which a node says when (Dify DSL, trigger-schedule), made one cron expression. When its next time
//! is, whoever knows time zones says.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::{FieldProblem, text, wrong};

/// When a schedule begins runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Five fields: minute, hour, day of the month, month, day of the week.
    pub cron: String,
    /// The name of its time zone, such as `Europe/Berlin`.
    pub timezone: String,
}

impl Schedule {
    /// What a node says. Whether the expression has any time and the zone exists is not looked at.
    pub(super) fn of(data: &Map<String, Json>) -> Result<Self, FieldProblem> {
        let cron = match text(data, "mode").unwrap_or("visual") {
            "cron" => text(data, "cron_expression")
                .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
                .ok_or_else(|| wrong("cron_expression", "a cron expression is needed")),
            "visual" => visual(data),
            other => Err(wrong("mode", format!("there is no mode {other:?}"))),
        };
        Ok(Self {
            cron: cron?,
            timezone: text(data, "timezone").unwrap_or("UTC").to_owned(),
        })
    }
}

/// The expression of a form that was filled in.
fn visual(data: &Map<String, Json>) -> Result<String, FieldProblem> {
    let empty = Map::new();
    let config = data.get("visual_config").and_then(Json::as_object);
    let config = config.unwrap_or(&empty);
    let at = || {
        let (hour, minute) = time_of_day(text(config, "time").unwrap_or("12:00 AM"))?;
        Ok::<_, FieldProblem>(format!("{minute} {hour}"))
    };
    match text(data, "frequency").unwrap_or("daily") {
        "hourly" => Ok(format!("{} * * * *", minute(config)?)),
        "daily" => Ok(format!("{} * * *", at()?)),
        "weekly" => Ok(format!("{} * * {}", at()?, weekdays(config)?)),
        "monthly" => Ok(format!("{} {} * *", at()?, monthly_days(config)?)),
        other => Err(wrong(
            "frequency",
            format!("there is no frequency {other:?}"),
        )),
    }
}

fn minute(config: &Map<String, Json>) -> Result<u64, FieldProblem> {
    let given = config.get("on_minute").filter(|given| !given.is_null());
    let minute = given.map_or(Some(0), Json::as_u64);
    minute
        .filter(|minute| *minute < 60)
        .ok_or_else(|| wrong("visual_config.on_minute", "a minute from 0 to 59 is needed"))
}

/// `9:05 PM`, `12:00 AM` (midnight), also `21:05`.
fn time_of_day(said: &str) -> Result<(u32, u32), FieldProblem> {
    let refuse = || {
        wrong(
            "visual_config.time",
            format!("{said:?} is no time such as \"9:30 AM\""),
        )
    };
    let (clock, half) = match said.split_once(' ') {
        Some((clock, half)) => (clock, Some(half.trim().to_ascii_uppercase())),
        None => (said, None),
    };
    let number = |text: &str| {
        let is_plain = (1..=2).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_digit());
        if is_plain { text.parse().ok() } else { None }
    };
    let (hour, minute) = clock.split_once(':').ok_or_else(refuse)?;
    let (hour, minute): (u32, u32) = number(hour).zip(number(minute)).ok_or_else(refuse)?;
    let hour = match half.as_deref() {
        None => Some(hour).filter(|hour| *hour < 24),
        Some("AM") => Some(hour % 12).filter(|_| (1..=12).contains(&hour)),
        Some("PM") => Some(hour % 12 + 12).filter(|_| (1..=12).contains(&hour)),
        Some(_) => None,
    };
    let hour = hour.filter(|_| minute < 60).ok_or_else(refuse)?;
    Ok((hour, minute))
}

fn weekdays(config: &Map<String, Json>) -> Result<String, FieldProblem> {
    const NAMES: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    const FIELD: &str = "visual_config.weekdays";
    let number = |day: &Json| {
        let name = day.as_str()?.to_ascii_lowercase();
        NAMES.iter().position(|known| *known == name)
    };
    let days = config.get("weekdays").and_then(Json::as_array);
    let days: Option<Vec<usize>> =
        days.map_or(Some(Vec::new()), |days| days.iter().map(number).collect());
    let mut days = days.ok_or_else(|| wrong(FIELD, "days such as \"mon\" are needed"))?;
    if days.is_empty() {
        return Err(wrong(FIELD, "a weekly schedule needs a day"));
    }
    days.sort_unstable();
    days.dedup();
    Ok(list(&days))
}

/// Days that a month does not have are left out in it; `last` is its last one.
fn monthly_days(config: &Map<String, Json>) -> Result<String, FieldProblem> {
    const FIELD: &str = "visual_config.monthly_days";
    let days = config.get("monthly_days").and_then(Json::as_array);
    let (mut numbers, mut has_last) = (Vec::new(), false);
    for day in days.into_iter().flatten() {
        match (day.as_u64(), day.as_str()) {
            (Some(number @ 1..=31), _) => numbers.push(number),
            (_, Some("last")) => has_last = true,
            (None | Some(_), _) => {
                return Err(wrong(FIELD, "days from 1 to 31 or \"last\" are needed"));
            }
        }
    }
    numbers.sort_unstable();
    numbers.dedup();
    match (numbers.is_empty(), has_last) {
        (true, false) => Err(wrong(FIELD, "a monthly schedule needs a day")),
        (true, true) => Ok("L".to_owned()),
        (false, false) => Ok(list(&numbers)),
        (false, true) => Ok(format!("{},L", list(&numbers))),
    }
}

fn list(numbers: &[impl ToString]) -> String {
    let texts: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    texts.join(",")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::Schedule;

    fn cron(data: Json) -> Result<String, &'static str> {
        let read = Schedule::of(data.as_object().unwrap());
        read.map(|read| read.cron).map_err(|wrong| wrong.field)
    }

    fn visual(frequency: &str, config: Json) -> Result<String, &'static str> {
        cron(json!({"frequency": frequency, "visual_config": config}))
    }

    #[test]
    fn a_form_becomes_a_cron_expression() {
        for (frequency, config, expected) in [
            ("hourly", json!({}), "0 * * * *"),
            ("hourly", json!({"on_minute": 45}), "45 * * * *"),
            ("daily", json!({}), "0 0 * * *"),
            ("daily", json!({"time": "12:05 PM"}), "5 12 * * *"),
            ("daily", json!({"time": "9:30 am"}), "30 9 * * *"),
            ("daily", json!({"time": "21:07"}), "7 21 * * *"),
            (
                "weekly",
                json!({"time": "1:00 PM", "weekdays": ["sat", "mon", "mon", "sun"]}),
                "0 13 * * 0,1,6",
            ),
            (
                "monthly",
                json!({"monthly_days": [31, 1, "last", 1]}),
                "0 0 1,31,L * *",
            ),
            ("monthly", json!({"monthly_days": ["last"]}), "0 0 L * *"),
        ] {
            assert_eq!(
                visual(frequency, config.clone()).as_deref(),
                Ok(expected),
                "{frequency} {config}"
            );
        }
    }

    #[test]
    fn an_expression_is_taken_as_it_stands() {
        let read = cron(json!({"mode": "cron", "cron_expression": " 0  9 * * 1-5 "}));
        assert_eq!(read.as_deref(), Ok("0 9 * * 1-5"));
        assert_eq!(cron(json!({})).as_deref(), Ok("0 0 * * *"));
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_its_field() {
        let days = "visual_config.monthly_days";
        for (data, field) in [
            (json!({"mode": "cron"}), "cron_expression"),
            (json!({"mode": "sometimes"}), "mode"),
            (json!({"frequency": "yearly"}), "frequency"),
        ] {
            assert_eq!(cron(data.clone()), Err(field), "{data}");
        }
        for (frequency, config, field) in [
            (
                "hourly",
                json!({"on_minute": 60}),
                "visual_config.on_minute",
            ),
            (
                "hourly",
                json!({"on_minute": "1"}),
                "visual_config.on_minute",
            ),
            ("daily", json!({"time": "13:00 PM"}), "visual_config.time"),
            ("daily", json!({"time": "0:00 AM"}), "visual_config.time"),
            ("daily", json!({"time": "9:60 AM"}), "visual_config.time"),
            ("daily", json!({"time": "+9:00"}), "visual_config.time"),
            ("daily", json!({"time": "noon"}), "visual_config.time"),
            ("weekly", json!({}), "visual_config.weekdays"),
            (
                "weekly",
                json!({"weekdays": ["day"]}),
                "visual_config.weekdays",
            ),
            ("monthly", json!({"monthly_days": []}), days),
            ("monthly", json!({"monthly_days": [0]}), days),
            ("monthly", json!({"monthly_days": [32]}), days),
        ] {
            assert_eq!(
                visual(frequency, config.clone()),
                Err(field),
                "{frequency} {config}"
            );
        }
    }
}
