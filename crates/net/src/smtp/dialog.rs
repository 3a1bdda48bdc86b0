//! The words of SMTP: one command, one answer.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use super::{Login, Patience, SmtpError, Wire};

/// Bytes of one answer, all its lines together.
const LONGEST: usize = 16 * 1024;

/// A conversation with a server that has greeted.
pub(super) struct Dialog {
    wire: Box<dyn Wire>,
    /// What was read beyond the last answer.
    rest: Vec<u8>,
    patience: Patience,
    /// What the server can do, upper case.
    offers: Vec<String>,
}

/// An answer.
struct Answer {
    code: u16,
    lines: Vec<String>,
}

impl Answer {
    /// In one line, for people.
    fn shown(&self) -> String {
        let text = format!("{} {}", self.code, self.lines.join(" "));
        text.chars().filter(|letter| !letter.is_control()).take(300).collect()
    }

    fn is_good(&self) -> bool {
        (200..400).contains(&self.code)
    }
}

impl Dialog {
    /// Waits for the server's greeting and says who we are.
    pub(super) async fn greet(
        wire: Box<dyn Wire>,
        patience: Patience,
        own_name: &str,
    ) -> Result<Self, SmtpError> {
        let mut dialog = Self { wire, rest: Vec::new(), patience, offers: Vec::new() };
        let greeting = dialog.answer(patience.answer).await?;
        later_unless(&greeting)?;
        dialog.introduce(own_name).await?;
        Ok(dialog)
    }

    /// Begins anew inside an encrypted connection; the server does not greet again.
    pub(super) async fn resume(
        wire: Box<dyn Wire>,
        patience: Patience,
        own_name: &str,
    ) -> Result<Self, SmtpError> {
        let mut dialog = Self { wire, rest: Vec::new(), patience, offers: Vec::new() };
        dialog.introduce(own_name).await?;
        Ok(dialog)
    }

    async fn introduce(&mut self, own_name: &str) -> Result<(), SmtpError> {
        let name: String = own_name
            .chars()
            .filter(|letter| letter.is_ascii_alphanumeric() || ".-[]:".contains(*letter))
            .collect();
        let answer = self.ask(&format!("EHLO {name}")).await?;
        later_unless(&answer)?;
        self.offers = answer.lines.iter().skip(1).map(|line| line.to_ascii_uppercase()).collect();
        Ok(())
    }

    /// Asks the server to go on encrypted. One that does not offer it is not spoken with: whoever
    /// stands between could have taken the offer out.
    pub(super) async fn ask_for_tls(&mut self) -> Result<(), SmtpError> {
        if !self.offers.iter().any(|offer| offer == "STARTTLS") {
            let text = "it offers no STARTTLS; set mail.smtp_security = \"tls\" if it expects that";
            return Err(SmtpError::Later(text.into()));
        }
        later_unless(&self.ask("STARTTLS").await?)
    }

    /// The bare connection. What came after the answer was not encrypted and not from the server.
    pub(super) fn into_wire(self) -> Result<Box<dyn Wire>, SmtpError> {
        if self.rest.is_empty() {
            return Ok(self.wire);
        }
        Err(SmtpError::Later("it went on talking before the encryption".into()))
    }

    /// Logs in (RFC 4954) by PLAIN, or by the older LOGIN where only that is offered.
    pub(super) async fn log_in(&mut self, login: &Login) -> Result<(), SmtpError> {
        let ways = self.offers.iter().find_map(|offer| offer.strip_prefix("AUTH"));
        let ways: Vec<&str> =
            ways.unwrap_or_default().split([' ', '=']).filter(|way| !way.is_empty()).collect();
        let answer = if ways.contains(&"PLAIN") {
            let proof = STANDARD.encode(format!("\0{}\0{}", login.user, login.password));
            self.ask(&format!("AUTH PLAIN {proof}")).await?
        } else if ways.contains(&"LOGIN") {
            later_unless(&self.ask("AUTH LOGIN").await?)?;
            later_unless(&self.ask(&STANDARD.encode(&login.user)).await?)?;
            self.ask(&STANDARD.encode(&login.password)).await?
        } else {
            let text = "it offers no login by PLAIN or LOGIN; check mail.smtp_security";
            return Err(SmtpError::Later(text.into()));
        };
        later_unless(&answer)
    }

