//! What a million requests cost on AWS, from what was measured. List prices of us-east-1 without free tiers;
//! docs/costs.md has the rest of the bill.

use comfy_table::Table;

use crate::{
    report::Endpoint,
    table::{self, number},
};

/// Lambda on arm64: dollars a GB and second, and a million requests (<https://aws.amazon.com/lambda/pricing/>).
const GB_SECOND: f64 = 0.000_013_333_4;
const REQUESTS: f64 = 0.20;
/// An HTTP API: dollars a million requests (<https://aws.amazon.com/api-gateway/pricing/>).
const GATEWAY: f64 = 1.00;
/// A function has a whole processor from this much memory on, in MB, and a part of it in proportion below
/// (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>).
const WHOLE_PROCESSOR_MB: f64 = 1769.0;

/// What each endpoint costs. Its own processor time is stretched by the part of a processor that it has; what it waits
/// for is not.
pub(crate) fn table(rows: &[Endpoint]) -> Table {
    let mut table = table::table(&["", "MB", "ms billed", "Lambda", "with the gateway"]);
    for row in rows {
        let Some(cpu) = row.cpu_ms else { continue };
        // As in infra/http.yaml: what hashes passwords has more.
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
