//! The ledger: its rows, opened, closed and read.

use latchkey_domain::credential::{Environment, Finding, Level, Principal};
use latchkey_domain::id::{
    CredentialId, ModelCallId, NodeExecutionId, NodeId, RunId, WorkflowId, WorkspaceId,
};
use latchkey_domain::ledger::{
    CallOutcome, ModelCall, ModelCallEnd, ModelCallStart, Money, Price, Reservation, Tokens,
    UsageSource,
};
use latchkey_domain::provider::{ModelType, ProviderId};
use latchkey_domain::time::Timestamp;
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use uuid::Uuid;

use crate::codec::{self, column, count, long, optional, text, value, word};
use crate::entities::model_call;
use crate::error::StoreError;
use crate::open::Store;
use crate::page::{Page, Paged};

/// Which rows of the ledger are wanted.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct CallFilter {
    /// Of one run.
    pub run: Option<RunId>,
    /// Paid by one credential.
    pub credential: Option<CredentialId>,
    /// Of one workflow.
    pub workflow: Option<WorkflowId>,
    /// Of one provider.
    pub provider: Option<ProviderId>,
    /// Of one model, by its name.
    pub model: Option<String>,
    /// In one environment.
    pub environment: Option<Environment>,
    /// For one end user, by its label.
    pub end_user: Option<String>,
    /// That ended like this; `Some(None)`: that are open.
    pub outcome: Option<Option<CallOutcome>>,
    /// Opened at this time or later.
    pub from: Option<Timestamp>,
    /// Opened before this time.
    pub to: Option<Timestamp>,
}

impl CallFilter {
    /// The rows of a workspace that fit.
    fn condition(&self, workspace: WorkspaceId) -> Condition {
        use model_call::Column;
        let outcome = self.outcome.map(|outcome| match outcome {
            None => Column::Outcome.is_null(),
            Some(outcome) => Column::Outcome.eq(outcome.as_str()),
        });
        Condition::all()
            .add(Column::WorkspaceId.eq(workspace.uuid()))
            .add_option(self.run.map(|run| Column::RunId.eq(run.uuid())))
            .add_option(self.credential.map(|id| Column::CredentialId.eq(id.uuid())))
            .add_option(self.workflow.map(|id| Column::WorkflowId.eq(id.uuid())))
            .add_option(
                self.provider
                    .as_ref()
                    .map(|id| Column::Provider.eq(id.as_str())),
            )
            .add_option(self.model.as_ref().map(|name| Column::Model.eq(&**name)))
            .add_option(
                self.environment
                    .as_ref()
                    .map(|it| Column::Environment.eq(&*it.0)),
            )
            .add_option(
                self.end_user
                    .as_ref()
                    .map(|label| Column::EndUser.eq(&**label)),
            )
            .add_option(outcome)
            .add_option(self.from.map(|time| Column::OpenedAt.gte(time.millis())))
            .add_option(self.to.map(|time| Column::OpenedAt.lt(time.millis())))
    }
}

impl Store {
    /// Rows of the ledger.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn model_calls(
        &self,
        workspace: WorkspaceId,
        filter: &CallFilter,
        page: Page,
    ) -> Result<Paged<ModelCall>, StoreError> {
        let mut find = model_call::Entity::find().filter(filter.condition(workspace));
        if let Some(after) = page.after {
            find = find.filter(model_call::Column::Id.lt(after));
        }
        let rows = find
            .order_by_desc(model_call::Column::Id)
            .limit(page.limit + 1)
            .all(&self.read)
            .await?;
        Paged::of(rows, page, |row| row.id).try_map(call_of)
    }

    /// The workflows whose calls a credential has paid for, with the time of the last one, the latest first. A call that
    /// belonged to no workflow is one of none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn paid_for(
        &self,
        workspace: WorkspaceId,
        credential: CredentialId,
    ) -> Result<Vec<(Option<WorkflowId>, Option<String>, Timestamp)>, StoreError> {
        use model_call::Column;
        let rows: Vec<(Option<Uuid>, Option<String>, i64)> = model_call::Entity::find()
            .select_only()
            .column(Column::WorkflowId)
            .column_as(Column::WorkflowName.max(), "name")
            .column_as(Column::OpenedAt.max(), "last")
            .filter(Column::WorkspaceId.eq(workspace.uuid()))
            .filter(Column::CredentialId.eq(credential.uuid()))
            .filter(
                Condition::any()
                    .add(Column::Outcome.is_null())
                    .add(Column::Outcome.ne(CallOutcome::Refused.as_str())),
            )
            .group_by(Column::WorkflowId)
            .into_tuple()
            .all(&self.read)
            .await?;
        let mut found: Vec<_> = rows
            .into_iter()
            .map(|(workflow, name, last)| (workflow.map(WorkflowId::new), name, codec::time(last)))
            .collect();
        found.sort_by_key(|(_, _, last)| std::cmp::Reverse(*last));
        Ok(found)
    }
}

