//! Who is signed in, and forms of theirs. Whoever is not is sent to sign in and comes back.

use app::access::Me;
use axum::extract::multipart::Field;
use axum::extract::{FromRequest, FromRequestParts, Multipart, Request};
use axum::response::{IntoResponse, Response};
use domain::AccountId;
use http::request::Parts;
use http::{HeaderMap, StatusCode, Uri, header};

use super::files::{self, File};
use crate::pages::Problem;
use crate::paths;
use crate::routes::Shared;
use crate::routes::answer::{Refusal, redirect};
use crate::routes::posted::{Fields, LARGEST, is_foreign};
use crate::routes::return_to::local_path;
use crate::routes::visitor::Visitor;

/// Set by our scripts: the answer is a part of a page.
const PART: &str = "x-tuskling-part";
/// Most fields in a form with files.
const MOST_FIELDS: usize = 100;

/// Somebody who is signed in, looking at a page.
pub(in crate::routes) struct Member {
    pub me: Me,
    pub visitor: Visitor,
    /// Path and query of the page, to come back to.
    pub here: String,
    /// A script asks for a part of the page.
    pub part: bool,
}

impl Member {
    /// Whoever is signed in on a page that everybody may see.
    pub fn of(visitor: Visitor, uri: &Uri) -> Option<Self> {
        let me = visitor.browser.as_ref()?.me.clone();
        let here = uri.path_and_query().map_or(paths::HOME, |here| here.as_str()).to_owned();
        Some(Self { me, visitor, here, part: false })
    }

    pub fn id(&self) -> AccountId {
        self.me.id()
    }
}

/// Sends to the sign-in page, and from there back.
pub(super) fn sign_in_first(back: &str, part: bool) -> Response {
    if part {
        let words = crate::t().your_session_has_ended_sign_in;
        let headers = [(header::CACHE_CONTROL, "private, no-store")];
        return (StatusCode::UNAUTHORIZED, headers, words).into_response();
    }
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("return_to", back)
        .finish();
    redirect(&format!("{}?{query}", paths::SIGN_IN)).into_response()
}

fn is_part(headers: &HeaderMap) -> bool {
    headers.contains_key(PART)
}

impl FromRequestParts<Shared> for Member {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Response> {
        let visitor =
            Visitor::from_request_parts(parts, app).await.map_err(IntoResponse::into_response)?;
        let here = parts.uri.path_and_query().map_or("/home", |here| here.as_str()).to_owned();
        let part = is_part(&parts.headers);
        let Some(me) = visitor.browser.as_ref().map(|browser| browser.me.clone()) else {
            return Err(sign_in_first(&here, part));
        };
        Ok(Self { me, visitor, here, part })
    }
}

/// A form of somebody who is signed in, from one of our own pages (A08), with its files.
pub(in crate::routes) struct Sent {
    pub member: Member,
    pub fields: Fields,
    pub files: Vec<File>,
    /// The page to go back to; one of ours.
    pub back: Option<String>,
}

impl Sent {
    /// Where to go afterwards.
    pub fn back(&self) -> &str {
        self.back.as_deref().unwrap_or(paths::HOME)
    }
}

impl FromRequest<Shared> for Sent {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Response> {
        read(request, app).await.map_err(|stop| match stop {
            Stop::Refused(refusal) => refusal.into_response(),
            Stop::Answered(response) => response,
        })
    }
}

enum Stop {
    Refused(Refusal),
    Answered(Response),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

async fn read(request: Request, app: &Shared) -> Result<Sent, Stop> {
    let (mut parts, body) = request.into_parts();
    let visitor = Visitor::from_request_parts(&mut parts, app).await?;
    if is_foreign(&parts.headers, &app.urls.base) {
        return Err(Refusal::new(Problem::Forbidden).into());
    }
    let part = is_part(&parts.headers);
    let here = parts.uri.path().to_owned();
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let multipart = kind.is_some_and(|kind| kind.starts_with("multipart/form-data"));
    let request = Request::from_parts(parts, body);
    let (fields, files) = if multipart {
        read_parts(request, app, &visitor).await?
    } else {
        let bytes = axum::body::to_bytes(request.into_body(), LARGEST).await;
        let bytes = bytes.map_err(|_| too_large())?;
        (Fields::parse(&bytes), Vec::new())
    };
    let back = local_path(app, &fields.text("back"));
    let Some(me) = visitor.browser.as_ref().map(|browser| browser.me.clone()) else {
        let kept = fields.text("text");
        if !part && !kept.trim().is_empty() {
            return Err(Stop::Answered(super::compose::kept(app, &kept).await.into_response()));
        }
        let back = back.as_deref().unwrap_or(paths::HOME);
        return Err(Stop::Answered(sign_in_first(back, part)));
    };
    if !visitor.accepts(&fields.text("csrf_token")) {
        return Err(Refusal::new(Problem::Forbidden).into());
    }
    Ok(Sent { member: Member { me, visitor, here, part }, fields, files, back })
}

fn too_large() -> Refusal {
    Refusal::because(Problem::BadRequest, crate::t().the_form_is_too_large)
}

/// Fields and files. No file is kept before the form's key has come and fits.
async fn read_parts(
    request: Request,
    app: &Shared,
    visitor: &Visitor,
) -> Result<(Fields, Vec<File>), Refusal> {
    let malformed = || Refusal::because(Problem::BadRequest, crate::t().the_form_broke_off_on_its);
    let most = files::largest(app, request.uri().path());
    let may = visitor
        .browser
        .as_ref()
        .is_some_and(|browser| files::may(&browser.me, request.uri().path()));
    let mut parts = Multipart::from_request(request, app).await.map_err(|_| malformed())?;
    let (mut pairs, mut files, mut room, mut count) = (Vec::new(), Vec::new(), LARGEST, 0);
    while let Some(part) = parts.next_field().await.map_err(|_| malformed())? {
        let name = part.name().unwrap_or_default().to_owned();
        count += 1;
        room =
            room.checked_sub(name.len()).filter(|_| count <= MOST_FIELDS).ok_or_else(too_large)?;
        if let Some(file_name) = part.file_name() {
            // A field for files that was left empty comes as a file without a name.
            if file_name.is_empty() {
                continue;
            }
            let is_ours = pairs.iter().any(|(name, value): &(String, String)| {
                name == "csrf_token" && visitor.accepts(value)
            });
            if !is_ours || !may {
                return Err(Refusal::new(Problem::Forbidden));
            }
            if files.len() >= files::MOST {
                return Err(Refusal::because(
                    Problem::BadRequest,
                    crate::t().these_are_too_many_files,
                ));
            }
            files.push(files::receive(part, app, name, most).await?);
            continue;
        }
        let value = read_text(part, room).await?;
        room -= value.len();
        pairs.push((name, value));
    }
    Ok((Fields::from_pairs(pairs), files))
}

/// A field of at most so many bytes, of which no more are kept before it is refused (R05).
async fn read_text(mut part: Field<'_>, most: usize) -> Result<String, Refusal> {
    let mut bytes = Vec::new();
    let broken = |_| Refusal::because(Problem::BadRequest, crate::t().the_form_broke_off_on_its);
    while let Some(chunk) = part.chunk().await.map_err(broken)? {
        if bytes.len() + chunk.len() > most {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
