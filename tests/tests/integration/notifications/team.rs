use std::collections::BTreeMap;

use serde_json::{Value, json};
use shared::db::PgPool;
use uuid::Uuid;

use crate::support::{App, Client, Person, id, said};

/// A task, people with different relations to it, and how many notifications each has read.
pub(super) struct Team {
    pub(super) app: App,
    /// The user who created the task.
    pub(super) ann: Person,
    /// The user to whom it is assigned.
    pub(super) bob: Person,
    /// A user who watches it.
    pub(super) cat: Person,
    /// A user who belongs to the project.
    pub(super) dan: Person,
    /// The manager who owns the project.
    pub(super) mia: Person,
    /// An administrator who watches it and belongs to no project.
    pub(super) root: Person,
    pub(super) project: Value,
    pub(super) task: Value,
    heard: BTreeMap<Uuid, i64>,
}

impl Team {
    /// Creates the team, and handles the events of its creation.
    pub(super) async fn new(db: &PgPool) -> Self {
        let app = App::new(db);
        let (ann, bob, cat) = (app.user("Ann").await, app.user("Bob").await, app.user("Cat").await);
        let (dan, mia, root) = (app.user("Dan").await, app.manager("Mia").await, app.admin("Root").await);
        let project = app.project(&mia, "WEB", &[&ann, &bob, &cat, &dan]).await;
        let new = json!({ "title": "Write", "project_id": id(&project), "assignee_id": bob.id });
        let task = app.task(&ann, new).await;
        let mut team = Self { app, ann, bob, cat, dan, mia, root, project, task, heard: BTreeMap::new() };
        for watcher in [&team.cat, &team.root] {
            team.app.as_user(watcher).put(&team.at("/watchers/me"), None).await.ok(204);
        }
        team.news().await;
        team
    }

    /// Returns a path below the task.
    pub(super) fn at(&self, rest: &str) -> String {
        format!("/v1/tasks/{}{rest}", id(&self.task))
    }

    pub(super) fn as_user(&self, person: &Person) -> Client {
        self.app.as_user(person)
    }

    /// Changes the task as this person.
    pub(super) async fn change(&self, person: &Person, patch: Value) {
        self.as_user(person).patch(&self.at(""), patch).await.ok(200);
    }

    /// Comments on the task as this person.
    pub(super) async fn comment(&self, person: &Person, body: &str) -> Value {
        self.as_user(person).post(&self.at("/comments"), json!({ "body": body })).await.ok(201)
    }

    /// Handles all events. Returns the new notifications of each person, as `Ann task_updated: title`.
    pub(super) async fn news(&mut self) -> Vec<String> {
        self.app.tell_everyone().await;
        let people = [&self.ann, &self.bob, &self.cat, &self.dan, &self.mia, &self.root];
        let mut news = Vec::new();
        for (person, name) in people.into_iter().zip(["Ann", "Bob", "Cat", "Dan", "Mia", "Root"]) {
            let heard = self.heard.entry(person.id).or_default();
            for notification in self.app.inbox(person, *heard).await {
                *heard += 1;
                assert_eq!(notification["seq"], *heard);
                news.push(format!("{name} {}", said(&notification)));
            }
        }
        news
    }

    /// Returns the newest notification of a person.
    pub(super) async fn newest(&self, person: &Person) -> Value {
        self.app.inbox(person, 0).await.pop().unwrap()
    }
}

/// Returns a mention, as it is written in a comment.
pub(super) fn mention(name: &str, person: &Person) -> String {
    format!("@[{name}](user:{})", person.id)
}
