//! The `clean-up` job deletes expired rows in batches, and nothing else.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use serde_json::{Value, json};
use shared::db::{
    PgPool,
    clean_up::{self, Expired},
};
use taskbell_schedule::clean_up::CleanUp;

use crate::support::{App, id, own_pool, storage, titles};

fn soon() -> SystemTime {
    SystemTime::now() + Duration::from_mins(1)
}

async fn clean_up_at(db: &PgPool, now: DateTime<Utc>) -> BTreeMap<&'static str, u64> {
    let deleted = CleanUp::new(db.clone().into(), storage()).run(now, soon()).await.unwrap();
    deleted.into_iter().filter(|(_, count)| *count > 0).collect()
}

/// Rows for each table, labelled with whether they should stay.
const ROWS: &str = "
    INSERT INTO users (id, email, name, password_hash) VALUES (md5('u')::uuid, 'u@example.com', 'User', '');
    INSERT INTO one_time_tokens (hash, user_id, purpose, expires_at) VALUES
        ('stays', md5('u')::uuid, 'verify_email', now() + interval '1 day'),
        ('goes', md5('u')::uuid, 'verify_email', now() - interval '1 second');
    INSERT INTO idempotency_keys (user_id, key, operation, request_hash, created_at) VALUES
        (md5('u')::uuid, 'stays', 'x', '', now() - interval '23 hours 59 minutes'),
        (md5('u')::uuid, 'goes', 'x', '', now() - interval '24 hours 1 minute');
    INSERT INTO attempts (kind, who, source, attempts, ends_at) VALUES
        ('log_in', 'stays', '', 1, now() + interval '1 day'), ('log_in', 'goes', '', 1, now() - interval '1 second');
    INSERT INTO known_sources (user_id, source, known_until) VALUES
        (md5('u')::uuid, 'stays', now() + interval '1 day'), (md5('u')::uuid, 'goes', now() - interval '1 second');
    INSERT INTO outbox (id, queue, payload, created_at, handled_at) VALUES
        (gen_random_uuid(), 'events', '\"stays: young\"', now() - interval '9 days', now() - interval '6 days'),
        (gen_random_uuid(), 'emails', '\"stays: open\"', now() - interval '1 year', NULL),
        (gen_random_uuid(), 'events', '\"goes\"', now() - interval '9 days', now() - interval '8 days'),
        (gen_random_uuid(), 'emails', '\"goes\"', now() - interval '9 days', now() - interval '8 days');
    INSERT INTO emails (id, user_id, kind, created_at, sent_at, failed_at) VALUES
        (gen_random_uuid(), md5('u')::uuid, 'stays: young', now() - interval '99 days', now() - interval '89 days', NULL),
        (gen_random_uuid(), md5('u')::uuid, 'stays: refused', now() - interval '99 days', NULL, now() - interval '89 days'),
        (gen_random_uuid(), md5('u')::uuid, 'stays: open', now() - interval '1 year', NULL, NULL),
        (md5('m')::uuid, md5('u')::uuid, 'goes', now() - interval '99 days', now() - interval '91 days', NULL),
        (gen_random_uuid(), md5('u')::uuid, 'goes: refused', now() - interval '99 days', NULL, now() - interval '91 days');
    INSERT INTO inboxes (user_id, last_seq, unread_count) VALUES (md5('u')::uuid, 5, 1);
    INSERT INTO notifications (id, user_id, seq, event_id, kind, title, body, push, email_id, read_at, created_at) VALUES
        (gen_random_uuid(), md5('u')::uuid, 1, gen_random_uuid(), 'mentioned', 'goes', '', 'now', NULL, now(), now() - interval '181 days'),
        (gen_random_uuid(), md5('u')::uuid, 2, gen_random_uuid(), 'mentioned', 'stays: unread', '', 'now', NULL, NULL,
         now() - interval '1 year'),
        (gen_random_uuid(), md5('u')::uuid, 3, gen_random_uuid(), 'mentioned', 'goes', '', 'now', NULL, now(), now() - interval '181 days'),
        (gen_random_uuid(), md5('u')::uuid, 4, gen_random_uuid(), 'mentioned', 'stays: young', '', 'now', md5('m')::uuid, now(),
         now() - interval '179 days');
    INSERT INTO notifications (id, user_id, seq, event_id, kind, title, body, push, read_at, snoozed_until, created_at)
    SELECT gen_random_uuid(), md5('u')::uuid, 5, gen_random_uuid(), 'mentioned', 'stays: snoozed', '', 'now', now(),
           now() + interval '1 day', now() - interval '181 days';
    INSERT INTO sessions (id, user_id, user_agent, ip_address, expires_at, revoked_at) VALUES
        (gen_random_uuid(), md5('u')::uuid, 'stays', '', now() + interval '1 day', NULL),
        (gen_random_uuid(), md5('u')::uuid, 'stays: expired', '', now() - interval '29 days', NULL),
        (gen_random_uuid(), md5('u')::uuid, 'stays: revoked', '', now() + interval '1 day', now() - interval '29 days'),
        (md5('s')::uuid, md5('u')::uuid, 'goes: expired', '', now() - interval '31 days', NULL),
        (gen_random_uuid(), md5('u')::uuid, 'goes: revoked', '', now() - interval '1 day', now() - interval '31 days');
    INSERT INTO refresh_tokens (hash, session_id)
    SELECT user_agent::bytea, id FROM sessions UNION ALL SELECT 'goes: second', md5('s')::uuid;
    INSERT INTO refresh_tokens (hash, session_id, created_at, spent_at)
    SELECT hash::bytea, id, now() - interval '59 days', now() - age::interval
    FROM sessions, (VALUES ('stays: spent', '29 days'), ('goes: spent', '31 days')) spent (hash, age) WHERE user_agent = 'stays';
    INSERT INTO projects (id, key, name, owner_id, deleted_at) VALUES
        (md5('p')::uuid, 'P', 'stays', md5('u')::uuid, NULL),
        (md5('q')::uuid, 'Q', 'stays: young', md5('u')::uuid, now() - interval '30 days'),
        (md5('r')::uuid, 'R', 'goes', md5('u')::uuid, now() - interval '31 days'),
        (md5('e')::uuid, 'E', 'goes: empty', md5('u')::uuid, now() - interval '31 days');
    INSERT INTO memberships (project_id, user_id) SELECT id, md5('u')::uuid FROM projects;
    INSERT INTO tasks (id, project_id, number, title, created_by, deleted_at, parent_id) VALUES
        (md5('a')::uuid, md5('p')::uuid, 1, 'stays', md5('u')::uuid, NULL, NULL),
        (md5('b')::uuid, md5('p')::uuid, 2, 'stays: young', md5('u')::uuid, now() - interval '30 days', NULL),
        (md5('c')::uuid, md5('p')::uuid, 3, 'stays: younger than its part', md5('u')::uuid, now() - interval '1 day', NULL),
        (md5('d')::uuid, md5('p')::uuid, 4, 'goes: a part', md5('u')::uuid, now() - interval '31 days', md5('c')::uuid),
        (md5('f')::uuid, md5('p')::uuid, 5, 'goes', md5('u')::uuid, now() - interval '31 days', NULL),
        (md5('g')::uuid, md5('p')::uuid, 6, 'goes: with it', md5('u')::uuid, now() - interval '31 days', md5('f')::uuid),
        (md5('h')::uuid, md5('r')::uuid, 1, 'goes: with its project', md5('u')::uuid, now() - interval '31 days', NULL);
    INSERT INTO comments (id, task_id, author_id, body) SELECT id, id, created_by, title FROM tasks;
    INSERT INTO watchers (task_id, user_id) SELECT id, created_by FROM tasks;
    INSERT INTO activity (id, task_id, actor_id, kind, changes) SELECT id, id, created_by, title, '[]' FROM tasks;
    INSERT INTO project_changes (project_id, n, event, actor_id, created_at) VALUES
        (md5('p')::uuid, 1, 'goes', md5('u')::uuid, now() - interval '31 days'),
        (md5('p')::uuid, 2, 'stays', md5('u')::uuid, now() - interval '29 days'),
        (md5('r')::uuid, 1, 'goes: with its project', md5('u')::uuid, now())";

