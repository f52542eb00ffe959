//! What each operation needs: the description says it (`x-permissions`), and a test tries every role on every operation against it
//! and the table of roles.
//!
//! The use cases ask for their permissions themselves; this is what they are expected to ask for. Some ask for more when more is
//! stated: an import that publishes, a run that chooses credentials.

use latchkey_domain::access::Permission;
use utoipa::openapi::OpenApi;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::Operation;
use utoipa::{Modify, openapi::PathItem};

use Permission as P;

/// By the operation's id. An operation that stands nowhere answers to everybody; one that needs nothing, to every caller.
const NEEDS: &[(&str, &[Permission])] = &[
    ("list_keys", &[P::ApiKeysWrite]),
    ("create_key", &[P::ApiKeysWrite]),
    ("delete_key", &[P::ApiKeysWrite]),
    ("list_audit", &[P::AuditRead]),
    ("list_budget_events", &[P::UsageRead, P::CredentialsRead]),
    ("get_budget_webhook", &[P::CredentialsRead]),
    ("set_budget_webhook", &[P::CredentialsWrite]),
    ("remove_budget_webhook", &[P::CredentialsWrite]),
    ("list_pools", &[P::CredentialsRead]),
    ("create_pool", &[P::CredentialsWrite]),
    ("get_pool", &[P::CredentialsRead]),
    ("change_pool", &[P::CredentialsWrite]),
    ("delete_pool", &[P::CredentialsWrite]),
    ("list_credentials", &[P::CredentialsRead]),
    ("create_credential", &[P::CredentialsWrite]),
    ("get_credential", &[P::CredentialsRead]),
    ("change_credential", &[P::CredentialsWrite]),
    ("delete_credential", &[P::CredentialsWrite]),
    ("credential_references", &[P::CredentialsRead]),
    ("reset_health", &[P::CredentialsWrite]),
    ("roll_back_credential", &[P::CredentialsWrite]),
    ("rotate_credential", &[P::CredentialsWrite]),
    ("credential_usage", &[P::UsageRead, P::CredentialsRead]),
    ("validate_credential", &[P::CredentialsWrite]),
    ("credential_versions", &[P::CredentialsRead]),
    ("list_datasets", &[P::DatasetsRead]),
    ("create_dataset", &[P::DatasetsWrite]),
    ("get_dataset", &[P::DatasetsRead]),
    ("change_dataset", &[P::DatasetsWrite]),
    ("delete_dataset", &[P::DatasetsWrite]),
    ("search_dataset", &[P::DatasetsRead]),
    ("list_documents", &[P::DatasetsRead]),
    ("create_document", &[P::DatasetsWrite]),
    ("get_document", &[P::DatasetsRead]),
    ("delete_document", &[P::DatasetsWrite]),
    ("retry_document", &[P::DatasetsWrite]),
    ("list_segments", &[P::DatasetsRead]),
    ("upload_file", &[P::RunsWrite]),
    ("get_file", &[P::RunsRead]),
    ("get_file_content", &[P::RunsRead]),
    ("delete_file", &[P::RunsWrite]),
    ("get_master_key", &[P::CredentialsRead]),
    ("rotate_master_key", &[P::CredentialsWrite]),
    ("reencrypt", &[P::CredentialsWrite]),
    ("list_model_calls", &[P::UsageRead]),
    ("list_prices", &[P::UsageRead]),
    ("put_price", &[P::CredentialsWrite]),
    ("delete_price", &[P::CredentialsWrite]),
    ("list_providers", &[P::CredentialsRead]),
    ("get_provider", &[P::CredentialsRead]),
    ("set_default", &[P::CredentialsWrite]),
    ("list_runs", &[P::RunsRead]),
    ("count_runs", &[P::RunsRead]),
    ("change_workspace", &[P::WorkspaceWrite]),
    ("get_run", &[P::RunsRead]),
    ("run_events", &[P::RunsRead]),
    ("list_forms", &[P::RunsRead]),
    ("submit_form", &[P::RunsWrite]),
    ("list_model_calls_of_run", &[P::UsageRead]),
    ("list_node_executions", &[P::RunsRead]),
    ("start_run", &[P::RunsWrite]),
    ("run_node", &[P::RunsWrite, P::WorkflowsWrite]),
    ("stop_run", &[P::RunsWrite]),
    ("retry_run", &[P::RunsWrite]),
    ("get_status", &[P::RunsRead]),
    ("metrics", &[P::UsageRead]),
    ("get_app", &[P::WorkflowsRead]),
    ("change_app", &[P::WorkflowsPublish]),
    ("pool_references", &[P::CredentialsRead]),
    ("get_session", &[]),
    ("change_session", &[]),
    ("end_session", &[]),
    ("list_members", &[P::MembersRead]),
    ("change_member", &[P::MembersWrite]),
    ("remove_member", &[P::MembersWrite]),
    ("list_invitations", &[P::MembersWrite]),
    ("create_invitation", &[P::MembersWrite]),
    ("delete_invitation", &[P::MembersWrite]),
    ("get_tool_bindings", &[P::WorkflowsRead]),
    ("put_tool_bindings", &[P::WorkflowsWrite]),
    ("list_tool_providers", &[P::WorkflowsRead]),
    ("create_tool_provider", &[P::WorkflowsWrite]),
    ("get_tool_provider", &[P::WorkflowsRead]),
    ("change_tool_provider", &[P::WorkflowsWrite]),
    ("delete_tool_provider", &[P::WorkflowsWrite]),
    ("refresh_tool_provider", &[P::WorkflowsWrite]),
    ("list_tools", &[P::WorkflowsRead]),
    ("usage", &[P::UsageRead]),
    ("list_workflows", &[P::WorkflowsRead]),
    ("create_workflow", &[P::WorkflowsWrite]),
    ("import_workflow", &[P::WorkflowsWrite]),
    ("get_workflow", &[P::WorkflowsRead]),
    ("change_workflow", &[P::WorkflowsWrite]),
    ("delete_workflow", &[P::WorkflowsWrite]),
    ("get_settings", &[P::CredentialsRead]),
    ("put_settings", &[P::CredentialsBind]),
    ("resolve", &[P::RunsRead]),
    ("get_draft", &[P::WorkflowsRead]),
    ("put_draft", &[P::WorkflowsWrite]),
    ("export_workflow", &[P::WorkflowsRead]),
    ("get_workflow_limits", &[P::CredentialsRead]),
    ("put_workflow_limits", &[P::CredentialsBind]),
    ("publish", &[P::WorkflowsPublish]),
    ("list_triggers", &[P::WorkflowsRead]),
    ("change_trigger", &[P::WorkflowsPublish]),
    ("list_versions", &[P::WorkflowsRead]),
    ("restore_version", &[P::WorkflowsPublish]),
];

