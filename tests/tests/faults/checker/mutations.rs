//! Books that balance are worth as much as the checks: each of these falsifies something, and the books must notice.
//!
//! What is falsified must be certain. Where an answer may have been lost, or where two accounts are right (see
//! [`Books::notifications`]), the books rightly say nothing. So the oldest row of its kind is falsified: it is of what
//! [`Team::do_each_thing_once`] did, which was acknowledged. Whoever is put in somebody's place is anybody but them.

use shared::db::PgPool;
use uuid::Uuid;

use super::{Books, mails::Mails, tables::Tables};
use crate::{load::Team, run::Run, sockets::Heard};

/// The oldest task that was taken out of the trash is in it.
const THROW_AWAY: &str = "UPDATE tasks SET deleted_at = now() WHERE id = (SELECT task_id FROM activity
    WHERE actor_id = ANY($1) AND kind = 'restored' ORDER BY id LIMIT 1)";

/// The project of the oldest task is in the trash, and the task is not.
const THROW_PROJECT_AWAY: &str = "UPDATE projects SET deleted_at = now()
    WHERE id = (SELECT project_id FROM tasks WHERE created_by = ANY($1) ORDER BY id LIMIT 1)";

/// What is falsified, how, and the check that notices. `$1` are the people of the run.
pub(super) const FORGERIES: [(&str, &str, &str); 41] = [
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
        "somebody else created a task",
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
        "a status is not what it became",
        "UPDATE tasks SET status = 'cancelled'
         WHERE id = (SELECT id FROM tasks WHERE created_by = ANY($1) ORDER BY id LIMIT 1)",
        "activity",
    ),
    (
        "somebody else made a change",
        "UPDATE activity SET actor_id = (SELECT other FROM unnest($1) other WHERE other <> actor_id LIMIT 1)
         WHERE id = (SELECT id FROM activity WHERE actor_id = ANY($1) AND kind = 'status_changed' ORDER BY id LIMIT 1)",
        "edits",
    ),
    (
        "a comment is lost",
        "DELETE FROM comments WHERE id = (SELECT id FROM comments WHERE author_id = ANY($1) ORDER BY id LIMIT 1)",
        "comments",
    ),
    (
        "a comment is there twice",
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
        "a row of the outbox is left",
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
        "somebody was not told of a change of what they created",
        "DELETE FROM notifications WHERE id = (SELECT n.id FROM notifications n
             JOIN activity a ON a.id = n.event_id JOIN tasks t ON t.id = a.task_id
             WHERE n.user_id = ANY($1) AND n.user_id = t.created_by AND a.kind <> 'created' ORDER BY n.id LIMIT 1)",
        "notifications",
    ),
    (
        "somebody was told of what is not theirs",
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
        "a client was told another notification under this seq",
        "UPDATE notifications SET id = gen_random_uuid() WHERE user_id = ($1)[1] AND seq = 1",
        "the WebSockets",
    ),
    (
        "a mail was never sent",
        "UPDATE emails SET sent_at = NULL WHERE id = (SELECT id FROM emails WHERE user_id = ANY($1) ORDER BY id LIMIT 1)",
        "mails",
    ),
    (
        "a notification is in no mail",
        "UPDATE notifications SET email_id = NULL
         WHERE id = (SELECT id FROM notifications WHERE user_id = ANY($1) AND email_id IS NOT NULL ORDER BY id LIMIT 1)",
        "mails",
    ),
    (
        "somebody else put a task into the trash",
        "UPDATE activity SET actor_id = (SELECT other FROM unnest($1) other WHERE other <> actor_id LIMIT 1)
         WHERE id = (SELECT id FROM activity WHERE actor_id = ANY($1) AND kind = 'deleted' ORDER BY id LIMIT 1)",
        "edits",
    ),
    (
        "a subtask went into the trash without an entry",
        "DELETE FROM activity WHERE id = (SELECT a.id FROM activity a JOIN tasks t ON t.id = a.task_id
             WHERE a.actor_id = ANY($1) AND a.kind = 'deleted' AND t.parent_id IS NOT NULL ORDER BY a.id LIMIT 1)",
        "activity",
    ),
    ("a task did not come out of the trash", THROW_AWAY, "activity"),
    ("something was done to a task in the trash", THROW_AWAY, "the rules: something done to a task in the trash"),
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
        "a creator was not told that a task left",
        r#"UPDATE outbox SET payload = payload || '{"user_ids": []}' WHERE id = (SELECT id FROM outbox
             WHERE payload->>'event' = 'tasks_left' AND (payload->>'actor_id')::uuid = ANY($1) ORDER BY id LIMIT 1)"#,
        "left behind",
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
    ("a project did not come out of the trash", THROW_PROJECT_AWAY, "projects"),
    ("a task is in use in a project in the trash", THROW_PROJECT_AWAY, "the rules: a task in use in a project"),
    (
        "a project went into the trash once more and came back",
        "UPDATE projects SET version = version + 2
         WHERE id = (SELECT project_id FROM tasks WHERE created_by = ANY($1) ORDER BY id LIMIT 1)",
        "projects",
    ),
    (
        "a task is in use under one in the trash",
        "UPDATE tasks SET deleted_at = now() WHERE id = (SELECT parent_id FROM tasks
             WHERE created_by = ANY($1) AND parent_id IS NOT NULL AND deleted_at IS NULL ORDER BY id LIMIT 1)",
        "the rules: a task in use under one",
    ),
    (
        "a task is a part of itself",
        "UPDATE tasks t SET parent_id = part.id FROM (SELECT id, parent_id FROM tasks
             WHERE created_by = ANY($1) AND parent_id IS NOT NULL ORDER BY id LIMIT 1) part WHERE t.id = part.parent_id",
        "the rules: a task without a way to the top",
    ),
    (
        "a tree has six levels",
        "WITH RECURSIVE line AS (
             SELECT 1 AS level, gen_random_uuid() AS id, NULL::uuid AS parent_id, project_id, created_by
             FROM (SELECT project_id, created_by FROM tasks WHERE created_by = ANY($1) ORDER BY id LIMIT 1) oldest
             UNION ALL SELECT level + 1, gen_random_uuid(), id, project_id, created_by FROM line WHERE level < 6)
         INSERT INTO tasks (id, project_id, number, title, created_by, parent_id)
         SELECT id, project_id, -level, 'deep', created_by, parent_id FROM line",
        "the rules: a task that is a part of itself, or deeper",
    ),
    (
        "somebody watches what they do not see",
        "INSERT INTO watchers (task_id, user_id)
         SELECT t.id, who FROM activity a JOIN tasks t ON t.id = a.task_id, unnest($1) who
         WHERE a.actor_id = ANY($1) AND a.kind = 'moved'
             AND NOT EXISTS (SELECT FROM memberships m WHERE m.project_id = t.project_id AND m.user_id = who)
         ORDER BY a.id, who LIMIT 1",
        "the rules: a watcher",
    ),
    (
        "somebody is to be reminded of what is not theirs",
        "INSERT INTO reminders (task_id, user_id, due_at)
         SELECT t.id, who, now() FROM tasks t, unnest($1) who
         WHERE t.created_by = ANY($1) AND who NOT IN (t.created_by, COALESCE(t.assignee_id, t.created_by))
             AND NOT EXISTS (SELECT FROM watchers w WHERE w.task_id = t.id AND w.user_id = who)
         ORDER BY t.id, who LIMIT 1",
        "the rules: a reminder of somebody",
    ),
    (
        "somebody is not to be reminded",
        "UPDATE tasks SET due_at = now() + interval '1 day' WHERE id = (
             SELECT id FROM tasks WHERE created_by = ANY($1) AND status = 'todo' AND deleted_at IS NULL ORDER BY id LIMIT 1)",
        "the rules: somebody who is not reminded",
    ),
    (
        "somebody is to be reminded of another moment",
        "INSERT INTO reminders (task_id, user_id, due_at)
         SELECT id, COALESCE(assignee_id, created_by), now() FROM tasks WHERE created_by = ANY($1) AND due_at IS NULL ORDER BY id LIMIT 1",
        "the rules: a reminder of another moment",
    ),
    (
        "a task has a number that its project did not give",
        "UPDATE projects SET task_counter = 0 WHERE id = (SELECT project_id FROM tasks WHERE created_by = ANY($1) ORDER BY id LIMIT 1)",
        "the rules: a number",
    ),
    (
        "an owner is no member",
        "DELETE FROM memberships m USING projects p WHERE m.project_id = p.id AND m.user_id = p.owner_id
             AND p.id = (SELECT project_id FROM tasks WHERE created_by = ANY($1) ORDER BY id LIMIT 1)",
        "the rules: an owner",
    ),
];

