//! `latchkey run`: runs a file without a server, with credentials from the environment.

use anyhow::anyhow;

use crate::cli::RunArguments;
use crate::config::{Environment, Settings};
use crate::failure::Failure;

/// Runs a file.
pub(crate) async fn run(
    arguments: RunArguments,
    _settings: &Settings,
    _environment: &Environment,
) -> Result<(), Failure> {
    Err(anyhow!("{arguments:?}: running a file is not built in yet").into())
}
