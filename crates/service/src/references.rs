//! Where a credential is named: drafts, published versions, bindings, defaults.

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::credential::Credential;
use latchkey_domain::id::{CredentialId, NodeId, WorkflowId};
use latchkey_domain::provider::ProviderId;
use latchkey_store::{DocumentText, Page};

use crate::error::Error;
use crate::{Service, require};

/// One place that names a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// It is the default of its provider, or of its model.
    Default,
    /// A binding of a workflow.
    Binding {
        /// The workflow.
        workflow: WorkflowId,
        /// Its name.
        name: String,
    },
    /// A node.
    Node {
        /// The workflow.
        workflow: WorkflowId,
        /// Its name.
        name: String,
        /// The published version; none for the draft.
        version: Option<u32>,
        /// The node.
        node_id: NodeId,
    },
}

impl Service {
    /// Where a credential is named. Names that variables give are not known before a run.
    ///
    /// # Errors
    /// When the caller may not, or there is no such credential.
    pub async fn references(
        &self,
        caller: &Caller,
        id: CredentialId,
    ) -> Result<Vec<Reference>, Error> {
        require(caller, Permission::CredentialsRead)?;
        let credential = self.credential(caller, id).await?;
        let mut found = Vec::new();
        let defaults = self
            .inner
            .facts
            .defaults(caller.workspace, &credential.provider)
            .await?;
        found.extend(
            defaults
                .iter()
                .filter(|(_, default)| *default == id)
                .map(|_| Reference::Default),
        );
        let mut page = Page::first(200);
        loop {
            let workflows = self.inner.store.workflows(caller.workspace, page).await?;
            for workflow in &workflows.rows {
                self.references_in(
                    caller,
                    &credential,
                    workflow.id,
                    &workflow.name,
                    workflow.published_version,
                    &mut found,
                )
                .await?;
            }
            match workflows.next {
                Some(after) => page.after = Some(after),
                None => return Ok(found),
            }
        }
    }

    async fn references_in(
        &self,
        caller: &Caller,
        credential: &Credential,
        workflow: WorkflowId,
        name: &str,
        published: Option<u32>,
        found: &mut Vec<Reference>,
    ) -> Result<(), Error> {
        let settings = self
            .inner
            .facts
            .settings(caller.workspace, workflow)
            .await?;
        let bound = settings.bindings.iter().filter(|binding| {
            names(
                credential,
                &binding.provider,
                binding.choice.credential_id.as_deref(),
                binding.choice.credential_name.as_deref(),
            )
        });
        found.extend(bound.map(|_| Reference::Binding {
            workflow,
            name: name.to_owned(),
        }));
        let mut texts: Vec<(Option<u32>, DocumentText)> = Vec::new();
        texts.extend(
            self.inner
                .store
                .draft(caller.workspace, workflow)
                .await?
                .map(|(_, text)| (None, text)),
        );
        if let Some(number) = published {
            texts.extend(
                self.inner
                    .store
                    .version(workflow, number)
                    .await?
                    .map(|(_, text)| (Some(number), text)),
            );
        }
        for (version, text) in texts {
            let read = move |service: &Self| -> Result<_, Error> {
                Ok(service.kept_document(&text)?.model_places())
            };
            let places = self.at_length(read).await??;
            let named = places.into_iter().filter(|place| {
                let choice = &place.selector.choice;
                let is_fallback = place.provider == credential.provider
                    && place.selector.fallback.contains(&credential.name);
                is_fallback
                    || names(
                        credential,
                        &place.provider,
                        choice.credential_id.as_deref(),
                        choice.credential_name.as_deref(),
                    )
            });
            found.extend(named.map(|place| Reference::Node {
                workflow,
                name: name.to_owned(),
                version,
                node_id: place.node_id,
            }));
        }
        Ok(())
    }
}

fn names(
    credential: &Credential,
    provider: &ProviderId,
    id: Option<&str>,
    name: Option<&str>,
) -> bool {
    id == Some(credential.id.to_string().as_str())
        || (*provider == credential.provider && name == Some(credential.name.as_str()))
}
