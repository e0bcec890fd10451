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

/// Ann created a task for Bob; Bob finished it, commented on it and watches it; Ann took it over, and made a part of it, which she
/// detached and attached. She made another task; Bob made a part of it. She put both into the trash and took them out, and moved them
/// to where Bob does not belong. The owner removed Bob from a third project, where he had a task, and added him again; and put
/// that project into the trash and took it out.
struct Least {
    run: Run,
    team: Team,
    mails: Mails,
    heard: Vec<Heard>,
}

/// Something that happened: when, to which task, as what, how it is told, and to which other tasks the same happened.
type Event = (u64, Option<Uuid>, &'static str, Value, Vec<Uuid>);

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
        let (ann, bob, boss) = (person("ann"), person("bob"), person("boss"));
        let [here, there, restless] = [1; 3].map(at);
        let [task, part, whole, leaf, given] = [10, 60, 70, 71, 110].map(at);
        let (a, b, both) = (ann.id, bob.id, vec![ann.clone(), bob.clone()]);
        let projects = vec![
            Project { id: here, members: both.clone(), goers: vec![] },
            Project { id: there, members: vec![ann.clone()], goers: vec![] },
            Project { id: restless, members: both.clone(), goers: vec![b] },
        ];
        let mut least = Self {
            run: Run::new(),
            team: Team::of(both, projects, boss.clone()),
            mails: Mails { taken: Vec::new(), broken: 0 },
            heard: vec![Heard { who: ann.clone(), told: BTreeMap::new(), wrong: Vec::new() }],
        };
        least.rows(db, [task, part, whole, leaf, given]).await;
        let o = boss.id;
        let added =
            |project, who| json!({ "event": "added_to_project", "project_id": project, "user_id": who, "actor_id": o });
        let by = |actor| json!({ "event": "task", "actor_id": actor });
        let change = |who, field, from: Value, to: Value| json!({ "event": "task", "actor_id": who, "field": field, "from": from, "to": to });
        let given_to_bob = json!({ "event": "task", "actor_id": a, "assignee_id": b });
        let project = |field, from: Value| {
            let (event, to) = ("project", Value::Null);
            json!({ "event": event, "project_id": restless, "actor_id": o, "field": field, "from": from, "to": to })
        };
        let left = json!({ "event": "tasks_left", "project_id": here, "actor_id": a, "user_ids": [b] });
        let events: Vec<Event> = vec![
            (2, None, "", added(here, a), vec![]),
            (3, None, "", added(here, b), vec![]),
            (4, None, "", added(there, a), vec![]),
            (5, None, "", added(restless, a), vec![]),
            (6, None, "", added(restless, b), vec![]),
            (10, Some(task), "created", given_to_bob.clone(), vec![]),
            (20, Some(task), "status_changed", change(b, "status", json!("todo"), json!("in_progress")), vec![]),
            (30, Some(task), "status_changed", change(b, "status", json!("in_progress"), json!("done")), vec![]),
            (40, Some(task), "commented", change(b, "comment", Value::Null, json!("Comment two")), vec![]),
            (50, Some(task), "assigned", change(a, "assignee_id", json!(b), json!(a)), vec![]),
            (60, Some(part), "created", by(a), vec![]),
            (61, Some(part), "updated", change(a, "parent_id", json!(task), Value::Null), vec![]),
            (62, Some(part), "updated", change(a, "parent_id", Value::Null, json!(task)), vec![]),
            (70, Some(whole), "created", by(a), vec![]),
            (71, Some(leaf), "created", by(b), vec![]),
            (80, Some(whole), "deleted", by(a), vec![leaf]),
            (90, Some(whole), "restored", by(a), vec![leaf]),
            (100, Some(whole), "moved", change(a, "project_id", json!(here), json!(there)), vec![leaf]),
            (101, None, "", left, vec![]),
            (110, Some(given), "created", given_to_bob, vec![]),
            (120, None, "assigned", project("assignee_id", json!(b)), vec![given]),
            (130, None, "", added(restless, b), vec![]),
            (140, None, "deleted", project("", Value::Null), vec![given]),
            (150, None, "restored", project("", Value::Null), vec![given]),
        ];
        let told = [
            (2, &ann, "added_to_project", "You belong to Website", ""),
            (3, &bob, "added_to_project", "You belong to Website", ""),
            (4, &ann, "added_to_project", "You belong to Lab", ""),
            (5, &ann, "added_to_project", "You belong to Go", ""),
            (6, &bob, "added_to_project", "You belong to Go", ""),
            (10, &bob, "task_assigned", "ann gave you Task one", ""),
            (20, &ann, "task_status_changed", "bob began Task one", ""),
            (30, &ann, "task_status_changed", "bob finished Task one", ""),
            (40, &ann, "task_commented", "bob commented on Task one", "Comment two"),
            (50, &bob, "task_unassigned", "ann took over Task one", ""),
            (80, &bob, "task_deleted", "ann deleted Task whole", ""),
            (90, &bob, "task_updated", "ann restored Task whole", ""),
            (101, &bob, "task_updated", "ann moved Task whole", ""),
            (110, &bob, "task_assigned", "ann gave you Task given", ""),
            (120, &ann, "task_updated", "boss removed bob", ""),
            (130, &bob, "added_to_project", "You belong to Go", ""),
            (140, &ann, "task_deleted", "boss deleted Go", ""),
            (150, &ann, "task_updated", "boss restored Go", ""),
        ];
        for event in events {
            let (id, second) = (at(event.0), event.0);
            least.happen(db, id, event).await;
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
        least.ledger([task, part, whole, leaf, given], comment, a, b);
        least
    }

    /// People, projects and tasks, as they are in the end.
    async fn rows(&self, db: &PgPool, [task, part, whole, leaf, given]: [Uuid; 5]) {
        let (owner, ann, bob) = (&self.team.owner, &self.team.people[0], &self.team.people[1]);
        let [here, there, restless] = [0, 1, 2].map(|place| self.team.projects[place].id);
        for (Person { id, name, address, .. }, role) in [(owner, "admin"), (ann, "user"), (bob, "user")] {
            let sql = format!(
                "INSERT INTO users (id, email, name, role, password_hash) VALUES ('{id}', '{address}', '{name}', '{role}', '');
                 INSERT INTO inboxes (user_id) VALUES ('{id}')"
            );
            execute(db, sql).await;
        }
        let (o, a, b) = (owner.id, ann.id, bob.id);
        let sql = format!(
            "INSERT INTO projects (id, key, name, owner_id, version, task_counter) VALUES
                 ('{here}', 'WEB', 'Website', '{o}', 1, 2), ('{there}', 'LAB', 'Lab', '{o}', 1, 2),
                 ('{restless}', 'GO', 'Go', '{o}', 3, 1);
             INSERT INTO memberships (project_id, user_id) VALUES ('{here}', '{a}'), ('{here}', '{b}'), ('{there}', '{a}'),
                 ('{restless}', '{a}'), ('{restless}', '{b}'), ('{here}', '{o}'), ('{there}', '{o}'), ('{restless}', '{o}');
             INSERT INTO tasks (id, project_id, number, title, created_by, assignee_id, parent_id, status, version) VALUES
                 ('{task}', '{here}', 1, 'Task one', '{a}', '{a}', NULL, 'done', 4),
                 ('{part}', '{here}', 2, 'Task part', '{a}', NULL, '{task}', 'todo', 3),
                 ('{whole}', '{there}', 1, 'Task whole', '{a}', NULL, NULL, 'todo', 4),
                 ('{leaf}', '{there}', 2, 'Task leaf', '{b}', NULL, '{whole}', 'todo', 4),
                 ('{given}', '{restless}', 1, 'Task given', '{a}', NULL, NULL, 'todo', 4)"
        );
        execute(db, sql).await;
    }

    /// Writes down a change, and that it was told two seconds later. What happens within ten seconds is one transaction.
    async fn happen(&self, db: &PgPool, id: Uuid, (second, task, kind, mut payload, others): Event) {
        let handled = time_of(id) + TimeDelta::seconds(2);
        let at_once = self.run.begun + TimeDelta::seconds(i64::try_from(second / 10).unwrap());
        let changes = if payload["to"].is_null() && payload["from"].is_null() { json!([]) } else { json!([payload]) };
        let actor = payload["actor_id"].as_str().unwrap().to_owned();
        let others_are = if task.is_some() { "parts" } else { "task_ids" };
        if !kind.is_empty() {
            payload["kind"] = json!(kind);
            payload[others_are] = json!(others);
        }
        execute(
            db,
            format!(
                "INSERT INTO outbox (id, queue, payload, created_at, handled_at)
                 VALUES ('{id}', 'events', '{payload}', '{at_once}', '{handled}')"
            ),
        )
        .await;
        let entries = others.into_iter().map(|other| (at(second), other)).chain(task.map(|task| (id, task)));
        for (entry, task) in entries {
            let sql = format!(
                "INSERT INTO activity (id, task_id, actor_id, kind, changes, created_at)
                 VALUES ('{entry}', '{task}', '{actor}', '{kind}', '{changes}', '{at_once}')"
            );
            execute(db, sql).await;
        }
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

    /// What all were told of what they asked for.
    fn ledger(&self, [task, part, whole, leaf, given]: [Uuid; 5], comment: Uuid, ann: Uuid, bob: Uuid) {
        let change = |task, version, field, to| Asked::Change { task, version, field, to };
        let created = |title: &str| Asked::Create { title: title.into() };
        let [there, restless] = [1, 2].map(|place| self.team.projects[place].id);
        let (owner, done) = (self.team.owner.id, Value::Null);
        let member = |belongs| Asked::Member { project: restless, person: bob, belongs };
        let project = |in_trash| Asked::Project { project: restless, in_trash };
        let entries = [
            (ann, created("Task one"), json!({ "id": task })),
            (bob, change(task, 1, "status", json!("in_progress")), json!({ "version": 2 })),
            (bob, change(task, 2, "status", json!("done")), json!({ "version": 3 })),
            (bob, Asked::Comment { task, body: "Comment two".into() }, json!({ "id": comment })),
            (bob, Asked::Watch { task }, done.clone()),
            (ann, change(task, 3, "assignee_id", json!(ann)), json!({ "version": 4 })),
            (ann, created("Task part"), json!({ "id": part })),
            (ann, change(part, 1, "parent_id", Value::Null), json!({ "version": 2 })),
            (ann, change(part, 2, "parent_id", json!(task)), json!({ "version": 3 })),
            (ann, created("Task whole"), json!({ "id": whole })),
            (bob, created("Task leaf"), json!({ "id": leaf })),
            (bob, Asked::Watch { task: whole }, done.clone()),
            (ann, Asked::Trash { task: whole, version: 1 }, done.clone()),
            (ann, Asked::Restore { task: whole }, json!({ "version": 3 })),
            (ann, change(whole, 3, "project_id", json!(there)), json!({ "version": 4 })),
            (ann, created("Task given"), json!({ "id": given })),
            (owner, member(false), done.clone()),
            (owner, member(true), done.clone()),
            (owner, project(true), done),
            (owner, project(false), json!({ "version": 3 })),
        ];
        let entries = entries.map(|(who, asked, answer)| Entry { who, asked, outcome: Outcome::Done(answer), lost: 0 });
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
    let idle = Team::of(vec![person("cid"), person("dora")], Vec::new(), person("boss"));
    let mails = Mails { taken: Vec::new(), broken: 0 };
    let unnoticed = Books::forgeries_unnoticed(&run, &idle, &db, &mails, &[]).await;
    assert_eq!(unnoticed.len(), FORGERIES.len() + mails.forgeries(&idle).len());
    assert!(unnoticed.iter().all(|line| line.starts_with("there is nothing to falsify so that ")), "{unnoticed:#?}");
}
