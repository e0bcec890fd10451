//! Compares events with inboxes: each recipient is notified once, and nobody else.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::{
    Checker,
    tables::{Activity, Message, Tables, id_in, time_of},
};
use crate::{
    load::Team,
    run::{Operation, Run},
};

/// The longest time between the id of a change and its commit, unless something is frozen.
const MARGIN: TimeDelta = TimeDelta::seconds(1);

impl Checker {
    /// Checks the recipients of each event. They are determined when the event is processed: if the assignee changed
    /// between the two, either may have been notified. The same applies to tasks that moved, and to projects whose
    /// members change.
    pub(super) fn notifications(&mut self, run: &Run, team: &Team, tables: &Tables) {
        let mut told: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
        for one in &tables.notifications {
            told.entry(one.event).or_default().push(one.user);
        }
        let around = Around::of(run, tables);
        let of_activity: BTreeMap<Uuid, &Activity> = tables.activity.iter().map(|entry| (entry.id, entry)).collect();
        for (id, message) in tables.outbox.iter().filter(|(_, message)| message.queue == "events") {
            let told = told.remove(id).unwrap_or_default();
            let (must, may) = match of_activity.get(id) {
                Some(entry) => concerned(run, team, tables, &around, entry, message),
                None => match message.payload["event"].as_str().unwrap_or_default() {
                    "added_to_project" => added(team, message),
                    "project" => of_project(run, team, tables, &around, message),
                    "tasks_left" => left(team, message),
                    _ => Default::default(),
                },
            };
            let once: BTreeSet<Uuid> = told.iter().copied().collect();
            if once.len() != told.len() || !must.is_subset(&once) || !once.is_subset(&may) {
                let payload = &message.payload;
                self.wrong("notifications", format!("{id} notified {told:?}, must {must:?}, may {may:?}: {payload}"));
            }
            self.add("notifications", "required", once.len());
            self.add("notifications", "where either is correct", may.difference(&must).count());
        }
        for (event, people) in told {
            self.wrong("notifications", format!("{people:?} were notified of {event}, which does not exist"));
        }
    }

    /// Checks that users who created a moved task or subtask and do not see its new project are notified.
    pub(super) fn users_who_lost_access(&mut self, team: &Team, tables: &Tables) {
        for entry in tables.activity.iter().filter(|entry| entry.kind == "moved") {
            let Some(message) = tables.outbox.get(&entry.id) else { continue };
            let to: Vec<Uuid> = entry.to("project_id").and_then(id_in).into_iter().collect();
            let tree = ids_in(&message.payload["parts"]).chain([entry.task]);
            let mut people: BTreeSet<Uuid> = tree.filter_map(|id| Some(tables.tasks.get(&id)?.created_by)).collect();
            people.extend(entry.from("assignee_id").and_then(id_in));
            people.retain(|person| *person != entry.actor && !team.sometimes_sees(*person, &to));
            let mut events = tables.outbox.values().filter(|event| event.at == message.at);
            let told: BTreeSet<Uuid> = events
                .find(|event| {
                    event.payload["event"] == "tasks_left" && event.payload["actor_id"] == entry.actor.to_string()
                })
                .map_or_else(BTreeSet::new, |event| ids_in(&event.payload["user_ids"]).collect());
            if !people.is_subset(&told) {
                self.wrong("lost access", format!("by {}: {people:?}, notified: {told:?}", entry.id));
            }
            self.add("notifications", "that a task was moved away", told.len());
        }
    }

    /// Checks that a user's `seq` counts from 1 without gaps, and that the number of unread notifications is correct.
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

/// The assignees, watchers and projects of each task over time.
#[derive(Default)]
struct Around {
    assignees: BTreeMap<Uuid, Vec<Since<Option<Uuid>>>>,
    watchers: BTreeMap<Uuid, Vec<Since<Uuid>>>,
    /// Users who requested to watch it, and may have stopped.
    watch_requests: BTreeMap<Uuid, BTreeSet<Uuid>>,
    projects: BTreeMap<Uuid, Vec<Since<Uuid>>>,
}

type Since<T> = (DateTime<Utc>, T);

/// Users who must be notified, and users who may be.
type Told = (BTreeSet<Uuid>, BTreeSet<Uuid>);

impl Around {
    fn of(run: &Run, tables: &Tables) -> Self {
        let mut around = Self::default();
        for entry in &tables.activity {
            let at = time_of(entry.id);
            if let (Some(from), Some(to)) =
                (entry.from("project_id").and_then(id_in), entry.to("project_id").and_then(id_in))
            {
                let places = around.projects.entry(entry.task).or_insert_with(|| vec![(DateTime::UNIX_EPOCH, from)]);
                places.push((at, to));
            }
            let assignee = match entry.kind.as_str() {
                "created" => tables.outbox.get(&entry.id).and_then(|event| id_in(&event.payload["assignee_id"])),
                _ => match entry.to("assignee_id") {
                    Some(to) => id_in(to),
                    None => continue,
                },
            };
            around.assignees.entry(entry.task).or_default().push((at, assignee));
        }
        for task in tables.tasks.values() {
            around.projects.entry(task.id).or_insert_with(|| vec![(DateTime::UNIX_EPOCH, task.project)]);
        }
        for (task, person, since) in &tables.watchers {
            around.watchers.entry(*task).or_default().push((*since, *person));
        }
        for entry in run.history.lock().unwrap().iter() {
            if let Operation::Watch { task } = entry.operation {
                around.watch_requests.entry(task).or_default().insert(entry.who);
            }
        }
        around
    }