/// For each table, the column that holds the label, and the number of rows that should stay.
const LABELS: [(&str, &str, i64); 14] = [
    ("one_time_tokens", "encode(hash, 'escape')", 1),
    ("idempotency_keys", "key", 1),
    ("attempts", "who", 1),
    ("known_sources", "source", 1),
    ("outbox", "payload #>> '{}'", 2),
    ("emails", "kind", 3),
    ("notifications", "title", 3),
    ("sessions", "user_agent", 3),
    ("refresh_tokens", "encode(hash, 'escape')", 4),
    ("projects", "name", 2),
    ("tasks", "title", 3),
    ("comments", "body", 3),
    ("activity", "kind", 3),
    ("project_changes", "event", 1),
];

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn clean_up_deletes_expired_rows_only(db: PgPool) {
    let app = App::new(&db);
    app.sql(ROWS).await;
    let deleted = clean_up_at(&db, Utc::now()).await;
    let expected = [
        ("emails", 2),
        ("idempotency_keys", 1),
        ("attempts", 1),
        ("known_sources", 1),
        ("notifications", 2),
        ("one_time_tokens", 1),
        ("outbox", 2),
        ("project_changes", 1),
        ("projects", 2),
        ("refresh_tokens", 1),
        ("sessions", 2),
        ("tasks", 4),
    ];
    assert_eq!(deleted, BTreeMap::from(expected));
    for (table, label, stay) in LABELS {
        let left = app.count(table).await;
        assert_eq!(
            left,
            app.count(&format!("{table} WHERE {label} LIKE 'stays%'")).await,
            "{table} keeps what is to go"
        );
        assert_eq!(left, stay, "{table}");
    }
    assert_eq!((app.count("watchers").await, app.count("memberships").await), (3, 2));
    assert!(clean_up_at(&db, Utc::now()).await.is_empty(), "once");
    assert_eq!(clean_up_at(&db, Utc::now() + TimeDelta::days(2)).await.get("tasks"), Some(&1));
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn spent_refresh_tokens_are_kept_until_they_expire(db: PgPool) {
    let app = App::new(&db);
    let (ann, answer) = app.log_in(&app.user("Ann").await).await;
    let refresh = async |answer: &Value| {
        app.anyone().post("/v1/auth/refresh", json!({ "refresh_token": answer["refresh_token"] })).await
    };
    let second = refresh(&answer).await.ok(200);
    let third = refresh(&second).await.ok(200);
    let spent = async |number: u32, ago: &str| {
        app.sql(&format!(
            "UPDATE refresh_tokens SET spent_at = now() - interval '{ago}'
             WHERE hash = (SELECT hash FROM refresh_tokens WHERE spent_at IS NOT NULL ORDER BY created_at OFFSET {number} LIMIT 1)"
        ))
        .await;
    };
    spent(0, "30 days 1 minute").await;
    spent(1, "29 days 23 hours").await;
    assert_eq!(clean_up_at(&db, Utc::now()).await, BTreeMap::from([("refresh_tokens", 1)]));
    // A deleted token gives no new tokens and does not end the session.
    refresh(&answer).await.ok(401);
    app.as_user(&ann).get("/v1/users/me").await.ok(200);
    let last = refresh(&third).await.ok(200);
    app.end_grace().await;
    refresh(&second).await.ok(401);
    app.as_user(&ann).get("/v1/users/me").await.ok(401);
    refresh(&last).await.ok(401);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn inbox_numbering_continues_after_old_notifications_are_deleted(db: PgPool) {
    let app = App::new(&db);
    let (ann, mia) = (app.user("Ann").await, app.manager("Mia").await);
    let project = app.project(&mia, "WEB", &[&ann]).await;
    app.tell_everyone().await;
    for title in ["one", "two"] {
        let task = json!({ "title": title, "project_id": id(&project), "assignee_id": ann.id });
        app.task(&mia, task).await;
        app.tell_everyone().await;
    }
    let before = app.inbox(&ann, 0).await;
    let [.., read, unread] = &before[..] else { panic!("{before:?}") };
    app.as_user(&ann).post("/v1/notifications/read", json!({ "seq": read["seq"] })).await.ok(200);
    app.sql("UPDATE notifications SET created_at = created_at - interval '181 days'").await;
    let count = u64::try_from(before.len() - 1).unwrap();
    assert_eq!(clean_up_at(&db, Utc::now()).await.get("notifications"), Some(&count));
    assert_eq!(app.inbox(&ann, 0).await.iter().map(|told| &told["seq"]).collect::<Vec<_>>(), [&unread["seq"]]);
    let page = app.as_user(&ann).get("/v1/notifications").await.ok(200);
    assert_eq!(page["unread_count"], 1);
    app.task(&mia, json!({ "title": "three", "project_id": id(&project), "assignee_id": ann.id })).await;
    app.tell_everyone().await;
    let seqs: Vec<i64> = app.inbox(&ann, 0).await.iter().map(|told| told["seq"].as_i64().unwrap()).collect();
    let newest = unread["seq"].as_i64().unwrap();
    assert_eq!(seqs, [newest, newest + 1]);
}

/// Adds messages that were handled long ago.
async fn handled(app: &App, count: u32) {
    app.sql(&format!(
        "INSERT INTO outbox (id, queue, payload, handled_at)
         SELECT gen_random_uuid(), 'events', '{{}}', now() - n * interval '1 day' FROM generate_series(8, {}) n",
        count + 7
    ))
    .await;
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn concurrent_runs_share_the_batches(db: PgPool) {
    let app = App::new(&db);
    handled(&app, 2_600).await;
    let mut one = db.begin().await.unwrap();
    assert_eq!(clean_up::delete(&mut one, Expired::Outbox, Utc::now()).await.unwrap(), 500);
    let job = CleanUp::new(db.clone().into(), storage());
    let (other, another) = tokio::join!(job.run(Utc::now(), soon()), job.run(Utc::now(), soon()));
    assert_eq!(other.unwrap()["outbox"] + another.unwrap()["outbox"], 2_100, "they do not wait for the first");
    one.commit().await.unwrap();
    assert_eq!(app.count("outbox").await, 0);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_project_with_more_tasks_than_a_batch_is_deleted(db: PgPool) {
    let app = App::new(&db);
    let mia = app.manager("Mia").await;
    let project = app.project(&mia, "WEB", &[]).await;
    app.sql(&format!(
        "INSERT INTO tasks (id, project_id, number, title, created_by, deleted_at)
         SELECT gen_random_uuid(), '{0}', n, 'x', '{1}', now() - interval '31 days' FROM generate_series(1, 450) n;
         UPDATE tasks SET parent_id = (SELECT id FROM tasks WHERE number = 1) WHERE number > 1;
         UPDATE projects SET deleted_at = now() - interval '31 days' WHERE id = '{0}'",
        id(&project),
        mia.id
    ))
    .await;
    let deleted = clean_up_at(&db, Utc::now()).await;
    assert_eq!((deleted["tasks"], deleted["projects"]), (450, 1));
    app.project(&mia, "WEB", &[]).await; // The key is free again.
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn no_batch_begins_after_the_deadline(db: PgPool) {
    let app = App::new(&db);
    handled(&app, 10).await;
    let deleted = CleanUp::new(db.clone().into(), storage()).run(Utc::now(), SystemTime::now()).await.unwrap();
    assert!(deleted.values().all(|count| *count == 0), "{deleted:?}");
    assert_eq!(app.count("outbox").await, 10);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn locked_and_restored_tasks_are_skipped(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("Ann").await;
    for title in ["locked", "restored", "old"] {
        app.task(&ann, json!({ "title": title })).await;
    }
    app.sql("UPDATE tasks SET deleted_at = now() - interval '31 days'").await;
    let mut restoring = db.begin().await.unwrap();
    sqlx::query("SELECT FROM tasks WHERE title = 'locked' FOR NO KEY UPDATE").execute(&mut *restoring).await.unwrap();
    sqlx::query("UPDATE tasks SET deleted_at = NULL WHERE title = 'restored'").execute(&mut *restoring).await.unwrap();
    assert_eq!(clean_up_at(&db, Utc::now()).await["tasks"], 1, "it waits for nobody");
    restoring.commit().await.unwrap();
    assert_eq!(clean_up_at(&db, Utc::now()).await["tasks"], 1);
    assert_eq!(titles(&app.as_user(&ann).get("/v1/tasks").await.ok(200)), ["restored"]);
}

/// Twenty requests that restore tasks race with the job. Each succeeds or fails as a whole.
#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_task_restored_during_clean_up_is_not_deleted(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("Ann").await;
    let mut paths = Vec::new();
    for number in 0..20 {
        let task = app.task(&ann, json!({ "title": format!("Task {number}") })).await;
        paths.push((format!("/v1/tasks/{}", id(&task)), format!("/v1/tasks/{}/restore", id(&task))));
    }
    app.sql("UPDATE tasks SET deleted_at = now() - interval '30 days' + interval '1 minute'").await;
    let (user, job) = (app.as_user(&ann), CleanUp::new(db.clone().into(), storage()));
    let restores = join_all(paths.iter().map(|(_, restore)| user.post(restore, None)));
    let (restored, deleted) = tokio::join!(restores, job.run(Utc::now() + TimeDelta::hours(2), soon()));
    for ((path, _), restored) in paths.iter().zip(&restored) {
        assert!([200, 404].contains(&restored.status), "{restored:?}");
        assert_eq!(user.get(path).await.status, restored.status, "{path}");
    }
    let kept = restored.iter().filter(|restored| restored.status == 200).count();
    assert_eq!(kept + usize::try_from(deleted.unwrap()["tasks"]).unwrap(), 20);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn the_trash_can_be_restored_for_thirty_days(db: PgPool) {
    let app = App::new(&db);
    let mia = app.manager("Mia").await;
    let project = app.project(&mia, "WEB", &[]).await;
    let task = app.task(&mia, json!({ "title": "whole", "project_id": id(&project) })).await;
    app.task(&mia, json!({ "title": "part", "project_id": id(&project), "parent_id": id(&task) })).await;
    let client = app.as_user(&mia);
    for path in [format!("/v1/tasks/{}", id(&task)), format!("/v1/projects/{}", id(&project))] {
        for (age, status) in [("29 days 23 hours", 200), ("30 days 1 minute", 409)] {
            client.delete(&path).await.ok(204);
            for table in ["tasks", "projects"] {
                app.sql(&format!("UPDATE {table} SET deleted_at = deleted_at - interval '{age}'")).await;
            }
            assert!(clean_up_at(&db, Utc::now()).await.is_empty(), "{path} after {age}");
            client.post(&format!("{path}/restore"), json!({})).await.ok(status);
            if status == 409 {
                app.sql("UPDATE tasks SET deleted_at = NULL; UPDATE projects SET deleted_at = NULL").await;
            }
            assert_eq!(app.count("tasks WHERE deleted_at IS NULL").await, 2);
        }
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_failure_in_one_table_does_not_stop_the_others(db: PgPool) {
    let app = App::new(&db);
    app.sql(ROWS).await;
    app.sql("CREATE TABLE holds (id uuid REFERENCES emails); INSERT INTO holds VALUES (md5('m')::uuid)").await;
    let error = CleanUp::new(own_pool(&db).into(), storage()).run(Utc::now(), soon()).await.unwrap_err();
    let error = format!("{error:#}");
    assert!(error.contains("emails") && error.contains(r#""tasks":4"#), "{error}");
    assert_eq!(app.count("emails WHERE kind LIKE 'goes%'").await, 2);
    assert_eq!(app.count("tasks WHERE title LIKE 'goes%'").await, 0);
}
