//! Sends the mails that the outbox ordered.
//!
//! A message names a mail and carries no secret: the token of its link is made here. A mail that gathers what happened to a task is
//! sealed first, so that every try says the same. A message that comes twice sends one mail: the mail's row is locked while it is
//! being sent, and remembers that it was. Only if the function dies between the server's acceptance and the commit, or the server
//! accepts and then does not answer, is it sent again, with the same `Message-ID`.

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
        summaries, tasks,
    },
    domain::{email::EmailKind, notification_kind::EmailChoice},
    mail::{AboutTask, Letter, Mailer, SendError},
    queue::Queues,
};
use uuid::Uuid;

use crate::batch::{Delivery, come_again_after, consume_each};

/// What one mail may take. With less time left the rest of a batch goes back to the queue.
const TIME_FOR_ONE: Duration = Duration::from_secs(20);
/// How many times longer each try waits than the one before.
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

/// Plain configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the links of mails about an account begin.
    pub app_url: String,
    /// Where the API is reached, up to before `/v1`.
    pub public_url: String,
    /// How long the first retry waits.
    pub retry_after: Duration,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The server accepted the mail.
    Sent,
    /// The server refused the mail for good; that is written down.
    Refused,
    /// Its person has quiet hours. It comes again when they end.
    Held,
    /// There was nothing to send: it was sent before, there is no such mail, or what it tells of concerns its person no longer.
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

/// What the outbox row says.
#[derive(Deserialize)]
struct Order {
    email_id: Uuid,
}

/// What is ready to be sent once its transaction is committed.
enum Ready {
    Not(Outcome),
    /// With the token of its link.
    Account(EmailKind, Secret),
    Notifications,
    Summary,
}

