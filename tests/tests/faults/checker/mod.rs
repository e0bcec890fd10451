//! The books: what was acknowledged, what is there, and whom it reached, held against each other.

mod changes;
mod forgeries;
mod least;
mod mails;
mod notifications;
mod projects;
mod tables;

use std::{collections::BTreeSet, sync::Arc};

use rand::seq::IndexedRandom;
use serde_json::Value;
use shared::db::PgPool;

pub(crate) use self::mails::Mails;
use self::tables::Tables;
use crate::{
    client::Client,
    load::Team,
    plan::generator,
    queues::{NAMES, Queues},
    run::Run,
    sockets::Heard,
};

/// What was found.
#[derive(Default)]
pub(crate) struct Books {
    /// What does not balance: each line names the check and the rows.
    pub(crate) wrong: Vec<String>,
    /// What was counted.
    figures: Vec<(&'static str, &'static str, usize)>,
}

impl Books {
    fn wrong(&mut self, check: &str, what: impl std::fmt::Display) {
        self.wrong.push(format!("{check}: {what}"));
    }

    fn add(&mut self, of: &'static str, what: &'static str, number: usize) {
        self.figures.push((of, what, number));
    }

    /// Balances everything that the run was about.
    pub(crate) async fn balance(
        run: &Arc<Run>,
        team: &Team,
        db: &PgPool,
        queues: &Queues,
        heard: &[Heard],
        seed: u64,
    ) -> Self {
        let tables = Tables::read(&mut db.acquire().await.unwrap(), team, run.begun).await;
        let mut books = Self::of(run, team, &tables, &Mails::read(), heard);
        books.dead_letters(run, queues, &tables).await;
        books.api(run, team, &tables, seed).await;
        for (of, what, number) in &books.figures {
            run.add(of, *what, *number);
        }
        books
    }

    /// Balances the ledger, the database, the mails and what the listeners were told.
    fn of(run: &Run, team: &Team, tables: &Tables, mails: &Mails, heard: &[Heard]) -> Self {
        let mut books = Self::default();
        books.changes(run, team, tables);
        books.projects(run, team, tables);
        books.outbox(tables);
        books.notifications(run, team, tables);
        books.left_behind(team, tables);
        books.inboxes(team, tables);
        books.mails(run, team, tables, mails);
        books.sockets(tables, heard);
        books
    }

    /// No row of the outbox is left, and each change has one: its own, or that of the tree or project to which it happened.
    fn outbox(&mut self, tables: &Tables) {
        for (id, row) in &tables.outbox {
            if row.handled_at.is_none() {
                self.wrong("the outbox", format!("{id} of {} is left: {}", row.queue, row.payload));
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

    /// In the dead-letter queues is the poison that was put there, and nothing else.
    async fn dead_letters(&mut self, run: &Run, queues: &Queues, tables: &Tables) {
        let poison = run.poison.lock().unwrap().clone();
        let life = run.lives.load(std::sync::atomic::Ordering::SeqCst);
        for (queue, name) in NAMES.into_iter().enumerate() {
            let dead: BTreeSet<String> = queues.dead(queue).await.into_iter().collect();
            let put: BTreeSet<String> =
                poison.iter().filter(|one| one.queue == queue).map(|one| one.body.clone()).collect();
            for body in dead.difference(&put) {
                let id = serde_json::from_str::<Value>(body).ok().and_then(|body| body["id"].as_str()?.parse().ok());
                match id.and_then(|id| tables.outbox.get(&id)) {
                    Some(row) => self.wrong("the dead letters", format!("{name} holds {body}: {}", row.payload)),
                    None => self.wrong("the dead letters", format!("{name} holds {body}, which nobody put there")),
                }
            }
            for one in poison.iter().filter(|one| one.queue == queue && one.life == life) {
                if !dead.contains(&one.body) {
                    self.wrong("the dead letters", format!("{name} does not hold the poison {}", one.body));
                }
            }
            self.add("messages", "of poison in the dead-letter queues", dead.intersection(&put).count());
        }
    }

    /// Whoever resumed knows everything, and nothing that is not so.
    fn sockets(&mut self, tables: &Tables, heard: &[Heard]) {
        for Heard { who, told, wrong } in heard {
            let name = &who.name;
            for wrong in wrong {
                self.wrong("the WebSockets", format!("{name} {wrong}"));
            }
            let inbox: Vec<_> = tables.inbox(who.id).collect();
            for one in &inbox {
                match told.get(&one.seq) {
                    None => self.wrong("the WebSockets", format!("{name} was not told {}, {}", one.seq, one.id)),
                    Some(id) if *id != one.id => {
                        self.wrong(
                            "the WebSockets",
                            format!("{name} was told {id} as {}, which is {}", one.seq, one.id),
                        );
                    }
                    Some(_) => {}
                }
            }
            if let Some((seq, id)) = told.last_key_value()
                && inbox.last().is_none_or(|last| last.seq < *seq)
            {
                self.wrong("the WebSockets", format!("{name} was told {id} as {seq}, which is not there"));
            }
        }
    }

    /// No function was at fault, and what the API shows to some is what the database holds.
    async fn api(&mut self, run: &Arc<Run>, team: &Team, tables: &Tables, seed: u64) {
        for answer in run.faults.lock().unwrap().iter() {
            self.wrong("the API", format!("a function answered 500, not 503: {answer}"));
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
                    self.wrong("the API", format!("{} sees the task {} otherwise: {shown}", person.name, task.id));
                }
            }
        }
    }
}
