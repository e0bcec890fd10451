//! What the owner does to the project whose members come and go. Nobody else does it, and they do one thing after another.

use rand::{RngExt, seq::IndexedRandom};
use reqwest::Method;
use uuid::Uuid;

use super::{RESTLESS, Worker};
use crate::{
    client::{Guard, Person},
    run::Asked,
};

impl Worker {
    /// Of what [`super::Team::do_each_thing_once`] does, what the owner does.
    pub(super) async fn upset(&mut self, person: &Person) {
        for belongs in [false, true] {
            self.member(person.id, belongs).await;
        }
        for in_trash in [true, false] {
            self.project(in_trash).await;
        }
    }

    /// Somebody is removed and added again, or the project is put into the trash and taken out again.
    pub(super) async fn come_and_go(&mut self) {
        let goer = *self.team.projects[RESTLESS].goers.choose(&mut self.client.random).unwrap();
        let is_project = self.client.random.random_bool(0.3);
        for away in [true, false] {
            if is_project {
                self.project(away).await;
            } else {
                self.member(goer, !away).await;
            }
            self.client.pause(500..4000).await;
        }
    }

    async fn member(&mut self, person: Uuid, belongs: bool) {
        let project = self.team.projects[RESTLESS].id;
        let method = if belongs { Method::PUT } else { Method::DELETE };
        let path = format!("/v1/projects/{project}/members/{person}");
        let outcome = self.client.call(method, &path, None, &Guard::None).await;
        let kind = if belongs { "additions of members" } else { "removals of members" };
        self.note(kind, Asked::Member { project, person, belongs }, outcome);
    }

    async fn project(&mut self, in_trash: bool) {
        let project = self.team.projects[RESTLESS].id;
        let path = format!("/v1/projects/{project}");
        let (outcome, kind) = if in_trash {
            let Some(now) = self.client.get(&path).await else { return };
            let guard = Guard::Version(now["version"].as_i64().unwrap());
            (self.client.call(Method::DELETE, &path, None, &guard).await, "deletions of projects")
        } else {
            let path = format!("{path}/restore");
            (self.client.call(Method::POST, &path, None, &Guard::None).await, "restorations of projects")
        };
        self.note(kind, Asked::Project { project, in_trash }, outcome);
    }
}
