use std::{fmt::Write, time::Duration};

use email_encoding::headers::{rfc2047, writer::EmailWriter};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    address::Envelope,
    message::{
        Mailbox, Mailboxes, MultiPart,
        header::{self, Header, HeaderName, HeaderValue},
    },
};
use uuid::Uuid;

use super::RenderedEmail;
use crate::config;

/// How long the server may take for one step, and for all of them.
const STEP_TIMEOUT: Duration = Duration::from_secs(10);
const TIMEOUT: Duration = Duration::from_secs(15);

/// Sends e-mails through an SMTP server, over a connection that stays open.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// Why an e-mail was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// It may be accepted later: the server is unavailable, hangs, responded with 4xx, or does not let this client send
    /// at all.
    #[error("the mail server did not take it: {0}")]
    Transient(String),
    /// It will never be accepted.
    #[error("the mail server refused it: {reason}")]
    Refused {
        /// What the server replied.
        reason: String,
        /// Whether the mailbox does not exist or accepts nothing, rather than only this e-mail.
        mailbox: bool,
    },
}

impl SendError {
    /// Classifies an error by the reply code (RFC 5321) and the enhanced status code (RFC 3463), if there is one.
    fn from_smtp(error: &lettre::transport::smtp::Error) -> Self {
        Self::from_reply(error.status().map_or(0, u16::from), error.to_string())
    }

    fn from_reply(code: u16, reason: String) -> Self {
        match code {
            550..=556 => {
                let mailbox = match reason.split([' ', '(', ')']).find(|word| word.starts_with("5.")) {
                    Some(status) => status.starts_with("5.1.") || status.starts_with("5.2."),
                    None => matches!(code, 550 | 551 | 553),
                };
                Self::Refused { reason, mailbox }
            }
            // The other 5xx codes are about this client: a log-in that fails, a command that is not known.
            _ => Self::Transient(reason),
        }
    }
}

impl Mailer {
    /// Reads `SMTP_URL` (`smtp://host:port`, `smtps://user:password@host`) and `MAIL_FROM` (`Taskbell
    /// <taskbell@example.com>`).
    pub fn from_env() -> anyhow::Result<Self> {
        Ok(Self::new(&config::required::<String>("SMTP_URL")?, &config::required::<String>("MAIL_FROM")?)?)
    }

    /// Creates a mailer that sends through the server at `smtp_url`, from `from`.
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

    /// Sends an e-mail as text and HTML. `id` becomes the `Message-ID`: an e-mail that is sent twice has the same one.
    pub async fn send(&self, id: Uuid, name: &str, address: &str, email: RenderedEmail) -> Result<(), SendError> {
        let to = address.parse().map_err(|_| SendError::Refused { reason: "not an address".into(), mailbox: true })?;
        let message = compose(&self.from, id, Mailbox::new(Some(name.into()), to), email);
        let message = message.map_err(|error| SendError::Transient(format!("{error:#}")))?;
        let sending = tokio::time::timeout(TIMEOUT, self.transport.send(message));
        match sending.await.map_err(|_| SendError::Transient("it hangs".into()))? {
            Ok(_) => Ok(()),
            Err(error) => Err(SendError::from_smtp(&error)),
        }
    }
}

fn compose(from: &Mailbox, id: Uuid, to: Mailbox, email: RenderedEmail) -> anyhow::Result<Message> {
    let domain = from.email.domain();
    let mut message = Message::builder()
        .envelope(Envelope::new(Some(from.email.clone()), vec![to.email.clone()])?)
        .message_id(Some(format!("<{id}@{domain}>")))
        .from(from.clone())
        .raw_header(recipient(to)?)
        .raw_header(subject(email.subject)?)
        .raw_header(raw("Auto-Submitted", "auto-generated".into())) // RFC 3834: no automatic replies
        .header(header::MIME_VERSION_1_0);
    if let Some(task_id) = email.task_id {
        // All e-mails about a task refer to a first one that does not exist, so that e-mail programs group them.
        let thread = format!("<task.{task_id}@{domain}>");
        message = message.in_reply_to(thread.clone()).references(thread);
    }
    if let Some(address) = email.unsubscribe {
        message = message
            .raw_header(raw("List-Unsubscribe", format!("<{address}>")))
            .raw_header(raw("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".into())); // RFC 8058
    }
    Ok(message.multipart(MultiPart::alternative_plain_html(email.text, email.html))?)
}

