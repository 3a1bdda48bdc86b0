//! Whether a status belongs into somebody's home feed, beyond "they follow the author".
//!
//! Blocks, mutes and filters are not asked here: they apply when the feed is read.

use crate::AccountId;

/// What the rule needs to know of a status that somebody's followed account posted.
#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    /// Its author, or who boosted.
    pub author: AccountId,
    /// Whose status it answers; `None` when it is no reply.
    pub in_reply_to_account: Option<AccountId>,
    /// It is a boost.
    pub is_boost: bool,
}

/// What the rule needs to know of the reader.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    /// The reader.
    pub account: AccountId,
    /// Follows the account that is answered.
    pub follows_answered: bool,
    /// Wants to see this author's boosts.
    pub wants_boosts: bool,
}

/// A reply is shown only if it is to the reader, to the author's own thread, or to somebody the
/// reader follows; a boost only if the reader wants the author's boosts.
#[must_use]
pub fn belongs(status: Candidate, reader: Reader) -> bool {
    if status.author == reader.account {
        return true;
    }
    if status.is_boost {
        return reader.wants_boosts;
    }
    match status.in_reply_to_account {
        None => true,
        Some(answered) => {
            answered == reader.account || answered == status.author || reader.follows_answered
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUTHOR: AccountId = AccountId(1);
    const READER: AccountId = AccountId(2);
    const OTHER: AccountId = AccountId(3);

    fn shown(
        to: Option<AccountId>,
        is_boost: bool,
        follows_answered: bool,
        wants_boosts: bool,
    ) -> bool {
        belongs(
            Candidate { author: AUTHOR, in_reply_to_account: to, is_boost },
            Reader { account: READER, follows_answered, wants_boosts },
        )
    }

    #[test]
    fn replies_to_strangers_stay_out() {
        assert!(shown(None, false, false, true));
        assert!(shown(Some(READER), false, false, true));
        assert!(shown(Some(AUTHOR), false, false, true));
        assert!(shown(Some(OTHER), false, true, true));
        assert!(!shown(Some(OTHER), false, false, true));
    }

    #[test]
    fn boosts_can_be_switched_off_per_follow() {
        assert!(shown(None, true, false, true));
        assert!(!shown(None, true, false, false));
    }
}
