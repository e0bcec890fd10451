//! Which modules may use which: the rules are those that a crate per folder would enforce.

use super::{
    modules::{Crate, Use},
    root,
};

/// The layers of `shared`: a module, the modules that it may use, and the [outside crates](OUTSIDE) that it may use.
const LAYERS: [(&str, &[&str], &[&str]); 14] = [
    ("config", &[], &[]),
    ("code", &[], &[]),
    ("error", &["code"], &[]),
    // `lettre` knows which addresses are valid.
    ("domain", &["code", "error"], &["lettre"]),
    ("auth", &["config", "domain"], &[]),
    ("mail", &["config", "domain"], &["lettre", "tokio"]),
    ("aws", &["config"], &["aws_sdk_sqs", "aws_smithy_http_client", "aws_types"]),
    ("queue", &["aws", "config"], &["aws_sdk_sqs", "tokio"]),
    ("storage", &["aws", "config"], &["aws_sdk_s3"]),
    ("cache", &["config"], &["redis", "tokio"]),
    ("db", &["auth", "code", "config", "domain", "error", "queue"], &["sqlx", "sqlx_core"]),
    ("app", &["db", "domain", "error", "queue"], &[]),
    ("realtime", &["auth", "aws", "cache", "config", "domain", "error"], &["aws_sdk_apigatewaymanagement", "redis"]),
    ("function", &["config"], &["lambda_runtime", "tokio"]),
];

/// Prefixes of the names of crates that access something outside or belong to a single entry point. Derive macros may
/// name them, because they only describe.
const OUTSIDE: [&str; 11] =
    ["aws_", "axum", "http", "lambda_", "lettre", "redis", "reqwest", "sqlx", "taskbell_", "tokio", "tower"];

/// Reads a crate by the path of its root file in the repository.
fn read(path: &str) -> Crate {
    Crate::read(&root().join(path))
}

#[test]
fn modules_have_no_circular_dependencies() {
    for path in [
        "shared/src/lib.rs",
        "functions/http/src/lib.rs",
        "functions/http/generate/src/lib.rs",
        "functions/websocket/src/lib.rs",
        "functions/queue/src/lib.rs",
        "functions/schedule/src/lib.rs",
        "functions/deployment/src/lib.rs",
        "bench/src/main.rs",
        "tests/src/lib.rs",
        "tests/tests/integration/main.rs",
        "tests/tests/end_to_end/main.rs",
        "tests/tests/faults/main.rs",
    ] {
        let circles = read(path).circles();
        assert!(circles.is_empty(), "{path}: modules use one another. Move what both need:\n{}", circles.join("\n\n"));
    }
}

#[test]
fn the_layers_of_shared_use_only_lower_layers() {
    let shared = read("shared/src/lib.rs");
    let mut wrong = Vec::new();
    for (module, uses) in shared.uses() {
        let Some(layer) = module.first() else { continue };
        let row = LAYERS.iter().find(|(name, ..)| name == layer);
        let (_, modules, crates) = row.unwrap_or_else(|| panic!("say in LAYERS what {layer} may use"));
        for used in uses {
            let (is_allowed, name) = match &used {
                Use::Module(name) => {
                    (name.first().is_none_or(|used| used == layer || modules.contains(&&**used)), name)
                }
                Use::Other(name) => (!is_outside(&name[0]) || crates.contains(&&*name[0]), name),
            };
            if !is_allowed {
                wrong.push(format!("{} uses {}", module.join("::"), name.join("::")));
            }
        }
    }
    assert!(wrong.is_empty(), "a layer uses what it must not:\n{}", wrong.join("\n"));
}

fn is_outside(name: &str) -> bool {
    OUTSIDE.iter().any(|outside| name == *outside || outside.ends_with('_') && name.starts_with(outside))
}

#[test]
fn functions_use_no_sqlx_environment_or_other_functions() {
    for function in ["http", "websocket", "queue", "schedule", "deployment"] {
        let mut crates = vec![read(&format!("functions/{function}/src/lib.rs"))];
        if function == "http" {
            crates.push(read("functions/http/src/endpoints/mod.rs"));
        }
        let own = format!("taskbell_{function}");
        for (module, uses) in crates.iter().flat_map(Crate::uses) {
            for used in uses.iter().filter_map(Use::other) {
                let why = match used[0].as_str() {
                    "sqlx" => "all SQL stands in shared::db, and so do its connections and transactions",
                    "std" if used[1] == "env" => "shared::config reads the configuration",
                    name if name.starts_with("taskbell_") && name != own => "functions do not depend on one another",
                    _ => continue,
                };
                panic!("{function}: {} uses {}: {why}", module.join("::"), used.join("::"));
            }
        }
    }
}

#[test]
fn circular_dependencies_are_found_in_every_notation() {
    let circles = |left: &str, right: &str| {
        let parent = "pub mod left; pub mod right; pub use right::Right; pub struct Own;";
        let sources = [("", "pub mod place;"), ("place", parent), ("place::left", left), ("place::right", right)];
        Crate::from_sources(&sources).circles()
    };
    let left = "pub struct Left;";
    for right in [
        "use super::left::Left;",
        "use crate::place::{left, Own};",
        "use super::{Own, left::{self as other, Left as _}};",
        "fn f() { super::left::f(); }",
        "fn f(left: &crate::place::left::Left) {}",
        "fn f() { println!(\"{:?}\", (1, super::left::Left)); }",
        "mod inner { use super::super::left::Left; }",
    ] {
        assert_eq!(circles(left, right), [] as [&str; 0], "{right}");
        for back in ["use super::right;", "use crate::place::Right;", "fn f() -> super::Right {}"] {
            let found = circles(back, right);
            assert_eq!(found.len(), 1, "{back} and {right}");
            assert!(found[0].contains("place::left uses place::right"), "{found:?}");
        }
    }
    // A module and its children may use one another; tests may use anything.
    let whole = "use super::Own; #[cfg(test)] mod tests { use super::super::right::Right; }";
    assert_eq!(circles(whole, "use super::left::Left;"), [] as [&str; 0]);
    assert_eq!(circles("pub(crate) struct Left;", "use super::left::Left;"), [] as [&str; 0]);
}
