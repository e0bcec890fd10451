//! Inboxes and what is in them.

use serde_json::Value;
use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::page::{Cursor, Page, PageRequest};
use crate::{
    Result,
    domain::{
        Caller,
        notification::Notification,
        notification_kind::{ChannelPreferences, NotificationKind},
        preferences::QuietHours,
    },
};

/// Refusals in a row after which an address gets no notifications any more.
const MAX_REFUSALS: i16 = 3;

/// Somebody who may see a task or project now, and what they want to be told of it.
pub struct Person {
    /// Who.
    pub id: Uuid,
    /// Whether they watch the task.
    pub watches: bool,
    /// Whether mails reach them: the address is confirmed, and the server does not keep refusing it.
    pub has_email: bool,
    /// An IANA name.
    pub time_zone: String,
    /// How they want to be told of each kind.
    pub kinds: ChannelPreferences,
    /// When they are left in peace.
    pub quiet_hours: Option<QuietHours>,
}

/// Of these people and the watchers of a task: those who may see the project at this moment.
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
        has_email: row.has_email,
        time_zone: row.time_zone,
        kinds: row.kinds.as_ref().map_or_else(ChannelPreferences::default, ChannelPreferences::from_stored),
        quiet_hours: QuietHours::from_columns(row.quiet_from, row.quiet_to),
    })
    .fetch_all(conn)
    .await?;
    Ok(people)
}

/// Somebody active, and when they are left in peace.
pub async fn person(conn: &mut PgConnection, user_id: Uuid) -> Result<Option<Person>> {
    let inbox = sqlx::query_scalar!("SELECT id FROM projects WHERE owner_id = $1 AND personal", user_id)
        .fetch_optional(&mut *conn)
        .await?;
    match inbox {
        Some(inbox) => Ok(people(conn, inbox, None, &[user_id]).await?.pop()),
        None => Ok(None),
    }
}

/// What is to be said of an event, the same to everyone.
pub struct Subject {
    /// The event.
    pub event_id: Uuid,
    /// The task that it is about.
    pub task_id: Option<Uuid>,
    /// The project that it is about.
    pub project_id: Option<Uuid>,
    /// Who did it.
    pub actor_id: Option<Uuid>,
    /// More for programs.
    pub data: Value,
}

/// What one person is told of an event.
pub struct Told {
    /// Who.
    pub user_id: Uuid,
    /// As what.
    pub kind: NotificationKind,
    /// One line.
    pub title: String,
    /// The text below it.
    pub body: String,
    /// Whether it is pushed, held back, or not wanted.
    pub push: Push,
    /// The mail that tells of it, too.
    pub email_id: Option<Uuid>,
}

/// What becomes of a notification on WebSockets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Push {
    /// It is pushed.
    Now,
    /// Quiet hours hold it back.
    Held,
    /// The person does not want it.
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

