//! What goes wrong and when: a schedule that follows from its seed and its length alone.

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
    /// As `localstack/local` calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Redis => "redis",
            Self::Emulator => "emulator",
            Self::Smtp => "maildev",
        }
    }
}

/// Something that goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A part is ended by a signal, stays away for a while, and comes back.
    Stop { part: Part, signal: &'static str, away: Duration },
    /// A part does nothing for a while: its connections stay, and nobody answers.
    Freeze { part: Part, time: Duration },
    /// Every running instance of a function is killed.
    Kill { function: &'static str },
    /// Half of the connections to Postgres are ended.
    EndBackends,
    /// A process of Postgres dies; Postgres throws all others out, and recovers.
    CrashBackend,
    /// Redis drops its clients.
    DropRedisClients,
    /// The WebSockets drop, at the clients' end.
    DropSockets,
    /// Messages that were sent are sent again, each after a delay of its own.
    Copy { messages: usize },
    /// Messages are taken out of a queue for a few seconds: others overtake them.
    HoldBack { seconds: i32 },
    /// A message comes that no consumer understands.
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
            Self::EndBackends => f.write_str("end half of the connections to Postgres"),
            Self::CrashBackend => f.write_str("kill a process of Postgres"),
            Self::DropRedisClients => f.write_str("drop the clients of Redis"),
            Self::DropSockets => f.write_str("drop the WebSockets"),
            Self::Copy { messages } => write!(f, "send {messages} messages again"),
            Self::HoldBack { seconds } => write!(f, "hold messages back for {seconds} s"),
            Self::Poison { kind } => write!(f, "put poison {kind} into a queue"),
        }
    }
}

impl Fault {
    /// A name for all faults of its kind.
    pub(crate) fn kind(&self) -> String {
        match self {
            Self::Stop { part, signal, .. } => format!("{} stopped by SIG{signal}", part.name()),
            Self::Freeze { part, .. } => format!("{} frozen", part.name()),
            Self::Kill { .. } => "functions killed".into(),
            Self::EndBackends => "connections to postgres ended".into(),
            Self::CrashBackend => "processes of postgres killed".into(),
            Self::DropRedisClients => "clients of redis dropped".into(),
            Self::DropSockets => "WebSockets dropped".into(),
            Self::Copy { .. } => "times messages were doubled".into(),
            Self::HoldBack { .. } => "times messages were held back".into(),
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

/// Those in which a kill at the wrong moment could do harm, the more often the more it could.
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
    /// Faults are drawn like cards: none comes again before all have come, so that a short run has one of each, too.
    pub(crate) fn new(seed: u64, length: Duration) -> Self {
        let mut random = generator(seed, 0);
        let (mut faults, mut cards) = (Vec::new(), Vec::new());
        let mut at = Duration::from_secs(3);
        while at < length {
            if cards.is_empty() {
                cards = deck(&mut random);
            }
            faults.extend(cards.pop().map(|fault| (at, fault)));
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

/// Random numbers that follow from the seed; another sequence for each who draws.
pub(crate) fn generator(seed: u64, who: u64) -> ChaCha12Rng {
    ChaCha12Rng::seed_from_u64(seed.wrapping_add(who.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
}

fn deck(random: &mut ChaCha12Rng) -> Vec<Fault> {
    let mut cards = Vec::new();
    for (part, signals, longest) in [
        (Part::Postgres, ["INT", "QUIT", "KILL"].as_slice(), 5000),
        (Part::Redis, &["TERM", "KILL"], 6000),
        (Part::Smtp, &["TERM", "KILL", "KILL"], 8000),
        (Part::Emulator, [&["TERM"], &["KILL"]][random.random_range(0..2)].as_slice(), 4000),
    ] {
        let mut stop =
            |&signal| Fault::Stop { part, signal, away: Duration::from_millis(random.random_range(200..longest)) };
        cards.extend(signals.iter().map(&mut stop));
    }
    cards.extend([Part::Postgres, Part::Redis, Part::Smtp, Part::Emulator].map(|part| {
        let time = Duration::from_millis(random.random_range(500..6000));
        Fault::Freeze { part, time }
    }));
    cards.extend((0..10).map(|_| Fault::Kill { function: FUNCTIONS[random.random_range(0..FUNCTIONS.len())] }));
    cards.extend((0..3).map(|_| Fault::EndBackends));
    cards.extend([Fault::CrashBackend, Fault::DropRedisClients, Fault::DropRedisClients]);
    cards.extend([Fault::DropSockets, Fault::DropSockets]);
    cards.extend((0..4).map(|_| Fault::Copy { messages: random.random_range(5..30) }));
    cards.extend((0..2).map(|_| Fault::HoldBack { seconds: random.random_range(1..6) }));
    cards.extend((0..3).map(|_| Fault::Poison { kind: random.random_range(0..4) }));
    cards.shuffle(random);
    cards
}

#[test]
fn a_seed_makes_the_same_plan_again_and_two_minutes_hold_every_kind() {
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
