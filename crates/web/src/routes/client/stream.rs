//! Events for an open page, by the session's cookie: new posts as finished pieces of the page, and how
//! many notifications wait. One stream a visible page; the bounds are those of every stream (A11).

use std::convert::Infallible;
use std::time::Duration;

use app::stream::{Channel, Loaded, Meaning, Published, Subscription, load};
use app::{App, notifications};
use askama::Template;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::filter::FilterContext;
use futures_util::stream;
use http::{HeaderMap, StatusCode, Uri, header};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::frame::{bare, every_kind, grouped};
use super::member::Member;
use super::show::Eye;
use crate::language::{Language, saying, spoken};
use crate::pages::Problem;
use crate::pages::client::{Frame, Place, StatusPart};
use crate::routes::Shared;
use crate::routes::answer::{Answer, Refusal};
use crate::routes::posted::Fields;
use crate::routes::return_to::local_path;

/// Between two signs of life.
const HEARTBEAT: Duration = Duration::from_secs(15);

pub(super) async fn open(
    State(app): State<Shared>,
    member: Member,
    headers: HeaderMap,
    uri: Uri,
) -> Answer {
    // The cookie comes along from other sites' pages too; what they load is not for them.
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    if site.is_some_and(|site| site != "same-origin") {
        return Err(Refusal::new(Problem::Forbidden));
    }
    let query = Fields::of_query(&uri);
    let (channel, context) = channel(&app, &member, &query.text("of")).await?;
    let session = member.visitor.session.as_ref().ok_or(Refusal::new(Problem::Forbidden))?;
    let key = app::stream::Key::Session(session.hash());
    let Some(subscription) = app::stream::open(&app, key, member.id()) else {
        let words = crate::t().too_many_pages_are_open_at;
        return Ok((StatusCode::SERVICE_UNAVAILABLE, words).into_response());
    };
    let mut frame = bare(&app, &member, Place::Home, String::new());
    frame.here = local_path(&app, &query.text("back")).unwrap_or_else(|| "/home".to_owned());
    let mut heartbeat = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let source = Source {
        language: spoken(),
        app,
        member,
        channel,
        context,
        frame,
        subscription,
        heartbeat,
        begun: false,
    };
    Ok(answer(source))
}

fn answer(source: Source) -> Response {
    // Nothing is made before the browser takes it, so a slow one costs its queue of ids.
    let body = Body::from_stream(stream::unfold(source, |mut source| async move {
        let chunk = source.next().await?;
        Some((Ok::<_, Infallible>(chunk), source))
    }));
    let headers =
        [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "private, no-store")];
    (headers, [("x-accel-buffering", "no")], body).into_response()
}

/// The channel of a timeline's name, and which filters apply there.
async fn channel(
    app: &App,
    member: &Member,
    name: &str,
) -> Result<(Channel, FilterContext), Refusal> {
    let odd = || Refusal::new(Problem::BadRequest);
    let parsed = match name.split_once(':') {
        None => match name {
            "home" | "notifications" => return Ok((Channel::User, FilterContext::Home)),
            "local" => Channel::parse("public:local", None, None, false),
            "federated" => Channel::parse("public", None, None, false),
            _ => return Err(odd()),
        },
        Some(("list", id)) => Channel::parse("list", None, Some(id), false),
        Some(("tag", name)) => Channel::parse("hashtag", Some(name), None, false),
        Some(_) => return Err(odd()),
    };
    let channel = parsed.map_err(|_| odd())?;
    let Channel::List(list) = channel else { return Ok((channel, FilterContext::Public)) };
    if !app::stream::owns_list(app, list, member.id()).await? {
        return Err(Refusal::new(Problem::NotFound));
    }
    Ok((channel, FilterContext::Home))
}

struct Source {
    /// Of the page that listens: the stream goes on when its request is answered.
    language: Language,
    app: Shared,
    member: Member,
    channel: Channel,
    context: FilterContext,
    frame: Frame,
    subscription: Subscription,
    heartbeat: Interval,
    begun: bool,
}

