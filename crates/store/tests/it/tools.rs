//! Tool providers and what tools are bound to.

use latchkey_domain::id::{ToolProviderId, WorkflowId};
use latchkey_domain::tool::{ToolAuth, ToolBinding, ToolProvider, ToolSource, ToolTarget};
use latchkey_store::StoreError;

use crate::samples::{self, NOW};
use crate::world::{World, on_both};

/// A provider that is an MCP server.
pub(crate) fn provider(world: &World, name: &str) -> ToolProvider {
    ToolProvider {
        id: ToolProviderId::new(samples::id()),
        workspace: world.workspace,
        name: name.to_owned(),
        description: "Tools".to_owned(),
        source: ToolSource::Mcp {
            url: "https://mcp.test/".to_owned(),
            tools: Vec::new(),
        },
        auth: ToolAuth::Bearer,
        revision: 1,
        created_at: NOW,
        updated_at: NOW,
    }
}

/// A binding to a tool of this provider.
pub(crate) fn binding(target: &str) -> ToolBinding {
    ToolBinding {
        provider: "jina".to_owned(),
        tool: Some("jina_reader".to_owned()),
        target: ToolTarget {
            provider: target.to_owned(),
            tool: None,
        },
        parameters: [("url".to_owned(), "address".to_owned())].into(),
    }
}

#[tokio::test]
async fn a_provider_is_kept_found_and_forgotten() {
    on_both(async |world| {
        let (store, ours) = (&world.store, world.workspace);
        let (one, two) = (provider(world, "one"), provider(world, "two"));
        for new in [&one, &two] {
            assert_eq!(store.insert_tool_provider(new).await, Ok(()));
        }
        let taken = store.insert_tool_provider(&provider(world, "one")).await;
        assert_eq!(taken, Err(StoreError::Taken));
        let all = store.tool_providers(ours).await.unwrap();
        assert_eq!(all, [two.clone(), one.clone()]);
        let by_name = store.tool_provider_by_name(ours, "two").await.unwrap();
        assert_eq!(by_name, Some(two));
        assert_eq!(store.delete_tool_provider(ours, one.id).await, Ok(()));
        let again = store.delete_tool_provider(ours, one.id).await;
        assert_eq!(again, Err(StoreError::NotFound));
        assert_eq!(store.tool_provider(ours, one.id).await, Ok(None));
    })
    .await;
}

#[tokio::test]
async fn a_provider_is_changed_from_its_last_revision_only() {
    on_both(async |world| {
        let store = &world.store;
        let old = provider(world, "one");
        store.insert_tool_provider(&old).await.unwrap();
        let new = ToolProvider {
            auth: ToolAuth::Basic,
            revision: 2,
            ..old.clone()
        };
        assert_eq!(store.change_tool_provider(&new).await, Ok(()));
        let late = store.change_tool_provider(&new).await;
        assert_eq!(late, Err(StoreError::Changed));
        let kept = store.tool_provider(world.workspace, old.id).await;
        assert_eq!(kept, Ok(Some(new)));
    })
    .await;
}

#[tokio::test]
async fn bindings_of_a_workflow_stand_beside_those_of_the_workspace() {
    on_both(async |world| {
        let (store, ours) = (&world.store, world.workspace);
        let workflow = Some(WorkflowId::new(samples::id()));
        for place in [None, workflow] {
            let found = store.tool_bindings(ours, place).await.unwrap();
            assert_eq!(found, (Vec::new(), 0));
            let all = [binding("one")];
            let first = store.replace_tool_bindings(ours, place, Some(0), &all, NOW);
            assert_eq!(first.await, Ok(1));
            let late = store.replace_tool_bindings(ours, place, Some(0), &[], NOW);
            assert_eq!(late.await, Err(StoreError::Changed));
        }
        let second = store.replace_tool_bindings(ours, workflow, None, &[], NOW);
        assert_eq!(second.await, Ok(2));
        let of_workspace = store.tool_bindings(ours, None).await.unwrap();
        assert_eq!(of_workspace, (vec![binding("one")], 1));
    })
    .await;
}
