//! How a Lambda function starts: log, state, and the loop over events.
//!
//! Logs are structured lines on standard output, where Lambda collects them: one an invocation, written by the handler.

use std::{fmt::Display, future::Future, process::ExitCode, sync::Arc};

use lambda_runtime::{LambdaEvent, service_fn, tracing as runtime_tracing};
use serde::{Serialize, de::DeserializeOwned};
use tokio::{
    runtime::{Builder, LocalOptions},
    task,
};

/// Starts the log and runs a function's `main` to its end.
///
/// The format follows `AWS_LAMBDA_LOG_FORMAT`, the level `RUST_LOG`. An error on the way up, such as a missing variable, is
/// logged and ends the process with code 1, which the platform reports as a function that did not start.
pub fn run<E: Display + 'static>(main: impl Future<Output = Result<(), E>> + 'static) -> ExitCode {
    runtime_tracing::init_default_subscriber();
    let runtime = match Builder::new_current_thread().enable_all().build_local(LocalOptions::default()) {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    // As a task, which is woken at no cost: to wake the future of `block_on` itself takes a system call each time.
    match runtime.block_on(async { task::spawn_local(main).await }) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => fail(&error),
        Err(panic) => fail(&panic),
    }
}

/// Serves events of one type: makes the state once, then hands it every event, until the platform ends the process.
pub fn serve<S, E, R, F>(
    state: impl FnOnce() -> anyhow::Result<S> + 'static,
    handle: impl Fn(Arc<S>, LambdaEvent<E>) -> F + Send + Sync + 'static,
) -> ExitCode
where
    S: Send + Sync + 'static,
    E: DeserializeOwned + Send + 'static,
    R: Serialize + Send + 'static,
    F: Future<Output = anyhow::Result<R>> + Send + 'static,
{
    run(async move {
        let state = Arc::new(state()?);
        // In a box: the compiler gives up on futures that are nested too deeply.
        let service = service_fn(move |event| Box::pin(handle(Arc::clone(&state), event)));
        lambda_runtime::run(service).await.map_err(anyhow::Error::from_boxed)
    })
}

fn fail(error: &dyn Display) -> ExitCode {
    tracing::error!(error = %format!("{error:#}"), "the function cannot start");
    ExitCode::FAILURE
}
