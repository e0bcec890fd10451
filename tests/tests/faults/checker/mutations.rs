//! Mutations that test the checker: each falsifies something, and the checker must detect it.
//!
//! A mutation must be wrong with certainty. Where a response was lost, or where two results are correct (see
//! [`Checker::notifications`]), the checker must accept both. So each mutation changes the oldest row of its kind,
//! which is from [`Team::perform_each_operation_once`] and was acknowledged. A user is replaced by any other.

use shared::db::PgPool;
use uuid::Uuid;

use super::{Checker, emails::Emails, tables::Tables};
use crate::{load::Team, run::Run, sockets::Received};

/// The oldest restored task is in the trash.
const TRASH_TASK: &str = "UPDATE tasks SET deleted_at = now() WHERE id = (SELECT task_id FROM activity
    WHERE actor_id = ANY($1) AND kind = 'restored' ORDER BY id LIMIT 1)";

/// The project of the oldest task is in the trash, and the task is not.
const TRASH_PROJECT: &str = "UPDATE projects SET deleted_at = now()
    WHERE id = (SELECT project_id FROM tasks WHERE created_by = ANY($1) ORDER BY id LIMIT 1)";

/// A description, the SQL, and the check that detects it. `$1` is the array of user ids of the run.
pub(super) const MUTATIONS: [(&str, &str, &str); 43] = [
    (
        "a task that was acknowledged is lost",
        "UPDATE tasks SET title = 'lost' WHERE id = (SELECT id FROM tasks WHERE created_by = ANY($1) ORDER BY id LIMIT 1)",
        "creates",
    ),
    (
        "a create made two tasks",
        "INSERT INTO tasks (id, project_id, number, title, created_by)
         SELECT overlay(id::text PLACING 'f00d' FROM 33)::uuid, project_id, -1, title, created_by
         FROM tasks WHERE created_by = ANY($1) ORDER BY id LIMIT 1",
        "creates",
    ),
    (
        "another user created a task",
        "UPDATE tasks SET created_by = (SELECT other FROM unnest($1) other WHERE other <> created_by LIMIT 1)
         WHERE id = (SELECT id FROM tasks WHERE created_by = ANY($1) ORDER BY id LIMIT 1)",
        "creates",
    ),
    (
        "a change has no entry",
        "DELETE FROM activity WHERE id = (SELECT id FROM activity WHERE actor_id = ANY($1) AND kind = 'assigned'
                                      ORDER BY id LIMIT 1)",
        "activity",
    ),
    (
        "a change has two entries",
        "INSERT INTO activity SELECT overlay(id::text PLACING 'f00d' FROM 33)::uuid, task_id, actor_id, kind, changes, created_at
         FROM activity WHERE actor_id = ANY($1) AND kind = 'status_changed' ORDER BY id LIMIT 1",
        "activity",
    ),
    (
        "a last change was lost, and its entry with it",
        "WITH last AS (SELECT t.id, (SELECT a.id FROM activity a WHERE a.task_id = t.id AND a.kind NOT LIKE 'comment%'
                                     ORDER BY a.id DESC LIMIT 1) AS entry
                       FROM tasks t WHERE created_by = ANY($1) AND version > 2 ORDER BY t.id LIMIT 1),
              gone AS (DELETE FROM activity WHERE id IN (SELECT entry FROM last))
         UPDATE tasks SET version = version - 1 WHERE id IN (SELECT id FROM last)",
        "edits",
    ),
    (
        "a status differs from its last change",
        "UPDATE tasks SET status = 'cancelled'
         WHERE id = (SELECT id FROM tasks WHERE created_by = ANY($1) ORDER BY id LIMIT 1)",
        "activity",
    ),
    (
        "another user made a change",
        "UPDATE activity SET actor_id = (SELECT other FROM unnest($1) other WHERE other <> actor_id LIMIT 1)
         WHERE id = (SELECT id FROM activity WHERE actor_id = ANY($1) AND kind = 'status_changed' ORDER BY id LIMIT 1)",
        "edits",
    ),
    (
        "a change is not in the feed of its project",
        "DELETE FROM project_changes WHERE (project_id, n) IN (
             SELECT project_id, n FROM project_changes WHERE actor_id = ANY($1) ORDER BY created_at LIMIT 1)",
        "invariants",
    ),
    (
        "the feed of a project names another user",
        "UPDATE project_changes SET actor_id = (SELECT other FROM unnest($1) other WHERE other <> actor_id LIMIT 1)
         WHERE (project_id, n) IN (SELECT project_id, n FROM project_changes WHERE actor_id = ANY($1) ORDER BY created_at LIMIT 1)",
        "the WebSockets",
    ),
    (
        "a comment is lost",
        "DELETE FROM comments WHERE id = (SELECT id FROM comments WHERE author_id = ANY($1) ORDER BY id LIMIT 1)",
        "comments",
    ),
    (
        "a comment is duplicated",
        "INSERT INTO comments (id, task_id, author_id, body)
         SELECT gen_random_uuid(), task_id, author_id, body FROM comments WHERE author_id = ANY($1)
         ORDER BY id LIMIT 1",
        "comments",
    ),
    (
        "watchers are lost",
        "DELETE FROM watchers WHERE user_id = ANY($1)",
        "watchers",
    ),
    (
        "an outbox row is open",
        "UPDATE outbox SET handled_at = NULL WHERE id = (SELECT id FROM outbox
             WHERE queue = 'events' AND (payload->>'actor_id')::uuid = ANY($1) ORDER BY id LIMIT 1)",
        "the outbox",
    ),
    (
        "a change has no event",
        "DELETE FROM outbox WHERE id = (SELECT id FROM activity WHERE actor_id = ANY($1) ORDER BY id LIMIT 1)",
        "the outbox",
    ),
    (
        "a creator was not notified of a change",
        "DELETE FROM notifications WHERE id = (SELECT n.id FROM notifications n
             JOIN activity a ON a.id = n.event_id JOIN tasks t ON t.id = a.task_id
             WHERE n.user_id = ANY($1) AND n.user_id = t.created_by AND a.kind <> 'created' ORDER BY n.id LIMIT 1)",
        "notifications",
    ),
    (
        "another user was notified",
        "UPDATE notifications SET user_id = (SELECT other FROM unnest($1) other WHERE other <> user_id LIMIT 1), seq = seq + 1000000
         WHERE id = (SELECT id FROM notifications WHERE user_id = ANY($1) AND kind = 'added_to_project' ORDER BY id LIMIT 1)",
        "notifications",
    ),
    (
        "a seq has a gap",
        "UPDATE notifications n SET seq = seq + 1 FROM inboxes i
         WHERE n.user_id = ($1)[1] AND i.user_id = n.user_id AND n.seq = i.last_seq",
        "seq",
    ),
    (
        "unread notifications are counted wrongly",
        "UPDATE inboxes SET unread_count = unread_count + 1 WHERE user_id = ($1)[1]",
        "unread",
    ),
    (
        "a client received another notification with this seq",
        "UPDATE notifications SET id = gen_random_uuid() WHERE user_id = ($1)[1] AND seq = 1",
        "the WebSockets",
    ),
    (
        "an e-mail was never sent",
        "UPDATE emails SET sent_at = NULL WHERE id = (SELECT id FROM emails WHERE user_id = ANY($1) ORDER BY id LIMIT 1)",
        "e-mails",
    ),
    (
        "a notification is in no e-mail",
        "UPDATE notifications SET email_id = NULL
         WHERE id = (SELECT id FROM notifications WHERE user_id = ANY($1) AND email_id IS NOT NULL ORDER BY id LIMIT 1)",
        "e-mails",
    ),
    (
        "another user moved a task to the trash",
        "UPDATE activity SET actor_id = (SELECT other FROM unnest($1) other WHERE other <> actor_id LIMIT 1)
         WHERE id = (SELECT id FROM activity WHERE actor_id = ANY($1) AND kind = 'deleted' ORDER BY id LIMIT 1)",
        "edits",
    ),
    (
        "a subtask was moved to the trash without an entry",
        "DELETE FROM activity WHERE id = (SELECT a.id FROM activity a JOIN tasks t ON t.id = a.task_id
             WHERE a.actor_id = ANY($1) AND a.kind = 'deleted' AND t.parent_id IS NOT NULL ORDER BY a.id LIMIT 1)",
        "activity",
    ),
    ("a task was not restored", TRASH_TASK, "activity"),
    ("a task in the trash was changed", TRASH_TASK, "invariants: something done to a task in the trash"),
    (
        "a task did not move",
        "WITH moved AS (
             SELECT t.id, (SELECT c->>'from' FROM jsonb_array_elements(changes) c WHERE c->>'field' = 'project_id')::uuid AS was
             FROM activity a JOIN tasks t ON t.id = a.task_id
             WHERE actor_id = ANY($1) AND kind = 'moved' AND t.parent_id IS NULL ORDER BY a.id LIMIT 1)
         UPDATE tasks t SET project_id = was, number = -number FROM moved WHERE moved.id IN (t.id, t.parent_id)",
        "activity",
    ),
    (
        "a subtask was not attached",
        "UPDATE tasks SET parent_id = NULL WHERE id = (SELECT id FROM tasks
             WHERE created_by = ANY($1) AND parent_id IS NOT NULL AND version > 2 ORDER BY id LIMIT 1)",
        "activity",
    ),
    (
        "a creator was not notified that a task was moved away",
        r#"UPDATE outbox SET payload = payload || '{"user_ids": []}' WHERE id = (SELECT id FROM outbox
             WHERE payload->>'event' = 'tasks_left' AND (payload->>'actor_id')::uuid = ANY($1) ORDER BY id LIMIT 1)"#,
        "lost access",
    ),
    (
        "a member was added twice",
        "INSERT INTO outbox (id, queue, payload, handled_at, created_at)
         SELECT overlay(id::text PLACING 'f00d' FROM 33)::uuid, queue, payload, handled_at, created_at FROM outbox
         WHERE payload->>'event' = 'added_to_project' AND (payload->>'user_id')::uuid = ANY($1) ORDER BY id LIMIT 1",
        "members",
    ),
    (
        "a member was lost",
        "WITH lost AS (SELECT m.project_id, m.user_id FROM memberships m JOIN projects p ON p.id = m.project_id
                       WHERE m.user_id = ANY($1) AND NOT p.personal ORDER BY m.added_at, p.id LIMIT 1),
              unassigned AS (UPDATE tasks t SET assignee_id = NULL FROM lost
                             WHERE t.project_id = lost.project_id AND t.assignee_id = lost.user_id)
         DELETE FROM memberships m USING lost WHERE m.project_id = lost.project_id AND m.user_id = lost.user_id",
        "members",
    ),
    ("a project was not restored", TRASH_PROJECT, "projects"),
    ("an active task is in a project in the trash", TRASH_PROJECT, "invariants: a task in use in a project"),
    (
        "a project was moved to the trash and restored once more",
        "UPDATE projects SET version = version + 2
         WHERE id = (SELECT project_id FROM tasks WHERE created_by = ANY($1) ORDER BY id LIMIT 1)",
        "projects",
    ),
    (
        "an active task is under one in the trash",
        "UPDATE tasks SET deleted_at = now() WHERE id = (SELECT parent_id FROM tasks
             WHERE created_by = ANY($1) AND parent_id IS NOT NULL AND deleted_at IS NULL ORDER BY id LIMIT 1)",
        "invariants: a task in use under one",
    ),
    (
        "a task is its own ancestor",
        "UPDATE tasks t SET parent_id = part.id FROM (SELECT id, parent_id FROM tasks
             WHERE created_by = ANY($1) AND parent_id IS NOT NULL ORDER BY id LIMIT 1) part WHERE t.id = part.parent_id",
        "invariants: a task without a way to the top",
    ),
    (
        "a tree has six levels",
        "WITH RECURSIVE line AS (
             SELECT 1 AS level, gen_random_uuid() AS id, NULL::uuid AS parent_id, project_id, created_by
             FROM (SELECT project_id, created_by FROM tasks WHERE created_by = ANY($1) ORDER BY id LIMIT 1) oldest
             UNION ALL SELECT level + 1, gen_random_uuid(), id, project_id, created_by FROM line WHERE level < 6)
         INSERT INTO tasks (id, project_id, number, title, created_by, parent_id)
         SELECT id, project_id, -level, 'deep', created_by, parent_id FROM line",
        "invariants: a task that is a part of itself, or deeper",
    ),
    (
        "a watcher does not see the task",
        "INSERT INTO watchers (task_id, user_id)
         SELECT t.id, who FROM activity a JOIN tasks t ON t.id = a.task_id, unnest($1) who
         WHERE a.actor_id = ANY($1) AND a.kind = 'moved'
             AND NOT EXISTS (SELECT FROM memberships m WHERE m.project_id = t.project_id AND m.user_id = who)
         ORDER BY a.id, who LIMIT 1",
        "invariants: a watcher",
    ),
    (
        "a reminder of an uninvolved user exists",
        "INSERT INTO reminders (task_id, user_id, due_at)
         SELECT t.id, who, now() FROM tasks t, unnest($1) who
         WHERE t.created_by = ANY($1) AND who NOT IN (t.created_by, COALESCE(t.assignee_id, t.created_by))
             AND NOT EXISTS (SELECT FROM watchers w WHERE w.task_id = t.id AND w.user_id = who)
         ORDER BY t.id, who LIMIT 1",
        "invariants: a reminder of a person",
    ),
    (
        "a reminder is missing",
        "UPDATE tasks SET due_at = now() + interval '1 day' WHERE id = (
             SELECT id FROM tasks WHERE created_by = ANY($1) AND status = 'todo' AND deleted_at IS NULL ORDER BY id LIMIT 1)",
        "invariants: a person who is not reminded",
    ),
    (
        "a reminder has the wrong time",
        "INSERT INTO reminders (task_id, user_id, due_at)
         SELECT id, COALESCE(assignee_id, created_by), now() FROM tasks WHERE created_by = ANY($1) AND due_at IS NULL ORDER BY id LIMIT 1",
        "invariants: a reminder of another moment",
    ),
    (
        "a task has a number above its project's counter",
        "UPDATE projects SET task_counter = 0 WHERE id = (SELECT project_id FROM tasks WHERE created_by = ANY($1) ORDER BY id LIMIT 1)",
        "invariants: a number",
    ),
    (
        "an owner is not a member",
        "DELETE FROM memberships m USING projects p WHERE m.project_id = p.id AND m.user_id = p.owner_id
             AND p.id = (SELECT project_id FROM tasks WHERE created_by = ANY($1) ORDER BY id LIMIT 1)",
        "invariants: an owner",
    ),
];

