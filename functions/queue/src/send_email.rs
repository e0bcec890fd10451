//! Sends the e-mails that are enqueued in the outbox.
//!
//! A message contains the id of an e-mail and no secret: the token of its link is created here. An e-mail that gathers
//! what happened to a task is sealed first, so that every attempt has the same content. A message that is delivered
//! twice sends one e-mail: its row is locked while it is being sent, and then marked as sent. It is sent again, with
//! the same `Message-ID`, only if the function dies between the server's acceptance and the commit, or if the server
//! accepts it and does not respond.

use std::{sync::Arc, time::Duration};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use chrono::{DateTime, Utc};
use lambda_runtime::LambdaEvent;
use serde::Deserialize;
use shared::{
    auth::{Secret, UnsubscribeKey},
    config,
    db::{
        Database, PgConnection,
        emails::{self, Due},
        one_time_tokens,
        outbox::{self, Topic},
        summaries::{self, SummaryScope},
        tasks,
    },
    domain::{
        delivery::{Channel, Timing},
        email::{EmailKind, OneTimePurpose},
    },
    mail::{AboutTask, Links, Mailer, RenderedEmail, SendError},
    queue::Queues,
};
use uuid::Uuid;

use crate::batch::{Delivery, consume_each, postpone_message};

/// The time reserved for one e-mail. With less time left the rest of a batch returns to the queue.
const TIME_FOR_ONE: Duration = Duration::from_secs(20);
/// The factor by which each try waits longer than the one before.
const GROWTH: u32 = 4;
/// `maxReceiveCount` of the queue in `infra/app.yaml`.
const MAX_RECEIVES: u32 = 5;

/// The consumer of the queue `emails`.
pub struct SendEmail {
    db: Database,
    mailer: Mailer,
    queues: Queues,
    unsubscribe: UnsubscribeKey,
    settings: Settings,
}

/// The configuration that is not secret.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The addresses that e-mails link to.
    pub links: Links,
    /// The delay of the first retry.
    pub retry_after: Duration,
}

/// The outcome of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The server accepted the e-mail.
    Sent,
    /// The server refused the e-mail for good. Its row says so.
    Refused,
    /// The person has quiet hours. The queue delivers the message again when they end.
    Held,
    /// There was nothing to send: the e-mail was sent before, does not exist, or has no content left that the person
    /// may see and wants.
    Nothing,
}

impl Outcome {
    fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Refused => "refused",
            Self::Held => "held",
            Self::Nothing => "nothing",
        }
    }
}

/// The payload of the outbox row.
#[derive(Deserialize)]
struct Payload {
    email_id: Uuid,
}

/// What is sent once the transaction that prepared it is committed.
enum Prepared {
    Nothing(Outcome),
    /// An e-mail about an account, with the token of its link.
    Account(OneTimePurpose, Secret),
    Notifications,
    Summary,
}

impl SendEmail {
    /// Reads the environment. Fails with a message that names the variable.
    pub fn from_env() -> anyhow::Result<Self> {
        let settings = Settings {
            links: Links::new(config::required::<String>("PUBLIC_URL")?),
            retry_after: Duration::from_secs(config::optional("EMAIL_RETRY_SECONDS")?.unwrap_or(60)),
        };
        let mailer = Mailer::from_env()?;
        Ok(Self::new(
            Database::from_env()?,
            mailer,
            Queues::from_env(&[Topic::Emails])?,
            UnsubscribeKey::from_env()?,
            settings,
        ))
    }

    /// Creates a consumer of these parts.
    pub fn new(db: Database, mailer: Mailer, queues: Queues, unsubscribe: UnsubscribeKey, settings: Settings) -> Self {
        Self { db, mailer, queues, unsubscribe, settings }
    }

    /// Consumes a batch, and returns the messages that the queue must deliver again.
    pub async fn handle(self: Arc<Self>, event: LambdaEvent<SqsEvent>) -> anyhow::Result<SqsBatchResponse> {
        let consume = move |delivery| {
            let send_email = Arc::clone(&self);
            async move { send_email.consume(&delivery).await }
        };
        Ok(consume_each("send-email", event, TIME_FOR_ONE, consume).await)
    }