/// A row that is open.
pub(crate) fn row_of(start: &ModelCallStart) -> Result<model_call::Model, StoreError> {
    Ok(model_call::Model {
        id: start.id.uuid(),
        workspace_id: start.workspace.uuid(),
        workflow_id: start.workflow.map(WorkflowId::uuid),
        workflow_name: start.workflow_name.clone(),
        version: start.version.map(i64::from),
        run_id: start.run.map(RunId::uuid),
        epoch: start.epoch.into(),
        node_id: start.node.as_ref().map(ToString::to_string),
        node_execution_id: start.node_execution.map(NodeExecutionId::uuid),
        iteration_path: text(&start.iteration_path)?,
        attempt: start.attempt.into(),
        environment: start.environment.0.clone(),
        end_user: start.end_user.clone(),
        caller: text(&start.caller)?,
        api_key_id: match start.caller {
            Principal::ApiKey(id) => Some(id.uuid()),
            Principal::Member(_) | Principal::Operator => None,
        },
        credential_id: start.credential.map(CredentialId::uuid),
        credential_name: start.credential_name.clone(),
        credential_version: start.credential_version.map(i64::from),
        credential_revision: start.credential_revision.map(i64::from),
        level: start.level.map(|level| level.as_str().to_owned()),
        provider: start.provider.to_string(),
        model: start.model.clone(),
        model_type: start.model_type.as_str().to_owned(),
        price: start.price.as_ref().map(text).transpose()?,
        opened_at: start.at.millis(),
        outcome: None,
        error_code: None,
        http_status: None,
        input_tokens: 0,
        cache_read_tokens: 0,
        cache_write_tokens: 0,
        output_tokens: 0,
        reasoning_tokens: 0,
        usage_source: None,
        raw_usage: None,
        provider_request_id: None,
        latency_ms: None,
        first_token_ms: None,
        closed_at: None,
        currency: None,
        amount: None,
        inline: start.inline.clone(),
        reserved_input: column(start.reserved.input),
        reserved_output: column(start.reserved.output),
        governed: 0,
        watched: 0,
    })
}

/// Closes an open row; the amount is frozen.
pub(crate) fn close(row: &mut model_call::Model, end: &ModelCallEnd) -> Result<(), StoreError> {
    let price: Option<Price> = optional(row.price.as_ref())?;
    if let Some(price) = price {
        if let Some(cost) = end.cost(&price) {
            row.currency = Some(cost.currency);
            row.amount = Some(cost.amount.to_string());
        }
        // Sums are made at one price for many calls, so the one that this call paid is what stays. Of a call that got lost nobody
        // knows which it was: what was set aside for it counts, at all of them.
        if end.usage_source != UsageSource::Lost {
            row.price = Some(text(&price.for_question(end.tokens.prompt()))?);
        }
    }
    row.outcome = Some(end.outcome.as_str().to_owned());
    row.error_code.clone_from(&end.error_code);
    row.http_status = end.http_status.map(i64::from);
    row.input_tokens = column(end.tokens.input);
    row.cache_read_tokens = column(end.tokens.cache_read);
    row.cache_write_tokens = column(end.tokens.cache_write);
    row.output_tokens = column(end.tokens.output);
    row.reasoning_tokens = column(end.tokens.reasoning);
    row.usage_source = Some(end.usage_source.as_str().to_owned());
    row.raw_usage = end.raw_usage.as_ref().map(text).transpose()?;
    row.provider_request_id.clone_from(&end.provider_request_id);
    row.latency_ms = Some(column(end.latency_ms));
    row.first_token_ms = end.first_token_ms.map(column);
    row.closed_at = Some(end.at.millis());
    Ok(())
}

