//! Compares projects and members with the history of their owner, and checks the invariants.

use uuid::Uuid;

use super::{Checker, tables::Tables};
use crate::{
    load::Team,
    run::{Operation, Outcome, Run},
};

/// How often something may have happened.
#[derive(Default)]
struct Times {
    least: usize,
    most: usize,
}

impl Times {
    fn contain(&self, number: usize) -> bool {
        (self.least..=self.most).contains(&number)
    }
}

impl Checker {
    pub(super) fn projects(&mut self, run: &Run, team: &Team, tables: &Tables) {
        for (id, version, in_trash) in &tables.projects {
            let mut times = Times { least: 1, most: 1 };
            for entry in run.history.lock().unwrap().iter() {
                let Operation::Project { project, in_trash } = entry.operation else { continue };
                if project == *id {
                    let done = usize::from(matches!(entry.outcome, Outcome::Acknowledged(_)));
                    // A restoration with a lost response may be applied late.
                    let open =
                        if in_trash { usize::from(matches!(entry.outcome, Outcome::Unknown)) } else { entry.lost };
                    (times.least, times.most) = (times.least + done, times.most + done + open);
                }
            }
            if *in_trash || !times.contain(usize::try_from(*version).unwrap()) {
                let Times { least, most } = times;
                self.wrong(
                    "projects",
                    format!("{id} has version {version} of {least} to {most}, in trash: {in_trash}"),
                );
            }
        }
        for project in &team.projects {
            for person in &team.people {
                self.member(run, tables, project.id, person.id, project.has(person.id));
            }
        }
        for broken in &tables.broken {
            self.wrong("invariants", broken);
        }
    }

    /// Checks that each member was added once, and once more after each removal.
    fn member(&mut self, run: &Run, tables: &Tables, project: Uuid, person: Uuid, belongs: bool) {
        let (mut added, mut lost) = (usize::from(belongs), 0);
        for entry in run.history.lock().unwrap().iter() {
            let Operation::Member { project: of, person: who, belongs } = entry.operation else { continue };
            if (of, who) == (project, person) {
                added += usize::from(belongs && matches!(entry.outcome, Outcome::Acknowledged(_)));
                lost += entry.lost;
            }
        }
        let ids = [project, person].map(|id| id.to_string());
        let events = tables.outbox.values().filter(|event| {
            event.payload["event"] == "added_to_project"
                && event.payload["project_id"] == ids[0].as_str()
                && event.payload["user_id"] == ids[1].as_str()
        });
        let (events, is_member) = (events.count(), tables.sees(person, project));
        // An unguarded operation with a lost response may be applied late: one more addition or one less.
        let times = Times { least: added.saturating_sub(lost), most: added + lost };
        if !times.contain(events) || (is_member != belongs && lost == 0) {
            self.wrong("members", format!("{person} was added to {project} {events} times of {added}, {is_member}"));
        }
    }
}
