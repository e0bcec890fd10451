//! Inboxes and the notifications in them.

use serde_json::Value;
use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::page::{Cursor, Page, PageRequest};
use crate::{
    Result,
    domain::{Caller, delivery::DeliverySettings, notification::Notification, notification_kind::NotificationKind},
};

/// Refusals in a row after which an address receives no notifications any more.
const MAX_REFUSALS: i16 = 3;

/// A person who may see a task or project now.
pub struct Person {
    /// The person's id.
    pub id: Uuid,
    /// Whether they watch the task.
    pub watches: bool,
    /// How they want to be notified.
    pub settings: DeliverySettings,
}

/// Returns those of these people, and of the watchers of a task, who may see the project now.
pub async fn people(
    conn: &mut PgConnection,
    project_id: Uuid,
    task_id: Option<Uuid>,
    ids: &[Uuid],
) -> Result<Vec<Person>> {
    let people = sqlx::query!(
        r#"WITH watcher AS (SELECT user_id FROM watchers WHERE task_id = $2)
           SELECT u.id, u.time_zone, u.email_verified_at IS NOT NULL AND u.email_refusals < $4 AS "has_email!",
                  u.id IN (SELECT user_id FROM watcher) AS "watches!",
                  p.kinds AS "kinds?", p.quiet_from AS "quiet_from?", p.quiet_to AS "quiet_to?"
           FROM (SELECT unnest($3::uuid[]) AS id UNION SELECT user_id FROM watcher) candidate
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
    fn as_str(self) -> &'static str {
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
    let titles: Vec<String> = notifications.iter().map(|one| one.title.clone()).collect();
    let bodies: Vec<String> = notifications.iter().map(|one| one.body.clone()).collect();
    let pushes: Vec<String> = notifications.iter().map(|one| one.push.as_str().into()).collect();
    let email_ids: Vec<Option<Uuid>> = notifications.iter().map(|one| one.email_id).collect();
    sqlx::query!(
        "INSERT INTO notifications (id, user_id, seq, kind, title, body, push, email_id, event_id, task_id, project_id, actor_id, data)
         SELECT t.*, $9, $10, $11, $12, $13
         FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::uuid[]) AS t",
        &ids,
        &user_ids,
        &seqs,
        &kinds,
        &titles,
        &bodies,
        &pushes,
        &email_ids as _,
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

/// The state of a person's inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InboxState {
    /// The `seq` of the newest notification, or 0 if there is none.
    pub last_seq: i64,
    /// The number of unread notifications.
    pub unread_count: i32,
}

/// Returns the state of a person's inbox.
pub async fn inbox_state(conn: &mut PgConnection, user_id: Uuid) -> Result<InboxState> {
    let state = sqlx::query_as!(
        InboxState,
        r#"SELECT COALESCE(max(last_seq), 0) AS "last_seq!", COALESCE(max(unread_count), 0) AS "unread_count!"
           FROM inboxes WHERE user_id = $1"#,
        user_id,
    )
    .fetch_one(conn)
    .await?;
    Ok(state)
}

/// Marks notifications as read: those up to `seq`, and those with these ids. Returns the state of the inbox after that.
pub async fn mark_read(conn: &mut PgConnection, user_id: Uuid, seq: Option<i64>, ids: &[Uuid]) -> Result<InboxState> {
    lock(conn, user_id).await?;
    sqlx::query!(
        "WITH read AS (
             UPDATE notifications SET read_at = now()
             WHERE user_id = $1 AND read_at IS NULL AND (seq <= $2 OR id = ANY($3)) RETURNING 1)
         UPDATE inboxes SET unread_count = unread_count - (SELECT count(*) FROM read)::integer WHERE user_id = $1",
        user_id,
        seq,
        ids,
    )
    .execute(&mut *conn)
    .await?;
    inbox_state(conn, user_id).await
}

