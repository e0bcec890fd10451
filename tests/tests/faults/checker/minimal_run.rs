//! The smallest run (see [`Team::perform_each_operation_once`]), written by hand. It has something to mutate for each
//! mutation, and the checker detects each.

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use shared::db::PgPool;
use sqlx::AssertSqlSafe;
use uuid::{NoContext, Timestamp, Uuid};

use super::{
    Checker, Emails,
    emails::Taken,
    mutations::MUTATIONS,
    tables::{Tables, time_of},
};
use crate::{
    client::Person,
    load::{Project, Team},
    run::{Entry, Operation, Outcome, Run},
    sockets::Received,
};

/// Ann creates a task for Bob. Bob finishes it, comments on it and watches it. Ann assigns it to herself, creates a
/// subtask, detaches it and attaches it. She creates another task, and Bob a subtask of it. She moves both to the
/// trash, restores them, and moves them to a project without Bob. The owner removes Bob, who has a task, from a third
/// project and adds him again, and moves that project to the trash and restores it.
struct MinimalRun {
    run: Run,
    team: Team,
    mails: Emails,
    received: Vec<Received>,
}

/// An event: its time, task and kind, the payload, and the other tasks it applies to.
type Event = (u64, Option<Uuid>, &'static str, Value, Vec<Uuid>);

/// Returns an id of this many seconds after a fixed time.
fn at(seconds: u64) -> Uuid {
    Uuid::new_v7(Timestamp::from_unix(NoContext, 1_750_000_000 + seconds, 0))
}

fn person(name: &str) -> Person {
    Person { id: at(0), name: name.into(), address: format!("{name}@example.com"), wants_status_emails: false }
}

async fn execute(db: &PgPool, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(db).await.unwrap();
}

impl MinimalRun {
    async fn write(db: &PgPool) -> Self {
        let (ann, bob, boss) = (person("ann"), person("bob"), person("boss"));
        let [here, there, volatile] = [1; 3].map(at);
        let [task, part, whole, leaf, given] = [10, 60, 70, 71, 110].map(at);
        let (a, b, both) = (ann.id, bob.id, vec![ann.clone(), bob.clone()]);
        let projects = vec![
            Project { id: here, members: both.clone(), volatile_members: vec![] },
            Project { id: there, members: vec![ann.clone()], volatile_members: vec![] },
            Project { id: volatile, members: both.clone(), volatile_members: vec![b] },
        ];
        let mut minimal = Self {
            run: Run::new(),
            team: Team::of(both, projects, boss.clone()),
            mails: Emails { taken: Vec::new(), broken: 0 },
            received: vec![Received::nothing(ann.clone())],
        };
        minimal.rows(db, [task, part, whole, leaf, given]).await;
        let o = boss.id;
        let added =
            |project, who| json!({ "event": "added_to_project", "project_id": project, "user_id": who, "actor_id": o });
        let by = |actor| json!({ "event": "task", "actor_id": actor });
        let change = |who, field, from: Value, to: Value| json!({ "event": "task", "actor_id": who, "field": field, "from": from, "to": to });
        let given_to_bob = json!({ "event": "task", "actor_id": a, "assignee_id": b });
        let project = |field, from: Value| {
            let (event, to) = ("project", Value::Null);
            json!({ "event": event, "project_id": volatile, "actor_id": o, "field": field, "from": from, "to": to })
        };
        let left = json!({ "event": "tasks_left", "project_id": here, "actor_id": a, "user_ids": [b] });
        let events: Vec<Event> = vec![
            (2, None, "", added(here, a), vec![]),
            (3, None, "", added(here, b), vec![]),
            (4, None, "", added(there, a), vec![]),
            (5, None, "", added(volatile, a), vec![]),
            (6, None, "", added(volatile, b), vec![]),
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
            (130, None, "", added(volatile, b), vec![]),
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
            minimal.happen(db, id, event).await;
            for (_, who, kind, title, body) in told.iter().filter(|one| one.0 == second) {
                minimal.tell(db, id, who, kind, title, body).await;
            }
        }
        let comment = at(40);
        let sql = format!(
            "INSERT INTO comments (id, task_id, author_id, body) VALUES ('{comment}', '{task}', '{b}', 'Comment two');
             INSERT INTO watchers (task_id, user_id, added_at) VALUES ('{task}', '{b}', '{}')",
            time_of(at(45))
        );
        execute(db, sql).await;
        minimal.history([task, part, whole, leaf, given], comment, a, b);
        minimal
    }

    /// Inserts users, projects and tasks in their final state.
    async fn rows(&self, db: &PgPool, [task, part, whole, leaf, given]: [Uuid; 5]) {
        let (owner, ann, bob) = (&self.team.owner, &self.team.people[0], &self.team.people[1]);
        let [here, there, volatile] = [0, 1, 2].map(|place| self.team.projects[place].id);
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
                 ('{volatile}', 'GO', 'Go', '{o}', 3, 1);
             INSERT INTO memberships (project_id, user_id) VALUES ('{here}', '{a}'), ('{here}', '{b}'), ('{there}', '{a}'),
                 ('{volatile}', '{a}'), ('{volatile}', '{b}'), ('{here}', '{o}'), ('{there}', '{o}'), ('{volatile}', '{o}');
             INSERT INTO tasks (id, project_id, number, title, created_by, assignee_id, parent_id, status, version) VALUES
                 ('{task}', '{here}', 1, 'Task one', '{a}', '{a}', NULL, 'done', 4),
                 ('{part}', '{here}', 2, 'Task part', '{a}', NULL, '{task}', 'todo', 3),
                 ('{whole}', '{there}', 1, 'Task whole', '{a}', NULL, NULL, 'todo', 4),
                 ('{leaf}', '{there}', 2, 'Task leaf', '{b}', NULL, '{whole}', 'todo', 4),
                 ('{given}', '{volatile}', 1, 'Task given', '{a}', NULL, NULL, 'todo', 4)"
        );
        execute(db, sql).await;
    }

    /// Inserts a change that is handled two seconds later. Changes within the same ten seconds are one transaction.
    async fn happen(&mut self, db: &PgPool, id: Uuid, (second, task, kind, mut payload, others): Event) {
        let handled = time_of(id) + TimeDelta::seconds(2);
        let at_once = self.run.begun + TimeDelta::seconds(i64::try_from(second / 10).unwrap());
        let changes = if payload["to"].is_null() && payload["from"].is_null() { json!([]) } else { json!([payload]) };
        let actor = payload["actor_id"].as_str().unwrap().to_owned();
        let others_are = if task.is_some() { "parts" } else { "task_ids" };
        if !kind.is_empty() {
            payload["kind"] = json!(kind);
            payload[others_are] = json!(others);
        }
        // What is about the first task.
        if (10..=50).contains(&second) {
            self.add_to_feed(db, kind, &actor, &mut payload).await;
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

    /// Adds a change of the first task to the feed of its project, and its push to Ann.
    async fn add_to_feed(&mut self, db: &PgPool, event: &str, actor: &str, payload: &mut Value) {
        let (project, changes) = (self.team.followed(), &mut self.received[0].changes);
        let n = i64::try_from(changes.len()).unwrap() + 1;
        changes.insert(n, (actor.parse().unwrap(), event.into()));
        payload["feed"] = json!([{ "project_id": project, "n": n }]);
        let sql = format!(
            "INSERT INTO project_changes (project_id, n, event, actor_id) VALUES ('{project}', {n}, '{event}', '{actor}');
             UPDATE projects SET change_counter = {n} WHERE id = '{project}'"
        );
        execute(db, sql).await;
    }

    /// Inserts a notification, its push to Ann, and its e-mail if its kind is sent by e-mail.
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
        for received in self.received.iter_mut().filter(|received| received.who.id == user) {
            received.told.insert(i64::try_from(received.told.len()).unwrap() + 1, id);
        }
    }

    /// Fills the history of operations.
    fn history(&self, [task, part, whole, leaf, given]: [Uuid; 5], comment: Uuid, ann: Uuid, bob: Uuid) {
        let change = |task, version, field, to| Operation::Change { task, version, field, to };
        let created = |title: &str| Operation::Create { title: title.into() };
        let [there, volatile] = [1, 2].map(|place| self.team.projects[place].id);
        let (owner, done) = (self.team.owner.id, Value::Null);
        let member = |belongs| Operation::Member { project: volatile, person: bob, belongs };
        let project = |in_trash| Operation::Project { project: volatile, in_trash };
        let entries = [
            (ann, created("Task one"), json!({ "id": task })),
            (bob, change(task, 1, "status", json!("in_progress")), json!({ "version": 2 })),
            (bob, change(task, 2, "status", json!("done")), json!({ "version": 3 })),
            (bob, Operation::Comment { task, body: "Comment two".into() }, json!({ "id": comment })),
            (bob, Operation::Watch { task }, done.clone()),
            (ann, change(task, 3, "assignee_id", json!(ann)), json!({ "version": 4 })),
            (ann, created("Task part"), json!({ "id": part })),
            (ann, change(part, 1, "parent_id", Value::Null), json!({ "version": 2 })),
            (ann, change(part, 2, "parent_id", json!(task)), json!({ "version": 3 })),
            (ann, created("Task whole"), json!({ "id": whole })),
            (bob, created("Task leaf"), json!({ "id": leaf })),
            (bob, Operation::Watch { task: whole }, done.clone()),
            (ann, Operation::Trash { task: whole, version: 1 }, done.clone()),
            (ann, Operation::Restore { task: whole }, json!({ "version": 3 })),
            (ann, change(whole, 3, "project_id", json!(there)), json!({ "version": 4 })),
            (ann, created("Task given"), json!({ "id": given })),
            (owner, member(false), done.clone()),
            (owner, member(true), done.clone()),
            (owner, project(true), done),
            (owner, project(false), json!({ "version": 3 })),
        ];
        let entries = entries.map(|(who, operation, answer)| Entry {
            who,
            operation,
            outcome: Outcome::Acknowledged(answer),
            lost: 0,
        });
        self.run.history.lock().unwrap().extend(entries);
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn the_checker_accepts_a_minimal_run_and_detects_each_mutation(db: PgPool) {
    let MinimalRun { run, team, mails, received } = MinimalRun::write(&db).await;
    let tables = Tables::read(&mut db.acquire().await.unwrap(), &team, run.begun).await;
    assert_eq!(Checker::check_state(&run, &team, &tables, &mails, &received).wrong, Vec::<String>::new());
    assert_eq!(Checker::undetected_mutations(&run, &team, &db, &mails, &received).await, Vec::<String>::new());
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn without_operations_each_mutation_reports_that_there_is_no_row(db: PgPool) {
    let MinimalRun { run, .. } = MinimalRun::write(&db).await;
    let idle = Team::of(vec![person("cid"), person("dora")], Vec::new(), person("boss"));
    let mails = Emails { taken: Vec::new(), broken: 0 };
    let undetected = Checker::undetected_mutations(&run, &idle, &db, &mails, &[]).await;
    assert_eq!(undetected.len(), MUTATIONS.len() + mails.mutations(&idle).len());
    assert!(undetected.iter().all(|line| line.starts_with("there is no row to mutate so that ")), "{undetected:#?}");
}
