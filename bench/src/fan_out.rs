//! Measures `notify` with many recipients: all of them are notified of one comment, and each has one open WebSocket.

use std::time::Instant;

use shared::{
    cache::Cache,
    db::{
        Database, comments,
        tasks::{self, TaskRef},
    },
    domain::{Caller, access::Discuss, account::Role},
    queue::Queues,
    realtime,
};
use uuid::Uuid;

use crate::{
    background::records,
    data::{self, Kind},
    environment::{Environment, Function},
    floor,
    measure::{megabytes, per},
    report::{FanOut as Row, ms},
    stubs::Count,
};

/// The numbers of people who are notified.
pub(crate) const SIZES: [usize; 5] = [1, 10, 100, 1_000, 10_000];

/// Opens a connection for each recipient, as `ws-connect` does.
pub(crate) async fn connect(cache: &Cache) -> anyhow::Result<()> {
    for number in 0..SIZES[SIZES.len() - 1] {
        let (id, session_id) = (data::id(Kind::OneOfTheCrowd, number), data::id(Kind::Session, number));
        let ticket = realtime::create_ticket(cache, &Caller { id, session_id, role: Role::User }).await?;
        realtime::connect(cache, ticket.expose(), &format!("connection-{number}")).await?;
    }
    Ok(())
}

/// Measures how `notify` notifies this many people of a comment. Returns the fastest of three runs.
pub(crate) async fn run(notify: &Function, people: usize, db: &Database, frames: &Count) -> anyhow::Result<Row> {
    let mut environment = Environment::start(notify).await?;
    environment.invoke(&records(&[]).to_string().into()).await?.value()?;
    let mut best: Option<Row> = None;
    for _ in 0..3 {
        let event = comment(db, people).await?;
        let (before, cpu, begun) = (frames.get(), environment.cpu(), Instant::now());
        environment.invoke(&records(&[event]).to_string().into()).await?.value()?;
        let took = begun.elapsed();
        let sent = frames.get() - before;
        anyhow::ensure!(sent == people, "{sent} frames for {people} people");
        let cpu = environment
            .cpu()
            .zip(cpu)
            .map(|(now, before)| ms(now.saturating_sub(before) / u32::try_from(people).unwrap_or(1)));
        let row =
            Row { people, took_ms: ms(took), frames_per_second: per(people, took), cpu_ms: cpu, peak_memory_mb: None };
        best = [best, Some(row)].into_iter().flatten().min_by(|a, b| a.took_ms.total_cmp(&b.took_ms));
    }
    let peak = environment.peak_memory().map(megabytes);
    best.map(|row| Row { peak_memory_mb: peak, ..row }).ok_or_else(|| anyhow::anyhow!("nothing was measured"))
}

/// Creates a task that this many people watch, and a comment of the administrator on it. Returns the id of the event.
async fn comment(db: &Database, people: usize) -> anyhow::Result<Uuid> {
    let author = data::person(0);
    let task = floor::new_task(db, &author, data::id(Kind::Project, 1000), None, people).await?.task_id;
    let crowd: Vec<Uuid> = (0..people).map(|number| data::id(Kind::OneOfTheCrowd, number)).collect();
    sqlx::query("INSERT INTO watchers (task_id, user_id) SELECT $1, unnest($2::uuid[])")
        .bind(task)
        .bind(crowd)
        .execute(&mut *db.connection().await?)
        .await?;
    let mut tx = db.begin().await?;
    let task = tasks::lock(&mut tx, &author, &TaskRef::Id(task), Discuss).await?;
    comments::create(&mut tx, &task, "What do you think of it?").await?;
    let event_id = tx.enqueued()[0].id;
    tx.commit(&Queues::none()).await?;
    Ok(event_id)
}
