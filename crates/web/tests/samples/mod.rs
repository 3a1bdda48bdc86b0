//! Every page with invented data, for the page tests and for the preview example.

use askama::Template;
use tuskling_web::{
    pages::*,
    scopes,
    view::{
        AccountView, CardView, MediaKind, MediaView, Moment, PollOptionView, PollView,
        ProfileFieldView, ProfileView, ReplyTarget, StatusView, TextField, ThreadedReply,
        Visibility, Website,
    },
};

pub fn site() -> Site {
    Site {
        title: "The Watering Hole".into(),
        domain: "social.example".into(),
        base_url: "https://social.example".into(),
        version: "0.1.0".into(),
    }
}

mod people;

/// Name and HTML of every page.
pub fn all() -> Result<Vec<(&'static str, String)>, askama::Error> {
    let site = &site();
    let mut pages = people::all(site)?;
    pages.extend([
        ("front", front(site).render()?),
        ("about", about(site).render()?),
        ("sign_in", sign_in(site).render()?),
        ("sign_in_wrong", sign_in_wrong(site).render()?),
        ("sign_up_closed", sign_up_closed(site).render()?),
        ("consent", consent(site).render()?),
        ("consent_admin", consent_admin(site).render()?),
        ("code", code(site).render()?),
        ("set_up", set_up(site).render()?),
        ("set_up_wrong", set_up_wrong(site).render()?),
        ("set_up_done", SetUpDonePage { site, username: "owner".into() }.render()?),
        ("password_request", password_request(site).render()?),
        ("password_sent", password_sent(site).render()?),
        ("password_new", password_new(site).render()?),
        ("password_changed", PasswordChangedPage { site }.render()?),
        (
            "unsubscribe",
            UnsubscribePage { site, when: "somebody mentions me", done: false }.render()?,
        ),
        ("profile", profile_page(site).render()?),
        ("profile_empty", profile_empty(site).render()?),
        ("status", status_page(site).render()?),
        ("error_404", error(site, Problem::NotFound).render()?),
        ("error_429", error(site, Problem::TooManyRequests(Some(240))).render()?),
        ("error_500", error(site, Problem::Internal).render()?),
    ]);
    Ok(pages)
}

fn moment(minutes: i64) -> Moment {
    Moment::from_unix_milliseconds(1_792_065_825_000 + minutes * 60_000)
}

pub fn account(name: &str) -> AccountView {
    AccountView {
        display_name: name.to_owned(),
        handle: format!("@{name}@social.example"),
        profile_url: format!("/@{name}"),
        avatar_url: "/assets/avatar.png".into(),
        emojis: vec![],
    }
}

pub fn status(id: &str, author: &str, text: &str) -> StatusView {
    StatusView {
        id: id.to_owned(),
        author: account(author),
        url: format!("/@{author}/{id}"),
        created: moment(0),
        edited: None,
        visibility: Visibility::Public,
        here_only: false,
        content_html: format!("<p>{text}</p>"),
        content_text: text.to_owned(),
        language: Some("en".into()),
        content_warning: None,
        sensitive: false,
        media: vec![],
        poll: None,
        card: None,
        boosted_by: None,
        reply_to: None,
        replies: 1,
        boosts: 3,
        favourites: 12_345,
        application: Some("toot".into()),
        pinned: false,
        quote: None,
        ago: "5 min".into(),
        filtered_by: None,
        actions: None,
    }
}

fn picture(url: &str, width: u32, height: u32, description: Option<&str>) -> MediaView {
    MediaView {
        kind: MediaKind::Image,
        url: url.to_owned(),
        preview_url: None,
        description: description.map(str::to_owned),
        size: (width, height),
        focus: (2, 2),
    }
}

fn hills() -> MediaView {
    picture("/assets/header.png", 1500, 500, Some("Blue hills at dusk with a low red sun."))
}

fn elephant() -> MediaView {
    picture("/assets/avatar.png", 400, 400, Some("A drawing of a small elephant."))
}

fn poll() -> PollView {
    let option =
        |title: &str, votes| PollOptionView { title: title.to_owned(), votes: Some(votes) };
    PollView {
        options: vec![
            option("Mud bath", 21),
            option("Long walk", 13),
            option("Nap in the shade", 8),
        ],
        voters: 42,
        multiple: false,
        closed: true,
        expires: Some(moment(1440)),
    }
}

pub fn front(site: &Site) -> FrontPage<'_> {
    FrontPage {
        site,
        description: "A small place for quiet talk about rivers, trees and slow afternoons.".into(),
        stats: InstanceStats { accounts: 3, statuses: 12_804, servers: 951 },
        registrations: Registrations::Closed,
        banner_url: None,
        contact: Some(account("owner")),
    }
}

