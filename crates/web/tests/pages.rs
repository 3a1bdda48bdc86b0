//! What holds for every page, and what single pages promise.

mod samples;

use askama::Template;
use tuskling_web::{
    assets,
    pages::*,
    view::{StatusView, TextField},
};

const HOSTILE: &str = "<script>alert(1)</script>\"' onload=x &amp;";

fn assert_inert(html: &str) {
    assert!(!html.contains("<script>alert"), "a script came through");
    assert!(!html.contains("\"' onload"), "an attribute can be left");
    assert!(
        html.contains("&#60;script&#62;") || html.contains("&lt;script&gt;"),
        "text is missing"
    );
}

#[test]
fn every_page_is_whole_and_keeps_the_strict_policy() {
    for (name, html) in samples::all().unwrap() {
        assert!(html.starts_with("<!doctype html>"), "{name}");
        assert!(html.trim_end().ends_with("</html>"), "{name}");
        for part in
            ["<html lang=", "<main id=\"content\"", "href=\"#content\"", "<nav ", "<footer", "<h1"]
        {
            assert!(html.contains(part), "{name} lacks {part}");
        }
        assert_eq!(html.matches("<h1").count(), 1, "{name}");
        for inline in
            [" style=", "<style", " onclick", " onload", "javascript:", "<iframe", "<base"]
        {
            assert!(!html.contains(inline), "{name} contains {inline}");
        }
        assert_eq!(html.matches("<script").count(), html.matches("<script src=\"/assets/").count());
    }
}

#[test]
fn pages_load_nothing_from_elsewhere() {
    for (name, html) in samples::all().unwrap() {
        for piece in html.split(" src=\"").skip(1).chain(html.split(" poster=\"").skip(1)) {
            assert!(piece.starts_with('/') && !piece.starts_with("//"), "{name}: {}", &piece[..40]);
        }
        assert!(html.contains(&format!("href=\"{}\"", assets::url("web.css"))), "{name}");
    }
}

#[test]
fn every_picture_has_its_size_and_alternative_text() {
    for (name, html) in samples::all().unwrap() {
        for picture in html.split("<img ").skip(1) {
            let tag = picture.split('>').next().unwrap();
            for attribute in ["width=\"", "height=\"", "alt=\""] {
                assert!(tag.contains(attribute), "{name}: {tag}");
            }
        }
    }
}

#[test]
fn every_visible_field_has_a_label_and_ids_are_unique() {
    for (name, html) in samples::all().unwrap() {
        for input in html.split("<input ").skip(1) {
            let tag = input.split('>').next().unwrap();
            if tag.contains("type=\"hidden\"") || tag.ends_with(" hidden") {
                continue;
            }
            let id = tag.split("id=\"").nth(1).unwrap().split('"').next().unwrap();
            assert!(html.contains(&format!("for=\"{id}\"")), "{name}: {id} has no label");
        }
        let mut ids: Vec<&str> =
            html.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "{name} repeats an id");
        for reference in html.split("aria-describedby=\"").skip(1) {
            for id in reference.split('"').next().unwrap().split(' ') {
                assert!(ids.contains(&id), "{name}: nothing has the id {id}");
            }
        }
    }
}

#[test]
fn every_form_that_changes_something_carries_the_anti_forgery_token() {
    for (name, html) in samples::all().unwrap() {
        // Its address is a secret of one person's and one kind of mail, and mail programs send it without cookies.
        if name == "unsubscribe" {
            continue;
        }
        for form in html.split("<form ").skip(1) {
            let form = form.split("</form>").next().unwrap();
            assert!(form.starts_with("method=\"post\" action=\"/"), "{name}");
            assert!(form.contains("name=\"csrf_token\" value=\"csrf-value\""), "{name}");
        }
    }
}

#[test]
fn m03_names_from_outside_are_text() {
    let site = samples::site();
    let mut consent = samples::consent(&site);
    consent.app.name = HOSTILE.into();
    consent.request = vec![("state".into(), HOSTILE.into())];
    assert_inert(&consent.render().unwrap());

    let mut page = samples::profile_page(&site);
    page.profile.account.display_name = HOSTILE.into();
    page.profile.fields[0].name = HOSTILE.into();
    page.profile.bio_text = HOSTILE.into();
    for status in &mut page.statuses {
        status.author.display_name = HOSTILE.into();
    }
    assert_inert(&page.render().unwrap());

    let hostile_site = Site { title: HOSTILE.into(), ..samples::site() };
    assert_inert(&samples::front(&hostile_site).render().unwrap());
    let sign_in = SignInPage { login: HOSTILE.into(), ..samples::sign_in(&site) };
    assert_inert(&sign_in.render().unwrap());
    let set_up = SetUpPage { title: TextField::new(HOSTILE), ..samples::set_up(&site) };
    assert_inert(&set_up.render().unwrap());
}

