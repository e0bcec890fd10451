//! The address of the system under test, and a client for it.

#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a test fails by panicking")]

use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use uuid::Uuid;

/// Returns the value of a variable that `make test` sets.
pub fn variable(name: &str) -> String {
    #[expect(clippy::disallowed_methods, reason = "the tests' own configuration")]
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: these tests are run by `make test`"))
}

/// The password of every user who registers.
pub const PASSWORD: &str = "correct horse";

/// An HTTP client of the API, logged in or not.
pub struct Api {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

/// A response, read to its end.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: reqwest::header::HeaderMap,
    /// The body. Text that is not JSON is a string.
    pub body: Value,
}

impl Answer {
    async fn read(response: Response) -> Self {
        Self::try_read(response).await.unwrap()
    }

    /// Reads a response to its end.
    ///
    /// # Errors
    ///
    /// Fails if the connection breaks.
    pub async fn try_read(response: Response) -> reqwest::Result<Self> {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await?;
        Ok(Self { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) })
    }

    /// Returns the body. Panics if the status is not the expected one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// Returns a header, or an empty string if it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Api {
    /// Creates a client that is not logged in.
    pub fn visitor() -> Self {
        // A redirect is a response of the API, too.
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { http, base: variable("TASKBELL_API"), token: None }
    }

    /// Logs in as the administrator of the deployment. There is only one log-in at a time, because some of more than
    /// ten concurrent ones are refused.
    pub async fn admin() -> Self {
        static LOGGING_IN: Mutex<()> = Mutex::const_new(());
        let _one = LOGGING_IN.lock().await;
        Self::login(&variable("TASKBELL_ADMIN_EMAIL"), &variable("TASKBELL_ADMIN_PASSWORD")).await
    }

    /// Logs in with a password.
    pub async fn login(email: &str, password: &str) -> Self {
        let visitor = Self::visitor();
        let answer = visitor.post("/v1/auth/login", &json!({ "email": email, "password": password })).await.expect(200);
        visitor.with_token(&answer)
    }

    /// Registers a user with a new address. Returns the client and the response.
    pub async fn register(name: &str) -> (Self, Value) {
        let visitor = Self::visitor();
        let email = format!("{}-{}@example.com", name.to_lowercase(), Uuid::now_v7().simple());
        let new = json!({ "email": email, "password": PASSWORD, "name": name });
        let answer = visitor.post("/v1/auth/register", &new).await.expect(201);
        (visitor.with_token(&answer), answer)
    }

    fn with_token(mut self, logged_in: &Value) -> Self {
        self.token = Some(logged_in["access_token"].as_str().unwrap().into());
        self
    }

    /// Sends a request as this user.
    pub async fn request(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let mut request = self.builder(method, path);
        if let Some(body) = body {
            request = request.json(body);
        }
        Answer::read(request.send().await.unwrap()).await
    }

    fn builder(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(token) = &self.token { request.bearer_auth(token) } else { request }
    }

    /// Returns a response body that is not JSON.
    pub async fn file(&self, path: &str) -> Vec<u8> {
        let response = self.builder(Method::GET, path).send().await.unwrap();
        assert_eq!(response.status(), 200);
        response.bytes().await.unwrap().to_vec()
    }

    /// Sends a GET request.
    pub async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path, None).await
    }

    /// Sends a POST request with JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.request(Method::POST, path, Some(body)).await
    }

    /// Creates a resource as a careful client does under load: with an `Idempotency-Key`, and again after a 503.
    pub async fn create(&self, path: &str, body: &Value) -> Value {
        let key = Uuid::now_v7().to_string();
        for _ in 0..5 {
            let request = self.http.post(format!("{}{path}", self.base)).header("Idempotency-Key", &key).json(body);
            let request = request.bearer_auth(self.token.as_deref().unwrap_or_default());
            let answer = Answer::read(request.send().await.unwrap()).await;
            if answer.status != 503 {
                return answer.expect(201);
            }
            tokio::time::sleep(Duration::from_secs(answer.header("retry-after").parse().unwrap())).await;
        }
        panic!("{path} answers 503 for half a minute");
    }
}

