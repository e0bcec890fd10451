//! Executes the commands of the README and of `docs/walk-through.md`.

use std::process::Command;

use crate::support::variable;

/// Runs all shell blocks of a text in one shell and returns what they print. Fails if a command fails.
fn execute(text: &str) -> String {
    let mut script = String::from("set -eu\n");
    for block in text.split("```sh\n").skip(1) {
        let (block, _) = block.split_once("```").expect("a block ends");
        for line in block.lines().filter(|line| !line.contains("make -s addresses")) {
            script.push_str(line);
            script.push('\n');
        }
    }
    let run = Command::new("bash")
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .arg("-c")
        .arg(&script)
        .env("API", variable("TASKBELL_API"))
        .env("MAIL", variable("TASKBELL_MAIL"))
        .env("ADMIN_EMAIL", variable("TASKBELL_ADMIN_EMAIL"))
        .env("ADMIN_PASSWORD", variable("TASKBELL_ADMIN_PASSWORD"))
        .output()
        .unwrap();
    let (output, errors) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{output}\n{errors}");
    output.into_owned()
}

#[tokio::test]
async fn the_commands_of_the_walk_through_succeed() {
    let text = include_str!("../../../docs/walk-through.md");
    assert!(text.matches("```sh\n").count() >= 5, "the walk-through has its blocks");
    let output = execute(text);
    for status in ["200", "201", "204", "404", "412", "422"] {
        assert!(output.contains(status), "no {status} in:\n{output}");
    }
}

#[tokio::test]
async fn the_requests_of_the_readme_find_the_task_that_they_create() {
    let readme = include_str!("../../../README.md");
    let (_, requests) = readme.split_once("<!-- executed by the tests -->\n").expect("the README has requests");
    let (requests, _) = requests.split_once("\n```\n").expect("the block ends");
    let output = execute(&format!("{requests}\n```\n"));
    assert!(output.matches("Renew the certificate").count() >= 2, "not created and found:\n{output}");
}
