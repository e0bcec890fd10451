//! Who receives a notification of a change of a task, of which kind, and why.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use uuid::Uuid;

use super::{
    activity::{ActivityKind, Change, TaskField},
    event::TaskEvent,
    notification_kind::NotificationKind,
    reason::Reason,
};

/// The people around a task.
#[derive(Debug, Clone, Default)]
pub struct Audience {
    /// The creator.
    pub creator: Uuid,
    /// The assignee.
    pub assignee: Option<Uuid>,
    /// The people around the subtasks to which the same happened.
    pub around_parts: BTreeMap<Uuid, Reason>,
    /// The watchers.
    pub watchers: Vec<Uuid>,
    /// The watchers of its project.
    pub project_watchers: Vec<Uuid>,
    /// Those who muted it.
    pub muted: BTreeSet<Uuid>,
}

/// What a person is told, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// The kind of the notification.
    pub kind: NotificationKind,
    /// The first reason that fits.
    pub reason: Reason,
}

/// Returns who receives a notification of a change of a task, of which kind, and why: the assignee, the creator, the
/// watchers of the task and of its project, and the people who are mentioned, each once, of the kind that matters most
/// to them. Who muted the task is told only of mentions and of what is assigned to them. The actor is left out, and
/// everyone who is not in `may_see`.
pub fn recipients(
    event: &TaskEvent,
    changes: &[Change],
    audience: &Audience,
    may_see: &BTreeSet<Uuid>,
) -> BTreeMap<Uuid, Told> {
    let (from, to) = reassigned(event, changes);
    let reasons = reasons(event, audience, [from, to]);
    let mut kinds = BTreeMap::new();
    // From what matters least to what matters most: the later kind replaces the earlier.
    if event.kind == ActivityKind::Created {
        kinds.extend(audience.project_watchers.iter().map(|&id| (id, NotificationKind::TaskCreated)));
    }
    if let Some(kind) = kind_for_everyone(event.kind, changes) {
        kinds.extend(reasons.keys().map(|&id| (id, kind)));
    }
    kinds.extend(from.map(|id| (id, NotificationKind::TaskUnassigned)));
    kinds.extend(event.mentioned.iter().map(|&id| (id, NotificationKind::Mentioned)));
    kinds.extend(to.map(|id| (id, NotificationKind::TaskAssigned)));
    kinds.retain(|id, kind| {
        let matters = matches!(kind, NotificationKind::Mentioned | NotificationKind::TaskAssigned);
        *id != event.actor_id && may_see.contains(id) && (matters || !audience.muted.contains(id))
    });
    kinds.into_iter().filter_map(|(id, kind)| Some((id, Told { kind, reason: *reasons.get(&id)? }))).collect()
}

/// Returns everyone whom a change concerns, and the first reason that fits each.
fn reasons(event: &TaskEvent, audience: &Audience, reassigned: [Option<Uuid>; 2]) -> BTreeMap<Uuid, Reason> {
    let mut reasons = audience.around_parts.clone();
    let assignees = reassigned.into_iter().chain([audience.assignee]).flatten().map(|id| (id, Reason::Assignee));
    let mentioned = event.mentioned.iter().map(|&id| (id, Reason::Mentioned));
    let watchers = audience.watchers.iter().map(|&id| (id, Reason::Watcher));
    let project_watchers = audience.project_watchers.iter().map(|&id| (id, Reason::ProjectWatcher));
    let creator = [(audience.creator, Reason::Creator)];
    for (id, reason) in mentioned.chain(assignees).chain(creator).chain(watchers).chain(project_watchers) {
        let first = reasons.entry(id).or_insert(reason);
        *first = reason.min(*first);
    }
    reasons
}

/// Returns the person from whom a task was taken, and the person to whom it was given.
pub fn reassigned(event: &TaskEvent, changes: &[Change]) -> (Option<Uuid>, Option<Uuid>) {
    let person = |value: &Value| value.as_str().and_then(|id| id.parse().ok());
    match changes.iter().find(|change| change.field == TaskField::AssigneeId) {
        Some(change) => (person(&change.from), person(&change.to)),
        None => (None, event.assignee_id),
    }
}

/// Returns the project that a task left, if it moved to another.
pub fn left(changes: &[Change]) -> Option<Uuid> {
    let moved = changes.iter().find(|change| change.field == TaskField::ProjectId)?;
    moved.from.as_str()?.parse().ok()
}

