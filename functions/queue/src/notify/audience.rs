//! Who receives a notification of an event, and with which text.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use shared::{
    db::{
        PgConnection, mentions,
        notifications::{self, Content, Person},
        project_watchers, projects, reports, tasks, watchers,
    },
    domain::{
        activity::ActivityKind,
        event::{Event, TaskEvent, Unassigned, count, with_parts},
        notification::NotificationText,
        notification_kind::NotificationKind,
        reason::Reason,
        recipients::{Audience, Told, left, reassigned, recipients},
        wording::moment,
    },
};
use uuid::Uuid;

use super::TaskChange;

/// The notifications of one event, before their deliveries are planned.
pub(super) struct Announcement {
    pub(super) content: Content,
    pub(super) recipients: Vec<(Person, Text)>,
}

/// What one recipient reads.
#[derive(Clone)]
pub(super) struct Text {
    pub(super) kind: NotificationKind,
    pub(super) reason: Option<Reason>,
    pub(super) title: String,
    pub(super) body: String,
}

impl Announcement {
    /// Says the same to all of these people, each for their own reason.
    fn to_all(content: Content, people: Vec<Person>, text: &Text, reasons: &BTreeMap<Uuid, Reason>) -> Self {
        let recipient = |person: Person| {
            let reason = reasons.get(&person.id).copied();
            (person, Text { reason, ..text.clone() })
        };
        Self { content, recipients: people.into_iter().map(recipient).collect() }
    }
}

/// Returns the notifications of an event. `None` if nobody receives one.
pub(super) async fn of_event(
    conn: &mut PgConnection,
    event_id: Uuid,
    event: &Event,
    change: Option<&TaskChange<'_>>,
) -> anyhow::Result<Option<Announcement>> {
    match event {
        Event::Task(_) => match change {
            Some(change) => of_task(conn, change).await.map(Some),
            None => Ok(None),
        },
        Event::Project { .. } => of_project(conn, event_id, event).await,
        Event::TasksLeft { .. } => of_tasks_that_left(conn, event_id, event).await,
        Event::AddedToProject { .. } => of_membership(conn, event_id, event).await,
        Event::Reminder { .. } => of_deadline(conn, event_id, event).await,
        Event::ReportReady { report_id } => of_report(conn, event_id, *report_id).await,
        Event::ProjectChanged { .. }
        | Event::InboxChanged { .. }
        | Event::SnoozeOver { .. }
        | Event::SessionsEnded { .. }
        | Event::QuietHoursOver { .. } => Ok(None),
    }
}

/// A change of a task: everyone concerned.
async fn of_task(conn: &mut PgConnection, change: &TaskChange<'_>) -> anyhow::Result<Announcement> {
    let TaskChange { event, task, entry, .. } = change;
    let changes = &entry.changes;
    let (from, to) = reassigned(event, changes);
    // The people around a subtask receive one notification about the tree.
    let around_parts = watchers::people_of_tasks(conn, &event.parts).await?;
    // The watchers of the project that it left, in which it happened, too.
    let former = match left(changes) {
        Some(project_id) => project_watchers::ids(conn, project_id).await?,
        None => Vec::new(),
    };
    let mut around: Vec<Uuid> = event.mentioned.iter().chain(around_parts.keys()).chain(&former).copied().collect();
    around.extend([Some(task.created_by), task.assignee_id, from, to].into_iter().flatten());
    let mut people = notifications::people(conn, task.project_id, Some(task.id), &around).await?;
    people.retain(|person| change.is_visible_to(person.id));

    let those = |is: fn(&Person) -> bool| people.iter().filter(move |person| is(person)).map(|person| person.id);
    let audience = Audience {
        creator: task.created_by,
        assignee: task.assignee_id,
        around_parts,
        watchers: those(|person| person.watches).collect(),
        project_watchers: those(|person| person.watches_project).chain(former).collect(),
        muted: those(|person| person.muted).collect(),
    };
    let may_see: BTreeSet<Uuid> = people.iter().map(|person| person.id).collect();
    let mentioned: Vec<Uuid> =
        event.mentioned.iter().copied().filter(|id| *id != event.actor_id && may_see.contains(id)).collect();
    let text_id = event.comment_id.unwrap_or(task.id);
    // A mention is announced once, however often it is taken out and put back.
    let event = &TaskEvent {
        mentioned: mentions::mark_notified(conn, task.id, text_id, &mentioned).await?,
        ..(*event).clone()
    };
    let told = recipients(event, changes, &audience, &may_see);

    let text = NotificationText {
        event,
        changes,
        actor: &entry.actor,
        key: &task.key,
        title: &task.title,
        due_at: task.due_at,
        comment: change.comment.as_ref().map(|comment| comment.body.as_str()),
    };
    let content = Content {
        event_id: event.activity_id,
        task_id: Some(task.id),
        project_id: Some(task.project_id),
        actor_id: Some(event.actor_id),
        data: text.data(),
    };
    let recipient = |person: Person| {
        let &Told { kind, reason } = told.get(&person.id)?;
        Some((person, Text { kind, reason: Some(reason), title: text.headline(kind), body: text.body(kind) }))
    };
    Ok(Announcement { content, recipients: people.into_iter().filter_map(recipient).collect() })
}

