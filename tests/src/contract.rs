//! The description of the API as something that answers are compared with: status, content type, body and codes.
//!
//! The clients of [`crate::app::TestApp`] compare every answer that they hear, also those of refusals, so that each test of
//! the API is a test of its description too.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value as Json;

use crate::client::Answer;
use crate::requirement::workspace;
use crate::schema::Schemas;

/// What the code says about its API, and what people are told about its codes.
pub struct Contract {
    document: Json,
    codes: BTreeSet<String>,
}

/// One operation of the description.
#[derive(Clone, Copy, Debug)]
pub struct Operation<'a> {
    /// `GET`, `POST` and so on.
    pub method: &'a str,
    /// The path with its parameters in braces.
    pub path: &'a str,
    /// All that is said about it.
    pub said: &'a Json,
}

impl Operation<'_> {
    /// `GET /api/v1/runs/{id}`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

impl Contract {
    /// The description that the code generates, and the codes that `docs/` explains.
    ///
    /// # Panics
    /// If either cannot be read.
    #[must_use]
    pub fn load() -> Self {
        let document = latchkey_api::document();
        Self {
            document: serde_json::from_str(&document).expect("the description is JSON"),
            codes: explained(&workspace().join("docs")),
        }
    }

    /// Every operation, by path.
    #[must_use]
    pub fn operations(&self) -> Vec<Operation<'_>> {
        let mut all = Vec::new();
        for (path, methods) in self.document["paths"].as_object().into_iter().flatten() {
            for (method, said) in methods.as_object().into_iter().flatten() {
                let method = upper(method);
                all.push(Operation { method, path, said });
            }
        }
        all
    }

    /// The codes that are explained.
    #[must_use]
    pub fn codes(&self) -> &BTreeSet<String> {
        &self.codes
    }

    /// Compares an answer with the description. `asked` is `GET /path?query`; what is no operation is a problem anyway.
    ///
    /// # Panics
    /// With everything that the description does not say.
    pub fn check(&self, asked: &str, answer: &Answer) {
        let body: Json = serde_json::from_str(&answer.text).unwrap_or(Json::Null);
        let mut wrong = self.unexplained(&body);
        let (method, target) = asked.split_once(' ').unwrap_or_default();
        let path = target.split('?').next().unwrap_or_default();
        let operations = self.operations();
        let fitting = operations
            .iter()
            .filter(|one| one.method == method && fits(one.path, path));
        // `/workflows/import` is a path of its own, not an id.
        if let Some(operation) = fitting.min_by_key(|one| one.path.matches('{').count()) {
            wrong.extend(self.problems(operation, answer, &body));
        } else if answer.status < 400 && path.starts_with("/api/") {
            wrong.push("it is not in the description".to_owned());
        }
        assert!(
            wrong.is_empty(),
            "{asked} answered {}: {wrong:#?}\n{}",
            answer.status,
            answer.text
        );
    }

    fn problems(&self, operation: &Operation<'_>, answer: &Answer, body: &Json) -> Vec<String> {
        let responses = &operation.said["responses"];
        let exact = responses.get(answer.status.to_string());
        let class = responses.get(format!("{}XX", answer.status / 100));
        let Some(said) = exact.or(class) else {
            return vec![format!("the status {} is not described", answer.status)];
        };
        let kind = answer.header("content-type").unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        let Some(content) = said["content"].as_object() else {
            let is_empty = answer.text.is_empty();
            return if is_empty {
                Vec::new()
            } else {
                vec!["a body is not described".to_owned()]
            };
        };
        match content.get(kind).or_else(|| content.get("*/*")) {
            None => vec![format!("the content type {kind:?} is not described")],
            Some(said) if kind.ends_with("json") => {
                Schemas(&self.document["components"]["schemas"]).problems(&said["schema"], body)
            }
            Some(_) => Vec::new(),
        }
    }

    /// Codes of a problem that `docs/` does not explain.
    fn unexplained(&self, body: &Json) -> Vec<String> {
        let items = body["errors"].as_array().into_iter().flatten();
        let items = items.chain(body["report"]["items"].as_array().into_iter().flatten());
        let codes = items
            .map(|item| &item["code"])
            .chain([&body["code"], &body["error"]["code"]]);
        codes
            .filter_map(Json::as_str)
            .filter(|code| !self.codes.contains(*code))
            .map(|code| format!("the code {code} is not explained in docs/"))
            .collect()
    }
}

fn upper(method: &str) -> &'static str {
    let known = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    let found = known
        .into_iter()
        .find(|one| one.eq_ignore_ascii_case(method));
    found.expect("a method that these tests know")
}

fn fits(template: &str, path: &str) -> bool {
    let (mut template, mut path) = (template.split('/'), path.split('/'));
    loop {
        match (template.next(), path.next()) {
            (None, None) => return true,
            (Some(one), Some(other)) if one == other || one.starts_with('{') => {}
            _ => return false,
        }
    }
}

/// The codes in the first column of the tables in `docs/`.
fn explained(folder: &Path) -> BTreeSet<String> {
    let files = ["credentials.md", "errors.md"].map(|name| {
        let file = folder.join(name);
        std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    });
    let rows = files.iter().flat_map(|text| text.lines());
    let code = |row: &str| {
        let cell = row.strip_prefix("| `")?;
        Some(cell.split_once('`')?.0.to_owned())
    };
    rows.filter_map(code).collect()
}
