//! The schedule of faults, which depends only on its seed and its length.

use std::{fmt, time::Duration};

use rand::{RngExt, SeedableRng, rngs::ChaCha12Rng, seq::SliceRandom};

/// A part that can be stopped and started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Part {
    Postgres,
    Redis,
    Emulator,
    Smtp,
}

impl Part {
    /// Its name for `localstack/local`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Redis => "redis",
            Self::Emulator => "emulator",
            Self::Smtp => "maildev",
        }
    }
}

/// A fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A signal ends a part, which is unavailable for a while and then restarted.
    Stop { part: Part, signal: &'static str, away: Duration },
    /// A part is frozen for a while: its connections stay open, but it does not respond.
    Freeze { part: Part, time: Duration },
    /// Every running instance of a function is killed.
    Kill { function: &'static str },
    /// Half of the connections to Postgres are terminated.
    EndBackends,
    /// A process of Postgres is killed; Postgres ends all others and recovers.
    CrashBackend,
    /// Redis disconnects its clients.
    DropRedisClients,
    /// The clients drop their WebSockets.
    DropSockets,
    /// Messages are sent again, each with its own delay.
    Copy { messages: usize },
    /// Messages are received and hidden for a few seconds, so that others overtake them.
    HoldBack { seconds: i32 },
    /// An invalid message is sent.
    Poison { kind: usize },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stop { part, signal, away } => {
                write!(f, "stop {} by SIG{signal}, for {:.1} s", part.name(), away.as_secs_f64())
            }
            Self::Freeze { part, time } => write!(f, "freeze {} for {:.1} s", part.name(), time.as_secs_f64()),
            Self::Kill { function } => write!(f, "kill every {function}"),
            Self::EndBackends => f.write_str("terminate half of the connections to Postgres"),
            Self::CrashBackend => f.write_str("kill a process of Postgres"),
            Self::DropRedisClients => f.write_str("drop the clients of Redis"),
            Self::DropSockets => f.write_str("drop the WebSockets"),
            Self::Copy { messages } => write!(f, "send {messages} messages again"),
            Self::HoldBack { seconds } => write!(f, "delay messages for {seconds} s"),
            Self::Poison { kind } => write!(f, "put poison {kind} into a queue"),
        }
    }
}

impl Fault {
    /// Returns a name for all faults of this kind.
    pub(crate) fn kind(&self) -> String {
        match self {
            Self::Stop { part, signal, .. } => format!("{} stopped by SIG{signal}", part.name()),
            Self::Freeze { part, .. } => format!("{} frozen", part.name()),
            Self::Kill { .. } => "functions killed".into(),
            Self::EndBackends => "connections to postgres terminated".into(),
            Self::CrashBackend => "processes of postgres killed".into(),
            Self::DropRedisClients => "clients of redis dropped".into(),
            Self::DropSockets => "WebSockets dropped".into(),
            Self::Copy { .. } => "times messages were duplicated".into(),
            Self::HoldBack { .. } => "times messages were delayed".into(),
            Self::Poison { .. } => "poison put into queues".into(),
        }
    }
}

/// The schedule.
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) length: Duration,
    /// In the order of their times.
    pub(crate) faults: Vec<(Duration, Fault)>,
}

/// Functions that may do harm when killed at the wrong moment, weighted by how much.
const FUNCTIONS: [&str; 12] = [
    "notify",
    "notify",
    "notify",
    "send-email",
    "send-email",
    "send-email",
    "create-task",
    "create-comment",
    "set-task-status",
    "set-task-assignee",
    "relay-outbox",
    "ws-resume",
];

impl Plan {
    /// Draws faults without replacement until each was drawn, so that a short run also has one of each.
    pub(crate) fn new(seed: u64, length: Duration) -> Self {
        let mut random = generator(seed, 0);
        let (mut faults, mut remaining) = (Vec::new(), Vec::new());
        let mut at = Duration::from_secs(3);
        while at < length {
            if remaining.is_empty() {
                remaining = one_of_each_fault(&mut random);
            }
            faults.extend(remaining.pop().map(|fault| (at, fault)));
            at += Duration::from_millis(random.random_range(300..5000));
        }
        Self { seed, length, faults }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.length.as_secs();
        writeln!(
            f,
            "Seed {}, {seconds} s. The same again: make faults SEED={} SECONDS={seconds}",
            self.seed, self.seed
        )?;
        self.faults.iter().try_for_each(|(at, fault)| writeln!(f, "{:8.1} s  {fault}", at.as_secs_f64()))
    }
}

/// Returns random numbers that depend on the seed; each `who` has its own sequence.
pub(crate) fn generator(seed: u64, who: u64) -> ChaCha12Rng {
    ChaCha12Rng::seed_from_u64(seed.wrapping_add(who.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
}

fn one_of_each_fault(random: &mut ChaCha12Rng) -> Vec<Fault> {
    let mut remaining = Vec::new();
    for (part, signals, longest) in [
        (Part::Postgres, ["INT", "QUIT", "KILL"].as_slice(), 5000),
        (Part::Redis, &["TERM", "KILL"], 6000),
        (Part::Smtp, &["TERM", "KILL", "KILL"], 8000),
        (Part::Emulator, [&["TERM"], &["KILL"]][random.random_range(0..2)].as_slice(), 4000),
    ] {
        let mut stop =
            |&signal| Fault::Stop { part, signal, away: Duration::from_millis(random.random_range(200..longest)) };
        remaining.extend(signals.iter().map(&mut stop));
    }
    remaining.extend([Part::Postgres, Part::Redis, Part::Smtp, Part::Emulator].map(|part| {
        let time = Duration::from_millis(random.random_range(500..6000));
        Fault::Freeze { part, time }
    }));
    remaining.extend((0..10).map(|_| Fault::Kill { function: FUNCTIONS[random.random_range(0..FUNCTIONS.len())] }));
    remaining.extend((0..3).map(|_| Fault::EndBackends));
    remaining.extend([Fault::CrashBackend, Fault::DropRedisClients, Fault::DropRedisClients]);
    remaining.extend([Fault::DropSockets, Fault::DropSockets]);
    remaining.extend((0..4).map(|_| Fault::Copy { messages: random.random_range(5..30) }));
    remaining.extend((0..2).map(|_| Fault::HoldBack { seconds: random.random_range(1..6) }));
    remaining.extend((0..3).map(|_| Fault::Poison { kind: random.random_range(0..4) }));
    remaining.shuffle(random);
    remaining
}

#[test]
fn a_seed_determines_the_plan_and_two_minutes_contain_every_kind_of_fault() {
    let plan = |seed| Plan::new(seed, Duration::from_mins(2));
    assert_eq!(plan(7).faults, plan(7).faults);
    assert_ne!(plan(7).faults, plan(8).faults);
    for seed in 0..100 {
        let kinds: std::collections::BTreeSet<String> =
            plan(seed).faults.iter().map(|(_, fault)| fault.kind()).collect();
        assert!(kinds.len() >= 18, "{kinds:?}");
    }
    for function in FUNCTIONS {
        let file = |kind| format!("{}/../functions/{kind}/src/bin/{function}.rs", env!("CARGO_MANIFEST_DIR"));
        assert!(
            ["http", "websocket", "queue", "schedule"].iter().any(|kind| std::path::Path::new(&file(kind)).exists())
        );
    }
}