/// Writes the table into the description.
pub(super) struct Needs;

impl Modify for Needs {
    fn modify(&self, document: &mut OpenApi) {
        for path in document.paths.paths.values_mut() {
            operations(path).for_each(state);
        }
    }
}

/// The operations of a path.
pub(super) fn operations(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let operations = [
        &mut path.get,
        &mut path.put,
        &mut path.post,
        &mut path.patch,
        &mut path.delete,
    ];
    operations.into_iter().flatten()
}

fn state(operation: &mut Operation) {
    let id = operation.operation_id.as_deref().unwrap_or_default();
    let found = NEEDS.iter().find(|(known, _)| *known == id);
    let Some((_, needed)) = found else {
        return;
    };
    let names: Vec<_> = needed.iter().map(|one| one.as_str()).collect();
    let stated = ExtensionsBuilder::new().add("x-permissions", names);
    operation.extensions = Some(stated.build());
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::NEEDS;

    #[test]
    fn an_operation_stands_there_once_and_is_one() {
        let named: BTreeSet<_> = NEEDS.iter().map(|(id, _)| *id).collect();
        assert_eq!(named.len(), NEEDS.len());
        let document = crate::openapi::document();
        for id in named {
            let written = format!("\"operationId\": \"{id}\"");
            assert!(document.contains(&written), "{id} is no operation");
        }
    }
}
