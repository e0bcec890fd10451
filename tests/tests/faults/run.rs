//! What all who take part in a run share: what was counted, what happened when, and what the clients were told.

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

/// What somebody asked for, as it can be found again in the books.
#[derive(Debug, Clone)]
pub(crate) enum Asked {
    /// A task; its title is nobody else's.
    Create { title: String },
    /// A comment; its body is nobody else's.
    Comment { task: Uuid, body: String },
    /// One field of a task to change, from this version of it on.
    Change { task: Uuid, version: i64, field: &'static str, to: Value },
    /// A task to be watched.
    Watch { task: Uuid },
    /// A task of this version to be put into the trash, with its subtasks.
    Trash { task: Uuid, version: i64 },
    /// A task to be taken out of it.
    Restore { task: Uuid },
    /// A project to be put into the trash, or to be taken out of it.
    Project { project: Uuid, in_trash: bool },
    /// Somebody to be added to a project, or to be removed from it.
    Member { project: Uuid, person: Uuid, belongs: bool },
}

/// What came of it.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    /// It was acknowledged, with this.
    Done(Value),
    /// It was refused: nothing may have happened.
    Refused(u16),
    /// Its answer was lost, and it was refused when it was asked for again: either may be so.
    Unknown,
}

/// A line of the ledger.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) who: Uuid,
    pub(crate) asked: Asked,
    pub(crate) outcome: Outcome,
    /// How many of its answers were lost. What nothing guards may have happened once more for each of them, also late.
    pub(crate) lost: usize,
}

/// A fault that was done: what, and from when to when it struck. (How long a part is away then does not count.)
#[derive(Debug, Clone)]
pub(crate) struct Struck {
    pub(crate) what: String,
    pub(crate) from: DateTime<Utc>,
    pub(crate) to: DateTime<Utc>,
}

/// A message that no consumer understands.
#[derive(Debug, Clone)]
pub(crate) struct Poison {
    pub(crate) body: String,
    pub(crate) queue: usize,
    /// How often the emulator had been stopped by then: it forgets its queues each time.
    pub(crate) life: u64,
}

pub(crate) struct Run {
    pub(crate) begun: DateTime<Utc>,
    pub(crate) ledger: Mutex<Vec<Entry>>,
    pub(crate) struck: Mutex<Vec<Struck>>,
    pub(crate) poison: Mutex<Vec<Poison>>,
    /// Answers of functions that say that the fault is theirs (500). That a part is away has another status (503).
    pub(crate) faults: Mutex<Vec<String>>,
    /// How often the emulator was stopped.
    pub(crate) lives: AtomicU64,
    /// Whether the emulator is being deployed to: routes come and go.
    pub(crate) deploying: AtomicBool,
    /// Whether clients are to end.
    pub(crate) over: AtomicBool,
    /// Changes when the WebSockets are to drop.
    pub(crate) drops: watch::Sender<u64>,
    figures: Mutex<BTreeMap<(&'static str, String), u64>>,
}

impl Run {
    pub(crate) fn new() -> Self {
        Self {
            begun: Utc::now(),
            ledger: Mutex::default(),
            struck: Mutex::default(),
            poison: Mutex::default(),
            faults: Mutex::default(),
            lives: AtomicU64::new(0),
            deploying: AtomicBool::new(false),
            over: AtomicBool::new(false),
            drops: watch::Sender::new(0),
            figures: Mutex::default(),
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }

    pub(crate) fn count(&self, of: &'static str, what: impl Into<String>) {
        self.add(of, what, 1);
    }

    pub(crate) fn add(&self, of: &'static str, what: impl Into<String>, number: usize) {
        *self.figures.lock().unwrap().entry((of, what.into())).or_default() += number as u64;
    }

    /// Everything that was counted.
    pub(crate) fn table(&self) -> String {
        let (mut table, mut last) = (String::new(), "");
        for ((of, what), number) in &*self.figures.lock().unwrap() {
            if *of != last {
                last = of;
                _ = writeln!(table, "{of}");
            }
            _ = writeln!(table, "  {what:<60} {number:>8}");
        }
        table
    }
}
