//! `[mail]`: how messages to people leave this server.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::ConfigError;

/// How messages to people leave this server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    /// Files in the data folder, a mail server, or Amazon SES.
    pub transport: MailTransport,
    /// The address that messages come from; empty is noreply at the domain.
    pub from: String,
    /// Most messages in an hour.
    pub per_hour: u32,
    /// The mail server.
    pub smtp_host: String,
    /// Its port; 0 is the usual one.
    pub smtp_port: u16,
    /// How the connection is protected.
    pub smtp_security: SmtpSecurity,
    /// The name to log in with; empty is no login.
    pub smtp_user: String,
    /// The password.
    pub smtp_password: Option<String>,
    /// File that holds the password.
    pub smtp_password_file: Option<PathBuf>,
    /// Region of SES; empty is the one that the instance runs in.
    pub ses_region: String,
    /// Another address of SES, for tests and private endpoints.
    pub ses_endpoint: Option<String>,
    /// Access key; none is the role of the instance.
    pub ses_access_key_id: Option<String>,
    /// Its secret.
    pub ses_secret_access_key: Option<String>,
    /// File that holds the secret.
    pub ses_secret_access_key_file: Option<PathBuf>,
}

pub(super) const DOCS: &[(&str, &str, &str)] = &[
    ("transport", "files (DATA/mail, nothing is sent), smtp, or ses (Amazon, by its API).", ""),
    ("from", "The address that messages come from. Empty: noreply@ and the domain.", ""),
    ("per_hour", "Most messages in an hour; what is beyond waits.", ""),
    ("smtp_host", "The mail server's name.", ""),
    ("smtp_port", "Its port. 0: 587 for starttls, 465 for tls, 25 for none.", ""),
    ("smtp_security", "starttls, tls (from the first byte), or none (only to this machine).", ""),
    ("smtp_user", "The name to log in with. Empty: no login.", ""),
    ("smtp_password", "The password.", "\"secret\""),
    ("smtp_password_file", "A file that holds the password.", "\"/etc/tuskling/smtp-password\""),
    ("ses_region", "Region of Amazon SES. Empty: the one that this instance runs in.", ""),
    (
        "ses_endpoint",
        "Another address of SES, such as a private endpoint.",
        "\"https://email.eu-west-3.amazonaws.com\"",
    ),
    (
        "ses_access_key_id",
        "Access key for SES. None: the role of this instance, so that no key exists at all.",
        "\"AKIA…\"",
    ),
    ("ses_secret_access_key", "The key's secret.", "\"secret\""),
    (
        "ses_secret_access_key_file",
        "A file that holds the key's secret.",
        "\"/etc/tuskling/ses-secret\"",
    ),
];

/// Where messages go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTransport {
    /// Into files that the owner of a local server opens.
    #[default]
    Files,
    /// To a mail server.
    Smtp,
    /// To Amazon SES.
    Ses,
}

/// How a connection to a mail server is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpSecurity {
    /// Begins in the clear and is encrypted before anything is said (RFC 3207).
    #[default]
    Starttls,
    /// Encrypted from the first byte (RFC 8314).
    Tls,
    /// Not at all: for a mail server on this machine.
    None,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            transport: MailTransport::Files,
            from: String::new(),
            per_hour: 500,
            smtp_host: String::new(),
            smtp_port: 0,
            smtp_security: SmtpSecurity::Starttls,
            smtp_user: String::new(),
            smtp_password: None,
            smtp_password_file: None,
            ses_region: String::new(),
            ses_endpoint: None,
            ses_access_key_id: None,
            ses_secret_access_key: None,
            ses_secret_access_key_file: None,
        }
    }
}

impl Mail {
    pub(crate) fn validate(&self) -> Result<(), ConfigError> {
        let invalid =
            |key, problem: &str| Err(ConfigError::Invalid { key, problem: problem.into() });
        if !self.from.is_empty() && self.from.matches('@').count() != 1 {
            return invalid("mail.from", "is no address; write one like social@example.org");
        }
        if self.per_hour == 0 {
            return invalid("mail.per_hour", "is 0, so nothing would ever be sent");
        }
        match self.transport {
            MailTransport::Files => Ok(()),
            MailTransport::Smtp => self.validate_smtp(),
            MailTransport::Ses => self.validate_ses(),
        }
    }