    /// Hands over one message.
    pub(super) async fn hand_over(
        &mut self,
        from: &str,
        to: &str,
        message: &[u8],
    ) -> Result<(), SmtpError> {
        for command in [format!("MAIL FROM:<{from}>"), format!("RCPT TO:<{to}>"), "DATA".into()] {
            taken(&self.ask(&command).await?)?;
        }
        self.write(&stuffed(message)).await?;
        taken(&self.answer(self.patience.taking).await?)
    }

    /// Says goodbye. The message has been taken whatever comes of it.
    pub(super) async fn leave(mut self) {
        // The answer would only tell what is known.
        let _ = self.ask("QUIT").await;
    }

    async fn ask(&mut self, command: &str) -> Result<Answer, SmtpError> {
        self.write(format!("{command}\r\n").as_bytes()).await?;
        self.answer(self.patience.answer).await
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), SmtpError> {
        let written = timeout(self.patience.taking, async {
            self.wire.write_all(bytes).await?;
            self.wire.flush().await
        });
        match written.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(SmtpError::Later(error.to_string())),
            Err(_) => Err(SmtpError::Later("it stopped reading".into())),
        }
    }

    async fn answer(&mut self, patience: std::time::Duration) -> Result<Answer, SmtpError> {
        match timeout(patience, self.read_answer()).await {
            Ok(answer) => answer,
            Err(_) => Err(SmtpError::Later("it did not answer in time".into())),
        }
    }

    /// Lines that begin with one code; a `-` behind it means that another follows.
    async fn read_answer(&mut self) -> Result<Answer, SmtpError> {
        let odd = || SmtpError::Later("it does not speak SMTP".into());
        let mut lines = Vec::new();
        let mut length = 0;
        loop {
            let line = self.line().await?;
            length += line.len();
            if length > LONGEST {
                return Err(odd());
            }
            let (code, rest) = line.split_at_checked(3).ok_or_else(odd)?;
            let code: u16 = code.parse().map_err(|_| odd())?;
            lines.push(rest.get(1..).unwrap_or_default().trim().to_owned());
            if !rest.starts_with('-') {
                return Ok(Answer { code, lines });
            }
        }
    }

    async fn line(&mut self) -> Result<String, SmtpError> {
        loop {
            if let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.rest.drain(..=end).collect();
                return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            if self.rest.len() > LONGEST {
                return Err(SmtpError::Later("it does not speak SMTP".into()));
            }
            let read = self.wire.read_buf(&mut self.rest).await;
            if read.map_err(|error| SmtpError::Later(error.to_string()))? == 0 {
                return Err(SmtpError::Later("it hung up".into()));
            }
        }
    }
}

/// Before a message is spoken of, a refusal is about us, and the owner may mend it.
fn later_unless(answer: &Answer) -> Result<(), SmtpError> {
    if answer.is_good() { Ok(()) } else { Err(SmtpError::Later(answer.shown())) }
}

/// What is said about a message: 4xx is for now, 5xx for good.
fn taken(answer: &Answer) -> Result<(), SmtpError> {
    match answer.code {
        200..400 => Ok(()),
        // Not logged in, or not encrypted: settings, not the message.
        530 | 538 => Err(SmtpError::Later(answer.shown())),
        500..600 => Err(SmtpError::Refused(answer.shown())),
        _ => Err(SmtpError::Later(answer.shown())),
    }
}

/// The message as it travels: a line that begins with a dot gets another one, and a lone dot ends it
/// (RFC 5321 §4.5.2).
fn stuffed(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + 8);
    for line in message.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b".") {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    }
    if !out.ends_with(b"\r\n") {
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::stuffed;

    #[test]
    fn a_line_of_a_message_never_ends_it() {
        assert_eq!(stuffed(b"a\r\n.\r\n..b\r\nc"), b"a\r\n..\r\n...b\r\nc\r\n.\r\n");
        assert_eq!(stuffed(b""), b"\r\n.\r\n");
    }
}
