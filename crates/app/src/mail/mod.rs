//! Mail: by a mail server, by Amazon SES, or, as long as neither is configured, into files in
//! `DATA/mail`, readable by the server's user alone, where the owner of a local server opens them.
//!
//! Messages are sent by jobs of a lane of their own, tried again for a day and a half (R11), and never in
//! a transaction. What a message says is in [`Letter`]; what people want to hear of in [`choices`].

pub mod choices;
mod letter;
mod notices;
mod notifications;
mod ses;
pub mod unsubscribe;

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use config::{Config, MailTransport, SmtpSecurity};
use domain::Timestamp;
use domain::time::HOUR;
use net::smtp::{self, SmtpError};

use crate::rates::{Limit, Subject};
use crate::{App, AppError, Result};

pub use letter::{Letter, Part};
pub use notices::Notice;
pub(crate) use notices::{notify, tell};
pub(crate) use notifications::{queue as queue_notification, send as send_notification};

/// The way that messages take. Made once, by `tuskling`.
pub struct Mailer {
    way: Way,
    from: String,
    host: String,
    name: String,
    last: Mutex<Option<Sent>>,
}

/// What became of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// When it was handed over or refused.
    pub at: Timestamp,
    /// Why it was refused for good.
    pub problem: Option<String>,
}

enum Way {
    Files(PathBuf),
    Server(Box<smtp::Server>),
    Ses(ses::Ses),
}

/// Why a message did not go.
enum Failure {
    /// It never will.
    Refused(String),
    /// Another try may help.
    Later(String),
}

impl Mailer {
    /// As the settings say. Reads the files that hold passwords.
    ///
    /// # Errors
    /// The text says which setting cannot work.
    pub fn open(
        config: &Config,
        address: &config::Address,
        net: &net::Settings,
    ) -> Result<Self, String> {
        let settings = &config.mail;
        let domain = &address.domain;
        let host = domain.rsplit_once(':').map_or(domain.as_str(), |(host, _)| host).to_owned();
        let way = match settings.transport {
            MailTransport::Files => Way::Files(config.server.data.join("mail")),
            MailTransport::Smtp => Way::Server(Box::new(server(settings, &host, net)?)),
            MailTransport::Ses => {
                let secret = settings.key_secret().map_err(|error| error.to_string())?;
                Way::Ses(ses::Ses::new(settings, secret)?)
            }
        };
        let from = match settings.from.as_str() {
            "" => format!("noreply@{host}"),
            from => from.to_owned(),
        };
        Ok(Self { way, from, host, name: config.instance.title.clone(), last: Mutex::default() })
    }

    /// What became of the last mail since this process started.
    pub(crate) fn last(&self) -> Option<Sent> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, at: Timestamp, problem: Option<String>) {
        let sent = Sent { at, problem };
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(sent);
    }

    /// The folder where messages are written instead of being sent.
    #[must_use]
    pub fn folder(&self) -> Option<&std::path::Path> {
        match &self.way {
            Way::Files(folder) => Some(folder),
            Way::Server(_) | Way::Ses(_) => None,
        }
    }

    /// Whether mail would go, as far as that can be told without sending any; the answer says what was
    /// tried.
    ///
    /// # Errors
    /// Why it would not.
    pub async fn try_out(&self) -> Result<String, String> {
        match &self.way {
            Way::Files(folder) => Ok(format!("it is written to {}", folder.display())),
            Way::Server(server) => {
                server.try_out().await.map_err(|error| error.to_string())?;
                Ok("the mail server greets and takes the login".to_owned())
            }
            Way::Ses(_) => Ok("it goes by Amazon SES; nothing was asked there".to_owned()),
        }
    }
}

