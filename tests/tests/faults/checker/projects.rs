//! Projects and their members against what their owner was told; and what must hold whatever happened.

use uuid::Uuid;

use super::{Books, tables::Tables};
use crate::{
    load::Team,
    run::{Asked, Outcome, Run},
};

/// How often something happened: at least, and at most.
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

impl Books {
    pub(super) fn projects(&mut self, run: &Run, team: &Team, tables: &Tables) {
        for (id, version, in_trash) in &tables.projects {
            let mut times = Times { least: 1, most: 1 };
            for entry in run.ledger.lock().unwrap().iter() {
                let Asked::Project { project, in_trash } = entry.asked else { continue };
                if project == *id {
                    let done = usize::from(matches!(entry.outcome, Outcome::Done(_)));
                    // Nothing keeps a restoration whose answer was lost from happening late.
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
            self.wrong("the rules", broken);
        }
    }

    /// Who belongs to a project was added to it once, and once more for each time after a removal.
    fn member(&mut self, run: &Run, tables: &Tables, project: Uuid, person: Uuid, belongs: bool) {
        let (mut added, mut lost) = (usize::from(belongs), 0);
        for entry in run.ledger.lock().unwrap().iter() {
            let Asked::Member { project: of, person: who, belongs } = entry.asked else { continue };
            if (of, who) == (project, person) {
                added += usize::from(belongs && matches!(entry.outcome, Outcome::Done(_)));
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
        // What nothing guards may happen late if its answer was lost, and makes one more of the one, and one less of the other.
        let times = Times { least: added.saturating_sub(lost), most: added + lost };
        if !times.contain(events) || (is_member != belongs && lost == 0) {
            self.wrong("members", format!("{person} was added to {project} {events} times of {added}, {is_member}"));
        }
    }
}
