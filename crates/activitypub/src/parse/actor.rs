//! Accounts and their keys.

use serde_json::Value;

use super::limits::{ALIASES, FIELD, FIELDS, KEYS, NAME, PEM, SUMMARY};
use super::view::View;
use super::{ParseError, files, tags};
use crate::{Actor, ActorKind, PublicKey, Uri};

/// What kind of account an object is, if it is one.
pub(super) fn kind(object: View<'_>) -> Option<ActorKind> {
    object.kinds().find_map(|kind| {
        Some(match kind {
            "Person" => ActorKind::Person,
            "Service" => ActorKind::Service,
            "Application" => ActorKind::Application,
            "Group" => ActorKind::Group,
            "Organization" => ActorKind::Organization,
            _ => return None,
        })
    })
}

/// An account.
pub(super) fn actor(object: View<'_>) -> Result<Actor, ParseError> {
    let kind = kind(object)
        .ok_or_else(|| ParseError::Shape("actor", format!("the type is {:?}", object.kind())))?;
    let endpoints = object.object("endpoints");
    Ok(Actor {
        id: object.id("actor")?,
        kind,
        preferred_username: username(object)?,
        webfinger: handle(object),
        name: object.short("name", NAME),
        summary: object.long("summary", SUMMARY),
        url: files::page(object),
        inbox: object.required("inbox", "actor")?,
        shared_inbox: endpoints
            .and_then(|endpoints| endpoints.uri("sharedInbox"))
            .or_else(|| object.uri("sharedInbox")),
        outbox: object.uri("outbox"),
        followers: object.uri("followers"),
        following: object.uri("following"),
        featured: object.uri("featured"),
        featured_tags: object.uri("featuredTags"),
        icon: files::picture(object, "icon"),
        image: files::picture(object, "image"),
        fields: rows(object),
        emojis: tags::emojis(object),
        hashtags: tags::hashtags(object),
        manually_approves_followers: object.flag("manuallyApprovesFollowers").unwrap_or(false),
        discoverable: object.flag("discoverable"),
        indexable: object.flag("indexable").unwrap_or(false),
        memorial: object.flag("memorial").unwrap_or(false),
        suspended: object.flag("suspended").unwrap_or(false),
        moved_to: object.uri("movedTo"),
        also_known_as: object.uris("alsoKnownAs", ALIASES),
        attribution_domains: domains(object),
        public_keys: public_keys(object),
        published: object.time("published"),
    })
}

/// Keys of a document that was found at a key id. GoToSocial shows a stub of the actor there, others
/// the key alone.
pub(super) fn keys(object: View<'_>) -> Result<Vec<PublicKey>, ParseError> {
    let mut keys = public_keys(object);
    keys.extend(key(object));
    if keys.is_empty() {
        return Err(ParseError::Shape("key", "it holds none".to_owned()));
    }
    Ok(keys)
}

fn public_keys(object: View<'_>) -> Vec<PublicKey> {
    object.objects("publicKey").filter_map(key).take(KEYS).collect()
}

fn key(object: View<'_>) -> Option<PublicKey> {
    let pem = object.text("publicKeyPem").filter(|pem| pem.len() <= PEM)?;
    Some(PublicKey {
        id: object.uri("id")?,
        owner: object.uri("owner").or_else(|| object.uri("controller"))?,
        pem: pem.to_owned(),
    })
}

/// The name becomes part of addresses and handles, so it holds nothing that ends one.
fn username(object: View<'_>) -> Result<String, ParseError> {
    let usable = |name: &&str| {
        name.chars().count() <= NAME
            && !name
                .chars()
                .any(|c| c.is_whitespace() || c.is_control() || "@/:?#\\\"'<>&%".contains(c))
    };
    object
        .text("preferredUsername")
        .filter(usable)
        .map(str::to_owned)
        .ok_or_else(|| ParseError::Shape("actor", "no usable preferredUsername".to_owned()))
}

/// The handle it claims (FEP-2c59).
fn handle(object: View<'_>) -> Option<String> {
    let text = object.text("webfinger")?;
    let text = text.strip_prefix("acct:").unwrap_or(text).trim_start_matches('@');
    let (name, host) = text.split_once('@')?;
    let plain = text.len() <= NAME && !text.contains(char::is_whitespace);
    (plain && !name.is_empty() && !host.is_empty()).then(|| text.to_owned())
}

/// Rows of the profile table. An empty value is kept: the row is there.
fn rows(object: View<'_>) -> Vec<(String, String)> {
    let is_row = |row: &View<'_>| row.kinds().any(|kind| kind.ends_with("PropertyValue"));
    object
        .objects("attachment")
        .filter(is_row)
        .filter_map(|row| {
            Some((row.short("name", FIELD)?, row.short("value", FIELD).unwrap_or_default()))
        })
        .take(FIELDS)
        .collect()
}

fn domains(object: View<'_>) -> Vec<String> {
    let names = object.list("attributionDomains").iter().filter_map(Value::as_str);
    let plain = |name: &&str| {
        (1..=253).contains(&name.len())
            && Uri::parse(&format!("https://{name}/")).is_some_and(|uri| uri.host() == *name)
    };
    names.filter(plain).take(ALIASES).map(str::to_owned).collect()
}
