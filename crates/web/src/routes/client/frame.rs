//! Loads what stands around every page.

use app::notifications::{self, Filter, NotificationKind};
use domain::account::Role;

use super::member::Member;
use crate::pages::client::{Frame, Place};
use crate::paths;
use crate::routes::{Shared, present, site_called};

/// More are not counted.
const MOST_UNREAD: i64 = 99;
/// Lists beside a timeline.
const LISTS: usize = 12;

/// The frame of a page of this person.
pub(in crate::routes) async fn frame(
    app: &Shared,
    member: &Member,
    place: Place,
) -> app::Result<Frame> {
    let me = member.id();
    let filter = every_kind();
    let unread = notifications::unread_groups(app, me, filter, grouped(), MOST_UNREAD).await?;
    let requests = app::relations::pending_requests(app, me).await?;
    let lists = app::lists::all(app, me).await?;
    let title = app::setup::title(app).await?;
    Ok(Frame {
        unread: present::number(unread),
        requests: present::number(requests),
        lists: lists
            .into_iter()
            .take(LISTS)
            .map(|list| (list.title, format!("/lists/{}", list.id)))
            .collect(),
        ..bare(app, member, place, title)
    })
}

/// The frame of a part of a page: nothing of it is shown, but forms need its key.
pub(in crate::routes) fn bare(app: &Shared, member: &Member, place: Place, title: String) -> Frame {
    let me = &member.me;
    let account = present::account(app, &me.account);
    Frame {
        site: site_called(app, title),
        me: account,
        csrf_token: member.visitor.form_key(app).token,
        here: member.here.clone(),
        place,
        unread: 0,
        requests: 0,
        staff_path: match me.user.role {
            Role::Admin | Role::Owner => Some(paths::DASHBOARD),
            Role::Moderator => Some("/dashboard/reports"),
            Role::Member => None,
        },
        lists: Vec::new(),
    }
}

/// All kinds of notifications.
pub(super) fn every_kind() -> Filter {
    Filter { kinds: NotificationKind::ALL.to_vec(), include_filtered: false, from: None }
}

/// Kinds of which many are shown as one.
pub(super) fn grouped() -> Vec<NotificationKind> {
    vec![NotificationKind::Favourite, NotificationKind::Boost, NotificationKind::Follow]
}
