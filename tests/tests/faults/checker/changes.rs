//! The ledger of the clients against tasks, comments and activity.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use uuid::Uuid;

use super::{
    Books,
    tables::{Activity, Tables, id_in},
};
use crate::{
    load::Team,
    run::{Asked, Entry, Outcome, Run},
};

impl Books {
    /// Every change that was acknowledged is there, with exactly one entry in the activity; and nothing is there that nobody asked for.
    /// Who moves a task out of sight or out of the project ends watching, and who is removed watches no more.
    pub(super) fn changes(&mut self, run: &Run, team: &Team, tables: &Tables) {
        let ledger = run.ledger.lock().unwrap();
        let versions = self.versions(tables);
        self.creates(&ledger, tables, &versions);
        self.edits(&ledger, tables, &versions);
        self.comments(&ledger, tables);
        for entry in ledger.iter() {
            if let (Asked::Watch { task }, Outcome::Done(_)) = (&entry.asked, &entry.outcome)
                && team.always_sees(entry.who, &tables.places(*task))
                && !tables.watchers.iter().any(|(of, who, _)| of == task && *who == entry.who)
            {
                self.wrong("watchers", format!("{} does not watch {task}", entry.who));
            }
        }
        self.add("books", "tasks", tables.tasks.len());
        self.add("books", "comments", tables.comments.len());
        self.add("books", "entries of activity", tables.activity.len());
    }

    /// Of each task the entries that made its versions: as many as there are, and they lead to what the task is now.
    fn versions<'a>(&mut self, tables: &'a Tables) -> BTreeMap<Uuid, Vec<&'a Activity>> {
        let mut versions: BTreeMap<Uuid, Vec<&Activity>> = BTreeMap::new();
        for entry in tables.activity.iter().filter(|entry| entry.is_version()) {
            versions.entry(entry.task).or_default().push(entry);
        }
        for task in tables.tasks.values() {
            let entries = versions.entry(task.id).or_default();
            let created = entries.iter().filter(|entry| entry.kind == "created").count();
            if i64::try_from(entries.len()).unwrap() != task.version || created != 1 || entries[0].kind != "created" {
                let version = task.version;
                self.wrong("activity", format!("task {} has version {version} and {} entries", task.id, entries.len()));
                continue;
            }
            let now = |field, otherwise| entries.iter().rev().find_map(|entry| entry.to(field)).unwrap_or(otherwise);
            let (todo, nobody) = (Value::from("todo"), Value::Null);
            let assignee = task.assignee_id.map_or(Value::Null, |id| Value::from(id.to_string()));
            let assigned_since = entries.iter().any(|entry| entry.to("assignee_id").is_some());
            let place = Value::from(task.project.to_string());
            let parent = task.parent_id.map_or(Value::Null, |id| Value::from(id.to_string()));
            let last = entries.iter().rev().find(|entry| matches!(entry.kind.as_str(), "deleted" | "restored"));
            if *now("status", &todo) != task.status
                || (assigned_since && *now("assignee_id", &nobody) != assignee)
                || *now("project_id", &place) != place
                || *now("parent_id", &parent) != parent
                || last.is_some_and(|entry| entry.kind == "deleted") != task.in_trash
            {
                self.wrong("activity", format!("task {} is not what its entries lead to", task.id));
            }
        }
        versions
    }

    fn creates(&mut self, ledger: &[Entry], tables: &Tables, versions: &BTreeMap<Uuid, Vec<&Activity>>) {
        let mut by_title: BTreeMap<&str, Vec<Uuid>> = BTreeMap::new();
        for task in tables.tasks.values() {
            by_title.entry(&task.title).or_default().push(task.id);
        }
        for entry in ledger {
            let Asked::Create { title } = &entry.asked else { continue };
            let there = by_title.remove(title.as_str()).unwrap_or_default();
            let right = match &entry.outcome {
                Outcome::Done(task) => there.len() == 1 && task["id"] == there[0].to_string(),
                Outcome::Refused(_) => there.is_empty(),
                Outcome::Unknown => there.len() <= 1,
            };
            if !right {
                self.wrong("creates", format!("{title}: {:?}, and there are {there:?}", entry.outcome));
            }
            for id in there {
                let creator = tables.tasks[&id].created_by;
                if creator != entry.who
                    || versions
                        .get(&id)
                        .and_then(|entries| entries.first())
                        .is_none_or(|created| created.actor != creator)
                {
                    self.wrong("creates", format!("{title} was created by {creator}, not by {}", entry.who));
                }
            }
        }
        for (title, ids) in by_title {
            self.wrong("creates", format!("nobody created {title}: {ids:?}"));
        }
    }

    /// Each version after the first was asked for by one who was told so, or by one whose answer was lost.
    fn edits(&mut self, ledger: &[Entry], tables: &Tables, versions: &BTreeMap<Uuid, Vec<&Activity>>) {
        let mut accounted: BTreeSet<Uuid> = BTreeSet::new();
        for entry in ledger {
            let (task, version) = match (&entry.asked, &entry.outcome) {
                (Asked::Change { task, version, .. } | Asked::Trash { task, version }, _) => (task, *version),
                (Asked::Restore { task }, Outcome::Done(now)) => (task, now["version"].as_i64().unwrap() - 1),
                _ => continue,
            };
            let place = usize::try_from(version).unwrap();
            let made = versions.get(task).and_then(|entries| entries.get(place));
            let ours = made.filter(|made| made.actor == entry.who && is_what_was_asked(made, &entry.asked));
            match (&entry.outcome, ours) {
                (Outcome::Done(now), Some(made)) => {
                    let shown = now.get("version").is_none_or(|shown| *shown == version + 1);
                    if !shown || !accounted.insert(made.id) {
                        self.wrong("edits", format!("{} was acknowledged twice, or as {}", made.id, now["version"]));
                    }
                }
                (Outcome::Done(_), None) => {
                    self.wrong("edits", format!("version {} of {task}, {:?}, is not there", version + 1, entry.asked));
                }
                (Outcome::Unknown, Some(made)) => {
                    accounted.insert(made.id);
                    self.add("books", "changes of unknown outcome that happened", 1);
                }
                (Outcome::Unknown, None) => self.add("books", "changes of unknown outcome that did not happen", 1),
                (Outcome::Refused(_), _) => {}
            }
        }
        let mut late = late_restorations(ledger);
        let missing =
            |entry: &&Activity| entry.is_version() && entry.kind != "created" && !accounted.contains(&entry.id);
        let mut unasked: Vec<&Activity> = tables.activity.iter().filter(missing).collect();
        unasked.retain(|entry| {
            let left = late.entry((entry.actor, entry.task)).or_default();
            let is_late = entry.kind == "restored" && *left > 0 && tables.outbox.contains_key(&entry.id);
            *left -= usize::from(is_late);
            !is_late || !accounted.insert(entry.id)
        });
        for entry in unasked {
            let root =
                tables.event_of(entry).is_some_and(|event| event.id != entry.id && accounted.contains(&event.id));
            if !root && !is_by_owner(ledger, tables, entry) {
                self.wrong("edits", format!("nobody asked for {} of {} by {}", entry.changes, entry.task, entry.actor));
            }
        }
    }

    fn comments(&mut self, ledger: &[Entry], tables: &Tables) {
        let mut written: BTreeMap<&str, Vec<&super::tables::Comment>> = BTreeMap::new();
        for comment in &tables.comments {
            written.entry(&comment.body).or_default().push(comment);
        }
        let mut noted: BTreeMap<&str, usize> = BTreeMap::new();
        for entry in tables.activity.iter().filter(|entry| entry.kind == "commented") {
            *noted.entry(entry.to("comment").and_then(Value::as_str).unwrap_or_default()).or_default() += 1;
        }
        for entry in ledger {
            let Asked::Comment { task, body } = &entry.asked else { continue };
            let there = written.remove(body.as_str()).unwrap_or_default();
            let right = match &entry.outcome {
                Outcome::Done(comment) => there.len() == 1 && comment["id"] == there[0].id.to_string(),
                Outcome::Refused(_) => there.is_empty(),
                Outcome::Unknown => there.len() <= 1,
            };
            let in_activity = noted.remove(body.as_str()).unwrap_or_default();
            let in_place = there.iter().all(|comment| comment.task == *task && comment.author == entry.who);
            if !right || in_activity != there.len() || !in_place {
                let count = there.len();
                self.wrong("comments", format!("{body} is there {count} times, {in_activity} times in the activity"));
            }
        }
        for body in written.keys().chain(noted.keys()) {
            self.wrong("comments", format!("nobody wrote {body}"));
        }
    }
}

