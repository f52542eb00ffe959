//! `latchkey openapi`: prints the description of the API.

use anyhow::anyhow;

use crate::failure::Failure;

/// Prints the description.
pub(crate) fn openapi() -> Result<(), Failure> {
    Err(anyhow!("the description is not built in yet").into())
}
