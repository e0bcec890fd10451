//! Into the inboxes, and onto the mails.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::json;
use shared::{
    db::{
        Tx, emails, mentions,
        notifications::{self, Person, Push, Subject, Told},
        outbox, projects, reports, tasks, watchers,
    },
    domain::{
        event::{Event, TaskEvent, count, with_parts},
        notification::{Concerned, Story, reassigned, recipients},
        notification_kind::{EmailChoice, NotificationKind},
        task::ActivityKind,
        wording::moment,
    },
};
use uuid::Uuid;

use super::{Happened, quiet_until};

/// Tells everyone concerned of what happened to a task.
pub(super) async fn of_task(tx: &mut Tx, happened: &Happened<'_>, gather: Duration) -> anyhow::Result<()> {
    let Happened { event, task, entry, .. } = happened;
    let changes = &entry.changes;
    let (from, to) = reassigned(event, changes);
    // Who has to do with a subtask is told of the tree, once.
    let mut watchers = watchers::people_around(tx, &event.parts).await?;
    let mut around: Vec<Uuid> = event.mentioned.iter().chain(&watchers).copied().collect();
    around.extend([Some(task.created_by), task.assignee_id, from, to].into_iter().flatten());
    let mut people = notifications::people(tx, task.project_id, Some(task.id), &around).await?;
    people.retain(|person| happened.is_for(person.id));

    watchers.extend(people.iter().filter(|person| person.watches).map(|person| person.id));
    let concerned = Concerned { creator: task.created_by, assignee: task.assignee_id, watchers };
    let may_see: BTreeSet<Uuid> = people.iter().map(|person| person.id).collect();
    let mentioned: Vec<Uuid> =
        event.mentioned.iter().copied().filter(|id| *id != event.actor_id && may_see.contains(id)).collect();
    let text_id = event.comment_id.unwrap_or(task.id);
    // Whoever was told of it once is not told again, however often it is taken out and put back.
    let event = &TaskEvent { mentioned: mentions::tell(tx, task.id, text_id, &mentioned).await?, ..(*event).clone() };
    let kinds = recipients(event, changes, &concerned, &may_see);

    let story = Story {
        event,
        changes,
        actor: &entry.actor,
        key: &task.key,
        title: &task.title,
        due_at: task.due_at,
        comment: happened.comment.as_ref().map(|comment| comment.body.as_str()),
    };
    let subject = Subject {
        event_id: event.activity_id,
        task_id: Some(task.id),
        project_id: Some(task.project_id),
        actor_id: Some(event.actor_id),
        data: story.data(),
    };
    let words = |_: &Person, kind| (story.headline(kind), story.body(kind));
    tell(tx, &subject, &people, &kinds, words, gather).await
}

/// Tells everyone who has to do with one of its tasks that a project went into the trash, came out of it, or lost a member.
pub(super) async fn of_project(tx: &mut Tx, event_id: Uuid, event: &Event, gather: Duration) -> anyhow::Result<()> {
    let &Event::Project { kind: happened, project_id, actor_id, ref task_ids, removed } = event else {
        return Ok(());
    };
    let Some(names) = projects::names(tx, project_id, actor_id).await? else { return Ok(()) };
    let around = watchers::people_around(tx, task_ids).await?;
    let mut people = notifications::people(tx, project_id, None, &around).await?;
    people.retain(|person| person.id != actor_id);
    let (user, project, tasks) = (&names.user, &names.project, count(task_ids.len(), "task"));
    let (kind, headline) = match (happened, removed) {
        (_, Some(member_id)) => {
            let Some(member) = projects::names(tx, project_id, member_id).await? else {
                return Ok(());
            };
            let member = member.user;
            (NotificationKind::TaskUpdated, format!("{user} removed {member}, the assignee of {tasks}, from {project}"))
        }
        (ActivityKind::Deleted, None) => {
            (NotificationKind::TaskDeleted, format!("{user} deleted {project} with {tasks}"))
        }
        (_, None) => (NotificationKind::TaskUpdated, format!("{user} restored {project} with {tasks}")),
    };
    let kinds = people.iter().map(|person| (person.id, kind)).collect();
    let data = json!({ "task_count": task_ids.len() });
    let subject = Subject { event_id, task_id: None, project_id: Some(project_id), actor_id: Some(actor_id), data };
    let words = |_: &Person, _| (headline.clone(), names.project.clone());
    tell(tx, &subject, &people, &kinds, words, gather).await
}

/// Tells those who had to do with a task that left their project, and do not see where it went. They are told what they knew of it.
pub(super) async fn of_tasks_that_left(
    tx: &mut Tx,
    event_id: Uuid,
    event: &Event,
    gather: Duration,
) -> anyhow::Result<()> {
    let Event::TasksLeft { project_id, actor_id, key, title, parts, user_ids } = event else {
        return Ok(());
    };
    let Some(names) = projects::names(tx, *project_id, *actor_id).await? else { return Ok(()) };
    let people = notifications::people(tx, *project_id, None, user_ids).await?;
    let kinds = people.iter().map(|person| (person.id, NotificationKind::TaskUpdated)).collect();
    let data = json!({ "task_count": parts + 1 });
    let subject = Subject { event_id, task_id: None, project_id: Some(*project_id), actor_id: Some(*actor_id), data };
    let headline = format!("{} moved {}{} to another project", names.user, key, with_parts(*parts));
    let words = |_: &Person, _| (headline.clone(), title.clone());
    tell(tx, &subject, &people, &kinds, words, gather).await
}