impl Books {
    /// Falsifies one thing after the other, and says of which of them the books did not notice, and of which there was nothing.
    pub(crate) async fn forgeries_unnoticed(
        run: &Run,
        team: &Team,
        db: &PgPool,
        mails: &Mails,
        heard: &[Heard],
    ) -> Vec<String> {
        let people: Vec<Uuid> = team.people.iter().map(|person| person.id).collect();
        let mut unnoticed = Vec::new();
        for (what, forgery, check) in FORGERIES {
            let mut tx = db.begin().await.unwrap();
            let forged = sqlx::query(forgery).bind(&people).execute(&mut *tx).await.unwrap();
            let tables = Tables::read(&mut tx, team, run.begun).await;
            tx.rollback().await.unwrap();
            if forged.rows_affected() == 0 {
                unnoticed.push(format!("there is nothing to falsify so that {what}"));
            } else if !Self::of(run, team, &tables, mails, heard).say(check) {
                unnoticed.push(format!("the books do not notice that {what}"));
            }
        }
        let tables = Tables::read(&mut db.acquire().await.unwrap(), team, run.begun).await;
        for (what, forged) in mails.forgeries(team) {
            match forged {
                None => unnoticed.push(format!("there is nothing to falsify so that {what}")),
                Some(mails) if Self::of(run, team, &tables, &mails, heard).say("mails") => {}
                Some(_) => unnoticed.push(format!("the books do not notice that {what}")),
            }
        }
        unnoticed
    }

    /// Whether a check found something.
    fn say(&self, check: &str) -> bool {
        self.wrong.iter().any(|line| line.starts_with(check))
    }
}
