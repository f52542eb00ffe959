//! `latchkey export`: a workflow as a file.

use clap::Args;

use crate::client::{Client, segment};
use crate::failure::Failure;
use crate::out;

/// What is exported.
#[derive(Args)]
pub(crate) struct ExportArguments {
    /// The workflow
    #[arg(value_name = "ID")]
    workflow: String,
    /// A version instead of the draft
    #[arg(long)]
    version: Option<String>,
}

/// Prints the file.
pub(crate) async fn export(client: &Client, arguments: ExportArguments) -> Result<(), Failure> {
    let mut path = format!("/workflows/{}/export", segment(&arguments.workflow));
    if let Some(version) = &arguments.version {
        path.push_str(&format!("?version={}", segment(version)));
    }
    let file = client.text(&path).await?;
    out::exact(&file);
    Ok(())
}
