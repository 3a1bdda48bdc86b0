//! Mail. As long as no mail server is configured, messages are written as files to `DATA/mail`,
//! readable by the server's user alone: the owner of a local server opens them there.
//!
//! Nothing that people type reaches a header except an address that was checked (M11).

use std::path::PathBuf;

use domain::account::email_is_acceptable;

use crate::{App, AppError, Result};

/// A message in plain text.
#[derive(Clone, Debug)]
pub struct Message {
    /// One address.
    pub to: String,
    /// One line.
    pub subject: String,
    /// The text.
    pub body: String,
}

/// The folder where messages are written.
#[must_use]
pub fn folder(app: &App) -> PathBuf {
    app.config.server.data.join("mail")
}

/// Writes a message to the mail folder.
///
/// # Errors
/// [`AppError::Internal`] when it cannot be written.
pub(crate) async fn send(app: &App, message: Message) -> Result<()> {
    if !email_is_acceptable(&message.to) {
        return Err(AppError::Internal("a message was to go to no proper address".into()));
    }
    let number: domain::RowId = app.ids.next();
    let text = compose(app, number.0, &message);
    let folder = folder(app);
    let written = tokio::task::spawn_blocking(move || write(&folder, number.0, &text)).await;
    match written {
        Ok(Ok(path)) => {
            tracing::info!(path = %path.display(), "a mail was written");
            Ok(())
        }
        Ok(Err(error)) => Err(AppError::Internal(format!("a mail could not be written: {error}"))),
        Err(_) => Err(AppError::Internal("writing a mail was interrupted".into())),
    }
}

/// RFC 5322, with CRLF.
fn compose(app: &App, number: i64, message: &Message) -> String {
    let host = app.urls.domain.rsplit_once(':').map_or(app.urls.domain.as_str(), |(host, _)| host);
    let headers = [
        ("From", format!("<noreply@{host}>")),
        ("To", format!("<{}>", one_line(&message.to))),
        ("Subject", one_line(&message.subject)),
        ("Date", date(app)),
        ("Message-ID", format!("<{number}@{host}>")),
        ("MIME-Version", "1.0".to_owned()),
        ("Content-Type", "text/plain; charset=utf-8".to_owned()),
        ("Content-Transfer-Encoding", "8bit".to_owned()),
        ("Auto-Submitted", "auto-generated".to_owned()),
    ];
    let mut text = String::new();
    for (name, value) in headers {
        text.push_str(name);
        text.push_str(": ");
        text.push_str(&value);
        text.push_str("\r\n");
    }
    text.push_str("\r\n");
    text.push_str(&message.body.replace("\r\n", "\n").replace('\r', "").replace('\n', "\r\n"));
    text
}

/// A header's value cannot begin another header, and is ASCII.
fn one_line(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii() && !c.is_ascii_control()).take(500).collect()
}

fn date(app: &App) -> String {
    app.now().rfc2822()
}

fn write(folder: &std::path::Path, number: i64, text: &str) -> std::io::Result<PathBuf> {
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

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn m11_a_header_stays_one_header() {
        assert_eq!(one_line("a\r\nBcc: b@c\n d\0"), "aBcc: b@c d");
    }
}