fn server(
    settings: &config::Mail,
    own_name: &str,
    net: &net::Settings,
) -> Result<smtp::Server, String> {
    let password = settings.password().map_err(|error| error.to_string())?;
    let user = Some(settings.smtp_user.clone()).filter(|user| !user.is_empty());
    let target = smtp::Target {
        host: settings.smtp_host.clone(),
        port: settings.port(),
        security: match settings.smtp_security {
            SmtpSecurity::Starttls => smtp::Security::Starttls,
            SmtpSecurity::Tls => smtp::Security::Tls,
            SmtpSecurity::None => smtp::Security::Plain,
        },
        login: user.zip(password).map(|(user, password)| smtp::Login { user, password }),
        own_name: own_name.to_owned(),
    };
    smtp::Server::new(net, target).map_err(|error| error.to_string())
}

/// The folder where messages are written, as long as nothing else is configured.
#[must_use]
pub fn folder(app: &App) -> Option<PathBuf> {
    app.mailer.folder().map(PathBuf::from)
}

/// Sends a message. One that is refused for good is let go with a line in the log.
///
/// # Errors
/// [`AppError::Busy`] when another try may help.
pub(crate) async fn send(app: &App, letter: Letter) -> Result<()> {
    let number: domain::RowId = app.ids.next();
    let mailer = &app.mailer;
    let frame = letter::Frame {
        from: &mailer.from,
        name: &mailer.name,
        base: &app.urls.base,
        host: &mailer.host,
        number: number.0,
        date: &app.now().rfc2822(),
    };
    let Some(text) = letter::compose(&letter, &frame) else {
        tracing::warn!("a mail was to go to an address that none can be sent to");
        return Ok(());
    };
    let to = &letter.to;
    let sent = match &mailer.way {
        Way::Files(folder) => write(folder.clone(), number.0, text).await,
        Way::Server(server) => {
            let sent = server.send(&mailer.from, to, text.as_bytes()).await;
            sent.map_err(|error| match error {
                SmtpError::Refused(_) => Failure::Refused(error.to_string()),
                SmtpError::Later(_) => Failure::Later(error.to_string()),
            })
        }
        Way::Ses(ses) => ses.send(app, &mailer.from, to, &text).await,
    };
    // What a server says of an address may name it.
    let hidden = |text: String| text.replace(to.as_str(), "(address)");
    match sent {
        Ok(()) => {
            mailer.note(app.now(), None);
            Ok(())
        }
        Err(Failure::Later(text)) => Err(AppError::Busy(hidden(text))),
        Err(Failure::Refused(text)) => {
            let reason = hidden(text);
            tracing::warn!(reason, "a mail was refused for good");
            mailer.note(app.now(), Some(reason));
            Ok(())
        }
    }
}

/// When the next message may go; `None` for now. What waits is not lost.
pub(crate) fn turn(app: &App) -> Option<Timestamp> {
    let limit = Limit { name: "mails", most: app.config.mail.per_hour, window: HOUR };
    let standing = app.rates.count(limit, Subject::named("all mail"), app.now());
    standing.exceeded.then_some(standing.reset)
}

/// The path of a profile on this server, whoever's it is.
pub(crate) fn profile_path(account: &domain::account::Account) -> String {
    match &account.domain {
        Some(domain) => format!("/@{}@{domain}", account.username),
        None => format!("/@{}", account.username),
    }
}

async fn write(folder: PathBuf, number: i64, text: String) -> Result<(), Failure> {
    match tokio::task::spawn_blocking(move || write_blocking(&folder, number, &text)).await {
        Ok(Ok(path)) => {
            tracing::info!(path = %path.display(), "a mail was written");
            Ok(())
        }
        Ok(Err(error)) => Err(Failure::Later(format!("a mail could not be written: {error}"))),
        Err(_) => Err(Failure::Later("writing a mail was interrupted".into())),
    }
}

fn write_blocking(folder: &std::path::Path, number: i64, text: &str) -> std::io::Result<PathBuf> {
    use std::io::Write;
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let path = folder.join(format!("{number}.eml"));
    let mut file =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok(path)
}