impl SendEmail {
    /// Reads the environment. Fails with a message that names the variable.
    pub fn from_env() -> anyhow::Result<Self> {
        let settings = Settings {
            app_url: config::required("APP_URL")?,
            public_url: config::required("PUBLIC_URL")?,
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

    /// A consumer of these parts.
    pub fn new(db: Database, mailer: Mailer, queues: Queues, unsubscribe: UnsubscribeKey, settings: Settings) -> Self {
        Self { db, mailer, queues, unsubscribe, settings }
    }

    /// Takes a batch, and answers which messages are to come again.
    pub async fn handle(self: Arc<Self>, event: LambdaEvent<SqsEvent>) -> anyhow::Result<SqsBatchResponse> {
        let consume = move |delivery| {
            let send_email = Arc::clone(&self);
            async move { send_email.consume(&delivery).await }
        };
        Ok(consume_each("send-email", event, TIME_FOR_ONE, consume).await)
    }

    /// Sends the mail of a message. After a failure the message comes again, each time later than before; the last failure sends it
    /// to the dead-letter queue without another wait.
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
                come_again_after(&self.queues, &self.db, Topic::Emails, delivery, wait).await;
                Err(error)
            }
        }
    }

    /// Sends the mail that an outbox row orders, unless it was sent before.
    pub async fn send(&self, id: Uuid, now: DateTime<Utc>) -> anyhow::Result<Outcome> {
        let mut tx = self.db.begin().await?;
        let Some(order) = outbox::lock(&mut tx, Topic::Emails, id).await? else { return Ok(Outcome::Nothing) };
        let Order { email_id } = serde_json::from_value(order)?;
        let ready = Self::prepare(&mut tx, id, email_id, now).await?;
        tx.commit(&self.queues).await?;

        // What was prepared is committed: once the mail is out its link works, whatever becomes of this function.
        if let Ready::Not(outcome) = ready {
            return Ok(outcome);
        }
        let mut tx = self.db.begin().await?;
        // In the same order as before, or two copies of a message would wait for one another.
        let open = outbox::lock(&mut tx, Topic::Emails, id).await?.is_some();
        let due = if open { emails::lock_due(&mut tx, email_id).await? } else { None };
        let Some(due) = due else { return Ok(Outcome::Nothing) };
        let letter = match ready {
            Ready::Not(_) => None,
            Ready::Account(EmailKind::VerifyEmail, token) => {
                Some(Letter::verify_email(&due.name, &self.settings.app_url, token.expose())?)
            }
            Ready::Account(_, token) => {
                Some(Letter::reset_password(&due.name, &self.settings.app_url, token.expose())?)
            }
            Ready::Notifications => self.write(&mut tx, &due).await?,
            Ready::Summary => self.write_summary(&mut tx, &due, now).await?,
        };
        let outcome = match letter {
            None => {
                emails::withdraw(&mut tx, due.id, "there was nothing left to tell").await?;
                Outcome::Nothing
            }
            Some(letter) => match self.mailer.send(due.id, &due.name, &due.address, letter).await {
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

    /// Decides whether a mail is to be sent now, and writes what must be written before.
    async fn prepare(conn: &mut PgConnection, id: Uuid, email_id: Uuid, now: DateTime<Utc>) -> anyhow::Result<Ready> {
        let Some(due) = emails::lock_due(conn, email_id).await? else {
            // Of somebody who is not active it may still be open: nothing would send what it gathers when they are back.
            emails::seal(conn, email_id).await?;
            emails::withdraw(conn, email_id, "its person is not active").await?;
            outbox::mark_handled(conn, id).await?;
            return Ok(Ready::Not(Outcome::Nothing));
        };
        let kind: EmailKind = due.kind.parse()?;
        if let Some(purpose) = kind.purpose() {
            if let Some(token) = one_time_tokens::create(conn, due.user_id, purpose, due.ordered_at).await? {
                return Ok(Ready::Account(kind, token));
            }
            emails::withdraw(conn, email_id, "the password was changed since, or the account deactivated").await?;
            outbox::mark_handled(conn, id).await?;
            return Ok(Ready::Not(Outcome::Nothing));
        }
        let zone = due.time_zone.parse().unwrap_or(chrono_tz::UTC);
        if let Some(until) = due.quiet_hours.and_then(|quiet| quiet.until(now, zone)) {
            outbox::postpone(conn, id, until).await?;
            return Ok(Ready::Not(Outcome::Held));
        }
        if kind == EmailKind::Summary {
            return Ok(Ready::Summary);
        }
        emails::seal(conn, email_id).await?;
        Ok(Ready::Notifications)
    }

    /// The letter of a daily summary, as things are now. None if there is nothing left to say.
    async fn write_summary(
        &self,
        conn: &mut PgConnection,
        due: &Due,
        now: DateTime<Utc>,
    ) -> anyhow::Result<Option<Letter>> {
        let (since, since_seq) = due.since.unwrap_or((now, i64::MAX));
        let of = summaries::Of { user_id: due.user_id, since, since_seq };
        let zone = due.time_zone.parse().unwrap_or(chrono_tz::UTC);
        let summary = summaries::content(conn, due.id, &of, now, zone).await?;
        if summary.is_empty() || !due.verified {
            return Ok(None);
        }
        let day = now.with_timezone(&zone).format("%A, %-d %B").to_string();
        let token = self.unsubscribe.sign_summary(due.user_id)?;
        let unsubscribe = format!("{}/v1/unsubscribe?token={token}", self.settings.public_url);
        Letter::summary(&day, &summary, unsubscribe).map(Some)
    }

    /// The letter of a sealed mail: what its person may still see and still wants to be told by mail. None if that is nothing.
    async fn write(&self, conn: &mut PgConnection, due: &Due) -> anyhow::Result<Option<Letter>> {
        let zone = due.time_zone.parse().unwrap_or(chrono_tz::UTC);
        let mut items = emails::items(conn, due.id, due.user_id, zone).await?;
        items.retain(|item| due.kinds.get(item.kind).email == EmailChoice::Immediate);
        if items.is_empty() || !due.verified {
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
        let unsubscribe = format!("{}/v1/unsubscribe?token={token}", self.settings.public_url);
        Letter::notifications(task.as_ref(), &items, unsubscribe).map(Some)
    }
}
