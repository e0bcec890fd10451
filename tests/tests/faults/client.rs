//! A careful client: it retries requests without a response, in a way that applies them once.

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use rand::{RngExt, rngs::ChaCha12Rng};
use reqwest::Method;
use serde_json::{Value, json};
use taskbell_tests::support::{Answer, PASSWORD, variable};
use uuid::Uuid;

use crate::run::{Outcome, Run};

/// After this time without a conclusive response, the run fails.
const TIMEOUT: Duration = Duration::from_mins(4);
/// How old an access token may become before it is refreshed. Tokens expire after fifteen minutes.
const REFRESH_AFTER: Duration = Duration::from_secs(90);

/// What prevents a retried change from being applied twice.
pub(crate) enum Guard {
    /// An `Idempotency-Key`.
    Key(String),
    /// `If-Match`.
    Version(i64),
    /// Nothing: the operation is idempotent.
    None,
}

/// A registered user.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) address: String,
    /// Whether they want an immediate e-mail about changes of status.
    pub(crate) wants_status_emails: bool,
}

pub(crate) struct Client {
    pub(crate) person: Person,
    pub(crate) random: ChaCha12Rng,
    /// Whether the client waits for every response instead of dropping some connections.
    pub(crate) patient: bool,
    /// How many responses to the last operation were lost.
    pub(crate) lost: usize,
    run: Arc<Run>,
    http: reqwest::Client,
    base: String,
    tokens: Option<(String, String, Instant)>,
}

impl Client {
    pub(crate) fn new(person: Person, random: ChaCha12Rng, run: Arc<Run>) -> Self {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(20)).build().unwrap();
        Self { person, random, patient: false, lost: 0, run, http, base: variable("TASKBELL_API"), tokens: None }
    }

    /// Returns the response body, or `None` if the resource is not found, which the checker then reports.
    pub(crate) async fn get(&mut self, path: &str) -> Option<Value> {
        match self.call(Method::GET, path, None, &Guard::None).await {
            Outcome::Acknowledged(body) => Some(body),
            Outcome::Rejected(_) | Outcome::Unknown => {
                self.run.count("requests", "for a missing resource");
                None
            }
        }
    }

    /// Sends a request until there is a conclusive response.
    pub(crate) async fn call(&mut self, method: Method, path: &str, body: Option<&Value>, guard: &Guard) -> Outcome {
        let deadline = Instant::now() + TIMEOUT;
        self.lost = 0;
        loop {
            let token = self.token(deadline).await;
            let mut request = self.http.request(method.clone(), format!("{}{path}", self.base)).bearer_auth(token);
            request = match guard {
                Guard::Key(key) => request.header("Idempotency-Key", key),
                Guard::Version(version) => request.header("If-Match", format!("\"{version}\"")),
                Guard::None => request,
            };
            if let Some(body) = body {
                request = request.json(body);
            }
            let deploying = self.run.deploying.load(Ordering::SeqCst);
            match self.send(request).await {
                None => self.lost += 1,
                Some(answer) if answer.status < 300 => {
                    if self.lost > 0 && matches!(guard, Guard::Key(_)) {
                        self.run.count("requests", "answered by their key after a lost response");
                    }
                    return Outcome::Acknowledged(answer.body);
                }
                Some(answer) if answer.status == 401 => {
                    self.tokens = None;
                    continue;
                }
                // While routes change, the emulator routes a request to another function or to none.
                Some(answer) if answer.status < 500 && answer.status != 429 && !deploying && !self.is_deploying() => {
                    // The first attempt may have succeeded: after giving a task away, a user may no longer change it.
                    return if self.lost > 0 { Outcome::Unknown } else { Outcome::Rejected(answer.status) };
                }
                Some(answer) => self.lost += usize::from(answer.status >= 500),
            }
            assert!(Instant::now() < deadline, "{method} {path} got no response for four minutes");
            self.run.count("requests", "retried");
            self.pause(100..900).await;
        }
    }

    /// Waits a random time in this range.
    pub(crate) async fn pause(&mut self, milliseconds: std::ops::Range<u64>) {
        tokio::time::sleep(Duration::from_millis(self.random.random_range(milliseconds))).await;
    }

    fn is_deploying(&self) -> bool {
        self.run.deploying.load(Ordering::SeqCst)
    }

    /// Sends a request once. Returns `None` if there is no response, or the client drops the connection before it.
    async fn send(&mut self, request: reqwest::RequestBuilder) -> Option<Answer> {
        let sending = async { Answer::try_read(request.send().await?).await };
        let patience = match self.random.random_range(0..50) {
            0 if !self.patient => Duration::from_millis(self.random.random_range(1..60)),
            _ => Duration::from_secs(30),
        };
        match tokio::time::timeout(patience, sending).await {
            Ok(Ok(answer)) => {
                let by = if answer.header("x-request-id").is_empty() { "the gateway" } else { "a function" };
                match answer.status {
                    status @ 500.. => self.run.count("requests", format!("answered {status} by {by}")),
                    status => self.run.count("requests", format!("answered {}xx", status / 100)),
                }
                if answer.status == 500 && by == "a function" {
                    self.run.server_errors.lock().unwrap().push(answer.body.to_string());
                }
                Some(answer)
            }
            Ok(Err(_)) => {
                self.run.count("requests", "without a response");
                None
            }
            Err(_) => {
                self.run.count("requests", "dropped by the client");
                None
            }
        }
    }

    /// Returns a valid access token.
    async fn token(&mut self, deadline: Instant) -> String {
        if let Some((token, _, since)) = &self.tokens
            && since.elapsed() < REFRESH_AFTER
        {
            return token.clone();
        }
        // A refresh token is used once: if the response is lost, nobody knows whether it was used, so the client logs
        // in again.
        if let Some((_, refresh_token, _)) = self.tokens.take() {
            let refresh = self.http.post(format!("{}/v1/auth/refresh", self.base));
            let answer = self.send(refresh.json(&json!({ "refresh_token": refresh_token }))).await;
            if let Some(token) = self.keep(answer) {
                self.run.count("requests", "refreshed tokens");
                return token;
            }
        }
        loop {
            let login = json!({ "email": self.person.address, "password": PASSWORD });
            let answer = self.send(self.http.post(format!("{}/v1/auth/login", self.base)).json(&login)).await;
            if let Some(token) = self.keep(answer) {
                return token;
            }
            assert!(Instant::now() < deadline, "log-in failed for four minutes");
            self.pause(200..1500).await;
        }
    }

    fn keep(&mut self, answer: Option<Answer>) -> Option<String> {
        let body = answer.filter(|answer| answer.status == 200)?.body;
        let (access, refresh) = (body["access_token"].as_str()?, body["refresh_token"].as_str()?);
        self.tokens = Some((access.into(), refresh.into(), Instant::now()));
        Some(access.into())
    }
}
