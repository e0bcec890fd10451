//! Tests in which a part dies, hangs, or delivers a message three times. Each person is notified once, and no e-mail is
//! missing.

use std::time::Duration;

use redis::AsyncCommands;
use serde_json::{Value, json};
use shared::{
    cache::Cache,
    db::{
        Database, PgPool, comments, members, projects, sessions,
        tasks::{self, TaskRef},
        users,
    },
    domain::{
        Caller,
        access::{Discuss, Manage},
        account::Role,
        new_task::NewTask,
        project::Trash,
        task::Task,
    },
    queue::Queues,
    realtime::{self, Gateway, Pushed},
};
use taskbell_queue::notify::{Notify, Outcome};
use uuid::Uuid;

use crate::{
    stub_gateway::{Manner, StubGateway},
    support::variable,
};

/// Two people, and a task that one of them created and the other is assigned to, in a separate database.
pub(crate) struct Scene {
    db: PgPool,
    ann: Caller,
    pub(crate) bob: Caller,
    task: Task,
}

impl Scene {
    pub(crate) async fn set(db: &PgPool) -> Self {
        let (ann, bob) = (person(db, "Ann").await, person(db, "Bob").await);
        let mut tx = Database::from(db.clone()).begin().await.unwrap();
        let project = projects::create(&mut tx, &ann, "WEB", "Website", "").await.unwrap();
        let managed = projects::lock(&mut tx, &ann, project.id, Trash::Excluded, Manage).await.unwrap();
        members::set(&mut tx, &managed, bob.id, None).await.unwrap();
        let new = NewTask { project_id: Some(project.id), assignee_id: Some(bob.id), ..NewTask::new("Write") };
        let task = tasks::create(&mut tx, (&ann).into(), new).await.unwrap();
        tx.commit(&Queues::none()).await.unwrap();
        Self { db: db.clone(), ann, bob, task }
    }

    /// Creates a comment of Ann on the task. Returns the id of the event.
    pub(crate) async fn comment(&self, body: &str) -> Uuid {
        let mut tx = Database::from(self.db.clone()).begin().await.unwrap();
        let task = tasks::lock(&mut tx, &self.ann, &TaskRef::Id(self.task.id), Discuss).await.unwrap();
        comments::create(&mut tx, &task, body).await.unwrap();
        let event_id = tx.enqueued()[0].id;
        tx.commit(&Queues::none()).await.unwrap();
        event_id
    }

    /// Creates a connection of Bob, as `ws-connect` does. Returns its id.
    pub(crate) async fn connect(&self, redis: &str) -> String {
        let (cache, connection) = (cache(redis), format!("c-{}", Uuid::now_v7().simple()));
        let ticket = realtime::create_ticket(&cache, &self.bob).await.unwrap();
        realtime::connect(&cache, ticket.expose(), &connection).await.unwrap().unwrap();
        connection
    }

    async fn bodies(&self) -> Vec<String> {
        let bodies = sqlx::query_scalar("SELECT body FROM notifications WHERE user_id = $1 ORDER BY seq");
        bodies.bind(self.bob.id).fetch_all(&self.db).await.unwrap()
    }
}

async fn person(db: &PgPool, name: &str) -> Caller {
    let mut conn = db.acquire().await.unwrap();
    let email = format!("{}-{}@example.com", name.to_lowercase(), Uuid::now_v7().simple());
    let new = users::NewUser { email: &email, name, password_hash: "", role: Role::Manager, time_zone: "UTC" };
    let user = users::create(&mut conn, &new).await.unwrap();
    users::set_email_verified(&mut conn, user.id).await.unwrap();
    let session_id = sessions::create(&mut conn, user.id, "test", "127.0.0.1").await.unwrap();
    Caller { id: user.id, session_id, role: Role::Manager }
}

fn cache(url: &str) -> Cache {
    Cache::new(redis::Client::open(url).unwrap())
}

pub(crate) fn notify(db: &PgPool, redis: &str, gateway: &StubGateway) -> Notify {
    let gateway = Gateway::new(gateway.url.clone());
    Notify::new(db.clone().into(), cache(redis), gateway, Queues::new([]), Duration::from_mins(1))
}

fn told(sent: usize) -> Outcome {
    Outcome::Handled(Pushed { sent, ..Pushed::default() })
}

