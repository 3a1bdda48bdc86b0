//! Somebody whose sign-in takes two steps.

use aws_lc_rs::hmac;
use domain::account::Account;
use domain::time::MINUTE;
use testkit::{PASSWORD, Server};

use super::Browser;

/// What an app shows for this key at the server's time (RFC 6238).
pub fn code(server: &Server, key: &str) -> String {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: String =
        key.chars().map(|letter| format!("{:05b}", LETTERS.find(letter).unwrap())).collect();
    let bytes: Vec<u8> = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap())
        .collect();
    let step = server.app.now().seconds() / 30;
    let secret = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &bytes);
    let digest = hmac::sign(&secret, &step.to_be_bytes());
    let at = usize::from(digest.as_ref()[19] & 15);
    let word = u32::from_be_bytes(digest.as_ref()[at..at + 4].try_into().unwrap());
    format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
}

/// Somebody with a second factor: their browser, their key, their recovery codes.
pub struct Person {
    pub account: Account,
    pub browser: Browser,
    pub key: String,
    pub codes: Vec<String>,
}

impl Person {
    pub async fn with_second_factor(server: &Server, name: &str) -> Self {
        let account = server.account(name).await;
        let mut browser = Browser::at(server);
        browser.sign_in(name, PASSWORD).await;
        let page = browser.get("/settings/two_factor").await;
        let wrong = [("current_password", "wrong password")];
        assert_eq!(browser.submit(&page, "/settings/two_factor", &wrong).await.status, 422);
        let right = [("current_password", PASSWORD)];
        let page = browser.submit(&page, "/settings/two_factor", &right).await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(page.text.contains("otpauth://totp/localhost%3A3000:"), "{}", page.text);
        assert!(page.text.contains("<path class=\"dots\" d=\"M"), "it is drawn");
        let key = between(&page.text, "<code class=\"host\">", "</code>");
        let form = [("code", "000000")];
        let again = browser.submit(&page, "/settings/two_factor/confirm", &form).await;
        assert_eq!(again.status, 422, "a wrong first code switches nothing on");
        assert!(again.text.contains(&key), "the same key is shown again");
        let form = [("code", code(server, &key))];
        let form = form.each_ref().map(|(name, code)| (*name, code.as_str()));
        let page = browser.submit(&page, "/settings/two_factor/confirm", &form).await;
        let codes: Vec<String> = page
            .text
            .split("<li><code>")
            .skip(1)
            .map(|rest| rest.split("</code>").next().unwrap().to_owned())
            .collect();
        assert_eq!(codes.len(), 10, "{}", page.text);
        server.clock.advance(MINUTE);
        Self { account, browser, key, codes }
    }
}

/// What stands between two texts.
pub fn between(text: &str, before: &str, after: &str) -> String {
    text.split_once(before).unwrap().1.split_once(after).unwrap().0.to_owned()
}
