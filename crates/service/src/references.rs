//! Where a credential or a pool is named: defaults, pools, bindings, datasets, nodes of drafts and published versions; and what it has paid for.

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::credential::{Credential, CredentialChoice, CredentialSelector, Pool};
use latchkey_domain::id::{CredentialId, CredentialPoolId, DatasetId, NodeId, WorkflowId};
use latchkey_domain::provider::ProviderId;
use latchkey_domain::settings::CredentialSettings;
use latchkey_domain::time::Timestamp;
use latchkey_domain::workflow::Workflow;
use latchkey_models::catalogue::EXTERNAL_KNOWLEDGE;
use latchkey_store::{DocumentText, Page};

use crate::error::{Error, ErrorItem, ErrorKind};
use crate::removal::Used;
use crate::{Service, require};

/// The most references that a refusal to delete lists.
const LISTED: usize = 50;

/// What is looked for: a credential, or a pool.
#[derive(Clone, Debug)]
struct Sought {
    id: String,
    name: String,
    provider: ProviderId,
    /// The credential; none for a pool, which is no default, no member and pays for nothing itself.
    credential: Option<CredentialId>,
}

impl From<&Credential> for Sought {
    fn from(credential: &Credential) -> Self {
        Self {
            id: credential.id.to_string(),
            name: credential.name.clone(),
            provider: credential.provider.clone(),
            credential: Some(credential.id),
        }
    }
}

impl From<&Pool> for Sought {
    fn from(pool: &Pool) -> Self {
        Self {
            id: pool.id.to_string(),
            name: pool.name.clone(),
            provider: pool.provider.clone(),
            credential: None,
        }
    }
}

