//! The load: users who create, assign, comment and finish tasks, each one operation after another, and the owner of
//! their projects.

mod owner;
mod trees;

use std::sync::{Arc, Mutex};

use futures_util::future::join_all;
use rand::{RngExt, seq::IndexedRandom};
use reqwest::Method;
use serde_json::{Value, json};
use taskbell_tests::support::{Api, Member, project};
use uuid::Uuid;

use crate::{
    client::{Client, Guard, Person},
    plan::generator,
    run::{Entry, Operation, Outcome, Run},
};

const NAMES: [&str; 12] = ["Ann", "Bob", "Cid", "Dora", "Emil", "Fay", "Gus", "Hana", "Ivo", "Jule", "Kim", "Lena"];
/// A user picks one of this many newest tasks.
const NEWEST: usize = 60;

/// The index of the project that listeners follow: they are its permanent members.
const FOLLOWED: usize = 0;
/// The index of the project whose members change, and which is moved to the trash and restored.
const VOLATILE: usize = 3;

/// A project and its members.
pub(crate) struct Project {
    pub(crate) id: Uuid,
    pub(crate) members: Vec<Person>,
    /// Members who are removed and added again.
    pub(crate) volatile_members: Vec<Uuid>,
}

impl Project {
    /// Returns whether a user is a member, at least temporarily.
    pub(crate) fn has(&self, person: Uuid) -> bool {
        self.members.iter().any(|member| member.id == person)
    }
}

/// All users and projects.
pub(crate) struct Team {
    pub(crate) people: Vec<Person>,
    pub(crate) projects: Vec<Project>,
    /// The owner of the projects, who does not work in them.
    pub(crate) owner: Person,
    /// Known tasks, with the indexes of their projects.
    tasks: Mutex<Vec<(Uuid, usize)>>,
}

impl Team {
    /// Registers all users and confirms their addresses, before the first fault.
    pub(crate) async fn set_up() -> Self {
        let (admin, boss) = tokio::join!(Api::admin(), Member::boss());
        let members = join_all(NAMES.map(Member::verified)).await;
        let mut people = Vec::new();
        for (place, (member, name)) in members.iter().zip(NAMES).enumerate() {
            // Half of them may change every task, the others only tasks that they created or that are assigned to them.
            if place % 2 == 0 {
                let role = json!({ "role": "manager" });
                admin.request(Method::PATCH, &format!("/v1/users/{}", member.id), Some(&role)).await.expect(200);
            }
            let wants_status_emails = place % 3 == 0;
            let at_once = json!({ "task_status_changed": { "push": true, "email": "immediate" } });
            let kinds = if wants_status_emails { at_once } else { json!({}) };
            // The checker does not expect daily summaries.
            let chosen = json!({ "kinds": kinds, "daily_summary_at": null });
            member.api.request(Method::PUT, "/v1/notification-preferences", Some(&chosen)).await.expect(200);
            people.push(Person {
                id: member.id,
                name: name.into(),
                address: member.address.clone(),
                wants_status_emails,
            });
        }
        let mut projects = Vec::new();
        let all = [&[0, 1, 2, 3, 4, 5, 6, 7][..], &[4, 5, 6, 7, 8, 9, 10, 11], &[0, 3, 6, 9, 11], &[0, 1, 2, 5, 8, 10]];
        for (project_place, places) in all.into_iter().enumerate() {
            let belonging: Vec<&Member> = places.iter().map(|&place| &members[place]).collect();
            let id = project(&boss, &belonging).await.as_str().unwrap().parse().unwrap();
            let members = places.iter().map(|&place| people[place].clone()).collect();
            let volatile_members =
                if project_place == VOLATILE { [1, 5, 10].map(|place| people[place].id).into() } else { vec![] };
            projects.push(Project { id, members, volatile_members });
        }
        let owner =
            Person { id: boss.id, name: "Boss".into(), address: boss.address.clone(), wants_status_emails: false };
        Self::of(people, projects, owner)
    }

    pub(crate) fn of(people: Vec<Person>, projects: Vec<Project>, owner: Person) -> Self {
        Self { people, projects, owner, tasks: Mutex::default() }
    }

    /// Returns the project that listeners follow.
    pub(crate) fn followed(&self) -> Uuid {
        self.projects[FOLLOWED].id
    }

    /// Returns whether a user is a permanent member of all these projects.
    pub(crate) fn always_sees(&self, person: Uuid, places: &[Uuid]) -> bool {
        let always = |project: &Project| project.has(person) && !project.volatile_members.contains(&person);
        places.iter().all(|place| self.projects.iter().any(|project| project.id == *place && always(project)))
    }