/// A project that was moved to the trash or restored, or whose tasks lost their assignee: the people around its tasks,
/// and the person who became a viewer.
async fn of_project(conn: &mut PgConnection, event_id: Uuid, event: &Event) -> anyhow::Result<Option<Announcement>> {
    let &Event::Project { kind: happened, project_id, actor_id, ref task_ids, unassigned } = event else {
        return Ok(None);
    };
    let Some(names) = projects::names(conn, project_id, actor_id).await? else { return Ok(None) };
    let viewer = match unassigned {
        Some(Unassigned::Viewer(id)) => Some(id),
        _ => None,
    };
    let mut around = watchers::people_of_tasks(conn, task_ids).await?;
    for id in project_watchers::concerned(conn, project_id, task_ids).await? {
        around.entry(id).or_insert(Reason::ProjectWatcher);
    }
    around.extend(viewer.map(|id| (id, Reason::Assignee)));
    let ids: Vec<Uuid> = around.keys().copied().collect();
    let mut people = notifications::people(conn, project_id, None, &ids).await?;
    people.retain(|person| person.id != actor_id);
    let (user, project, tasks) = (&names.user, &names.project, count(task_ids.len(), "task"));
    let (kind, title) = match (happened, unassigned) {
        (_, Some(why)) => {
            let Some(member) = projects::names(conn, project_id, why.user_id()).await? else {
                return Ok(None);
            };
            let member = format!("{}, the assignee of {tasks}", member.user);
            let title = match why {
                Unassigned::Removed(_) => format!("{user} removed {member}, from {project}"),
                Unassigned::Viewer(_) => format!("{user} made {member}, a viewer of {project}"),
            };
            (NotificationKind::TaskUpdated, title)
        }
        (ActivityKind::Deleted, None) => {
            (NotificationKind::TaskDeleted, format!("{user} deleted {project} with {tasks}"))
        }
        (_, None) => (NotificationKind::TaskUpdated, format!("{user} restored {project} with {tasks}")),
    };
    let data = json!({ "task_count": task_ids.len() });
    let content = Content { event_id, task_id: None, project_id: Some(project_id), actor_id: Some(actor_id), data };
    let to_viewer = Text {
        kind: NotificationKind::TaskUnassigned,
        reason: Some(Reason::Assignee),
        title: format!("{user} made you a viewer of {project}, and unassigned you from {tasks}"),
        body: project.clone(),
    };
    let text = Text { kind, reason: None, title, body: project.clone() };
    let mut announcement = Announcement::to_all(content, people, &text, &around);
    for (person, text) in &mut announcement.recipients {
        if Some(person.id) == viewer {
            *text = to_viewer.clone();
        }
    }
    Ok(Some(announcement))
}

