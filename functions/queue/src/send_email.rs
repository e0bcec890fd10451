//! Sends the mails that the outbox ordered.
//!
//! A message names a mail and carries no secret: the token of its link is made here. A message that comes twice sends one mail: the
//! mail's row is locked while it is being sent, and remembers that it was. Only if the function dies between the server's acceptance
//! and the commit is it sent again, with the same `Message-ID`.

use std::{sync::Arc, time::Duration};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use lambda_runtime::LambdaEvent;
use serde::Deserialize;
use shared::{
    auth::Secret,
    config,
    db::{self, PgPool, emails, one_time_tokens},
    mail::{Kind, Letter, Mailer, SendError},
};
use uuid::Uuid;

/// What one mail may take. With less time left the rest of a batch goes back to the queue.
const TIME_FOR_ONE: Duration = Duration::from_secs(15);

/// The consumer of the queue `emails`.
pub struct SendEmail {
    db: PgPool,
    mailer: Mailer,
    app_url: String,
}

/// What became of a message.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server accepted the mail.
    Sent,
    /// The server refused the mail for good; that is written down.
    Refused,
    /// There was nothing to do: it was sent before, or there is no such mail.
    Nothing,
}

/// The body of a message.
#[derive(Deserialize)]
struct Order {
    email_id: Uuid,
}

impl SendEmail {
    /// Reads the environment. Fails with a message that names the variable.
    pub fn from_env() -> anyhow::Result<Self> {
        Ok(Self::new(db::pool_from_env()?, Mailer::from_env()?, config::required("APP_URL")?))
    }

    /// A consumer of these parts; the links of mails begin with `app_url`.
    pub fn new(db: PgPool, mailer: Mailer, app_url: String) -> Self {
        Self { db, mailer, app_url }
    }

    /// Takes a batch, and answers which messages are to come again.
    pub async fn handle(self: Arc<Self>, event: LambdaEvent<SqsEvent>) -> anyhow::Result<SqsBatchResponse> {
        let deadline = event.context.deadline();
        let mut response = SqsBatchResponse::default();
        let (mut sent, mut refused, total) = (0, 0, event.payload.records.len());
        for message in event.payload.records {
            let id = message.message_id.clone().unwrap_or_default();
            let left = deadline.duration_since(std::time::SystemTime::now()).unwrap_or_default();
            let outcome = if left < TIME_FOR_ONE {
                Err(anyhow::anyhow!("no time left in this invocation"))
            } else {
                self.consume(&message).await
            };
            match outcome {
                Ok(Outcome::Sent) => sent += 1,
                Ok(Outcome::Refused) => refused += 1,
                Ok(Outcome::Nothing) => {}
                Err(error) => {
                    tracing::warn!(message.id = id, error = %format!("{error:#}"), "a mail is to be tried again");
                    response.add_failure(id);
                }
            }
        }
        let again = response.batch_item_failures.len();
        tracing::info!(records = total, sent, refused, again, "send-email");
        Ok(response)
    }

    async fn consume(&self, message: &SqsMessage) -> anyhow::Result<Outcome> {
        let order: Order = serde_json::from_str(message.body.as_deref().unwrap_or_default())?;
        self.send(order.email_id).await
    }

    /// Sends one mail, unless it was sent before.
    pub async fn send(&self, email_id: Uuid) -> anyhow::Result<Outcome> {
        let mut conn = self.db.acquire().await?;
        let Some(due) = emails::find_due(&mut conn, email_id).await? else { return Ok(Outcome::Nothing) };
        let kind: Kind = due.kind.parse()?;
        // Committed by itself: once the mail is out its link works, whatever becomes of this function.
        let token = one_time_tokens::create(&mut conn, due.user_id, kind.purpose()).await?;
        drop(conn);

        let mut tx = self.db.begin().await?;
        let Some(due) = emails::lock_due(&mut tx, email_id).await? else { return Ok(Outcome::Nothing) };
        let outcome =
            match self.mailer.send(due.id, &due.name, &due.address, self.letter(kind, &due.name, &token)?).await {
                Ok(()) => {
                    emails::mark_sent(&mut tx, due.id).await?;
                    Outcome::Sent
                }
                Err(SendError::Permanent(reason)) => {
                    tracing::warn!(email.id = %due.id, error = reason, "the mail server refused a mail");
                    emails::mark_failed(&mut tx, due.id, &reason).await?;
                    Outcome::Refused
                }
                Err(error @ SendError::Transient(_)) => return Err(error.into()),
            };
        tx.commit().await?;
        Ok(outcome)
    }

    fn letter(&self, kind: Kind, name: &str, token: &Secret) -> anyhow::Result<Letter> {
        Letter::write(kind, name, &self.app_url, token.expose())
    }
}