    /// Returns whether a user is a member of one of these projects, at least temporarily.
    pub(crate) fn sometimes_sees(&self, person: Uuid, places: &[Uuid]) -> bool {
        self.projects.iter().any(|project| places.contains(&project.id) && project.has(person))
    }

    /// Performs each operation once before the first fault, on tasks that nobody uses afterwards. So the checker has
    /// something of each kind, however short the run and however slow the machine.
    pub(crate) async fn perform_each_operation_once(self: Arc<Self>, seed: u64, run: &Arc<Run>) {
        let [mut ann, mut bob, mut owner] = [0, 1, 2].map(|place| {
            let person = if place == 2 { &self.owner } else { &self.people[place] };
            let mut client = Client::new(person.clone(), generator(seed, 50 + place as u64), Arc::clone(run));
            client.patient = true;
            Worker { team: Arc::clone(&self), run: Arc::clone(run), client }
        });
        let [of_ann, of_bob] = [&self.people[0], &self.people[1]].map(|person| json!(person.id));
        let task = ann.create_in(0, None, Some(of_bob.clone())).await.unwrap();
        for status in ["in_progress", "done"] {
            let now = bob.client.get(&format!("/v1/tasks/{task}")).await.unwrap();
            bob.change(task, &now, "status", "status", json!(status)).await;
        }
        bob.comment_on(task, None).await;
        bob.watch(task).await;
        let now = ann.client.get(&format!("/v1/tasks/{task}")).await.unwrap();
        ann.change(task, &now, "assignee_id", "assignee", of_ann).await;
        ann.build_and_move_a_tree(&mut bob, task).await;
        ann.create_in(VOLATILE, None, Some(of_bob)).await.unwrap();
        owner.perform_each_owner_operation_once(&self.people[1]).await;
        let history = run.history.lock().unwrap();
        assert!(
            history.iter().all(|entry| matches!(entry.outcome, Outcome::Acknowledged(_))),
            "not acknowledged: {history:#?}"
        );
    }

    /// Works as the owner until the run is over.
    pub(crate) async fn own(self: Arc<Self>, seed: u64, run: Arc<Run>) {
        let client = Client::new(self.owner.clone(), generator(seed, 99), Arc::clone(&run));
        let mut owner = Worker { team: self, run, client };
        while !owner.run.is_over() {
            owner.toggle().await;
            owner.client.pause(2000..6000).await;
        }
    }

    /// Works as one of the users until the run is over.
    pub(crate) async fn work(self: Arc<Self>, place: usize, seed: u64, run: Arc<Run>) {
        let client = Client::new(self.people[place].clone(), generator(seed, 100 + place as u64), Arc::clone(&run));
        let mut worker = Worker { team: self, run, client };
        while !worker.run.is_over() {
            worker.work().await;
            worker.client.pause(150..900).await;
        }
    }
}

struct Worker {
    team: Arc<Team>,
    run: Arc<Run>,
    client: Client,
}

impl Worker {
    async fn work(&mut self) {
        let task = self.pick();
        match (self.client.random.random_range(0..100), task) {
            (0..22, _) | (_, None) => self.create().await,
            (22..40, Some((task, project))) => self.assign(task, project).await,
            (40..62, Some((task, project))) => self.comment(task, project).await,
            (62..81, Some((task, _))) => self.advance(task).await,
            (81..85, Some((task, _))) => self.watch(task).await,
            (85..89, Some((task, project))) => self.create_subtask(task, project).await,
            (89..91, Some((task, project))) => self.attach_or_detach(task, project).await,
            (91..94, Some((task, project))) => self.move_to_another_project(task, project).await,
            (94..97, Some((task, _))) => self.trash_and_restore(task).await,
            (_, Some(_)) => self.read().await,
        }
    }

    /// Picks one of the newest tasks that the user sees.
    fn pick(&mut self) -> Option<(Uuid, usize)> {
        let belongs = |project: usize| self.team.projects[project].has(self.client.person.id);
        let tasks = self.team.tasks.lock().unwrap();
        let newest: Vec<_> = tasks.iter().rev().filter(|task| belongs(task.1)).take(NEWEST).copied().collect();
        newest.choose(&mut self.client.random).copied()
    }

    fn someone_of(&mut self, project: usize) -> Person {
        self.team.projects[project].members.choose(&mut self.client.random).unwrap().clone()
    }

    async fn create(&mut self) {
        let of_mine: Vec<usize> = (0..self.team.projects.len())
            .filter(|&place| self.team.projects[place].has(self.client.person.id))
            .collect();
        let place = *of_mine.choose(&mut self.client.random).unwrap();
        let assignee = self.client.random.random_bool(0.5).then(|| json!(self.someone_of(place).id));
        if let Some(task) = self.create_in(place, None, assignee).await {
            self.team.tasks.lock().unwrap().push((task, place));
        }
    }

