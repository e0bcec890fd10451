//! Properties that hold for every input: the answer is one of the contract's, and accepted input has the promised
//! effect.
//!
//! `proptest` generates new input in each run, and reduces a failing input to the smallest one that fails. Commit what
//! it then writes to `proptest-regressions`. `PROPTEST_CASES` (256 by default) makes the runs longer: a hundred times
//! as many take a quarter of an hour. Parsers that need no database have such tests beside their code.

mod cursors;
mod filters;
mod messages;
mod patches;
mod tokens;

use std::time::{Duration, Instant};

use proptest::{
    strategy::Strategy,
    test_runner::{Config, TestRunner},
};
use tokio::runtime::Handle;

/// The longest time that a case may take, without optimization and on a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);

/// Checks a property with inputs of a strategy: with one input for each `cost` cases that `PROPTEST_CASES` asks for.
/// `file` is `file!()`.
///
/// The runner waits for each case on its own thread, while the current thread drives the connections.
async fn holds<F, S, C>(file: &'static str, cost: u32, strategy: F, case: C)
where
    F: FnOnce() -> S + Send + 'static,
    S: Strategy,
    C: AsyncFn(S::Value) + Send + 'static,
{
    let runtime = Handle::current();
    let config = Config { source_file: Some(file), ..Config::default() };
    let config = Config { cases: config.cases.div_ceil(cost), ..config };
    let run = move || {
        let outcome = TestRunner::new(config).run(&strategy(), |input| {
            let begun = Instant::now();
            runtime.block_on(case(input));
            assert!(begun.elapsed() < PATIENCE, "it took {:?}", begun.elapsed());
            Ok(())
        });
        outcome.map_err(|failure| failure.to_string())
    };
    if let Err(failure) = tokio::task::spawn_blocking(run).await.unwrap() {
        panic!("{failure}");
    }
}

/// Returns the text with some of its characters each replaced by any number of others.
fn changed(text: &str, edits: &[(proptest::sample::Index, String)]) -> String {
    let mut pieces: Vec<String> = text.chars().map(String::from).collect();
    for (at, new) in edits {
        let at = at.index(pieces.len());
        pieces[at].clone_from(new);
    }
    pieces.concat()
}

/// Escapes a text for a URL.
pub(crate) fn escaped(text: &str) -> String {
    let escape = |byte: u8| if byte.is_ascii_alphanumeric() { char::from(byte).into() } else { format!("%{byte:02X}") };
    text.bytes().map(escape).collect()
}
