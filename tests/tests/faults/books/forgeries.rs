//! Books that balance are worth as much as the checks: each of these falsifies something, and the books must notice.
//!
//! What is falsified must be certain. Where an answer may have been lost, or where two accounts are right (see
//! [`Books::notifications`]), the books rightly say nothing. So the oldest row of its kind is falsified: it is of what
//! [`Team::do_each_thing_once`] did, which was acknowledged. Whoever is put in somebody's place is anybody but them.

use shared::db::PgPool;
use uuid::Uuid;

use super::{Books, mails::Mails, tables::Tables};
use crate::{load::Team, run::Run, sockets::Heard};

/// What is falsified, how, and the check that notices. `$1` are the people of the run.
pub(super) const FORGERIES: [(&str, &str, &str); 20] = [
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
