//! Events against inboxes: every person concerned is told once, and nobody else.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::{
    Books,
    tables::{Activity, Message, Tables, time_of},
};
use crate::{load::Team, run::Run};

/// Between its id and its commit a change takes no longer than this, unless something is frozen.
const MARGIN: TimeDelta = TimeDelta::seconds(1);

impl Books {
    /// Whom an event concerns is decided when it is told. A task that gets another assignee between the two leaves some people open:
    /// they may have been told, and need not.
    pub(super) fn notifications(&mut self, run: &Run, tables: &Tables) {
        let mut told: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
        for one in &tables.notifications {
            told.entry(one.event).or_default().push(one.user);
        }
        let around = Around::of(tables);
        let of_activity: BTreeMap<Uuid, &Activity> = tables.activity.iter().map(|entry| (entry.id, entry)).collect();
        for (id, message) in tables.outbox.iter().filter(|(_, message)| message.queue == "events") {
            let told = told.remove(id).unwrap_or_default();
            let (must, may) = match of_activity.get(id) {
                Some(entry) => concerned(run, tables, &around, entry, message),
                None if message.payload["event"] == "added_to_project" => {
                    let added = BTreeSet::from([id_in(&message.payload["user_id"]).unwrap()]);
                    (added.clone(), added)
                }
                None => Default::default(),
            };
            let once: BTreeSet<Uuid> = told.iter().copied().collect();
            if once.len() != told.len() || !must.is_subset(&once) || !once.is_subset(&may) {
                let payload = &message.payload;
                self.wrong("notifications", format!("{id} told {told:?}, must {must:?}, may {may:?}: {payload}"));
            }
            self.add("notifications", "due to somebody", once.len());
            self.add("notifications", "where either would be right", may.difference(&must).count());
        }
        for (event, people) in told {
            self.wrong("notifications", format!("{people:?} were told of {event}, which is not there"));
        }
    }

    /// A person's `seq` counts from 1 without a gap, and what is unread is what is counted as unread.
    pub(super) fn inboxes(&mut self, team: &Team, tables: &Tables) {
        for person in &team.people {
            let seqs: Vec<i64> = tables.inbox(person.id).map(|one| one.seq).collect();
            let unread = tables.inbox(person.id).filter(|one| one.unread).count();
            let (_, last_seq, unread_count) =
                tables.inboxes.iter().find(|(user, ..)| *user == person.id).copied().unwrap_or_default();
            if let Some((place, seq)) = (1..).zip(&seqs).find(|(place, seq)| place != *seq) {
                self.wrong("seq", format!("{} has {seq} at place {place}", person.name));
            }
            if seqs.last().copied().unwrap_or_default() != last_seq {
                self.wrong("seq", format!("{} counts to {last_seq}, and has {:?}", person.name, seqs.last()));
            }
            if usize::try_from(unread_count).unwrap() != unread {
                self.wrong("unread", format!("{} has {unread} unread, and counts {unread_count}", person.name));
            }
        }
    }
}

/// Who was around each task, and since when.
#[derive(Default)]
struct Around {
    assignees: BTreeMap<Uuid, Vec<Since<Option<Uuid>>>>,
    watchers: BTreeMap<Uuid, Vec<Since<Uuid>>>,
}

type Since<T> = (DateTime<Utc>, T);

impl Around {
    fn of(tables: &Tables) -> Self {
        let mut around = Self::default();
        for entry in &tables.activity {
            let assignee = match entry.kind.as_str() {
                "created" => tables.outbox.get(&entry.id).and_then(|event| id_in(&event.payload["assignee_id"])),
                _ => match entry.to("assignee_id") {
                    Some(to) => id_in(to),
                    None => continue,
                },
            };
            around.assignees.entry(entry.task).or_default().push((time_of(entry.id), assignee));
        }
        for (task, person, since) in &tables.watchers {
            around.watchers.entry(*task).or_default().push((*since, *person));
        }
        around
    }

    /// To whom a task was given in a time, one after the other.
    fn assignees(&self, task: Uuid, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Option<Uuid>> {
        let all = self.assignees.get(&task).map_or(&[][..], Vec::as_slice);
        let (before, later) = all.split_at(all.partition_point(|(at, _)| *at <= from));
        let during = later.iter().take_while(|(at, _)| *at <= to);
        before.last().into_iter().chain(during).map(|(_, assignee)| *assignee).collect()
    }
}

/// Who must be told of something that happened to a task, and who may be.
fn concerned(
    run: &Run,
    tables: &Tables,
    around: &Around,
    entry: &Activity,
    message: &Message,
) -> (BTreeSet<Uuid>, BTreeSet<Uuid>) {
    let (mut must, mut may) = (BTreeSet::new(), BTreeSet::new());
    let happened = time_of(entry.id);
    let (before, told) = (surely_before(run, happened), message.handled_at.unwrap_or_else(Utc::now));
    if entry.kind == "created" {
        must.extend(id_in(&message.payload["assignee_id"]));
    } else {
        must.insert(tables.tasks[&entry.task].created_by);
        must.extend(entry.from("assignee_id").and_then(id_in));
        must.extend(entry.to("assignee_id").and_then(id_in));
        must.extend(mentioned(entry));
        match around.assignees(entry.task, before, told).as_slice() {
            [only] => must.extend(*only),
            some => may.extend(some.iter().flatten()),
        }
        for (since, person) in around.watchers.get(&entry.task).into_iter().flatten() {
            if *since < before {
                must.insert(*person);
            } else if *since <= told {
                may.insert(*person);
            }
        }
    }
    must.remove(&entry.actor);
    may.extend(&must);
    may.remove(&entry.actor);
    for part in message.payload["parts"].as_array().into_iter().flatten().filter_map(id_in) {
        must.extend(tables.tasks.get(&part).map(|task| task.created_by).filter(|creator| *creator != entry.actor));
        may.extend(around.assignees(part, before, told).into_iter().flatten().filter(|person| *person != entry.actor));
        may.extend(around.watchers.get(&part).into_iter().flatten().map(|(_, person)| *person));
    }
    may.extend(&must);
    may.remove(&entry.actor);
    (must, may)
}

/// What had its id by then was committed when something of this id happened.
fn surely_before(run: &Run, happened: DateTime<Utc>) -> DateTime<Utc> {
    let struck = run.struck.lock().unwrap();
    let freezes = struck.iter().filter(|one| one.what.starts_with("freeze"));
    let during = freezes.filter(|one| one.from <= happened && happened <= one.to + MARGIN);
    during.map(|one| one.from).chain([happened]).min().unwrap_or(happened) - MARGIN
}

/// Whom a comment names, if it is one: `@[Ann](user:<id>)`.
fn mentioned(entry: &Activity) -> Option<Uuid> {
    let (_, rest) = entry.to("comment")?.as_str()?.split_once("(user:")?;
    rest.split_once(')')?.0.parse().ok()
}

fn id_in(value: &Value) -> Option<Uuid> {
    value.as_str()?.parse().ok()
}