pub fn about(site: &Site) -> AboutPage<'_> {
    let rule = |text: &str, hint: &str| Rule { text: text.to_owned(), hint: hint.to_owned() };
    AboutPage {
        site,
        description: "A small place for quiet talk about rivers, trees and slow afternoons.".into(),
        extended_html: "<p>This server is run by one person, in their free time, at home.</p>"
            .into(),
        rules: vec![
            rule("Be kind.", ""),
            rule("Describe your pictures.", "Alternative text lets everyone take part."),
        ],
        stats: InstanceStats { accounts: 3, statuses: 12_804, servers: 951 },
        registrations: Registrations::Closed,
        banner_url: None,
        contact: Some(account("owner")),
        contact_email: Some("owner@social.example".into()),
        has_terms: true,
    }
}

pub fn sign_in(site: &Site) -> SignInPage<'_> {
    SignInPage {
        site,
        csrf_token: "csrf-value".into(),
        return_to: "/oauth/authorize?client_id=1&scope=read".into(),
        login: String::new(),
        error: None,
        notice: None,
        app_name: Some("Pocket Trumpet".into()),
    }
}

fn sign_in_wrong(site: &Site) -> SignInPage<'_> {
    SignInPage {
        login: "owner@social.example".into(),
        error: Some("That did not match. Check the address and the password.".into()),
        app_name: None,
        ..sign_in(site)
    }
}

fn sign_up_closed(site: &Site) -> SignUpClosedPage<'_> {
    SignUpClosedPage { site, message: Some("We are full for now. Ask again in spring.".into()) }
}

pub fn consent(site: &Site) -> ConsentPage<'_> {
    ConsentPage {
        site,
        csrf_token: "csrf-value".into(),
        app: ClientApp {
            name: "Pocket Trumpet".into(),
            website: Website::parse(
                "https://a-long-name-for-a-small-app.apps.client.example/about",
            ),
        },
        account: account("owner"),
        scopes: scopes::describe(&["read", "write:statuses", "write:media", "follow", "push"]),
        redirect_uri: "https://app.client.example/callback".into(),
        request: vec![("client_id".into(), "abc".into()), ("state".into(), "\"><b>".into())],
    }
}

fn consent_admin(site: &Site) -> ConsentPage<'_> {
    ConsentPage {
        app: ClientApp { name: "Herd Keeper".into(), website: None },
        scopes: scopes::describe(&["profile", "admin:read", "admin:write:reports", "fly"]),
        redirect_uri: "herdkeeper://callback".into(),
        ..consent(site)
    }
}

fn code(site: &Site) -> CodePage<'_> {
    CodePage {
        site,
        app_name: "Pocket Trumpet".into(),
        code: "q3WzN8c0bD7mY2kLxV5tR9pHsJ4fG6aEuKoI1nM-_Bc".into(),
    }
}

pub fn set_up(site: &Site) -> SetUpPage<'_> {
    SetUpPage {
        site,
        csrf_token: "csrf-value".into(),
        set_up_token: "set-up-value".into(),
        username: TextField::default(),
        email: TextField::default(),
        title: TextField::new("social.example"),
        password_error: None,
        error: None,
        shortest_password: 8,
    }
}

fn set_up_wrong(site: &Site) -> SetUpPage<'_> {
    SetUpPage {
        username: TextField::with_error(
            "The Owner",
            "Only small letters, digits and _ can be used.",
        ),
        email: TextField::new("owner@social.example"),
        password_error: Some("The two passwords differ.".into()),
        error: Some("Two things need another look.".into()),
        ..set_up(site)
    }
}

fn password_request(site: &Site) -> PasswordResetRequestPage<'_> {
    PasswordResetRequestPage {
        site,
        csrf_token: "csrf-value".into(),
        email: TextField::default(),
        notice: Some("That link has expired or was used before. Ask for a new one.".into()),
    }
}

fn password_sent(site: &Site) -> PasswordResetSentPage<'_> {
    PasswordResetSentPage { site, valid_minutes: 60, mail_folder: Some("data/mail".into()) }
}

fn password_new(site: &Site) -> NewPasswordPage<'_> {
    NewPasswordPage {
        site,
        csrf_token: "csrf-value".into(),
        username: "owner".into(),
        reset_token: "reset-value".into(),
        password_error: None,
        shortest_password: 8,
    }
}

