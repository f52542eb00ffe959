//! Members and invitations.

use actix_web::HttpResponse;
use actix_web::web::{Json as Answer, Path};
use latchkey_service::ChangedMember;

use super::Data;
use crate::body::Body;
use crate::caller::Authenticated;
use crate::page::{List, PageQuery, id};
use crate::problem::{Problem, Refusal};
use crate::query::Query;
use crate::views::member::{
    InvitationView, MemberChangeBody, NewInvitationBody, WorkspaceMemberView,
};

/// Lists the members, newest first.
#[utoipa::path(get, path = "/api/v1/members", tag = "members", params(PageQuery),
    responses((status = 200, body = List<WorkspaceMemberView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_members(
    service: Data,
    caller: Authenticated,
    query: Query<PageQuery>,
) -> Result<Answer<List<WorkspaceMemberView>>, Refusal> {
    let page = service.members(&caller.0, query.0.page()?).await?;
    Ok(Answer(List::of(page, WorkspaceMemberView::from)))
}

/// Changes what a member may do.
///
/// Nobody gives or takes a role that may do more than himself, and an owner always stays (`last_owner`).
#[utoipa::path(patch, path = "/api/v1/members/{id}", tag = "members", params(("id" = String, Path)), request_body = MemberChangeBody,
    responses((status = 200, body = WorkspaceMemberView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn change_member(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
    body: Body<MemberChangeBody>,
) -> Result<Answer<WorkspaceMemberView>, Refusal> {
    let change = ChangedMember {
        role: body.0.role,
        disabled: body.0.disabled,
    };
    let id = id(&path, "member")?;
    let member = service.change_member(&caller.0, id, change).await?;
    Ok(Answer(member.into()))
}

/// Removes a member, with sessions and API keys.
#[utoipa::path(delete, path = "/api/v1/members/{id}", tag = "members", params(("id" = String, Path)),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn remove_member(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
) -> Result<HttpResponse, Refusal> {
    let id = id(&path, "member")?;
    service.remove_member(&caller.0, id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Lists the invitations that nobody has accepted yet.
#[utoipa::path(get, path = "/api/v1/invitations", tag = "members", params(PageQuery),
    responses((status = 200, body = List<InvitationView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_invitations(
    service: Data,
    caller: Authenticated,
    query: Query<PageQuery>,
) -> Result<Answer<List<InvitationView>>, Refusal> {
    let page = service.invitations(&caller.0, query.0.page()?).await?;
    Ok(Answer(List::of(page, InvitationView::from)))
}

/// Invites somebody; the answer is the only one that shows the link.
///
/// An older invitation of the same address is withdrawn.
#[utoipa::path(post, path = "/api/v1/invitations", tag = "members", request_body = NewInvitationBody,
    responses((status = 201, body = InvitationView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn create_invitation(
    service: Data,
    caller: Authenticated,
    body: Body<NewInvitationBody>,
) -> Result<HttpResponse, Refusal> {
    let body = body.0;
    let created = service.invite(&caller.0, &body.email, body.role).await?;
    Ok(HttpResponse::Created().json(InvitationView::from(created)))
}

/// Withdraws an invitation.
#[utoipa::path(delete, path = "/api/v1/invitations/{id}", tag = "members", params(("id" = String, Path)),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn delete_invitation(
    service: Data,
    caller: Authenticated,
    path: Path<String>,
) -> Result<HttpResponse, Refusal> {
    let id = id(&path, "invitation")?;
    service.withdraw_invitation(&caller.0, id).await?;
    Ok(HttpResponse::NoContent().finish())
}
