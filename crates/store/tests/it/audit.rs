//! Who changed what, newest first.

use latchkey_store::{AuditEntry, Page};
use serde_json::json;

use crate::samples::{self, NOW, SOMEBODY};
use crate::world::on_both;

#[tokio::test]
async fn changes_are_written_down_and_read_newest_first() {
    on_both(async |world| {
        let entry = |action: &str| AuditEntry {
            id: samples::id(),
            workspace: world.workspace,
            at: NOW,
            actor: SOMEBODY,
            action: action.to_owned(),
            subject: "acme".to_owned(),
            detail: json!({"fields": ["name"]}),
        };
        let (made, changed) = (entry("credential.create"), entry("credential.change"));
        world.store.insert_audit(&made).await.unwrap();
        world.store.insert_audit(&changed).await.unwrap();
        let found = world.store.audit(world.workspace, Page::first(9)).await;
        assert_eq!(found.unwrap().rows, [changed, made]);
    })
    .await;
}
