//! An execution environment as Lambda creates it: a process of a function, which polls the Runtime API for one event at
//! a time (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>).

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, bail, ensure};
use bytes::Bytes;
use hyper::{Request, header::HeaderValue};
use serde_json::Value;
use tokio::sync::{
    Mutex as Turn,
    mpsc::{self, Receiver, Sender},
};

use crate::{
    server::{self, Answer},
    usage,
};

/// The time limit of an invocation. The function gets it as its deadline, and the driver waits no longer.
const TIMEOUT: Duration = Duration::from_mins(10);

/// A function, approximately as it is deployed: its binary and its environment variables.
#[derive(Debug, Clone)]
pub(crate) struct Function {
    pub(crate) name: &'static str,
    pub(crate) binary: PathBuf,
    pub(crate) log: PathBuf,
    pub(crate) variables: Vec<(&'static str, String)>,
}

/// A running environment. Its process ends when this is dropped.
pub(crate) struct Environment {
    process: Child,
    started: Instant,
    platform: Arc<Platform>,
    events: Sender<Bytes>,
    answers: Receiver<Done>,
}

/// The state that the Runtime API shares with the driver.
struct Platform {
    first_poll: OnceLock<Instant>,
    handed: Mutex<Instant>,
    events: Turn<Receiver<Bytes>>,
    answers: Sender<Done>,
}

/// The response of a function to an event.
#[derive(Debug)]
pub(crate) struct Done {
    /// The time from sending the event to the function to receiving its response.
    pub(crate) took: Duration,
    at: Instant,
    body: Bytes,
    failed: bool,
}

impl Environment {
    pub(crate) async fn start(function: &Function) -> anyhow::Result<Self> {
        let (events, queue) = mpsc::channel(1);
        let (answered, answers) = mpsc::channel(1);
        let platform = Arc::new(Platform {
            first_poll: OnceLock::new(),
            handed: Mutex::new(Instant::now()),
            events: Turn::new(queue),
            answers: answered,
        });
        let host = Arc::clone(&platform);
        let address = server::serve(move |request| Arc::clone(&host).answer(request)).await?;

        let log = File::options().create(true).append(true).open(&function.log)?;
        let mut command = Command::new(&function.binary);
        command.env_clear().envs(function.variables.iter().cloned());
        command.env("AWS_LAMBDA_RUNTIME_API", address).env("AWS_LAMBDA_FUNCTION_NAME", function.name);
        command.env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256").env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST");
        command.env("AWS_LAMBDA_LOG_GROUP_NAME", "bench").env("AWS_LAMBDA_LOG_STREAM_NAME", "bench");
        command.env("AWS_LAMBDA_LOG_FORMAT", "JSON").env("AWS_REGION", "us-east-1");
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let started = Instant::now();
        let process = command.spawn().with_context(|| function.binary.display().to_string())?;
        Ok(Self { process, started, platform, events, answers })
    }

    /// Sends an event to the function and waits for the response. Fails if the function fails, ends, or does not
    /// respond in time.
    pub(crate) async fn invoke(&mut self, event: &Bytes) -> anyhow::Result<Done> {
        self.events.send(event.clone()).await?;
        let done = loop {
            match tokio::time::timeout(Duration::from_secs(1), self.answers.recv()).await {
                Ok(done) => break done.context("the Runtime API is gone")?,
                Err(_) => match self.process.try_wait()? {
                    Some(ended) => bail!("the function ended: {ended}"),
                    None => ensure!(self.handed().elapsed() < TIMEOUT, "no answer in time"),
                },
            }
        };
        ensure!(!done.failed, "the function failed: {}", String::from_utf8_lossy(&done.body));
        Ok(done)
    }

    /// Returns the time from the start of the process to its first poll, or `None` if it has not polled yet.
    pub(crate) fn first_poll(&self) -> Option<Duration> {
        self.platform.first_poll.get().map(|poll| *poll - self.started)
    }

    /// Returns the time from the start of the process to a response.
    pub(crate) fn since_start(&self, done: &Done) -> Duration {
        done.at - self.started
    }

    pub(crate) fn cpu(&self) -> Option<Duration> {
        usage::cpu(self.process.id())
    }

    pub(crate) fn peak_memory(&self) -> Option<u64> {
        usage::peak_memory(self.process.id())
    }

    fn handed(&self) -> Instant {
        *self.platform.handed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

impl Done {
    /// Returns the response of an HTTP function. Fails if its status is not a success.
    pub(crate) fn http(&self) -> anyhow::Result<Value> {
        let answer: Value = serde_json::from_slice(&self.body)?;
        ensure!(answer["statusCode"].as_u64().is_some_and(|status| status < 300), "the function answers {answer}");
        Ok(answer)
    }

    /// Returns the response of another function. Fails if it is a consumer that returned messages to deliver again.
    pub(crate) fn value(&self) -> anyhow::Result<Value> {
        let answer: Value = serde_json::from_slice(&self.body)?;
        let failures = answer["batchItemFailures"].as_array().map_or(0, Vec::len);
        ensure!(failures == 0, "{failures} messages are to come again; the log says why");
        Ok(answer)
    }
}

impl Platform {
    async fn answer(self: Arc<Self>, request: Request<Bytes>) -> Answer {
        if request.uri().path().ends_with("/invocation/next") {
            self.first_poll.get_or_init(Instant::now);
            let Some(event) = self.events.lock().await.recv().await else { return std::future::pending().await };
            let mut answer = server::answer(200, event);
            let deadline = SystemTime::now() + TIMEOUT;
            let deadline = deadline.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
            let headers = answer.headers_mut();
            headers.insert("lambda-runtime-aws-request-id", HeaderValue::from_static("bench"));
            headers.insert(
                "lambda-runtime-deadline-ms",
                HeaderValue::from_str(&deadline.to_string()).unwrap_or(HeaderValue::from_static("0")),
            );
            headers.insert(
                "lambda-runtime-invoked-function-arn",
                HeaderValue::from_static("arn:aws:lambda:us-east-1:000000000000:function:bench"),
            );
            *self.handed.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
            return answer;
        }
        let at = Instant::now();
        let took = at - *self.handed.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = request.uri().path().ends_with("/error");
        self.answers.send(Done { took, at, body: request.into_body(), failed }).await.ok();
        server::answer(202, "")
    }
}

/// Builds the release binaries of functions, as they are deployed except for the target processor. Returns their
/// folder.
pub(crate) fn build(names: &[&str]) -> anyhow::Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    #[expect(clippy::disallowed_methods, reason = "where cargo builds, as cargo says")]
    let target = std::env::var("CARGO_TARGET_DIR").map_or_else(|_| root.join("target"), |folder| root.join(folder));
    let mut cargo = std::process::Command::new("cargo");
    cargo.args(["build", "--release", "--workspace"]).args(names.iter().flat_map(|name| ["--bin", name]));
    ensure!(
        cargo.current_dir(&root).status()?.success(),
        "the functions could not be built; the compiler says why above"
    );
    Ok(target.join("release"))
}
