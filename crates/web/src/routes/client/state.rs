//! The cards of the dashboard that say how it stands with certificates and mail.

use app::dashboard::{self, MailState};
use app::edges::{Edge, Fetched, Name};
use config::MailTransport;
use domain::Timestamp;
use domain::time::SECOND;

use super::member::Member;
use crate::pages::client::{CertificateRow, EdgeCard, MailCard, StateCards};
use crate::routes::{Shared, present};

/// All of them.
pub(super) async fn cards(app: &Shared, member: &Member) -> app::Result<StateCards> {
    let mail = dashboard::mail(app, &member.me).await?;
    let now = app.now();
    Ok(StateCards {
        is_plain: app.urls.base.starts_with("http://"),
        edges: app.edges.all().into_iter().map(|edge| edge_card(edge, now)).collect(),
        mail: mail_card(app, &mail),
    })
}

fn edge_card(edge: Edge, now: Timestamp) -> EdgeCard {
    EdgeCard {
        is_away: edge.is_away(now),
        heard: present::moment(edge.heard_at),
        address: edge.address.to_string(),
        names: edge.names.into_iter().map(certificate).collect(),
    }
}

fn certificate(name: Name) -> CertificateRow {
    let time = |seconds: i64| present::moment(Timestamp(seconds.saturating_mul(SECOND)));
    let fetched = name.fetched.unwrap_or_default();
    let Fetched { ends_at, next_try_at, failures, last_error, warning } = fetched;
    CertificateRow {
        name: name.name,
        is_there: name.has_certificate,
        ends: ends_at.map(time),
        next: (next_try_at > 0).then(|| time(next_try_at)),
        trouble: warning.or(last_error.filter(|_| failures > 0)),
    }
}

fn mail_card(app: &Shared, mail: &MailState) -> MailCard {
    let settings = &app.config.mail;
    MailCard {
        way: match settings.transport {
            MailTransport::Files => crate::t().mail_into_files.to_owned(),
            MailTransport::Smtp => crate::t().mail_goes_by(&settings.smtp_host, settings.port()),
            MailTransport::Ses => crate::t().mail_goes_by_ses.to_owned(),
        },
        waiting: present::number(mail.waiting.count),
        since: mail.since.map(present::moment),
        reason: mail.waiting.last_error.clone(),
        last: mail.last.as_ref().map(|sent| present::moment(sent.at)),
        refusal: mail.last.as_ref().and_then(|sent| sent.problem.clone()),
    }
}
