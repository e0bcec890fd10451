//! The least that a run does (see [`Team::do_each_thing_once`]), written down by hand: in it there is something of each kind to falsify,
//! and the books notice each.

use std::collections::BTreeMap;

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use shared::db::PgPool;
use sqlx::AssertSqlSafe;
use uuid::{NoContext, Timestamp, Uuid};

use super::{
    Books, Mails,
    forgeries::FORGERIES,
    mails::Taken,
    tables::{Tables, time_of},
};
use crate::{
    client::Person,
    load::{Project, Team},
    run::{Asked, Entry, Outcome, Run},
    sockets::Heard,
};

/// Ann created a task for Bob; Bob finished it, commented on it and watches it; Ann took it over.
struct Least {
    run: Run,
    team: Team,
    mails: Mails,
    heard: Vec<Heard>,
}

/// An id of this many seconds after some moment.
fn at(seconds: u64) -> Uuid {
    Uuid::new_v7(Timestamp::from_unix(NoContext, 1_750_000_000 + seconds, 0))
}

fn person(name: &str) -> Person {
    Person { id: at(0), name: name.into(), address: format!("{name}@example.com"), wants_statuses: false }
}

async fn execute(db: &PgPool, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(db).await.unwrap();
}

impl Least {
    async fn write(db: &PgPool) -> Self {
        let (ann, bob, project, task) = (person("ann"), person("bob"), at(1), at(10));
        let mut least = Self {
            run: Run::new(),
            team: Team::of(
                vec![ann.clone(), bob.clone()],
                vec![Project { id: project, members: vec![ann.clone(), bob.clone()] }],
            ),
            mails: Mails { taken: Vec::new(), broken: 0 },
            heard: vec![Heard { who: ann.clone(), told: BTreeMap::new(), wrong: Vec::new() }],
        };
        let boss = person("boss");
        for Person { id, name, address, .. } in [&boss, &ann, &bob] {
            let sql = format!(
                "INSERT INTO users (id, email, name, password_hash) VALUES ('{id}', '{address}', '{name}', '');
                 INSERT INTO inboxes (user_id) VALUES ('{id}')"
            );
            execute(db, sql).await;
        }
        let (a, b) = (ann.id, bob.id);
        let sql = format!(
            "INSERT INTO projects (id, key, name, owner_id) VALUES ('{project}', 'WEB', 'Website', '{}');
             INSERT INTO memberships (project_id, user_id) VALUES ('{project}', '{a}'), ('{project}', '{b}');
             INSERT INTO tasks (id, project_id, number, title, created_by, assignee_id, status, version)
             VALUES ('{task}', '{project}', 1, 'Task one', '{a}', '{a}', 'done', 4)",
            boss.id
        );
        execute(db, sql).await;
        let events = [
            (2, "", json!({ "event": "added_to_project", "user_id": a, "actor_id": boss.id })),
            (3, "", json!({ "event": "added_to_project", "user_id": b, "actor_id": boss.id })),
            (10, "created", json!({ "assignee_id": b, "actor_id": a })),
            (20, "status_changed", json!({ "actor_id": b, "field": "status", "from": "todo", "to": "in_progress" })),
            (30, "status_changed", json!({ "actor_id": b, "field": "status", "from": "in_progress", "to": "done" })),
            (40, "commented", json!({ "actor_id": b, "field": "comment", "to": "Comment two" })),
            (50, "assigned", json!({ "actor_id": a, "field": "assignee_id", "from": b, "to": a })),
        ];
        let told = [
            (2, &ann, "added_to_project", "You belong to Website", ""),
            (3, &bob, "added_to_project", "You belong to Website", ""),
            (10, &bob, "task_assigned", "ann gave you Task one", ""),
            (20, &ann, "task_status_changed", "bob began Task one", ""),
            (30, &ann, "task_status_changed", "bob finished Task one", ""),
            (40, &ann, "task_commented", "bob commented on Task one", "Comment two"),
            (50, &bob, "task_unassigned", "ann took over Task one", ""),
        ];
        for (second, kind, payload) in events {
            let id = at(second);
            least.happen(db, id, task, kind, &payload).await;
            for (_, who, kind, title, body) in told.iter().filter(|one| one.0 == second) {
                least.tell(db, id, who, kind, title, body).await;
            }
        }
        let comment = at(40);
        let sql = format!(
            "INSERT INTO comments (id, task_id, author_id, body) VALUES ('{comment}', '{task}', '{b}', 'Comment two');
             INSERT INTO watchers (task_id, user_id, added_at) VALUES ('{task}', '{b}', '{}')",
            time_of(at(45))
        );
        execute(db, sql).await;
        least.ledger(task, comment, a, b);
        least
    }

