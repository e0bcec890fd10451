//! Things for two requests to quarrel over.

use std::sync::Arc;

use taskbell_tests::invariants;
use uuid::Uuid;

use crate::support::{App, Person};

/// Everybody who takes part. What a pair did to them is undone for the next.
pub(super) struct People {
    /// A manager who owns the projects.
    pub(super) owner: Person,
    /// Managers who belong to `here` alone, one for each side.
    pub(super) managers: [Person; 2],
    /// The only administrators, one for each side.
    pub(super) admins: [Person; 2],
    /// A user who belongs to every project, has tasks, and watches.
    pub(super) ann: Person,
    /// A user who belongs to `here`, and watches.
    pub(super) bob: Person,
    /// A manager who belongs to `here`, and may own it one day.
    pub(super) heir: Person,
    /// A user who belongs to no project.
    pub(super) newcomer: Person,
    /// The owner's.
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

/// Three projects and their tasks.
///
/// `here`: `whole` ⊃ `part` ⊃ `leaf`; `lone`, which `thrown` in the trash belongs to; `again`, which recurs, with a subtask.
/// `there`: `far`. `gone` is in the trash, with a task.
pub(super) struct World {
    pub(super) app: Arc<App>,
    pub(super) people: Arc<People>,
    pub(super) here: Uuid,
    pub(super) there: Uuid,
    pub(super) gone: Uuid,
    pub(super) whole: Uuid,
    pub(super) part: Uuid,
    pub(super) leaf: Uuid,
    pub(super) lone: Uuid,
    pub(super) thrown: Uuid,
    pub(super) again: Uuid,
    pub(super) far: Uuid,
    /// Ann's, on `part`.
    pub(super) comment: Uuid,
}

impl World {
    pub(super) async fn new(app: &Arc<App>, people: &Arc<People>) -> Self {
        let [here, there, gone, whole, part, leaf, lone, thrown, again, far, comment, under_again, in_gone] =
            std::array::from_fn(|_| Uuid::now_v7());
        let [owner, ann, bob, heir] = [&people.owner, &people.ann, &people.bob, &people.heir].map(|person| person.id);
        let [one, two] = [&people.managers[0], &people.managers[1]].map(|person| person.id);
        let [admin, other] = [&people.admins[0], &people.admins[1]].map(|person| person.id);
        app.sql(&format!(
            "UPDATE users SET role = 'admin' WHERE id IN ('{admin}', '{other}') AND role <> 'admin';
             UPDATE users SET active = true WHERE NOT active;
             UPDATE sessions SET revoked_at = NULL WHERE revoked_at IS NOT NULL;
             INSERT INTO projects (id, key, name, owner_id, task_counter, deleted_at)
             SELECT id, 'W' || nextval('inbox_key_seq'), 'World', '{owner}', 10, deleted_at
             FROM (VALUES ('{here}'::uuid, NULL::timestamptz), ('{there}', NULL), ('{gone}', '2026-01-01')) p (id, deleted_at);
             UPDATE projects SET deleted_at = now() - interval '1 day' WHERE id = '{gone}';
             INSERT INTO memberships (project_id, user_id)
             SELECT '{here}', unnest(ARRAY['{owner}', '{one}', '{two}', '{ann}', '{bob}', '{heir}']::uuid[])
             UNION ALL SELECT p, u FROM unnest(ARRAY['{there}', '{gone}']::uuid[]) p, unnest(ARRAY['{owner}', '{ann}']::uuid[]) u;
             INSERT INTO tasks (id, project_id, number, title, created_by, assignee_id, parent_id, deleted_at, due_at, recurrence)
             SELECT id, project_id, number, 'Task', '{owner}', assignee_id, parent_id, deleted_at, due_at, recurrence::jsonb
             FROM (VALUES
                 ('{whole}'::uuid, '{here}'::uuid, 1, '{ann}'::uuid, NULL::uuid, NULL::timestamptz, now() + interval '9 days', NULL),
                 ('{part}', '{here}', 2, NULL, '{whole}', NULL, NULL, NULL),
                 ('{leaf}', '{here}', 3, NULL, '{part}', NULL, now() + interval '9 days', NULL),
                 ('{lone}', '{here}', 4, '{ann}', NULL, NULL, NULL, NULL),
                 ('{thrown}', '{here}', 5, '{ann}', '{lone}', now() - interval '1 hour', NULL, NULL),
                 ('{again}', '{here}', 6, '{ann}', NULL, NULL, now() + interval '9 days',
                  '{{\"rrule\": \"FREQ=DAILY\", \"time_zone\": \"UTC\"}}'),
                 ('{under_again}', '{here}', 7, '{bob}', '{again}', NULL, now() + interval '8 days', NULL),
                 ('{far}', '{there}', 1, NULL, NULL, NULL, NULL, NULL),
                 ('{in_gone}', '{gone}', 1, '{ann}', NULL, (SELECT deleted_at FROM projects WHERE id = '{gone}'), NULL, NULL)
             ) t (id, project_id, number, assignee_id, parent_id, deleted_at, due_at, recurrence);
             INSERT INTO activity (id, task_id, actor_id, kind, changes)
             SELECT id, id, created_by, 'created', '[]' FROM tasks WHERE project_id IN ('{here}', '{there}', '{gone}');
             INSERT INTO outbox (id, queue, payload)
             SELECT id, 'events', '{{}}' FROM tasks WHERE project_id IN ('{here}', '{there}', '{gone}');
             INSERT INTO comments (id, task_id, author_id, body) VALUES ('{comment}', '{part}', '{ann}', 'Comment');
             INSERT INTO watchers (task_id, user_id)
             SELECT t, u FROM unnest(ARRAY['{whole}', '{part}', '{again}']::uuid[]) t, unnest(ARRAY['{ann}', '{bob}']::uuid[]) u"
        ))
        .await;
        let (app, people) = (Arc::clone(app), Arc::clone(people));
        Self { app, people, here, there, gone, whole, part, leaf, lone, thrown, again, far, comment }
    }

    /// What does not balance.
    pub(super) async fn broken(&self) -> Vec<String> {
        let mut conn = self.app.db.acquire().await.unwrap();
        invariants::broken(&mut conn, &[self.here, self.there, self.gone, self.people.inbox]).await.unwrap()
    }
}
