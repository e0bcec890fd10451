//! Merge patches: named fields change, all others stay, and the same patch changes nothing the second time.
//!
//! Near-valid input names existing fields, mostly with valid values.

use chrono::{DateTime, Utc};
use proptest::{collection::vec, prelude::*, sample::Index, sample::select};
use serde_json::{Map, Value, json};
use shared::{db::PgPool, domain::text::compose_all};

use super::holds;
use crate::support::{App, Person, id, text};

/// A field and its new value.
type Field = (&'static str, Value);

fn task_patches() -> impl Strategy<Value = Vec<Field>> {
    let field = prop_oneof![
        "\\PC{0,12}".prop_map(|title| ("title", json!(title))),
        prop_oneof![Just(Value::Null), "[\\PC\n\t]{0,20}".prop_map(Value::from)].prop_map(|text| ("description", text)),
        select(vec!["todo", "in_progress", "done", "cancelled"]).prop_map(|status| ("status", json!(status))),
        select(vec!["low", "medium", "high", "urgent", "whenever"]).prop_map(|priority| ("priority", json!(priority))),
        due_at().prop_map(|due_at| ("due_at", due_at)),
        due_at().prop_map(|due_at| ("due_at", due_at)),
        select(vec![json!(null), json!("member"), json!("stranger")]).prop_map(|person| ("assignee_id", person)),
        select(vec![json!(null), json!("parent"), json!("itself")]).prop_map(|parent| ("parent_id", parent)),
        prop_oneof![Just(Value::Null), vec("[ab ]{0,3}|\\p{Lo}{1,5}", 0..4).prop_map(Value::from)]
            .prop_map(|labels| ("labels", labels)),
        recurrences().prop_map(|recurrence| ("recurrence", recurrence)),
        ("[a-z_]{1,8}", any::<bool>()).prop_map(|(_, value)| ("no_field", json!(value))),
    ];
    vec(field, 0..5)
}

fn due_at() -> impl Strategy<Value = Value> {
    let time = (0..253_402_300_799_i64, 0..1_000_000_000_u32)
        .prop_map(|(seconds, nanos)| DateTime::<Utc>::from_timestamp(seconds, nanos).unwrap().to_rfc3339().into());
    prop_oneof![1 => Just(Value::Null), 3 => time]
}

fn recurrences() -> impl Strategy<Value = Value> {
    let rules = vec!["FREQ=DAILY", "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=YEARLY;COUNT=2", "FREQ=NEVER"];
    let rule = (select(rules), select(vec!["UTC", "Pacific/Apia"]), select(vec!["schedule", "completion"]));
    let rule = rule.prop_map(|(rrule, zone, from)| json!({ "rrule": rrule, "time_zone": zone, "from": from }));
    prop_oneof![1 => Just(Value::Null), 3 => rule]
}

/// Returns the task after an accepted patch.
fn patched(before: &Value, patch: &Map<String, Value>) -> Value {
    let mut task = before.clone();
    for (name, value) in &composed(patch) {
        task[name] = match (name.as_str(), value) {
            ("title", title) => text(title).trim().into(),
            ("description", Value::Null) => "".into(),
            ("labels", Value::Null) => json!([]),
            ("labels", labels) => {
                let mut kept: Vec<&str> = Vec::new();
                for label in labels.as_array().unwrap().iter().map(|label| text(label).trim()) {
                    if !kept.contains(&label) {
                        kept.push(label);
                    }
                }
                json!(kept)
            }
            ("due_at", Value::String(time)) => {
                let time: DateTime<Utc> = time.parse().unwrap();
                json!(DateTime::from_timestamp_micros(time.timestamp_micros()).unwrap())
            }
            ("recurrence", Value::Object(rule)) => {
                let mut rule = rule.clone();
                rule.retain(|name, value| name != "from" || value != "schedule");
                json!(rule)
            }
            (_, value) => value.clone(),
        };
    }
    if patch.contains_key("status") && task["status"] == "done" && before["status"] != "done" {
        task["recurrence"] = Value::Null; // The next occurrence has it now.
    }
    task
}

/// Returns a patch as the API reads it: its texts are normalized.
fn composed(patch: &Map<String, Value>) -> Map<String, Value> {
    let mut patch = patch.clone();
    patch.values_mut().for_each(compose_all);
    patch
}

/// Returns a resource without the fields that every change sets.
fn steady(resource: &Value) -> Value {
    let mut resource = resource.clone();
    for field in ["version", "updated_at", "completed_at"] {
        resource.as_object_mut().unwrap().remove(field);
    }
    resource
}

/// Sends a patch twice. Returns the resource before and after the first, if it was accepted. Otherwise checks that
/// nothing has changed.
async fn twice(app: &App, person: &Person, at: &str, patch: &Value) -> Option<(Value, Value)> {
    let client = app.as_user(person);
    let before = client.get(at).await;
    let (version, before) = (before.etag().to_owned(), before.ok(200));
    let first = client.patch(at, patch.clone()).await;
    if first.status != 200 {
        assert_eq!(first.status, 422, "{patch}: {first}");
        assert_eq!(client.get(at).await.ok(200), before, "{patch}");
        return None;
    }
    assert_eq!(first.etag() != version, steady(&first.body) != steady(&before), "{patch}: {first}");
    let after = first.ok(200);
    assert_eq!(client.get(at).await.ok(200), after, "{patch}");
    assert_eq!(client.patch(at, patch.clone()).await.ok(200), after, "a second time: {patch}");
    Some((before, after))
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_patch_of_a_task_changes_the_named_fields_and_is_idempotent(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann, bob) = (app.manager("mia").await, app.user("ann").await, app.user("bob").await);
    let project = app.project(&mia, "WEB", &[&ann]).await;
    let parent = app.task(&mia, json!({ "title": "Whole", "project_id": id(&project) })).await;
    let patches = || (task_patches(), task_patches());
    holds(file!(), 2, patches, async move |(first, second): (Vec<Field>, Vec<Field>)| {
        let task = app.task(&mia, json!({ "title": "Part", "project_id": id(&project), "labels": ["x"] })).await;
        let at = format!("/v1/tasks/{}", id(&task));
        for fields in [first, second] {
            let mut patch = Map::new();
            for (name, value) in fields {
                let value = match value.as_str().filter(|_| name.ends_with("_id")) {
                    Some("member") => json!(ann.id),
                    Some("stranger") => json!(bob.id),
                    Some("parent") => parent["id"].clone(),
                    Some(_) => task["id"].clone(),
                    None => value,
                };
                patch.insert(name.into(), value);
            }
            // A rule in the same patch as the completion goes to the next occurrence. Sent again, it would be set on
            // this one.
            if patch.get("status").is_some_and(|status| status == "done") {
                patch.remove("recurrence");
            }
            if let Some((before, after)) = twice(&app, &mia, &at, &json!(patch)).await {
                assert_eq!(steady(&after), steady(&patched(&before, &patch)), "{}", json!(patch));
                assert_eq!(after["completed_at"].is_string(), after["status"] == "done", "{}", json!(patch));
            }
        }
    })
    .await;
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_patch_of_a_user_or_project_changes_the_named_fields(db: PgPool) {
    let app = App::new(&db);
    let (ada, ann) = (app.admin("ada").await, app.user("ann").await);
    let project = app.project(&ada, "WEB", &[]).await;
    let fields = |at: String, fields: &[&'static str]| (at, fields.to_vec());
    let places = [
        fields("/v1/users/me".into(), &["name", "time_zone"]),
        fields(format!("/v1/users/{}", ann.id), &["name", "role", "active"]),
        fields(format!("/v1/projects/{}", id(&project)), &["name", "description"]),
    ];
    let patches = || (any::<Index>(), vec((any::<Index>(), values()), 0..3));
    holds(file!(), 2, patches, async move |(place, patch): (Index, Vec<(Index, Value)>)| {
        let (at, fields) = place.get(&places);
        let patch: Map<_, _> =
            patch.into_iter().map(|(which, value)| ((*which.get(fields)).to_owned(), value)).collect();
        if let Some((before, after)) = twice(&app, &ada, at, &json!(patch)).await {
            let mut expected = before;
            for (name, value) in &composed(&patch) {
                expected[name] = match (name.as_str(), value) {
                    ("name", name) => text(name).trim().into(),
                    ("description", Value::Null) => "".into(),
                    (_, value) => value.clone(),
                };
            }
            assert_eq!(steady(&after), steady(&expected), "{}", json!(patch));
        }
    })
    .await;
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => "\\PC{0,12}".prop_map(Value::from),
        2 => select(vec!["UTC", "Asia/Tokyo", "user", "manager", "a", " a "]).prop_map(Value::from),
        2 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
    ]
}
