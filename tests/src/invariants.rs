//! Invariants of the database. `tests/integration/pairs` checks them after each pair of operations, and `tests/faults`
//! at the end of a run.

use shared::db::PgConnection;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// Rows that must not exist: a name, and the SQL that finds them. `mine` contains the projects to check, and `tree`
/// their tasks with the level of each.
const WRONG: [(&str, &str); 26] = [
    ("a task in use under one in the trash", "tasks t JOIN tasks p ON p.id = t.parent_id WHERE t.deleted_at IS NULL AND p.deleted_at IS NOT NULL AND t.project_id IN (TABLE mine)"),
    ("a task in use in a project in the trash", "tasks t JOIN projects p ON p.id = t.project_id WHERE t.deleted_at IS NULL AND p.deleted_at IS NOT NULL AND p.id IN (TABLE mine)"),
    ("a parent in another project", "tasks t JOIN tasks p ON p.id = t.parent_id WHERE t.project_id <> p.project_id AND t.project_id IN (TABLE mine)"),
    ("an assignee who is no member", "tasks t WHERE assignee_id IS NOT NULL AND project_id IN (TABLE mine)
        AND NOT EXISTS (SELECT FROM memberships m WHERE m.project_id = t.project_id AND m.user_id = t.assignee_id)"),
    ("an assignee who is a viewer and no administrator", "tasks t JOIN memberships m ON m.project_id = t.project_id AND m.user_id = t.assignee_id
        JOIN users u ON u.id = m.user_id WHERE t.project_id IN (TABLE mine) AND m.role = 'viewer' AND u.role <> 'admin'"),
    ("a watcher who is no member and no administrator", "watchers w JOIN tasks t ON t.id = w.task_id JOIN users u ON u.id = w.user_id WHERE t.project_id IN (TABLE mine)
        AND u.role <> 'admin' AND NOT EXISTS (SELECT FROM memberships m WHERE m.project_id = t.project_id AND m.user_id = u.id)"),
    ("a watcher of a project who is no member and no administrator", "project_watchers w JOIN users u ON u.id = w.user_id
        WHERE w.project_id IN (TABLE mine) AND u.role <> 'admin'
        AND NOT EXISTS (SELECT FROM memberships m WHERE m.project_id = w.project_id AND m.user_id = u.id)"),
    ("an unread count that is wrong", "inboxes i WHERE user_id IN (SELECT user_id FROM memberships WHERE project_id IN (TABLE mine))
        AND unread_count <> (SELECT count(*) FROM notifications n
        WHERE n.user_id = i.user_id AND n.read_at IS NULL AND n.archived_at IS NULL AND n.snoozed_until IS NULL)"),
    ("a reminder of a person who has nothing to do with the task", "reminders r JOIN tasks t ON t.id = r.task_id WHERE t.project_id IN (TABLE mine)
        AND (t.deleted_at IS NOT NULL OR r.user_id <> COALESCE(t.assignee_id, t.created_by)
             AND NOT EXISTS (SELECT FROM watchers w WHERE w.task_id = t.id AND w.user_id = r.user_id))"),
    ("a task that is a part of itself, or deeper than the fifth level", "tree WHERE level > 5"),
    ("a task without a way to the top", "tasks t WHERE project_id IN (TABLE mine) AND id NOT IN (SELECT id FROM tree)"),
    ("an owner who is no member", "projects p WHERE id IN (TABLE mine)
        AND NOT EXISTS (SELECT FROM memberships m WHERE m.project_id = p.id AND m.user_id = p.owner_id)"),
    ("a version without an entry or a place, or one of these without a version", "tasks t LEFT JOIN (
            SELECT COALESCE(task_id, task_ids[1]) AS id, count(*) AS times FROM project_changes WHERE event = 'ranked' GROUP BY 1) r USING (id)
        WHERE project_id IN (TABLE mine) AND version <> COALESCE(r.times, 0)
            + (SELECT count(*) FROM activity a WHERE a.task_id = t.id AND a.kind NOT LIKE 'comment%')"),
    ("two tasks in one place", "(SELECT FROM tasks WHERE project_id IN (TABLE mine)
        GROUP BY project_id, COALESCE(rank, lpad(number::text, 10, '0')) HAVING count(*) > 1) t"),
    ("a label with a wrong count", "labels l JOIN projects p ON p.id = l.project_id WHERE p.id IN (TABLE mine) AND count <> (
        SELECT count(*) FROM tasks t WHERE t.project_id = p.id AND l.label = ANY (t.labels)
            AND (t.deleted_at IS NULL OR t.deleted_at = p.deleted_at))"),
    ("an entry that no event tells of", "activity a JOIN tasks t ON t.id = a.task_id WHERE t.project_id IN (TABLE mine)
        AND NOT (a.kind = 'updated' AND EXISTS (SELECT FROM project_changes c WHERE c.event = 'updated' AND a.task_id = ANY (c.task_ids)))
        AND NOT EXISTS (SELECT FROM outbox o WHERE o.id = a.id)
        AND NOT EXISTS (SELECT FROM outbox o WHERE o.payload->>'kind' = a.kind AND o.payload->>'actor_id' = a.actor_id::text
                        AND o.created_at = a.created_at AND (o.payload->'parts' ? t.id::text OR o.payload->'task_ids' ? t.id::text))"),
    ("something done to a task in the trash", "activity a JOIN tasks t ON t.id = a.task_id WHERE t.project_id IN (TABLE mine) AND t.deleted_at IS NOT NULL
        AND a.kind NOT IN ('deleted', 'assigned', 'moved') AND NOT (a.kind = 'updated' AND a.changes->0->>'field' = 'labels')
        AND a.id > (SELECT d.id FROM activity d WHERE d.task_id = t.id AND d.kind = 'deleted' ORDER BY d.id DESC LIMIT 1)"),
    ("a reminder of another moment, or of a task that is not open", "reminders r JOIN tasks t ON t.id = r.task_id WHERE t.project_id IN (TABLE mine)
        AND (r.due_at IS DISTINCT FROM t.due_at OR t.status NOT IN ('todo', 'in_progress'))"),
    ("a person who is not reminded", "tasks t CROSS JOIN LATERAL (SELECT COALESCE(t.assignee_id, t.created_by) AS user_id
        UNION SELECT w.user_id FROM watchers w WHERE w.task_id = t.id) p
        WHERE t.project_id IN (TABLE mine) AND t.due_at IS NOT NULL AND t.deleted_at IS NULL AND t.status IN ('todo', 'in_progress')
        AND NOT EXISTS (SELECT FROM reminders r WHERE r.task_id = t.id AND r.user_id = p.user_id)"),
    ("a label that its project spells otherwise", "tasks t CROSS JOIN unnest(t.labels) l WHERE t.project_id IN (TABLE mine)
        AND NOT EXISTS (SELECT FROM labels k WHERE k.project_id = t.project_id AND k.label = l)"),
    ("a number that its project did not give, or gave twice", "tasks t JOIN projects p ON p.id = t.project_id WHERE p.id IN (TABLE mine)
        AND (t.number > p.task_counter OR EXISTS (SELECT FROM tasks o WHERE o.project_id = p.id AND o.number = t.number AND o.id <> t.id))"),
    ("something said in an Inbox and shown outside", "tasks t JOIN projects p ON p.id = t.project_id
        JOIN (SELECT id, task_id, private_to FROM activity UNION ALL SELECT id, task_id, private_to FROM comments) s ON s.task_id = t.id
        WHERE p.id IN (TABLE mine) AND t.title = 'Private' AND NOT p.personal AND s.private_to IS DISTINCT FROM t.created_by
        AND s.id < (SELECT m.id FROM activity m WHERE m.task_id = t.id AND m.kind = 'moved' ORDER BY m.id DESC LIMIT 1)"),
    ("a feed with a gap, or with another end than its project counts", "projects p WHERE id IN (TABLE mine) AND change_counter <> ANY
        (SELECT unnest(ARRAY[count(*), COALESCE(max(n), 0)]) FROM project_changes c WHERE c.project_id = p.id)"),
    ("a change in a feed that is older than the one before it", "project_changes c JOIN project_changes o ON o.project_id = c.project_id AND o.n = c.n - 1
        WHERE c.project_id IN (TABLE mine) AND c.created_at < o.created_at"),
    ("a change in a feed without an event, or with two", "(SELECT project_id, n FROM project_changes WHERE project_id IN (TABLE mine)
        EXCEPT SELECT (f->>'project_id')::uuid, (f->>'n')::bigint FROM outbox, jsonb_array_elements(payload->'feed') f
        GROUP BY 1, 2 HAVING count(*) = 1) c"),
    ("an event of a task that is in no feed", "activity a JOIN tasks t ON t.id = a.task_id JOIN outbox o ON o.id = a.id
        WHERE t.project_id IN (TABLE mine) AND o.payload ? 'feed' AND NOT EXISTS (
            SELECT FROM project_changes c JOIN jsonb_array_elements(o.payload->'feed') f
                ON c.project_id = (f->>'project_id')::uuid AND c.n = (f->>'n')::bigint WHERE c.actor_id = a.actor_id)"),
];

/// Finds a row if there is no active administrator. There must always be one.
const NO_ADMINISTRATOR: &str = "(VALUES (1)) v WHERE NOT EXISTS (SELECT FROM users WHERE role = 'admin' AND active)";

/// Returns the invariants that do not hold in these projects: the name of each, and how often it is violated.
///
/// # Errors
///
/// Fails if the database does not respond.
pub async fn broken(db: &mut PgConnection, projects: &[Uuid]) -> sqlx::Result<Vec<String>> {
    let last = ("no administrator", NO_ADMINISTRATOR);
    let counts = WRONG
        .iter()
        .chain([&last])
        .map(|(name, from)| format!("SELECT '{name}: ' || count(*) FROM {from} HAVING count(*) > 0"));
    let all = format!(
        "WITH RECURSIVE mine AS (SELECT unnest($1::uuid[])),
         tree AS (SELECT id, 1 AS level FROM tasks WHERE parent_id IS NULL AND project_id IN (TABLE mine)
                  UNION ALL SELECT t.id, level + 1 FROM tasks t JOIN tree ON t.parent_id = tree.id WHERE level < 9)
         {}",
        counts.collect::<Vec<_>>().join(" UNION ALL ")
    );
    sqlx::query_scalar(AssertSqlSafe(all)).bind(projects).fetch_all(db).await
}
