//! Plans the deliveries of an event's notifications, and writes both.

use std::{collections::HashMap, time::Duration};

use chrono::{DateTime, Utc};
use shared::{
    db::{
        Tx, emails,
        notifications::{self, NewNotification, Push},
        outbox,
    },
    domain::{
        delivery::{Channel, Delivery, Timing},
        event::Event,
    },
};
use uuid::Uuid;

use super::audience::{Announcement, Text};

/// Writes the notifications of an event to the inboxes of its recipients, with what their channels need to deliver
/// them. An e-mail about a task gathers for `gather`.
pub(super) async fn write(tx: &mut Tx, announcement: Announcement, gather: Duration) -> anyhow::Result<()> {
    let Announcement { content, recipients } = announcement;
    if recipients.is_empty() {
        return Ok(());
    }
    let now = Utc::now();
    let plans: Vec<Vec<Delivery>> =
        recipients.iter().map(|(person, text)| person.settings.plan(text.kind, now).collect()).collect();

    let user_ids: Vec<Uuid> = recipients.iter().map(|(person, _)| person.id).collect();
    let seqs: HashMap<Uuid, i64> = notifications::next_seqs(tx, &user_ids).await?.into_iter().collect();
    let emailed: Vec<Uuid> =
        user_ids.iter().zip(&plans).filter(|(_, plan)| has_email(plan)).map(|(id, _)| *id).collect();
    let emails = match emailed.as_slice() {
        [] => HashMap::new(),
        emailed => emails::gather(tx, emailed, content.task_id, gather).await?,
    };

    let (mut written, mut held) = (Vec::with_capacity(recipients.len()), Held::default());
    for ((person, text), plan) in recipients.into_iter().zip(plans) {
        let seq = seqs.get(&person.id).copied().unwrap_or_default();
        let (mut push, mut email_id) = (Push::Off, None);
        for Delivery { channel, timing } in plan {
            match (channel, timing) {
                (Channel::Push, Timing::AfterQuietHours(until)) => {
                    push = Push::Held;
                    held.add(person.id, seq, until);
                }
                (Channel::Push, _) => push = Push::Now,
                // `send-summaries` looks for what has no e-mail.
                (Channel::Email, Timing::InSummary) => {}
                // `send-email` holds it in quiet hours: until their end it gathers.
                (Channel::Email, _) => email_id = emails.get(&person.id).copied(),
            }
        }
        let (user_id, Text { kind, reason, title, body }) = (person.id, text);
        written.push(NewNotification { user_id, seq, kind, reason, title, body, push, email_id });
    }
    held.write(tx).await?;
    notifications::insert(tx, &content, &written).await?;
    Ok(())
}

/// Returns whether a notification is sent in a separate e-mail, or in one that gathers.
fn has_email(plan: &[Delivery]) -> bool {
    plan.iter().any(|delivery| delivery.channel == Channel::Email && delivery.timing != Timing::InSummary)
}

/// The pushes that quiet hours hold back.
#[derive(Default)]
pub(super) struct Held {
    user_ids: Vec<Uuid>,
    seqs: Vec<i64>,
    until: HashMap<Uuid, DateTime<Utc>>,
}

impl Held {
    pub(super) fn add(&mut self, user_id: Uuid, seq: i64, until: DateTime<Utc>) {
        self.user_ids.push(user_id);
        self.seqs.push(seq);
        self.until.insert(user_id, until);
    }

    /// Schedules the event that pushes what was held back, for each person from whom nothing was held back before.
    pub(super) async fn write(self, tx: &mut Tx) -> shared::Result<()> {
        if self.user_ids.is_empty() {
            return Ok(());
        }
        for user_id in notifications::hold(tx, &self.user_ids, &self.seqs).await? {
            if let Some(until) = self.until.get(&user_id) {
                outbox::schedule_event(tx, &Event::QuietHoursOver { user_id }, *until).await?;
            }
        }
        Ok(())
    }
}
