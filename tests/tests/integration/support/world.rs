//! Every kind of caller, and data for their requests.

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use shared::domain::preferences::Preferences;
use uuid::Uuid;

use super::{App, Operation, PASSWORD, Person};

/// The callers, in the order of the columns of the table of permissions.
pub(crate) struct People {
    /// A user who shares no project with the others.
    pub(crate) stranger: Person,
    /// A manager who shares no project with the others.
    pub(crate) outsider: Person,
    /// A user who is a viewer of the project.
    pub(crate) viewer: Person,
    /// A viewer of the project with the account of a manager.
    pub(crate) viewing_manager: Person,
    /// A user who belongs to the project.
    pub(crate) member: Person,
    /// A member who wrote the task and the comment.
    pub(crate) creator: Person,
    /// A member to whom the task is assigned.
    pub(crate) assignee: Person,
    /// A manager who belongs to the project.
    pub(crate) manager: Person,
    /// A user who is a manager of the project.
    pub(crate) project_manager: Person,
    /// The manager who owns the project.
    pub(crate) owner: Person,
    /// An administrator, who belongs to no project.
    pub(crate) admin: Person,
}

impl People {
    pub(crate) async fn new(app: &App) -> Self {
        Self {
            stranger: app.user("stranger").await,
            outsider: app.manager("outsider").await,
            viewer: app.user("viewer").await,
            viewing_manager: app.manager("viewing manager").await,
            member: app.user("member").await,
            creator: app.user("creator").await,
            assignee: app.user("assignee").await,
            manager: app.manager("manager").await,
            project_manager: app.user("project manager").await,
            owner: app.manager("owner").await,
            admin: app.admin("admin").await,
        }
    }

    pub(crate) fn each(&self) -> [&Person; 11] {
        [
            &self.stranger,
            &self.outsider,
            &self.viewer,
            &self.viewing_manager,
            &self.member,
            &self.creator,
            &self.assignee,
            &self.manager,
            &self.project_manager,
            &self.owner,
            &self.admin,
        ]
    }
}

/// A project with a task, a comment and a member, and a session of one caller. Each request gets a new one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct World {
    pub(crate) project: Uuid,
    pub(crate) task: Uuid,
    pub(crate) comment: Uuid,
    /// Another task of the project.
    next: Uuid,
    /// A user who belongs to the project and does nothing.
    pub(crate) other: Uuid,
    /// A user who belongs to no project.
    pub(crate) newcomer: Uuid,
    session: Uuid,
    /// A report that the administrator asked for.
    report: Uuid,
    /// A notification of the administrator.
    notification: Uuid,
    /// A report subscription of the owner, if it is prepared.
    subscription: Uuid,
    owner: Uuid,
    /// A manager who belongs to the project, to whom it can be transferred.
    manager: Uuid,
}

impl World {
    /// Creates the data for a request of `caller`.
    pub(crate) async fn new(app: &App, people: &People, caller: &Person) -> Self {
        let [project, task, next, comment, other, newcomer, session, report, notification, subscription] =
            std::array::from_fn(|_| Uuid::now_v7());
        let (owner, creator, assignee) = (people.owner.id, people.creator.id, people.assignee.id);
        let (member, manager, admin, caller) = (people.member.id, people.manager.id, people.admin.id, caller.id);
        let (viewer, viewing_manager) = (people.viewer.id, people.viewing_manager.id);
        let project_manager = people.project_manager.id;
        app.sql(&format!(
            "INSERT INTO users (id, email, name, password_hash) VALUES
                 ('{other}', '{other}@example.com', 'Other', 'none'), ('{newcomer}', '{newcomer}@example.com', 'Newcomer', 'none');
             INSERT INTO projects (id, key, name, owner_id) VALUES ('{project}', 'W' || nextval('inbox_key_seq'), 'World', '{owner}');
             INSERT INTO memberships (project_id, user_id)
             SELECT '{project}', unnest(ARRAY['{owner}', '{creator}', '{assignee}', '{member}', '{manager}', '{other}']::uuid[]);
             INSERT INTO memberships (project_id, user_id, role)
             VALUES ('{project}', '{viewer}', 'viewer'), ('{project}', '{viewing_manager}', 'viewer'),
                    ('{project}', '{project_manager}', 'manager');
             INSERT INTO tasks (id, project_id, number, title, created_by, assignee_id, labels)
             VALUES ('{task}', '{project}', 1, 'Task', '{creator}', '{assignee}', '{{Red}}'),
                    ('{next}', '{project}', 2, 'Next', '{owner}', '{other}', '{{}}');
             UPDATE projects SET task_counter = 2 WHERE id = '{project}';
             INSERT INTO comments (id, task_id, author_id, body) VALUES ('{comment}', '{task}', '{creator}', 'Comment');
             INSERT INTO sessions (id, user_id, user_agent, ip_address, expires_at)
             VALUES ('{session}', '{caller}', '', '', now() + interval '1 day');
             INSERT INTO reports (id, user_id, kind, format, period_from, period_to, own_work, finished_at)
             VALUES ('{report}', '{admin}', 'workload', 'csv', now() - interval '1 day', now(), false, now());
             WITH inbox AS (
                 INSERT INTO inboxes AS i (user_id, last_seq, unread_count) VALUES ('{admin}', 1, 1) ON CONFLICT (user_id)
                 DO UPDATE SET last_seq = i.last_seq + 1, unread_count = i.unread_count + 1 RETURNING last_seq)
             INSERT INTO notifications (id, user_id, seq, event_id, kind, title, body, push)
             SELECT '{notification}', '{admin}', last_seq, gen_random_uuid(), 'mentioned', 'Title', '', 'off' FROM inbox"
        ))
        .await;
        Self {
            project,
            task,
            comment,
            next,
            other,
            newcomer,
            session,
            report,
            notification,
            subscription,
            owner,
            manager,
        }
    }

