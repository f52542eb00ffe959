//! The report of an import as people read it: in the order of the file, then what the workflow needs.

use serde_json::Value as Json;

use crate::failure::Finding;
use crate::out;

/// Prints everything but the id.
pub(crate) fn print(answer: &Json) {
    for line in lines(answer) {
        out::line(line);
    }
}

fn lines(answer: &Json) -> Vec<String> {
    let (workflow, report) = (&answer["workflow"], &answer["report"]);
    let told = [
        ("", &workflow["name"]),
        ("", &workflow["mode"]),
        ("format ", &report["dsl_version"]),
        ("published as version ", &workflow["published_version"]),
    ];
    let told = told.iter().filter(|(_, value)| !value.is_null());
    let told: Vec<_> = told
        .map(|(before, value)| format!("{before}{}", out::cell(value)))
        .collect();
    let mut lines = vec![format!(
        "{}: {}",
        out::cell(&report["status"]),
        told.join(", ")
    )];
    lines.extend(items(&report["items"]));
    let is_unbound = |item: &Json| item["code"] == "credential_settings_not_applied";
    if rows(&report["items"]).any(is_unbound) {
        lines.push("  --bind applies the credential settings that the file proposes".to_owned());
    }
    lines.extend(credentials(&report["credentials"]));
    for part in ["models", "tools"] {
        lines.extend(section(part, rows(&report[part]).map(scalars)));
    }
    lines
}

fn items(items: &Json) -> Vec<String> {
    let mut found: Vec<_> = rows(items)
        .map(|item| (Finding::read(item), out::cell(&item["severity"])))
        .collect();
    found.sort_by_key(|(finding, _)| finding.position());
    let texts = found.iter();
    texts
        .map(|(finding, severity)| format!("  {severity:<8} {}", finding.text()))
        .collect()
}

fn credentials(credentials: &Json) -> Vec<String> {
    let texts = rows(credentials).map(|row| {
        let chosen = selector(&row["selector"]);
        let parts = [
            ("", out::cell(&row["provider"])),
            (" ", out::cell(&row["model"])),
            (", ", chosen),
            (", here ", out::cell(&row["mapped_to"])),
            (", nodes ", out::cell(&row["node_ids"])),
        ];
        let said = parts.iter().filter(|(_, text)| !text.is_empty());
        let said: String = said
            .map(|(before, text)| format!("{before}{text}"))
            .collect();
        format!("{:<12} {said}", out::cell(&row["state"]))
    });
    section("credentials", texts)
}

/// What a node says: a name, an id, both, or nothing, so that a binding or a default decides.
fn selector(choice: &Json) -> String {
    let (name, id) = (&choice["credential_name"], &choice["credential_id"]);
    match (name.as_str(), id.as_str()) {
        (Some(name), None) => format!("chosen by the name {name}"),
        (None, Some(id)) => format!("chosen by the id {id}"),
        (Some(name), Some(id)) => format!("chosen by the name {name} and the id {id}"),
        (None, None) => "no node names one".to_owned(),
    }
}

fn section(title: &str, texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut lines: Vec<_> = texts.map(|text| format!("  {text}")).collect();
    if !lines.is_empty() {
        lines.insert(0, format!("{title}:"));
    }
    lines
}

/// What an entry says, whatever its fields are.
fn scalars(entry: &Json) -> String {
    let Some(object) = entry.as_object() else {
        return out::cell(entry);
    };
    let said = object.iter().filter(|(_, value)| !value.is_null());
    let said: Vec<_> = said
        .map(|(name, value)| format!("{name} {}", out::cell(value)))
        .collect();
    said.join(", ")
}

fn rows(list: &Json) -> impl Iterator<Item = &Json> {
    list.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::lines;

    #[test]
    fn a_report_reads_from_top_to_bottom() {
        let answer = json!({
            "workflow": {"id": "1", "name": "Answer", "mode": "workflow", "published_version": null},
            "report": {"status": "completed-with-warnings", "dsl_version": "0.3.0",
                "items": [
                    {"severity": "warning", "code": "model_unknown", "message": "no such model", "node_id": "b", "line": 30, "column": 5},
                    {"severity": "warning", "code": "field_unknown", "message": "is kept", "field": "x", "line": 9, "column": 1},
                    {"severity": "info", "code": "dsl_older", "message": "was raised"}],
                "credentials": [{"node_ids": ["b", "c"], "provider": "openai", "model": "gpt-4o", "selector": {"credential_name": "customer-{{#start.tenant#}}"}, "state": "by_variable"},
                    {"node_ids": ["d"], "provider": "deepseek", "model": "chat", "selector": {}, "state": "missing"}],
                "models": [], "tools": [{"name": "search", "provider": null}]}});
        assert_eq!(
            lines(&answer),
            [
                "completed-with-warnings: Answer, workflow, format 0.3.0",
                "  warning  line 9, column 1, field x: field_unknown: is kept",
                "  warning  line 30, column 5, node b: model_unknown: no such model",
                "  info     dsl_older: was raised",
                "credentials:",
                "  by_variable  openai gpt-4o, chosen by the name customer-{{#start.tenant#}}, nodes b, c",
                "  missing      deepseek chat, no node names one, nodes d",
                "tools:",
                "  name search"
            ]
        );
    }
}
