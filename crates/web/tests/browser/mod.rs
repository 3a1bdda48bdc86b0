//! A browser without eyes: keeps cookies, reads the hidden fields of a form and sends them back.
//! It follows no redirect by itself, so that tests see each step.
#![expect(dead_code, reason = "each test file uses its part")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

pub mod person;

use std::collections::BTreeMap;

use axum::body::Body;
use http::{HeaderMap, Request, StatusCode};
use testkit::{Answer, Server, Talk};

/// Everything that the listener serves, but for health.
pub fn whole(server: &Server) -> Talk {
    Talk::to(api::router(server.app.clone()).merge(tuskling_web::router(server.app.clone())))
}

/// A browser with its cookies.
pub struct Browser {
    talk: Talk,
    pub cookies: BTreeMap<String, String>,
    /// Headers that the next requests carry beside the usual ones.
    pub extra: Vec<(&'static str, String)>,
}

impl Browser {
    pub fn at(server: &Server) -> Self {
        Self { talk: whole(server), cookies: BTreeMap::new(), extra: Vec::new() }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    pub async fn head(&mut self, path: &str) -> Answer {
        self.send("HEAD", path, None).await
    }

    /// Sends a form as it is.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send("POST", path, Some(encode(fields.iter().copied()))).await
    }

    /// Sends the form of a page with these fields filled in.
    pub async fn submit(&mut self, page: &Answer, path: &str, filled: &[(&str, &str)]) -> Answer {
        let hidden = hidden_fields(&page.text);
        let given = |name: &str| filled.iter().any(|(key, _)| *key == name);
        let fields = hidden
            .iter()
            .filter(|(name, _)| !given(name))
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .chain(filled.iter().copied());
        let form = encode(fields);
        self.send("POST", path, Some(form)).await
    }

    pub async fn sign_in(&mut self, login: &str, password: &str) -> Answer {
        let page = self.get("/auth/sign_in").await;
        self.submit(&page, "/auth/sign_in", &[("login", login), ("password", password)]).await
    }

    async fn send(&mut self, method: &str, path: &str, form: Option<String>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        if form.is_some() {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        for (name, value) in &self.extra {
            request = request.header(*name, value);
        }
        let answer =
            self.talk.ask(request.body(Body::from(form.unwrap_or_default())).unwrap()).await;
        self.keep_cookies(&answer.headers);
        answer
    }

    fn keep_cookies(&mut self, headers: &HeaderMap) {
        for cookie in headers.get_all("set-cookie") {
            let text = cookie.to_str().unwrap();
            let (name, rest) = text.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if text.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.into(), value.into());
            }
        }
    }
}

/// Form-encoding.
pub fn encode<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// Names and values of the hidden fields of a page.
pub fn hidden_fields(html: &str) -> Vec<(String, String)> {
    html.split("<input type=\"hidden\" name=\"")
        .skip(1)
        .map(|piece| {
            let (name, rest) = piece.split_once('"').unwrap();
            let value = rest.strip_prefix(" value=\"").unwrap().split_once('"').unwrap().0;
            let value = value
                .replace("&#38;", "&")
                .replace("&#60;", "<")
                .replace("&#62;", ">")
                .replace("&#34;", "\"")
                .replace("&#39;", "'")
                .replace("&amp;", "&");
            (name.to_owned(), value)
        })
        .collect()
}

pub fn location(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::FOUND, "{}", answer.text);
    answer.headers["location"].to_str().unwrap().to_owned()
}

/// A parameter of an address.
pub fn parameter(address: &str, name: &str) -> Option<String> {
    let (_, query) = address.split_once('?')?;
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// The first link with this path in the mails that were written, newest mail first.
pub fn mailed_link(server: &Server, path: &str) -> Option<String> {
    let mut files: Vec<_> = std::fs::read_dir(server.data().join("mail"))
        .ok()?
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    files.iter().rev().find_map(|file| {
        let text = std::fs::read_to_string(file).unwrap();
        let start = text.find(path)?;
        Some(text[start..].split_whitespace().next().unwrap().to_owned())
    })
}

/// How many mails were written.
pub fn mails(server: &Server) -> usize {
    std::fs::read_dir(server.data().join("mail")).map_or(0, Iterator::count)
}