fn kind_for_everyone(happened: ActivityKind, changes: &[Change]) -> Option<NotificationKind> {
    match happened {
        // A new task concerns only its assignee and the watchers of its project, and a changed or deleted comment only
        // the people whom it newly mentions.
        ActivityKind::Created | ActivityKind::CommentUpdated | ActivityKind::CommentDeleted => None,
        ActivityKind::Commented => Some(NotificationKind::TaskCommented),
        ActivityKind::Deleted => Some(NotificationKind::TaskDeleted),
        _ if changes.iter().any(|change| change.field == TaskField::Status) => {
            Some(NotificationKind::TaskStatusChanged)
        }
        _ => Some(NotificationKind::TaskUpdated),
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;
    use serde_json::json;

    use super::*;

    fn event(kind: ActivityKind, actor_id: Uuid) -> TaskEvent {
        TaskEvent {
            kind,
            activity_id: Uuid::now_v7(),
            task_id: Uuid::now_v7(),
            actor_id,
            assignee_id: None,
            comment_id: None,
            mentioned: vec![],
            parts: vec![],
            feed: Vec::new(),
        }
    }

    fn change(field: TaskField, from: impl Serialize, to: impl Serialize) -> Change {
        Change { field, from: json!(from), to: json!(to) }
    }

    fn around(creator: Uuid, assignee: Option<Uuid>, watchers: &[Uuid]) -> Audience {
        Audience { creator, assignee, watchers: watchers.to_vec(), ..Audience::default() }
    }

    fn kinds(
        event: &TaskEvent,
        changes: &[Change],
        audience: &Audience,
        may_see: &BTreeSet<Uuid>,
    ) -> BTreeMap<Uuid, NotificationKind> {
        recipients(event, changes, audience, may_see).into_iter().map(|(id, told)| (id, told.kind)).collect()
    }

    /// Returns a creator, an assignee, a watcher, another person, and the set of all four, who may see the task.
    fn people() -> (Uuid, Uuid, Uuid, Uuid, BTreeSet<Uuid>) {
        let ids = [(); 4].map(|()| Uuid::now_v7());
        (ids[0], ids[1], ids[2], ids[3], ids.into())
    }

    #[test]
    fn everyone_around_a_task_except_the_actor_is_notified_once() {
        let (creator, assignee, watcher, _, all) = people();
        let audience = around(creator, Some(assignee), &[watcher, assignee, creator]);
        let status = [change(TaskField::Status, "todo", "done")];
        let told = kinds(&event(ActivityKind::StatusChanged, assignee), &status, &audience, &all);
        assert_eq!(told, BTreeMap::from([creator, watcher].map(|id| (id, NotificationKind::TaskStatusChanged))));
    }

    #[test]
    fn people_who_may_not_see_the_task_are_not_notified() {
        let (creator, assignee, watcher, other, mut all) = people();
        all.remove(&watcher);
        all.remove(&other);
        let audience = around(creator, Some(assignee), &[watcher]);
        let mut commented = event(ActivityKind::Commented, creator);
        commented.mentioned = vec![other];
        let told = kinds(&commented, &[], &audience, &all);
        assert_eq!(told, BTreeMap::from([(assignee, NotificationKind::TaskCommented)]));
    }

    #[test]
    fn the_most_important_reason_determines_the_kind() {
        let (creator, old, watcher, new, all) = people();
        let audience = around(creator, Some(new), &[watcher, old, new]);
        let changes = [change(TaskField::AssigneeId, old, new), change(TaskField::Status, "todo", "in_progress")];
        let told = kinds(&event(ActivityKind::Assigned, creator), &changes, &audience, &all);
        let expected = [
            (old, NotificationKind::TaskUnassigned),
            (new, NotificationKind::TaskAssigned),
            (watcher, NotificationKind::TaskStatusChanged),
        ];
        assert_eq!(told, BTreeMap::from(expected));

        let mut commented = event(ActivityKind::Commented, creator);
        commented.mentioned = vec![new, creator];
        let told = kinds(&commented, &[], &audience, &all);
        assert_eq!(
            (told[&new], told[&watcher], told.contains_key(&creator)),
            (NotificationKind::Mentioned, NotificationKind::TaskCommented, false)
        );
    }

    #[test]
    fn a_new_task_notifies_its_assignee_and_a_changed_comment_the_newly_mentioned() {
        let (creator, assignee, watcher, other, all) = people();
        let audience = around(creator, Some(other), &[watcher]);
        let mut created = event(ActivityKind::Created, creator);
        created.assignee_id = Some(assignee);
        assert_eq!(kinds(&created, &[], &audience, &all), BTreeMap::from([(assignee, NotificationKind::TaskAssigned)]));
        created.assignee_id = Some(creator);
        assert!(kinds(&created, &[], &audience, &all).is_empty());

        // It also concerns the people whom its description mentions. For the assignee, the assignment matters more.
        created.assignee_id = Some(assignee);
        created.mentioned = vec![assignee, other, creator];
        let expected = [(assignee, NotificationKind::TaskAssigned), (other, NotificationKind::Mentioned)];
        assert_eq!(kinds(&created, &[], &audience, &all), BTreeMap::from(expected));

        let mut edited = event(ActivityKind::CommentUpdated, creator);
        edited.mentioned = vec![other];
        assert_eq!(kinds(&edited, &[], &audience, &all), BTreeMap::from([(other, NotificationKind::Mentioned)]));
        assert!(kinds(&event(ActivityKind::CommentDeleted, creator), &[], &audience, &all).is_empty());
    }

    #[test]
    fn the_first_reason_that_fits_is_stated() {
        use Reason::{Assignee, Creator, Mentioned, ProjectWatcher, Watcher};
        let all = [(); 8].map(|()| Uuid::now_v7());
        let [actor, mentioned, assignee, creator, watcher, follower, part, stranger] = all;
        let audience = Audience {
            creator,
            assignee: Some(assignee),
            around_parts: [(part, Reason::Assignee), (watcher, Reason::Creator), (follower, Reason::Watcher)].into(),
            watchers: vec![mentioned, assignee, creator, watcher],
            project_watchers: all[..6].to_vec(),
            muted: BTreeSet::new(),
        };
        let mut commented = event(ActivityKind::Commented, actor);
        commented.mentioned = vec![mentioned];
        let reasons = |audience: &Audience, event: &TaskEvent, changes: &[Change]| -> Vec<Option<Reason>> {
            let told = recipients(event, changes, audience, &all.into());
            all.iter().map(|id| told.get(id).map(|told| told.reason)).collect()
        };
        let (none, some) = (None::<Reason>, Some);
        // The actor, mentioned, assignee, creator, watcher, watcher of the project, around a subtask, a stranger.
        assert_eq!(
            reasons(&audience, &commented, &[]),
            [none, some(Mentioned), some(Assignee), some(Creator), some(Creator), some(Watcher), some(Assignee), none]
        );
        let audience = Audience { around_parts: BTreeMap::new(), ..audience };
        assert_eq!(
            reasons(&audience, &commented, &[]),
            [none, some(Mentioned), some(Assignee), some(Creator), some(Watcher), some(ProjectWatcher), none, none]
        );
        // From whom a task is taken, and to whom it is given.
        let changes = [change(TaskField::AssigneeId, part, stranger)];
        let given = reasons(&audience, &event(ActivityKind::Assigned, actor), &changes);
        assert_eq!(given[6..], [some(Assignee), some(Assignee)]);
    }

    #[test]
    fn watchers_of_a_project_are_told_of_new_tasks_unless_something_stronger_fits() {
        let [actor, assignee, follower] = [(); 3].map(|()| Uuid::now_v7());
        let all = [actor, assignee, follower];
        let audience = Audience {
            creator: actor,
            assignee: Some(assignee),
            project_watchers: all.to_vec(),
            watchers: vec![],
            ..Audience::default()
        };
        let mut created = event(ActivityKind::Created, actor);
        created.assignee_id = Some(assignee);
        let told = recipients(&created, &[], &audience, &all.into());
        let expected = [
            (assignee, Told { kind: NotificationKind::TaskAssigned, reason: Reason::Assignee }),
            (follower, Told { kind: NotificationKind::TaskCreated, reason: Reason::ProjectWatcher }),
        ];
        assert_eq!(told, expected.into());
        let status = [change(TaskField::Status, "todo", "done")];
        let told = kinds(&event(ActivityKind::StatusChanged, actor), &status, &audience, &all.into());
        assert_eq!(told[&follower], NotificationKind::TaskStatusChanged);
        assert!(kinds(&event(ActivityKind::CommentDeleted, actor), &[], &audience, &all.into()).is_empty());
    }

    #[test]
    fn a_muted_task_tells_only_of_mentions_and_assignments() {
        let [actor, one, other] = [(); 3].map(|()| Uuid::now_v7());
        let all = [actor, one, other];
        let audience = Audience {
            creator: one,
            assignee: Some(one),
            around_parts: [(one, Reason::Assignee)].into(),
            watchers: vec![one],
            project_watchers: vec![one],
            muted: [one].into(),
        };
        let to = |from, to| [change(TaskField::AssigneeId, from, to)];
        let mention = TaskEvent { mentioned: vec![one], ..event(ActivityKind::Commented, actor) };
        for (event, changes, kind) in [
            (event(ActivityKind::Commented, actor), vec![], None),
            (event(ActivityKind::Created, actor), vec![], None),
            (event(ActivityKind::Deleted, actor), vec![], None),
            (event(ActivityKind::StatusChanged, actor), vec![change(TaskField::Status, "todo", "done")], None),
            (event(ActivityKind::Assigned, actor), to(one, other).to_vec(), None),
            (event(ActivityKind::Assigned, actor), to(other, one).to_vec(), Some(NotificationKind::TaskAssigned)),
            (mention, vec![], Some(NotificationKind::Mentioned)),
        ] {
            let told = kinds(&event, &changes, &audience, &all.into());
            assert_eq!(told.get(&one).copied(), kind, "{event:?}");
        }
    }
}
