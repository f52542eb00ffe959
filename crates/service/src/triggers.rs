//! Triggers as people see them: registered when a version is published, listed, switched off and on.

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::credential::Environment;
use latchkey_domain::document::{Document, Problem};
use latchkey_domain::id::{RunId, TriggerId, WorkflowId};
use latchkey_domain::time::Timestamp;
use latchkey_domain::trigger::{Trigger, TriggerNode, TriggerRule, triggers};
use latchkey_domain::workflow::Mode;
use latchkey_secrets::{Secret, token};
use latchkey_store::{KeptTrigger, NewTrigger, StoreError, WebhookAddress};
use serde_json::json;

use crate::calendar::Calendar;
use crate::error::{Error, ErrorKind};
use crate::{Service, require};

/// What the addresses of webhooks begin with.
pub(crate) const ADDRESS_PREFIX: &str = "wh_";

/// A trigger as it is read.
#[derive(Clone, Debug)]
pub struct TriggerView {
    /// The trigger.
    pub trigger: Trigger,
    /// The address of a webhook: whoever knows it may begin runs.
    pub address: Option<Secret<String>>,
    /// The last run of a published version that began at its node, and when.
    pub last_run: Option<(RunId, Timestamp)>,
}

/// What is changed of a trigger.
#[derive(Clone, Debug, Default)]
pub struct TriggerChange {
    /// Whether it begins runs.
    pub enabled: Option<bool>,
    /// The environment of its runs.
    pub environment: Option<Environment>,
}

impl Service {
    /// The triggers of the published version of a workflow.
    ///
    /// # Errors
    /// When the caller may not, or there is no such workflow.
    pub async fn triggers(
        &self,
        caller: &Caller,
        id: WorkflowId,
    ) -> Result<Vec<TriggerView>, Error> {
        require(caller, Permission::WorkflowsRead)?;
        self.visible(caller, id).await?;
        let kept = self.inner.store.triggers(caller.workspace, id).await?;
        self.viewed(id, kept).await
    }

    async fn viewed(
        &self,
        workflow: WorkflowId,
        kept: Vec<KeptTrigger>,
    ) -> Result<Vec<TriggerView>, Error> {
        let nodes: Vec<_> = kept.iter().map(|kept| kept.trigger.node.clone()).collect();
        let runs = self.inner.store.last_runs(workflow, &nodes).await?;
        let mut views = Vec::with_capacity(kept.len());
        for (KeptTrigger { trigger, sealed }, last_run) in kept.into_iter().zip(runs) {
            let is_webhook = matches!(trigger.rule, TriggerRule::Webhook(_));
            let address = match sealed.filter(|_| is_webhook) {
                Some(sealed) => Some(self.inner.vault.open_address(&trigger, &sealed).await?),
                None => None,
            };
            views.push(TriggerView {
                trigger,
                address,
                last_run,
            });
        }
        Ok(views)
    }

    /// Changes a trigger: it begins runs or not, from now on, in this environment. A schedule that is switched on waits for its
    /// next time; what went by meanwhile was not missed.
    ///
    /// # Errors
    /// When the caller may not, or there is no such trigger.
    pub async fn change_trigger(
        &self,
        caller: &Caller,
        workflow: WorkflowId,
        id: TriggerId,
        change: TriggerChange,
    ) -> Result<TriggerView, Error> {
        let change = move |service: Self, caller: Caller| async move {
            require(&caller, Permission::WorkflowsPublish)?;
            service.visible(&caller, workflow).await?;
            let known = service.inner.store.triggers(caller.workspace, workflow);
            let mut known = known.await?.into_iter();
            let found = known.find(|known| known.trigger.id == id);
            let found = found.ok_or_else(|| Error::not_found("trigger"))?.trigger;
            if let Some(named) = change.environment.clone() {
                service.environment(&caller, Some(named), false).await?;
            }
            let enabled = change.enabled.filter(|enabled| *enabled != found.enabled);
            let next_at = service.next_time(found.rule).await?;
            let write = latchkey_store::TriggerChange {
                enabled: enabled.map(|enabled| (enabled, next_at)),
                environment: change.environment.clone(),
            };
            let place = (caller.workspace, workflow);
            let changed = service.inner.store.change_trigger(place, id, write).await;
            service.inner.schedules_changed.notify_one();
            let changed = match changed {
                Err(StoreError::NotFound) => return Err(Error::not_found("trigger")),
                changed => changed?,
            };
            let detail = json!({"workflow": workflow, "node": changed.trigger.node.as_str(),
                "enabled": changed.trigger.enabled, "environment": changed.trigger.environment.0});
            service.audit(&caller, "trigger.change", id, detail).await?;
            let mut views = service.viewed(workflow, vec![changed]).await?;
            views.pop().ok_or_else(|| Error::not_found("trigger"))
        };
        self.complete(caller, change).await
    }

