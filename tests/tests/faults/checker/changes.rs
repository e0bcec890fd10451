//! Compares the history with tasks, comments and activity.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use uuid::Uuid;

use super::{
    Checker,
    tables::{Activity, Tables, id_in},
};
use crate::{
    load::Team,
    run::{Entry, Operation, Outcome, Run},
};

impl Checker {
    /// Checks that each acknowledged change is present, with exactly one activity entry, and that nothing is present
    /// that no client requested. Watching ends for users who move a task out of their sight, and for removed members.
    pub(super) fn changes(&mut self, run: &Run, team: &Team, tables: &Tables) {
        let history = run.history.lock().unwrap();
        let versions = self.versions(tables);
        self.creates(&history, tables, &versions);
        self.edits(&history, tables, &versions);
        self.comments(&history, tables);
        for entry in history.iter() {
            if let (Operation::Watch { task }, Outcome::Acknowledged(_)) = (&entry.operation, &entry.outcome)
                && team.always_sees(entry.who, &tables.places(*task))
                && !tables.watchers.iter().any(|(of, who, _)| of == task && *who == entry.who)
            {
                self.wrong("watchers", format!("{} does not watch {task}", entry.who));
            }
        }
        self.add("checker", "tasks", tables.tasks.len());
        self.add("checker", "comments", tables.comments.len());
        self.add("checker", "entries of activity", tables.activity.len());
    }

