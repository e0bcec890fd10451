//! The databases: one for each size, created once and copied for each run.

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
/// The name of the copy that a run measures.
const NAME: &str = "bench";
/// The number of people who make requests in turn, so that not all requests are for the same data.
pub(crate) const PEOPLE: usize = 100;

/// The Postgres server.
pub(crate) struct Server {
    url: String,
    admin: PgConnection,
}

impl Server {
    /// Connects to the server at this URL. Ignores the database in the URL.
    pub(crate) async fn connect(url: &str) -> anyhow::Result<Self> {
        let options = PgConnectOptions::from_str(url)?.database("postgres");
        Ok(Self { url: url.into(), admin: PgConnection::connect_with(&options).await? })
    }

    /// Returns the version of the server, and its settings for memory and durability.
    pub(crate) async fn description(&mut self) -> anyhow::Result<String> {
        let text = "SELECT 'PostgreSQL ' || current_setting('server_version') || ', shared_buffers ' || current_setting('shared_buffers')
                    || ', fsync ' || current_setting('fsync') || ', synchronous_commit ' || current_setting('synchronous_commit')";
        Ok(sqlx::query_scalar(text).fetch_one(&mut self.admin).await?)
    }

    /// Creates a database with this number of tasks, which replaces the one of the previous run. Returns its URL.
    pub(crate) async fn database(&mut self, tasks: u64) -> anyhow::Result<String> {
        let seed = self.seeded(tasks).await?;
        self.drop(NAME).await?;
        // Copies the files. Then a checkpoint writes everything to disk, so that none happens during a measurement.
        self.run(&format!("CREATE DATABASE {NAME} TEMPLATE {seed} STRATEGY file_copy")).await?;
        self.run("CHECKPOINT").await?;
        Ok(PgConnectOptions::from_str(&self.url)?.database(NAME).to_url_lossy().to_string())
    }

    /// Returns the name of the database to copy. Creates the database if it does not exist. The name contains the
    /// number of tasks, the version of the schema, and a digest of `seed.sql`.
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

    /// Connects to one of the databases.
    async fn connection(&self, name: &str) -> anyhow::Result<PgConnection> {
        Ok(PgConnection::connect_with(&PgConnectOptions::from_str(&self.url)?.database(name)).await?)
    }

    /// Returns the processor time that the server's processes have used so far, except the process of this connection.
    /// If a function has connected since the previous call, its process counts from its start.
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

/// The kinds of rows whose ids `seed.sql` makes from a kind and a number.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Person = 1,
    Session = 2,
    Project = 3,
    OneOfTheCrowd = 4,
}

/// Returns the id of the row of this kind with this number.
pub(crate) fn id(kind: Kind, number: usize) -> Uuid {
    Uuid::from_u64_pair(kind as u64, number as u64)
}

/// Returns one of the thousand people. The first is an administrator.
pub(crate) fn person(number: usize) -> Caller {
    let role = if number == 0 { Role::Admin } else { Role::Manager };
    Caller { id: id(Kind::Person, number), session_id: id(Kind::Session, number), role }
}

/// Returns the id of one task in each project of a person.
pub(crate) async fn tasks_of(conn: &mut PgConnection, person: &Caller) -> sqlx::Result<Vec<Uuid>> {
    let tasks = "SELECT t.id FROM memberships m JOIN projects p ON p.id = m.project_id
                 JOIN tasks t ON t.project_id = p.id AND t.number = 1 + abs(hashtext(p.key) % p.task_counter)
                 WHERE m.user_id = $1 AND p.task_counter > 0";
    sqlx::query_scalar(tasks).bind(person.id).fetch_all(conn).await
}