    /// The next time of a rule that has any.
    async fn next_time(&self, rule: TriggerRule) -> Result<Option<Timestamp>, Error> {
        let now = self.now();
        let next = move |_: &Self| match rule {
            TriggerRule::Webhook(_) => None,
            TriggerRule::Schedule(schedule) => Calendar::of(&schedule).ok()?.next_after(now),
        };
        self.at_length(next).await
    }

    /// What publishing a document with these triggers registers.
    ///
    /// # Errors
    /// When one that is there runs in an environment that the caller may not use: from now on the caller would be the one who
    /// runs it there.
    pub(crate) async fn new_triggers(
        &self,
        caller: &Caller,
        workflow: WorkflowId,
        nodes: &[TriggerNode],
    ) -> Result<Vec<NewTrigger>, Error> {
        if nodes.is_empty() {
            return Ok(Vec::new());
        }
        let known = self
            .inner
            .store
            .triggers(caller.workspace, workflow)
            .await?;
        for kept in known.iter().map(|known| &known.trigger) {
            let stays = nodes.iter().any(|new| new.node == kept.node);
            if stays && !caller.environments.contains(&kept.environment) {
                let (title, environment) = (&kept.title, &kept.environment);
                let detail = format!(
                    "the trigger {title:?} runs in {environment}, which your key is not for"
                );
                return Err(Error::new(ErrorKind::Forbidden, "forbidden", detail));
            }
        }
        let environment = self.environment(caller, None, false).await?;
        let mut new = Vec::with_capacity(nodes.len());
        for node in nodes {
            let address = match &node.rule {
                TriggerRule::Webhook(_) => Some(self.new_address(caller, workflow, node).await?),
                TriggerRule::Schedule(_) => None,
            };
            new.push(NewTrigger {
                id: TriggerId::new(Self::new_id()),
                workspace: caller.workspace,
                node: node.node.clone(),
                title: node.title.clone(),
                next_at: self.next_time(node.rule.clone()).await?,
                rule: node.rule.clone(),
                environment: environment.clone(),
                address,
            });
        }
        Ok(new)
    }

    async fn new_address(
        &self,
        caller: &Caller,
        workflow: WorkflowId,
        node: &TriggerNode,
    ) -> Result<WebhookAddress, Error> {
        let address = token::generate(ADDRESS_PREFIX)?;
        let place = (caller.workspace, workflow, &node.node);
        Ok(WebhookAddress {
            hash: self.inner.addresses.hash(address.expose().as_bytes()),
            sealed: self.inner.vault.seal_address(place, &address).await?,
        })
    }

    /// What is wrong with the triggers of a document that is to be published.
    pub(crate) fn check_triggers(&self, document: &Document) -> Result<(), Error> {
        let found = triggers(document).map_err(Error::of_document)?;
        let unfit = |new: &TriggerNode, field: &str, why: String| {
            let problem = Problem::error("trigger_invalid", why).at_node(&new.node);
            Error::of_document(vec![problem.in_field(format!("data.{field}"))])
        };
        for new in &found {
            if document.mode() == Mode::AdvancedChat {
                let why = "a workflow that answers in a conversation has no triggers";
                return Err(unfit(new, "type", why.to_owned()));
            }
            let TriggerRule::Schedule(schedule) = &new.rule else {
                continue;
            };
            let calendar = Calendar::of(schedule).map_err(|(field, why)| unfit(new, field, why))?;
            if calendar.next_after(self.now()).is_none() {
                let why = format!("{:?} names no time that ever comes", schedule.cron);
                return Err(unfit(new, "cron_expression", why));
            }
        }
        Ok(())
    }
}
