//! What a role may do, in Mastodon's bits. <https://docs.joinmastodon.org/entities/Role/#permission-flags>

use crate::account::Role;

/// One thing that not everybody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// See numbers about the server.
    ViewDashboard,
    /// See and close reports.
    ManageReports,
    /// Say what to do with other servers.
    ManageFederation,
    /// Say what the server says of itself.
    ManageSettings,
    /// Shut addresses and networks out.
    ManageBlocks,
    /// Say which hashtags are shown.
    ManageTaxonomies,
    /// See and limit accounts.
    ManageUsers,
    /// Write house rules.
    ManageRules,
    /// Announce things to everybody here.
    ManageAnnouncements,
    /// Add and remove custom emoji.
    ManageCustomEmojis,
    /// Delete accounts for good.
    DeleteUserData,
}

impl Permission {
    fn bit(self) -> u64 {
        1 << match self {
            Self::ViewDashboard => 3,
            Self::ManageReports => 4,
            Self::ManageFederation => 5,
            Self::ManageSettings => 6,
            Self::ManageBlocks => 7,
            Self::ManageTaxonomies => 8,
            Self::ManageUsers => 10,
            Self::ManageRules => 12,
            Self::ManageAnnouncements => 13,
            Self::ManageCustomEmojis => 14,
            Self::DeleteUserData => 19,
        }
    }
}

/// Every bit that Mastodon 4.5 knows.
const EVERYTHING: u64 = (1 << 21) - 1;
/// What only owners have: everything that comes in later versions too, and the insides of the machine.
const OWNERS: u64 = 0b11;
const AUDIT_LOG: u64 = 1 << 2;
const INVITE: u64 = 1 << 16;

impl Role {
    /// All it may do, as bits.
    #[must_use]
    pub fn permissions(self) -> u64 {
        match self {
            Self::Member => INVITE,
            Self::Moderator => {
                INVITE
                    | AUDIT_LOG
                    | Permission::ViewDashboard.bit()
                    | Permission::ManageReports.bit()
                    | Permission::ManageTaxonomies.bit()
                    | Permission::ManageUsers.bit()
            }
            Self::Admin => EVERYTHING & !OWNERS,
            Self::Owner => EVERYTHING,
        }
    }

    /// Whether it may do this.
    #[must_use]
    pub fn may(self, permission: Permission) -> bool {
        self.permissions() & permission.bit() != 0
    }

    /// Whether it decides over accounts of another role: only over lesser ones.
    #[must_use]
    pub fn outranks(self, other: Self) -> bool {
        self > other
    }

    /// Its place among the roles, as Mastodon numbers them.
    #[must_use]
    pub fn position(self) -> i64 {
        match self {
            Self::Member => -1,
            Self::Moderator => 10,
            Self::Admin => 100,
            Self::Owner => 1_000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a02_each_role_may_do_what_mastodon_lets_it_and_decides_over_lesser_ones_only() {
        let all = [
            Permission::ViewDashboard,
            Permission::ManageReports,
            Permission::ManageFederation,
            Permission::ManageBlocks,
            Permission::ManageTaxonomies,
            Permission::ManageUsers,
            Permission::DeleteUserData,
            Permission::ManageSettings,
            Permission::ManageRules,
            Permission::ManageAnnouncements,
            Permission::ManageCustomEmojis,
        ];
        let may = |role: Role| all.map(|permission| role.may(permission));
        assert_eq!(may(Role::Member), [false; 11]);
        assert_eq!(
            may(Role::Moderator),
            [true, true, false, false, true, true, false, false, false, false, false]
        );
        assert_eq!(may(Role::Admin), [true; 11]);
        assert_eq!(may(Role::Owner), [true; 11]);
        assert_eq!(Role::Owner.permissions() & 1, 1);
        assert_eq!(Role::Admin.permissions() & 1, 0);
        assert!(Role::Admin.outranks(Role::Moderator) && !Role::Admin.outranks(Role::Admin));
        assert!(Role::Moderator.outranks(Role::Member) && !Role::Member.outranks(Role::Member));
    }
}
