use std::collections::BTreeMap;

use serde_json::{Value, json};
use shared::db::PgPool;
use uuid::Uuid;

use crate::support::{App, Client, Person, id, said};

/// A task, people who have to do with it each in their own way, and what each of them heard so far.
pub(super) struct Team {
    pub(super) app: App,
    /// A user who created the task.
    pub(super) ann: Person,
    /// A user whom it is assigned to.
    pub(super) bob: Person,
    /// A user who watches it.
    pub(super) cat: Person,
    /// A user who belongs to the project.
    pub(super) dan: Person,
    /// The manager whose project it is.
    pub(super) mia: Person,
    /// An administrator who watches it and belongs to no project.
    pub(super) root: Person,
    pub(super) project: Value,
    pub(super) task: Value,
    heard: BTreeMap<Uuid, i64>,
}

impl Team {
    /// Everyone was told how it came to this.
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

    /// An address of the task.
    pub(super) fn at(&self, rest: &str) -> String {
        format!("/v1/tasks/{}{rest}", id(&self.task))
    }

    pub(super) fn as_user(&self, person: &Person) -> Client {
        self.app.as_user(person)
    }

    /// Somebody changes the task.
    pub(super) async fn change(&self, person: &Person, patch: Value) {
        self.as_user(person).patch(&self.at(""), patch).await.ok(200);
    }

    /// Somebody comments on the task.
    pub(super) async fn comment(&self, person: &Person, body: &str) -> Value {
        self.as_user(person).post(&self.at("/comments"), json!({ "body": body })).await.ok(201)
    }

    /// Lets the consumer handle what happened, and answers what each person newly heard, as `Ann task_updated: title`.
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

    /// What is newest in somebody's inbox.
    pub(super) async fn newest(&self, person: &Person) -> Value {
        self.app.inbox(person, 0).await.pop().unwrap()
    }
}

/// A mention, as it stands in a comment.
pub(super) fn mention(name: &str, person: &Person) -> String {
    format!("@[{name}](user:{})", person.id)
}
