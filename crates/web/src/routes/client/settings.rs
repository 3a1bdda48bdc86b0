//! Settings of the person: profile and preferences.

use app::accounts::{self, Changes, Picture, UpdateError};
use app::notifications::{self, Policy, Verdict};
use axum::extract::State;
use domain::status::Format;
use http::{StatusCode, Uri};

use super::frame::frame;
use super::member::{Member, Sent};
use crate::language::{Language, spoken};
use crate::pages::client::{Place, SettingsPage, SettingsPreferencesPage, SettingsProfilePage};
use crate::paths;
use crate::routes::answer::{Answer, Refusal, private, private_with, redirect};
use crate::routes::posted::Fields;
use crate::routes::{Shared, present};
use crate::security::PagePolicy;
use crate::view::TextField;

/// Rows of the profile table.
const ROWS: usize = 4;

pub(super) async fn index(State(app): State<Shared>, member: Member) -> Answer {
    private(&SettingsPage { frame: frame(&app, &member, Place::Settings).await? })
}

pub(super) async fn profile(State(app): State<Shared>, member: Member, uri: Uri) -> Answer {
    let mut page = profile_page(&app, &member).await?;
    page.saved = Fields::of_query(&uri).has("saved");
    private(&page)
}

async fn profile_page(app: &Shared, member: &Member) -> Result<SettingsProfilePage, Refusal> {
    let account = &member.me.account;
    let shown = present::profile(app, account);
    let mut fields: Vec<(String, String)> =
        account.fields.iter().map(|field| (field.name.clone(), field.value.clone())).collect();
    fields.resize(ROWS.max(fields.len()), (String::new(), String::new()));
    Ok(SettingsProfilePage {
        frame: frame(app, member, Place::Settings).await?,
        saved: false,
        display_name: TextField::new(account.display_name.as_str()),
        note: TextField::new(account.note.as_str()),
        fields,
        fields_error: None,
        avatar_url: shown.account.avatar_url,
        header_url: shown.header_url,
        avatar_description: account.avatar_description.clone(),
        header_description: account.header_description.clone(),
        picture_error: None,
        locked: account.locked,
        bot: account.bot,
        discoverable: account.discoverable,
        indexable: account.indexable,
        hide_collections: account.hide_collections,
    })
}

pub(super) async fn save_profile(State(app): State<Shared>, sent: Sent) -> Answer {
    let changes = read_profile(&sent);
    let typed = changes.clone();
    match accounts::update(&app, &sent.member.me, changes).await {
        Ok(_) => redirect("/settings/profile?saved"),
        Err(UpdateError::Problems(problems)) => {
            let mut page = profile_page(&app, &sent.member).await?;
            keep_typed(&mut page, typed);
            for problem in problems {
                blame(&mut page, problem.field, &problem.description);
            }
            private_with(StatusCode::UNPROCESSABLE_ENTITY, &page, &PagePolicy::default())
        }
        Err(UpdateError::Other(
            app::AppError::Invalid(why) | app::AppError::Unprocessable(why),
        )) => {
            let mut page = profile_page(&app, &sent.member).await?;
            keep_typed(&mut page, typed);
            page.picture_error = Some(crate::language::sentence(&why));
            private_with(StatusCode::UNPROCESSABLE_ENTITY, &page, &PagePolicy::default())
        }
        Err(UpdateError::Other(error)) => Err(error.into()),
    }
}

fn read_profile(sent: &Sent) -> Changes {
    let fields = &sent.fields;
    let picture = |name: &str| match sent.files.iter().find(|file| file.name == name) {
        Some(file) => Picture::New(file.path.clone()),
        None if fields.has(&format!("no_{name}")) => Picture::None,
        None => Picture::Same,
    };
    let labels = fields.all("field_name");
    let rows = labels.zip(fields.all("field_value"));
    let rows = rows.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Changes {
        display_name: Some(fields.text("display_name")),
        note: Some(fields.text("note").replace("\r\n", "\n")),
        locked: Some(fields.has("locked")),
        bot: Some(fields.has("bot")),
        discoverable: Some(fields.has("discoverable")),
        indexable: Some(fields.has("indexable")),
        hide_collections: Some(fields.has("hide_collections")),
        fields: Some(rows.collect()),
        avatar: picture("avatar"),
        avatar_description: Some(fields.text("avatar_description")),
        header: picture("header"),
        header_description: Some(fields.text("header_description")),
        ..Changes::default()
    }
}

