//! Inboxes: lists of a person's notifications, and what the person does with them.
//!
//! Every change locks the row of the inbox first, so that `unread_count` is right: it counts the unread notifications
//! that are neither archived nor snoozed.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::{
    Tx,
    notifications::{Push, lock, notification_columns},
    outbox,
    page::{Cursor, Page, PageRequest},
};
use crate::{
    Error, Result,
    domain::{
        Caller,
        event::Event,
        inbox::{State, StatePatch},
        notification::Notification,
    },
};

/// The most notifications that a change of an inbox names.
const MAX_NAMED: i64 = 200;

/// The counters of a person's inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InboxState {
    /// The `seq` of the newest notification, or 0 if there is none.
    pub last_seq: i64,
    /// The number of unread notifications in the inbox.
    pub unread_count: i32,
}

/// Returns the counters of a person's inbox.
pub async fn state(conn: &mut PgConnection, user_id: Uuid) -> Result<InboxState> {
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

/// What was marked as read.
pub struct MarkedRead {
    /// Whether anything was unread.
    pub is_change: bool,
    /// The notifications that were unread. None if they are more than 200.
    pub ids: Vec<Uuid>,
    /// The number of unread notifications in the inbox after that.
    pub unread_count: i32,
}

/// Marks notifications as read: those up to `seq`, and those with these ids, wherever they are.
pub async fn mark_read(conn: &mut PgConnection, user_id: Uuid, seq: Option<i64>, ids: &[Uuid]) -> Result<MarkedRead> {
    lock(conn, user_id).await?;
    let marked = sqlx::query!(
        r#"WITH read AS (
               UPDATE notifications SET read_at = now()
               WHERE user_id = $1 AND read_at IS NULL AND (seq <= $2 OR id = ANY($3)) RETURNING id, snoozed_until)
           UPDATE inboxes SET unread_count = unread_count - (SELECT count(*) FROM read WHERE snoozed_until IS NULL)::integer
           WHERE user_id = $1
           RETURNING unread_count, ARRAY (SELECT id FROM read LIMIT $4) AS "ids!""#,
        user_id,
        seq,
        ids,
        MAX_NAMED + 1,
    )
    .fetch_optional(conn)
    .await?;
    let Some(marked) = marked else { return Ok(MarkedRead { is_change: false, ids: Vec::new(), unread_count: 0 }) };
    let (is_change, mut ids) = (!marked.ids.is_empty(), marked.ids);
    if i64::try_from(ids.len()).is_ok_and(|count| count > MAX_NAMED) {
        ids.clear();
    }
    Ok(MarkedRead { is_change, ids, unread_count: marked.unread_count })
}

/// Adds an event to the outbox: a person changed notifications. Their connections get it.
pub async fn announce(tx: &mut Tx, user_id: Uuid, ids: Vec<Uuid>) -> Result<()> {
    outbox::add_event(tx, &Event::InboxChanged { user_id, ids }).await
}

/// Changes the state of the caller's notification, and returns it.
///
/// Fails with [`Error::NotFound`] if it is not theirs, and if the changes are not valid.
pub async fn change(tx: &mut Tx, caller: &Caller, id: Uuid, patch: StatePatch) -> Result<Notification> {
    lock(tx, caller.id).await?;
    // Locked, so that `clean-up` does not delete it before it is counted.
    let before = sqlx::query_as!(
        State,
        "SELECT read_at, archived_at, snoozed_until FROM notifications WHERE id = $1 AND user_id = $2 FOR UPDATE",
        id,
        caller.id,
    )
    .fetch_one(&mut **tx)
    .await?;
    let after = before.patched(patch, Utc::now())?;
    if after != before {
        save(tx, caller.id, id, after).await?;
        announce(tx, caller.id, vec![id]).await?;
        if let Some(until) = after.snoozed_until.filter(|_| after.snoozed_until != before.snoozed_until) {
            let over = Event::SnoozeOver { user_id: caller.id, notification_id: id, until };
            outbox::schedule_event(tx, &over, until).await?;
        }
    }
    find(tx, caller.id, id).await
}

