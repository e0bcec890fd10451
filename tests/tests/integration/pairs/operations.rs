//! The operations that run concurrently.

use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use shared::{
    db::{
        Database,
        clean_up::{self, Expired},
        reminders,
    },
    domain::{Caller, account::Role},
    queue::Queues,
    realtime::Gateway,
};
use taskbell_websocket::{MessageState, Sender, send};
use uuid::Uuid;

use super::{Side, world::World};
use crate::support::{NOWHERE, Person, cache, notify};

/// An operation that changes something.
pub(super) struct Operation {
    pub(super) name: &'static str,
    who: Who,
    what: fn(&World, Side) -> What,
}

/// Who calls it.
#[derive(Clone, Copy)]
enum Who {
    /// The owner of the projects.
    Owner,
    /// The side's own manager, who does not belong to `there`.
    Manager,
    /// The side's own administrator.
    Admin,
    Ann,
    Bob,
}

/// What it does.
enum What {
    /// A request: the method, the path, and a body.
    Request(&'static str, String, Value),
    /// A request with an `Idempotency-Key`.
    Once(&'static str, String, Value),
    /// A comment over a WebSocket.
    Say(Value),
    /// The delivery of an event to `notify`.
    Deliver(Uuid),
    /// The `send-reminders` job nine days from now.
    Remind,
    /// The `clean-up` job a month from now.
    CleanUp(Expired),
}

use What::{CleanUp as Clean, Deliver, Once, Remind, Request, Say};
use Who::{Admin, Ann, Bob, Manager, Owner};

const fn by(who: Who, name: &'static str, what: fn(&World, Side) -> What) -> Operation {
    Operation { name, who, what }
}

/// All operations. Each runs with each, also with itself, in both orders.
pub(super) const OPERATIONS: [Operation; 63] = [
    by(Manager, "create a task for Ann", |w, _| new(json!({ "project_id": w.here, "assignee_id": w.people.ann.id }))),
    by(Manager, "create a subtask", |w, _| new(json!({ "project_id": w.here, "parent_id": w.part }))),
    by(Bob, "create a task once", |w, _| {
        Once("POST", "/v1/tasks".into(), json!({ "title": "New", "project_id": w.here }))
    }),
    by(Manager, "create a task with a new label", |w, _| {
        new(json!({ "project_id": w.here, "labels": ["NEW", "red", "Other"] }))
    }),
    by(Owner, "create a project", |w, _| {
        let key = format!("P{}", &w.here.simple().to_string().to_uppercase()[23..]);
        Request("POST", "/v1/projects".into(), json!({ "key": key, "name": "New" }))
    }),
    by(Manager, "attach the lone one", |w, _| task("PATCH", w.lone, json!({ "parent_id": w.part }))),
    by(Manager, "attach the whole to the lone one", |w, _| task("PATCH", w.whole, json!({ "parent_id": w.lone }))),
    by(Manager, "detach the part", |w, _| task("PATCH", w.part, json!({ "parent_id": null }))),
    by(Owner, "move the whole there", |w, _| task("PATCH", w.whole, json!({ "project_id": w.there }))),
    by(Owner, "move the part there", |w, _| {
        task("PATCH", w.part, json!({ "project_id": w.there, "parent_id": w.far }))
    }),
    by(Owner, "move the far one here", |w, _| {
        task("PATCH", w.far, json!({ "project_id": w.here, "parent_id": w.leaf }))
    }),
    by(Owner, "move the lone one into the Inbox", |w, _| {
        task("PATCH", w.lone, json!({ "project_id": w.people.inbox, "assignee_id": null }))
    }),
    by(Owner, "move a task out of the Inbox", |w, _| task("PATCH", w.private, json!({ "project_id": w.here }))),
    by(Manager, "delete the whole", |w, _| task("DELETE", w.whole, Value::Null)),
    by(Manager, "delete the part", |w, _| task("DELETE", w.part, Value::Null)),
    by(Manager, "delete the lone one", |w, _| task("DELETE", w.lone, Value::Null)),
    by(Owner, "delete the far one", |w, _| task("DELETE", w.far, Value::Null)),
    by(Manager, "restore a task", |w, _| Request("POST", format!("/v1/tasks/{}/restore", w.thrown), Value::Null)),
    by(Manager, "restore Ann's task", |w, _| Request("POST", format!("/v1/tasks/{}/restore", w.anns), Value::Null)),
    by(Owner, "delete the project", |w, _| project("DELETE", w.here, Value::Null)),
    by(Owner, "delete the other project", |w, _| project("DELETE", w.there, Value::Null)),
    by(Owner, "restore a project", |w, _| Request("POST", format!("/v1/projects/{}/restore", w.gone), Value::Null)),
    by(Owner, "restore an empty project", |w, _| {
        Request("POST", format!("/v1/projects/{}/restore", w.empty), Value::Null)
    }),
    by(Owner, "rename the project", |w, _| project("PATCH", w.here, json!({ "name": "Renamed" }))),
    by(Owner, "hand the project on", |w, _| project("PATCH", w.here, json!({ "owner_id": w.people.heir.id }))),
    by(Owner, "add a member", |w, _| member("PUT", w.here, &w.people.newcomer)),
    by(Owner, "make Ann a viewer", |w, _| role(w.here, &w.people.ann, "viewer")),
    by(Owner, "make Ann a viewer there", |w, _| role(w.there, &w.people.ann, "viewer")),
    by(Admin, "make the heir a viewer", |w, _| role(w.here, &w.people.heir, "viewer")),
    by(Owner, "remove Ann", |w, _| member("DELETE", w.here, &w.people.ann)),
    by(Owner, "remove Ann there", |w, _| member("DELETE", w.there, &w.people.ann)),
    by(Admin, "remove the heir", |w, _| member("DELETE", w.here, &w.people.heir)),
    by(Admin, "remove Ann from what is in the trash", |w, _| member("DELETE", w.gone, &w.people.ann)),
    by(Manager, "assign a task to Ann", |w, _| assign(w.leaf, &w.people.ann)),
    by(Manager, "assign a task to the heir", |w, _| assign(w.part, &w.people.heir)),
    by(Manager, "complete what recurs", |w, _| {
        Request("PUT", format!("/v1/tasks/{}/status", w.again), json!({ "status": "done" }))
    }),
    by(Manager, "edit the part", |w, _| {
        task("PATCH", w.part, json!({ "title": "Edited", "due_at": "2040-01-01T00:00:00Z" }))
    }),
    by(Manager, "label the part", |w, _| task("PATCH", w.part, json!({ "labels": ["red", "other", "new"] }))),
    by(Manager, "put the lone one behind the leaf", |w, _| rank(w.lone, json!({ "after": w.leaf }))),
    by(Ann, "put the leaf before the whole", |w, _| rank(w.leaf, json!({ "before": w.whole }))),
    by(Owner, "make one label of two", |w, _| {
        Request("PUT", format!("/v1/projects/{}/labels/RED", w.here), json!({ "label": "blue" }))
    }),
    by(Ann, "watch", |w, _| Request("PUT", format!("/v1/tasks/{}/watchers/me", w.leaf), Value::Null)),
    by(Admin, "watch as an administrator", |w, _| {
        Request("PUT", format!("/v1/tasks/{}/watchers/me", w.leaf), Value::Null)
    }),
    by(Bob, "watch no more", |w, _| Request("DELETE", format!("/v1/tasks/{}/watchers/me", w.part), Value::Null)),
    by(Ann, "mute", |w, _| Request("PUT", format!("/v1/tasks/{}/mute", w.again), Value::Null)),
    by(Ann, "watch the project", |w, _| watchers("PUT", w.here)),
    by(Admin, "watch the project as an administrator", |w, _| watchers("PUT", w.here)),
    by(Bob, "watch the project no more", |w, _| watchers("DELETE", w.here)),
    by(Ann, "archive a notification", |w, _| notification(w.told, json!({ "archived": true }))),
    by(Ann, "wake a snoozed notification", |w, _| {
        notification(w.snoozed, json!({ "snoozed_until": null, "read": false }))
    }),
    by(Ann, "read all notifications", |_, _| Request("POST", "/v1/notifications/read".into(), json!({ "seq": 9 }))),
    by(Ann, "come back from a snooze", |w, _| Deliver(w.snooze_over)),
    by(Ann, "comment", |w, _| Request("POST", format!("/v1/tasks/{}/comments", w.part), json!({ "body": "Words" }))),
    by(Ann, "comment once", |w, _| Once("POST", format!("/v1/tasks/{}/comments", w.part), json!({ "body": "Words" }))),
    by(Ann, "comment over a WebSocket", |w, _| Say(json!({ "task_id": w.part, "body": "Words" }))),
    by(Ann, "delete a comment", |w, _| Request("DELETE", format!("/v1/comments/{}", w.comment), Value::Null)),
    by(Ann, "change a comment", |w, _| {
        Request("PATCH", format!("/v1/comments/{}", w.comment), json!({ "body": "Other words" }))
    }),
    by(Admin, "deactivate Ann", |w, _| user(&w.people.ann, json!({ "active": false }))),
    by(Admin, "demote the other administrator", |w, side| {
        user(&w.people.admins[1 - side as usize], json!({ "role": "user" }))
    }),
    by(Ann, "choose when to be reminded", |_, _| {
        Request("PUT", "/v1/notification-preferences".into(), json!({ "reminder_offsets": ["P1W"] }))
    }),
    by(Manager, "remind", |_, _| Remind),
    by(Manager, "clean up tasks", |_, _| Clean(Expired::Tasks)),
    by(Manager, "clean up projects", |_, _| Clean(Expired::Projects)),
];

fn new(mut task: Value) -> What {
    task["title"] = json!("New");
    Request("POST", "/v1/tasks".into(), task)
}

fn task(method: &'static str, id: Uuid, body: Value) -> What {
    Request(method, format!("/v1/tasks/{id}"), body)
}

fn rank(id: Uuid, place: Value) -> What {
    Request("PUT", format!("/v1/tasks/{id}/rank"), place)
}

fn assign(id: Uuid, to: &Person) -> What {
    Request("PUT", format!("/v1/tasks/{id}/assignee"), json!({ "assignee_id": to.id }))
}

fn project(method: &'static str, id: Uuid, body: Value) -> What {
    Request(method, format!("/v1/projects/{id}"), body)
}

fn member(method: &'static str, id: Uuid, who: &Person) -> What {
    Request(method, format!("/v1/projects/{id}/members/{}", who.id), Value::Null)
}

fn watchers(method: &'static str, id: Uuid) -> What {
    Request(method, format!("/v1/projects/{id}/watchers/me"), Value::Null)
}

fn notification(id: Uuid, body: Value) -> What {
    Request("PATCH", format!("/v1/notifications/{id}"), body)
}

fn role(id: Uuid, who: &Person, role: &str) -> What {
    Request("PUT", format!("/v1/projects/{id}/members/{}", who.id), json!({ "role": role }))
}

fn user(who: &Person, body: Value) -> What {
    Request("PATCH", format!("/v1/users/{}", who.id), body)
}

impl Operation {
    /// Returns who calls it.
    pub(super) fn caller<'w>(&self, world: &'w World, side: Side) -> &'w Person {
        let people = &world.people;
        match self.who {
            Owner => &people.owner,
            Manager => &people.managers[side as usize],
            Admin => &people.admins[side as usize],
            Ann => &people.ann,
            Bob => &people.bob,
        }
    }

