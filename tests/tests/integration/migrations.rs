//! Migrations that change existing data.

use shared::db::PgPool;
use sqlx::AssertSqlSafe;

use crate::support::migrate;

/// A task of Ann's Inbox that moved to a project, back, and out again, with comments before and after each move.
const MOVES: &str = "
    INSERT INTO users (id, email, name, password_hash) VALUES (md5('u')::uuid, 'u@example.com', 'Ann', '');
    INSERT INTO projects (id, key, name, owner_id, personal)
    VALUES (md5('in')::uuid, 'IN1', 'Inbox', md5('u')::uuid, true), (md5('web')::uuid, 'WEB', 'Web', md5('u')::uuid, false);
    INSERT INTO tasks (id, project_id, number, title, created_by) VALUES (md5('t')::uuid, md5('web')::uuid, 1, 't', md5('u')::uuid);
    INSERT INTO activity (id, task_id, actor_id, kind, changes)
    SELECT lpad(place::text, 32, '0')::uuid, md5('t')::uuid, md5('u')::uuid, kind, changes::jsonb FROM (VALUES
        (1, 'created', '[]'),
        (3, 'moved', jsonb_build_array(jsonb_build_object('field', 'project_id', 'from', md5('in')::uuid, 'to', md5('web')::uuid),
                                       jsonb_build_object('field', 'title', 'from', 'secret', 'to', 't'))),
        (5, 'moved', jsonb_build_array(jsonb_build_object('field', 'project_id', 'from', md5('web')::uuid, 'to', md5('in')::uuid))),
        (7, 'moved', jsonb_build_array(jsonb_build_object('field', 'project_id', 'from', md5('in')::uuid, 'to', md5('web')::uuid)))
    ) e (place, kind, changes);
    INSERT INTO comments (id, task_id, author_id, body)
    SELECT lpad(place::text, 32, '0')::uuid, md5('t')::uuid, md5('u')::uuid, 'Words' FROM unnest(ARRAY[2, 4, 6, 8]) place";

/// Returns the positions of private entries in chronological order, and the recorded title from before the first move.
async fn private(db: &PgPool) -> (Vec<i32>, Option<String>) {
    let places = "SELECT ltrim(right(id::text, 12), '0')::int FROM (
                      SELECT id, private_to FROM activity UNION ALL SELECT id, private_to FROM comments) e
                  WHERE private_to = md5('u')::uuid ORDER BY id";
    let title = "SELECT changes->1->>'from' FROM activity WHERE jsonb_array_length(changes) > 1";
    (sqlx::query_scalar(places).fetch_all(db).await.unwrap(), sqlx::query_scalar(title).fetch_one(db).await.unwrap())
}

#[sqlx::test(migrations = false)]
async fn existing_history_of_inboxes_becomes_private(db: PgPool) {
    migrate(&db, 0..15).await;
    sqlx::raw_sql(AssertSqlSafe(MOVES)).execute(&db).await.unwrap();
    migrate(&db, 15..i64::MAX).await;
    assert_eq!(private(&db).await, (vec![1, 2, 5, 6], None));
}

#[sqlx::test(migrations = false)]
async fn tasks_moved_by_the_previous_deployment_become_private(db: PgPool) {
    migrate(&db, 0..23).await;
    sqlx::raw_sql(AssertSqlSafe(MOVES)).execute(&db).await.unwrap();
    migrate(&db, 23..i64::MAX).await;
    assert_eq!(private(&db).await, (vec![1, 2, 5, 6], None));
}

#[sqlx::test(migrations = false)]
async fn existing_owners_become_managers_and_others_members(db: PgPool) {
    migrate(&db, 0..25).await;
    sqlx::raw_sql(AssertSqlSafe(MOVES)).execute(&db).await.unwrap();
    let members = "
        INSERT INTO users (id, email, name, password_hash) VALUES (md5('v')::uuid, 'v@example.com', 'Bob', '');
        INSERT INTO memberships (project_id, user_id) SELECT md5('web')::uuid, id FROM users";
    sqlx::raw_sql(members).execute(&db).await.unwrap();
    migrate(&db, 25..i64::MAX).await;
    // Functions of the previous version may transfer a project to a viewer.
    let roles = "SELECT u.name || ' ' || v.role || CASE WHEN a.user_id IS NULL THEN '' ELSE ', assignable' END
                 FROM users u CROSS JOIN visible_projects(u.id, false) v LEFT JOIN assignable_members(v.project_id) a ON a.user_id = u.id
                 ORDER BY u.name";
    for (made_viewer, bob) in [(false, "Bob member, assignable"), (true, "Bob viewer")] {
        if made_viewer {
            sqlx::raw_sql("UPDATE memberships SET role = 'viewer'").execute(&db).await.unwrap();
        }
        let roles: Vec<String> = sqlx::query_scalar(roles).fetch_all(&db).await.unwrap();
        assert_eq!(roles, ["Ann manager, assignable", bob]);
    }
}