    /// Creates a task in a project, or a subtask. Returns its id if acknowledged.
    async fn create_in(&mut self, place: usize, parent: Option<Uuid>, assignee: Option<Value>) -> Option<Uuid> {
        let title = format!("Task {}", Uuid::now_v7().simple());
        let mut new = json!({ "title": title, "project_id": self.team.projects[place].id });
        if let Some(assignee) = assignee {
            new["assignee_id"] = assignee;
        }
        if let Some(parent) = parent {
            new["parent_id"] = json!(parent);
        }
        let key = Guard::Key(Uuid::now_v7().to_string());
        let outcome = self.client.call(Method::POST, "/v1/tasks", Some(&new), &key).await;
        let task = if let Outcome::Acknowledged(task) = &outcome { task["id"].as_str() } else { None };
        let task = task.map(|id| id.parse().unwrap());
        self.note(
            if parent.is_some() { "creates of subtasks" } else { "creates" },
            Operation::Create { title },
            outcome,
        );
        task
    }

    async fn assign(&mut self, task: Uuid, project: usize) {
        let Some(now) = self.client.get(&format!("/v1/tasks/{task}")).await else { return };
        let to = match self.client.random.random_range(0..10) {
            0 => Value::Null,
            _ => json!(self.someone_of(project).id),
        };
        if now["assignee_id"] != to {
            self.change(task, &now, "assignee_id", "assignee", to).await;
        }
    }

    async fn advance(&mut self, task: Uuid) {
        let Some(now) = self.client.get(&format!("/v1/tasks/{task}")).await else { return };
        let to = match now["status"].as_str().unwrap() {
            "todo" => "in_progress",
            "in_progress" => "done",
            _ => "todo",
        };
        self.change(task, &now, "status", "status", json!(to)).await;
    }

    async fn change(&mut self, task: Uuid, now: &Value, field: &'static str, path: &str, to: Value) {
        let version = now["version"].as_i64().unwrap();
        let path = format!("/v1/tasks/{task}/{path}");
        let outcome = self.client.call(Method::PUT, &path, Some(&json!({ field: to })), &Guard::Version(version)).await;
        let kind = match to.as_str() {
            Some("done") => "finishes",
            _ if field == "assignee_id" => "assigns",
            _ => "other changes of status",
        };
        self.note(kind, Operation::Change { task, version, field, to }, outcome);
    }

    async fn comment(&mut self, task: Uuid, project: usize) {
        let mentioned = self.client.random.random_bool(0.3).then(|| self.someone_of(project));
        self.comment_on(task, mentioned).await;
    }

    async fn comment_on(&mut self, task: Uuid, mentioned: Option<Person>) {
        let mut body = format!("Comment {}", Uuid::now_v7().simple());
        if let Some(someone) = mentioned {
            body = format!("{body} @[{}](user:{})", someone.name, someone.id);
        }
        let (path, key) = (format!("/v1/tasks/{task}/comments"), Guard::Key(Uuid::now_v7().to_string()));
        let outcome = self.client.call(Method::POST, &path, Some(&json!({ "body": body })), &key).await;
        self.note("comments", Operation::Comment { task, body }, outcome);
    }

    async fn watch(&mut self, task: Uuid) {
        let path = format!("/v1/tasks/{task}/watchers/me");
        let outcome = self.client.call(Method::PUT, &path, None, &Guard::None).await;
        self.note("watches", Operation::Watch { task }, outcome);
    }

    /// Marks everything read except the newest three.
    async fn read(&mut self) {
        let Some(page) = self.client.get("/v1/notifications?limit=5").await else { return };
        if let Some(seq) = page["items"][3]["seq"].as_i64() {
            self.client.call(Method::POST, "/v1/notifications/read", Some(&json!({ "seq": seq })), &Guard::None).await;
        }
    }

    fn note(&self, kind: &'static str, operation: Operation, outcome: Outcome) {
        let what = match &outcome {
            Outcome::Acknowledged(_) => format!("{kind}, acknowledged"),
            Outcome::Rejected(403 | 412) => format!("{kind}, rejected: not allowed, or the task had changed"),
            Outcome::Rejected(status) => format!("{kind}, rejected with {status}"),
            Outcome::Unknown => format!("{kind}, of unknown outcome"),
        };
        self.run.count("changes", what);
        self.run.history.lock().unwrap().push(Entry {
            who: self.client.person.id,
            operation,
            outcome,
            lost: self.client.lost,
        });
    }
}
