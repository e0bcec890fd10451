//! The resources that processes use, as Linux counts them. On other systems they are not known, and the columns are
//! empty.

use std::{fs, time::Duration};

/// Returns the processor time that a process and its threads have used so far.
pub(crate) fn cpu(process: u32) -> Option<Duration> {
    // proc(5): the first of three numbers is the nanoseconds on a processor. `stat` would count in ticks of ten
    // milliseconds.
    let threads = fs::read_dir(format!("/proc/{process}/task")).ok()?;
    let nanoseconds = threads.filter_map(|thread| {
        let line = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        line.split(' ').next()?.parse::<u64>().ok()
    });
    Some(Duration::from_nanos(nanoseconds.sum()))
}

/// Returns the maximum memory that a process has used, in bytes.
pub(crate) fn peak_memory(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}

/// Returns a description of the machine: the number and the model of its processors, its memory in GB, and its system.
pub(crate) fn machine() -> String {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let value = |text: &str, key: &str| {
        let line = text.lines().find(|line| line.starts_with(key))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let (processor, memory) = (read("/proc/cpuinfo"), read("/proc/meminfo"));
    let processor = value(&processor, "model name").unwrap_or_else(|| std::env::consts::ARCH.into());
    let count = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let kilobytes = value(&memory, "MemTotal").and_then(|text| text.strip_suffix(" kB")?.parse::<u64>().ok());
    let memory = kilobytes.map_or_else(String::new, |kb| format!(", {} GB", kb.div_ceil(1 << 20)));
    let kernel = read("/proc/sys/kernel/osrelease");
    format!("{count} × {processor}{memory}, {} {}", std::env::consts::OS, kernel.trim()).trim_end().to_owned()
}
