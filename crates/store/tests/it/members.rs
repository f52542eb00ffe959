//! Members, their sessions and invitations: an owner always stays, and what was ended has ended.

use std::collections::BTreeSet;

use latchkey_domain::access::ApiKey;
use latchkey_domain::credential::Principal;
use latchkey_domain::id::{InvitationId, MemberId, SessionId, WorkspaceId};
use latchkey_domain::member::{Email, Invitation, Member, Role};
use latchkey_store::{MemberChange, MemberError, Page, Session, StoreError};

use crate::samples::{self, NOW};
use crate::world::{World, on_both};

const PAGE: Page = Page::first(50);

fn member(workspace: WorkspaceId, name: &str, role: Role) -> Member {
    Member {
        id: MemberId::new(samples::id()),
        workspace,
        name: name.to_owned(),
        email: Email::parse(&format!("{name}@example.com")).unwrap(),
        role,
        disabled_at: None,
        created_at: NOW,
        seen_at: None,
    }
}

fn invitation(of: &Member, by: Principal) -> Invitation {
    Invitation {
        id: InvitationId::new(samples::id()),
        workspace: of.workspace,
        email: of.email.clone(),
        role: of.role,
        invited_by: by,
        created_at: NOW,
        expires_at: NOW.plus_millis(1_000),
    }
}

fn session(of: &Member) -> Session {
    Session {
        id: SessionId::new(samples::id()),
        workspace: of.workspace,
        member: of.id,
        created_at: NOW,
        used_at: NOW,
        expires_at: NOW.plus_millis(1_000),
    }
}

/// The owner of our workspace.
async fn owner(world: &World) -> Member {
    let ada = member(world.workspace, "ada", Role::Owner);
    world.store.set_up_owner(&ada, "hash of ada").await.unwrap()
}

/// Somebody who was invited.
async fn joined(world: &World, name: &str, role: Role) -> Member {
    let new = member(world.workspace, name, role);
    let open = invitation(&new, samples::SOMEBODY);
    let store = &world.store;
    store.insert_invitation(&open, name).await.unwrap();
    store
        .accept_invitation(open.id, &new, "hash")
        .await
        .unwrap();
    new
}

fn role(role: Role) -> MemberChange {
    MemberChange {
        role: Some(role),
        ..MemberChange::default()
    }
}

#[tokio::test]
async fn a_workspace_is_set_up_once() {
    on_both(async |world| {
        let store = &world.store;
        assert!(!store.has_owner(world.workspace).await.unwrap());
        let ada = owner(world).await;
        assert!(store.has_owner(world.workspace).await.unwrap());
        let again = member(world.workspace, "eve", Role::Owner);
        let again = store.set_up_owner(&again, "x").await;
        assert_eq!(again, Err(StoreError::Changed));
        let found = store.member_by_email(&ada.email).await.unwrap();
        assert_eq!(found, Some((ada, "hash of ada".to_owned())));
        let theirs = world.neighbour().await;
        assert!(!store.has_owner(theirs).await.unwrap());
        let same = member(theirs, "ada", Role::Owner);
        let same = store.set_up_owner(&same, "x").await;
        assert_eq!(same, Err(StoreError::Taken), "one address, one account");
    })
    .await;
}

#[tokio::test]
async fn an_owner_who_can_log_in_is_always_left() {
    on_both(async |world| {
        let (store, ours) = (&world.store, world.workspace);
        let ada = owner(world).await;
        let last = Err(MemberError::LastOwner);
        let disabled = MemberChange {
            disabled_at: Some(Some(NOW)),
            ..MemberChange::default()
        };
        let demoted = store.change_member(ours, ada.id, &role(Role::Admin)).await;
        assert_eq!(demoted, last);
        assert_eq!(store.change_member(ours, ada.id, &disabled).await, last);
        assert_eq!(store.remove_member(ours, ada.id, NOW).await, last);
        let bob = joined(world, "bob", Role::Owner).await;
        store.change_member(ours, bob.id, &disabled).await.unwrap();
        assert_eq!(store.remove_member(ours, ada.id, NOW).await, last);
        let kept = store.member(ours, ada.id).await.unwrap().unwrap();
        assert_eq!(kept, ada, "nothing of it was kept");
    })
    .await;
}

