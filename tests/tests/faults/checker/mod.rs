//! The checker: compares the history of operations, the state of the system, and what users received.

mod changes;
mod emails;
mod minimal_run;
mod mutations;
mod notifications;
mod projects;
mod tables;

use std::{collections::BTreeSet, sync::Arc};

use rand::seq::IndexedRandom;
use serde_json::Value;
use shared::db::PgPool;

pub(crate) use self::emails::Emails;
use self::tables::Tables;
use crate::{
    client::Client,
    load::Team,
    plan::generator,
    queues::{NAMES, Queues},
    run::Run,
    sockets::Received,
};

/// The result of the checks.
#[derive(Default)]
pub(crate) struct Checker {
    /// What is wrong: each line begins with the name of the check.
    pub(crate) wrong: Vec<String>,
    /// Counters.
    counters: Vec<(&'static str, &'static str, usize)>,
}

impl Checker {
    fn wrong(&mut self, check: &str, what: impl std::fmt::Display) {
        self.wrong.push(format!("{check}: {what}"));
    }

    fn add(&mut self, of: &'static str, what: &'static str, number: usize) {
        self.counters.push((of, what, number));
    }

    /// Runs all checks.
    pub(crate) async fn check(
        run: &Arc<Run>,
        team: &Team,
        db: &PgPool,
        queues: &Queues,
        received: &[Received],
        seed: u64,
    ) -> Self {
        let tables = Tables::read(&mut db.acquire().await.unwrap(), team, run.begun).await;
        let mut checker = Self::check_state(run, team, &tables, &Emails::read(), received);
        checker.dead_letters(run, queues, &tables).await;
        checker.api(run, team, &tables, seed).await;
        for (of, what, number) in &checker.counters {
            run.add(of, *what, *number);
        }
        checker
    }

    /// Checks the history, the database, the e-mails and what the listeners received.
    fn check_state(run: &Run, team: &Team, tables: &Tables, mails: &Emails, received: &[Received]) -> Self {
        let mut checker = Self::default();
        checker.changes(run, team, tables);
        checker.projects(run, team, tables);
        checker.outbox(tables);
        checker.notifications(run, team, tables);
        checker.users_who_lost_access(team, tables);
        checker.inboxes(team, tables);
        checker.emails(run, team, tables, mails);
        checker.websockets(tables, received);
        checker
    }

    /// Checks that no outbox row is open, and that each change has one: its own, or that of its tree or project.
    fn outbox(&mut self, tables: &Tables) {
        for (id, row) in &tables.outbox {
            if row.handled_at.is_none() {
                self.wrong("the outbox", format!("{id} of {} is open: {}", row.queue, row.payload));
            }
            self.add("messages", "sent by the relay", usize::try_from(row.sends).unwrap());
        }
        for activity in &tables.activity {
            if tables.event_of(activity).is_none() {
                self.wrong("the outbox", format!("the change {} has no event", activity.id));
            }
        }
        self.add("messages", "in the outbox", tables.outbox.len());
    }

    /// Checks that the dead-letter queues contain the poison that was sent, and nothing else.
    async fn dead_letters(&mut self, run: &Run, queues: &Queues, tables: &Tables) {
        let poison = run.poison.lock().unwrap().clone();
        let emulator_stops = run.emulator_stops.load(std::sync::atomic::Ordering::SeqCst);
        for (queue, name) in NAMES.into_iter().enumerate() {
            let dead: BTreeSet<String> = queues.dead(queue).await.into_iter().collect();
            let put: BTreeSet<String> =
                poison.iter().filter(|one| one.queue == queue).map(|one| one.body.clone()).collect();
            for body in dead.difference(&put) {
                let id = serde_json::from_str::<Value>(body).ok().and_then(|body| body["id"].as_str()?.parse().ok());
                match id.and_then(|id| tables.outbox.get(&id)) {
                    Some(row) => self.wrong("the dead letters", format!("{name} holds {body}: {}", row.payload)),
                    None => self.wrong("the dead letters", format!("{name} holds {body}, which was not sent")),
                }
            }
            for one in poison.iter().filter(|one| one.queue == queue && one.emulator_stops == emulator_stops) {
                if !dead.contains(&one.body) {
                    self.wrong("the dead letters", format!("{name} does not hold the poison {}", one.body));
                }
            }
            self.add("messages", "of poison in the dead-letter queues", dead.intersection(&put).count());
        }
    }

    /// Checks that each listener has received its whole inbox and all changes of the project that it follows, and nothing
    /// else.
    fn websockets(&mut self, tables: &Tables, received: &[Received]) {
        for Received { who, told, changes, wrong } in received {
            let name = &who.name;
            for wrong in wrong {
                self.wrong("the WebSockets", format!("{name} {wrong}"));
            }
            for n in changes.keys().chain(tables.feed.keys()).collect::<BTreeSet<_>>() {
                let (got, happened) = (changes.get(n), tables.feed.get(n));
                if got != happened {
                    self.wrong(
                        "the WebSockets",
                        format!("{name} received {got:?} as change {n}, which is {happened:?}"),
                    );
                }
            }
            let inbox: Vec<_> = tables.inbox(who.id).collect();
            for one in &inbox {
                match told.get(&one.seq) {
                    None => self.wrong("the WebSockets", format!("{name} did not receive {}, {}", one.seq, one.id)),
                    Some(id) if *id != one.id => {
                        self.wrong(
                            "the WebSockets",
                            format!("{name} received {id} as {}, which is {}", one.seq, one.id),
                        );
                    }
                    Some(_) => {}
                }
            }
            if let Some((seq, id)) = told.last_key_value()
                && inbox.last().is_none_or(|last| last.seq < *seq)
            {
                self.wrong("the WebSockets", format!("{name} received {id} as {seq}, which does not exist"));
            }
        }
    }

    /// Checks that no function returned 500, and that the API shows the state of the database to a sample of users.
    async fn api(&mut self, run: &Arc<Run>, team: &Team, tables: &Tables, seed: u64) {
        for answer in run.server_errors.lock().unwrap().iter() {
            self.wrong("the API", format!("a function returned 500, not 503: {answer}"));
        }
        let mut random = generator(seed, 2);
        for person in team.people.sample(&mut random, 4) {
            let mut client = Client::new(person.clone(), generator(seed, 3), Arc::clone(run));
            let (mut seqs, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = client.get(&format!("/v1/notifications?limit=100{cursor}")).await.unwrap_or_default();
                seqs.extend(page["items"].as_array().into_iter().flatten().map(|item| item["seq"].as_i64().unwrap()));
                match page["next_cursor"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
            let expected: Vec<i64> = tables.inbox(person.id).map(|one| one.seq).rev().collect();
            if seqs != expected {
                self.wrong(
                    "the API",
                    format!("{} sees {} notifications of {}", person.name, seqs.len(), expected.len()),
                );
            }
            let visible: Vec<_> =
                tables.tasks.values().filter(|task| !task.in_trash && tables.sees(person.id, task.project)).collect();
            for task in visible.sample(&mut random, 5) {
                let shown = client.get(&format!("/v1/tasks/{}", task.id)).await.unwrap_or_default();
                let activity =
                    client.get(&format!("/v1/tasks/{}/activity?limit=100", task.id)).await.unwrap_or_default();
                let entries = tables.activity.iter().filter(|entry| entry.task == task.id).count();
                if shown["version"] != task.version
                    || activity["items"].as_array().map_or(0, Vec::len) != entries.min(100)
                {
                    self.wrong(
                        "the API",
                        format!("{} sees another state of the task {}: {shown}", person.name, task.id),
                    );
                }
            }
        }
    }
}
