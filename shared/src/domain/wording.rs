//! Changes of tasks as text for people.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Deserialize as _;
use serde_json::Value;
use uuid::Uuid;

use super::{
    activity::{Change, TaskField},
    mention::without_markup,
    notification_kind::NotificationKind,
};

/// The most characters of a value that are shown.
const VALUE: usize = 100;

/// Returns a name of the API as words: `in_progress` as `in progress`.
pub fn words(name: &str) -> String {
    name.replace('_', " ")
}

/// Returns the name of a field of a task.
pub fn field(field: TaskField) -> &'static str {
    match field {
        TaskField::ProjectId => "project",
        TaskField::Title => "title",
        TaskField::Description => "description",
        TaskField::Status => "status",
        TaskField::Priority => "priority",
        TaskField::DueAt => "due date",
        TaskField::AssigneeId => "assignee",
        TaskField::ParentId => "parent task",
        TaskField::Labels => "labels",
        TaskField::Recurrence => "recurrence",
        TaskField::Comment => "comment",
        TaskField::Unknown => "something else",
    }
}

/// Returns a time as text, in a time zone.
pub fn moment(time: DateTime<Utc>, zone: Tz) -> String {
    time.with_timezone(&zone).format("%-d %B %Y at %H:%M").to_string()
}

/// Returns the beginning of a text, at most `length` characters, on one line. Mentions in it are shown as names.
pub fn excerpt(text: &str, length: usize) -> String {
    let line = without_markup(text).split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(length) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}

/// Returns the changes in the `data` of a notification. Long texts have no values.
pub fn changes_in(data: &Value) -> Vec<Change> {
    let value = |change: &Value, name| change.get(name).cloned().unwrap_or_default();
    let change = |change: &Value| {
        let field = TaskField::deserialize(&change["field"]).ok()?;
        Some(Change { field, from: value(change, "from"), to: value(change, "to") })
    };
    data["changes"].as_array().into_iter().flatten().filter_map(change).collect()
}

/// Returns the ids of the people, tasks and projects in these changes.
pub fn ids_in(changes: &[Change]) -> Vec<Uuid> {
    let named = changes.iter().filter(|change| change.field.is_id());
    named.flat_map(|change| [&change.from, &change.to]).filter_map(id).collect()
}

/// The reader of a text about changes.
pub struct Reader<'a> {
    /// The time zone.
    pub zone: Tz,
    /// The names of what the reader may see. Other names are not shown.
    pub names: &'a HashMap<Uuid, String>,
}

impl Reader<'_> {
    /// Returns the lines of an e-mail below the headline of a notification of this kind: each change with both values,
    /// and the due date of a task that was assigned to the reader.
    pub fn details(&self, kind: NotificationKind, changes: &[Change], due_at: Option<DateTime<Utc>>) -> Vec<String> {
        let has_due_date = changes.iter().any(|change| change.field == TaskField::DueAt);
        let said = |change: &&Change| match change.field {
            // The headline or the text below it already contains this.
            TaskField::AssigneeId => kind != NotificationKind::TaskAssigned,
            field => !matches!(field, TaskField::Comment | TaskField::Unknown),
        };
        let mut lines: Vec<String> = changes.iter().filter(said).map(|change| self.line(change)).collect();
        if let Some(due_at) = due_at.filter(|_| kind == NotificationKind::TaskAssigned && !has_due_date) {
            lines.push(format!("Due date: {}", moment(due_at, self.zone)));
        }
        lines
    }

    fn line(&self, change: &Change) -> String {
        let name = field(change.field);
        let mut letters = name.chars();
        let name: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
        match change.field {
            TaskField::Description => format!("{name}: changed"),
            field => format!("{name}: {} → {}", self.value(field, &change.from), self.value(field, &change.to)),
        }
    }

    fn value(&self, field: TaskField, value: &Value) -> String {
        let text = match (field, value) {
            (TaskField::AssigneeId, Value::Null) => "nobody".into(),
            (_, Value::Null) => "none".into(),
            (TaskField::AssigneeId, value) => self.name(value, "someone"),
            (TaskField::ParentId, value) => self.name(value, "another task"),
            (TaskField::ProjectId, value) => self.name(value, "another project"),
            (TaskField::DueAt, value) => match value.as_str().and_then(|time| time.parse().ok()) {
                Some(time) => moment(time, self.zone),
                None => value.to_string(),
            },
            (TaskField::Status | TaskField::Priority, value) => words(value.as_str().unwrap_or_default()),
            (TaskField::Recurrence, value) => match (value["rrule"].as_str(), value["time_zone"].as_str()) {
                (Some(rule), Some(zone)) => format!("{rule} ({zone})"),
                _ => value.to_string(),
            },
            (_, Value::Array(items)) if items.is_empty() => "none".into(),
            (_, Value::Array(items)) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
            (_, Value::String(text)) => text.clone(),
            (_, value) => value.to_string(),
        };
        excerpt(&text, VALUE)
    }

    fn name(&self, value: &Value, otherwise: &str) -> String {
        id(value).and_then(|id| self.names.get(&id)).map_or(otherwise, String::as_str).to_owned()
    }
}

