//! Where a credential is named: defaults, bindings, datasets, nodes of drafts and published versions; and what it has paid for.

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::credential::{Credential, CredentialChoice, CredentialSelector};
use latchkey_domain::id::{CredentialId, DatasetId, NodeId, WorkflowId};
use latchkey_domain::provider::ProviderId;
use latchkey_domain::settings::CredentialSettings;
use latchkey_domain::time::Timestamp;
use latchkey_domain::workflow::Workflow;
use latchkey_models::catalogue::EXTERNAL_KNOWLEDGE;
use latchkey_store::{DocumentText, Page};

use crate::error::{Error, ErrorItem, ErrorKind};
use crate::{Service, require};

/// The most references that a refusal to delete lists.
const LISTED: usize = 50;

/// One place that names a credential, or may come to it.
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
        /// Whether a run decides: the name has variables, and this credential's fits it.
        by_variable: bool,
    },
    /// A dataset, for its vectors.
    Dataset {
        /// The dataset.
        dataset: DatasetId,
        /// Its name.
        name: String,
    },
    /// Nobody names it here, but it has paid for calls of this workflow, or of none.
    Paid {
        /// The workflow.
        workflow: Option<WorkflowId>,
        /// Its name at the time.
        name: Option<String>,
        /// When the last of them was opened.
        last_used_at: Timestamp,
    },
}

impl Reference {
    /// Whether something may stop working when the credential is gone. What it has paid for once is no such thing.
    #[must_use]
    pub const fn breaks(&self) -> bool {
        match self {
            Self::Default | Self::Binding { .. } | Self::Node { .. } | Self::Dataset { .. } => true,
            Self::Paid { .. } => false,
        }
    }

    /// One line about it, for people.
    fn told(&self) -> String {
        match self {
            Self::Default => "it is a default of the workspace".to_owned(),
            Self::Binding { name, .. } => format!("workflow {name:?} is bound to it"),
            Self::Node {
                name,
                version,
                node_id,
                by_variable,
                ..
            } => {
                let verb = if *by_variable { "may choose" } else { "names" };
                let version = version.map_or("the draft".to_owned(), |n| format!("version {n}"));
                format!("node {node_id} in {version} of workflow {name:?} {verb} it")
            }
            Self::Dataset { name, .. } => format!("dataset {name:?} is paid by it"),
            Self::Paid { name, .. } => {
                let name = name.as_deref().unwrap_or("no workflow");
                format!("it has paid for {name}")
            }
        }
    }
}

impl Service {
    /// Where a credential is named, and what it has paid for. Of a name with variables it is told whether it may come to this
    /// one; what it really gives is not known before a run.
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
        self.references_to(caller, &credential).await
    }

    /// Refuses to do without a credential that something names, with a list of what breaks.
    pub(crate) async fn check_unused(
        &self,
        caller: &Caller,
        credential: &Credential,
    ) -> Result<(), Error> {
        let references = self.references_to(caller, credential).await?;
        let breaks: Vec<_> = references.iter().filter(|it| it.breaks()).collect();
        if breaks.is_empty() {
            return Ok(());
        }
        let items = breaks.iter().take(LISTED).map(|reference| ErrorItem {
            code: "credential_in_use".to_owned(),
            message: reference.told(),
            node_id: match reference {
                Reference::Node { node_id, .. } => Some(node_id.clone()),
                Reference::Default
                | Reference::Binding { .. }
                | Reference::Dataset { .. }
                | Reference::Paid { .. } => None,
            },
            ..ErrorItem::default()
        });
        let detail = format!(
            "{} is named in {} places, which stop working without it; force deletes it all the same",
            credential.name,
            breaks.len()
        );
        Err(Error::new(ErrorKind::Conflict, "credential_in_use", detail).with(items))
    }

    /// How many places break without a credential.
    pub(crate) async fn uses(
        &self,
        caller: &Caller,
        credential: &Credential,
    ) -> Result<usize, Error> {
        let references = self.references_to(caller, credential).await?;
        Ok(references.iter().filter(|it| it.breaks()).count())
    }

    async fn references_to(
        &self,
        caller: &Caller,
        credential: &Credential,
    ) -> Result<Vec<Reference>, Error> {
        let mut found = Vec::new();
        let facts = &self.inner.facts;
        let defaults = facts
            .defaults(caller.workspace, &credential.provider)
            .await?;
        let is_default = |(_, default): &&(_, CredentialId)| *default == credential.id;
        found.extend(
            defaults
                .iter()
                .filter(is_default)
                .map(|_| Reference::Default),
        );
        let mut page = Page::first(200);
        loop {
            let workflows = self.inner.store.workflows(caller.workspace, page).await?;
            for workflow in &workflows.rows {
                self.references_in(caller, credential, workflow, &mut found)
                    .await?;
            }
            match workflows.next {
                Some(after) => page.after = Some(after),
                None => break,
            }
        }
        self.datasets_with(caller, credential, &mut found).await?;
        let store = &self.inner.store;
        let paid = store.paid_for(caller.workspace, credential.id).await?;
        found.extend(
            paid.into_iter()
                .map(|(workflow, name, last_used_at)| Reference::Paid {
                    workflow,
                    name,
                    last_used_at,
                }),
        );
        Ok(found)
    }

    async fn datasets_with(
        &self,
        caller: &Caller,
        credential: &Credential,
        found: &mut Vec<Reference>,
    ) -> Result<(), Error> {
        let external = ProviderId::normalise(EXTERNAL_KNOWLEDGE);
        let mut page = Page::first(200);
        loop {
            let datasets = self.inner.store.datasets(caller.workspace, page).await?;
            for dataset in datasets.rows {
                // Somebody else's knowledge has no vectors here; then its choice is a key of that server.
                let provider = dataset.embedding.as_ref().map(|model| &model.provider);
                let provider = provider.unwrap_or(&external);
                if names(credential, provider, &dataset.choice) {
                    found.push(Reference::Dataset {
                        dataset: dataset.id,
                        name: dataset.name,
                    });
                }
            }
            match datasets.next {
                Some(after) => page.after = Some(after),
                None => return Ok(()),
            }
        }
    }

    async fn references_in(
        &self,
        caller: &Caller,
        credential: &Credential,
        workflow: &Workflow,
        found: &mut Vec<Reference>,
    ) -> Result<(), Error> {
        let (id, name) = (workflow.id, &workflow.name);
        let settings = self.inner.facts.settings(caller.workspace, id).await?;
        let bound = settings
            .bindings
            .iter()
            .filter(|binding| names(credential, &binding.provider, &binding.choice));
        found.extend(bound.map(|_| Reference::Binding {
            workflow: id,
            name: name.clone(),
        }));
        let store = &self.inner.store;
        let mut texts: Vec<(Option<u32>, DocumentText)> = Vec::new();
        let draft = store.draft(caller.workspace, id).await?;
        texts.extend(draft.map(|(_, text)| (None, text)));
        if let Some(number) = workflow.published_version {
            let version = store.version(id, number).await?;
            texts.extend(version.map(|(_, text)| (Some(number), text)));
        }
        for (version, text) in texts {
            let (kept, is_tool) = (credential.clone(), is_tool(&credential.provider));
            let read = move |service: &Self| -> Result<_, Error> {
                let document = service.kept_document(&text)?;
                let models = document.model_places().into_iter();
                let named = models.map(|it| {
                    (
                        it.node_id,
                        named_by(&kept, Some(&it.provider), &it.selector),
                    )
                });
                let mut named: Vec<_> = named.collect();
                if is_tool {
                    // Which provider a tool comes to is a matter of its binding: its name may be this credential's.
                    let tools = document.tool_places().into_iter();
                    named.extend(tools.map(|it| (it.node_id, named_by(&kept, None, &it.selector))));
                }
                Ok(named)
            };
            let places = self.at_length(read).await??;
            found.extend(places.into_iter().filter_map(|(node_id, by_variable)| {
                Some(Reference::Node {
                    workflow: id,
                    name: name.clone(),
                    version,
                    node_id,
                    by_variable: by_variable?,
                })
            }));
        }
        Ok(())
    }
}

