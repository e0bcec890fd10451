//! The floor: the same SQL alone, over one connection. The rest of the time of a request is spent in this service's
//! code and in the platform.

use std::time::{Duration, Instant};

use chrono::Utc;
use shared::{
    db::{
        Database,
        page::PageRequest,
        sessions,
        task_list::{self, TaskFilter},
        tasks::{self, TaskRef},
    },
    domain::{
        Caller,
        access::Edit,
        new_task::NewTask,
        task::{Priority, TaskPatch},
    },
    queue::Queues,
};
use uuid::Uuid;

use crate::data::{self, Kind, PEOPLE};

/// The work of an endpoint in the database. The tasks are grouped by person.
pub(crate) enum Floor {
    Show(Vec<Vec<Uuid>>),
    List(fn(usize) -> TaskFilter),
    Create,
    Change(Vec<Vec<Uuid>>),
}

impl Floor {
    /// Repeats the work for this time, and returns the duration of each repetition.
    pub(crate) async fn measure(&self, db: &Database, time: Duration) -> anyhow::Result<Vec<Duration>> {
        for number in 0..PEOPLE {
            self.once(db, number).await?;
        }
        let (begun, mut took) = (Instant::now(), Vec::new());
        while begun.elapsed() < time {
            let one = Instant::now();
            self.once(db, took.len()).await?;
            took.push(one.elapsed());
        }
        Ok(took)
    }

    async fn once(&self, db: &Database, number: usize) -> anyhow::Result<()> {
        let person = data::person(1 + number % PEOPLE);
        if let Self::Create = self {
            create(db, &person, number).await?; // Its statement checks the session itself.
            return Ok(());
        }
        let mut conn = db.connection().await?;
        let caller = sessions::authenticate(&mut conn, (&person).into()).await?;
        match self {
            Self::Show(tasks) => _ = tasks::find(&mut conn, &caller, &task_of(tasks, number)?).await?,
            Self::List(filter) => {
                let page = PageRequest { limit: 50, cursor: None };
                task_list::list(&mut conn, &caller, &filter(number), &page).await?;
            }
            Self::Create => {}
            Self::Change(tasks) => {
                drop(conn);
                let mut tx = db.begin().await?;
                let mut task = tasks::lock(&mut tx, &caller, &task_of(tasks, number)?, Edit).await?;
                let title = Some(format!("Changed {number} times by SQL"));
                let changes = task.apply(TaskPatch { title, ..TaskPatch::default() }, Utc::now());
                tasks::save(&mut tx, &mut task, &changes).await?;
                tx.commit(&Queues::none()).await?;
            }
        }
        Ok(())
    }
}

/// The ids of a created task and of its event.
pub(crate) struct New {
    pub(crate) task_id: Uuid,
    pub(crate) event_id: Uuid,
}

/// Creates a task in one of the caller's projects, assigned to another member.
pub(crate) async fn create(db: &Database, caller: &Caller, number: usize) -> anyhow::Result<New> {
    let person = 1 + number % PEOPLE;
    let assignee = data::id(Kind::Person, (person + 50) % 1000);
    new_task(db, caller, data::id(Kind::Project, person), Some(assignee), number).await
}

/// Creates a task as `create-task` does.
pub(crate) async fn new_task(
    db: &Database,
    caller: &Caller,
    project_id: Uuid,
    assignee_id: Option<Uuid>,
    number: usize,
) -> anyhow::Result<New> {
    let new = NewTask {
        project_id: Some(project_id),
        description: "Somebody wrote down what has to be done here, in two sentences. It concerns the benchmark."
            .into(),
        priority: Priority::High,
        due_at: Some(Utc::now() + chrono::TimeDelta::days(1000)),
        assignee_id,
        labels: vec!["bench".into()],
        ..NewTask::new(&format!("Written by SQL, number {number}"))
    };
    let mut tx = db.statement().await?;
    let task_id = tasks::create(&mut tx, caller.into(), new.normalized()?).await?.id;
    Ok(New { task_id, event_id: tx.enqueued()[0].id })
}

fn task_of(tasks: &[Vec<Uuid>], number: usize) -> shared::Result<TaskRef> {
    let of_person = &tasks[number % PEOPLE];
    of_person[number / PEOPLE % of_person.len()].to_string().parse()
}