fn call_of(row: model_call::Model) -> Result<ModelCall, StoreError> {
    let small = |number: i64| i32::try_from(number).unwrap_or(i32::MAX);
    let level = |text: &String| {
        let known = Level::ORDER.into_iter().chain([Level::NotNeeded]);
        word(text, |word| {
            known.clone().find(|level| level.as_str() == word)
        })
    };
    let model_type: ModelType = value(&format!("{:?}", row.model_type))?;
    let cost = match (&row.currency, &row.amount) {
        (Some(currency), Some(amount)) => Some(Money {
            currency: currency.clone(),
            amount: amount
                .parse()
                .map_err(|_| StoreError::Corrupt("an amount is no number".to_owned()))?,
        }),
        (_, _) => None,
    };
    let end = end_of(&row)?;
    Ok(ModelCall {
        start: ModelCallStart {
            id: ModelCallId::new(row.id),
            workspace: WorkspaceId::new(row.workspace_id),
            workflow: row.workflow_id.map(WorkflowId::new),
            workflow_name: row.workflow_name,
            version: row.version.map(count),
            run: row.run_id.map(RunId::new),
            epoch: count(row.epoch),
            node: row.node_id.as_deref().map(NodeId::new),
            node_execution: row.node_execution_id.map(NodeExecutionId::new),
            iteration_path: value(&row.iteration_path)?,
            attempt: count(row.attempt),
            environment: Environment(row.environment),
            end_user: row.end_user,
            caller: value(&row.caller)?,
            credential: row.credential_id.map(CredentialId::new),
            credential_name: row.credential_name,
            credential_version: row.credential_version.map(small),
            credential_revision: row.credential_revision.map(small),
            inline: row.inline,
            level: row.level.as_ref().map(level).transpose()?,
            provider: ProviderId::normalise(&row.provider),
            model: row.model,
            model_type,
            price: optional(row.price.as_ref())?,
            reserved: Reservation {
                input: long(row.reserved_input),
                output: long(row.reserved_output),
            },
            at: codec::time(row.opened_at),
        },
        end,
        cost,
    })
}

fn end_of(row: &model_call::Model) -> Result<Option<ModelCallEnd>, StoreError> {
    let (Some(outcome), Some(at)) = (&row.outcome, row.closed_at) else {
        return Ok(None);
    };
    Ok(Some(ModelCallEnd {
        outcome: word(outcome, CallOutcome::parse)?,
        error_code: row.error_code.clone(),
        http_status: row
            .http_status
            .and_then(|status| u16::try_from(status).ok()),
        tokens: tokens_of(row),
        usage_source: word(
            row.usage_source.as_deref().unwrap_or("none"),
            UsageSource::parse,
        )?,
        raw_usage: optional(row.raw_usage.as_ref())?,
        provider_request_id: row.provider_request_id.clone(),
        latency_ms: row.latency_ms.map(long).unwrap_or_default(),
        first_token_ms: row.first_token_ms.map(long),
        finding: Finding::Nothing,
        at: codec::time(at),
    }))
}

pub(crate) fn tokens_of(row: &model_call::Model) -> Tokens {
    Tokens {
        input: long(row.input_tokens),
        cache_read: long(row.cache_read_tokens),
        cache_write: long(row.cache_write_tokens),
        output: long(row.output_tokens),
        reasoning: long(row.reasoning_tokens),
    }
}
