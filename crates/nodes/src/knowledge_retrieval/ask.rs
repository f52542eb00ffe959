//! Model calls of the node: each is told to the run, and what it used is added up, whatever comes of it.

use serde_json::{Map, Value as Json};

use latchkey_domain::document::ModelPlace;
use latchkey_engine::node::{Attempt, NodeContext};
use latchkey_engine::selector;
use latchkey_models::{ChatRequest, Message, ModelInstance, ModelRef, Role, WorkflowContext};

use crate::host::{AskedModel, Host};
use crate::model_call::caller;

use super::Error;
use super::config::Model;

/// Whoever asks models for one attempt.
pub(super) struct Asker<'a> {
    host: &'a Host,
    pub(super) context: &'a NodeContext,
    attempt: &'a mut Attempt,
}

impl<'a> Asker<'a> {
    pub(super) const fn new(
        host: &'a Host,
        context: &'a NodeContext,
        attempt: &'a mut Attempt,
    ) -> Self {
        Self {
            host,
            context,
            attempt,
        }
    }

    /// Who asks, as the ledger has it.
    pub(super) fn caller(&self) -> WorkflowContext {
        caller(self.context)
    }

    /// A model that the node names, with its own say about who pays, rendered strictly.
    pub(super) fn instance(&self, place: &ModelPlace) -> ModelInstance {
        let context = self.context;
        let model = ModelRef {
            provider: place.provider.clone(),
            model: place.model.clone(),
            model_type: place.model_type,
            selector_source: place.selector.clone(),
            rendered: selector::render(&place.selector, &context.pool, &context.entry),
        };
        let instance = self.host.models.model_instance(&self.caller(), &model);
        instance.stopped_by(context.cancel.clone())
    }

    /// Asks a language model and answers its whole text.
    pub(super) async fn chat(
        &mut self,
        model: &Model,
        system: &str,
        user: &str,
    ) -> Result<String, Error> {
        let name = &model.place.model;
        let request = ChatRequest {
            messages: vec![
                Message::text(Role::System, system),
                Message::text(Role::User, user),
            ],
            parameters: model.parameters.clone(),
            user: self.context.run.end_user.clone(),
            ..ChatRequest::default()
        };
        let mut stream = match self.instance(&model.place).invoke(request).await {
            Ok(stream) => stream,
            Err(error) => {
                self.note(AskedModel::failed(name, &error)).await;
                return Err(error.into());
            }
        };
        let mut said = String::new();
        let mut ended = Ok(());
        while let Some(chunk) = stream.next().await {
            match chunk {
                Ok(chunk) => said.push_str(&chunk.text),
                Err(error) => ended = Err(error),
            }
        }
        if let Some(report) = stream.report() {
            let call = AskedModel::of(name, Some(stream.resolution()), report);
            self.note(call).await;
        }
        ended?;
        Ok(said)
    }

    /// Takes note of a call.
    pub(super) async fn note(&mut self, asked: AskedModel) {
        let AskedModel {
            call,
            model,
            resolution,
            usage,
        } = asked;
        self.attempt.usage.add(&usage);
        if let (Some(call), Some(resolution)) = (call, &resolution) {
            let sink = &self.context.sink;
            let attempt = self.context.attempt;
            sink.model_call(call, &model, attempt, resolution.clone())
                .await;
        }
        if resolution.is_some() {
            self.attempt.resolution = resolution;
        }
    }

    /// Keeps something for people.
    pub(super) fn keep(&mut self, name: &str, value: Json) {
        let told: &mut Map<String, Json> = &mut self.attempt.process_data;
        told.insert(name.to_owned(), value);
    }
}
