//! OAuth scopes in plain words for the consent page.
//!
//! It explains and never decides: which scopes exist and what they open is the API's table. A scope
//! that is not known here is shown by its name, so nothing is ever granted unseen.

/// What kind of power a group of permissions gives, which decides its place and emphasis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Power {
    /// Learn things.
    See,
    /// Do things in the person's name.
    Act,
    /// Receive push notifications.
    Notify,
    /// Moderate or run the server.
    Administer,
    /// Not known to this page.
    Unknown,
}

impl Power {
    /// The group's heading.
    pub fn heading(self) -> &'static str {
        match self {
            Self::See => crate::t().see,
            Self::Act => crate::t().do_in_your_name,
            Self::Notify => crate::t().notify_you,
            Self::Administer => crate::t().run_this_server,
            Self::Unknown => crate::t().other_permissions,
        }
    }

    /// Whether the page should ask for special care.
    pub fn is_risky(self) -> bool {
        matches!(self, Self::Administer | Self::Unknown)
    }
}

/// One group on the consent page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeGroup {
    /// What kind of power this is.
    pub power: Power,
    /// What the app could do, one sentence each.
    pub lines: Vec<String>,
}

/// Explains the requested scopes, grouped, in a fixed order. A parent scope hides its children.
pub fn describe<S: AsRef<str>>(scopes: &[S]) -> Vec<ScopeGroup> {
    let mut groups: Vec<ScopeGroup> =
        [Power::See, Power::Act, Power::Notify, Power::Administer, Power::Unknown]
            .map(|power| ScopeGroup { power, lines: Vec::new() })
            .into();
    let requested: Vec<&str> = scopes.iter().map(AsRef::as_ref).collect();
    for scope in &requested {
        if covered_by_parent(scope, &requested) {
            continue;
        }
        let (power, line) = explain(scope);
        for group in groups.iter_mut().filter(|group| group.power == power) {
            if !group.lines.contains(&line) {
                group.lines.push(line.clone());
            }
        }
    }
    groups.retain(|group| !group.lines.is_empty());
    groups
}

fn covered_by_parent(scope: &str, requested: &[&str]) -> bool {
    scope.rsplit_once(':').is_some_and(|(parent, _)| {
        requested.contains(&parent) || covered_by_parent(parent, requested)
    })
}

fn explain(scope: &str) -> (Power, String) {
    let known = match scope.split_once(':') {
        None => explain_whole(scope),
        Some(("read", part)) => explain_reading(part).map(|line| (Power::See, line)),
        Some(("write", part)) => explain_writing(part).map(|line| (Power::Act, line)),
        Some(("admin", part)) => explain_administering(part).map(|line| (Power::Administer, line)),
        Some(_) => None,
    };
    match known {
        Some((power, line)) => (power, line.to_owned()),
        None => (Power::Unknown, scope.to_owned()),
    }
}

fn explain_whole(scope: &str) -> Option<(Power, &'static str)> {
    Some(match scope {
        "profile" => (Power::See, crate::t().your_name_picture_and_account_address),
        "read" => (Power::See, crate::t().everything_your_account_can_see_private),
        "write" => (Power::Act, crate::t().everything_your_account_can_do_post),
        "follow" => (Power::Act, crate::t().see_and_change_whom_you_follow),
        "push" => (Power::Notify, crate::t().receive_your_notifications_and_push),
        _ => return None,
    })
}

fn explain_reading(part: &str) -> Option<&'static str> {
    Some(match part {
        "accounts" => crate::t().accounts_and_profiles_your_own_settings,
        "blocks" => crate::t().whom_you_block,
        "bookmarks" => crate::t().your_bookmarks,
        "collections" => crate::t().your_collections,
        "favourites" => crate::t().your_favourites,
        "filters" => crate::t().your_filters,
        "follows" => crate::t().whom_you_follow_and_who_asks,
        "lists" => crate::t().your_lists,
        "mutes" => crate::t().whom_you_mute,
        "notifications" => crate::t().your_notifications,
        "search" => crate::t().results_of_searches_made_for_you,
        "statuses" => crate::t().all_posts_you_can_see_private,
        _ => return None,
    })
}

fn explain_writing(part: &str) -> Option<&'static str> {
    Some(match part {
        "accounts" => crate::t().change_your_profile_and_settings,
        "blocks" => crate::t().block_and_unblock_accounts_and_servers,
        "bookmarks" => crate::t().add_and_remove_bookmarks,
        "collections" => crate::t().make_and_change_collections,
        "conversations" => crate::t().mute_and_remove_conversations,
        "favourites" => crate::t().add_and_remove_favourites,
        "filters" => crate::t().make_and_change_filters,
        "follows" => crate::t().follow_and_unfollow_answer_follow_requests,
        "lists" => crate::t().make_and_change_lists,
        "media" => crate::t().upload_pictures_sound_and_video,
        "mutes" => crate::t().mute_and_unmute_accounts,
        "notifications" => crate::t().clear_notifications_and_change_their,
        "reports" => crate::t().report_accounts_and_posts_to_moderators,
        "statuses" => crate::t().write_edit_boost_and_delete_posts,
        _ => return None,
    })
}

fn explain_administering(part: &str) -> Option<&'static str> {
    Some(match part {
        "read" => crate::t().see_everything_moderators_can_see_e,
        "write" => crate::t().moderate_suspend_accounts_remove_posts,
        "read:accounts" => crate::t().see_all_accounts_with_their_private,
        "read:reports" => crate::t().see_reports,
        "read:domain_allows" => crate::t().see_which_servers_are_allowed,
        "read:domain_blocks" => crate::t().see_which_servers_are_blocked,
        "read:ip_blocks" => crate::t().see_which_network_addresses_are_blocked,
        "read:email_domain_blocks" => crate::t().see_which_e_mail_providers_are,
        "read:canonical_email_blocks" => crate::t().see_which_e_mail_addresses_are,
        "write:accounts" => crate::t().suspend_limit_and_approve_accounts,
        "write:reports" => crate::t().handle_reports,
        "write:domain_allows" => crate::t().change_which_servers_are_allowed,
        "write:domain_blocks" => crate::t().change_which_servers_are_blocked,
        "write:ip_blocks" => crate::t().change_which_network_addresses_are_blocked,
        "write:email_domain_blocks" => crate::t().change_which_e_mail_providers_are,
        "write:canonical_email_blocks" => crate::t().change_which_e_mail_addresses_are,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_stand_in_a_fixed_order_and_parents_hide_children() {
        let groups = describe(&["push", "write", "read", "read:statuses", "write:media"]);
        let powers: Vec<Power> = groups.iter().map(|group| group.power).collect();
        assert_eq!(powers, [Power::See, Power::Act, Power::Notify]);
        assert!(groups.iter().all(|group| group.lines.len() == 1));
    }

    #[test]
    fn admin_children_are_hidden_by_their_parent_only() {
        let groups = describe(&["admin:read", "admin:read:accounts", "admin:write:reports"]);
        assert_eq!(groups.len(), 1);
        assert_eq!(groups[0].lines.len(), 2);
        assert!(groups[0].power.is_risky());
    }

    #[test]
    fn an_unknown_scope_is_shown_by_name() {
        for scope in ["read:minds", "fly", "admin", "write:statuses:more"] {
            let groups = describe(&[scope]);
            assert_eq!(groups[0].power, Power::Unknown);
            assert_eq!(groups[0].lines, [scope]);
        }
    }
}