fn is_tool(provider: &ProviderId) -> bool {
    provider.as_str().starts_with("tool/")
}

/// Whether a selector comes to a credential, and if so, whether only by a variable. Without a provider any will do.
fn named_by(
    credential: &Credential,
    provider: Option<&ProviderId>,
    selector: &CredentialSelector,
) -> Option<bool> {
    let choice = &selector.choice;
    let provider = provider.unwrap_or(&credential.provider);
    let is_fallback =
        *provider == credential.provider && selector.fallback.contains(&credential.name);
    if is_fallback || names(credential, provider, choice) {
        return Some(false);
    }
    let may = |template: &Option<String>, value: &str| {
        let pattern = template.as_deref().and_then(pattern_of);
        pattern.is_some_and(|pattern| fits(pattern, value))
    };
    let by_name =
        *provider == credential.provider && may(&choice.credential_name, &credential.name);
    (by_name || may(&choice.credential_id, &credential.id.to_string())).then_some(true)
}

fn names(credential: &Credential, provider: &ProviderId, choice: &CredentialChoice) -> bool {
    choice.credential_id.as_deref() == Some(&*credential.id.to_string())
        || (*provider == credential.provider
            && choice.credential_name.as_deref() == Some(&*credential.name))
}

/// A template with a star for each placeholder; none for a text without any.
fn pattern_of(template: &str) -> Option<String> {
    let mut pattern = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{#") {
        let (_, after) = after.split_once("#}}")?;
        pattern.push_str(before);
        pattern.push('*');
        rest = after;
    }
    (!pattern.is_empty() && rest.len() < template.len()).then(|| pattern + rest)
}

fn fits(pattern: String, value: &str) -> bool {
    let fence = CredentialSettings {
        runtime_allow: vec![pattern],
        ..CredentialSettings::default()
    };
    fence.allows(value)
}

#[cfg(test)]
mod tests {
    use super::{fits, pattern_of};

    #[test]
    fn a_name_with_variables_may_come_to_whatever_fits_around_them() {
        for (template, pattern) in [
            ("plain", None),
            ("customer-{{#start.tenant#}}", Some("customer-*")),
            ("{{#start.tenant#}}", Some("*")),
            ("{{#a.b#}}-{{#c.d#}}-prod", Some("*-*-prod")),
            ("customer-{{#start.tenant", None),
            ("", None),
        ] {
            assert_eq!(pattern_of(template).as_deref(), pattern, "{template}");
        }
        let pattern = || pattern_of("customer-{{#start.tenant#}}").unwrap();
        assert!(fits(pattern(), "customer-acme"));
        assert!(!fits(pattern(), "partner-acme"));
    }
}
