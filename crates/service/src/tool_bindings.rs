//! What the tools of documents are bound to, in a workspace or in one of its workflows: effective at the next use.

use std::collections::BTreeSet;

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::id::WorkflowId;
use latchkey_domain::tool::ToolBinding;
use serde_json::json;

use crate::error::{Error, ErrorItem, ErrorKind};
use crate::{Service, require};

/// The most bindings of a workspace or a workflow.
const MOST: usize = 500;

/// Bindings and their revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolBindings {
    /// Those of the workflow, or of the workspace.
    pub bindings: Vec<ToolBinding>,
    /// Raised by every change.
    pub revision: u32,
}

impl Service {
    /// The bindings of a workflow, or of the workspace.
    ///
    /// # Errors
    /// When the caller may not, or there is no such workflow.
    pub async fn tool_bindings(
        &self,
        caller: &Caller,
        workflow: Option<WorkflowId>,
    ) -> Result<ToolBindings, Error> {
        require(caller, Permission::WorkflowsRead)?;
        self.check_reach(caller, workflow).await?;
        let store = &self.inner.store;
        let (bindings, revision) = store.tool_bindings(caller.workspace, workflow).await?;
        Ok(ToolBindings { bindings, revision })
    }

    /// Replaces the bindings of a workflow, or of the workspace, if they are still at the expected revision.
    ///
    /// # Errors
    /// When the caller may not, a target is nothing that can be used, with every place, or they were changed meanwhile.
    pub async fn put_tool_bindings(
        &self,
        caller: &Caller,
        workflow: Option<WorkflowId>,
        expected: Option<u32>,
        bindings: Vec<ToolBinding>,
    ) -> Result<ToolBindings, Error> {
        let change = move |service: Self, caller: Caller| async move {
            require(&caller, Permission::WorkflowsWrite)?;
            service.check_reach(&caller, workflow).await?;
            service.check_bindings(&caller, &bindings).await?;
            let (store, now) = (&service.inner.store, service.now());
            let workspace = caller.workspace;
            let replaced = store
                .replace_tool_bindings(workspace, workflow, expected, &bindings, now)
                .await;
            let revision = replaced?;
            let subject = workflow.map_or_else(|| "workspace".to_owned(), |id| id.to_string());
            let detail = json!({"bindings": bindings});
            service
                .audit(&caller, "tool_bindings.replace", subject, detail)
                .await?;
            Ok(ToolBindings { bindings, revision })
        };
        self.complete(caller, change).await
    }

    /// An app's key reaches its own workflow only.
    async fn check_reach(
        &self,
        caller: &Caller,
        workflow: Option<WorkflowId>,
    ) -> Result<(), Error> {
        match workflow {
            Some(id) => self.visible(caller, id).await.map(drop),
            None if caller.workflow.is_none() => Ok(()),
            None => {
                let detail = "an app's key reaches the bindings of its own workflow only";
                Err(Error::new(ErrorKind::Forbidden, "forbidden", detail))
            }
        }
    }

    async fn check_bindings(&self, caller: &Caller, bindings: &[ToolBinding]) -> Result<(), Error> {
        if bindings.len() > MOST {
            let detail = format!("at most {MOST} bindings");
            return Err(Error::field("invalid_input", "/bindings", detail));
        }
        let mut wrong = Vec::new();
        let mut known = BTreeSet::new();
        for (place, binding) in bindings.iter().enumerate() {
            let at = |field: &str| Some(format!("/bindings/{place}{field}"));
            let mut tell = |code: &str, field: &str, message: String| {
                wrong.push(ErrorItem {
                    code: code.to_owned(),
                    message,
                    pointer: at(field),
                    ..ErrorItem::default()
                });
            };
            if binding.provider.is_empty() || binding.tool.as_deref() == Some("") {
                tell(
                    "invalid_input",
                    "",
                    "a provider, and a tool or none, are needed".to_owned(),
                );
            }
            if !known.insert((&binding.provider, &binding.tool)) {
                tell("invalid_input", "", "this tool is bound twice".to_owned());
            }
            if let Some((code, field, message)) = self.wrong_target(caller, binding).await? {
                tell(code, field, message);
            }
        }
        match wrong.first() {
            None => Ok(()),
            Some(first) => {
                let refused = Error::unprocessable(&first.code.clone(), first.message.clone());
                Err(refused.with(wrong))
            }
        }
    }

    /// What is wrong with the target of a binding: a code, the field and the text.
    async fn wrong_target(
        &self,
        caller: &Caller,
        binding: &ToolBinding,
    ) -> Result<Option<(&'static str, &'static str, String)>, Error> {
        let tool = binding.target.tool.as_deref().or(binding.tool.as_deref());
        let Some(tool) = tool else {
            // All tools of one provider are bound to those of another: only the provider can be looked at.
            return self.wrong_provider(caller, binding).await;
        };
        let target = self
            .target_named(caller.workspace, &binding.target, tool)
            .await?;
        let found = match target {
            Ok(target) => target,
            Err(message) => return Ok(Some(("tool_unknown", "/target", message))),
        };
        let found = crate::tools::Found::plain(found);
        // A workflow that has no published version yet says nothing about its parameters.
        let Ok(definition) = self.definition_of(caller.workspace, &found).await else {
            return Ok(None);
        };
        let unknown = binding.parameters.values().find(|name| {
            let mut declared = definition.parameters.iter();
            declared.all(|parameter| parameter.name != **name)
        });
        Ok(unknown.map(|name| {
            let message = format!("the tool {:?} has no parameter {name:?}", definition.name);
            ("tool_parameter_unknown", "/parameters", message)
        }))
    }

    async fn wrong_provider(
        &self,
        caller: &Caller,
        binding: &ToolBinding,
    ) -> Result<Option<(&'static str, &'static str, String)>, Error> {
        let name = &binding.target.provider;
        if latchkey_nodes::tools::Builtin::is_provider(name) {
            return Ok(None);
        }
        let store = &self.inner.store;
        let found = store.tool_provider_by_name(caller.workspace, name).await?;
        Ok(match found {
            Some(_) => None,
            None => {
                let message = format!("there is no tool provider {name:?}");
                Some(("tool_unknown", "/target/provider", message))
            }
        })
    }
}