impl Checker {
    /// Applies each mutation and returns those that the checker did not detect, or for which there was no row.
    pub(crate) async fn undetected_mutations(
        run: &Run,
        team: &Team,
        db: &PgPool,
        mails: &Emails,
        received: &[Received],
    ) -> Vec<String> {
        let people: Vec<Uuid> = team.people.iter().map(|person| person.id).collect();
        let mut undetected = Vec::new();
        for (what, mutation, check) in MUTATIONS {
            let mut tx = db.begin().await.unwrap();
            let mutated = sqlx::query(mutation).bind(&people).execute(&mut *tx).await.unwrap();
            let tables = Tables::read(&mut tx, team, run.begun).await;
            tx.rollback().await.unwrap();
            if mutated.rows_affected() == 0 {
                undetected.push(format!("there is no row to mutate so that {what}"));
            } else if !Self::check_state(run, team, &tables, mails, received).say(check) {
                undetected.push(format!("the checker does not detect that {what}"));
            }
        }
        let tables = Tables::read(&mut db.acquire().await.unwrap(), team, run.begun).await;
        for (what, mutated) in mails.mutations(team) {
            match mutated {
                None => undetected.push(format!("there is no row to mutate so that {what}")),
                Some(mails) if Self::check_state(run, team, &tables, &mails, received).say("e-mails") => {}
                Some(_) => undetected.push(format!("the checker does not detect that {what}")),
            }
        }
        undetected
    }

    /// Returns whether a check found something.
    fn say(&self, check: &str) -> bool {
        self.wrong.iter().any(|line| line.starts_with(check))
    }
}
