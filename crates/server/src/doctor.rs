//! `latchkey doctor`: checks what a server needs of this machine.

use anyhow::anyhow;

use crate::config::Settings;
use crate::failure::Failure;

/// Checks the machine.
pub(crate) async fn doctor(_settings: &Settings) -> Result<(), Failure> {
    Err(anyhow!("the checks are not built in yet").into())
}
