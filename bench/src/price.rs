//! The cost of a million requests on AWS, calculated from the measurements with the list prices of us-east-1, without
//! free tiers. docs/costs.md has the rest of the bill.

use comfy_table::Table;

use crate::{
    report::Endpoint,
    table::{self, number},
};

/// The prices of Lambda on arm64 in dollars: per GB-second, and per million requests
/// (<https://aws.amazon.com/lambda/pricing/>).
const GB_SECOND: f64 = 0.000_013_333_4;
const REQUESTS: f64 = 0.20;
/// The price of an HTTP API in dollars per million requests (<https://aws.amazon.com/api-gateway/pricing/>).
const GATEWAY: f64 = 1.00;
/// The memory with which a function has a whole processor, in MB. With less memory it has a proportional part of one
/// (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>).
const WHOLE_PROCESSOR_MB: f64 = 1769.0;

/// Returns the cost of each endpoint. Its own processor time is divided by the part of a processor that it has. Waiting
/// times stay the same.
pub(crate) fn table(rows: &[Endpoint]) -> Table {
    let mut table = table::table(&["", "MB", "ms billed", "Lambda", "with the gateway"]);
    for row in rows {
        let Some(cpu) = row.cpu_ms else { continue };
        // As in infra/http.yaml: a function that hashes passwords has more.
        let memory = if row.function == "login" { 1024.0 } else { 256.0 };
        let waits = (row.p50_ms - cpu).max(0.0);
        let billed = (waits + cpu * (WHOLE_PROCESSOR_MB / memory)).ceil();
        let lambda = REQUESTS + 1e6 * billed / 1000.0 * (memory / 1024.0) * GB_SECOND;
        table.add_row([
            row.what.into(),
            format!("{memory:.0}"),
            format!("{billed:.0}"),
            number(lambda),
            number(lambda + GATEWAY),
        ]);
    }
    table
}
