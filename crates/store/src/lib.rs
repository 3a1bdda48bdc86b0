//! The database: the only room that knows SQL. One module an aggregate, free functions that take a
//! [`Conn`]; callers open reads and transactions with [`Store`].
//!
//! It must not know HTTP, JSON of any API, or the network.

mod engine;
mod inspect;
mod visibility_sql;

pub mod access;
pub mod accounts;
pub mod activity_ids;
pub mod actor_keys;
pub mod aliases;
pub mod announcements;
pub mod archives;
pub mod budget;
pub mod cards;
pub mod conversation_uris;
pub mod conversations;
pub mod dashboard;
pub mod deliveries;
pub mod discovery;
pub mod domain_blocks;
pub mod domain_rules;
pub mod emojis;
pub mod figures;
pub mod filters;
pub mod home_feed;
pub mod hosts;
pub mod house_rules;
pub mod idempotency;
pub mod instance;
pub mod invites;
pub mod jobs;
pub mod lists;
pub mod mail_choices;
pub mod markers;
pub mod media;
pub mod migrations;
pub mod moderation;
pub mod notification_policy;
pub mod notifications;
pub mod outgoing;
pub mod page;
pub mod polls;
pub mod portability;
pub mod post_expiry;
pub mod push;
pub mod quotes;
pub mod received;
pub mod relation_uris;
pub mod relations;
pub mod remote_accounts;
pub mod remote_files;
pub mod reports;
pub mod restored;
pub mod scheduled;
pub mod search;
pub mod second_factors;
pub mod security_keys;
pub mod sessions;
pub mod settings;
pub mod shut_out;
pub mod staff_accounts;
pub mod staff_tags;
pub mod statuses;
pub mod streams;
pub mod tags;
pub mod threads;
pub mod tombstones;
pub mod users;
pub mod warnings;

pub use engine::{
    Cell, Column, Conn, FromRow, Lead, Location, Result, Row, Sql, Store, StoreError, Value,
};
pub use engine::{identity, snapshot};
pub use page::{Listed, Page};

/// Every statement of this crate, for the test that prepares each on both engines. A module whose
/// statements are missing here does not compile without a warning.
fn all_statements() -> Vec<&'static Sql> {
    let lists: &[&[&'static Sql]] = &[
        access::STATEMENTS,
        accounts::STATEMENTS,
        activity_ids::STATEMENTS,
        actor_keys::STATEMENTS,
        aliases::STATEMENTS,
        announcements::STATEMENTS,
        archives::STATEMENTS,
        budget::STATEMENTS,
        cards::STATEMENTS,
        conversation_uris::STATEMENTS,
        conversations::STATEMENTS,
        dashboard::STATEMENTS,
        deliveries::STATEMENTS,
        discovery::STATEMENTS,
        domain_blocks::STATEMENTS,
        domain_rules::STATEMENTS,
        emojis::STATEMENTS,
        figures::STATEMENTS,
        filters::STATEMENTS,
        home_feed::STATEMENTS,
        hosts::STATEMENTS,
        house_rules::STATEMENTS,
        idempotency::STATEMENTS,
        inspect::STATEMENTS,
        instance::STATEMENTS,
        invites::STATEMENTS,
        jobs::STATEMENTS,
        lists::STATEMENTS,
        mail_choices::STATEMENTS,
        markers::STATEMENTS,
        media::STATEMENTS,
        migrations::STATEMENTS,
        moderation::STATEMENTS,
        notification_policy::STATEMENTS,
        notifications::STATEMENTS,
        outgoing::STATEMENTS,
        polls::STATEMENTS,
        portability::STATEMENTS,
        post_expiry::STATEMENTS,
        push::STATEMENTS,
        quotes::STATEMENTS,
        received::STATEMENTS,
        relation_uris::STATEMENTS,
        relations::STATEMENTS,
        remote_accounts::STATEMENTS,
        remote_files::STATEMENTS,
        reports::STATEMENTS,
        restored::STATEMENTS,
        scheduled::STATEMENTS,
        search::STATEMENTS,
        second_factors::STATEMENTS,
        security_keys::STATEMENTS,
        sessions::STATEMENTS,
        settings::STATEMENTS,
        shut_out::STATEMENTS,
        staff_accounts::STATEMENTS,
        staff_tags::STATEMENTS,
        streams::STATEMENTS,
        tags::STATEMENTS,
        threads::STATEMENTS,
        tombstones::STATEMENTS,
        users::STATEMENTS,
        warnings::STATEMENTS,
    ];
    lists.iter().chain(statuses::STATEMENTS).flat_map(|list| list.iter().copied()).collect()
}

impl Store {
    /// Prepares every statement of this crate without running it, and names those that this engine
    /// refuses. For tests and `doctor`.
    ///
    /// # Errors
    /// [`StoreError`] when there is no connection.
    pub async fn refused_statements(&self) -> Result<Vec<String>> {
        self.read(|conn| {
            Box::pin(async move {
                let mut refused = Vec::new();
                for sql in all_statements() {
                    if let Err(error) = conn.prepare(sql).await {
                        refused.push(error.to_string());
                    }
                }
                Ok(refused)
            })
        })
        .await
    }
}