pub fn profile(name: &str) -> ProfileView {
    ProfileView {
        account: account(name),
        header_url: "/assets/header.png".into(),
        bio_html: "<p>Walks slowly, remembers everything. Posts about <a href=\"/tags/rivers\" class=\"mention hashtag\" rel=\"tag\">#<span>rivers</span></a>.</p>".into(),
        bio_text: "Walks slowly, remembers everything. Posts about #rivers.".into(),
        fields: vec![
            ProfileFieldView {
                name: "Home".into(),
                value_html: "<a href=\"https://a-rather-long-host-name.owner.example/\" rel=\"me nofollow noopener\"><span class=\"invisible\">https://</span><span class=\"ellipsis\">a-rather-long-host-name.owner.</span><span class=\"invisible\">example/</span></a>".into(),
                verified: Some(moment(0)),
            },
            ProfileFieldView { name: "Likes".into(), value_html: "Mud".into(), verified: None },
        ],
        statuses_count: 12_804,
        following_count: Some(120),
        followers_count: Some(1),
        joined: moment(-900_000),
        automated: false,
        locked: true,
        moved_to: None,
    }
}

pub fn profile_page(site: &Site) -> ProfilePage<'_> {
    let pinned = StatusView {
        pinned: true,
        ..status("10", "owner", "Welcome. I write about rivers and what lives in them.")
    };
    let boost = StatusView {
        boosted_by: Some(account("owner")),
        media: vec![hills()],
        ..status("12", "friend", "The hills tonight.")
    };
    let warned = StatusView {
        content_warning: Some("Food".into()),
        ..status("13", "owner", "Ate a whole tree today.")
    };
    let card = CardView {
        url: "https://rivers.example/slow".into(),
        host: "rivers.example".into(),
        title: "Why slow rivers matter".into(),
        description: "Meanders keep water in the land, feed its plants and calm floods.".into(),
        image: Some(("/assets/header.png".into(), 1500, 500)),
        language: Some("en".into()),
    };
    let linked =
        StatusView { card: Some(card), ..status("14", "owner", "Worth a read this weekend.") };
    let sensitive = StatusView {
        sensitive: true,
        media: vec![elephant(), hills()],
        edited: Some(moment(5)),
        ..status("15", "owner", "Two pictures behind a click.")
    };
    let three = StatusView {
        media: vec![hills(), elephant(), picture("/assets/avatar.png", 400, 400, None)],
        ..status("16", "owner", "Three pictures.")
    };
    ProfilePage {
        site,
        profile: profile("owner"),
        pinned: vec![pinned],
        statuses: vec![boost, warned, linked, sensitive, three],
        newer_url: None,
        older_url: Some("/@owner?max_id=12".into()),
        canonical_url: "https://social.example/@owner".into(),
        activity_url: "https://social.example/users/owner".into(),
        indexable: false,
    }
}

fn profile_empty(site: &Site) -> ProfilePage<'_> {
    let moved_to = Some(account("friend"));
    ProfilePage {
        profile: ProfileView {
            moved_to,
            automated: true,
            fields: vec![],
            bio_html: String::new(),
            followers_count: None,
            ..profile("old_owner")
        },
        pinned: vec![],
        statuses: vec![],
        newer_url: Some("/@old_owner".into()),
        older_url: None,
        ..profile_page(site)
    }
}

pub fn status_page(site: &Site) -> StatusPage<'_> {
    let main = StatusView {
        media: vec![hills()],
        poll: Some(poll()),
        edited: Some(moment(30)),
        reply_to: Some(ReplyTarget {
            handle: "@friend@social.example".into(),
            url: Some("/@friend/20".into()),
        }),
        ..status("21", "owner", "Anything near the water. And you?")
    };
    let reply = |id: &str, author: &str, text: &str, depth| ThreadedReply {
        status: StatusView { boosts: 0, favourites: 1, replies: 0, ..status(id, author, text) },
        depth,
    };
    StatusPage {
        site,
        ancestors: vec![status("20", "friend", "What is everyone doing on the first warm day?")],
        status: main,
        replies: vec![
            reply("22", "friend", "A nap, as always.", 1),
            reply("23", "owner", "Of course. Standing up?", 2),
            reply("24", "friend", "Leaning on a tree.", 3),
            reply("25", "neighbour", "Mud. Always mud.", 1),
        ],
        canonical_url: "https://social.example/@owner/21".into(),
        activity_url: "https://social.example/users/owner/statuses/21".into(),
        indexable: true,
    }
}

pub fn error(site: &Site, problem: Problem) -> ErrorPage<'_> {
    ErrorPage { site, problem, detail: None, request_id: Some("01JB2K".into()) }
}
