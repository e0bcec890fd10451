//! The README's walk-through, run as it is printed.

use std::process::Command;

use crate::support::variable;

#[tokio::test]
async fn the_walk_through_of_the_readme_does_what_it_says() {
    let readme = include_str!("../../../README.md");
    let (_, part) = readme.split_once("<!-- walk-through -->").expect("the README has a walk-through");
    let (part, _) = part.rsplit_once("<!-- /walk-through -->").expect("the walk-through ends");
    let mut script = String::from("set -eu\n");
    let mut blocks = 0;
    for block in part.split("```sh\n").skip(1) {
        let (block, _) = block.split_once("```").expect("a block ends");
        for line in block.lines().filter(|line| !line.contains("make -s addresses")) {
            script.push_str(line);
            script.push('\n');
        }
        blocks += 1;
    }
    assert!(blocks >= 5, "only {blocks} blocks");
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
    for status in ["200", "201", "204", "404", "412", "422"] {
        assert!(output.contains(status), "no {status} in:\n{output}\n{errors}");
    }
}
