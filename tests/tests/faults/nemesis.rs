//! The nemesis: injects the faults of the plan.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use chrono::Utc;
use rand::{RngExt, rngs::ChaCha12Rng};
use redis::AsyncCommands as _;
use shared::db::PgPool;
use taskbell_tests::support::variable;
use tokio::{
    sync::Mutex,
    task::{JoinSet, spawn_blocking},
    time::{sleep, sleep_until},
};
use uuid::Uuid;

use crate::{
    plan::{Fault, Part, Plan, generator},
    queues::{NAMES, Queues},
    run::{Injected, Poison, Run},
};

/// A part that is not back after this time is broken.
const TIMEOUT: Duration = Duration::from_mins(4);

pub(crate) struct Nemesis {
    run: Arc<Run>,
    db: PgPool,
    queues: Arc<Queues>,
    /// A stopped part cannot be stopped again: the next fault waits until it is back.
    parts: HashMap<Part, Mutex<()>>,
}

impl Nemesis {
    pub(crate) fn new(run: Arc<Run>, db: PgPool, queues: Arc<Queues>) -> Self {
        let parts = [Part::Postgres, Part::Redis, Part::Emulator, Part::Smtp].map(|part| (part, Mutex::new(())));
        Self { run, db, queues, parts: parts.into() }
    }

    /// Injects all planned faults, each at its time, even while other parts are unavailable. Returns when all parts are
    /// back.
    pub(crate) async fn run(self: Arc<Self>, plan: &Plan) {
        let (begun, mut doing) = (tokio::time::Instant::now(), JoinSet::new());
        for (number, (at, fault)) in (1_u64..).zip(&plan.faults) {
            sleep_until(begun + *at).await;
            let (nemesis, fault, random) = (Arc::clone(&self), fault.clone(), generator(plan.seed, 1000 + number));
            doing.spawn(async move { nemesis.inject(&fault, random).await });
        }
        while let Some(done) = doing.join_next().await {
            done.unwrap();
        }
        sleep_until(begun + plan.length).await;
        // Earlier poison may be lost with the emulator's queues. This one must be found.
        self.inject(&Fault::Poison { kind: 0 }, generator(plan.seed, 4)).await;
    }

    async fn inject(&self, fault: &Fault, mut random: ChaCha12Rng) {
        let from = Utc::now();
        let done = match fault {
            Fault::Stop { part, signal, away } => {
                self.stop(fault, *part, signal, *away).await;
                return;
            }
            Fault::Freeze { part, time } => self.freeze(*part, *time).await,
            Fault::Kill { function } => kill(function).await,
            Fault::EndBackends => self.end_backends().await,
            Fault::CrashBackend => self.crash_backend().await,
            Fault::DropRedisClients => drop_redis_clients().await,
            Fault::DropSockets => {
                self.run.drops.send_modify(|drops| *drops += 1);
                Ok(1)
            }
            Fault::Copy { messages } => self.queues.copy(&self.db, *messages, &mut random).await,
            Fault::HoldBack { seconds } => self.queues.hold_back(*seconds).await,
            Fault::Poison { kind } => self.poison(*kind, &mut random).await,
        };
        self.note(fault, from);
        match done {
            Ok(0) => self.run.count("faults", format!("{}: nothing to affect", fault.kind())),
            Ok(number) => {
                self.run.count("faults", fault.kind());
                if number > 1 {
                    self.run.add("faults", format!("{}, in total", fault.kind()), number);
                }
            }
            Err(_) => self.run.count("faults", format!("{}: its part was unavailable", fault.kind())),
        }
    }

    fn note(&self, fault: &Fault, from: chrono::DateTime<Utc>) {
        self.run.injected.lock().unwrap().push(Injected { what: fault.to_string(), from, to: Utc::now() });
    }

    async fn stop(&self, fault: &Fault, part: Part, signal: &str, away: Duration) {
        let _alone = self.parts[&part].lock().await;
        if part == Part::Emulator {
            self.run.deploying.store(true, Ordering::SeqCst);
            self.run.emulator_stops.fetch_add(1, Ordering::SeqCst);
        }
        let from = Utc::now();
        let stopped = local(&["stop", part.name(), signal]).await;
        assert!(stopped.status.success(), "{}", output_of(&stopped));
        self.note(fault, from);
        self.run.count("faults", fault.kind());
        if part == Part::Smtp {
            spawn_blocking(move_emails_aside).await.unwrap();
        }
        sleep(away).await;
        if part == Part::Emulator {
            tokio::join!(self.start(part), self.queues.shorten_visibility());
            self.run.deploying.store(false, Ordering::SeqCst);
        } else {
            self.start(part).await;
        }
    }

