//! Measures an endpoint: cold, warm in one environment, and in as many environments as keep all processors busy.

use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use shared::db::Database;

use crate::{
    data::Server,
    endpoints::Endpoint,
    environment::{Environment, Function},
    report::{Endpoint as Row, ms, percentile},
};

/// The number of times that a function is started.
const STARTS: usize = 15;
/// The maximum number of requests before the measurement begins.
const WARM_UP: usize = 200;

/// Measures an endpoint for `time` in each way.
pub(crate) async fn endpoint(
    endpoint: &Endpoint,
    function: &Function,
    (server, db): (&mut Server, &Database),
    time: Duration,
) -> anyhow::Result<Row> {
    let (mut polls, mut answers) = (Vec::new(), Vec::new());
    for number in 0..STARTS {
        let mut environment = Environment::start(function).await?;
        let done = environment.invoke(&(endpoint.request)(number)).await?;
        done.http()?;
        polls.extend(environment.first_poll());
        answers.push(environment.since_start(&done));
    }

    let mut environment = Environment::start(function).await?;
    let begun = Instant::now();
    for number in 0..WARM_UP {
        environment.invoke(&(endpoint.request)(number)).await?.http()?;
        if begun.elapsed() > time {
            break;
        }
    }
    let before = (environment.cpu(), server.cpu().await?);
    let took = load(&mut environment, endpoint, 0, time).await?;
    let each = |used: Option<Duration>, before: Option<Duration>| {
        Some(used?.saturating_sub(before?) / u32::try_from(took.len()).unwrap_or(u32::MAX))
    };
    let (cpu, database) = (each(environment.cpu(), before.0), each(server.cpu().await?, before.1));
    let peak_memory = environment.peak_memory();
    drop(environment);

    let count = std::thread::available_parallelism()?.get() * 2;
    let mut environments = try_join_all((0..count).map(|_| Environment::start(function))).await?;
    let warm_up = environments.iter_mut().enumerate().map(|(place, one)| load(one, endpoint, place, time / 4));
    try_join_all(warm_up).await?;
    let begun = Instant::now();
    let loads = environments.iter_mut().enumerate().map(|(place, one)| load(one, endpoint, place, time));
    let requests: usize = try_join_all(loads).await?.iter().map(Vec::len).sum();
    let per_second = per(requests, begun.elapsed());
    drop(environments);

    let floor = match &endpoint.floor {
        Some(floor) => Some(percentile(floor.measure(db, time).await?, 50)),
        None => None,
    };
    Ok(Row {
        what: endpoint.what,
        function: endpoint.function,
        first_poll_ms: ms(percentile(polls, 50)),
        first_answer_ms: ms(percentile(answers, 50)),
        p50_ms: ms(percentile(took.clone(), 50)),
        p99_ms: ms(percentile(took, 99)),
        cpu_ms: cpu.map(ms),
        postgres_cpu_ms: database.map(ms),
        floor_p50_ms: floor.map(ms),
        per_second,
        peak_memory_mb: peak_memory.map(megabytes),
    })
}

/// Sends one request after another for this time, and returns the duration of each. Each environment begins at a
/// different `place`, so that no two request the same.
async fn load(
    environment: &mut Environment,
    endpoint: &Endpoint,
    place: usize,
    time: Duration,
) -> anyhow::Result<Vec<Duration>> {
    let (begun, mut took) = (Instant::now(), Vec::new());
    while begun.elapsed() < time {
        let done = environment.invoke(&(endpoint.request)(place * 37 + took.len())).await?;
        done.http()?;
        took.push(done.took);
    }
    Ok(took)
}

/// Returns the number of things per second.
#[expect(clippy::cast_precision_loss, reason = "counts of a run are small")]
pub(crate) fn per(things: usize, time: Duration) -> f64 {
    things as f64 / time.as_secs_f64()
}

/// Converts bytes to megabytes, of a million bytes each.
#[expect(clippy::cast_precision_loss, reason = "memory of a process")]
pub(crate) fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
