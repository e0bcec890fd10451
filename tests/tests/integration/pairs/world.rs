//! The data for pairs of requests.

use std::sync::Arc;

use taskbell_tests::invariants;
use uuid::Uuid;

use crate::support::{App, Person};

/// The people of the tests. What a pair did to them is undone before the next.
pub(super) struct People {
    /// A manager who owns the projects.
    pub(super) owner: Person,
    /// Managers who belong only to `here`, one for each side.
    pub(super) managers: [Person; 2],
    /// The only administrators, one for each side.
    pub(super) admins: [Person; 2],
    /// A user who belongs to every project, has tasks, and watches some.
    pub(super) ann: Person,
    /// A user who belongs to `here`, and watches some tasks.
    pub(super) bob: Person,
    /// A manager who belongs to `here`, and may become its owner.
    pub(super) heir: Person,
    /// A user who belongs to no project.
    pub(super) newcomer: Person,
    /// The owner's Inbox.
    pub(super) inbox: Uuid,
}

impl People {
    pub(super) async fn new(app: &App) -> Self {
        let owner = app.manager("owner").await;
        Self {
            inbox: app.one(&format!("SELECT id FROM projects WHERE owner_id = '{}'", owner.id)).await,
            owner,
            managers: [app.manager("manager one").await, app.manager("manager two").await],
            admins: [app.admin("admin one").await, app.admin("admin two").await],
            ann: app.user("ann").await,
            bob: app.user("bob").await,
            heir: app.manager("heir").await,
            newcomer: app.user("newcomer").await,
        }
    }
}

/// Projects and their tasks.
///
/// `here`: `whole` ⊃ `part` ⊃ `leaf`; `lone`, the parent of `thrown`, which is in the trash; `anns`, in the trash;
/// `again`, which recurs, with subtasks on two levels. `there`: `far`. `gone` is in the trash with a task, and `empty`
/// without tasks. `private` is in the owner's Inbox. Some have labels, and both administrators watch some.
pub(super) struct World {
    pub(super) app: Arc<App>,
    pub(super) people: Arc<People>,
    pub(super) here: Uuid,
    pub(super) there: Uuid,
    pub(super) gone: Uuid,
    pub(super) empty: Uuid,
    pub(super) whole: Uuid,
    pub(super) part: Uuid,
    pub(super) leaf: Uuid,
    pub(super) lone: Uuid,
    pub(super) thrown: Uuid,
    pub(super) anns: Uuid,
    pub(super) again: Uuid,
    pub(super) far: Uuid,
    pub(super) private: Uuid,
    /// Ann's comment on `part`.
    pub(super) comment: Uuid,
    /// An unread notification of Ann.
    pub(super) told: Uuid,
    /// An unread, snoozed one.
    pub(super) snoozed: Uuid,
    /// The event that ends its snooze.
    pub(super) snooze_over: Uuid,
}