    fn validate_smtp(&self) -> Result<(), ConfigError> {
        let invalid =
            |key, problem: &str| Err(ConfigError::Invalid { key, problem: problem.into() });
        if self.smtp_host.is_empty() {
            return invalid("mail.smtp_host", "is needed for mail.transport = \"smtp\"");
        }
        if self.smtp_security == SmtpSecurity::None && !is_this_machine(&self.smtp_host) {
            let problem = "none is only for a mail server on this machine; write starttls or tls";
            return invalid("mail.smtp_security", problem);
        }
        if self.smtp_password.is_some() && self.smtp_password_file.is_some() {
            let problem = "is given beside mail.smtp_password; keep one of them";
            return invalid("mail.smtp_password_file", problem);
        }
        let has_password = self.smtp_password.is_some() || self.smtp_password_file.is_some();
        if self.smtp_user.is_empty() == has_password {
            let problem = "and its password belong together; give both or neither";
            return invalid("mail.smtp_user", problem);
        }
        Ok(())
    }

    fn validate_ses(&self) -> Result<(), ConfigError> {
        let invalid =
            |key, problem: &str| Err(ConfigError::Invalid { key, problem: problem.into() });
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !self.ses_region.bytes().all(plain) {
            return invalid("mail.ses_region", "is no region; write one like eu-west-3");
        }
        if self.ses_secret_access_key.is_some() && self.ses_secret_access_key_file.is_some() {
            let problem = "is given beside mail.ses_secret_access_key; keep one of them";
            return invalid("mail.ses_secret_access_key_file", problem);
        }
        let has_secret =
            self.ses_secret_access_key.is_some() || self.ses_secret_access_key_file.is_some();
        if self.ses_access_key_id.is_some() != has_secret {
            let problem = "and its secret belong together; give both, or neither to use the role";
            return invalid("mail.ses_access_key_id", problem);
        }
        Ok(())
    }

    /// The port of the mail server.
    #[must_use]
    pub fn port(&self) -> u16 {
        match (self.smtp_port, self.smtp_security) {
            (0, SmtpSecurity::Starttls) => 587,
            (0, SmtpSecurity::Tls) => 465,
            (0, SmtpSecurity::None) => 25,
            (port, _) => port,
        }
    }

    /// The password of the mail server. Reads its file if there is one.
    ///
    /// # Errors
    /// [`ConfigError::Unreadable`].
    pub fn password(&self) -> Result<Option<String>, ConfigError> {
        secret(self.smtp_password.as_deref(), self.smtp_password_file.as_deref())
    }

    /// The secret of the access key. Reads its file if there is one.
    ///
    /// # Errors
    /// [`ConfigError::Unreadable`].
    pub fn key_secret(&self) -> Result<Option<String>, ConfigError> {
        secret(self.ses_secret_access_key.as_deref(), self.ses_secret_access_key_file.as_deref())
    }
}

fn secret(text: Option<&str>, file: Option<&Path>) -> Result<Option<String>, ConfigError> {
    let Some(path) = file else { return Ok(text.map(str::to_owned)) };
    let text = std::fs::read_to_string(path)
        .map_err(|cause| ConfigError::Unreadable { path: path.to_owned(), cause })?;
    Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost"
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn smtp(change: impl FnOnce(&mut Mail)) -> Result<(), ConfigError> {
        let mut mail = Mail {
            transport: MailTransport::Smtp,
            smtp_host: "mail.example".into(),
            ..Mail::default()
        };
        change(&mut mail);
        mail.validate()
    }

    #[test]
    fn what_cannot_work_is_said_before_the_first_mail() {
        assert!(smtp(|_| {}).is_ok());
        assert!(smtp(|mail| mail.smtp_host.clear()).is_err());
        assert!(smtp(|mail| mail.smtp_user = "me".into()).is_err(), "no password");
        assert!(smtp(|mail| mail.smtp_password = Some("x".into())).is_err(), "no name");
        assert!(smtp(|mail| mail.from = "nobody".into()).is_err());
        assert!(smtp(|mail| mail.per_hour = 0).is_err());
        assert!(smtp(|mail| mail.smtp_security = SmtpSecurity::None).is_err(), "in the clear");
        let here = |mail: &mut Mail| {
            mail.smtp_security = SmtpSecurity::None;
            mail.smtp_host = "127.0.0.1".into();
        };
        assert!(smtp(here).is_ok());
    }
}
