//! Clean-up finds expired rows by indexes.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use chrono::Utc;
use shared::db::PgPool;
use taskbell_schedule::clean_up::CleanUp;

use crate::support::{App, own_pool};

/// 20,000 rows for each table that clean-up deletes from, of which 60 are expired; and 200 projects, of which 10 are in
/// the trash and empty.
const WASTE: &str = "
    INSERT INTO users (id, email, name, password_hash)
    SELECT md5('u' || n)::uuid, n || '@example.com', 'User ' || n, '' FROM generate_series(0, 99) n;
    INSERT INTO projects (id, key, name, owner_id, deleted_at)
    SELECT md5('p' || n)::uuid, 'P' || n, 'x', md5('u0')::uuid, CASE WHEN n > 190 THEN now() - interval '1 year' END
    FROM generate_series(1, 200) n;
    CREATE TEMPORARY TABLE made AS
    SELECT n, md5('u' || n % 100)::uuid AS user_id, gen_random_uuid() AS id,
           now() - CASE WHEN n % 333 = 0 THEN interval '1 year' ELSE n * interval '1 second' END AS at
    FROM generate_series(1, 20000) n;
    INSERT INTO one_time_tokens (hash, user_id, purpose, expires_at)
    SELECT id::text::bytea, user_id, 'verify_email', at + interval '1 day' FROM made;
    INSERT INTO idempotency_keys (user_id, key, operation, request_hash, created_at) SELECT user_id, id, '', '', at FROM made;
    INSERT INTO attempts (kind, who, source, attempts, ends_at) SELECT 'log_in', id, '', 1, at + interval '1 day' FROM made;
    INSERT INTO known_sources (user_id, source, known_until) SELECT user_id, id, at + interval '1 day' FROM made;
    INSERT INTO outbox (id, queue, payload, handled_at) SELECT id, 'events', '{}', at FROM made;
    INSERT INTO emails (id, user_id, kind, sent_at) SELECT id, user_id, '', at FROM made;
    INSERT INTO sessions (id, user_id, user_agent, ip_address, expires_at) SELECT id, user_id, '', '', at FROM made;
    INSERT INTO refresh_tokens (hash, session_id, spent_at)
    SELECT id::text::bytea, id, NULL FROM made UNION ALL SELECT gen_random_uuid()::text::bytea, id, at FROM made;
    INSERT INTO tasks (id, project_id, number, title, created_by, deleted_at)
    SELECT id, md5('p' || 1 + n % 190)::uuid, n, '', user_id, CASE WHEN n % 9 = 0 THEN at END FROM made;
    INSERT INTO project_changes (project_id, n, event, actor_id, created_at)
    SELECT md5('p' || 1 + n % 190)::uuid, n, '', user_id, at FROM made;
    INSERT INTO comments (id, task_id, author_id, body) SELECT id, id, user_id, '' FROM made;
    INSERT INTO activity (id, task_id, actor_id, kind, changes) SELECT id, id, user_id, '', '[]' FROM made;
    INSERT INTO watchers (task_id, user_id) SELECT id, user_id FROM made;
    INSERT INTO reports (id, user_id, kind, format, period_from, period_to, own_work, expires_at)
    SELECT id, user_id, 'workload', 'csv', at, at + interval '1 day', true, at + interval '1 day' FROM made;
    INSERT INTO notifications (id, user_id, seq, event_id, kind, title, body, push, email_id, read_at, created_at)
    SELECT gen_random_uuid(), user_id, n, id, '', '', '', 'now', id, now(), at FROM made;
    ANALYZE";

/// Postgres itself counts the rows that it read, including those that it deletes by cascade.
#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn clean_up_finds_expired_rows_by_indexes(db: PgPool) {
    App::new(&db).sql(WASTE).await;
    let db = own_pool(&db);
    let counted = async || {
        sqlx::query("SELECT pg_stat_force_next_flush()").execute(&db).await.unwrap();
        let rows = "SELECT relname::text, seq_tup_read FROM pg_stat_user_tables";
        let mut read: BTreeMap<String, i64> = sqlx::query_as(rows).fetch_all(&db).await.unwrap().into_iter().collect();
        let scans = "SELECT indexrelname::text, idx_scan FROM pg_stat_user_indexes";
        read.extend(sqlx::query_as::<_, (String, i64)>(scans).fetch_all(&db).await.unwrap());
        read
    };
    let before = counted().await;
    let deadline = SystemTime::now() + Duration::from_mins(1);
    let deleted = CleanUp::new(db.clone().into(), crate::support::storage()).run(Utc::now(), deadline).await.unwrap();
    assert!(deleted.values().all(|count| [10, 60].contains(count)), "{deleted:?}");
    let after = counted().await;
    let with_them = ["comments", "activity", "watchers"];
    // There are so few projects that Postgres reads them all.
    for table in deleted.keys().chain(&with_them).filter(|table| **table != "projects") {
        let read = after[*table] - before[*table];
        assert_eq!(read, 0, "rows of {table} were read one after the other");
    }
    for index in [
        "one_time_tokens_expired",
        "idempotency_keys_age",
        "attempts_over",
        "known_sources_over",
        "outbox_handled",
        "notifications_read",
        "emails_done",
        "project_changes_created",
        "refresh_tokens_spent",
        "refresh_tokens_session",
        "reports_expired",
        "sessions_over",
        "tasks_trash",
    ] {
        assert!(after[index] > before[index], "{index} was not used");
    }
}