    /// Runs it. Returns the status.
    pub(super) fn run(&self, world: Arc<World>, side: Side) -> BoxFuture<'static, u16> {
        let caller = self.caller(&world, side);
        let client = world.app.as_user(caller);
        let caller = Caller { id: caller.id, session_id: caller.session_id, role: Role::User };
        let sender = Sender { caller, connection_id: String::new() };
        let what = (self.what)(&world, side);
        Box::pin(async move {
            match what {
                Request(method, path, body) => {
                    client.send(method, &path, Some(body).filter(|body| !body.is_null())).await.status
                }
                Once(method, path, body) => {
                    client.idempotency_key(&world.here.to_string()).send(method, &path, Some(body)).await.status
                }
                Say(message) => {
                    let live = MessageState {
                        db: world.app.db.clone().into(),
                        cache: cache(),
                        gateway: Gateway::new(NOWHERE.into()),
                        queues: Queues::new([]),
                        user_per_minute: 0,
                    };
                    let said = send::handle(Arc::new(live), sender, serde_json::from_value(message).unwrap()).await;
                    said.map_or_else(|error| error.status(), |_| 201)
                }
                Deliver(event) => match notify(&world.app.db).consume(event).await {
                    Ok(_) => 204,
                    Err(error) if error.to_string() == "the same message is being handled elsewhere" => 409,
                    Err(_) => 500,
                },
                Remind => {
                    let mut tx = Database::from(world.app.db.clone()).begin().await.unwrap();
                    match reminders::fire(&mut tx, Utc::now() + TimeDelta::days(9), 500).await {
                        Ok(_) => tx.commit(&Queues::none()).await.map_or(500, |()| 204),
                        Err(_) => 500,
                    }
                }
                Clean(kind) => {
                    let (mut conn, later) = (world.app.db.acquire().await.unwrap(), Utc::now() + TimeDelta::days(31));
                    clean_up::delete(&mut conn, kind, later).await.map_or(500, |_| 204)
                }
            }
        })
    }
}
