//! Operations on task trees and the trash.

use rand::{RngExt, seq::IndexedRandom};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Worker;
use crate::{client::Guard, run::Operation};

impl Worker {
    /// Performs the operations on trees of [`super::Team::perform_each_operation_once`]. Afterwards Bob does not see
    /// one of the tasks.
    pub(super) async fn build_and_move_a_tree(&mut self, bob: &mut Self, task: Uuid) {
        let part = self.create_in(0, Some(task), None).await.unwrap();
        for parent in [Value::Null, json!(task)] {
            self.patch(part, "parent_id", parent).await;
        }
        let whole = self.create_in(0, None, None).await.unwrap();
        bob.create_in(0, Some(whole), None).await.unwrap();
        bob.watch(whole).await;
        self.trash(whole).await;
        self.restore(whole).await;
        self.patch(whole, "project_id", json!(self.team.projects[2].id)).await;
    }

    /// Creates a subtask.
    pub(super) async fn create_subtask(&mut self, task: Uuid, project: usize) {
        if let Some(part) = self.create_in(project, Some(task), None).await {
            self.team.tasks.lock().unwrap().push((part, project));
        }
    }

    /// Attaches a task to another one, or detaches it.
    pub(super) async fn attach_or_detach(&mut self, task: Uuid, project: usize) {
        let Some(now) = self.client.get(&format!("/v1/tasks/{task}")).await else { return };
        let other = self.pick().filter(|(other, place)| *other != task && *place == project);
        match other {
            _ if !now["parent_id"].is_null() => self.patch_from(task, &now, "parent_id", Value::Null).await,
            Some((other, _)) => self.patch_from(task, &now, "parent_id", json!(other)).await,
            None => {}
        }
    }

    /// Moves a task with its subtasks to another project of the user.
    pub(super) async fn move_to_another_project(&mut self, task: Uuid, project: usize) {
        let places: Vec<usize> = (0..self.team.projects.len())
            .filter(|&place| place != project && self.team.projects[place].has(self.client.person.id))
            .collect();
        let Some(&place) = places.choose(&mut self.client.random) else { return };
        let to = json!(self.team.projects[place].id);
        let Some(now) = self.client.get(&format!("/v1/tasks/{task}")).await else { return };
        if now["project_id"] == to {
            return;
        }
        self.patch_from(task, &now, "project_id", to.clone()).await;
        let there = self.client.get(&format!("/v1/tasks/{task}")).await.is_some_and(|now| now["project_id"] == to);
        if there {
            self.team.tasks.lock().unwrap().iter_mut().filter(|(id, _)| *id == task).for_each(|one| one.1 = place);
        }
    }

    /// Moves a task to the trash with its subtasks, and usually restores it.
    pub(super) async fn trash_and_restore(&mut self, task: Uuid) {
        self.trash(task).await;
        self.client.pause(500..3000).await;
        if self.client.random.random_bool(0.8) {
            self.restore(task).await;
        }
    }

    async fn trash(&mut self, task: Uuid) {
        let path = format!("/v1/tasks/{task}");
        let Some(now) = self.client.get(&path).await else { return };
        let version = now["version"].as_i64().unwrap();
        let outcome = self.client.call(Method::DELETE, &path, None, &Guard::Version(version)).await;
        self.note("deletions", Operation::Trash { task, version }, outcome);
    }

    async fn restore(&mut self, task: Uuid) {
        let outcome = self.client.call(Method::POST, &format!("/v1/tasks/{task}/restore"), None, &Guard::None).await;
        self.note("restorations", Operation::Restore { task }, outcome);
    }

    async fn patch(&mut self, task: Uuid, field: &'static str, to: Value) {
        let now = self.client.get(&format!("/v1/tasks/{task}")).await.unwrap();
        self.patch_from(task, &now, field, to).await;
    }

    async fn patch_from(&mut self, task: Uuid, now: &Value, field: &'static str, to: Value) {
        let version = now["version"].as_i64().unwrap();
        let mut changes = json!({ field: to });
        // An assignee who is not a member of the new project is unassigned.
        let stays =
            |project: &super::Project| now["assignee_id"].as_str().is_none_or(|id| project.has(id.parse().unwrap()));
        if self.team.projects.iter().any(|project| to == json!(project.id) && !stays(project)) {
            changes["assignee_id"] = Value::Null;
        }
        let guard = Guard::Version(version);
        let outcome = self.client.call(Method::PATCH, &format!("/v1/tasks/{task}"), Some(&changes), &guard).await;
        let kind = match to {
            _ if field == "project_id" => "moves to another project",
            Value::Null => "detachments",
            _ => "attachments",
        };
        self.note(kind, Operation::Change { task, version, field, to }, outcome);
    }
}
