//! Limits and budgets of credentials, of workflows and of their end users: checked, kept, and read with how they stand.

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::credential::{Credential, Holder, Rules, WorkflowRules};
use latchkey_domain::id::{CredentialId, WorkflowId};
use latchkey_domain::provider::ProviderId;
use latchkey_domain::tool::TOOL_PREFIX;
use latchkey_store::{BudgetState, LimitsInUse, Paged};
use serde_json::json;

use crate::error::{Error, ErrorItem};
use crate::{Service, require};

/// A credential with how its budgets stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialStanding {
    /// The credential.
    pub credential: Credential,
    /// Its budgets, in their order.
    pub budgets: Vec<BudgetState>,
    /// What is taken of its limits.
    pub in_use: LimitsInUse,
}

/// The rules of a workflow with how its budgets stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkflowStanding {
    /// The rules.
    pub rules: WorkflowRules,
    /// Counts their changes; 0 before the first.
    pub revision: u32,
    /// The workflow's budgets, in their order.
    pub budgets: Vec<BudgetState>,
    /// The budgets of the end user that was asked about.
    pub end_user: Option<Vec<BudgetState>>,
}

impl Service {
    /// A credential with how its budgets stand now.
    ///
    /// # Errors
    /// When the caller may not read credentials, or the database fails.
    pub async fn standing(
        &self,
        caller: &Caller,
        credential: Credential,
    ) -> Result<CredentialStanding, Error> {
        let limits = [(credential.id, credential.limits)];
        let store = &self.inner.store;
        let in_use = store
            .limits_in_use(caller.workspace, &limits, self.now())
            .await?;
        let in_use = in_use.get(&credential.id).copied().unwrap_or_default();
        self.with_budgets(caller, credential, in_use).await
    }

    async fn with_budgets(
        &self,
        caller: &Caller,
        credential: Credential,
        in_use: LimitsInUse,
    ) -> Result<CredentialStanding, Error> {
        let holder = Holder::Credential(credential.id);
        let store = &self.inner.store;
        let budgets = store
            .budget_states(caller.workspace, &holder, &credential.budgets, self.now())
            .await?;
        Ok(CredentialStanding {
            credential,
            budgets,
            in_use,
        })
    }

    /// The same for a page of them.
    ///
    /// # Errors
    /// When the caller may not read credentials, or the database fails.
    pub async fn standings(
        &self,
        caller: &Caller,
        page: Paged<Credential>,
    ) -> Result<Paged<CredentialStanding>, Error> {
        let limits: Vec<_> = page.rows.iter().map(|row| (row.id, row.limits)).collect();
        let store = &self.inner.store;
        let in_use = store
            .limits_in_use(caller.workspace, &limits, self.now())
            .await?;
        let mut rows = Vec::with_capacity(page.rows.len());
        for credential in page.rows {
            let in_use = in_use.get(&credential.id).copied().unwrap_or_default();
            rows.push(self.with_budgets(caller, credential, in_use).await?);
        }
        Ok(Paged {
            rows,
            next: page.next,
        })
    }

    /// Forgets what calls have shown about a credential: pauses, an empty account, a dead key. What a person has switched off
    /// stays so.
    ///
    /// # Errors
    /// When the caller may not, or there is no such credential.
    pub async fn reset_health(
        &self,
        caller: &Caller,
        id: CredentialId,
    ) -> Result<Credential, Error> {
        let change = move |service: Self, caller: Caller| async move {
            require(&caller, Permission::CredentialsWrite)?;
            let store = &service.inner.store;
            let known = store.credential(caller.workspace, id).await?;
            let (known, _) = known.ok_or_else(|| Error::not_found("credential"))?;
            let reset = store
                .reset_health(caller.workspace, id, service.now())
                .await;
            service.inner.facts.changed();
            reset?;
            let detail = json!({"name": known.name, "state": known.state});
            service
                .audit(&caller, "credential.reset_health", id, detail)
                .await?;
            let found = store.credential(caller.workspace, id).await?;
            Ok(found.ok_or_else(|| Error::not_found("credential"))?.0)
        };
        self.complete(caller, change).await
    }

