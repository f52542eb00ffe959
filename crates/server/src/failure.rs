//! Why a command did not succeed, how that is printed, and the exit code that says it to scripts.

use std::process::ExitCode;

use latchkey_store::StoreError;
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
    /// The report of an import that was refused.
    pub(crate) report: Option<Box<Json>>,
}

/// Why a server or another command of this machine does not start, under a stable code that scripts can rely on.
#[derive(Debug)]
pub(crate) struct Halt {
    code: &'static str,
    detail: String,
}

impl Halt {
    /// A reason.
    pub(crate) fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
        }
    }

    /// The code.
    pub(crate) const fn code(&self) -> &'static str {
        self.code
    }
}

impl std::fmt::Display for Halt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Halt {}

/// One cause with its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Finding {
    code: String,
    message: String,
    severity: Option<String>,
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
            report: None,
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
        failure.report = body.get("report").cloned().map(Box::new);
        // The report tells more than the errors: warnings too.
        let listed = [&body["report"]["items"], &body["errors"]];
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
        for line in self.lines() {
            out::error(line);
        }
    }

    /// `code: detail` and a line for each cause that says more than that.
    fn lines(&self) -> Vec<String> {
        let code = format!("{}: ", self.code);
        let detail = self.detail.strip_prefix(&code).unwrap_or(&self.detail);
        let mut lines = vec![format!("{code}{detail}")];
        for finding in &self.findings {
            let is_said = finding.code == self.code && detail.starts_with(&finding.message);
            let text = if is_said {
                finding.place()
            } else {
                finding.text()
            };
            match finding.severity.as_deref() {
                _ if text.is_empty() => {}
                None | Some("error") => lines.push(format!("  {text}")),
                Some(milder) => lines.push(format!("  {milder}: {text}")),
            }
        }
        lines
    }
}

impl From<anyhow::Error> for Failure {
    fn from(cause: anyhow::Error) -> Self {
        let text = format!("{cause:#}");
        match code_of(&cause) {
            Some(code) => Self::new(Exit::Refused, &code, text),
            None => Self::new(Exit::Failed, "failed", text),
        }
    }
}

/// The stable code of a reason that has one, wherever it stands in the chain.
fn code_of(cause: &anyhow::Error) -> Option<String> {
    cause.chain().find_map(|cause| {
        if let Some(halt) = cause.downcast_ref::<Halt>() {
            return Some(halt.code.to_owned());
        }
        if let Some(refusal) = cause.downcast_ref::<latchkey_service::Error>() {
            return Some(refusal.code.clone());
        }
        let code = match cause.downcast_ref::<StoreError>()? {
            StoreError::Newer(_) => "database_newer",
            StoreError::InUse(_) => "already_running",
            StoreError::Unavailable(_)
            | StoreError::Failed(_)
            | StoreError::Taken
            | StoreError::Changed
            | StoreError::NotFound
            | StoreError::Corrupt(_)
            | StoreError::Url => "database_unavailable",
        };
        Some(code.to_owned())
    })
}

impl Finding {
    /// Reads an entry of a problem's errors or of a report's items.
    pub(crate) fn read(entry: &Json) -> Self {
        let text = |name: &str| entry[name].as_str().map(str::to_owned);
        Self {
            code: text("code").unwrap_or_default(),
            message: text("message").unwrap_or_default(),
            severity: text("severity"),
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
        let parts = [self.place(), self.code.clone(), self.message.clone()];
        let said: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        said.join(": ")
    }

    fn place(&self) -> String {
        let places = [
            self.line.map(|line| format!("line {line}")),
            self.column.map(|column| format!("column {column}")),
            self.node.as_ref().map(|node| format!("node {node}")),
            self.field.as_ref().map(|field| format!("field {field}")),
        ];
        let places: Vec<_> = places.into_iter().flatten().collect();
        places.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use anyhow::Context as _;

    use super::{Exit, Failure, Halt};

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
    fn a_refused_import_shows_its_report_with_what_is_milder() {
        let items = json!([{"severity": "error", "code": "x", "message": "y", "line": 1},
            {"severity": "warning", "code": "v", "message": "w"}]);
        let body =
            json!({"code": "x", "detail": "y", "errors": [items[0]], "report": {"items": items}});
        let lines = Failure::of_problem(422, &body).unwrap().lines();
        assert_eq!(lines, ["x: y", "  line 1", "  warning: v: w"]);
    }

    #[test]
    fn neither_a_code_nor_a_text_is_said_twice() {
        let failure = Failure::new(
            Exit::Refused,
            "credential_missing",
            "credential_missing: no level",
        );
        assert_eq!(failure.lines(), ["credential_missing: no level"]);
        let body = json!({"code": "invalid_input", "detail": "too long", "errors": [{"code": "invalid_input", "message": "too long"}]});
        let failure = Failure::of_problem(422, &body).unwrap();
        assert_eq!(failure.lines(), ["invalid_input: too long"]);
    }

    #[test]
    fn reasons_keep_their_codes_below_what_was_attempted() {
        let halted: anyhow::Result<()> = Err(Halt::new("address_in_use", "it is taken").into());
        let failure = Failure::from(halted.context("the server").unwrap_err());
        assert_eq!(
            (failure.exit, failure.lines()[0].as_str()),
            (Exit::Refused, "address_in_use: the server: it is taken")
        );
        let newer = anyhow::Error::from(latchkey_store::StoreError::Newer("m1".to_owned()));
        assert_eq!(Failure::from(newer).code, "database_newer");
        assert_eq!(Failure::from(anyhow::anyhow!("x")).code, "failed");
    }
}