    /// Writes down a change, and that it was told two seconds later.
    async fn happen(&self, db: &PgPool, id: Uuid, task: Uuid, kind: &str, payload: &Value) {
        let (moment, handled) = (time_of(id), time_of(id) + TimeDelta::seconds(2));
        let changes = if payload["field"].is_null() { json!([]) } else { json!([payload]) };
        let mut sql = format!(
            "INSERT INTO outbox (id, queue, payload, handled_at) VALUES ('{id}', 'events', '{payload}', '{handled}');"
        );
        if !kind.is_empty() {
            let actor = payload["actor_id"].as_str().unwrap();
            sql = format!(
                "{sql} INSERT INTO activity (id, task_id, actor_id, kind, changes, created_at)
                 VALUES ('{id}', '{task}', '{actor}', '{kind}', '{changes}', '{moment}')"
            );
        }
        execute(db, sql).await;
    }

    /// Writes down a notification, that it was pushed to Ann, and the mail that tells of it, if it is of a kind that is mailed.
    async fn tell(&mut self, db: &PgPool, event: Uuid, who: &Person, kind: &str, title: &str, body: &str) {
        let (id, user) = (Uuid::now_v7(), who.id);
        let mut email = "NULL".to_owned();
        if matches!(kind, "added_to_project" | "task_assigned" | "task_commented") {
            let mail = Uuid::now_v7();
            let sql = format!(
                "INSERT INTO emails (id, user_id, kind, sent_at) VALUES ('{mail}', '{user}', 'notifications', now())"
            );
            execute(db, sql).await;
            let text = format!("{title}\n\n{body}\n");
            self.mails.taken.push(Taken { id: mail.to_string(), to: who.address.clone(), text, at: Utc::now() });
            email = format!("'{mail}'");
        }
        let sql = format!(
            "UPDATE inboxes SET last_seq = last_seq + 1, unread_count = unread_count + 1 WHERE user_id = '{user}';
             INSERT INTO notifications (id, user_id, seq, event_id, kind, title, body, push, email_id)
             SELECT '{id}', '{user}', last_seq, '{event}', '{kind}', '{title}', '{body}', 'now', {email}
             FROM inboxes WHERE user_id = '{user}'"
        );
        execute(db, sql).await;
        for heard in self.heard.iter_mut().filter(|heard| heard.who.id == user) {
            heard.told.insert(i64::try_from(heard.told.len()).unwrap() + 1, id);
        }
    }

    /// What Ann and Bob were told of what they asked for.
    fn ledger(&self, task: Uuid, comment: Uuid, ann: Uuid, bob: Uuid) {
        let change = |version, field, to| Asked::Change { task, version, field, to };
        let entries = [
            (ann, Asked::Create { title: "Task one".into() }, json!({ "id": task })),
            (bob, change(1, "status", json!("in_progress")), json!({ "version": 2 })),
            (bob, change(2, "status", json!("done")), json!({ "version": 3 })),
            (bob, Asked::Comment { task, body: "Comment two".into() }, json!({ "id": comment })),
            (bob, Asked::Watch { task }, Value::Null),
            (ann, change(3, "assignee_id", json!(ann)), json!({ "version": 4 })),
        ];
        let entries = entries.map(|(who, asked, answer)| Entry { who, asked, outcome: Outcome::Done(answer) });
        self.run.ledger.lock().unwrap().extend(entries);
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn in_the_least_that_a_run_does_each_forgery_is_noticed(db: PgPool) {
    let Least { run, team, mails, heard } = Least::write(&db).await;
    let tables = Tables::read(&mut db.acquire().await.unwrap(), &team, run.begun).await;
    assert_eq!(Books::of(&run, &team, &tables, &mails, &heard).wrong, Vec::<String>::new());
    assert_eq!(Books::forgeries_unnoticed(&run, &team, &db, &mails, &heard).await, Vec::<String>::new());
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn where_nothing_was_done_each_forgery_says_that_there_is_nothing_to_falsify(db: PgPool) {
    let Least { run, .. } = Least::write(&db).await;
    let idle = Team::of(vec![person("cid"), person("dora")], Vec::new());
    let mails = Mails { taken: Vec::new(), broken: 0 };
    let unnoticed = Books::forgeries_unnoticed(&run, &idle, &db, &mails, &[]).await;
    assert_eq!(unnoticed.len(), FORGERIES.len() + mails.forgeries(&idle).len());
    assert!(unnoticed.iter().all(|line| line.starts_with("there is nothing to falsify so that ")), "{unnoticed:#?}");
}