fn keep_typed(page: &mut SettingsProfilePage, typed: Changes) {
    page.display_name.value = typed.display_name.unwrap_or_default();
    page.note.value = typed.note.unwrap_or_default();
    page.avatar_description = typed.avatar_description.unwrap_or_default();
    page.header_description = typed.header_description.unwrap_or_default();
    let mut rows = typed.fields.unwrap_or_default();
    rows.resize(ROWS.max(rows.len()), (String::new(), String::new()));
    page.fields = rows;
    for (now, typed) in [
        (&mut page.locked, typed.locked),
        (&mut page.bot, typed.bot),
        (&mut page.discoverable, typed.discoverable),
        (&mut page.indexable, typed.indexable),
        (&mut page.hide_collections, typed.hide_collections),
    ] {
        *now = typed.unwrap_or(*now);
    }
}

fn blame(page: &mut SettingsProfilePage, field: &str, words: &str) {
    let (t, words) = (crate::t(), crate::language::reason(words));
    match field {
        "display_name" => page.display_name.error = Some(t.the_name_is(words)),
        "note" => page.note.error = Some(t.the_text_is(words)),
        "avatar" | "header" | "avatar_description" | "header_description" => {
            page.picture_error = Some(t.the_picture_is(words));
        }
        _ => page.fields_error = Some(t.the_table_is(words)),
    }
}

pub(super) async fn preferences(State(app): State<Shared>, member: Member, uri: Uri) -> Answer {
    let mut page = preferences_page(&app, &member).await?;
    page.saved = Fields::of_query(&uri).has("saved");
    private(&page)
}

async fn preferences_page(
    app: &Shared,
    member: &Member,
) -> Result<SettingsPreferencesPage, Refusal> {
    let user = &member.me.user;
    let policy = notifications::policy(app, member.id()).await?;
    Ok(SettingsPreferencesPage {
        frame: frame(app, member, Place::Settings).await?,
        saved: false,
        error: None,
        visibility: present::visibility(user.default_visibility),
        sensitive: user.default_sensitive,
        language: user.default_language.clone().unwrap_or_default(),
        quotes: user.default_quote_policy.clone(),
        markdown: user.default_format == Format::Markdown,
        policy: vec![
            ("not_following", crate::t().people_you_do_not_follow, policy.not_following.name()),
            ("not_followers", crate::t().people_who_do_not_follow_you, policy.not_followers.name()),
            ("new_accounts", crate::t().accounts_made_in_the_last_30, policy.new_accounts.name()),
            (
                "private_mentions",
                crate::t().private_mentions_out_of_nowhere,
                policy.private_mentions.name(),
            ),
            (
                "limited_accounts",
                crate::t().accounts_that_the_moderators_limited,
                policy.limited_accounts.name(),
            ),
        ],
    })
}

pub(super) async fn save_preferences(State(app): State<Shared>, sent: Sent) -> Answer {
    let fields = &sent.fields;
    let changes = Changes {
        default_visibility: Some(fields.text("visibility")),
        default_sensitive: Some(fields.has("sensitive")),
        default_language: Some(fields.text("language")),
        default_quote_policy: Some(fields.text("quotes")),
        // Who asked for a language that is not here keeps it, as long as they choose none of these.
        locale: Language::of(&fields.text("locale"))
            .filter(|chosen| *chosen != spoken())
            .map(|chosen| chosen.code().to_owned()),
        default_format: Some(
            if fields.has("markdown") { Format::Markdown } else { Format::Plain }.mime().to_owned(),
        ),
        ..Changes::default()
    };
    match accounts::update(&app, &sent.member.me, changes).await {
        Ok(_) => {}
        Err(UpdateError::Problems(problems)) => {
            let mut page = preferences_page(&app, &sent.member).await?;
            page.error = problems.first().map(|problem| {
                let why = crate::language::reason(&problem.description);
                format!("{}: {why}.", problem.field.replace('_', " "))
            });
            return private_with(StatusCode::UNPROCESSABLE_ENTITY, &page, &PagePolicy::default());
        }
        Err(UpdateError::Other(error)) => return Err(error.into()),
    }
    let verdict = |name: &str| Verdict::parse(&fields.text(name)).unwrap_or_default();
    let policy = Policy {
        not_following: verdict("not_following"),
        not_followers: verdict("not_followers"),
        new_accounts: verdict("new_accounts"),
        private_mentions: verdict("private_mentions"),
        limited_accounts: verdict("limited_accounts"),
    };
    notifications::set_policy(&app, sent.member.id(), policy).await?;
    redirect(&format!("{}?saved", paths::SETTINGS_PREFERENCES))
}