    /// Adds the users who are involved in a task while the event is processed.
    fn add(&self, (must, may): &mut Told, tables: &Tables, task: Uuid, before: DateTime<Utc>, told: DateTime<Utc>) {
        must.extend(tables.tasks.get(&task).map(|task| task.created_by));
        match during(self.assignees.get(&task), before, told).as_slice() {
            [only] => must.extend(*only),
            some => may.extend(some.iter().flatten()),
        }
        for (since, person) in self.watchers.get(&task).into_iter().flatten() {
            if *since < before {
                must.insert(*person);
            } else if *since <= told {
                may.insert(*person);
            }
        }
        may.extend(self.watch_requests.get(&task).into_iter().flatten());
    }
}

/// Returns the values that were valid in an interval, in order.
fn during<T: Copy>(all: Option<&Vec<Since<T>>>, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<T> {
    let all = all.map_or(&[][..], Vec::as_slice);
    let (before, later) = all.split_at(all.partition_point(|(at, _)| *at <= from));
    let during = later.iter().take_while(|(at, _)| *at <= to);
    before.last().into_iter().chain(during).map(|(_, what)| *what).collect()
}

/// Returns who must and who may be notified of a change of a task.
fn concerned(run: &Run, team: &Team, tables: &Tables, around: &Around, entry: &Activity, message: &Message) -> Told {
    let mut people = Told::default();
    let happened = time_of(entry.id);
    let (before, told) = (surely_before(run, happened), message.handled_at.unwrap_or_else(Utc::now));
    if entry.kind == "created" {
        people.0.extend(id_in(&message.payload["assignee_id"]));
    } else {
        around.add(&mut people, tables, entry.task, before, told);
        people.0.extend(entry.from("assignee_id").and_then(id_in));
        people.0.extend(entry.to("assignee_id").and_then(id_in));
        people.0.extend(mentioned(entry));
    }
    for part in ids_in(&message.payload["parts"]) {
        around.add(&mut people, tables, part, before, told);
    }
    seeing(team, people, &during(around.projects.get(&entry.task), happened, told), entry.actor)
}

/// Returns the same for a change of several tasks of a project.
fn of_project(run: &Run, team: &Team, tables: &Tables, around: &Around, message: &Message) -> Told {
    let mut people = Told::default();
    let (before, told) = (surely_before(run, time_of(message.id)), message.handled_at.unwrap_or_else(Utc::now));
    for task in ids_in(&message.payload["task_ids"]) {
        around.add(&mut people, tables, task, before, told);
    }
    let [project, actor] = ["project_id", "actor_id"].map(|field| id_in(&message.payload[field]).unwrap());
    seeing(team, people, &[project], actor)
}

/// A new member is notified, unless they were removed before, or the project is in the trash.
fn added(team: &Team, message: &Message) -> Told {
    let [project, person] = ["project_id", "user_id"].map(|field| id_in(&message.payload[field]).unwrap());
    let volatile = team.projects.iter().any(|one| one.id == project && !one.volatile_members.is_empty());
    let may = BTreeSet::from([person]);
    (if volatile { BTreeSet::new() } else { may.clone() }, may)
}

/// Users who do not see where a task went are notified that it left, if they are still members of its former project.
fn left(team: &Team, message: &Message) -> Told {
    let people: BTreeSet<Uuid> = ids_in(&message.payload["user_ids"]).collect();
    let project = id_in(&message.payload["project_id"]).unwrap();
    seeing(team, (people.clone(), people), &[project], id_in(&message.payload["actor_id"]).unwrap())
}

/// Removes the actor and users without access. Users with temporary access may be notified.
fn seeing(team: &Team, (mut must, mut may): Told, places: &[Uuid], actor: Uuid) -> Told {
    may.extend(&must);
    must.retain(|person| *person != actor && team.always_sees(*person, places));
    may.retain(|person| *person != actor && team.sometimes_sees(*person, places));
    (must, may)
}

/// Returns a time before which everything was committed when the change with this time happened.
fn surely_before(run: &Run, happened: DateTime<Utc>) -> DateTime<Utc> {
    let injected = run.injected.lock().unwrap();
    let freezes = injected.iter().filter(|one| one.what.starts_with("freeze"));
    let during = freezes.filter(|one| one.from <= happened && happened <= one.to + MARGIN);
    during.map(|one| one.from).chain([happened]).min().unwrap_or(happened) - MARGIN
}

/// Returns the mentioned user of a comment: `@[Ann](user:<id>)`.
fn mentioned(entry: &Activity) -> Option<Uuid> {
    let (_, rest) = entry.to("comment")?.as_str()?.split_once("(user:")?;
    rest.split_once(')')?.0.parse().ok()
}

fn ids_in(values: &Value) -> impl Iterator<Item = Uuid> {
    values.as_array().into_iter().flatten().filter_map(id_in)
}