/// Returns a page of the caller's notifications, newest first.
pub async fn list(
    conn: &mut PgConnection,
    caller: &Caller,
    unread: bool,
    page: &PageRequest,
) -> Result<Page<Notification>> {
    let mut query = QueryBuilder::new("");
    newest(&mut query, caller.id, unread, page)?;
    let items = query.build_query_as().fetch_all(conn).await?;
    Ok(page.cut(items, |item: &Notification| Cursor::new("notifications", item.seq)))
}

/// Returns a page of the caller's notifications after `since`, oldest first.
pub async fn list_since(
    conn: &mut PgConnection,
    caller: &Caller,
    unread: bool,
    since: i64,
    page: &PageRequest,
) -> Result<Page<Notification>> {
    let mut query = QueryBuilder::new("");
    oldest_since(&mut query, caller.id, unread, since, page)?;
    let items = query.build_query_as().fetch_all(conn).await?;
    Ok(page.cut(items, |item: &Notification| Cursor::new("notifications since", item.seq)))
}

/// Returns the query plan of a list, for the test that holds it to its indexes.
pub async fn explain(
    conn: &mut PgConnection,
    caller: &Caller,
    unread: bool,
    since: Option<i64>,
    page: &PageRequest,
) -> Result<Value> {
    let mut query = QueryBuilder::new("EXPLAIN (ANALYZE, FORMAT JSON) ");
    match since {
        None => newest(&mut query, caller.id, unread, page)?,
        Some(since) => oldest_since(&mut query, caller.id, unread, since, page)?,
    }
    Ok(query.build_query_scalar().fetch_one(conn).await?)
}

fn newest(query: &mut QueryBuilder<Postgres>, user_id: Uuid, unread: bool, page: &PageRequest) -> Result<()> {
    let before = page.after::<i64>("notifications")?.unwrap_or(i64::MAX);
    of_user(query, user_id, unread);
    query.push(" AND seq < ").push_bind(before);
    query.push(" ORDER BY seq DESC LIMIT ").push_bind(page.fetch());
    Ok(())
}

fn oldest_since(
    query: &mut QueryBuilder<Postgres>,
    user_id: Uuid,
    unread: bool,
    since: i64,
    page: &PageRequest,
) -> Result<()> {
    let since = page.after::<i64>("notifications since")?.unwrap_or(since);
    of_user(query, user_id, unread);
    query.push(" AND seq > ").push_bind(since);
    query.push(" ORDER BY seq LIMIT ").push_bind(page.fetch());
    Ok(())
}

/// Selects a person's notifications. `read_at IS NULL` is part of the text, so that Postgres can use the index of
/// unread ones.
fn of_user(query: &mut QueryBuilder<Postgres>, user_id: Uuid, unread: bool) {
    query.push(
        "SELECT id, seq, kind, task_id, task_key, project_id, actor_id, title, body, data, read_at, created_at
         FROM readable_notifications WHERE user_id = ",
    );
    query.push_bind(user_id);
    if unread {
        query.push(" AND read_at IS NULL");
    }
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
    let pushed = sqlx::query_as(
        "SELECT user_id, id, seq, kind, task_id, task_key, project_id, actor_id, title, body, data, read_at, created_at
         FROM readable_notifications WHERE event_id = $1 AND push = 'now' AND visible ORDER BY user_id",
    );
    Ok(pushed.bind(event_id).fetch_all(conn).await?)
}

/// Returns at most `limit` notifications that quiet hours hold back from a person, oldest first.
pub async fn held(conn: &mut PgConnection, user_id: Uuid, limit: i64) -> Result<Vec<Notified>> {
    let held = sqlx::query_as(
        "SELECT user_id, id, seq, kind, task_id, task_key, project_id, actor_id, title, body, data, read_at, created_at
         FROM readable_notifications
         WHERE user_id = $1 AND seq >= (SELECT held_seq FROM inboxes WHERE user_id = $1) AND push = 'held' AND visible
         ORDER BY seq LIMIT $2",
    );
    Ok(held.bind(user_id).bind(limit).fetch_all(conn).await?)
}
