//! The databases: one a size, made once, and copied for each run.

use std::{
    str::FromStr,
    time::{Duration, Instant},
};

use shared::{
    db::MIGRATOR,
    domain::{Caller, account::Role},
};
use sqlx::{ConnectOptions, Connection, Executor, PgConnection, postgres::PgConnectOptions};
use uuid::Uuid;

use crate::usage;

const SEED: &str = include_str!("seed.sql");
/// The copy that a run measures.
const NAME: &str = "bench";
/// How many people take turns, so that not everybody asks for the same.
pub(crate) const PEOPLE: usize = 100;

/// The server of the databases.
pub(crate) struct Server {
    url: String,
    admin: PgConnection,
}

impl Server {
    /// The server at this URL, whatever database it names.
    pub(crate) async fn connect(url: &str) -> anyhow::Result<Self> {
        let options = PgConnectOptions::from_str(url)?.database("postgres");
        Ok(Self { url: url.into(), admin: PgConnection::connect_with(&options).await? })
    }

    /// The version, and what it was given.
    pub(crate) async fn description(&mut self) -> anyhow::Result<String> {
        let text = "SELECT 'PostgreSQL ' || current_setting('server_version') || ', shared_buffers ' || current_setting('shared_buffers')
                    || ', fsync ' || current_setting('fsync') || ', synchronous_commit ' || current_setting('synchronous_commit')";
        Ok(sqlx::query_scalar(text).fetch_one(&mut self.admin).await?)
    }

    /// A new database with so many tasks, in the place of that of the run before. Answers its URL.
    pub(crate) async fn database(&mut self, tasks: u64) -> anyhow::Result<String> {
        let seed = self.seeded(tasks).await?;
        self.drop(NAME).await?;
        // The copy is made of files; then everything is on disk, so that no checkpoint falls into a measurement.
        self.run(&format!("CREATE DATABASE {NAME} TEMPLATE {seed} STRATEGY file_copy")).await?;
        self.run("CHECKPOINT").await?;
        Ok(PgConnectOptions::from_str(&self.url)?.database(NAME).to_url_lossy().to_string())
    }

    /// The database that is copied. Its name says what made it.
    async fn seeded(&mut self, tasks: u64) -> anyhow::Result<String> {
        let schema = MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or_default();
        let digest = SEED.bytes().fold(0u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        let name = format!("seed_{tasks}_{schema}_{digest:08x}");
        let exists = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)");
        if exists.bind(&name).fetch_one(&mut self.admin).await? {
            return Ok(name);
        }
        eprintln!("making {tasks} tasks, once …");
        let begun = Instant::now();
        self.drop("seeding").await?;
        self.run("CREATE DATABASE seeding").await?;
        let mut database = self.connection("seeding").await?;
        MIGRATOR.run(&mut database).await?;
        database.execute(sqlx::AssertSqlSafe(format!("SET bench.tasks = {tasks}"))).await?;
        database.execute(SEED).await?;
        database.execute("VACUUM (FREEZE, ANALYZE)").await?;
        database.close().await?;
        self.run(&format!("ALTER DATABASE seeding RENAME TO {name}")).await?;
        eprintln!("made in {:.0} s", begun.elapsed().as_secs_f64());
        Ok(name)
    }

    /// A connection to one of the databases.
    async fn connection(&self, name: &str) -> anyhow::Result<PgConnection> {
        Ok(PgConnection::connect_with(&PgConnectOptions::from_str(&self.url)?.database(name)).await?)
    }

    /// The processor time of the server's processes until now, but for the one that answers this. Of a function that
    /// has connected since the time before, its process counts from its beginning.
    pub(crate) async fn cpu(&mut self) -> anyhow::Result<Option<Duration>> {
        let pids: Vec<i32> = sqlx::query_scalar("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
            .fetch_all(&mut self.admin)
            .await?;
        Ok(pids.into_iter().filter_map(|pid| usage::cpu(pid.try_into().ok()?)).reduce(|sum, one| sum + one))
    }

    async fn drop(&mut self, name: &str) -> anyhow::Result<()> {
        self.run(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await
    }

    async fn run(&mut self, sql: &str) -> anyhow::Result<()> {
        self.admin.execute(sqlx::AssertSqlSafe(sql)).await?;
        Ok(())
    }
}

/// Whose ids `seed.sql` makes of a kind and a number.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Person = 1,
    Session = 2,
    Project = 3,
    OneOfTheCrowd = 4,
}

/// The id of one of them.
pub(crate) fn id(kind: Kind, number: usize) -> Uuid {
    Uuid::from_u64_pair(kind as u64, number as u64)
}

/// Somebody of the thousand; the first is an administrator.
pub(crate) fn person(number: usize) -> Caller {
    let role = if number == 0 { Role::Admin } else { Role::Manager };
    Caller { id: id(Kind::Person, number), session_id: id(Kind::Session, number), role }
}

/// A task in each of somebody's projects.
pub(crate) async fn tasks_of(conn: &mut PgConnection, person: &Caller) -> sqlx::Result<Vec<Uuid>> {
    let tasks = "SELECT t.id FROM memberships m JOIN projects p ON p.id = m.project_id
                 JOIN tasks t ON t.project_id = p.id AND t.number = 1 + abs(hashtext(p.key) % p.task_counter)
                 WHERE m.user_id = $1 AND p.task_counter > 0";
    sqlx::query_scalar(tasks).bind(person.id).fetch_all(conn).await
}
