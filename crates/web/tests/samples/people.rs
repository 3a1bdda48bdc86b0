//! Pages on which people look after their account, with invented data.

use super::*;

/// Name and HTML of each.
pub fn all(site: &Site) -> Result<Vec<(&'static str, String)>, askama::Error> {
    let two_factor = |state| TwoFactorPage {
        site,
        csrf_token: "csrf-value".into(),
        username: "alice".into(),
        state,
        error: Some("Code is wrong.".into()),
    };
    let setup = SetupPicture {
        side: 45,
        path: "M4 4h1v1h-1z".into(),
        key: "MZXW6YTBOI".into(),
        address: "otpauth://totp/a:b?secret=MZXW6YTBOI&issuer=a".into(),
    };
    let offer = KeyOfferView {
        question: question(),
        handle: "AAAA".into(),
        account: "alice@social.example".into(),
        name: TextField::new("Blue key"),
    };
    Ok(vec![
        ("sign_up", sign_up(site).render()?),
        ("sign_up_done", sign_up_done(site).render()?),
        ("second_factor", second_factor(site).render()?),
        ("security", security(site).render()?),
        ("two_factor_off", two_factor(TwoFactorState::Off).render()?),
        ("two_factor_pending", two_factor(TwoFactorState::Pending(setup)).render()?),
        ("two_factor_on", two_factor(TwoFactorState::On).render()?),
        (
            "recovery_codes",
            RecoveryCodesPage { site, codes: vec!["abcd-efgh-ijkl-mnop".into()] }.render()?,
        ),
        ("security_key_codes_first", add_key(site, AddKeyState::NeedsCodes).render()?),
        ("security_key_password", add_key(site, AddKeyState::Password).render()?),
        ("security_key_add", add_key(site, AddKeyState::Key(offer)).render()?),
        ("security_key_remove", remove_key(site).render()?),
        ("mail_choices", mail_choices(site).render()?),
        ("invites", invites(site).render()?),
    ])
}

fn sign_up(site: &Site) -> SignUpPage<'_> {
    SignUpPage {
        site,
        csrf_token: "csrf-value".into(),
        by_staff: true,
        invite: String::new(),
        rules: vec!["Be kind".into()],
        username: TextField::with_error("alice", "It has already been taken."),
        email: TextField::new("alice@example.org"),
        password: TextField::default(),
        reason: TextField::with_error("", "It can't be blank."),
        agreed: true,
        agreement_error: None,
        notice: None,
        error: None,
        shortest_password: 8,
    }
}

fn sign_up_done(site: &Site) -> SignUpDonePage<'_> {
    SignUpDonePage {
        site,
        username: "alice".into(),
        confirm_email: true,
        by_staff: true,
        mail_folder: Some("./data/mail".into()),
    }
}

fn second_factor(site: &Site) -> SecondFactorPage<'_> {
    SecondFactorPage {
        site,
        csrf_token: "csrf-value".into(),
        return_to: "/".into(),
        error: Some("The code is wrong or was used before.".into()),
        app_name: Some("Ivory".into()),
        question: Some(question()),
    }
}

fn question() -> KeyQuestionView {
    KeyQuestionView {
        party: "social.example".into(),
        challenge: "AAAA".into(),
        known: "AQID:usb,nfc BAUG:".into(),
    }
}

fn key(last_used: Option<Moment>) -> KeyView {
    KeyView { id: "7".into(), name: "Blue key".into(), created: moment(-80_000), last_used }
}

fn add_key(site: &Site, state: AddKeyState) -> AddKeyPage<'_> {
    AddKeyPage {
        site,
        csrf_token: "csrf-value".into(),
        username: "alice".into(),
        state,
        error: Some("Current password is wrong.".into()),
    }
}

fn remove_key(site: &Site) -> RemoveKeyPage<'_> {
    RemoveKeyPage {
        site,
        csrf_token: "csrf-value".into(),
        username: "alice".into(),
        key: key(None),
        error: None,
    }
}

fn security(site: &Site) -> SecurityPage<'_> {
    let session = |id: &str, is_this| SessionView {
        id: id.into(),
        name: "Firefox on Linux".into(),
        created: moment(-9_000),
        last_used: moment(-60),
        is_this,
    };
    SecurityPage {
        site,
        csrf_token: "csrf-value".into(),
        username: "alice".into(),
        email: "alice@example.org".into(),
        notice: None,
        error: None,
        two_factor: true,
        codes_left: 9,
        keys: vec![key(Some(moment(-50))), key(None)],
        sessions: vec![session("a", true), session("b", false)],
        apps: vec![GrantView {
            id: "1".into(),
            name: "Ivory".into(),
            scopes: "read write".into(),
            created: moment(-90_000),
            last_used: Some(moment(-1)),
        }],
        shortest_password: 8,
        may_invite: true,
    }
}

fn mail_choices(site: &Site) -> MailChoicesPage<'_> {
    let choice = |name, label, is_on| MailChoice { name, label, is_on };
    MailChoicesPage {
        site,
        csrf_token: "csrf-value".into(),
        notice: Some("Saved.".into()),
        choices: vec![
            choice("mention", "somebody mentions me", true),
            choice("follow", "somebody follows me", false),
        ],
        always: false,
    }
}

fn invites(site: &Site) -> InvitesPage<'_> {
    InvitesPage {
        site,
        csrf_token: "csrf-value".into(),
        error: None,
        invites: vec![InviteView {
            code: "AbCd12345678".into(),
            address: "https://social.example/invite/AbCd12345678".into(),
            uses: 1,
            most: Some(5),
            ends: Some(moment(9_000)),
        }],
    }
}