/// Whether people were told of an event already.
pub async fn exist(conn: &mut PgConnection, event_id: Uuid) -> Result<bool> {
    let exist =
        sqlx::query_scalar!(r#"SELECT EXISTS (SELECT 1 FROM notifications WHERE event_id = $1) AS "exist!""#, event_id)
            .fetch_one(conn)
            .await?;
    Ok(exist)
}

/// Counts one more unread notification for each of these people and answers each one's `seq`. Their inboxes stay locked until the
/// transaction ends. Everyone locks in the same order, so that two events cannot wait for one another.
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

/// Writes what people are told of an event, each under the `seq` that [`next_seqs`] gave.
pub async fn insert(conn: &mut PgConnection, subject: &Subject, told: &[(Told, i64)]) -> Result<()> {
    let ids: Vec<Uuid> = told.iter().map(|_| Uuid::now_v7()).collect();
    let user_ids: Vec<Uuid> = told.iter().map(|(to, _)| to.user_id).collect();
    let seqs: Vec<i64> = told.iter().map(|(_, seq)| *seq).collect();
    let kinds: Vec<String> = told.iter().map(|(to, _)| to.kind.as_str().into()).collect();
    let titles: Vec<String> = told.iter().map(|(to, _)| to.title.clone()).collect();
    let bodies: Vec<String> = told.iter().map(|(to, _)| to.body.clone()).collect();
    let pushes: Vec<String> = told.iter().map(|(to, _)| to.push.as_str().into()).collect();
    let email_ids: Vec<Option<Uuid>> = told.iter().map(|(to, _)| to.email_id).collect();
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
        subject.event_id,
        subject.task_id,
        subject.project_id,
        subject.actor_id,
        subject.data,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Remembers the first notification that quiet hours hold back from somebody; false if there is an earlier one.
pub async fn hold(conn: &mut PgConnection, user_id: Uuid, seq: i64) -> Result<bool> {
    let first = sqlx::query!("UPDATE inboxes SET held_seq = $2 WHERE user_id = $1 AND held_seq IS NULL", user_id, seq)
        .execute(conn)
        .await?;
    Ok(first.rows_affected() > 0)
}

/// Locks somebody's inbox until the transaction ends: nothing comes into it meanwhile, nor is held back.
pub async fn lock(conn: &mut PgConnection, user_id: Uuid) -> Result<()> {
    sqlx::query!("SELECT user_id FROM inboxes WHERE user_id = $1 FOR UPDATE", user_id).fetch_optional(conn).await?;
    Ok(())
}

/// Forgets what was held back from somebody: it is pushed.
pub async fn release(conn: &mut PgConnection, user_id: Uuid) -> Result<()> {
    sqlx::query!("UPDATE inboxes SET held_seq = NULL WHERE user_id = $1", user_id).execute(conn).await?;
    Ok(())
}

/// How a person stands with their inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The newest notification; 0 if there is none.
    pub last_seq: i64,
    /// How many are unread.
    pub unread_count: i32,
}

/// How a person stands with their inbox.
pub async fn standing(conn: &mut PgConnection, user_id: Uuid) -> Result<Standing> {
    let standing = sqlx::query_as!(
        Standing,
        r#"SELECT COALESCE(max(last_seq), 0) AS "last_seq!", COALESCE(max(unread_count), 0) AS "unread_count!"
           FROM inboxes WHERE user_id = $1"#,
        user_id,
    )
    .fetch_one(conn)
    .await?;
    Ok(standing)
}

/// Marks notifications read: those up to `seq`, and those with these ids. Answers how the person stands then.
pub async fn mark_read(conn: &mut PgConnection, user_id: Uuid, seq: Option<i64>, ids: &[Uuid]) -> Result<Standing> {
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
    standing(conn, user_id).await
}

/// A page of the caller's notifications, newest first.
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

/// A page of the caller's notifications after `since`, oldest first.
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

/// The plan that Postgres would make for a list, for the test that holds it to its indexes.
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
    of_person(query, user_id, unread);
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
    of_person(query, user_id, unread);
    query.push(" AND seq > ").push_bind(since);
    query.push(" ORDER BY seq LIMIT ").push_bind(page.fetch());
    Ok(())
}

/// A filter that varies: with `read_at IS NULL` in the text Postgres can use the index of what is unread.
fn of_person(query: &mut QueryBuilder<Postgres>, user_id: Uuid, unread: bool) {
    query.push(
        "SELECT id, seq, kind, task_id, task_key, project_id, actor_id, title, body, data, read_at, created_at
         FROM readable_notifications WHERE user_id = ",
    );
    query.push_bind(user_id);
    if unread {
        query.push(" AND read_at IS NULL");
    }
}

/// A notification and whose it is.
#[derive(sqlx::FromRow)]
pub struct Notified {
    /// Whose.
    pub user_id: Uuid,
    /// What they are told.
    #[sqlx(flatten)]
    pub notification: Notification,
}

/// What is to be pushed of an event, to those who may still see what it is about.
pub async fn pushed_of_event(conn: &mut PgConnection, event_id: Uuid) -> Result<Vec<Notified>> {
    let pushed = sqlx::query_as(
        "SELECT user_id, id, seq, kind, task_id, task_key, project_id, actor_id, title, body, data, read_at, created_at
         FROM readable_notifications WHERE event_id = $1 AND push = 'now' AND visible ORDER BY user_id",
    );
    Ok(pushed.bind(event_id).fetch_all(conn).await?)
}

/// At most `limit` of what quiet hours held back from somebody, oldest first.
pub async fn held(conn: &mut PgConnection, user_id: Uuid, limit: i64) -> Result<Vec<Notified>> {
    let held = sqlx::query_as(
        "SELECT user_id, id, seq, kind, task_id, task_key, project_id, actor_id, title, body, data, read_at, created_at
         FROM readable_notifications
         WHERE user_id = $1 AND seq >= (SELECT held_seq FROM inboxes WHERE user_id = $1) AND push = 'held' AND visible
         ORDER BY seq LIMIT $2",
    );
    Ok(held.bind(user_id).bind(limit).fetch_all(conn).await?)
}