/// Returns the bodies of the notifications that were pushed to a connection.
fn pushed(gateway: &StubGateway, connection: &str) -> Vec<Value> {
    let calls = gateway.calls().into_iter().filter(|call| call.connection == connection);
    calls.map(|call| call.message["notification"]["body"].clone()).collect()
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn notify_that_dies_before_the_push_pushes_when_the_message_is_delivered_again(db: PgPool) {
    let redis = variable("REDIS_URL");
    let scene = Scene::set(&db).await;
    let (connection, event) = (scene.connect(&redis).await, scene.comment("one").await);

    let silent = StubGateway::start(|_, _| Manner::Silent).await;
    let dying = notify(&db, &redis, &silent);
    // Dropped while it waits for the gateway, as if the process had been killed.
    tokio::select! {
        biased;
        () = silent.called() => {}
        outcome = dying.consume(event) => panic!("it pushed nothing: {outcome:?}"),
    }
    assert_eq!(scene.bodies().await, ["one"], "it died before the push");

    let gateway = StubGateway::start(|_, _| Manner::Fine).await;
    let notify = notify(&db, &redis, &gateway);
    assert_eq!(notify.consume(event).await.unwrap(), told(1));
    assert_eq!(notify.consume(event).await.unwrap(), Outcome::HandledBefore);
    assert_eq!((scene.bodies().await, pushed(&gateway, &connection)), (vec!["one".into()], vec![json!("one")]));
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn three_concurrent_deliveries_of_a_message_notify_and_push_once(db: PgPool) {
    let redis = variable("REDIS_URL");
    let scene = Scene::set(&db).await;
    let (connection, event) = (scene.connect(&redis).await, scene.comment("one").await);
    let gateway = StubGateway::start(|_, _| Manner::Fine).await;
    let notify = notify(&db, &redis, &gateway);
    let outcomes = tokio::join!(notify.consume(event), notify.consume(event), notify.consume(event));
    for outcome in [outcomes.0, outcomes.1, outcomes.2] {
        // A consumer fails if another one is handling the message. The queue then delivers the message again.
        if outcome.is_err() {
            assert_eq!(notify.consume(event).await.unwrap(), Outcome::HandledBefore);
        }
    }
    assert_eq!((scene.bodies().await, pushed(&gateway, &connection)), (vec!["one".into()], vec![json!("one")]));
    let mails: Vec<i64> = sqlx::query_scalar("SELECT count(*) FROM emails").fetch_all(&db).await.unwrap();
    assert_eq!(mails, [1]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_gone_connection_is_removed_unless_it_is_still_being_opened(db: PgPool) {
    let redis = variable("REDIS_URL");
    let scene = Scene::set(&db).await;
    let (new, old, open) = (scene.connect(&redis).await, scene.connect(&redis).await, scene.connect(&redis).await);
    let client = redis::Client::open(redis.as_str()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    // However long the test takes, one connection is old and one is new.
    let now = chrono::Utc::now().timestamp_millis();
    for (which, opened) in [(&old, now - 3_600_000), (&new, now + 3_600_000)] {
        let peer = format!("{} {} {opened}", scene.bob.id, scene.bob.session_id);
        let _: () = connection.set(format!("{{live}}:connection:{which}"), peer).await.unwrap();
    }

    let open_one = open.clone();
    let gateway =
        StubGateway::start(move |connection, _| if connection == open_one { Manner::Fine } else { Manner::Gone });
    let gateway = gateway.await;
    let outcome = notify(&db, &redis, &gateway).consume(scene.comment("one").await).await.unwrap();
    assert_eq!(outcome, Outcome::Handled(Pushed { sent: 1, gone: 2, failed: 0 }));
    let mut left = realtime::of_users(&cache(&redis), &[scene.bob.id]).await.unwrap().remove(&scene.bob.id).unwrap();
    left.sort();
    let mut expected = vec![new, open];
    expected.sort();
    assert_eq!(left, expected);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_push_that_the_gateway_throttles_is_repeated(db: PgPool) {
    let redis = variable("REDIS_URL");
    let scene = Scene::set(&db).await;
    let connection = scene.connect(&redis).await;
    let gateway = StubGateway::start(|_, before| if before < 2 { Manner::Throttled } else { Manner::Fine }).await;
    let outcome = notify(&db, &redis, &gateway).consume(scene.comment("one").await).await.unwrap();
    assert_eq!((outcome, pushed(&gateway, &connection).len()), (told(1), 3));
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn notify_works_without_redis_and_pushes_again_when_redis_is_back(db: PgPool) {
    let redis = OwnRedis::start().await;
    let scene = Scene::set(&db).await;
    let gateway = StubGateway::start(|_, _| Manner::Fine).await;
    let notify = notify(&db, &redis.url, &gateway);
    scene.connect(&redis.url).await;
    assert_eq!(notify.consume(scene.comment("before").await).await.unwrap(), told(1));

    let redis = redis.stop();
    assert_eq!(notify.consume(scene.comment("without").await).await.unwrap(), told(0));
    let redis = redis.start_again().await;
    // Redis has lost its data: the client connects again, and resumes.
    let connection = scene.connect(&redis.url).await;
    let mut outcome = notify.consume(scene.comment("after").await).await.unwrap();
    for number in 0.. {
        if outcome == told(1) {
            break;
        }
        assert!(number < 50, "the connection to Redis does not come back");
        tokio::time::sleep(Duration::from_millis(100)).await;
        outcome = notify.consume(scene.comment("after").await).await.unwrap();
    }
    assert_eq!(pushed(&gateway, &connection), [json!("after")]);
    assert_eq!(scene.bodies().await[..3], ["before", "without", "after"]);
}

/// A Redis on a free port, which a test can stop.
struct OwnRedis {
    url: String,
    port: u16,
    process: Option<std::process::Child>,
}

impl OwnRedis {
    async fn start() -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let stopped = Self { url: format!("redis://127.0.0.1:{port}"), port, process: None };
        stopped.start_again().await
    }

    async fn start_again(mut self) -> Self {
        let port = self.port.to_string();
        let arguments = ["--port", &port, "--bind", "127.0.0.1", "--save", ""];
        let mut server = std::process::Command::new(variable("REDIS_SERVER"));
        self.process = Some(server.args(arguments).stdout(std::process::Stdio::null()).spawn().unwrap());
        while cache(&self.url).ping().await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self
    }

    fn stop(mut self) -> Self {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
        self
    }
}

impl Drop for OwnRedis {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            process.kill().ok();
            process.wait().ok();
        }
    }
}
