//! Accounts.

use serde_json::{Map, Value};

use super::fields::{Fields, emoji, hashtag, ids, texts};
use super::note::attachment;
use crate::{Actor, ActorKind, PublicKey};

/// An account.
pub(super) fn actor(actor: &Actor) -> Fields {
    let mut fields = Fields::of(kind(actor.kind));
    fields.put("id", actor.id.as_str());
    fields.put("preferredUsername", actor.preferred_username.as_str());
    fields.maybe("webfinger", actor.webfinger.as_deref());
    fields.maybe("name", actor.name.as_deref());
    fields.maybe("summary", actor.summary.as_deref());
    fields.id("url", actor.url.as_ref());
    addresses(&mut fields, actor);
    fields.maybe("icon", actor.icon.as_ref().map(|icon| attachment("Image", icon)));
    fields.maybe("image", actor.image.as_ref().map(|image| attachment("Image", image)));
    let rows = actor.fields.iter().map(|(name, value)| property(name, value).into());
    fields.put("attachment", rows.collect::<Vec<Value>>());
    let hashtags = actor.hashtags.iter().map(|tag| hashtag(tag).into());
    let emojis = actor.emojis.iter().map(|tag| emoji(tag).into());
    fields.put("tag", hashtags.chain(emojis).collect::<Vec<Value>>());
    flags(&mut fields, actor);
    fields.id("movedTo", actor.moved_to.as_ref());
    fields.list("alsoKnownAs", ids(&actor.also_known_as));
    fields.list("attributionDomains", texts(&actor.attribution_domains));
    fields.time("published", actor.published);
    keys(&mut fields, &actor.public_keys);
    fields
}

fn addresses(fields: &mut Fields, actor: &Actor) {
    fields.put("inbox", actor.inbox.as_str());
    for (name, id) in [
        ("outbox", &actor.outbox),
        ("followers", &actor.followers),
        ("following", &actor.following),
        ("featured", &actor.featured),
        ("featuredTags", &actor.featured_tags),
    ] {
        fields.id(name, id.as_ref());
    }
    if let Some(shared) = &actor.shared_inbox {
        let mut endpoints = Map::new();
        endpoints.insert("sharedInbox".to_owned(), shared.as_str().into());
        fields.put("endpoints", endpoints);
    }
}

fn flags(fields: &mut Fields, actor: &Actor) {
    fields.put("manuallyApprovesFollowers", actor.manually_approves_followers);
    fields.maybe("discoverable", actor.discoverable);
    fields.put("indexable", actor.indexable);
    fields.put("memorial", actor.memorial);
    if actor.suspended {
        fields.put("suspended", true);
    }
}

fn property(name: &str, value: &str) -> Fields {
    let mut fields = Fields::of("PropertyValue");
    fields.put("name", name);
    fields.put("value", value);
    fields
}

/// One key stands alone: most servers read no list.
fn keys(fields: &mut Fields, keys: &[PublicKey]) {
    let mut built: Vec<Value> = keys.iter().map(key).collect();
    match built.len() {
        0 => {}
        1 => fields.maybe("publicKey", built.pop()),
        _ => fields.put("publicKey", built),
    }
}

fn key(key: &PublicKey) -> Value {
    let mut map = Map::new();
    map.insert("id".to_owned(), key.id.as_str().into());
    map.insert("owner".to_owned(), key.owner.as_str().into());
    map.insert("publicKeyPem".to_owned(), key.pem.as_str().into());
    map.into()
}

fn kind(kind: ActorKind) -> &'static str {
    match kind {
        ActorKind::Person => "Person",
        ActorKind::Service => "Service",
        ActorKind::Application => "Application",
        ActorKind::Group => "Group",
        ActorKind::Organization => "Organization",
    }
}
