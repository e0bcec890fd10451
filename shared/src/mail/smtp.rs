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
    /// It may be accepted later: the server is away, hangs, or answered 4xx.
    #[error("the mail server did not take it: {0}")]
    Transient(String),
    /// It will never be accepted: the server answered 5xx, or the address is not one.
    #[error("the mail server refused it: {0}")]
    Permanent(String),
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
        let message = self.compose(id, name, address, letter).map_err(|e| SendError::Permanent(format!("{e:#}")))?;
        let sending = tokio::time::timeout(TIMEOUT, self.transport.send(message));
        match sending.await.map_err(|_| SendError::Transient("it hangs".into()))? {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(SendError::Permanent(error.to_string())),
            Err(error) => Err(SendError::Transient(error.to_string())),
        }
    }

    fn compose(&self, id: Uuid, name: &str, address: &str, letter: Letter) -> anyhow::Result<Message> {
        let domain = self.from.email.domain();
        let mut message = Message::builder()
            .message_id(Some(format!("<{id}@{domain}>")))
            .from(self.from.clone())
            .to(Mailbox::new(Some(name.into()), address.parse()?))
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