fn raw(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}

/// Returns whether an e-mail program could take a part of the text for an encoded word, and show something else (RFC
/// 2047). The library leaves ASCII as it is.
fn looks_encoded(text: &str) -> bool {
    text.contains("=?")
}

fn subject(text: String) -> anyhow::Result<HeaderValue> {
    let name = header::Subject::name();
    if !looks_encoded(&text) {
        return Ok(HeaderValue::new(name, text));
    }
    let mut encoded = String::new();
    rfc2047::encode(&text, &mut EmailWriter::new(&mut encoded, name.len() + 2, 0, false))?;
    Ok(HeaderValue::dangerous_new_pre_encoded(name, text, encoded))
}

fn recipient(to: Mailbox) -> anyhow::Result<HeaderValue> {
    let Some(name) = to.name.as_deref().filter(|name| looks_encoded(name)) else {
        return Ok(header::To::from(Mailboxes::from(to)).display());
    };
    let mut encoded = String::new();
    let mut writer = EmailWriter::new(&mut encoded, "To: ".len(), 0, false);
    rfc2047::encode(name, &mut writer)?;
    writer.space();
    write!(writer, "<{}>", to.email)?;
    drop(writer);
    Ok(HeaderValue::dangerous_new_pre_encoded(header::To::name(), to.to_string(), encoded))
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    #[test]
    fn a_refusal_counts_against_the_address_only_if_it_is_about_the_mailbox() {
        let kind = |code, reason: &str| match SendError::from_reply(code, reason.into()) {
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

    /// Returns what an e-mail program shows for an e-mail to a person with this name: the name, the address, and the
    /// subject.
    fn read(name: &str, subject: &str) -> (String, String, String) {
        let from = "Taskbell <taskbell@example.com>".parse().unwrap();
        let (text, html) = ("text".to_owned(), "<p>text</p>".to_owned());
        let email = RenderedEmail { subject: subject.into(), text, html, task_id: None, unsubscribe: None };
        let to = Mailbox::new(Some(name.into()), "ann@example.com".parse().unwrap());
        let message = compose(&from, Uuid::nil(), to, email).unwrap();
        assert_eq!(message.envelope().to()[0].to_string(), "ann@example.com");
        let bytes = message.formatted();
        assert!(bytes.is_ascii() && bytes.split(|byte| *byte == b'\n').all(|line| line.len() <= 998));
        let parsed = mail_parser::MessageParser::default().parse(&bytes).unwrap();
        let to = parsed.to().unwrap().first().unwrap();
        let words = |text: Option<&str>| text.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
        (words(to.name()), to.address().unwrap_or_default().to_owned(), words(parsed.subject()))
    }

    #[test]
    fn a_text_that_looks_like_an_encoded_word_is_shown_as_it_is() {
        for text in [
            "=?utf-8?B?SGVsbG8=?=",
            "[WEB-1] =?utf-8?q?Hi?= you",
            "[WEB-1] Büro =?utf-8?B?SGVsbG8=?=",
            "=?utf-8?B?SGVsbG8=?= =?utf-8?B?SGVsbG8=?=",
            "a=?iso-8859-1?Q?=41?=",
            "=?",
            &format!("=?utf-8?B?{}?= end", "QUFB".repeat(45)),
        ] {
            let found = read(text, text);
            assert_eq!(found, (text.into(), "ann@example.com".into(), text.into()));
        }
    }

    proptest! {
        #[test]
        fn names_and_titles_are_shown_as_they_were_written(pieces in vec(select(vec![
            "=?", "?=", "utf-8?B?", "?q?=41", "SGk=", " ", "é", "山", "\"", "\\", "<", ">", ",", ";", "(", ")", "@", ":", "a", "=", "?", "[WEB-1]", "_",
        ]), 1..14)) {
            let text = format!("a{}z", pieces.concat()).split_whitespace().collect::<Vec<_>>().join(" ");
            prop_assert_eq!(read(&text, &text), (text.clone(), "ann@example.com".to_owned(), text.clone()));
        }
    }
}
