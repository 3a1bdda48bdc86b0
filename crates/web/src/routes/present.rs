//! From what `app` loads to what pages show. Pure.

use app::{App, StatusView as Loaded};
use domain::account::{Account, ForeignEmoji};
use domain::media::{Media, MediaKind as Kind, MediaState};
use domain::status::Visibility as Audience;
use domain::text::{LinkStyle, Render, plain, render};

use crate::assets::{self, DEFAULT_AVATAR, DEFAULT_HEADER};
use crate::view::{
    AccountView, CardView, EmojiView, MediaKind, MediaView, Moment, PollOptionView, PollView,
    ProfileFieldView, ProfileView, ReplyTarget, StatusView, Visibility, with_emojis,
};

/// A counter; it never shows less than nothing.
pub(super) fn number(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

pub(super) fn moment(time: domain::Timestamp) -> Moment {
    Moment::from_unix_milliseconds(time.0)
}

/// An account beside a post.
pub(super) fn account(app: &App, account: &Account) -> AccountView {
    let named = !account.display_name.trim().is_empty();
    AccountView {
        display_name: if named { &account.display_name } else { &account.username }.clone(),
        handle: handle(app, &account.username, account.domain.as_deref()),
        profile_url: if account.is_local() {
            format!("/@{}", account.username)
        } else {
            app.urls.profile(account)
        },
        avatar_url: picture(app, account.avatar.as_deref(), DEFAULT_AVATAR),
        emojis: emojis(app, account, &[&account.display_name], &account.emojis),
    }
}

/// The custom emoji that these texts of an account use.
fn emojis(app: &App, of: &Account, texts: &[&str], foreign: &[ForeignEmoji]) -> Vec<EmojiView> {
    if !of.is_local() {
        let show = |emoji: &ForeignEmoji| EmojiView {
            code: emoji.code.clone(),
            url: app.urls.file(&emoji.key),
        };
        return foreign.iter().map(show).collect();
    }
    let catalog = app.emojis.get();
    if catalog.0.is_empty() {
        return Vec::new();
    }
    let codes = texts.iter().flat_map(|text| domain::text::emoji::shortcodes(text));
    codes
        .filter_map(|code| catalog.0.get(&code))
        .map(|emoji| EmojiView { code: emoji.shortcode.clone(), url: emoji.url.clone() })
        .collect()
}

pub(super) fn handle(app: &App, username: &str, domain: Option<&str>) -> String {
    format!("@{username}@{}", domain.unwrap_or(&app.urls.domain))
}

fn picture(app: &App, key: Option<&str>, default: &str) -> String {
    key.map_or_else(|| assets::url(default), |key| app.urls.file(key))
}

/// The head of a profile.
pub(super) fn profile(app: &App, of: &Account) -> ProfileView {
    let bio_html =
        if of.is_local() { html(app, &of.note, LinkStyle::Status) } else { foreign(&of.note) };
    let emojis = emojis(app, of, &[&of.note], &of.emojis);
    let bio_text = plain(&bio_html);
    let bio_html = with_emojis(&bio_html, &emojis);
    let field = |field: &domain::account::ProfileField| ProfileFieldView {
        name: field.name.clone(),
        value_html: if of.is_local() {
            // A cell is no paragraph.
            html(app, &field.value, LinkStyle::ProfileField).replace("<p>", "").replace("</p>", "")
        } else {
            foreign(&field.value)
        },
        verified: field.verified_at.map(moment),
    };
    let shown = |count: i64| (!of.hide_collections).then(|| number(count));
    ProfileView {
        account: account(app, of),
        header_url: picture(app, of.header.as_deref(), DEFAULT_HEADER),
        bio_text,
        bio_html,
        fields: of.fields.iter().map(field).collect(),
        statuses_count: number(of.statuses_count),
        following_count: shown(of.following_count),
        followers_count: shown(of.followers_count),
        joined: moment(of.created_at),
        automated: of.bot,
        locked: of.locked,
        moved_to: None,
    }
}

/// Local text is stored as typed; mentions in profiles stay plain text.
fn html(app: &App, text: &str, links: LinkStyle) -> String {
    render(text, &Render { base: &app.urls.base, resolve: &|_, _| None, links })
}

/// HTML of another server was cleaned when it was stored; this makes sure of it (M01).
fn foreign(html: &str) -> String {
    domain::text::shown(html).into_owned()
}

/// A post; a boost shows the original and who boosted it.
pub(super) fn status(app: &App, view: &Loaded) -> StatusView {
    let (shown, booster) = match &view.boost_of {
        Some(original) => (original.as_ref(), Some(account(app, &view.author))),
        None => (view, None),
    };
    let status = &shown.status;
    let content_html =
        if shown.author.is_local() { status.content.clone() } else { foreign(&status.content) };
    let warning = Some(status.spoiler_text.clone()).filter(|text| !text.is_empty());
    let texts = [content_html.as_str()];
    let emojis = emojis(app, &shown.author, &texts, &status.emojis);
    StatusView {
        id: view.status.id.to_string(),
        author: account(app, &shown.author),
        url: if shown.author.is_local() {
            format!("/@{}/{}", shown.author.username, status.id)
        } else {
            app.urls.status_page(status, &shown.author)
        },
        created: moment(status.created_at),
        edited: status.edited_at.map(moment),
        visibility: visibility(status.visibility),
        here_only: status.local_only,
        content_text: plain(&content_html),
        content_html: with_emojis(&content_html, &emojis),
        language: status.language.clone(),
        content_warning: warning,
        sensitive: status.sensitive,
        media: shown.media.iter().filter_map(|media| medium(app, media)).collect(),
        poll: shown.poll.as_ref().map(|poll| self::poll(app, &poll.poll)),
        card: shown.card.as_ref().map(|card| self::card(app, card)),
        boosted_by: booster,
        reply_to: reply_target(app, shown),
        replies: number(status.replies_count),
        boosts: number(status.boosts_count),
        favourites: number(status.favourites_count),
        application: shown.app.as_ref().map(|app| app.name.clone()),
        pinned: false,
        quote: None,
        ago: Moment::ago(status.created_at.0, app.now().0),
        filtered_by: None,
        actions: None,
    }
}

/// Who a post is for.
pub(super) fn visibility(of: Audience) -> Visibility {
    match of {
        Audience::Public => Visibility::Public,
        Audience::Unlisted => Visibility::Unlisted,
        Audience::Private => Visibility::Private,
        Audience::Direct => Visibility::Direct,
    }
}

fn card(app: &App, view: &app::CardView) -> CardView {
    let card = &view.card;
    let host = url::Url::parse(&card.url).ok();
    CardView {
        host: host.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default(),
        url: card.url.clone(),
        title: card.title.clone(),
        description: card.description.clone(),
        language: card.language.clone(),
        image: view.image_key.as_ref().map(|key| (app.urls.file(key), card.width, card.height)),
    }
}

/// Who is answered is known when it is the author or somebody mentioned. The answered post may be
/// one that not everybody may see, so it is not linked.
fn reply_target(app: &App, view: &Loaded) -> Option<ReplyTarget> {
    let whom = view.status.in_reply_to_account?;
    if whom == view.author.id {
        let handle = handle(app, &view.author.username, view.author.domain.as_deref());
        return Some(ReplyTarget { handle, url: None });
    }
    let mention = view.mentions.iter().find(|mention| mention.account_id == whom)?;
    let handle = handle(app, &mention.username, mention.domain.as_deref());
    Some(ReplyTarget { handle, url: None })
}

/// An attachment; one that is not ready yet is left out.
pub(super) fn medium(app: &App, media: &Media) -> Option<MediaView> {
    if media.state != MediaState::Ready {
        return None;
    }
    Some(MediaView {
        kind: match media.kind {
            Kind::Image => MediaKind::Image,
            Kind::Gifv => MediaKind::Animation,
            Kind::Video => MediaKind::Video,
            Kind::Audio => MediaKind::Audio,
            Kind::Unknown => MediaKind::Other,
        },
        url: app.urls.file(media.file_key.as_deref()?),
        preview_url: media.preview_key.as_deref().map(|key| app.urls.file(key)),
        description: Some(media.description.clone()).filter(|text| !text.is_empty()),
        size: size(&media.meta),
        // Upwards in the picture is downwards on a page.
        focus: (fifth(media.focus_x), fifth(media.focus_y.saturating_neg())),
    })
}

/// In which fifth of a picture a point is; ten-thousandths from -1 to 1.
fn fifth(point: i64) -> u8 {
    match point {
        ..=-6_000 => 0,
        -5_999..=-2_000 => 1,
        -1_999..=1_999 => 2,
        2_000..=5_999 => 3,
        6_000.. => 4,
    }
}

/// The stored sizes of a medium.
#[derive(serde::Deserialize)]
struct Meta {
    small: Option<Size>,
    original: Option<Size>,
}

#[derive(serde::Deserialize)]
struct Size {
    width: Option<u32>,
    height: Option<u32>,
}

/// Width and height of the preview; unknown ones are a usual shape.
fn size(meta: &str) -> (u32, u32) {
    const USUAL: (u32, u32) = (640, 360);
    let Ok(meta) = serde_json::from_str::<Meta>(meta) else { return USUAL };
    let of = |size: Option<Size>| size.and_then(|size| size.width.zip(size.height));
    of(meta.small).or_else(|| of(meta.original)).unwrap_or(USUAL)
}

pub(super) fn poll(app: &App, poll: &domain::status::Poll) -> PollView {
    let closed = poll.is_expired(app.now());
    let hidden = poll.hide_totals && !closed;
    let option = |option: &domain::status::PollOption| PollOptionView {
        title: option.title.clone(),
        votes: (!hidden).then(|| number(option.votes)),
    };
    PollView {
        options: poll.options.iter().map(option).collect(),
        voters: number(poll.voters_count),
        multiple: poll.multiple,
        closed,
        expires: poll.expires_at.map(moment),
    }
}

#[cfg(test)]
mod tests {
    use super::fifth;

    #[test]
    fn a_point_is_in_one_of_five_parts() {
        let points = [i64::MIN, -10_000, -4_000, 0, 4_000, 10_000, i64::MAX];
        assert_eq!(points.map(fifth), [0, 0, 1, 2, 3, 4, 4]);
    }
}
