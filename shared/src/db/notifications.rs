//! Notifications of events. What their people do with them is in [`super::inboxes`].

use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    Result,
    domain::{
        delivery::DeliverySettings, notification::Notification, notification_kind::NotificationKind, reason::Reason,
    },
};

/// The columns of a [`Notification`] from `readable_notifications`.
macro_rules! notification_columns {
    () => {
        "id, seq, kind, reason, task_id, task_key, project_id, actor_id, title, body, data, read_at, archived_at, \
         snoozed_until, created_at"
    };
}
pub(super) use notification_columns;

/// Refusals in a row after which an address receives no notifications any more.
const MAX_REFUSALS: i16 = 3;

/// A person who may see a task or project now.
pub struct Person {
    /// The person's id.
    pub id: Uuid,
    /// Whether they watch the task.
    pub watches: bool,
    /// Whether they watch the project of the task.
    pub watches_project: bool,
    /// Whether they muted the task.
    pub muted: bool,
    /// How they want to be notified.
    pub settings: DeliverySettings,
}

/// Returns those of these people, and of the watchers of a task and of its project, who may see the project now. Without
/// a task, only those of these people.
pub async fn people(
    conn: &mut PgConnection,
    project_id: Uuid,
    task_id: Option<Uuid>,
    ids: &[Uuid],
) -> Result<Vec<Person>> {
    let people = sqlx::query!(
        r#"WITH watcher AS (SELECT user_id FROM watchers WHERE task_id = $2),
                project_watcher AS (SELECT user_id FROM project_watchers WHERE project_id = $1 AND $2::uuid IS NOT NULL)
           SELECT u.id, u.time_zone, u.email_verified_at IS NOT NULL AND u.email_refusals < $4 AS "has_email!",
                  u.id IN (SELECT user_id FROM watcher) AS "watches!",
                  u.id IN (SELECT user_id FROM project_watcher) AS "watches_project!",
                  EXISTS (SELECT 1 FROM task_mutes o WHERE o.task_id = $2 AND o.user_id = u.id) AS "muted!",
                  p.kinds AS "kinds?", p.quiet_from AS "quiet_from?", p.quiet_to AS "quiet_to?"
           FROM (SELECT unnest($3::uuid[]) AS id UNION SELECT user_id FROM watcher UNION SELECT user_id FROM project_watcher) candidate
           JOIN users u USING (id) LEFT JOIN notification_preferences p ON p.user_id = u.id
           WHERE u.active AND (u.role = 'admin' OR EXISTS (
               SELECT 1 FROM memberships m WHERE m.project_id = $1 AND m.user_id = u.id))"#,
        project_id,
        task_id,
        ids,
        MAX_REFUSALS,
    )
    .map(|row| Person {
        id: row.id,
        watches: row.watches,
        watches_project: row.watches_project,
        muted: row.muted,
        settings: DeliverySettings::from_columns(
            row.kinds.as_ref(),
            (row.quiet_from, row.quiet_to),
            &row.time_zone,
            row.has_email,
        ),
    })
    .fetch_all(conn)
    .await?;
    Ok(people)
}

/// Returns a person, or `None` if they are not active.
pub async fn person(conn: &mut PgConnection, user_id: Uuid) -> Result<Option<Person>> {
    let inbox = sqlx::query_scalar!("SELECT id FROM projects WHERE owner_id = $1 AND personal", user_id)
        .fetch_optional(&mut *conn)
        .await?;
    match inbox {
        Some(inbox) => Ok(people(conn, inbox, None, &[user_id]).await?.pop()),
        None => Ok(None),
    }
}

/// What all notifications of an event have in common.
pub struct Content {
    /// The event.
    pub event_id: Uuid,
    /// The task that it is about.
    pub task_id: Option<Uuid>,
    /// The project that it is about.
    pub project_id: Option<Uuid>,
    /// The person who caused it.
    pub actor_id: Option<Uuid>,
    /// More for programs.
    pub data: Value,
}

/// A notification for one person, with what its channels need to deliver it.
pub struct NewNotification {
    /// The person.
    pub user_id: Uuid,
    /// Its number, which [`next_seqs`] returned.
    pub seq: i64,
    /// Its kind.
    pub kind: NotificationKind,
    /// Why the person receives it.
    pub reason: Option<Reason>,
    /// One line.
    pub title: String,
    /// The text below the title.
    pub body: String,
    /// The delivery to WebSockets.
    pub push: Push,
    /// The e-mail that contains it.
    pub email_id: Option<Uuid>,
}

/// The delivery of a notification to WebSockets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Push {
    /// It is pushed once it is committed.
    Now,
    /// Quiet hours hold it back.
    Held,
    /// It is not pushed.
    Off,
}

impl Push {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::Held => "held",
            Self::Off => "off",
        }
    }
}