impl World {
    pub(super) async fn new(app: &Arc<App>, people: &Arc<People>) -> Self {
        let [here, there, gone, empty] = std::array::from_fn(|_| Uuid::now_v7());
        let [whole, part, leaf, lone, thrown, anns, again, far, private] = std::array::from_fn(|_| Uuid::now_v7());
        let [told, snoozed, snooze_over] = std::array::from_fn(|_| Uuid::now_v7());
        let [comment, in_inbox, under_again, below, in_gone] = std::array::from_fn(|_| Uuid::now_v7());
        let inbox = people.inbox;
        let [owner, ann, bob, heir] = [&people.owner, &people.ann, &people.bob, &people.heir].map(|person| person.id);
        let [one, two] = [&people.managers[0], &people.managers[1]].map(|person| person.id);
        let [admin, other] = [&people.admins[0], &people.admins[1]].map(|person| person.id);
        app.sql(&format!(
            "DELETE FROM outbox; DELETE FROM project_changes; UPDATE projects SET change_counter = 0;
             DELETE FROM tasks;
             DELETE FROM projects WHERE NOT personal;
             DELETE FROM notification_preferences; DELETE FROM notifications; DELETE FROM inboxes;
             UPDATE users SET role = 'admin' WHERE id IN ('{admin}', '{other}') AND role <> 'admin';
             UPDATE users SET active = true WHERE NOT active;
             UPDATE sessions SET revoked_at = NULL WHERE revoked_at IS NOT NULL;
             INSERT INTO projects (id, key, name, owner_id, task_counter, deleted_at)
             SELECT id, 'W' || nextval('inbox_key_seq'), 'World', '{owner}', 10, deleted_at
             FROM (VALUES ('{here}'::uuid, NULL::timestamptz), ('{there}', NULL), ('{gone}', now() - interval '1 day'),
                          ('{empty}', now() - interval '1 day')) p (id, deleted_at);
             UPDATE projects SET task_counter = 1 WHERE id = '{inbox}';
             INSERT INTO memberships (project_id, user_id)
             SELECT '{here}', unnest(ARRAY['{owner}', '{one}', '{two}', '{ann}', '{bob}', '{heir}']::uuid[])
             UNION ALL SELECT p, u FROM unnest(ARRAY['{there}', '{gone}', '{empty}']::uuid[]) p, unnest(ARRAY['{owner}', '{ann}']::uuid[]) u;
             INSERT INTO tasks (id, project_id, number, title, created_by, assignee_id, parent_id, deleted_at, due_at, labels, recurrence)
             SELECT id, project_id, number, title, '{owner}', assignee_id, parent_id, deleted_at, due_at, labels::text[], recurrence::jsonb
             FROM (VALUES
                 ('{whole}'::uuid, '{here}'::uuid, 1, 'Task', '{ann}'::uuid, NULL::uuid, NULL::timestamptz, now() + interval '9 days',
                  '{{Red,Blue}}', NULL),
                 ('{part}', '{here}', 2, 'Task', NULL, '{whole}', NULL, NULL, '{{Blue}}', NULL),
                 ('{leaf}', '{here}', 3, 'Task', NULL, '{part}', NULL, now() + interval '9 days', '{{}}', NULL),
                 ('{lone}', '{here}', 4, 'Task', '{ann}', NULL, NULL, NULL, '{{Red}}', NULL),
                 ('{thrown}', '{here}', 5, 'Task', NULL, '{lone}', now() - interval '1 hour', NULL, '{{}}', NULL),
                 ('{again}', '{here}', 6, 'Task', '{ann}', NULL, NULL, now() + interval '9 days', '{{Red}}',
                  '{{\"rrule\": \"FREQ=DAILY\", \"time_zone\": \"UTC\"}}'),
                 ('{under_again}', '{here}', 7, 'Task', '{bob}', '{again}', NULL, now() + interval '8 days', '{{}}', NULL),
                 ('{below}', '{here}', 8, 'Task', '{ann}', '{under_again}', NULL, now() + interval '7 days', '{{Blue}}', NULL),
                 ('{anns}', '{here}', 9, 'Task', '{ann}', NULL, now() - interval '1 hour', now() + interval '9 days', '{{}}', NULL),
                 ('{far}', '{there}', 1, 'Task', NULL, NULL, NULL, NULL, '{{BLUE}}', NULL),
                 ('{private}', '{inbox}', 1, 'Private', NULL, NULL, NULL, now() + interval '9 days', '{{RED}}', NULL),
                 ('{in_gone}', '{gone}', 1, 'Task', '{ann}', NULL, (SELECT deleted_at FROM projects WHERE id = '{gone}'), NULL, '{{}}', NULL)
             ) t (id, project_id, number, title, assignee_id, parent_id, deleted_at, due_at, labels, recurrence);
             INSERT INTO activity (id, task_id, actor_id, kind, changes) SELECT id, id, created_by, 'created', '[]' FROM tasks;
             INSERT INTO outbox (id, queue, payload) SELECT id, 'events', '{{}}' FROM tasks;
             INSERT INTO project_watchers (project_id, user_id)
             SELECT '{here}', unnest(ARRAY['{bob}', '{admin}', '{other}']::uuid[]);
             INSERT INTO inboxes (user_id, last_seq, unread_count) VALUES ('{ann}', 2, 1);
             INSERT INTO notifications (id, user_id, seq, event_id, kind, title, body, push, snoozed_until) VALUES
                 ('{told}', '{ann}', 1, gen_random_uuid(), 'mentioned', '', '', 'off', NULL),
                 ('{snoozed}', '{ann}', 2, gen_random_uuid(), 'mentioned', '', '', 'off', '2040-01-01T00:00:00Z');
             INSERT INTO outbox (id, queue, payload) VALUES ('{snooze_over}', 'events', jsonb_build_object(
                 'event', 'snooze_over', 'user_id', '{ann}', 'notification_id', '{snoozed}', 'until', '2040-01-01T00:00:00Z'));
             INSERT INTO comments (id, task_id, author_id, body) VALUES
                 ('{comment}', '{part}', '{ann}', 'Comment'), ('{in_inbox}', '{private}', '{owner}', 'Comment');
             INSERT INTO watchers (task_id, user_id)
             SELECT t, u FROM unnest(ARRAY['{whole}', '{part}', '{again}']::uuid[]) t, unnest(ARRAY['{ann}', '{bob}', '{admin}', '{other}']::uuid[]) u;
             INSERT INTO reminders (task_id, user_id, due_at, fire_at)
             SELECT id, p.user_id, due_at, due_at - interval '1 day'
             FROM tasks t CROSS JOIN LATERAL (SELECT COALESCE(assignee_id, created_by) AS user_id
                                              UNION SELECT user_id FROM watchers WHERE task_id = t.id) p
             WHERE due_at IS NOT NULL AND deleted_at IS NULL"
        ))
        .await;
        let (app, people) = (Arc::clone(app), Arc::clone(people));
        Self {
            app,
            people,
            here,
            there,
            gone,
            empty,
            whole,
            part,
            leaf,
            lone,
            thrown,
            anns,
            again,
            far,
            private,
            comment,
            told,
            snoozed,
            snooze_over,
        }
    }

    /// Returns the violated invariants.
    pub(super) async fn broken(&self) -> Vec<String> {
        let mut conn = self.app.db.acquire().await.unwrap();
        invariants::broken(&mut conn, &[self.here, self.there, self.gone, self.empty, self.people.inbox]).await.unwrap()
    }
}
