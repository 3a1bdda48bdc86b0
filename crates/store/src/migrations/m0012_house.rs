//! House rules that are written on the pages of the server. A rule that was removed stays for the
//! reports that name it.

use super::Migration;

pub(super) const MIGRATION: Migration =
    Migration { number: 12, common: COMMON, sqlite: "", postgres: "" };

const COMMON: &str = "
CREATE TABLE house_rules (
  id ID_KEY,
  place BIGINT NOT NULL,
  text TEXT NOT NULL,
  hint TEXT NOT NULL,
  removed_at BIGINT
);
";