/// Tells somebody that they were added to a project, or own it now.
pub(super) async fn of_membership(tx: &mut Tx, event_id: Uuid, event: &Event, gather: Duration) -> anyhow::Result<()> {
    let &Event::AddedToProject { project_id, user_id, actor_id, as_owner } = event else {
        return Ok(());
    };
    let names = projects::names(tx, project_id, actor_id).await?.filter(|names| !names.in_trash);
    let Some(names) = names else { return Ok(()) };
    let mut people = notifications::people(tx, project_id, None, &[user_id]).await?;
    people.retain(|person| person.id != actor_id);
    let kinds = people.iter().map(|person| (person.id, NotificationKind::AddedToProject)).collect();
    let subject =
        Subject { event_id, task_id: None, project_id: Some(project_id), actor_id: Some(actor_id), data: json!({}) };
    let did = if as_owner { "made you the owner of" } else { "added you to" };
    let words = |_: &Person, _| (format!("{} {did} {}", names.user, names.project), names.project.clone());
    tell(tx, &subject, &people, &kinds, words, gather).await
}

/// Reminds people of a deadline, if it is still the same and there is something left to do.
pub(super) async fn of_deadline(
    tx: &mut Tx,
    event_id: Uuid,
    task_id: Uuid,
    (due_at, overdue): (DateTime<Utc>, bool),
    user_ids: &[Uuid],
    gather: Duration,
) -> anyhow::Result<()> {
    let Some(task) = tasks::find_any(tx, task_id).await? else { return Ok(()) };
    if task.due_at != Some(due_at) || task.deleted_at.is_some() || !task.status.is_open() {
        return Ok(());
    }
    let mut people = notifications::people(tx, task.project_id, Some(task_id), user_ids).await?;
    people.retain(|person| user_ids.contains(&person.id));
    let kind = if overdue { NotificationKind::TaskOverdue } else { NotificationKind::TaskDueSoon };
    let kinds = people.iter().map(|person| (person.id, kind)).collect();
    let subject = Subject {
        event_id,
        task_id: Some(task_id),
        project_id: Some(task.project_id),
        actor_id: None,
        data: json!({ "due_at": due_at }),
    };
    let words = |person: &Person, _| {
        let zone: Tz = person.time_zone.parse().unwrap_or(chrono_tz::UTC);
        let local = moment(due_at, zone);
        let was = if overdue { "was" } else { "is" };
        (format!("{} {was} due on {local}", task.key), task.title.clone())
    };
    tell(tx, &subject, &people, &kinds, words, gather).await
}

/// Tells who asked for a report that it is ready, or could not be made.
pub(super) async fn of_report(tx: &mut Tx, event_id: Uuid, report_id: Uuid, gather: Duration) -> anyhow::Result<()> {
    let Some((user_id, report, project)) = reports::finished(tx, report_id).await? else {
        return Ok(());
    };
    let people: Vec<Person> = notifications::person(tx, user_id).await?.into_iter().collect();
    let kinds = people.iter().map(|person| (person.id, NotificationKind::ReportReady)).collect();
    let subject = Subject {
        event_id,
        task_id: None,
        project_id: report.project_id,
        actor_id: None,
        data: json!({ "report_id": report_id, "kind": report.kind, "status": report.status }),
    };
    let words = |person: &Person, _| report.announcement(project.as_deref(), &person.time_zone);
    tell(tx, &subject, &people, &kinds, words, gather).await
}

/// Writes the notifications of an event and orders the mails that tell of it, too.
async fn tell(
    tx: &mut Tx,
    subject: &Subject,
    people: &[Person],
    kinds: &BTreeMap<Uuid, NotificationKind>,
    words: impl Fn(&Person, NotificationKind) -> (String, String),
    gather: Duration,
) -> anyhow::Result<()> {
    let recipients: Vec<(&Person, NotificationKind)> =
        people.iter().filter_map(|person| Some((person, *kinds.get(&person.id)?))).collect();
    if recipients.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = recipients.iter().map(|(person, _)| person.id).collect();
    let seqs: HashMap<Uuid, i64> = notifications::next_seqs(tx, &ids).await?.into_iter().collect();

    let by_mail = |(person, kind): &&(&Person, NotificationKind)| {
        person.has_email && person.kinds.get(*kind).email == EmailChoice::Immediate
    };
    let mailed: Vec<Uuid> = recipients.iter().filter(by_mail).map(|(person, _)| person.id).collect();
    let mails = match mailed.as_slice() {
        [] => HashMap::new(),
        mailed => emails::gather(tx, mailed, subject.task_id, gather).await?,
    };

    let mut told = Vec::with_capacity(recipients.len());
    for (person, kind) in recipients {
        let seq = seqs.get(&person.id).copied().unwrap_or_default();
        let push = match quiet_until(person) {
            _ if !person.kinds.get(kind).push => Push::Off,
            None => Push::Now,
            Some(until) => {
                if notifications::hold(tx, person.id, seq).await? {
                    let over = Event::QuietHoursOver { user_id: person.id };
                    outbox::schedule_event(tx, &over, until).await?;
                }
                Push::Held
            }
        };
        let (title, body) = words(person, kind);
        let email_id = mails.get(&person.id).copied();
        told.push((Told { user_id: person.id, kind, title, body, push, email_id }, seq));
    }
    notifications::insert(tx, subject, &told).await?;
    Ok(())
}