#[tokio::test]
async fn two_owners_who_dismiss_each_other_at_the_same_time_leave_one() {
    on_both(async |world| {
        let (store, ours) = (&world.store, world.workspace);
        for round in 0..8 {
            let ada = match round {
                0 => owner(world).await,
                _ => joined(world, &format!("ada{round}"), Role::Owner).await,
            };
            let bob = joined(world, &format!("bob{round}"), Role::Owner).await;
            let all = store.members(ours, PAGE).await.unwrap().rows;
            for other in all.iter().filter(|one| ![ada.id, bob.id].contains(&one.id)) {
                store.remove_member(ours, other.id, NOW).await.unwrap();
            }
            let demote = role(Role::Admin);
            let both = tokio::join!(
                store.change_member(ours, ada.id, &demote),
                store.change_member(ours, bob.id, &demote)
            );
            let done = [both.0.is_ok(), both.1.is_ok()];
            assert_eq!(done.iter().filter(|done| **done).count(), 1, "{both:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn whose_rights_change_is_logged_out_and_invites_nobody() {
    on_both(async |world| {
        let (store, ours) = (&world.store, world.workspace);
        owner(world).await;
        let bob = joined(world, "bob", Role::Admin).await;
        let begin = async |hash: &str| store.insert_session(&session(&bob), hash).await;
        begin("one").await.unwrap();
        let guest = member(ours, "guest", Role::Viewer);
        let open = invitation(&guest, Principal::Member(bob.id));
        store.insert_invitation(&open, "link").await.unwrap();
        let renamed = MemberChange {
            name: Some("Bob".to_owned()),
            ..MemberChange::default()
        };
        store.change_member(ours, bob.id, &renamed).await.unwrap();
        assert!(store.session_by_hash("one").await.unwrap().is_some());
        let editor = role(Role::Editor);
        store.change_member(ours, bob.id, &editor).await.unwrap();
        assert_eq!(store.session_by_hash("one").await.unwrap(), None);
        assert_eq!(store.invitation_by_hash("link").await.unwrap(), None);
        begin("two").await.unwrap();
        let disabled = MemberChange {
            disabled_at: Some(Some(NOW)),
            ..MemberChange::default()
        };
        store.change_member(ours, bob.id, &disabled).await.unwrap();
        assert_eq!(store.session_by_hash("two").await.unwrap(), None);
        assert_eq!(begin("three").await, Err(StoreError::NotFound));
    })
    .await;
}

#[tokio::test]
async fn whoever_is_removed_stays_as_a_name_and_frees_the_address() {
    on_both(async |world| {
        let (store, ours) = (&world.store, world.workspace);
        owner(world).await;
        let bob = joined(world, "bob", Role::Editor).await;
        let key = ApiKey {
            member: Some(bob.id),
            ..samples::api_key(ours)
        };
        store.insert_api_key(&key, "key").await.unwrap();
        let other = samples::api_key(ours);
        store.insert_api_key(&other, "other").await.unwrap();
        store.insert_session(&session(&bob), "one").await.unwrap();
        store.remove_member(ours, bob.id, NOW).await.unwrap();
        assert_eq!(store.member(ours, bob.id).await.unwrap(), None);
        assert_eq!(store.session_by_hash("one").await.unwrap(), None);
        assert_eq!(store.api_key_by_hash("key").await.unwrap(), None);
        assert!(store.api_key_by_hash("other").await.unwrap().is_some());
        let again = store.remove_member(ours, bob.id, NOW).await;
        assert_eq!(again, Err(MemberError::Store(StoreError::NotFound)));
        let names = store.member_names(ours, &[bob.id]).await.unwrap();
        assert_eq!(names, [(bob.id, "bob".to_owned())]);
        let back = joined(world, "bob", Role::Viewer).await;
        let found = store.member_by_email(&bob.email).await.unwrap().unwrap();
        assert_eq!(found.0.id, back.id);
    })
    .await;
}

#[tokio::test]
async fn another_password_ends_all_sessions_but_one() {
    on_both(async |world| {
        let store = &world.store;
        let ada = owner(world).await;
        let (mine, other) = (session(&ada), session(&ada));
        store.insert_session(&mine, "mine").await.unwrap();
        store.insert_session(&other, "other").await.unwrap();
        let change = store.set_password(world.workspace, ada.id, "new", Some(mine.id));
        change.await.unwrap();
        let (found, who) = store.session_by_hash("mine").await.unwrap().unwrap();
        assert_eq!((found, who.seen_at), (mine, Some(NOW)));
        assert_eq!(store.session_by_hash("other").await.unwrap(), None);
        let known = store.member_by_email(&ada.email).await.unwrap().unwrap();
        assert_eq!(known.1, "new");
        let later = NOW.plus_millis(500);
        store.touch_session(&mine, later).await.unwrap();
        let (used, who) = store.session_by_hash("mine").await.unwrap().unwrap();
        assert_eq!((used.used_at, who.seen_at), (later, Some(later)));
        store.delete_session(mine.id).await.unwrap();
        assert_eq!(store.session_by_hash("mine").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn sessions_whose_time_is_over_go_away_with_the_next_login() {
    on_both(async |world| {
        let store = &world.store;
        let ada = owner(world).await;
        store.insert_session(&session(&ada), "old").await.unwrap();
        let new = Session {
            created_at: NOW.plus_millis(1_000),
            expires_at: NOW.plus_millis(2_000),
            ..session(&ada)
        };
        store.insert_session(&new, "new").await.unwrap();
        assert_eq!(store.session_by_hash("old").await.unwrap(), None);
        assert!(store.session_by_hash("new").await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn an_invitation_is_accepted_once_and_replaced_by_a_newer_one() {
    on_both(async |world| {
        let (store, ours) = (&world.store, world.workspace);
        let bob = member(ours, "bob", Role::Editor);
        let (first, second) = (
            invitation(&bob, samples::SOMEBODY),
            invitation(&bob, samples::SOMEBODY),
        );
        store.insert_invitation(&first, "first").await.unwrap();
        store.insert_invitation(&second, "second").await.unwrap();
        assert_eq!(store.invitation_by_hash("first").await.unwrap(), None);
        let listed = store.invitations(ours, NOW, PAGE).await.unwrap();
        assert_eq!(listed.rows, std::slice::from_ref(&second));
        let over = store.invitations(ours, second.expires_at, PAGE).await;
        assert_eq!(over.unwrap().rows, []);
        let more = Member {
            role: Role::Owner,
            ..bob.clone()
        };
        let more = store.accept_invitation(second.id, &more, "x").await;
        assert_eq!(more, Err(StoreError::NotFound), "another role");
        let accept = async || store.accept_invitation(second.id, &bob, "x").await;
        let both = tokio::join!(accept(), accept());
        let done: BTreeSet<_> = [both.0.is_ok(), both.1.is_ok()].into();
        assert_eq!(done, BTreeSet::from([true, false]), "{both:?}");
        assert_eq!(store.members(ours, PAGE).await.unwrap().rows, [bob]);
    })
    .await;
}

#[tokio::test]
async fn a_stranger_finds_and_changes_nobody() {
    on_both(async |world| {
        let (store, theirs) = (&world.store, world.neighbour().await);
        let ada = owner(world).await;
        joined(world, "bob", Role::Owner).await;
        let guest = member(world.workspace, "guest", Role::Viewer);
        let open = invitation(&guest, samples::SOMEBODY);
        store.insert_invitation(&open, "link").await.unwrap();
        let key = samples::api_key(world.workspace);
        store.insert_api_key(&key, "key").await.unwrap();
        assert_eq!(store.members(theirs, PAGE).await.unwrap().rows, []);
        assert_eq!(store.member(theirs, ada.id).await.unwrap(), None);
        assert_eq!(store.member_names(theirs, &[ada.id]).await.unwrap(), []);
        assert_eq!(store.api_key_names(theirs, &[key.id]).await.unwrap(), []);
        let found = store.api_key_names(world.workspace, &[key.id]).await;
        assert_eq!(found.unwrap().len(), 1);
        assert_eq!(store.invitations(theirs, NOW, PAGE).await.unwrap().rows, []);
        assert_eq!(store.invitation(theirs, open.id).await.unwrap(), None);
        let gone = store.delete_invitation(theirs, open.id).await;
        assert_eq!(gone, Err(StoreError::NotFound));
        let none = MemberError::Store(StoreError::NotFound);
        let changed = store
            .change_member(theirs, ada.id, &role(Role::Admin))
            .await;
        assert_eq!(changed, Err(none.clone()));
        let removed = store.remove_member(theirs, ada.id, NOW).await;
        assert_eq!(removed, Err(none));
        let password = store.set_password(theirs, ada.id, "x", None).await;
        assert_eq!(password, Err(StoreError::NotFound));
        let kept = store.member_by_email(&ada.email).await.unwrap();
        assert_eq!(kept, Some((ada, "hash of ada".to_owned())));
        let kept = store.invitation(world.workspace, open.id).await.unwrap();
        assert_eq!(kept, Some(open));
    })
    .await;
}
