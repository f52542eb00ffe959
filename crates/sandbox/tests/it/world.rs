//! A sandbox over the launcher of this crate, and the two words that the tests say to it.

use std::time::Duration;

use latchkey_sandbox::{Config, Job, Language, Limits, Sandbox, SandboxError};
use serde_json::{Value as Json, json};

/// A sandbox for one test.
pub(crate) struct World(pub(crate) Sandbox);

/// The usual configuration with the launcher of the tests.
pub(crate) fn config() -> Config {
    Config {
        launcher: env!("CARGO_BIN_EXE_latchkey-sandbox").into(),
        // Each test starts its own processes; none needs more than the next one.
        kept_ready: 1,
        ..Config::default()
    }
}

impl World {
    pub(crate) fn new() -> Self {
        Self(Sandbox::new(config()))
    }

    /// With small limits, so that reaching them does not take long.
    pub(crate) fn narrow() -> Self {
        let limits = Limits {
            time: Duration::from_secs(3),
            memory: 128 * 1024 * 1024,
            printed: 100_000,
            result: 100_000,
            input: 200_000,
            files: 1024 * 1024,
            ..Limits::default()
        };
        Self(Sandbox::new(Config { limits, ..config() }))
    }

    /// Runs Python.
    pub(crate) async fn python(&self, code: &str, inputs: Json) -> Result<Json, SandboxError> {
        self.code(Language::Python, code, inputs).await
    }

    /// Runs JavaScript.
    pub(crate) async fn javascript(&self, code: &str, inputs: Json) -> Result<Json, SandboxError> {
        self.code(Language::JavaScript, code, inputs).await
    }

    async fn code(
        &self,
        language: Language,
        code: &str,
        inputs: Json,
    ) -> Result<Json, SandboxError> {
        let job = Job::Code {
            language,
            code: code.to_owned(),
            inputs: inputs.as_object().unwrap().clone(),
        };
        self.0.run(job).await?.json()
    }

    /// What Python says when the body of its `main` fails, and that the next job works.
    pub(crate) async fn refused(&self, body: &str) -> String {
        let lines: String = body.lines().map(|line| format!("    {line}\n")).collect();
        let code = format!("import os, sys\ndef main():\n{lines}    return {{'escaped': True}}\n");
        let outcome = self.python(&code, json!({})).await;
        let next = self
            .python("def main():\n    return {'next': 1}", json!({}))
            .await;
        assert_eq!(next.unwrap(), json!({"next": 1}), "after {body}");
        outcome.expect_err(body).to_string()
    }

    /// What Python answers when the body of its `main` returns something.
    pub(crate) async fn seen(&self, body: &str) -> Json {
        let lines: String = body.lines().map(|line| format!("    {line}\n")).collect();
        let code = format!("import os, sys\ndef main():\n{lines}");
        let answer = self.python(&code, json!({})).await;
        answer.unwrap_or_else(|cause| panic!("{body}: {cause}"))
    }
}