    async fn start(&self, part: Part) {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let started = local(&["start", part.name()]).await;
            if started.status.success() {
                return;
            }
            // For example a deployment while the database is unavailable.
            self.run.count("faults", format!("{} could not be started at once", part.name()));
            assert!(Instant::now() < deadline, "{}", output_of(&started));
        }
    }

    async fn freeze(&self, part: Part, time: Duration) -> anyhow::Result<usize> {
        let _alone = self.parts[&part].lock().await;
        let processes = String::from_utf8(local(&["processes", part.name()]).await.stdout)?;
        let pids: Vec<String> = processes.lines().filter(|line| !line.is_empty()).map(Into::into).collect();
        let frozen = signal("STOP", pids.clone()).await;
        sleep(time).await;
        signal("CONT", pids).await;
        Ok(frozen)
    }

    async fn end_backends(&self) -> anyhow::Result<usize> {
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND random() < 0.5";
        Ok(sqlx::query_scalar::<_, bool>(end).fetch_all(&self.db).await?.len())
    }

    async fn crash_backend(&self) -> anyhow::Result<usize> {
        let any = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
                   ORDER BY state = 'idle', random() LIMIT 1";
        let pid: Option<i32> = sqlx::query_scalar(any).fetch_optional(&self.db).await?;
        Ok(signal("KILL", pid.into_iter().map(|pid| pid.to_string()).collect()).await)
    }

    async fn poison(&self, kind: usize, random: &mut ChaCha12Rng) -> anyhow::Result<usize> {
        let (queue, id) = (random.random_range(0..NAMES.len()), Uuid::now_v7());
        let body = match kind {
            0 => format!("poison {id}"),
            1 => format!(r#"{{"poison": "{id}"}}"#),
            2 => format!(r#"{{"id": "poison {id}"}}"#),
            // This one is valid, but there is no such row, so there is nothing to do.
            _ => format!(r#"{{"id": "{id}"}}"#),
        };
        let emulator_stops = self.run.emulator_stops.load(Ordering::SeqCst);
        self.queues.send(queue, &body).await?;
        if kind < 3 {
            self.run.poison.lock().unwrap().push(Poison { body, queue, emulator_stops });
        }
        Ok(1)
    }
}

/// Kills every running instance of a function of this system's emulator.
async fn kill(function: &str) -> anyhow::Result<usize> {
    let functions = local(&["functions"]).await;
    let functions = String::from_utf8(functions.stdout)?;
    let pids = functions.lines().filter_map(|line| line.split_once(' ')).filter(|(_, name)| *name == function);
    Ok(signal("KILL", pids.map(|(pid, _)| pid.to_owned()).collect()).await)
}

/// Sends a signal to processes and returns their number. Some may have ended by themselves.
async fn signal(name: &'static str, pids: Vec<String>) -> usize {
    let number = pids.len();
    if number > 0 {
        // The shell's own: the program `kill` is not installed everywhere.
        let kill = move || {
            Command::new("sh").args(["-c", r#"kill "$@""#, "sh", &format!("-{name}")]).args(pids).output().unwrap()
        };
        spawn_blocking(kill).await.unwrap();
    }
    number
}

async fn drop_redis_clients() -> anyhow::Result<usize> {
    let client = redis::Client::open(variable("REDIS_URL"))?;
    let mut connection = client.get_multiplexed_async_connection().await?;
    let ended: usize = redis::cmd("CLIENT")
        .arg("KILL")
        .arg("TYPE")
        .arg("normal")
        .arg("SKIPME")
        .arg("yes")
        .query_async(&mut connection)
        .await?;
    let _: () = connection.ping().await?;
    Ok(ended)
}

/// Runs `localstack/local` on the system under test, which the environment describes.
async fn local(arguments: &[&str]) -> Output {
    let arguments: Vec<String> = arguments.iter().map(|&word| word.into()).collect();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    spawn_blocking(move || Command::new("localstack/local").args(arguments).current_dir(root).output().unwrap())
        .await
        .unwrap()
}

fn output_of(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Returns the folders with the e-mails that the SMTP server accepted: its own, and the one they are moved to.
pub(crate) fn email_folders() -> [PathBuf; 2] {
    let own = PathBuf::from(variable("TASKBELL_MAIL_FOLDER"));
    let aside = own.join("aside");
    [own, aside]
}

/// `MailDev` reads its whole folder at start, which takes long if there are many e-mails.
fn move_emails_aside() {
    let [own, aside] = email_folders();
    std::fs::create_dir_all(&aside).unwrap();
    for file in std::fs::read_dir(own).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "eml") {
            std::fs::rename(&path, aside.join(Path::new(path.file_name().unwrap()))).unwrap();
        }
    }
}
