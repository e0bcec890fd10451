//! What the database holds of the run.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;
use shared::db::PgConnection;
use sqlx::FromRow;
use uuid::Uuid;

use crate::load::Team;

#[derive(FromRow)]
pub(super) struct Task {
    pub(super) id: Uuid,
    pub(super) project: Uuid,
    pub(super) title: String,
    pub(super) created_by: Uuid,
    pub(super) version: i64,
    pub(super) status: String,
    pub(super) assignee_id: Option<Uuid>,
}

#[derive(FromRow)]
pub(super) struct Activity {
    pub(super) id: Uuid,
    pub(super) task: Uuid,
    pub(super) actor: Uuid,
    pub(super) kind: String,
    pub(super) changes: Value,
}

#[derive(FromRow)]
pub(super) struct Comment {
    pub(super) id: Uuid,
    pub(super) task: Uuid,
    pub(super) author: Uuid,
    pub(super) body: String,
}

#[derive(FromRow)]
pub(super) struct Message {
    pub(super) id: Uuid,
    pub(super) queue: String,
    pub(super) payload: Value,
    pub(super) sends: i16,
    pub(super) handled_at: Option<DateTime<Utc>>,
}

#[derive(FromRow)]
pub(super) struct Notification {
    pub(super) id: Uuid,
    pub(super) user: Uuid,
    pub(super) seq: i64,
    pub(super) event: Uuid,
    pub(super) kind: String,
    pub(super) title: String,
    pub(super) body: String,
    pub(super) email: Option<Uuid>,
    pub(super) unread: bool,
}

#[derive(FromRow)]
pub(super) struct Email {
    pub(super) id: Uuid,
    pub(super) user: Uuid,
    pub(super) kind: String,
    pub(super) sent_at: Option<DateTime<Utc>>,
    pub(super) error: Option<String>,
}

pub(super) struct Tables {
    pub(super) tasks: BTreeMap<Uuid, Task>,
    /// In the order of their ids, which is that of their times.
    pub(super) activity: Vec<Activity>,
    pub(super) comments: Vec<Comment>,
    pub(super) outbox: BTreeMap<Uuid, Message>,
    /// In the order of people and `seq`.
    pub(super) notifications: Vec<Notification>,
    pub(super) emails: BTreeMap<Uuid, Email>,
    /// Task, person, and since when.
    pub(super) watchers: Vec<(Uuid, Uuid, DateTime<Utc>)>,
    /// Person, last `seq`, and how many are unread.
    pub(super) inboxes: Vec<(Uuid, i64, i32)>,
}

impl Tables {
    /// Everything of the team; of the outbox everything since the run began.
    pub(super) async fn read(db: &mut PgConnection, team: &Team, begun: DateTime<Utc>) -> Self {
        let projects: Vec<Uuid> = team.projects.iter().map(|project| project.id).collect();
        let people: Vec<Uuid> = team.people.iter().map(|person| person.id).collect();
        let tasks = "SELECT id, project_id AS project, title, created_by, version, status::text AS status, assignee_id
                     FROM tasks WHERE project_id = ANY($1)";
        let tasks: Vec<Task> = sqlx::query_as(tasks).bind(&projects).fetch_all(&mut *db).await.unwrap();
        let ids: Vec<Uuid> = tasks.iter().map(|task| task.id).collect();
        let activity = "SELECT id, task_id AS task, actor_id AS actor, kind, changes
                        FROM activity WHERE task_id = ANY($1) ORDER BY id";
        let comments = "SELECT id, task_id AS task, author_id AS author, body FROM comments WHERE task_id = ANY($1)";
        let outbox = "SELECT id, queue, payload, sends, handled_at FROM outbox WHERE created_at >= $1";
        let notifications = "SELECT id, user_id AS user, seq, event_id AS event, kind, title, body, email_id AS email,
                    read_at IS NULL AS unread
             FROM notifications WHERE user_id = ANY($1) ORDER BY user_id, seq";
        let emails = "SELECT id, user_id AS user, kind, sent_at, error FROM emails WHERE user_id = ANY($1)";
        let watchers = "SELECT task_id, user_id, added_at FROM watchers WHERE task_id = ANY($1)";
        let inboxes = "SELECT user_id, last_seq, unread_count FROM inboxes WHERE user_id = ANY($1)";
        let outbox: Vec<Message> = sqlx::query_as(outbox).bind(begun).fetch_all(&mut *db).await.unwrap();
        let emails: Vec<Email> = sqlx::query_as(emails).bind(&people).fetch_all(&mut *db).await.unwrap();
        Self {
            activity: sqlx::query_as(activity).bind(&ids).fetch_all(&mut *db).await.unwrap(),
            comments: sqlx::query_as(comments).bind(&ids).fetch_all(&mut *db).await.unwrap(),
            notifications: sqlx::query_as(notifications).bind(&people).fetch_all(&mut *db).await.unwrap(),
            watchers: sqlx::query_as(watchers).bind(&ids).fetch_all(&mut *db).await.unwrap(),
            inboxes: sqlx::query_as(inboxes).bind(&people).fetch_all(&mut *db).await.unwrap(),
            tasks: tasks.into_iter().map(|task| (task.id, task)).collect(),
            outbox: outbox.into_iter().map(|message| (message.id, message)).collect(),
            emails: emails.into_iter().map(|email| (email.id, email)).collect(),
        }
    }

    /// Somebody's notifications, in the order of `seq`.
    pub(super) fn inbox(&self, person: Uuid) -> impl DoubleEndedIterator<Item = &Notification> {
        self.notifications.iter().filter(move |one| one.user == person)
    }

    /// Whether one event tells of a change and of the same change of other tasks.
    pub(super) fn is_told_with_others(&self, entry: &Activity) -> bool {
        let (actor, task) = (entry.actor.to_string(), entry.task.to_string());
        self.outbox.values().any(|message| {
            let payload = &message.payload;
            let parts = payload["parts"].as_array().or(payload["task_ids"].as_array());
            payload["kind"] == entry.kind.as_str()
                && payload["actor_id"] == actor.as_str()
                && parts.is_some_and(|parts| parts.iter().any(|part| *part == task.as_str()))
        })
    }

    /// Whether somebody belongs to a project.
    #[expect(clippy::unused_self, reason = "it reads as a question to the tables")]
    pub(super) fn sees(&self, team: &Team, person: Uuid, project: Uuid) -> bool {
        team.projects.iter().any(|one| one.id == project && one.members.iter().any(|member| member.id == person))
    }
}

impl Activity {
    /// What a field became by it.
    pub(super) fn to(&self, field: &str) -> Option<&Value> {
        let changes = self.changes.as_array().unwrap();
        changes.iter().find(|change| change["field"] == field).map(|change| &change["to"])
    }

    /// What a field was before it.
    pub(super) fn from(&self, field: &str) -> Option<&Value> {
        let changes = self.changes.as_array().unwrap();
        changes.iter().find(|change| change["field"] == field).map(|change| &change["from"])
    }

    /// Whether it made another version of the task.
    pub(super) fn is_version(&self) -> bool {
        !self.kind.starts_with("comment")
    }
}

/// When a UUIDv7 was made.
pub(super) fn time_of(id: Uuid) -> DateTime<Utc> {
    let (seconds, nanoseconds) = id.get_timestamp().unwrap().to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).unwrap(), nanoseconds).unwrap()
}