/// A user with an account.
pub struct Member {
    /// Their client of the API.
    pub api: Api,
    /// Their id.
    pub id: Uuid,
    /// Their e-mail address.
    pub address: String,
}

impl Member {
    /// Registers a user whose address is not confirmed.
    pub async fn register(name: &str) -> Self {
        let (api, registered) = Api::register(name).await;
        let user = &registered["user"];
        let id = user["id"].as_str().unwrap().parse().unwrap();
        Self { api, id, address: user["email"].as_str().unwrap().into() }
    }

    /// Registers a user who follows the link that confirms the address.
    pub async fn verified(name: &str) -> Self {
        let member = Self::register(name).await;
        let token = token_in(&mails_to(&member.address, 1).await[0]);
        member.api.post("/v1/auth/email/verify", &json!({ "token": token })).await.expect(204);
        member
    }

    /// Registers a user, and makes them a manager.
    pub async fn boss() -> Self {
        let member = Self::register("Boss").await;
        let path = format!("/v1/users/{}", member.id);
        Api::admin().await.request(Method::PATCH, &path, Some(&json!({ "role": "manager" }))).await.expect(200);
        member
    }

    /// Waits until the newest notification has this `seq`.
    pub async fn wait_for_seq(&self, seq: i64) {
        self.wait_for_seq_within(seq, Duration::from_mins(1)).await;
    }

    /// Like [`wait_for_seq`](Self::wait_for_seq), but waits for at most this time.
    pub async fn wait_for_seq_within(&self, seq: i64, time: Duration) {
        let deadline = std::time::Instant::now() + time;
        loop {
            let newest = self.api.get("/v1/notifications?limit=1").await.expect(200);
            if newest["items"][0]["seq"] == seq {
                return;
            }
            assert!(std::time::Instant::now() < deadline, "{seq} did not come: {newest}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// Creates a project of a manager with these members, and returns its id.
pub async fn project(owner: &Member, members: &[&Member]) -> Value {
    let key: String = Uuid::now_v7().simple().to_string().to_uppercase().chars().rev().take(9).collect();
    let new = json!({ "key": format!("P{key}"), "name": "Website" });
    let project = owner.api.post("/v1/projects", &new).await.expect(201);
    for member in members {
        let path = format!("/v1/projects/{}/members/{}", project["id"].as_str().unwrap(), member.id);
        owner.api.request(Method::PUT, &path, None).await.expect(204);
    }
    project["id"].clone()
}

/// Returns the e-mails that the SMTP server accepted for an address, as soon as there are `count` of them.
pub async fn mails_to(address: &str, count: usize) -> Vec<Value> {
    mails_when(address, &format!("{count} mails"), |mails| mails.len() >= count).await
}

/// Returns the e-mails that the SMTP server accepted for an address, as soon as each of these texts is in one of them.
pub async fn mails_saying(address: &str, texts: &[&str]) -> Vec<Value> {
    let says = |mail: &Value, text| mail["text"].as_str().unwrap().contains(text);
    let all_said = |mails: &[Value]| texts.iter().all(|text| mails.iter().any(|mail| says(mail, text)));
    mails_when(address, &format!("mails that say {texts:?}"), all_said).await
}

async fn mails_when(address: &str, what: &str, there: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let url = format!("{}/api/email", variable("TASKBELL_MAIL"));
    let deadline = std::time::Instant::now() + Duration::from_mins(2);
    loop {
        let all: Vec<Value> = reqwest::get(&url).await.unwrap().json().await.unwrap();
        let mails: Vec<Value> = all.into_iter().filter(|mail| mail["to"][0]["address"] == *address).collect();
        if there(&mails) {
            return mails;
        }
        assert!(std::time::Instant::now() < deadline, "{what} to {address} did not come, but {mails:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Returns the token of the link in an e-mail.
pub fn token_in(mail: &Value) -> String {
    let text = mail["text"].as_str().unwrap();
    let (_, rest) = text.split_once("?token=").unwrap_or_else(|| panic!("no link in: {text}"));
    rest.split_whitespace().next().unwrap().into()
}