    /// Sends the e-mail of a message. After a failure the message is delivered again, each time later than before. The
    /// last failure moves it to the dead-letter queue without another wait.
    async fn consume(&self, delivery: &Delivery) -> anyhow::Result<&'static str> {
        match self.send(delivery.id, Utc::now()).await {
            Ok(outcome) => Ok(outcome.as_str()),
            Err(error) => {
                let wait = match delivery.receives {
                    MAX_RECEIVES.. => Duration::ZERO,
                    earlier => {
                        self.settings.retry_after.saturating_mul(GROWTH.saturating_pow(earlier.saturating_sub(1)))
                    }
                };
                postpone_message(&self.queues, &self.db, Topic::Emails, delivery, wait).await;
                Err(error)
            }
        }
    }

    /// Sends the e-mail of an outbox row, unless it was sent before.
    pub async fn send(&self, id: Uuid, now: DateTime<Utc>) -> anyhow::Result<Outcome> {
        let mut tx = self.db.begin().await?;
        let Some(payload) = outbox::lock(&mut tx, Topic::Emails, id).await? else { return Ok(Outcome::Nothing) };
        let Payload { email_id } = serde_json::from_value(payload)?;
        let prepared = Self::prepare(&mut tx, id, email_id, now).await?;
        tx.commit(&self.queues).await?;

        // What was prepared is committed: the link of an e-mail that was sent works, even if this function dies.
        if let Prepared::Nothing(outcome) = prepared {
            return Ok(outcome);
        }
        let mut tx = self.db.begin().await?;
        // In the same order as before, or two copies of a message would wait for one another.
        let open = outbox::lock(&mut tx, Topic::Emails, id).await?.is_some();
        let due = if open { emails::lock_due(&mut tx, email_id).await? } else { None };
        let Some(due) = due else { return Ok(Outcome::Nothing) };
        let email = match prepared {
            Prepared::Nothing(_) => None,
            Prepared::Account(OneTimePurpose::VerifyEmail, token) => {
                Some(RenderedEmail::verify_email(&due.name, &self.settings.links, token.expose())?)
            }
            Prepared::Account(OneTimePurpose::ResetPassword, token) => {
                Some(RenderedEmail::reset_password(&due.name, &self.settings.links, token.expose())?)
            }
            Prepared::Notifications => self.render_notifications(&mut tx, &due, now).await?,
            Prepared::Summary => self.render_summary(&mut tx, &due, now).await?,
        };
        let outcome = match email {
            None => {
                emails::withdraw(&mut tx, due.id, "there was nothing left to tell").await?;
                Outcome::Nothing
            }
            Some(email) => match self.mailer.send(due.id, &due.name, &due.address, email).await {
                Ok(()) => {
                    emails::mark_sent(&mut tx, due.id).await?;
                    Outcome::Sent
                }
                Err(SendError::Refused { reason, mailbox }) => {
                    tracing::warn!(email.id = %due.id, error = reason, "the mail server refused a mail");
                    emails::mark_refused(&mut tx, due.id, &reason, mailbox).await?;
                    Outcome::Refused
                }
                Err(error @ SendError::Transient(_)) => return Err(error.into()),
            },
        };
        outbox::mark_handled(&mut tx, id).await?;
        tx.commit(&self.queues).await?;
        Ok(outcome)
    }

    /// Decides whether an e-mail is sent now, and writes what must be committed before.
    async fn prepare(
        conn: &mut PgConnection,
        id: Uuid,
        email_id: Uuid,
        now: DateTime<Utc>,
    ) -> anyhow::Result<Prepared> {
        let Some(due) = emails::lock_due(conn, email_id).await? else {
            // The e-mail of a person who is not active may still be open: nothing would send what it gathers when they
            // are active again.
            emails::seal(conn, email_id).await?;
            emails::withdraw(conn, email_id, "its person is not active").await?;
            outbox::mark_handled(conn, id).await?;
            return Ok(Prepared::Nothing(Outcome::Nothing));
        };
        if let Some(purpose) = due.kind.purpose() {
            if let Some(token) = one_time_tokens::create(conn, due.user_id, purpose, due.enqueued_at).await? {
                return Ok(Prepared::Account(purpose, token));
            }
            emails::withdraw(conn, email_id, "the password was changed since, or the account deactivated").await?;
            outbox::mark_handled(conn, id).await?;
            return Ok(Prepared::Nothing(Outcome::Nothing));
        }
        if let Some(until) = due.settings.quiet_until(now) {
            outbox::postpone(conn, id, until).await?;
            return Ok(Prepared::Nothing(Outcome::Held));
        }
        if due.kind == EmailKind::Summary {
            return Ok(Prepared::Summary);
        }
        emails::seal(conn, email_id).await?;
        Ok(Prepared::Notifications)
    }

    /// Returns a daily summary as things are now, or `None` if it is empty.
    async fn render_summary(
        &self,
        conn: &mut PgConnection,
        due: &Due,
        now: DateTime<Utc>,
    ) -> anyhow::Result<Option<RenderedEmail>> {
        let (since, since_seq) = due.since.unwrap_or((now, i64::MAX));
        let scope = SummaryScope { user_id: due.user_id, since, since_seq };
        let zone = due.settings.time_zone;
        let summary = summaries::content(conn, due.id, &scope, now, zone).await?;
        if summary.is_empty() || !due.settings.has_email {
            return Ok(None);
        }
        let day = now.with_timezone(&zone).format("%A, %-d %B").to_string();
        let token = self.unsubscribe.sign_summary(due.user_id)?;
        RenderedEmail::summary(&day, &summary, &self.settings.links, &token).map(Some)
    }

    /// Returns a sealed e-mail with what its person may still see and still wants to receive by e-mail, or `None` if
    /// that is nothing.
    async fn render_notifications(
        &self,
        conn: &mut PgConnection,
        due: &Due,
        now: DateTime<Utc>,
    ) -> anyhow::Result<Option<RenderedEmail>> {
        let mut items = emails::items(conn, due.id, due.user_id, due.settings.time_zone).await?;
        let is_wanted = |timing| matches!(timing, Some(Timing::Now | Timing::AfterQuietHours(_)));
        items.retain(|item| is_wanted(due.settings.timing(Channel::Email, item.kind, now)));
        if items.is_empty() {
            return Ok(None);
        }
        let task = match due.task_id {
            Some(task_id) => tasks::find_any(conn, task_id).await?,
            None => None,
        };
        let task = task.map(|task| AboutTask { id: task.id, key: task.key, title: task.title });
        let mut kinds: Vec<_> = items.iter().map(|item| item.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let token = self.unsubscribe.sign(due.user_id, &kinds)?;
        RenderedEmail::notifications(task.as_ref(), &items, &kinds, &self.settings.links, &token).map(Some)
    }
}