    /// Limits and budgets of a workflow and of its end users, and how they stand.
    ///
    /// # Errors
    /// When the caller may not, or there is no such workflow.
    pub async fn workflow_limits(
        &self,
        caller: &Caller,
        id: WorkflowId,
        end_user: Option<&str>,
    ) -> Result<WorkflowStanding, Error> {
        require(caller, Permission::CredentialsRead)?;
        self.visible(caller, id).await?;
        let store = &self.inner.store;
        let (workspace, now) = (caller.workspace, self.now());
        let (rules, revision) = store.workflow_rules(workspace, id).await?;
        let own = Holder::Workflow(id);
        let budgets = store.budget_states(workspace, &own, &rules.workflow.budgets, now);
        let budgets = budgets.await?;
        let end_user = match end_user {
            None => None,
            Some(label) => {
                let holder = Holder::EndUser(id, label.to_owned());
                let of = store.budget_states(workspace, &holder, &rules.end_user.budgets, now);
                Some(of.await?)
            }
        };
        Ok(WorkflowStanding {
            rules,
            revision,
            budgets,
            end_user,
        })
    }

    /// Replaces them, if they are still at the expected revision; effective at the next call, in every run.
    ///
    /// # Errors
    /// When the caller may not, something in them is wrong, with every place, or they were changed meanwhile.
    pub async fn put_workflow_limits(
        &self,
        caller: &Caller,
        id: WorkflowId,
        expected: Option<u32>,
        rules: WorkflowRules,
    ) -> Result<WorkflowStanding, Error> {
        let change = move |service: Self, caller: Caller| async move {
            require(&caller, Permission::CredentialsBind)?;
            service.visible(&caller, id).await?;
            let mut wrong = problems(&rules.workflow, "");
            wrong.extend(problems(&rules.end_user, "/end_users"));
            refuse(wrong)?;
            let store = &service.inner.store;
            let (workspace, now) = (caller.workspace, service.now());
            store
                .replace_workflow_rules(workspace, id, expected, &rules, now)
                .await?;
            let detail = serde_json::to_value(&rules).map_err(Error::internal)?;
            service
                .audit(&caller, "workflow.limits", id, detail)
                .await?;
            service.standing_of_workflow(&caller, id).await
        };
        self.complete(caller, change).await
    }

    async fn standing_of_workflow(
        &self,
        caller: &Caller,
        id: WorkflowId,
    ) -> Result<WorkflowStanding, Error> {
        let store = &self.inner.store;
        let (rules, revision) = store.workflow_rules(caller.workspace, id).await?;
        let own = Holder::Workflow(id);
        let budgets = store
            .budget_states(caller.workspace, &own, &rules.workflow.budgets, self.now())
            .await?;
        Ok(WorkflowStanding {
            rules,
            revision,
            budgets,
            end_user: None,
        })
    }
}

/// Refuses rules that contradict themselves, with every place.
fn check_rules(rules: &Rules) -> Result<(), Error> {
    refuse(problems(rules, ""))
}

impl Service {
    /// Whether these can be the rules of a provider's credential.
    ///
    /// # Errors
    /// `invalid_input` with everything that is wrong: also with what no use of a tool is measured by.
    pub(crate) fn check_rules_of(&self, provider: &ProviderId, rules: &Rules) -> Result<(), Error> {
        check_rules(rules)?;
        let is_known = self.inner.models.catalogue().provider(provider).is_some();
        if is_known || !provider.as_str().starts_with(TOOL_PREFIX) {
            return Ok(());
        }
        let item = |pointer: &str| {
            ErrorItem {
            code: "invalid_input".to_owned(),
            message: "a use of a tool has no tokens and no price: limit its requests, or how many are under way".to_owned(),
            pointer: Some(pointer.to_owned()),
            ..ErrorItem::default()
        }
        };
        let mut wrong = Vec::new();
        if rules.limits.tokens_per_minute.is_some() {
            wrong.push(item("/limits/tokens_per_minute"));
        }
        if !rules.budgets.is_empty() {
            wrong.push(item("/budgets"));
        }
        refuse(wrong)
    }
}

fn problems(rules: &Rules, before: &str) -> Vec<ErrorItem> {
    let item = |problem: latchkey_domain::credential::RuleProblem| ErrorItem {
        code: "invalid_input".to_owned(),
        message: problem.message,
        pointer: Some(format!("{before}{}", problem.pointer)),
        ..ErrorItem::default()
    };
    rules.problems().into_iter().map(item).collect()
}

fn refuse(wrong: Vec<ErrorItem>) -> Result<(), Error> {
    match wrong.first() {
        None => Ok(()),
        Some(first) => {
            Err(Error::unprocessable("invalid_input", first.message.clone()).with(wrong))
        }
    }
}
