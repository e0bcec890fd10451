//! The notification preferences of people.

use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::{reminders, summaries};
use crate::{
    Result,
    domain::{
        notification_kind::{ChannelPreferences, EmailChoice, NotificationKind},
        preferences::{Preferences, QuietHours},
        time::TimeOfDay,
    },
};

/// Returns a person's preferences and their version, which is 0 as long as they chose nothing.
pub async fn find(conn: &mut PgConnection, user_id: Uuid) -> Result<(Preferences, i64)> {
    let chosen = sqlx::query!(
        "SELECT kinds, quiet_from, quiet_to, daily_summary_at, reminder_offsets, version
         FROM notification_preferences WHERE user_id = $1",
        user_id,
    )
    .fetch_optional(conn)
    .await?;
    Ok(chosen.map_or_else(Default::default, |row| {
        let preferences = Preferences {
            kinds: ChannelPreferences::from_stored(&row.kinds),
            quiet_hours: QuietHours::from_columns(row.quiet_from, row.quiet_to),
            daily_summary_at: row.daily_summary_at.map(TimeOfDay),
            reminder_offsets: row.reminder_offsets,
        };
        (preferences, row.version)
    }))
}

/// Like [`find`], and locks: other changes of this person's preferences wait until the transaction ends.
pub async fn lock(conn: &mut PgConnection, user_id: Uuid) -> Result<(Preferences, i64)> {
    sqlx::query!("SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE", user_id).fetch_one(&mut *conn).await?;
    find(conn, user_id).await
}

/// Replaces a person's preferences, and returns the new version.
pub async fn save(conn: &mut PgConnection, user_id: Uuid, preferences: &Preferences) -> Result<i64> {
    let version = sqlx::query_scalar!(
        "INSERT INTO notification_preferences AS p (user_id, kinds, quiet_from, quiet_to, daily_summary_at, reminder_offsets)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (user_id) DO UPDATE SET kinds = $2, quiet_from = $3, quiet_to = $4, daily_summary_at = $5,
                                             reminder_offsets = $6, version = p.version + 1
         RETURNING version",
        user_id,
        Json(&preferences.kinds) as _,
        preferences.quiet_hours.map(|quiet| quiet.from.0),
        preferences.quiet_hours.map(|quiet| quiet.to.0),
        preferences.daily_summary_at.map(|time| time.0),
        &preferences.reminder_offsets,
    )
    .fetch_one(&mut *conn)
    .await?;
    reminders::plan_by_offsets(conn, user_id, &preferences.reminder_offsets).await?;
    summaries::plan(conn, user_id).await?;
    Ok(version)
}

/// Unsubscribes a person from e-mails of these kinds, and from the daily summary if `summary` is set. Repeating it
/// changes nothing.
pub async fn unsubscribe(
    conn: &mut PgConnection,
    user_id: Uuid,
    kinds: &[NotificationKind],
    summary: bool,
) -> Result<()> {
    let (before, _) = lock(conn, user_id).await?;
    let mut after = before.clone();
    for &kind in kinds {
        after.kinds.get_mut(kind).email = EmailChoice::Off;
    }
    if summary {
        after.daily_summary_at = None;
    }
    if after != before {
        save(conn, user_id, &after).await?;
    }
    Ok(())
}
