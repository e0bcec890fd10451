//! The results, as Markdown tables and as JSON.

use std::time::Duration;

use comfy_table::Table;
use serde::Serialize;

use crate::table::{number, table};

/// The results of a run.
#[derive(Serialize)]
pub(crate) struct Report {
    pub(crate) machine: String,
    pub(crate) database: String,
    pub(crate) cache: String,
    pub(crate) commit: String,
    pub(crate) at: String,
    pub(crate) seconds: f64,
    pub(crate) sizes: Vec<Size>,
    pub(crate) fan_out: Vec<FanOut>,
}

/// The results with this number of tasks in the database.
#[derive(Serialize)]
pub(crate) struct Size {
    pub(crate) tasks: u64,
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) background: Vec<Background>,
}

/// The results of an endpoint. Times are in milliseconds, memory is in millions of bytes. Values that the operating
/// system does not provide are absent.
#[derive(Serialize)]
pub(crate) struct Endpoint {
    pub(crate) what: &'static str,
    pub(crate) function: &'static str,
    pub(crate) first_poll_ms: f64,
    pub(crate) first_answer_ms: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) cpu_ms: Option<f64>,
    pub(crate) postgres_cpu_ms: Option<f64>,
    pub(crate) floor_p50_ms: Option<f64>,
    pub(crate) per_second: f64,
    pub(crate) peak_memory_mb: Option<f64>,
}

/// The results of a consumer or a job, per item.
#[derive(Serialize)]
pub(crate) struct Background {
    pub(crate) function: &'static str,
    pub(crate) item: &'static str,
    pub(crate) items: usize,
    pub(crate) each_ms: f64,
    pub(crate) per_second: f64,
    pub(crate) cpu_ms: Option<f64>,
    pub(crate) postgres_cpu_ms: Option<f64>,
    pub(crate) peak_memory_mb: Option<f64>,
}

/// The results of `notify` for one event with this many recipients.
#[derive(Serialize)]
pub(crate) struct FanOut {
    pub(crate) people: usize,
    pub(crate) took_ms: f64,
    pub(crate) frames_per_second: f64,
    pub(crate) cpu_ms: Option<f64>,
    pub(crate) peak_memory_mb: Option<f64>,
}

impl Report {
    /// Prints the tables.
    pub(crate) fn print(&self) {
        println!("{}\n{}\n{}", self.machine, self.database, self.cache);
        println!("commit {}, {}, {:.0} s", self.commit, self.at, self.seconds);
        for size in &self.sizes {
            println!("\n{} tasks: endpoints, milliseconds\n\n{}", size.tasks, endpoints(&size.endpoints));
            if !size.background.is_empty() {
                println!("\n{} tasks: consumers and jobs, by the item\n\n{}", size.tasks, background(&size.background));
            }
        }
        if self.sizes.len() > 1 {
            println!("\np50 in milliseconds as tasks grow\n\n{}", growth(&self.sizes));
        }
        if !self.fan_out.is_empty() {
            println!("\nnotify: one event for so many people, each with a WebSocket\n\n{}", fan_out(&self.fan_out));
        }
    }
}

fn endpoints(rows: &[Endpoint]) -> Table {
    let mut table = table(&[
        "",
        "first poll",
        "first answer",
        "p50",
        "p99",
        "own CPU",
        "Postgres' CPU",
        "floor's p50",
        "p50 ÷ floor",
        "requests/s, all cores",
        "peak MB",
    ]);
    for row in rows {
        table.add_row([
            row.what.into(),
            number(row.first_poll_ms),
            number(row.first_answer_ms),
            number(row.p50_ms),
            number(row.p99_ms),
            maybe(row.cpu_ms),
            maybe(row.postgres_cpu_ms),
            maybe(row.floor_p50_ms),
            maybe(row.floor_p50_ms.map(|floor| row.p50_ms / floor)),
            format!("{:.0}", row.per_second),
            maybe(row.peak_memory_mb),
        ]);
    }
    table
}

fn background(rows: &[Background]) -> Table {
    let mut table = table(&["", "item", "items", "ms", "items/s", "own CPU, ms", "Postgres' CPU, ms", "peak MB"]);
    for row in rows {
        table.add_row([
            row.function.into(),
            row.item.into(),
            row.items.to_string(),
            number(row.each_ms),
            format!("{:.0}", row.per_second),
            maybe(row.cpu_ms),
            maybe(row.postgres_cpu_ms),
            maybe(row.peak_memory_mb),
        ]);
    }
    table
}

fn growth(sizes: &[Size]) -> Table {
    let mut heads = vec![String::new()];
    heads.extend(sizes.iter().map(|size| format!("{} tasks", size.tasks)));
    heads.push("last ÷ first".into());
    let mut table = table(&heads.iter().map(String::as_str).collect::<Vec<_>>());
    for (place, row) in sizes[0].endpoints.iter().enumerate() {
        let times: Vec<f64> = sizes.iter().filter_map(|size| Some(size.endpoints.get(place)?.p50_ms)).collect();
        let mut cells = vec![row.what.to_owned()];
        cells.extend(times.iter().map(|&time| number(time)));
        cells.push(number(times[times.len() - 1] / times[0]));
        table.add_row(cells);
    }
    table
}

fn fan_out(rows: &[FanOut]) -> Table {
    let mut table = table(&["people", "ms", "frames/s", "own CPU a frame, ms", "peak MB"]);
    for row in rows {
        table.add_row([
            row.people.to_string(),
            number(row.took_ms),
            format!("{:.0}", row.frames_per_second),
            maybe(row.cpu_ms),
            maybe(row.peak_memory_mb),
        ]);
    }
    table
}

fn maybe(value: Option<f64>) -> String {
    value.map_or_else(String::new, number)
}

/// Converts a time to milliseconds.
pub(crate) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Returns the time that `percent` percent of these times do not exceed.
pub(crate) fn percentile(mut times: Vec<Duration>, percent: usize) -> Duration {
    times.sort_unstable();
    let place = (times.len() * percent).div_ceil(100).saturating_sub(1);
    times.get(place).copied().unwrap_or_default()
}
