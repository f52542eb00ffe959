//! Who changed what, newest first.

use latchkey_domain::credential::Principal;
use latchkey_store::{AuditEntry, AuditFilter, Page};
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
        let all = AuditFilter::default();
        let found = world
            .store
            .audit(world.workspace, &all, Page::first(9))
            .await;
        assert_eq!(found.unwrap().rows, [changed, made]);
    })
    .await;
}

#[tokio::test]
async fn changes_are_found_by_what_who_which_and_when() {
    on_both(async |world| {
        let entry = |place: i64, action: &str, subject: &str, actor| AuditEntry {
            id: samples::id(),
            workspace: world.workspace,
            at: NOW.plus_millis(place),
            actor,
            action: action.to_owned(),
            subject: subject.to_owned(),
            detail: json!({}),
        };
        let entries = [
            entry(0, "credential.create", "acme", SOMEBODY),
            entry(1, "credential_pool.create", "acme", Principal::Operator),
            entry(2, "credential.delete", "globex", SOMEBODY),
        ];
        for entry in &entries {
            world.store.insert_audit(entry).await.unwrap();
        }
        let none = AuditFilter::default();
        let (action, subject) = (
            |it: &str| Some(it.to_owned()),
            |it: &str| Some(it.to_owned()),
        );
        for (filter, expected) in [
            (none.clone(), vec![2, 1, 0]),
            (
                AuditFilter {
                    subject: subject("acme"),
                    ..none.clone()
                },
                vec![1, 0],
            ),
            (
                AuditFilter {
                    actor: Some(Principal::Operator),
                    ..none.clone()
                },
                vec![1],
            ),
            (
                AuditFilter {
                    action: action("credential.delete"),
                    ..none.clone()
                },
                vec![2],
            ),
            // All of a kind of thing, and nothing whose name only begins alike.
            (
                AuditFilter {
                    action: action("credential"),
                    ..none.clone()
                },
                vec![2, 0],
            ),
            (
                AuditFilter {
                    action: action("cred%"),
                    ..none.clone()
                },
                vec![],
            ),
            (
                AuditFilter {
                    from: Some(NOW.plus_millis(1)),
                    ..none.clone()
                },
                vec![2, 1],
            ),
            (
                AuditFilter {
                    to: Some(NOW.plus_millis(1)),
                    ..none.clone()
                },
                vec![0],
            ),
        ] {
            let found = world
                .store
                .audit(world.workspace, &filter, Page::first(9))
                .await;
            let found = found.unwrap().rows;
            let expected: Vec<_> = expected.into_iter().map(|at| entries[at].clone()).collect();
            assert_eq!(found, expected, "{filter:?}");
        }
    })
    .await;
}
