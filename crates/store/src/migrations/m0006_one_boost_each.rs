//! Nobody boosts a status twice, even by two requests at once.

use super::Migration;

pub(super) const MIGRATION: Migration =
    Migration { number: 6, common: COMMON, sqlite: "", postgres: "" };

const COMMON: &str = "
DELETE FROM statuses WHERE boost_of_id IS NOT NULL AND id NOT IN
  (SELECT MIN(b.id) FROM statuses b WHERE b.boost_of_id IS NOT NULL GROUP BY b.boost_of_id, b.account_id);
DROP INDEX statuses_boost;
CREATE UNIQUE INDEX statuses_boost ON statuses (boost_of_id, account_id) WHERE boost_of_id IS NOT NULL;
";