/// One place that names a credential or a pool, or may come to it.
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
    /// A pool that it is a member of.
    Pool {
        /// The pool.
        pool: CredentialPoolId,
        /// Its name.
        name: String,
        /// Whether it is the pool's only member.
        is_only: bool,
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
            // The others go on paying.
            Self::Pool { is_only, .. } => *is_only,
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
            Self::Pool { name, .. } => format!("pool {name:?} has no other member"),
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
        self.references_to(caller, &Sought::from(&credential)).await
    }

    /// Where a pool is named.
    ///
    /// # Errors
    /// When the caller may not, or there is no such pool.
    pub async fn pool_references(
        &self,
        caller: &Caller,
        id: CredentialPoolId,
    ) -> Result<Vec<Reference>, Error> {
        require(caller, Permission::CredentialsRead)?;
        let pool = self.inner.store.pool(caller.workspace, id).await?;
        let pool = pool.ok_or_else(|| Error::not_found("pool"))?;
        self.references_to(caller, &Sought::from(&pool)).await
    }

    /// In how many places a credential is named that is to be deleted.
    ///
    /// # Errors
    /// When something names it and shall not break (`credential_in_use`, with a list of what would).
    pub(crate) async fn broken_without(
        &self,
        caller: &Caller,
        credential: &Credential,
        used: Used,
    ) -> Result<usize, Error> {
        let sought = Sought::from(credential);
        self.broken(caller, &sought, used, "credential_in_use")
            .await
    }

    /// The same, of a pool.
    ///
    /// # Errors
    /// When something names it and shall not break (`pool_in_use`, with a list of what would).
    pub(crate) async fn broken_without_pool(
        &self,
        caller: &Caller,
        pool: &Pool,
        used: Used,
    ) -> Result<usize, Error> {
        let sought = Sought::from(pool);
        self.broken(caller, &sought, used, "pool_in_use").await
    }

    async fn broken(
        &self,
        caller: &Caller,
        sought: &Sought,
        used: Used,
        code: &str,
    ) -> Result<usize, Error> {
        let references = self.references_to(caller, sought).await?;
        let breaks: Vec<_> = references.iter().filter(|it| it.breaks()).collect();
        if breaks.is_empty() || used == Used::Goes {
            return Ok(breaks.len());
        }
        let items = breaks.iter().take(LISTED).map(|reference| ErrorItem {
            code: code.to_owned(),
            message: reference.told(),
            node_id: match reference {
                Reference::Node { node_id, .. } => Some(node_id.clone()),
                Reference::Default
                | Reference::Binding { .. }
                | Reference::Pool { .. }
                | Reference::Dataset { .. }
                | Reference::Paid { .. } => None,
            },
            ..ErrorItem::default()
        });
        let detail = format!(
            "{} is named in {} places, which stop working without it; force deletes it all the same",
            sought.name,
            breaks.len()
        );
        Err(Error::new(ErrorKind::Conflict, code, detail).with(items))
    }

    async fn references_to(
        &self,
        caller: &Caller,
        sought: &Sought,
    ) -> Result<Vec<Reference>, Error> {
        let mut found = Vec::new();
        if let Some(credential) = sought.credential {
            self.chosen_by_the_workspace(caller, sought, credential, &mut found)
                .await?;
        }
        let mut page = Page::first(200);
        loop {
            let workflows = self.inner.store.workflows(caller.workspace, page).await?;
            for workflow in &workflows.rows {
                self.references_in(caller, sought, workflow, &mut found)
                    .await?;
            }
            match workflows.next {
                Some(after) => page.after = Some(after),
                None => break,
            }
        }
        self.datasets_with(caller, sought, &mut found).await?;
        let Some(credential) = sought.credential else {
            return Ok(found);
        };
        let store = &self.inner.store;
        let paid = store.paid_for(caller.workspace, credential).await?;
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

    /// The defaults that a credential is, and the pools that it is in.
    async fn chosen_by_the_workspace(
        &self,
        caller: &Caller,
        sought: &Sought,
        credential: CredentialId,
        found: &mut Vec<Reference>,
    ) -> Result<(), Error> {
        let (facts, workspace) = (&self.inner.facts, caller.workspace);
        let defaults = facts.defaults(workspace, &sought.provider).await?;
        let is_default = |(_, default): &&(_, CredentialId)| *default == credential;
        let defaults = defaults.iter().filter(is_default);
        found.extend(defaults.map(|_| Reference::Default));
        for pool in self.inner.store.pools(workspace).await? {
            let mut members = pool.members.iter();
            if members.any(|member| member.credential_id == credential) {
                found.push(Reference::Pool {
                    pool: pool.id,
                    name: pool.name,
                    is_only: pool.members.len() == 1,
                });
            }
        }
        Ok(())
    }

    async fn datasets_with(
        &self,
        caller: &Caller,
        sought: &Sought,
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
                if names(sought, provider, &dataset.choice) {
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
        sought: &Sought,
        workflow: &Workflow,
        found: &mut Vec<Reference>,
    ) -> Result<(), Error> {
        let (id, name) = (workflow.id, &workflow.name);
        let settings = self.inner.facts.settings(caller.workspace, id).await?;
        let bound = settings
            .bindings
            .iter()
            .filter(|binding| names(sought, &binding.provider, &binding.choice));
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
            let (kept, is_tool) = (sought.clone(), is_tool(&sought.provider));
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
    sought: &Sought,
    provider: Option<&ProviderId>,
    selector: &CredentialSelector,
) -> Option<bool> {
    let choice = &selector.choice;
    let provider = provider.unwrap_or(&sought.provider);
    let is_same = *provider == sought.provider;
    let is_fallback = is_same && selector.fallback.contains(&sought.name);
    if is_fallback || names(sought, provider, choice) {
        return Some(false);
    }
    let may = |template: &Option<String>, value: &str| {
        let pattern = template.as_deref().and_then(pattern_of);
        pattern.is_some_and(|pattern| fits(pattern, value))
    };
    let by_name = is_same && may(&choice.credential_name, &sought.name);
    (by_name || may(&choice.credential_id, &sought.id)).then_some(true)
}

fn names(sought: &Sought, provider: &ProviderId, choice: &CredentialChoice) -> bool {
    let by_name = choice.credential_name.as_deref() == Some(&*sought.name);
    choice.credential_id.as_deref() == Some(&*sought.id)
        || (*provider == sought.provider && by_name)
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