    /// Prepares what an operation needs: something to restore, or a subscription to delete.
    pub(crate) async fn prepare(&self, app: &App, operation: &Operation) {
        let (project, task) = (self.project, self.task);
        match operation.name.as_str() {
            "restore-project" => {
                app.sql(&format!("UPDATE projects SET deleted_at = now() WHERE id = '{project}'")).await;
            }
            "delete-report-subscription" => {
                let (subscription, owner) = (self.subscription, self.owner);
                app.sql(&format!(
                    "INSERT INTO report_subscriptions (id, user_id, kind, format, weekday, at, fire_at)
                     VALUES ('{subscription}', '{owner}', 'workload', 'csv', 1, '07:00', now())"
                ))
                .await;
            }
            "restore-task" => {
                app.sql(&format!("UPDATE tasks SET deleted_at = now() WHERE id = '{task}'")).await;
            }
            _ => {}
        }
    }

    /// Returns the operation's path, with ids of this data.
    pub(crate) fn path(&self, operation: &Operation) -> String {
        let id = match operation.path.split('/').nth(2) {
            Some("projects") => self.project,
            Some("tasks") => self.task,
            Some("comments") => self.comment,
            Some("reports") => self.report,
            Some("notifications") => self.notification,
            Some("report-subscriptions") => self.subscription,
            Some("users") if operation.path.contains("/sessions") => self.session,
            _ => self.other,
        };
        let user_id = if operation.name == "add-member" { self.newcomer } else { self.other };
        operation
            .path
            .replace("{id}", &id.to_string())
            .replace("{user_id}", &user_id.to_string())
            .replace("{label}", "red")
    }

    /// Returns a valid body for the operation with every field, except that passwords and tokens are wrong.
    pub(crate) fn body(&self, operation: &Operation) -> Option<Value> {
        let recurrence = json!({ "rrule": "FREQ=DAILY", "time_zone": "UTC" });
        let task = json!({
            "title": "New", "description": "Words", "project_id": self.project, "assignee_id": self.other, "status": "done",
            "priority": "high", "due_at": "2030-01-01T00:00:00Z", "parent_id": null, "labels": ["a", "b"], "recurrence": recurrence,
        });
        // A key begins with a letter.
        let key = format!("K{}", &self.project.simple().to_string().to_uppercase()[23..]);
        let body = match operation.name.as_str() {
            "register" => {
                json!({ "email": format!("{key}@example.com"), "password": PASSWORD, "name": "New", "time_zone": "UTC" })
            }
            "login" => json!({ "email": "nobody@example.com", "password": "wrong password" }),
            "refresh" | "logout" => json!({ "refresh_token": "unknown" }),
            "forgot-password" => json!({ "email": "nobody@example.com" }),
            "reset-password" => json!({ "token": "unknown", "password": PASSWORD }),
            "verify-email" => json!({ "token": "unknown" }),
            "update-me" => json!({ "name": key, "time_zone": "Europe/Berlin" }),
            "change-password" => json!({ "current_password": "wrong password", "new_password": PASSWORD }),
            "update-user" => json!({ "name": "New", "role": "manager", "active": true }),
            "create-project" => json!({ "key": key, "name": "New", "description": "Words" }),
            "update-project" => json!({ "name": "New", "description": "Words", "owner_id": self.manager }),
            "create-task" | "update-task" => task,
            "set-task-assignee" => json!({ "assignee_id": self.other }),
            "rank-task" => json!({ "before": null, "after": self.next }),
            "rename-label" => json!({ "label": "Blue" }),
            "set-task-status" => json!({ "status": "in_progress" }),
            "create-comment" | "update-comment" => json!({ "body": "New" }),
            "create-report" => json!({
                "kind": "workload", "project_id": self.project, "format": "csv",
                "from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z",
            }),
            "add-member" => json!({ "role": "viewer" }),
            "create-report-subscription" => json!({
                "kind": "workload", "project_id": self.project, "format": "csv", "weekday": "sunday", "at": "08:00",
            }),
            "update-notification" => {
                json!({ "read": true, "archived": false, "snoozed_until": Utc::now() + TimeDelta::days(1) })
            }
            "read-notifications" => json!({ "seq": 1, "ids": [self.task] }),
            "set-notification-preferences" => {
                let mut preferences = json!(Preferences::default());
                preferences["quiet_hours"] = json!({ "from": "22:00", "to": "07:00" });
                preferences
            }
            name => {
                assert!(!operation.takes_body, "support/world.rs has no body for {name}");
                return None;
            }
        };
        Some(body)
    }
}
