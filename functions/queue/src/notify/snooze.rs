//! Brings back a snoozed notification.

use chrono::Utc;
use shared::{
    db::{
        Tx,
        inboxes::{self, Snoozed},
        notifications::{self, Push},
    },
    domain::{
        delivery::{Channel, Timing},
        notification_kind::NotificationKind,
    },
};
use uuid::Uuid;

use super::write::Held;

/// Archives a notification whose snooze is over, and adds its copy to the inbox. The copy is pushed like a new one, and
/// is in no e-mail. Does nothing if the notification is no longer snoozed until that time.
pub(super) async fn bring_back(tx: &mut Tx, event_id: Uuid, snoozed: &Snoozed) -> anyhow::Result<()> {
    let person = notifications::person(tx, snoozed.user_id).await?;
    let Some(kind) = inboxes::lock_snoozed(tx, snoozed).await? else { return Ok(()) };
    let timing = || person?.settings.timing(Channel::Push, kind.parse::<NotificationKind>().ok()?, Utc::now());
    let timing = timing();
    let push = match timing {
        None => Push::Off,
        Some(Timing::AfterQuietHours(_)) => Push::Held,
        Some(Timing::Now | Timing::InSummary) => Push::Now,
    };
    let seq = inboxes::bring_back(tx, snoozed, event_id, push).await?;
    let mut held = Held::default();
    if let Some(Timing::AfterQuietHours(until)) = timing {
        held.add(snoozed.user_id, seq, until);
    }
    held.write(tx).await?;
    Ok(())
}
