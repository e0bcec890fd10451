//! The rows of a run.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::Value;
use shared::db::PgConnection;
use sqlx::FromRow;
use taskbell_tests::invariants;
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
    pub(super) parent_id: Option<Uuid>,
    pub(super) in_trash: bool,
}

#[derive(FromRow)]
pub(super) struct Activity {
    pub(super) id: Uuid,
    pub(super) task: Uuid,
    pub(super) actor: Uuid,
    pub(super) kind: String,
    pub(super) changes: Value,
    /// The start of the transaction that wrote it.
    pub(super) at: DateTime<Utc>,
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
    /// The start of the transaction that wrote it.
    pub(super) at: DateTime<Utc>,
    pub(super) handled_at: Option<DateTime<Utc>>,
}

#[derive(FromRow)]
pub(super) struct Notification {
    pub(super) id: Uuid,
    pub(super) user: Uuid,
    pub(super) seq: i64,
    pub(super) event: Uuid,
    pub(super) task: Option<Uuid>,
    pub(super) project: Option<Uuid>,
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
    /// By id, and so by time.
    pub(super) activity: Vec<Activity>,
    pub(super) comments: Vec<Comment>,
    pub(super) outbox: BTreeMap<Uuid, Message>,
    /// By user and `seq`.
    pub(super) notifications: Vec<Notification>,
    pub(super) emails: BTreeMap<Uuid, Email>,
    /// Task, user, and since when.
    pub(super) watchers: Vec<(Uuid, Uuid, DateTime<Utc>)>,
    /// User, last `seq`, and number of unread notifications.
    pub(super) inboxes: Vec<(Uuid, i64, i32)>,
    /// Project and user.
    pub(super) members: BTreeSet<(Uuid, Uuid)>,
    /// Project, version, and whether it is in the trash.
    pub(super) projects: Vec<(Uuid, i64, bool)>,
    /// The changes of the project that listeners follow, by `n`: the actor and the event.
    pub(super) feed: BTreeMap<i64, (Uuid, String)>,
    /// Violated invariants.
    pub(super) broken: Vec<String>,
    /// The former projects of tasks.
    left: BTreeMap<Uuid, Vec<Uuid>>,
    /// The events of several tasks, by task and transaction.
    with_others: BTreeMap<(Uuid, DateTime<Utc>), Vec<Uuid>>,
}

impl Tables {
    /// Reads all rows of the team, and all outbox rows since the run began.
    pub(super) async fn read(db: &mut PgConnection, team: &Team, begun: DateTime<Utc>) -> Self {
        let projects: Vec<Uuid> = team.projects.iter().map(|project| project.id).collect();
        let people: Vec<Uuid> = team.people.iter().map(|person| person.id).collect();
        let tasks = "SELECT id, project_id AS project, title, created_by, version, status::text AS status, assignee_id, parent_id,
                            deleted_at IS NOT NULL AS in_trash
                     FROM tasks WHERE project_id = ANY($1)";
        let tasks: Vec<Task> = sqlx::query_as(tasks).bind(&projects).fetch_all(&mut *db).await.unwrap();
        let ids: Vec<Uuid> = tasks.iter().map(|task| task.id).collect();
        let activity = "SELECT id, task_id AS task, actor_id AS actor, kind, changes, created_at AS at
                        FROM activity WHERE task_id = ANY($1) ORDER BY id";
        let comments = "SELECT id, task_id AS task, author_id AS author, body FROM comments WHERE task_id = ANY($1)";
        let outbox =
            "SELECT id, queue, payload, sends, handled_at, created_at AS at FROM outbox WHERE created_at >= $1";
        let notifications = "SELECT id, user_id AS user, seq, event_id AS event, task_id AS task, project_id AS project, kind, title, body, email_id AS email,
                    read_at IS NULL AND snoozed_until IS NULL AS unread
             FROM notifications WHERE user_id = ANY($1) ORDER BY user_id, seq";
        let emails = "SELECT id, user_id AS user, kind, sent_at, error FROM emails WHERE user_id = ANY($1)";
        let watchers = "SELECT task_id, user_id, added_at FROM watchers WHERE task_id = ANY($1)";
        let inboxes = "SELECT user_id, last_seq, unread_count FROM inboxes WHERE user_id = ANY($1)";
        let members = "SELECT project_id, user_id FROM memberships WHERE project_id = ANY($1) AND user_id = ANY($2)";
        let in_trash = "SELECT id, version, deleted_at IS NOT NULL FROM projects WHERE id = ANY($1)";
        let feed: Vec<(i64, Uuid, String)> =
            sqlx::query_as("SELECT n, actor_id, event FROM project_changes WHERE project_id = $1")
                .bind(projects.first())
                .fetch_all(&mut *db)
                .await
                .unwrap();
        let members: Vec<(Uuid, Uuid)> =
            sqlx::query_as(members).bind(&projects).bind(&people).fetch_all(&mut *db).await.unwrap();
        let outbox: Vec<Message> = sqlx::query_as(outbox).bind(begun).fetch_all(&mut *db).await.unwrap();
        let emails: Vec<Email> = sqlx::query_as(emails).bind(&people).fetch_all(&mut *db).await.unwrap();
        let mut with_others: BTreeMap<_, Vec<Uuid>> = BTreeMap::new();
        for message in &outbox {
            let tasks = message.payload["parts"].as_array().or(message.payload["task_ids"].as_array());
            for task in tasks.into_iter().flatten() {
                let task = task.as_str().unwrap().parse().unwrap();
                with_others.entry((task, message.at)).or_default().push(message.id);
            }
        }
        let activity: Vec<Activity> = sqlx::query_as(activity).bind(&ids).fetch_all(&mut *db).await.unwrap();
        Self {
            broken: invariants::broken(&mut *db, &projects).await.unwrap(),
            projects: sqlx::query_as(in_trash).bind(&projects).fetch_all(&mut *db).await.unwrap(),
            members: members.into_iter().collect(),
            feed: feed.into_iter().map(|(n, actor, event)| (n, (actor, event))).collect(),
            with_others,
            left: left_by(&activity),
            activity,
            comments: sqlx::query_as(comments).bind(&ids).fetch_all(&mut *db).await.unwrap(),
            notifications: sqlx::query_as(notifications).bind(&people).fetch_all(&mut *db).await.unwrap(),
            watchers: sqlx::query_as(watchers).bind(&ids).fetch_all(&mut *db).await.unwrap(),
            inboxes: sqlx::query_as(inboxes).bind(&people).fetch_all(&mut *db).await.unwrap(),
            tasks: tasks.into_iter().map(|task| (task.id, task)).collect(),
            outbox: outbox.into_iter().map(|message| (message.id, message)).collect(),
            emails: emails.into_iter().map(|email| (email.id, email)).collect(),
        }
    }