/// A task that left its project: the people around it who do not see where it went. They read what they knew of it.
async fn of_tasks_that_left(
    conn: &mut PgConnection,
    event_id: Uuid,
    event: &Event,
) -> anyhow::Result<Option<Announcement>> {
    let Event::TasksLeft { project_id, actor_id, key, title, parts, user_ids, reasons } = event else {
        return Ok(None);
    };
    let Some(names) = projects::names(conn, *project_id, *actor_id).await? else { return Ok(None) };
    let people = notifications::people(conn, *project_id, None, user_ids).await?;
    let data = json!({ "task_count": parts + 1 });
    let content = Content { event_id, task_id: None, project_id: Some(*project_id), actor_id: Some(*actor_id), data };
    let text = Text {
        kind: NotificationKind::TaskUpdated,
        reason: None,
        title: format!("{} moved {}{} to another project", names.user, key, with_parts(*parts)),
        body: title.clone(),
    };
    let reasons = user_ids.iter().copied().zip(reasons.iter().copied()).collect();
    Ok(Some(Announcement::to_all(content, people, &text, &reasons)))
}

/// A new member or owner of a project: that person.
async fn of_membership(conn: &mut PgConnection, event_id: Uuid, event: &Event) -> anyhow::Result<Option<Announcement>> {
    let &Event::AddedToProject { project_id, user_id, actor_id, as_owner } = event else {
        return Ok(None);
    };
    let names = projects::names(conn, project_id, actor_id).await?.filter(|names| !names.in_trash);
    let Some(names) = names else { return Ok(None) };
    let mut people = notifications::people(conn, project_id, None, &[user_id]).await?;
    people.retain(|person| person.id != actor_id);
    let content =
        Content { event_id, task_id: None, project_id: Some(project_id), actor_id: Some(actor_id), data: json!({}) };
    let did = if as_owner { "made you the owner of" } else { "added you to" };
    let title = format!("{} {did} {}", names.user, names.project);
    let text = Text { kind: NotificationKind::AddedToProject, reason: None, title, body: names.project };
    Ok(Some(Announcement::to_all(content, people, &text, &[(user_id, Reason::Member)].into())))
}

/// A deadline: the people whom the event names; who muted the task only if it is assigned to them. Nobody if it is
/// another by now, or there is nothing left to do.
async fn of_deadline(conn: &mut PgConnection, event_id: Uuid, event: &Event) -> anyhow::Result<Option<Announcement>> {
    let &Event::Reminder { task_id, due_at, overdue, ref user_ids } = event else {
        return Ok(None);
    };
    let Some(task) = tasks::find_any(conn, task_id).await? else { return Ok(None) };
    if task.due_at != Some(due_at) || task.deleted_at.is_some() || !task.status.is_open() {
        return Ok(None);
    }
    let mut people = notifications::people(conn, task.project_id, Some(task_id), user_ids).await?;
    let is_assignee = |person: &Person| task.assignee_id == Some(person.id);
    people.retain(|person| user_ids.contains(&person.id) && (!person.muted || is_assignee(person)));
    let content = Content {
        event_id,
        task_id: Some(task_id),
        project_id: Some(task.project_id),
        actor_id: None,
        data: json!({ "due_at": due_at }),
    };
    let (kind, was) =
        if overdue { (NotificationKind::TaskOverdue, "was") } else { (NotificationKind::TaskDueSoon, "is") };
    let recipient = |person: Person| {
        let title = format!("{} {was} due on {}", task.key, moment(due_at, person.settings.time_zone));
        let reason = Some(match () {
            () if is_assignee(&person) => Reason::Assignee,
            () if person.id == task.created_by => Reason::Creator,
            () => Reason::Watcher,
        });
        (person, Text { kind, reason, title, body: task.title.clone() })
    };
    Ok(Some(Announcement { content, recipients: people.into_iter().map(recipient).collect() }))
}

/// A report that is ready, or failed: the person who requested it.
async fn of_report(conn: &mut PgConnection, event_id: Uuid, report_id: Uuid) -> anyhow::Result<Option<Announcement>> {
    let Some((user_id, report, project)) = reports::finished(conn, report_id).await? else {
        return Ok(None);
    };
    let Some(person) = notifications::person(conn, user_id).await? else { return Ok(None) };
    let content = Content {
        event_id,
        task_id: None,
        project_id: report.project_id,
        actor_id: None,
        data: json!({ "report_id": report_id, "kind": report.kind, "status": report.status }),
    };
    let (title, body) = report.announcement(project.as_deref(), person.settings.time_zone);
    let text = Text { kind: NotificationKind::ReportReady, reason: Some(Reason::Requested), title, body };
    Ok(Some(Announcement { content, recipients: vec![(person, text)] }))
}