async fn save(conn: &mut PgConnection, user_id: Uuid, id: Uuid, state: State) -> Result<()> {
    sqlx::query!(
        "WITH before AS (
             SELECT (read_at IS NULL AND snoozed_until IS NULL)::integer AS counted FROM notifications WHERE id = $2),
         after AS (
             UPDATE notifications SET read_at = $3, archived_at = $4, snoozed_until = $5 WHERE id = $2
             RETURNING (read_at IS NULL AND snoozed_until IS NULL)::integer AS counted)
         UPDATE inboxes SET unread_count = unread_count + after.counted - before.counted FROM before, after
         WHERE user_id = $1",
        user_id,
        id,
        state.read_at,
        state.archived_at,
        state.snoozed_until,
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn find(conn: &mut PgConnection, user_id: Uuid, id: Uuid) -> Result<Notification> {
    let found = sqlx::query_as(concat!(
        "SELECT ",
        notification_columns!(),
        " FROM readable_notifications WHERE id = $1 AND user_id = $2"
    ));
    found.bind(id).bind(user_id).fetch_optional(conn).await?.ok_or(Error::NotFound)
}

/// A snoozed notification whose time has come.
pub struct Snoozed {
    /// The person.
    pub user_id: Uuid,
    /// The notification.
    pub id: Uuid,
    /// The time.
    pub until: DateTime<Utc>,
}

/// Locks the inbox of a snoozed notification until the transaction ends, and returns the kind of the notification.
/// `None` if it is not snoozed until that time.
pub async fn lock_snoozed(conn: &mut PgConnection, snoozed: &Snoozed) -> Result<Option<String>> {
    lock(conn, snoozed.user_id).await?;
    let kind = sqlx::query_scalar!(
        "SELECT kind FROM notifications WHERE id = $1 AND user_id = $2 AND snoozed_until = $3",
        snoozed.id,
        snoozed.user_id,
        snoozed.until,
    )
    .fetch_optional(conn)
    .await?;
    Ok(kind)
}

/// Archives a snoozed notification, which must be [locked](lock_snoozed), and adds its copy to the inbox, unread, as the
/// notification of an event. Returns the `seq` of the copy.
pub async fn bring_back(conn: &mut PgConnection, snoozed: &Snoozed, event_id: Uuid, push: Push) -> Result<i64> {
    let seq = sqlx::query_scalar!(
        "WITH old AS (
             UPDATE notifications SET archived_at = now(), read_at = COALESCE(read_at, now()), snoozed_until = NULL
             WHERE id = $1 RETURNING *),
         inbox AS (
             UPDATE inboxes SET last_seq = last_seq + 1, unread_count = unread_count + 1 WHERE user_id = $2 RETURNING last_seq)
         INSERT INTO notifications (id, user_id, seq, event_id, kind, reason, task_id, project_id, actor_id, title, body, data, push)
         SELECT $3, user_id, last_seq, $4, kind, reason, task_id, project_id, actor_id, title, body,
                data || jsonb_build_object('snoozed', id), $5
         FROM old, inbox RETURNING seq",
        snoozed.id,
        snoozed.user_id,
        Uuid::now_v7(),
        event_id,
        push.as_str(),
    )
    .fetch_one(conn)
    .await?;
    Ok(seq)
}

/// The place of notifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Neither archived nor snoozed.
    Inbox,
    /// Archived.
    Archived,
    /// Snoozed.
    Snoozed,
}

/// Which notifications of a person a list has.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    /// Only unread ones.
    pub unread: bool,
    /// Only those in this place.
    pub place: Option<Place>,
}

/// Returns a page of the caller's notifications, newest first.
pub async fn list(
    conn: &mut PgConnection,
    caller: &Caller,
    filter: Filter,
    page: &PageRequest,
) -> Result<Page<Notification>> {
    let mut query = QueryBuilder::new("");
    newest(&mut query, caller.id, filter, page)?;
    let items = query.build_query_as().fetch_all(conn).await?;
    Ok(page.cut(items, |item: &Notification| Cursor::new("notifications", item.seq)))
}

/// Returns a page of the caller's notifications after `since`, oldest first.
pub async fn list_since(
    conn: &mut PgConnection,
    caller: &Caller,
    filter: Filter,
    since: i64,
    page: &PageRequest,
) -> Result<Page<Notification>> {
    let mut query = QueryBuilder::new("");
    oldest_since(&mut query, caller.id, filter, since, page)?;
    let items = query.build_query_as().fetch_all(conn).await?;
    Ok(page.cut(items, |item: &Notification| Cursor::new("notifications since", item.seq)))
}

/// Returns the query plan of a list, for the test that holds it to its indexes.
pub async fn explain(
    conn: &mut PgConnection,
    caller: &Caller,
    filter: Filter,
    since: Option<i64>,
    page: &PageRequest,
) -> Result<Value> {
    let mut query = QueryBuilder::new("EXPLAIN (ANALYZE, FORMAT JSON) ");
    match since {
        None => newest(&mut query, caller.id, filter, page)?,
        Some(since) => oldest_since(&mut query, caller.id, filter, since, page)?,
    }
    Ok(query.build_query_scalar().fetch_one(conn).await?)
}

fn newest(query: &mut QueryBuilder<Postgres>, user_id: Uuid, filter: Filter, page: &PageRequest) -> Result<()> {
    let before = page.after::<i64>("notifications")?.unwrap_or(i64::MAX);
    of_user(query, user_id, filter);
    query.push(" AND seq < ").push_bind(before);
    query.push(" ORDER BY seq DESC LIMIT ").push_bind(page.fetch());
    Ok(())
}

fn oldest_since(
    query: &mut QueryBuilder<Postgres>,
    user_id: Uuid,
    filter: Filter,
    since: i64,
    page: &PageRequest,
) -> Result<()> {
    let since = page.after::<i64>("notifications since")?.unwrap_or(since);
    of_user(query, user_id, filter);
    query.push(" AND seq > ").push_bind(since);
    query.push(" ORDER BY seq LIMIT ").push_bind(page.fetch());
    Ok(())
}

/// Selects a person's notifications. The conditions are part of the text, so that Postgres can use the indexes of what
/// is unread, archived or snoozed.
fn of_user(query: &mut QueryBuilder<Postgres>, user_id: Uuid, filter: Filter) {
    query.push(concat!("SELECT ", notification_columns!(), " FROM readable_notifications WHERE user_id = "));
    query.push_bind(user_id);
    if filter.unread {
        query.push(" AND read_at IS NULL");
    }
    query.push(match filter.place {
        Some(Place::Inbox) => " AND archived_at IS NULL AND snoozed_until IS NULL",
        Some(Place::Archived) => " AND archived_at IS NOT NULL",
        Some(Place::Snoozed) => " AND snoozed_until IS NOT NULL",
        None => "",
    });
}
