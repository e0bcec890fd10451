//! How a Lambda function starts: logging, state, and the loop over events.
//!
//! Logs are structured lines on standard output, where Lambda collects them: one for each invocation, written by the
//! handler. Each begins with the name of the function, since the functions of a family share a log group.

use std::{
    fmt::Display,
    future::Future,
    io::{self, Stdout, Write},
    panic,
    process::ExitCode,
    sync::Arc,
};

use lambda_runtime::{LambdaEvent, service_fn, tracing as runtime_tracing};
use serde::{Serialize, de::DeserializeOwned};
use tokio::{
    runtime::{Builder, LocalOptions},
    task,
};

use crate::config;

/// Sets up logging and runs the `main` of a function to its end.
///
/// The format follows `AWS_LAMBDA_LOG_FORMAT`, the level `RUST_LOG`. An error that `main` returns, such as a missing
/// variable, is logged and ends the process with code 1, which the platform reports as a function that did not start.
/// A panic is logged, too.
pub fn run<E: Display + 'static>(main: impl Future<Output = Result<(), E>> + 'static) -> ExitCode {
    let name: String = config::optional("AWS_LAMBDA_FUNCTION_NAME").ok().flatten().unwrap_or_default();
    let field: Arc<str> = format!(r#"{{"function":{},"#, serde_json::Value::from(name)).into();
    runtime_tracing::init_default_subscriber_with_writer(move || Named { field: Arc::clone(&field), to: io::stdout() });
    panic::set_hook(Box::new(|panic| tracing::error!(error = %panic, "the function panicked")));
    let runtime = match Builder::new_current_thread().enable_all().build_local(LocalOptions::default()) {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    // As a local task, which is woken at no cost: waking the future of `block_on` itself takes a system call each
    // time.
    match runtime.block_on(async { task::spawn_local(main).await }) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => fail(&error),
        Err(panic) => fail(&panic),
    }
}

/// Serves events of one type: creates the state once, then passes every event to `handle`, until the platform ends the
/// process.
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
        // Boxed, because the compiler gives up on futures that are nested too deeply.
        let service = service_fn(move |event| Box::pin(handle(Arc::clone(&state), event)));
        lambda_runtime::run(service).await.map_err(anyhow::Error::from_boxed)
    })
}

/// Writes lines of JSON with one more field before the others.
struct Named<W = Stdout> {
    /// The beginning of a line, up to the comma after the field.
    field: Arc<str>,
    to: W,
}

impl<W: Write> Write for Named<W> {
    /// Writes `line`, which is a whole line: the subscriber writes each event at once.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match line.strip_prefix(b"{") {
            Some(rest) => self.to.write_all(&[self.field.as_bytes(), rest].concat())?,
            None => self.to.write_all(line)?,
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

fn fail(error: &dyn Display) -> ExitCode {
    tracing::error!(error = %format!("{error:#}"), "the function cannot start");
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_lines_get_the_name_of_the_function_and_other_lines_are_unchanged() {
        let mut written = Vec::new();
        let mut named = Named { field: r#"{"function":"taskbell-login","#.into(), to: &mut written };
        named.write_all(b"{\"level\":\"INFO\"}\n").unwrap();
        named.write_all(b"plain\n").unwrap();
        assert_eq!(written, b"{\"function\":\"taskbell-login\",\"level\":\"INFO\"}\nplain\n");
    }
}
