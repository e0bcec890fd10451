//! Operations of the owner on the volatile project. Only the owner performs them, one after another.

use rand::{RngExt, seq::IndexedRandom};
use reqwest::Method;
use uuid::Uuid;

use super::{VOLATILE, Worker};
use crate::{
    client::{Guard, Person},
    run::Operation,
};

impl Worker {
    /// Performs the owner's part of [`super::Team::perform_each_operation_once`].
    pub(super) async fn perform_each_owner_operation_once(&mut self, person: &Person) {
        for belongs in [false, true] {
            self.member(person.id, belongs).await;
        }
        for in_trash in [true, false] {
            self.project(in_trash).await;
        }
    }

    /// Removes a member and adds them again, or moves the project to the trash and restores it.
    pub(super) async fn toggle(&mut self) {
        let member = *self.team.projects[VOLATILE].volatile_members.choose(&mut self.client.random).unwrap();
        let is_project = self.client.random.random_bool(0.3);
        for away in [true, false] {
            if is_project {
                self.project(away).await;
            } else {
                self.member(member, !away).await;
            }
            self.client.pause(500..4000).await;
        }
    }

    async fn member(&mut self, person: Uuid, belongs: bool) {
        let project = self.team.projects[VOLATILE].id;
        let method = if belongs { Method::PUT } else { Method::DELETE };
        let path = format!("/v1/projects/{project}/members/{person}");
        let outcome = self.client.call(method, &path, None, &Guard::None).await;
        let kind = if belongs { "additions of members" } else { "removals of members" };
        self.note(kind, Operation::Member { project, person, belongs }, outcome);
    }

    async fn project(&mut self, in_trash: bool) {
        let project = self.team.projects[VOLATILE].id;
        let path = format!("/v1/projects/{project}");
        let (outcome, kind) = if in_trash {
            let Some(now) = self.client.get(&path).await else { return };
            let guard = Guard::Version(now["version"].as_i64().unwrap());
            (self.client.call(Method::DELETE, &path, None, &guard).await, "deletions of projects")
        } else {
            let path = format!("{path}/restore");
            (self.client.call(Method::POST, &path, None, &Guard::None).await, "restorations of projects")
        };
        self.note(kind, Operation::Project { project, in_trash }, outcome);
    }
}
