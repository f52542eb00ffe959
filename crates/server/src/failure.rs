//! Why a command did not succeed, how that is printed, and the exit code that says it to scripts.

use std::process::ExitCode;

use serde_json::Value as Json;

use crate::out;

/// The exit codes other than success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// A run failed, or something broke on this machine.
    Failed = 1,
    /// The command line, a setting or a file is wrong.
    Usage = 2,
    /// The server refused, cannot be reached, or a credential cannot be used.
    Refused = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A command's failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// What the process exits with.
    pub(crate) exit: Exit,
    /// A stable word.
    pub(crate) code: String,
    /// What a person reads.
    pub(crate) detail: String,
    /// The status that the server answered with, if it is the server that refused.
    pub(crate) status: Option<u16>,
    /// The single causes with their places.
    pub(crate) findings: Vec<Finding>,
}

/// One cause with its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Finding {
    code: String,
    message: String,
    line: Option<u64>,
    column: Option<u64>,
    node: Option<String>,
    field: Option<String>,
}

impl Failure {
    /// A failure without single causes.
    pub(crate) fn new(exit: Exit, code: &str, detail: impl Into<String>) -> Self {
        Self {
            exit,
            code: code.to_owned(),
            detail: detail.into(),
            status: None,
            findings: Vec::new(),
        }
    }

    /// Something on the command line is wrong.
    pub(crate) fn usage(detail: impl Into<String>) -> Self {
        Self::new(Exit::Usage, "usage", detail)
    }

    /// A file of the user cannot be read or written.
    pub(crate) fn file(name: &str, cause: &std::io::Error) -> Self {
        Self::new(Exit::Usage, "bad_file", format!("{name}: {cause}"))
    }

    /// What a problem body of the server says; `None` when it is none.
    pub(crate) fn of_problem(status: u16, body: &Json) -> Option<Self> {
        let reported = &body["report"]["items"][0]["code"];
        let code = body["code"].as_str().or(reported.as_str())?;
        let detail = body["detail"].as_str().or(body["title"].as_str());
        let mut failure = Self::new(Exit::Refused, code, detail.unwrap_or_default());
        failure.status = Some(status);
        let listed = [&body["errors"], &body["report"]["items"]];
        let found = listed
            .into_iter()
            .find_map(|list| list.as_array().filter(|list| !list.is_empty()));
        failure.findings = found.into_iter().flatten().map(Finding::read).collect();
        Some(failure)
    }

    /// The same failure with another exit code.
    pub(crate) fn exiting(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// Prints it on standard error.
    pub(crate) fn print(&self) {
        out::error(format_args!("{}: {}", self.code, self.detail));
        for finding in &self.findings {
            out::error(format_args!("  {}", finding.text()));
        }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(cause: anyhow::Error) -> Self {
        Self::new(Exit::Failed, "failed", format!("{cause:#}"))
    }
}

impl Finding {
    /// Reads an entry of a problem's errors or of a report's items.
    pub(crate) fn read(entry: &Json) -> Self {
        let text = |name: &str| entry[name].as_str().map(str::to_owned);
        Self {
            code: text("code").unwrap_or_default(),
            message: text("message").unwrap_or_default(),
            line: entry["line"].as_u64(),
            column: entry["column"].as_u64(),
            node: text("node_id"),
            field: text("field").or_else(|| text("pointer")),
        }
    }

    /// Where it stands in a file, for sorting.
    pub(crate) fn position(&self) -> (u64, u64) {
        let last = u64::MAX;
        (self.line.unwrap_or(last), self.column.unwrap_or(last))
    }

    /// `line 3, column 5, node answer, field model: code: message`, without what is not known.
    pub(crate) fn text(&self) -> String {
        let places = [
            self.line.map(|line| format!("line {line}")),
            self.column.map(|column| format!("column {column}")),
            self.node.as_ref().map(|node| format!("node {node}")),
            self.field.as_ref().map(|field| format!("field {field}")),
        ];
        let places: Vec<_> = places.into_iter().flatten().collect();
        let parts = [places.join(", "), self.code.clone(), self.message.clone()];
        let said: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        said.join(": ")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Exit, Failure};

    #[test]
    fn a_problem_is_read_with_its_places() {
        let body = json!({"code": "invalid_input", "detail": "the file is refused", "errors": [
            {"code": "yaml_syntax", "message": "did not find ','", "line": 5, "column": 3},
            {"code": "edge_target_unknown", "message": "no such node", "node_id": "greet", "field": "edges"}]});
        let failure = Failure::of_problem(422, &body).unwrap();
        let texts: Vec<_> = failure.findings.iter().map(super::Finding::text).collect();
        assert_eq!(
            (failure.exit, failure.code.as_str()),
            (Exit::Refused, "invalid_input")
        );
        assert_eq!(
            texts,
            [
                "line 5, column 3: yaml_syntax: did not find ','",
                "node greet, field edges: edge_target_unknown: no such node"
            ]
        );
        assert_eq!(Failure::of_problem(422, &json!("proxy error")), None);
    }

    #[test]
    fn a_refused_import_shows_its_report_when_there_are_no_errors() {
        let body = json!({"code": "invalid_input", "errors": [], "report": {"items": [{"code": "x", "message": "y", "line": 1}]}});
        assert_eq!(
            Failure::of_problem(422, &body).unwrap().findings[0].text(),
            "line 1: x: y"
        );
    }
}
