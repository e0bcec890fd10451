//! Benchmarks the release binaries of the functions as Lambda runs them, with a real Postgres and Redis: `make bench`.
//!
//! The driver implements the Runtime API for each function, and sends it events like those of the gateway, a queue and
//! the scheduler. SQS, S3, the WebSocket gateway and the mail server are stubs that accept everything immediately. See
//! `docs/performance.md`.

mod background;
mod data;
mod endpoints;
mod environment;
mod fan_out;
mod floor;
mod measure;
mod price;
mod report;
mod server;
mod stubs;
mod table;
mod usage;

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::Context;
use shared::db::Database;

use crate::{
    data::Server,
    endpoints::Tokens,
    environment::Function,
    report::{Report, Size},
};

/// The settings of a run, from the environment variables that `localstack/bench` sets.
struct Settings {
    database_url: String,
    redis_url: String,
    /// The folder for the logs of the functions and for the results.
    folder: PathBuf,
    /// The number of tasks in each of the databases.
    sizes: Vec<u64>,
    /// The duration of each measurement.
    time: Duration,
    /// Only what has this text in its name is measured.
    only: String,
    commit: String,
}

impl Settings {
    fn from_env() -> anyhow::Result<Self> {
        #[expect(clippy::disallowed_methods, reason = "the driver's own configuration")]
        let variable = |name: &str| std::env::var(name).with_context(|| format!("{name} is not set: use `make bench`"));
        let sizes = variable("TASKS")?.split(',').map(str::parse).collect::<Result<Vec<_>, _>>()?;
        anyhow::ensure!(
            sizes.iter().all(|&size| size >= 10_000),
            "TASKS are at least 10000, so that each project has ten"
        );
        Ok(Self {
            database_url: variable("DATABASE_URL")?,
            redis_url: variable("REDIS_URL")?,
            folder: variable("RESULTS")?.into(),
            sizes,
            time: Duration::from_secs_f64(variable("SECONDS_EACH")?.parse()?),
            only: variable("ONLY")?,
            commit: variable("COMMIT")?,
        })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let settings = Settings::from_env()?;
    let asked_for = |name: &str| name.contains(&settings.only);
    std::fs::create_dir_all(settings.folder.join("log"))?;
    let begun = Instant::now();
    let mut server = Server::connect(&settings.database_url).await?;
    let (gateway, frames) = stubs::gateway().await?;
    let smtp = stubs::smtp().await?;
    let services = stubs::services().await?;
    let redis = redis::Client::open(settings.redis_url.as_str())?;
    let info: String =
        redis::cmd("INFO").arg("server").query_async(&mut redis.get_multiplexed_async_connection().await?).await?;
    let cache = shared::cache::Cache::new(redis);
    let mut report = Report {
        machine: usage::machine(),
        database: server.description().await?,
        cache: info.lines().filter(|line| line.contains("_version:")).collect::<Vec<_>>().join(", "),
        commit: settings.commit.clone(),
        at: chrono::Utc::now().format("%Y-%m-%d %H:%M UTC").to_string(),
        seconds: 0.0,
        sizes: Vec::new(),
        fan_out: Vec::new(),
    };

    let tokens = Tokens::new()?;
    for &tasks in &settings.sizes {
        let url = server.database(tasks).await?;
        let db = Database::from(shared::db::pool(url.parse()?, 2)).keeping();
        sqlx::query("UPDATE users SET password_hash = $1")
            .bind(shared::auth::hash_password(endpoints::PASSWORD)?)
            .execute(&mut *db.connection().await?)
            .await?;
        let mut endpoints = endpoints::all(&mut *db.connection().await?, &tokens).await?;
        endpoints.retain(|endpoint| asked_for(endpoint.what));
        let background: Vec<_> = background::NAMES.into_iter().filter(|name| asked_for(name)).collect();
        let names: Vec<_> =
            endpoints.iter().map(|endpoint| endpoint.function).chain(background.iter().copied()).collect();
        let binaries = environment::build(&names)?;
        let function = |name| function(&settings, binaries.join(name), name, &url, [&services, &gateway, &smtp]);

        let mut size = Size { tasks, endpoints: Vec::new(), background: Vec::new() };
        for endpoint in &endpoints {
            eprintln!("{tasks} tasks: {}", endpoint.what);
            tokens.issue()?;
            let row =
                measure::endpoint(endpoint, &function(endpoint.function), (&mut server, &db), settings.time).await;
            size.endpoints.push(row.with_context(|| endpoint.what)?);
        }
        for name in background {
            eprintln!("{tasks} tasks: {name}");
            size.background.push(background::run(&function(name), &mut server, &db).await.context(name)?);
        }
        report.sizes.push(size);
        if report.sizes.len() == settings.sizes.len() && asked_for("notify") {
            fan_out::connect(&cache).await?;
            for people in fan_out::SIZES {
                eprintln!("{tasks} tasks: notify for {people}");
                report.fan_out.push(fan_out::run(&function("notify"), people, &db, &frames).await?);
            }
        }
    }

    report.seconds = begun.elapsed().as_secs_f64();
    report.print();
    if let Some(last) = report.sizes.last() {
        println!("\nA million requests on AWS, in US dollars\n\n{}", price::table(&last.endpoints));
    }
    let results = settings.folder.join("results.json");
    std::fs::write(&results, serde_json::to_string_pretty(&report)?)?;
    println!("\nThe same as JSON: {}", results.display());
    Ok(())
}

/// Returns a function with the environment variables of infra/http.yaml. Requests are counted against the rate limits,
/// which are too high to be reached.
fn function(
    settings: &Settings,
    binary: PathBuf,
    name: &'static str,
    database: &str,
    [services, gateway, smtp]: [&str; 3],
) -> Function {
    let mut variables = vec![
        ("RUST_LOG", "INFO".into()),
        ("DATABASE_URL", database.into()),
        ("REDIS_URL", settings.redis_url.clone()),
        ("PUBLIC_URL", endpoints::PUBLIC_URL.into()),
        ("WEBSOCKET_URL", "ws://bench.example".into()),
        ("WEBSOCKET_MANAGEMENT_URL", gateway.into()),
        ("JWT_JWKS", endpoints::JWKS.into()),
        ("RATE_LIMIT_OPEN_PER_MINUTE", "1000000000".into()),
        ("RATE_LIMIT_USER_PER_MINUTE", "1000000000".into()),
        ("REFRESH_GRACE_SECONDS", "30".into()),
        ("EVENTS_QUEUE_URL", format!("{services}/events")),
        ("EMAILS_QUEUE_URL", format!("{services}/emails")),
        ("REPORTS_QUEUE_URL", format!("{services}/reports")),
        ("REPORTS_BUCKET", "reports".into()),
        ("EMAIL_GATHER_SECONDS", "0".into()),
        ("EMAIL_RETRY_SECONDS", "60".into()),
        ("RESEND_AFTER_SECONDS", "3600".into()),
        ("SMTP_URL", smtp.into()),
        ("MAIL_FROM", "Taskbell <taskbell@bench.example>".into()),
        ("UNSUBSCRIBE_KEY", "a key of the benchmark".into()),
        ("AWS_ENDPOINT_URL", services.into()),
        ("AWS_ACCESS_KEY_ID", "bench".into()),
        ("AWS_SECRET_ACCESS_KEY", "bench".into()),
    ];
    if name == "login" {
        variables.extend(endpoints::signing_key());
    }
    let log = settings.folder.join("log").join(format!("{name}.log"));
    Function { name, binary, log, variables }
}
