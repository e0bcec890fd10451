//! The state that all parts of a run share: counters, the history of operations, and the injected faults.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio::sync::watch;
use uuid::Uuid;

/// What a client requested.
#[derive(Debug, Clone)]
pub(crate) enum Operation {
    /// Creates a task with a unique title.
    Create { title: String },
    /// Creates a comment with a unique body.
    Comment { task: Uuid, body: String },
    /// Changes one field of a task that has this version.
    Change { task: Uuid, version: i64, field: &'static str, to: Value },
    /// Starts watching a task.
    Watch { task: Uuid },
    /// Moves a task that has this version to the trash, with its subtasks.
    Trash { task: Uuid, version: i64 },
    /// Restores a task from the trash.
    Restore { task: Uuid },
    /// Moves a project to the trash or restores it.
    Project { project: Uuid, in_trash: bool },
    /// Adds a member to a project or removes them.
    Member { project: Uuid, person: Uuid, belongs: bool },
}

/// The outcome of an operation, as its client knows it.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    /// It succeeded, with this response body.
    Acknowledged(Value),
    /// It was rejected with this status and changed nothing.
    Rejected(u16),
    /// A response was lost, and the retry was rejected: it may have succeeded or not.
    Unknown,
}

/// An entry of the history.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) who: Uuid,
    pub(crate) operation: Operation,
    pub(crate) outcome: Outcome,
    /// The number of lost responses. An unguarded operation may have happened once more for each of them, even late.
    pub(crate) lost: usize,
}

/// An injected fault, with the time of its injection. (How long a part then stays unavailable does not count.)
#[derive(Debug, Clone)]
pub(crate) struct Injected {
    pub(crate) what: String,
    pub(crate) from: DateTime<Utc>,
    pub(crate) to: DateTime<Utc>,
}

/// An invalid message.
#[derive(Debug, Clone)]
pub(crate) struct Poison {
    pub(crate) body: String,
    pub(crate) queue: usize,
    /// How often the emulator had been stopped before: each stop empties its queues.
    pub(crate) emulator_stops: u64,
}

pub(crate) struct Run {
    pub(crate) begun: DateTime<Utc>,
    pub(crate) history: Mutex<Vec<Entry>>,
    pub(crate) injected: Mutex<Vec<Injected>>,
    pub(crate) poison: Mutex<Vec<Poison>>,
    /// Responses of functions with status 500. An unavailable part must be 503 instead.
    pub(crate) server_errors: Mutex<Vec<String>>,
    /// How often the emulator was stopped.
    pub(crate) emulator_stops: AtomicU64,
    /// Whether the emulator is being deployed to, which changes its routes.
    pub(crate) deploying: AtomicBool,
    /// Whether clients should stop.
    pub(crate) over: AtomicBool,
    /// Changes when all WebSockets should be dropped.
    pub(crate) drops: watch::Sender<u64>,
    counters: Mutex<BTreeMap<(&'static str, String), u64>>,
}

impl Run {
    pub(crate) fn new() -> Self {
        Self {
            begun: Utc::now(),
            history: Mutex::default(),
            injected: Mutex::default(),
            poison: Mutex::default(),
            server_errors: Mutex::default(),
            emulator_stops: AtomicU64::new(0),
            deploying: AtomicBool::new(false),
            over: AtomicBool::new(false),
            drops: watch::Sender::new(0),
            counters: Mutex::default(),
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }

    pub(crate) fn count(&self, of: &'static str, what: impl Into<String>) {
        self.add(of, what, 1);
    }

    pub(crate) fn add(&self, of: &'static str, what: impl Into<String>, number: usize) {
        *self.counters.lock().unwrap().entry((of, what.into())).or_default() += number as u64;
    }

    /// Returns a table of all counters.
    pub(crate) fn table(&self) -> String {
        let (mut table, mut last) = (String::new(), "");
        for ((of, what), number) in &*self.counters.lock().unwrap() {
            if *of != last {
                last = of;
                _ = writeln!(table, "{of}");
            }
            _ = writeln!(table, "  {what:<60} {number:>8}");
        }
        table
    }
}
