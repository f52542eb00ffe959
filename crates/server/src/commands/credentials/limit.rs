//! `latchkey credentials limit`: limits and budgets of a credential, set and shown as they stand.

use clap::Args;
use serde_json::{Map, Value as Json, json};

use super::path;
use crate::client::Client;
use crate::failure::Failure;
use crate::out;

/// Limits and budgets. What is not said stays as it is; without any, they are only shown.
#[derive(Args)]
pub(crate) struct LimitArguments {
    /// The id, or provider/name
    credential: String,
    /// The most calls a minute, or none
    #[arg(long, value_name = "N", value_parser = most)]
    requests_per_minute: Option<Most>,
    /// The most tokens a minute, or none
    #[arg(long, value_name = "N", value_parser = most)]
    tokens_per_minute: Option<Most>,
    /// The most calls under way, or none
    #[arg(long, value_name = "N", value_parser = most)]
    concurrent_calls: Option<Most>,
    /// How long a call may wait for room, in milliseconds, or none
    #[arg(long, value_name = "MS", value_parser = most)]
    wait_ms: Option<Most>,
    /// A budget, such as month=USD:200, day=tokens:1000000 or total=EUR:50:80 (warn at 80 %); all together replace those that are
    #[arg(long = "budget", value_name = "PERIOD=UNIT:AMOUNT[:WARN]", value_parser = budget)]
    budgets: Vec<Budget>,
    /// Take all budgets away
    #[arg(long, conflicts_with = "budgets")]
    no_budgets: bool,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
}

/// A limit, or that there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Most(Option<u64>);

/// A budget, as the API takes it.
#[derive(Clone, Debug, PartialEq)]
struct Budget(Json);

/// Sets and shows.
pub(super) async fn limit(client: &Client, arguments: LimitArguments) -> Result<(), Failure> {
    let path = path(client, &arguments.credential).await?;
    let known = client.get(&path).await?;
    let change = change(&arguments, &known["limits"]);
    let known = if change == json!({}) {
        known
    } else {
        client.patch(&path, &change).await?.body
    };
    if arguments.json {
        out::json(&json!({"limits": known["limits"], "budgets": known["budgets"]}));
        return Ok(());
    }
    show(&known);
    Ok(())
}

fn change(arguments: &LimitArguments, known: &Json) -> Json {
    let mut limits = known.as_object().cloned().unwrap_or_default();
    let mut is_changed = false;
    for (name, most) in [
        ("requests_per_minute", arguments.requests_per_minute),
        ("tokens_per_minute", arguments.tokens_per_minute),
        ("concurrent_calls", arguments.concurrent_calls),
        ("wait_ms", arguments.wait_ms),
    ] {
        let Some(Most(most)) = most else {
            continue;
        };
        is_changed = true;
        match most {
            Some(most) => drop(limits.insert(name.to_owned(), json!(most))),
            None => drop(limits.remove(name)),
        }
    }
    let mut change = Map::new();
    if is_changed {
        change.insert("limits".to_owned(), Json::Object(limits));
    }
    if arguments.no_budgets || !arguments.budgets.is_empty() {
        let budgets = arguments.budgets.iter().map(|budget| budget.0.clone());
        change.insert("budgets".to_owned(), budgets.collect());
    }
    Json::Object(change)
}

fn show(known: &Json) {
    let limits = known["limits"].as_object().into_iter().flatten();
    let mut lines: Vec<String> = limits
        .map(|(name, most)| format!("{} {}", name.replace('_', " "), out::cell(most)))
        .collect();
    for budget in known["budgets"].as_array().into_iter().flatten() {
        let cell = |name: &str| out::cell(&budget[name]);
        let unit = budget["currency"].as_str().unwrap_or("tokens");
        let until = budget["resets_at"].as_str();
        let until = until.map_or_else(String::new, |at| format!(", until {at}"));
        lines.push(format!(
            "budget per {}: {} of {} {unit} used, {} set aside{until}",
            cell("period"),
            cell("used"),
            cell("limit"),
            cell("reserved"),
        ));
    }
    if lines.is_empty() {
        lines.push("no limits and no budgets".to_owned());
    }
    for line in lines {
        out::line(line);
    }
}

fn most(text: &str) -> Result<Most, String> {
    if text == "none" {
        return Ok(Most(None));
    }
    let number = text.parse().map_err(|_| "a number or none is needed");
    Ok(Most(Some(number?)))
}

fn budget(text: &str) -> Result<Budget, String> {
    let needed = || "PERIOD=UNIT:AMOUNT is needed, such as month=USD:200 or day=tokens:100000";
    let (period, rest) = text.split_once('=').ok_or_else(needed)?;
    let mut parts = rest.split(':');
    let (unit, amount) = parts.next().zip(parts.next()).ok_or_else(needed)?;
    let mut budget = Map::new();
    budget.insert("period".to_owned(), json!(period));
    if unit == "tokens" {
        let tokens: u64 = amount.parse().map_err(|_| needed())?;
        budget.insert("tokens".to_owned(), json!(tokens));
    } else {
        budget.insert(
            "money".to_owned(),
            json!({"currency": unit, "amount": amount}),
        );
    }
    if let Some(warn) = parts.next() {
        let warn: u64 = warn.trim_end_matches('%').parse().map_err(|_| needed())?;
        budget.insert("warn_percent".to_owned(), json!(warn));
    }
    match parts.next() {
        None => Ok(Budget(Json::Object(budget))),
        Some(_) => Err(needed().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use serde_json::{Value as Json, json};

    use super::change;
    use crate::cli::{Command, CommandLine};
    use crate::commands::credentials::CredentialsCommand;

    fn sent(more: &str) -> Option<Json> {
        let line = format!("latchkey credentials limit openai/acme{more}");
        let line = CommandLine::try_parse_from(line.split(' ')).ok()?;
        let Command::Credentials {
            command: CredentialsCommand::Limit(arguments),
        } = line.command
        else {
            return None;
        };
        let known = json!({"requests_per_minute": 60, "wait_ms": 500});
        Some(change(&arguments, &known))
    }

    #[test]
    fn what_is_said_is_changed_and_the_rest_stays() {
        for (more, expected) in [
            ("", json!({})),
            (
                " --requests-per-minute 5 --wait-ms none",
                json!({"limits": {"requests_per_minute": 5}}),
            ),
            (
                " --concurrent-calls 2",
                json!({"limits": {"requests_per_minute": 60, "wait_ms": 500, "concurrent_calls": 2}}),
            ),
            (
                " --budget month=USD:12.50:80% --budget day=tokens:1000",
                json!({"budgets": [
                    {"period": "month", "money": {"currency": "USD", "amount": "12.50"}, "warn_percent": 80},
                    {"period": "day", "tokens": 1000}]}),
            ),
            (" --no-budgets", json!({"budgets": []})),
        ] {
            assert_eq!(sent(more), Some(expected), "{more}");
        }
        for wrong in [
            " --requests-per-minute many",
            " --budget month",
            " --budget month=USD",
            " --budget day=tokens:1.5",
            " --budget day=USD:1:2:3",
            " --budget day=USD:1 --no-budgets",
        ] {
            assert_eq!(sent(wrong), None, "{wrong}");
        }
    }
}
