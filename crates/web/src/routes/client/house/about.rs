//! What the server says of itself.

use app::dashboard::allow;
use app::instance::{self, About, Banner, Facts, Text, WriteError};
use axum::extract::State;
use domain::permission::Permission;
use http::{StatusCode, Uri};

use crate::pages::client::{AboutEditPage, Place};
use crate::paths;
use crate::routes::Shared;
use crate::routes::answer::{Answer, Refusal, private, private_with, redirect};
use crate::routes::client::frame::frame;
use crate::routes::client::member::{Member, Sent};
use crate::routes::posted::Fields;
use crate::security::PagePolicy;
use crate::view::TextField;

pub(super) async fn form(State(app): State<Shared>, member: Member, uri: Uri) -> Answer {
    let mut page = page(&app, &member).await?;
    page.saved = Fields::of_query(&uri).has("saved");
    private(&page)
}

async fn page(app: &Shared, member: &Member) -> Result<AboutEditPage, Refusal> {
    allow(&member.me, Permission::ManageSettings)?;
    let about = instance::about(app).await?;
    let long = |text: Option<Text>| TextField::new(text.map(|text| text.text).unwrap_or_default());
    let contact = about.contact.as_ref().map(|account| account.username.clone());
    Ok(AboutEditPage {
        frame: frame(app, member, Place::Dashboard).await?,
        saved: false,
        banner_url: banner_url(app, &about),
        banner_error: None,
        title: TextField::new(about.title),
        description: TextField::new(about.description),
        extended: long(about.extended),
        privacy: long(about.privacy),
        terms: long(about.terms),
        contact_email: TextField::new(about.contact_email),
        contact: TextField::new(contact.unwrap_or_default()),
    })
}

fn banner_url(app: &Shared, about: &About) -> String {
    match &about.banner {
        Some(key) => app.urls.file(key),
        None => crate::assets::url(crate::assets::DEFAULT_HEADER),
    }
}

pub(super) async fn submit(State(app): State<Shared>, sent: Sent) -> Answer {
    let fields = &sent.fields;
    let long = |name: &str| fields.text(name).replace("\r\n", "\n");
    let banner = match sent.files.iter().find(|file| file.name == "banner") {
        Some(file) => Banner::New(file.path.clone()),
        None if fields.has("no_banner") => Banner::None,
        None => Banner::Same,
    };
    let facts = Facts {
        title: fields.text("title"),
        description: long("description"),
        extended: long("extended"),
        privacy: long("privacy"),
        terms: long("terms"),
        contact_email: fields.text("contact_email"),
        contact: fields.text("contact"),
        banner,
    };
    let typed = facts.clone();
    match instance::write(&app, &sent.member.me, facts).await {
        Ok(()) => redirect(&format!("{}?saved", paths::DASHBOARD_ABOUT)),
        Err(WriteError::Wrong(wrong)) => {
            let mut page = page(&app, &sent.member).await?;
            keep_typed(&mut page, typed);
            for one in wrong {
                blame(&mut page, one.field, one.words);
            }
            private_with(StatusCode::UNPROCESSABLE_ENTITY, &page, &PagePolicy::default())
        }
        Err(WriteError::Other(error)) => Err(error.into()),
    }
}

fn keep_typed(page: &mut AboutEditPage, typed: Facts) {
    for (field, text) in [
        (&mut page.title, typed.title),
        (&mut page.description, typed.description),
        (&mut page.extended, typed.extended),
        (&mut page.privacy, typed.privacy),
        (&mut page.terms, typed.terms),
        (&mut page.contact_email, typed.contact_email),
        (&mut page.contact, typed.contact),
    ] {
        field.value = text;
    }
}

fn blame(page: &mut AboutEditPage, field: &str, words: String) {
    let place = match field {
        "description" => &mut page.description.error,
        "extended" => &mut page.extended.error,
        "privacy" => &mut page.privacy.error,
        "terms" => &mut page.terms.error,
        "contact_email" => &mut page.contact_email.error,
        "contact" => &mut page.contact.error,
        "banner" => &mut page.banner_error,
        _ => &mut page.title.error,
    };
    // The first one is the more basic one.
    place.get_or_insert(words);
}
