//! `make tick`: runs a scheduled job now.

use std::process::{Command, Output};

/// Runs `make tick` on the system under test, which the environment describes.
pub(crate) fn tick(job: &str) -> Output {
    Command::new("make")
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .args(["-s", "tick", &format!("J={job}")])
        .output()
        .unwrap()
}

#[test]
fn tick_runs_a_job_and_prints_its_result() {
    for (job, answer) in [("relay-outbox", r#""relayed":"#), ("clean-up", r#""deleted":"#)] {
        let run = tick(job);
        let (output, errors) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
        assert!(run.status.success() && output.contains(answer) && output.contains(" s  "), "{output}\n{errors}");
    }
}

#[test]
fn tick_without_a_job_lists_the_jobs_and_fails_for_an_unknown_one() {
    let run = tick("");
    let output = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{output}");
    for line in ["relay-outbox         rate(1 minute)", "clean-up             cron("] {
        assert!(output.contains(line), "{output}");
    }
    let run = tick("notify");
    let errors = String::from_utf8_lossy(&run.stderr);
    assert!(!run.status.success() && errors.contains("there is no job notify"), "{errors}");
}
