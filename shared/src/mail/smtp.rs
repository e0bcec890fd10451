use std::time::Duration;

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, MultiPart, header},
};
use uuid::Uuid;

use super::Letter;
use crate::config;

/// How long the server may take for one step, and for all of them.
const STEP_TIMEOUT: Duration = Duration::from_secs(10);
const TIMEOUT: Duration = Duration::from_secs(15);

/// Sends mails through an SMTP server, over a connection that is kept.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// Why a mail was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// It may be accepted later: the server is away, hangs, answered 4xx, or does not let us send at all.
    #[error("the mail server did not take it: {0}")]
    Transient(String),
    /// It will never be accepted.
    #[error("the mail server refused it: {reason}")]
    Refused {
        /// What the server said.
        reason: String,
        /// Whether it is the mailbox that does not exist or takes nothing, and not this one mail.
        mailbox: bool,
    },
}

impl SendError {
    /// By the reply code (RFC 5321) and the enhanced status code (RFC 3463), where there is one.
    fn of(error: &lettre::transport::smtp::Error) -> Self {
        Self::of_reply(error.status().map_or(0, u16::from), error.to_string())
    }

    fn of_reply(code: u16, reason: String) -> Self {
        match code {
            550..=556 => {
                let mailbox = match reason.split([' ', '(', ')']).find(|word| word.starts_with("5.")) {
                    Some(status) => status.starts_with("5.1.") || status.starts_with("5.2."),
                    None => matches!(code, 550 | 551 | 553),
                };
                Self::Refused { reason, mailbox }
            }
            // The others of 5xx are about us: a log-in that fails, a command that is not known.
            _ => Self::Transient(reason),
        }
    }
}

impl Mailer {
    /// Reads `SMTP_URL` (`smtp://host:port`, `smtps://user:password@host`) and `MAIL_FROM` (`Taskbell <taskbell@example.com>`).
    pub fn from_env() -> anyhow::Result<Self> {
        Ok(Self::new(&config::required::<String>("SMTP_URL")?, &config::required::<String>("MAIL_FROM")?)?)
    }

    /// A mailer that sends through the server at `smtp_url`, from `from`.
    pub fn new(smtp_url: &str, from: &str) -> Result<Self, config::ConfigError> {
        let invalid = |name, reason: String| config::ConfigError::Invalid { name, reason };
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(smtp_url)
            .map_err(|e| invalid("SMTP_URL", e.to_string()))?
            .timeout(Some(STEP_TIMEOUT))
            .build();
        Ok(Self {
            transport,
            from: from.parse().map_err(|e: lettre::address::AddressError| invalid("MAIL_FROM", e.to_string()))?,
        })
    }

    /// Sends a letter as text and HTML. `id` makes the `Message-ID`: a mail that is sent again has the same.
    pub async fn send(&self, id: Uuid, name: &str, address: &str, letter: Letter) -> Result<(), SendError> {
        let to = address.parse().map_err(|_| SendError::Refused { reason: "not an address".into(), mailbox: true })?;
        let message = self.compose(id, Mailbox::new(Some(name.into()), to), letter);
        let message = message.map_err(|error| SendError::Transient(format!("{error:#}")))?;
        let sending = tokio::time::timeout(TIMEOUT, self.transport.send(message));
        match sending.await.map_err(|_| SendError::Transient("it hangs".into()))? {
            Ok(_) => Ok(()),
            Err(error) => Err(SendError::of(&error)),
        }
    }

    fn compose(&self, id: Uuid, to: Mailbox, letter: Letter) -> anyhow::Result<Message> {
        let domain = self.from.email.domain();
        let mut message = Message::builder()
            .message_id(Some(format!("<{id}@{domain}>")))
            .from(self.from.clone())
            .to(to)
            .subject(letter.subject)
            .raw_header(raw("Auto-Submitted", "auto-generated".into())) // RFC 3834: nobody's absence answers it
            .header(header::MIME_VERSION_1_0);
        if let Some(task_id) = letter.task_id {
            // All mails about a task refer to one that never was: so mail programs show them together.
            let thread = format!("<task.{task_id}@{domain}>");
            message = message.in_reply_to(thread.clone()).references(thread);
        }
        if let Some(address) = letter.unsubscribe {
            message = message
                .raw_header(raw("List-Unsubscribe", format!("<{address}>")))
                .raw_header(raw("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".into())); // RFC 8058
        }
        Ok(message.multipart(MultiPart::alternative_plain_html(letter.text, letter.html))?)
    }
}

fn raw(name: &'static str, value: String) -> header::HeaderValue {
    header::HeaderValue::new(header::HeaderName::new_from_ascii_str(name), value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_speaks_against_the_address_only_if_it_is_the_mailbox() {
        let kind = |code, reason: &str| match SendError::of_reply(code, reason.into()) {
            SendError::Transient(_) => None,
            SendError::Refused { mailbox, .. } => Some(mailbox),
        };
        assert_eq!(kind(550, "permanent error (550): 5.1.1 no such mailbox"), Some(true));
        assert_eq!(kind(552, "permanent error (552): 5.2.2 mailbox full"), Some(true));
        assert_eq!(kind(550, "permanent error (550): no such user"), Some(true));
        assert_eq!(kind(550, "permanent error (550): 5.7.1 we do not like this mail"), Some(false));
        assert_eq!(kind(554, "permanent error (554): spam"), Some(false));
        for ours in [535, 530, 503, 421, 451, 0] {
            assert_eq!(kind(ours, "whatever"), None, "{ours}");
        }
    }
}