/// Whether an entry says what somebody asked for.
fn is_what_was_asked(made: &Activity, asked: &Asked) -> bool {
    match asked {
        Asked::Change { field, to, .. } => made.to(field) == Some(to),
        Asked::Trash { .. } => made.kind == "deleted",
        _ => made.kind == "restored",
    }
}

/// How often each person may have restored each task without knowing: nothing keeps a request whose answer was lost from being late.
fn late_restorations(ledger: &[Entry]) -> BTreeMap<(Uuid, Uuid), usize> {
    let mut late = BTreeMap::new();
    for entry in ledger {
        if let Asked::Restore { task } = entry.asked {
            *late.entry((entry.who, task)).or_default() += entry.lost;
        }
    }
    late
}

/// Whether the owner asked for what changed a task among others: their project, or one of its members.
fn is_by_owner(ledger: &[Entry], tables: &Tables, entry: &Activity) -> bool {
    let of_project =
        |project: Uuid| tables.event_of(entry).is_some_and(|event| event.payload["project_id"] == project.to_string());
    let mut asked = ledger.iter().filter(|one| one.who == entry.actor && !matches!(one.outcome, Outcome::Refused(_)));
    asked.any(|one| match one.asked {
        Asked::Project { project, in_trash } => {
            entry.kind == (if in_trash { "deleted" } else { "restored" }) && of_project(project)
        }
        Asked::Member { person, belongs: false, .. } => {
            entry.kind == "assigned"
                && entry.to("assignee_id") == Some(&Value::Null)
                && entry.from("assignee_id").and_then(id_in) == Some(person)
        }
        _ => false,
    })
}