/// Returns whether the notifications of an event are written already.
pub async fn exist(conn: &mut PgConnection, event_id: Uuid) -> Result<bool> {
    let exist =
        sqlx::query_scalar!(r#"SELECT EXISTS (SELECT 1 FROM notifications WHERE event_id = $1) AS "exist!""#, event_id)
            .fetch_one(conn)
            .await?;
    Ok(exist)
}

/// Counts one more unread notification for each of these people, and returns its `seq` for each. The inboxes stay
/// locked until the transaction ends. All transactions lock them in the same order, so that two events cannot wait for
/// one another.
pub async fn next_seqs(conn: &mut PgConnection, user_ids: &[Uuid]) -> Result<Vec<(Uuid, i64)>> {
    let seqs = sqlx::query!(
        "INSERT INTO inboxes AS i (user_id, last_seq, unread_count)
         SELECT id, 1, 1 FROM unnest($1::uuid[]) AS u (id) ORDER BY id
         ON CONFLICT (user_id) DO UPDATE SET last_seq = i.last_seq + 1, unread_count = i.unread_count + 1
         RETURNING user_id, last_seq",
        user_ids,
    )
    .map(|row| (row.user_id, row.last_seq))
    .fetch_all(conn)
    .await?;
    Ok(seqs)
}

/// Writes the notifications of an event.
pub async fn insert(conn: &mut PgConnection, content: &Content, notifications: &[NewNotification]) -> Result<()> {
    let ids: Vec<Uuid> = notifications.iter().map(|_| Uuid::now_v7()).collect();
    let user_ids: Vec<Uuid> = notifications.iter().map(|one| one.user_id).collect();
    let seqs: Vec<i64> = notifications.iter().map(|one| one.seq).collect();
    let kinds: Vec<String> = notifications.iter().map(|one| one.kind.as_str().into()).collect();
    let reasons: Vec<Option<String>> =
        notifications.iter().map(|one| one.reason.map(|reason| reason.as_str().into())).collect();
    let titles: Vec<String> = notifications.iter().map(|one| one.title.clone()).collect();
    let bodies: Vec<String> = notifications.iter().map(|one| one.body.clone()).collect();
    let pushes: Vec<String> = notifications.iter().map(|one| one.push.as_str().into()).collect();
    let email_ids: Vec<Option<Uuid>> = notifications.iter().map(|one| one.email_id).collect();
    sqlx::query!(
        "INSERT INTO notifications (id, user_id, seq, kind, title, body, push, email_id, reason, event_id, task_id, project_id,
                                    actor_id, data)
         SELECT t.*, $10, $11, $12, $13, $14
         FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::uuid[], $9::text[]) AS t",
        &ids,
        &user_ids,
        &seqs,
        &kinds,
        &titles,
        &bodies,
        &pushes,
        &email_ids as _,
        &reasons as _,
        content.event_id,
        content.task_id,
        content.project_id,
        content.actor_id,
        content.data,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Remembers for each of these people the `seq` of the first notification that quiet hours hold back. Returns the
/// people from whom nothing was held back before.
pub async fn hold(conn: &mut PgConnection, user_ids: &[Uuid], seqs: &[i64]) -> Result<Vec<Uuid>> {
    let first = sqlx::query_scalar!(
        "UPDATE inboxes i SET held_seq = held.seq FROM unnest($1::uuid[], $2::bigint[]) AS held (user_id, seq)
         WHERE i.user_id = held.user_id AND i.held_seq IS NULL RETURNING i.user_id",
        user_ids,
        seqs,
    )
    .fetch_all(conn)
    .await?;
    Ok(first)
}

/// Locks a person's inbox until the transaction ends, so that no notification is added or held back meanwhile.
pub async fn lock(conn: &mut PgConnection, user_id: Uuid) -> Result<()> {
    sqlx::query!("SELECT user_id FROM inboxes WHERE user_id = $1 FOR UPDATE", user_id).fetch_optional(conn).await?;
    Ok(())
}

/// Forgets which notifications were held back from a person, because they are pushed now.
pub async fn release(conn: &mut PgConnection, user_id: Uuid) -> Result<()> {
    sqlx::query!("UPDATE inboxes SET held_seq = NULL WHERE user_id = $1", user_id).execute(conn).await?;
    Ok(())
}

/// A notification and the person to whom it belongs.
#[derive(sqlx::FromRow)]
pub struct Notified {
    /// The person.
    pub user_id: Uuid,
    /// The notification.
    #[sqlx(flatten)]
    pub notification: Notification,
}

/// Returns the notifications of an event that are pushed at once, to the people who may still see what it is about.
pub async fn pushed_of_event(conn: &mut PgConnection, event_id: Uuid) -> Result<Vec<Notified>> {
    let pushed = sqlx::query_as(concat!(
        "SELECT user_id, ",
        notification_columns!(),
        " FROM readable_notifications WHERE event_id = $1 AND push = 'now' AND visible ORDER BY user_id"
    ));
    Ok(pushed.bind(event_id).fetch_all(conn).await?)
}

/// Returns at most `limit` notifications that quiet hours hold back from a person, oldest first.
pub async fn held(conn: &mut PgConnection, user_id: Uuid, limit: i64) -> Result<Vec<Notified>> {
    let held = sqlx::query_as(concat!(
        "SELECT user_id, ",
        notification_columns!(),
        " FROM readable_notifications
         WHERE user_id = $1 AND seq >= (SELECT held_seq FROM inboxes WHERE user_id = $1) AND push = 'held' AND visible
           AND archived_at IS NULL AND snoozed_until IS NULL
         ORDER BY seq LIMIT $2"
    ));
    Ok(held.bind(user_id).bind(limit).fetch_all(conn).await?)
}