#[test]
fn m03_everything_plain_in_a_post_is_text() {
    let site = samples::site();
    let mut page = samples::status_page(&site);
    let status: &mut StatusView = &mut page.status;
    status.content_text = HOSTILE.into();
    status.content_warning = Some(HOSTILE.into());
    status.language = Some(HOSTILE.into());
    status.application = Some(HOSTILE.into());
    status.media[0].description = Some(HOSTILE.into());
    for option in status.poll.iter_mut().flat_map(|poll| &mut poll.options) {
        option.title = HOSTILE.into();
    }
    assert_inert(&page.render().unwrap());
}

#[test]
fn f17_addresses_that_run_something_are_no_links() {
    let site = samples::site();
    let mut page = samples::status_page(&site);
    page.status.url = "javascript:alert(1)".into();
    page.status.author.profile_url = "JavaScript:alert(1)".into();
    page.status.author.avatar_url = "data:text/html,x".into();
    page.status.media[0].url = "vbscript:x".into();
    let html = page.render().unwrap().to_lowercase();
    for scheme in ["javascript:", "vbscript:", "\"data:"] {
        assert!(!html.contains(scheme), "{scheme}");
    }
}

#[test]
fn a_post_page_tells_machines_what_it_is() {
    let site = samples::site();
    let html = samples::status_page(&site).render().unwrap();
    for tag in [
        "<link rel=\"canonical\" href=\"https://social.example/@owner/21\">",
        "<link rel=\"alternate\" type=\"application/activity+json\" href=\"https://social.example/users/owner/statuses/21\">",
        "<meta property=\"og:title\" content=\"owner (@owner@social.example)\">",
        "<meta property=\"og:description\" content=\"Anything near the water. And you?\">",
        "<meta property=\"og:image\" content=\"https://social.example/assets/header.png\">",
        "<meta property=\"og:image:width\" content=\"1500\">",
        "<meta property=\"og:image:alt\" content=\"Blue hills at dusk with a low red sun.\">",
        "<meta name=\"twitter:card\" content=\"summary_large_image\">",
        "<meta property=\"article:published_time\" content=\"2026-10-15T12:03:45Z\">",
    ] {
        assert!(html.contains(tag), "missing {tag}");
    }
    assert!(!html.contains("noindex"));
    assert!(samples::profile_page(&site).render().unwrap().contains("noindex"));
}

#[test]
fn a_content_warning_hides_text_and_pictures_from_previews_and_readers() {
    let site = samples::site();
    let mut page = samples::status_page(&site);
    page.status.content_warning = Some("Food".into());
    let html = page.render().unwrap();
    let head = html.split("</head>").next().unwrap();
    assert!(!head.contains("Anything near the water"));
    assert!(!head.contains("header.png"));
    assert!(head.contains("Content warning: Food"));
    let before_text = html.split("<p>Anything near the water").next().unwrap();
    let veil = before_text.rsplit("<details class=\"veil\">").next().unwrap();
    assert!(veil.contains("Food") && !veil.contains("</details>"));
}

#[test]
fn sensitive_pictures_stand_behind_a_click_and_not_in_previews() {
    let site = samples::site();
    let mut page = samples::status_page(&site);
    page.status.sensitive = true;
    let html = page.render().unwrap();
    assert!(!html.split("</head>").next().unwrap().contains("header.png"));
    assert!(html.contains("<details class=\"veil\"><summary><span>Sensitive media"));
}

#[test]
fn m09_consent_shows_the_hosts_in_full() {
    let site = samples::site();
    let html = samples::consent(&site).render().unwrap();
    assert!(html.contains(">a-long-name-for-a-small-app.apps.client.example</a>"));
    assert!(html.contains("You go to <span class=\"host\">app.client.example</span>"));
}

#[test]
fn m04_the_consent_form_may_lead_to_its_app_only() {
    let site = samples::site();
    let headers = tuskling_web::security_headers(&samples::consent(&site).policy());
    let policy = headers.iter().find(|(name, _)| name == "content-security-policy").unwrap();
    let text = policy.1.to_str().unwrap();
    assert!(text.contains("form-action 'self' https://app.client.example;"), "{text}");
}

#[test]
fn typed_passwords_and_secrets_are_not_shown_again() {
    let site = samples::site();
    let mut page = samples::set_up(&site);
    page.password_error = Some("Too short.".into());
    let html = page.render().unwrap();
    for input in html.split("<input ").skip(1) {
        let tag = input.split('>').next().unwrap();
        assert!(!(tag.contains("type=\"password\"") && tag.contains("value=")), "{tag}");
    }
    assert!(html.contains("aria-invalid=\"true\""));
}

#[test]
fn every_problem_has_its_status_and_a_way_on() {
    let site = samples::site();
    for (problem, code) in [
        (Problem::BadRequest, 400),
        (Problem::Forbidden, 403),
        (Problem::NotFound, 404),
        (Problem::Gone, 410),
        (Problem::Unprocessable, 422),
        (Problem::TooManyRequests(None), 429),
        (Problem::Internal, 500),
        (Problem::Unavailable, 503),
    ] {
        assert_eq!(problem.status().as_u16(), code);
        let html = samples::error(&site, problem).render().unwrap();
        assert!(html.contains(&code.to_string()) && html.contains("href=\"/\""));
    }
}