impl Source {
    /// The next bytes; `None` ends the stream.
    async fn next(&mut self) -> Option<Bytes> {
        if !self.begun {
            self.begun = true;
            return Some(Bytes::from_static(b"retry: 3000\n\n"));
        }
        let ended = self.subscription.ended.clone();
        loop {
            let published = tokio::select! {
                biased;
                () = ended.cancelled() => return None,
                published = self.subscription.next() => published?,
                _ = self.heartbeat.tick() => return Some(Bytes::from_static(b":thump\n\n")),
            };
            match self.event(&published).await {
                Ok(Some(text)) => return Some(Bytes::from(text)),
                Ok(None) => {}
                // The stream goes on; the page shows what was missed when it is loaded again.
                Err(error) => tracing::warn!(%error, "an event was not sent to a page"),
            }
        }
    }

    async fn event(&self, published: &Published) -> app::Result<Option<String>> {
        let me = self.member.id();
        let of_user = Channel::User.meaning(&published.event, me);
        if let Some(meaning @ (Meaning::Notification(_) | Meaning::Merged)) = of_user {
            return self.waiting(published, meaning).await;
        }
        let Some(meaning) = self.channel.meaning(&published.event, me) else { return Ok(None) };
        if let Meaning::Deleted(id) = meaning {
            return Ok(Some(format!("event: gone\ndata: {id}\n\n")));
        }
        let name = match meaning {
            Meaning::Status { edited: true, .. } | Meaning::PublicStatus { edited: true, .. } => {
                "edit"
            }
            _ => "post",
        };
        let view = match load(&self.app, published, meaning, me).await? {
            Some(Loaded::Status(view)) => *view,
            Some(Loaded::PublicStatus(id)) => app::statuses::show(&self.app, id, Some(me)).await?,
            _ => return Ok(None),
        };
        let eye = Eye { app: &self.app, me: &self.member.me, context: self.context };
        let rendered = saying(self.language, || {
            let part = |status| StatusPart { frame: self.frame.clone(), status, focused: false };
            eye.status(&view).map(|status| part(status).render())
        });
        let html = rendered.transpose().map_err(|error| {
            app::AppError::Internal(format!("a post could not be rendered: {error}"))
        })?;
        Ok(html.map(|html| lines(name, &html)))
    }

    /// How many notifications wait.
    async fn waiting(
        &self,
        published: &Published,
        meaning: Meaning,
    ) -> app::Result<Option<String>> {
        let me = self.member.id();
        if load(&self.app, published, meaning, me).await?.is_none() {
            return Ok(None);
        }
        let unread =
            notifications::unread_groups(&self.app, me, every_kind(), grouped(), 99).await?;
        Ok(Some(format!("event: notified\ndata: {unread}\n\n")))
    }
}

/// An event of several lines. A carriage return ends a line as well, for those who read it.
fn lines(name: &str, text: &str) -> String {
    let mut event = format!("event: {name}\n");
    for line in text.replace("\r\n", "\n").split(['\n', '\r']) {
        event.push_str("data: ");
        event.push_str(line);
        event.push('\n');
    }
    event.push('\n');
    event
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn a_text_cannot_begin_an_event_of_its_own() {
        let event = lines("post", "<p>cw\r\revent: gone\rdata: 1\r\n</p>");
        let each: Vec<&str> = event.split(['\r', '\n']).collect();
        assert_eq!(each.iter().filter(|line| line.starts_with("event:")).count(), 1);
        assert_eq!(each.iter().position(|line| line.is_empty()), Some(each.len() - 2));
    }

    #[test]
    fn a_text_of_several_lines_is_one_event() {
        assert_eq!(
            lines("post", "<p>a\n\nb</p>"),
            "event: post\ndata: <p>a\ndata: \ndata: b</p>\n\n"
        );
        assert!(!lines("post", "a\r\nevent: x").contains("\nevent: x"));
    }
}