    /// Returns the notifications of a user, by `seq`.
    pub(super) fn inbox(&self, person: Uuid) -> impl DoubleEndedIterator<Item = &Notification> {
        self.notifications.iter().filter(move |one| one.user == person)
    }

    /// Returns the event of a change: its own, or that of its tree or project.
    pub(super) fn event_of(&self, entry: &Activity) -> Option<&Message> {
        let others = self.with_others.get(&(entry.task, entry.at)).into_iter().flatten();
        [&entry.id].into_iter().chain(others).filter_map(|id| self.outbox.get(id)).find(|message| {
            message.id == entry.id
                || (message.payload["kind"] == entry.kind.as_str()
                    && message.payload["actor_id"] == entry.actor.to_string())
        })
    }

    /// Returns all projects that a task was in.
    pub(super) fn places(&self, task: Uuid) -> Vec<Uuid> {
        let left = self.left.get(&task).into_iter().flatten().copied();
        left.chain(self.tasks.get(&task).map(|task| task.project)).collect()
    }

    /// Returns whether a user is a member of a project.
    pub(super) fn sees(&self, person: Uuid, project: Uuid) -> bool {
        self.members.contains(&(project, person))
    }
}

impl Activity {
    /// Returns the new value of a field.
    pub(super) fn to(&self, field: &str) -> Option<&Value> {
        let changes = self.changes.as_array().unwrap();
        changes.iter().find(|change| change["field"] == field).map(|change| &change["to"])
    }

    /// Returns the old value of a field.
    pub(super) fn from(&self, field: &str) -> Option<&Value> {
        let changes = self.changes.as_array().unwrap();
        changes.iter().find(|change| change["field"] == field).map(|change| &change["from"])
    }

    /// Returns whether the entry made a new version of the task.
    pub(super) fn is_version(&self) -> bool {
        !self.kind.starts_with("comment")
    }
}

/// Returns the former projects of tasks.
fn left_by(activity: &[Activity]) -> BTreeMap<Uuid, Vec<Uuid>> {
    let mut left: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
    for entry in activity.iter().filter(|entry| entry.kind == "moved") {
        left.entry(entry.task).or_default().extend(entry.from("project_id").and_then(id_in));
    }
    left
}

/// Returns the time of a UUIDv7.
pub(super) fn time_of(id: Uuid) -> DateTime<Utc> {
    let (seconds, nanoseconds) = id.get_timestamp().unwrap().to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).unwrap(), nanoseconds).unwrap()
}

pub(super) fn id_in(value: &Value) -> Option<Uuid> {
    value.as_str()?.parse().ok()
}
