//! People are told when a budget comes to its warning or to its end: by a webhook of the workspace, signed, tried a few times, and
//! never while a call waits for it.

use std::time::Duration;

use futures::future::join_all;
use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::id::WorkspaceId;
use latchkey_domain::time::Timestamp;
use latchkey_outbound::{Deadlines, Request, target_host};
use latchkey_secrets::{Secret, signature, token};
use latchkey_store::{BudgetEvent, BudgetWebhook, Delivery, Page, Paged};
use serde_json::json;

use crate::access::check_text;
use crate::error::Error;
use crate::{Service, require};

/// How long nobody looks for events at most.
const LOOK: Duration = Duration::from_secs(5);
/// Events that are told at once.
const AT_ONCE: u64 = 20;
/// How long an event is whose telling has begun: whoever dies meanwhile leaves it to others.
const CLAIM: i64 = 60_000;
/// How long the other side may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The waits after the attempts that were not heard, in milliseconds; after the last one it is given up.
const AGAIN_AFTER: [i64; 4] = [10_000, 60_000, 300_000, 1_800_000];
/// The longest URL.
const URL: usize = 2000;
/// What the secret begins with.
const SECRET: &str = "lkwh_";

impl Service {
    /// Begins to tell people about budgets, until the server ends.
    pub fn watch_budgets(&self) {
        let service = self.clone();
        let watching = async move {
            while !service.inner.ending.is_cancelled() {
                if let Err(error) = service.tell_budgets().await {
                    tracing::warn!(%error, "nobody can be told about budgets now");
                }
                let wait = i64::try_from(LOOK.as_millis()).unwrap_or(i64::MAX);
                let until = service.now().plus_millis(wait);
                tokio::select! {
                    () = service.inner.ending.cancelled() => {}
                    () = service.inner.clock.sleep_until(until) => {}
                }
            }
        };
        self.inner.tasks.spawn_on(watching, &self.inner.runtime);
    }

    async fn tell_budgets(&self) -> Result<(), Error> {
        let due = self
            .inner
            .store
            .due_budget_events(self.now(), AT_ONCE)
            .await?;
        let told = join_all(due.iter().map(|event| self.tell_budget(event))).await;
        told.into_iter().collect()
    }

    async fn tell_budget(&self, event: &BudgetEvent) -> Result<(), Error> {
        let store = &self.inner.store;
        let Some(webhook) = store.budget_webhook(event.workspace).await? else {
            return Ok(store
                .budget_event_told(event.id, Delivery::NotWanted)
                .await?);
        };
        if !store
            .claim_budget_event(event, self.now().plus_millis(CLAIM))
            .await?
        {
            return Ok(());
        }
        let told = tokio::select! {
            biased;
            // It is told after the next start.
            () = self.inner.ending.cancelled() => return Ok(()),
            told = self.post(event, &webhook) => told,
        };
        let what = match told {
            Ok(()) => Delivery::Delivered(self.now()),
            Err(error) => {
                let tries = usize::try_from(event.attempts).unwrap_or(usize::MAX);
                let again = AGAIN_AFTER.get(tries);
                Delivery::Failed {
                    error,
                    again_at: again.map(|after| self.now().plus_millis(*after)),
                }
            }
        };
        Ok(store.budget_event_told(event.id, what).await?)
    }

    /// One request: why it was not heard.
    async fn post(&self, event: &BudgetEvent, webhook: &BudgetWebhook) -> Result<(), String> {
        let secret = self
            .inner
            .vault
            .open_webhook(event.workspace, &webhook.sealed);
        let secret = secret
            .await
            .map_err(|_| "its secret does not open".to_owned())?;
        let body = event.body.to_string();
        let at = self.now().seconds();
        let signed = signature(&secret, format!("{at}.{body}").as_bytes());
        let request = Request::post_json(&webhook.url, body)
            .header("latchkey-event-id", &event.id.to_string())
            .header("latchkey-signature", &format!("t={at},v1={signed}"))
            .deadlines(Deadlines {
                head: PATIENCE,
                idle: PATIENCE,
                total: PATIENCE,
            });
        match self.inner.outbound.send(request).await {
            Ok(answer) if (200..300).contains(&answer.status) => Ok(()),
            Ok(answer) => Err(format!("it answered {}", answer.status)),
            Err(cause) => Err(cause.to_string()),
        }
    }

    /// What has happened to budgets, newest first.
    ///
    /// # Errors
    /// When the caller may not.
    pub async fn budget_events(
        &self,
        caller: &Caller,
        page: Page,
    ) -> Result<Paged<BudgetEvent>, Error> {
        require(caller, Permission::UsageRead)?;
        require(caller, Permission::CredentialsRead)?;
        Ok(self
            .inner
            .store
            .budget_events(caller.workspace, page)
            .await?)
    }

    /// Where the workspace is told about its budgets.
    ///
    /// # Errors
    /// When the caller may not.
    pub async fn budget_webhook(&self, caller: &Caller) -> Result<Option<BudgetWebhook>, Error> {
        require(caller, Permission::CredentialsRead)?;
        Ok(self.inner.store.budget_webhook(caller.workspace).await?)
    }

    /// Sets where the workspace is told about its budgets. The new secret that its requests are signed with: it is shown once.
    ///
    /// # Errors
    /// When the caller may not, or the URL is none.
    pub async fn set_budget_webhook(
        &self,
        caller: &Caller,
        url: String,
    ) -> Result<(BudgetWebhook, Secret<String>), Error> {
        let change = move |service: Self, caller: Caller| async move {
            require(&caller, Permission::CredentialsWrite)?;
            check_text(&url, "/url", URL)?;
            if target_host(&url).is_none() {
                let detail = "an http or https URL without a user name is needed";
                return Err(Error::field("invalid_url", "/url", detail));
            }
            let secret = token::generate(SECRET).map_err(Error::internal)?;
            let vault = &service.inner.vault;
            let webhook = BudgetWebhook {
                url,
                sealed: vault.seal_webhook(caller.workspace, &secret).await?,
                updated_at: service.now(),
            };
            service.keep_webhook(&caller, Some(&webhook)).await?;
            Ok((webhook, secret))
        };
        self.complete(caller, change).await
    }

    /// Tells nobody about budgets any more.
    ///
    /// # Errors
    /// When the caller may not.
    pub async fn remove_budget_webhook(&self, caller: &Caller) -> Result<(), Error> {
        let change = move |service: Self, caller: Caller| async move {
            require(&caller, Permission::CredentialsWrite)?;
            service.keep_webhook(&caller, None).await
        };
        self.complete(caller, change).await
    }

    async fn keep_webhook(
        &self,
        caller: &Caller,
        webhook: Option<&BudgetWebhook>,
    ) -> Result<(), Error> {
        let workspace: WorkspaceId = caller.workspace;
        self.inner
            .store
            .set_budget_webhook(workspace, webhook)
            .await?;
        // A URL may hold a secret in its path: only the host is written down.
        let host = webhook.and_then(|webhook| target_host(&webhook.url));
        let detail = json!({"host": host, "at": webhook.map(|webhook: &BudgetWebhook| -> Timestamp { webhook.updated_at })});
        self.audit(caller, "workspace.budget_webhook", workspace, detail)
            .await
    }
}
