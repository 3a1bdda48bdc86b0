//! Who may see a status, as SQL: the one place that decides it (V01). `$s` is the alias of the
//! status, `$v` the placeholder or column of the viewer's account id, 0 for nobody.

/// True when the viewer may see the status: open to all, their own, mentioning them, or for the
/// followers they are one of; never when its author blocks them or is suspended. What stays on this server is for people here only. For a boost ask
/// for the original as well.
#[macro_export]
#[doc(hidden)]
macro_rules! visible_to {
    ($s:literal, $v:literal) => {
        concat!(
            "(",
            $s,
            ".visibility <= 1 OR ",
            $s,
            ".account_id = ",
            $v,
            " OR EXISTS (SELECT 1 FROM mentions vm WHERE vm.status_id = ",
            $s,
            ".id AND vm.account_id = ",
            $v,
            ")",
            " OR (",
            $s,
            ".visibility = 2 AND EXISTS (SELECT 1 FROM follows vf WHERE vf.account_id = ",
            $v,
            " AND vf.target_id = ",
            $s,
            ".account_id)))",
            " AND NOT EXISTS (SELECT 1 FROM blocks vb WHERE vb.account_id = ",
            $s,
            ".account_id AND vb.target_id = ",
            $v,
            ")",
            " AND NOT EXISTS (SELECT 1 FROM accounts va WHERE va.id = ",
            $s,
            ".account_id AND va.suspended_at IS NOT NULL) AND ",
            $crate::among_us!($s, $v)
        )
    };
}

/// True unless the status stays on this server and the viewer is nobody or somebody elsewhere.
#[macro_export]
#[doc(hidden)]
macro_rules! among_us {
    ($s:literal, $v:literal) => {
        concat!(
            "(",
            $s,
            ".local_only = false OR EXISTS (SELECT 1 FROM users vu WHERE vu.account_id = ",
            $v,
            "))"
        )
    };
}

/// True when the viewer wants to see the status in a timeline: neither side blocks the other, the
/// author is not muted, nor is an account that the status mentions. `$now` is the placeholder of
/// the present moment, for mutes that end.
#[macro_export]
#[doc(hidden)]
macro_rules! wanted_by {
    ($s:literal, $v:literal, $now:literal) => {
        concat!(
            "NOT EXISTS (SELECT 1 FROM blocks wb WHERE wb.account_id = ", $v, " AND wb.target_id = ", $s, ".account_id)",
            " AND NOT EXISTS (SELECT 1 FROM blocks wc WHERE wc.account_id = ", $s, ".account_id AND wc.target_id = ", $v, ")",
            " AND NOT EXISTS (SELECT 1 FROM mutes wm WHERE wm.account_id = ", $v, " AND wm.target_id = ", $s,
            ".account_id AND (wm.expires_at IS NULL OR wm.expires_at > ", $now, "))",
            " AND ((", $s, ".parts & 2) = 0 OR NOT EXISTS (SELECT 1 FROM mentions wn WHERE wn.status_id = ", $s, ".id",
            " AND (EXISTS (SELECT 1 FROM blocks wd WHERE wd.account_id = ", $v, " AND wd.target_id = wn.account_id)",
            " OR EXISTS (SELECT 1 FROM mutes we WHERE we.account_id = ", $v, " AND we.target_id = wn.account_id",
            " AND (we.expires_at IS NULL OR we.expires_at > ", $now, ")))))",
            " AND NOT EXISTS (SELECT 1 FROM user_domain_blocks wu JOIN accounts wa ON wa.domain = wu.domain",
            " WHERE wu.account_id = ", $v, " AND wa.id = ", $s, ".account_id)"
        )
    };
}