    /// Returns the activity entries of each task. Checks that there is one for each version, and that they lead to its
    /// current state.
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
            let (todo, none) = (Value::from("todo"), Value::Null);
            let assignee = task.assignee_id.map_or(Value::Null, |id| Value::from(id.to_string()));
            let assigned_since = entries.iter().any(|entry| entry.to("assignee_id").is_some());
            let place = Value::from(task.project.to_string());
            let parent = task.parent_id.map_or(Value::Null, |id| Value::from(id.to_string()));
            let last = entries.iter().rev().find(|entry| matches!(entry.kind.as_str(), "deleted" | "restored"));
            if *now("status", &todo) != task.status
                || (assigned_since && *now("assignee_id", &none) != assignee)
                || *now("project_id", &place) != place
                || *now("parent_id", &parent) != parent
                || last.is_some_and(|entry| entry.kind == "deleted") != task.in_trash
            {
                self.wrong("activity", format!("task {} differs from its entries", task.id));
            }
        }
        versions
    }

    fn creates(&mut self, history: &[Entry], tables: &Tables, versions: &BTreeMap<Uuid, Vec<&Activity>>) {
        let mut by_title: BTreeMap<&str, Vec<Uuid>> = BTreeMap::new();
        for task in tables.tasks.values() {
            by_title.entry(&task.title).or_default().push(task.id);
        }
        for entry in history {
            let Operation::Create { title } = &entry.operation else { continue };
            let there = by_title.remove(title.as_str()).unwrap_or_default();
            let right = match &entry.outcome {
                Outcome::Acknowledged(task) => there.len() == 1 && task["id"] == there[0].to_string(),
                Outcome::Rejected(_) => there.is_empty(),
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
            self.wrong("creates", format!("no client created {title}: {ids:?}"));
        }
    }

    /// Checks that each version after the first was requested by a client with an acknowledged or unknown outcome.
    fn edits(&mut self, history: &[Entry], tables: &Tables, versions: &BTreeMap<Uuid, Vec<&Activity>>) {
        let mut accounted: BTreeSet<Uuid> = BTreeSet::new();
        for entry in history {
            let (task, version) = match (&entry.operation, &entry.outcome) {
                (Operation::Change { task, version, .. } | Operation::Trash { task, version }, _) => (task, *version),
                (Operation::Restore { task }, Outcome::Acknowledged(now)) => {
                    (task, now["version"].as_i64().unwrap() - 1)
                }
                _ => continue,
            };
            let place = usize::try_from(version).unwrap();
            let made = versions.get(task).and_then(|entries| entries.get(place));
            let ours = made.filter(|made| made.actor == entry.who && matches_request(made, &entry.operation));
            match (&entry.outcome, ours) {
                (Outcome::Acknowledged(now), Some(made)) => {
                    let shown = now.get("version").is_none_or(|shown| *shown == version + 1);
                    if !shown || !accounted.insert(made.id) {
                        self.wrong("edits", format!("{} was acknowledged twice, or as {}", made.id, now["version"]));
                    }
                }
                (Outcome::Acknowledged(_), None) => {
                    self.wrong(
                        "edits",
                        format!("version {} of {task}, {:?}, is not there", version + 1, entry.operation),
                    );
                }
                (Outcome::Unknown, Some(made)) => {
                    accounted.insert(made.id);
                    self.add("checker", "changes of unknown outcome that happened", 1);
                }
                (Outcome::Unknown, None) => self.add("checker", "changes of unknown outcome that did not happen", 1),
                (Outcome::Rejected(_), _) => {}
            }
        }
        let mut late = late_restorations(history);
        let missing =
            |entry: &&Activity| entry.is_version() && entry.kind != "created" && !accounted.contains(&entry.id);
        let mut unrequested: Vec<&Activity> = tables.activity.iter().filter(missing).collect();
        unrequested.retain(|entry| {
            let left = late.entry((entry.actor, entry.task)).or_default();
            let is_late = entry.kind == "restored" && *left > 0 && tables.outbox.contains_key(&entry.id);
            *left -= usize::from(is_late);
            !is_late || !accounted.insert(entry.id)
        });
        for entry in unrequested {
            let root =
                tables.event_of(entry).is_some_and(|event| event.id != entry.id && accounted.contains(&event.id));
            if !root && !is_by_owner(history, tables, entry) {
                self.wrong(
                    "edits",
                    format!("no client requested {} of {} by {}", entry.changes, entry.task, entry.actor),
                );
            }
        }
    }

    fn comments(&mut self, history: &[Entry], tables: &Tables) {
        let mut written: BTreeMap<&str, Vec<&super::tables::Comment>> = BTreeMap::new();
        for comment in &tables.comments {
            written.entry(&comment.body).or_default().push(comment);
        }
        let mut noted: BTreeMap<&str, usize> = BTreeMap::new();
        for entry in tables.activity.iter().filter(|entry| entry.kind == "commented") {
            *noted.entry(entry.to("comment").and_then(Value::as_str).unwrap_or_default()).or_default() += 1;
        }
        for entry in history {
            let Operation::Comment { task, body } = &entry.operation else { continue };
            let there = written.remove(body.as_str()).unwrap_or_default();
            let right = match &entry.outcome {
                Outcome::Acknowledged(comment) => there.len() == 1 && comment["id"] == there[0].id.to_string(),
                Outcome::Rejected(_) => there.is_empty(),
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
            self.wrong("comments", format!("no client wrote {body}"));
        }
    }
}

/// Returns whether an entry has the requested change.
fn matches_request(made: &Activity, operation: &Operation) -> bool {
    match operation {
        Operation::Change { field, to, .. } => made.to(field) == Some(to),
        Operation::Trash { .. } => made.kind == "deleted",
        _ => made.kind == "restored",
    }
}

/// Returns how often each user may have restored each task without knowing: a request with a lost response may be
/// applied late.
fn late_restorations(history: &[Entry]) -> BTreeMap<(Uuid, Uuid), usize> {
    let mut late = BTreeMap::new();
    for entry in history {
        if let Operation::Restore { task } = entry.operation {
            *late.entry((entry.who, task)).or_default() += entry.lost;
        }
    }
    late
}

/// Returns whether the owner requested a change of several tasks: of their project, or of one of its members.
fn is_by_owner(history: &[Entry], tables: &Tables, entry: &Activity) -> bool {
    let of_project =
        |project: Uuid| tables.event_of(entry).is_some_and(|event| event.payload["project_id"] == project.to_string());
    let mut operation =
        history.iter().filter(|one| one.who == entry.actor && !matches!(one.outcome, Outcome::Rejected(_)));
    operation.any(|one| match one.operation {
        Operation::Project { project, in_trash } => {
            entry.kind == (if in_trash { "deleted" } else { "restored" }) && of_project(project)
        }
        Operation::Member { person, belongs: false, .. } => {
            entry.kind == "assigned"
                && entry.to("assignee_id") == Some(&Value::Null)
                && entry.from("assignee_id").and_then(id_in) == Some(person)
        }
        _ => false,
    })
}