fn id(value: &Value) -> Option<Uuid> {
    value.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_excerpt_is_one_line_and_ends_between_characters() {
        let id = Uuid::now_v7();
        assert_eq!(excerpt(&format!("Hi @[Ann](user:{id}),\n\n山田さん"), 100), "Hi @Ann, 山田さん");
        assert_eq!(excerpt("山田さん、こんにちは", 4), "山田さん…");
    }

    #[test]
    fn the_change_of_each_field_is_shown_with_both_values() {
        let [ann, web, epic, unknown] = [(); 4].map(|()| Uuid::now_v7());
        let names = HashMap::from([(ann, "Ann".into()), (web, "Web".into()), (epic, "WEB-1 Epic".into())]);
        let reader = Reader { zone: chrono_tz::Asia::Kolkata, names: &names };
        let rule = json!({ "rrule": "FREQ=DAILY", "time_zone": "Europe/Berlin" });
        for (field, from, to, line) in [
            (TaskField::Title, json!("Old"), json!("New"), "Title: Old → New"),
            (TaskField::Description, json!(null), json!(null), "Description: changed"),
            (TaskField::Status, json!("todo"), json!("in_progress"), "Status: todo → in progress"),
            (TaskField::Priority, json!("low"), json!("urgent"), "Priority: low → urgent"),
            (TaskField::DueAt, json!(null), json!("2026-03-01T20:00:00Z"), "Due date: none → 2 March 2026 at 01:30"),
            (TaskField::DueAt, json!("2026-03-01T20:00:00.5Z"), json!(null), "Due date: 2 March 2026 at 01:30 → none"),
            (TaskField::AssigneeId, json!(null), json!(ann), "Assignee: nobody → Ann"),
            (TaskField::AssigneeId, json!(unknown), json!(null), "Assignee: someone → nobody"),
            (TaskField::ParentId, json!(epic), json!(unknown), "Parent task: WEB-1 Epic → another task"),
            (TaskField::ProjectId, json!(unknown), json!(web), "Project: another project → Web"),
            (TaskField::Labels, json!([]), json!(["a", "b c"]), "Labels: none → a, b c"),
            (TaskField::Recurrence, json!(null), rule, "Recurrence: none → FREQ=DAILY (Europe/Berlin)"),
        ] {
            let change = Change { field, from, to };
            assert_eq!(reader.details(NotificationKind::TaskUpdated, &[change], None), [line]);
        }
        let long = Change { field: TaskField::Title, from: json!("x"), to: json!("é".repeat(200)) };
        assert_eq!(reader.line(&long), format!("Title: x → {}…", "é".repeat(100)));
    }

    #[test]
    fn an_assignment_shows_when_the_task_is_due() {
        let (names, due_at) = (HashMap::new(), "2026-03-01T20:00:00Z".parse().ok());
        let reader = Reader { zone: chrono_tz::UTC, names: &names };
        let assigned = Change { field: TaskField::AssigneeId, from: json!(null), to: json!(Uuid::now_v7()) };
        let due = "Due date: 1 March 2026 at 20:00";
        assert_eq!(reader.details(NotificationKind::TaskAssigned, &[], due_at), [due]);
        assert_eq!(reader.details(NotificationKind::TaskAssigned, std::slice::from_ref(&assigned), due_at), [due]);
        assert!(reader.details(NotificationKind::TaskAssigned, &[assigned], None).is_empty());
        assert!(
            reader
                .details(
                    NotificationKind::TaskCommented,
                    &changes_in(&json!({ "changes": [{ "field": "comment" }] })),
                    due_at
                )
                .is_empty()
        );
        let moved = Change { field: TaskField::DueAt, from: json!(null), to: json!("2026-03-01T20:00:00Z") };
        assert_eq!(
            reader.details(NotificationKind::TaskAssigned, &[moved], due_at),
            ["Due date: none → 1 March 2026 at 20:00"]
        );
    }
}
