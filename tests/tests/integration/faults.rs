//! Dependencies that are unavailable, fail in the middle of a request, or come back.

use std::{
    future::Future,
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs},
    pin::{Pin, pin},
    task::{Context, Poll},
    thread,
    time::{Duration, Instant},
};

use axum::{Router, routing::get};
use serde_json::json;
use shared::{
    cache::Cache,
    db::{self, PgPool},
};
use sqlx::{AssertSqlSafe, postgres::PgConnectOptions};

use crate::support::{App, PASSWORD, Person, id};

/// Returns an address on which nothing listens.
fn closed_port() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap()
}

/// Returns the address of the tests' Postgres.
fn postgres(db: &PgPool) -> SocketAddr {
    let options = db.connect_options();
    (options.get_host(), options.get_port()).to_socket_addrs().unwrap().next().unwrap()
}

/// Returns the API with a connection pool like that of the functions, to a Postgres at another address.
fn with_postgres_at(db: &PgPool, address: SocketAddr) -> App {
    let options = PgConnectOptions::clone(&db.connect_options()).host(&address.ip().to_string()).port(address.port());
    App::with(db, |parts| parts.db = db::pool(options, 1).into())
}

fn with_redis_at(db: &PgPool, address: SocketAddr) -> App {
    App::with(db, |parts| {
        parts.cache = Cache::new(redis::Client::open(format!("redis://{address}")).unwrap());
        (parts.settings.open_per_minute, parts.settings.user_per_minute) = (1, 1);
    })
}

/// Forwards connections at `listener` to `server`, as long as the test runs.
fn forward(listener: TcpListener, server: SocketAddr) {
    thread::spawn(move || -> io::Result<()> {
        for client in listener.incoming() {
            let (client, server) = (client?, TcpStream::connect(server)?);
            let (mut from_client, mut from_server) = (client.try_clone()?, server.try_clone()?);
            thread::spawn(move || io::copy(&mut from_client, &mut &server));
            thread::spawn(move || io::copy(&mut from_server, &mut &client));
        }
        Ok(())
    });
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn requests_answer_503_while_postgres_is_unavailable(db: PgPool) {
    let ann = App::new(&db).user("ann").await;
    let address = closed_port();
    let away = with_postgres_at(&db, address);
    // A server that accepts connections and never answers counts as unavailable.
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let hanging = with_postgres_at(&db, silent.local_addr().unwrap());

    let (visitor, user, user_of_hanging) = (away.anyone(), away.as_user(&ann), hanging.as_user(&ann));
    let new = json!({ "email": "bob@example.com", "password": PASSWORD, "name": "Bob" });
    let begun = Instant::now();
    let (registered, listed, hung, health) = tokio::join!(
        visitor.post("/v1/auth/register", new),
        user.get("/v1/tasks"),
        user_of_hanging.post("/v1/tasks", json!({ "title": "x" })),
        visitor.get("/v1/health"),
    );
    assert!(begun.elapsed() < Duration::from_mins(1), "it hangs");
    for reply in [registered, listed, hung] {
        assert!(!reply.body.to_string().to_lowercase().contains("postgres"), "{reply}");
        assert!(reply.header("retry-after").parse::<u32>().unwrap() > 0, "{reply}");
        reply.ok(503);
    }
    assert!(health.header("retry-after").parse::<u32>().unwrap() > 0, "{health}");
    let health = health.ok(503);
    assert_eq!((&health["status"], &health["checks"]["database"]), (&json!("down"), &json!("down")));
    // Requests that need no Postgres work as usual.
    visitor.get("/v1/openapi.json").await.ok(200);
    visitor.post("/v1/auth/login", json!({ "email": 1 })).await.wrong(&["/email", "/password"]);

    forward(TcpListener::bind(address).unwrap(), postgres(&db));
    user.get("/v1/tasks").await.ok(200);
    assert_eq!(visitor.get("/v1/health").await.ok(200)["status"], "ok");
}

/// Terminates every connection to this test's database except its own.
async fn terminate_all(db: &PgPool) {
    let others = "FROM pg_stat_activity
                  WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()";
    let mut conn = db.acquire().await.unwrap();
    // Returns false for a connection that has just ended by itself.
    let end = AssertSqlSafe(format!("SELECT pg_terminate_backend(pid, 5000) {others}"));
    sqlx::query_scalar::<_, bool>(end).fetch_all(&mut *conn).await.unwrap();
    let left = AssertSqlSafe(format!("SELECT count(*) {others}"));
    assert_eq!(sqlx::query_scalar::<_, i64>(left).fetch_one(&mut *conn).await.unwrap(), 0);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn requests_succeed_after_a_restart_of_postgres(db: PgPool) {
    let app = with_postgres_at(&db, postgres(&db));
    let ann = app.user("ann").await;
    for _ in 0..3 {
        app.as_user(&ann).get("/v1/tasks").await.ok(200);
        terminate_all(&db).await;
        // Connections that were idle for 100 ms are checked before they are used; a restart takes longer than that.
        tokio::time::sleep(Duration::from_millis(300)).await;
        app.as_user(&ann).post("/v1/tasks", json!({ "title": "x" })).await.ok(201);
    }
    // A request that comes sooner may be refused; the next one works.
    terminate_all(&db).await;
    let sooner = app.as_user(&ann).get("/v1/tasks").await;
    assert!(matches!(sooner.status, 200 | 503), "{sooner}");
    app.as_user(&ann).get("/v1/tasks").await.ok(200);
}

/// Waits until a backend waits for a lock, and returns its process id.
pub(crate) async fn who_waits(db: &PgPool) -> i32 {
    let waiting = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    loop {
        if let Some(pid) = sqlx::query_scalar(waiting).fetch_optional(db).await.unwrap() {
            return pid;
        }
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_lost_connection_within_a_request_rolls_it_back(db: PgPool) {
    let app = with_postgres_at(&db, postgres(&db));
    let ann = app.user("ann").await;
    let before = app.fingerprint().await;
    let mut lock = db.begin().await.unwrap();
    sqlx::query("LOCK TABLE activity").execute(&mut *lock).await.unwrap();
    let client = app.as_user(&ann).idempotency_key("k");
    let (reply, _) = tokio::join!(client.post("/v1/tasks", json!({ "title": "x" })), async {
        let pid = who_waits(&db).await;
        sqlx::query("SELECT pg_terminate_backend($1)").bind(pid).execute(&db).await.unwrap()
    });
    reply.ok(503);
    lock.rollback().await.unwrap();
    assert_eq!(app.fingerprint().await, before);
    client.post("/v1/tasks", json!({ "title": "x" })).await.ok(201);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn requests_stay_fast_while_redis_is_unavailable(db: PgPool) {
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    for address in [closed_port(), silent.local_addr().unwrap()] {
        let app = with_redis_at(&db, address);
        let ann = app.user(&format!("ann{}", address.port())).await;
        let begun = Instant::now();
        for _ in 0..10 {
            app.as_user(&ann).get("/v1/tasks").await.ok(200);
            app.anyone().post("/v1/auth/verify-email", json!({})).await.ok(404);
            app.anyone().post("/v1/auth/email/verify", json!({ "token": "unknown" })).await.ok(422);
        }
        assert_eq!(app.anyone().get("/v1/health").await.ok(200)["status"], "degraded");
        // Only once in a while a request tries to connect again, and waits for that.
        silent.set_nonblocking(true).unwrap();
        let tried = std::iter::from_fn(|| silent.accept().ok()).count();
        let most = usize::try_from(1 + begun.elapsed().as_secs()).unwrap();
        assert!(tried <= most, "{tried} in {:?}", begun.elapsed());
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_request_dropped_while_it_waits_changes_nothing(db: PgPool) {
    let app = with_postgres_at(&db, postgres(&db));
    let mia = app.manager("mia").await;
    let project = app.project(&mia, "WEB", &[]).await;
    let new = json!({ "title": "x", "project_id": id(&project) });
    let client = app.as_user(&mia).idempotency_key("k");
    // The request writes to these tables one after another; each lock stops it at another point.
    for table in ["idempotency_keys", "projects", "tasks", "activity", "outbox"] {
        let before = app.fingerprint().await;
        let mut lock = db.begin().await.unwrap();
        sqlx::query(AssertSqlSafe(format!("LOCK TABLE {table}"))).execute(&mut *lock).await.unwrap();
        tokio::select! {
            reply = client.post("/v1/tasks", new.clone()) => panic!("{table} did not stop it: {reply}"),
            _ = who_waits(&db) => {}
        }
        lock.rollback().await.unwrap();
        app.as_user(&mia).get("/v1/tasks").await.ok(200);
        assert_eq!(app.fingerprint().await, before, "{table}");
    }
    assert_eq!(client.post("/v1/tasks", new).await.ok(201)["key"], "WEB-1");
}

/// A future that is dropped after a number of polls, unless it completes earlier.
struct Dropped<F> {
    future: Pin<Box<F>>,
    polls: usize,
}

impl<F: Future> Future for Dropped<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.polls == 0 {
            return Poll::Ready(None);
        }
        self.polls -= 1;
        self.future.as_mut().poll(context).map(Some)
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_request_dropped_at_any_point_is_atomic(db: PgPool) {
    let app = with_postgres_at(&db, postgres(&db));
    let mia = app.manager("mia").await;
    let project = app.project(&mia, "WEB", &[]).await;
    let new = json!({ "title": "x", "project_id": id(&project) });
    for polls in 1.. {
        let client = app.as_user(&mia).idempotency_key(&format!("create {polls}"));
        let answered = drop_after(polls, client.post("/v1/tasks", new.clone())).await;
        all_or_nothing(&app, &mia).await;
        // A retry returns the same task.
        let before = app.count("tasks").await;
        let task = client.post("/v1/tasks", new.clone()).await.ok(201);
        assert!(app.count("tasks").await <= before + 1);
        assert_eq!(app.count(&format!("tasks WHERE id = '{}'", id(&task))).await, 1);
        if let Some(reply) = answered {
            assert_eq!(reply.ok(201), task);
            break;
        }
    }
    // Without a key the request is a single statement outside a transaction.
    for polls in 1.. {
        let answered = drop_after(polls, app.as_user(&mia).post("/v1/tasks", new.clone())).await;
        all_or_nothing(&app, &mia).await;
        if answered.is_some() {
            break;
        }
    }
    for polls in 1.. {
        let task = app.task(&mia, new.clone()).await;
        let at = format!("/v1/tasks/{}", id(&task));
        let client = app.as_user(&mia);
        let answered = drop_after(polls, client.patch(&at, json!({ "title": "y", "status": "done" }))).await;
        all_or_nothing(&app, &mia).await;
        let stored = app.as_user(&mia).get(&at).await.ok(200);
        let told = app.count(&format!("activity WHERE task_id = '{}'", id(&task))).await;
        assert_eq!((&stored["version"], stored["title"] == "y"), (&json!(told), told == 2));
        if answered.is_some() {
            break;
        }
    }
}

pub(crate) async fn drop_after<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    pin!(Dropped { future: Box::pin(future), polls }).await
}

/// Checks that every task has its activity, event and number, and that the only connection of the pool is still usable.
async fn all_or_nothing(app: &App, caller: &Person) {
    app.as_user(caller).get("/v1/users/me").await.ok(200);
    assert_eq!(app.count("tasks t WHERE version <> (SELECT count(*) FROM activity a WHERE a.task_id = t.id)").await, 0);
    assert_eq!(app.count("activity a FULL JOIN (SELECT * FROM outbox WHERE queue = 'events') o USING (id) WHERE a.id IS NULL OR o.id IS NULL").await, 0);
    assert_eq!(
        app.count("projects p WHERE task_counter <> (SELECT count(*) FROM tasks t WHERE t.project_id = p.id)").await,
        0
    );
    assert_eq!(app.count("idempotency_keys WHERE body IS NULL").await, 0);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_server_error_reveals_no_details(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    app.sql("ALTER TABLE watchers RENAME TO observers").await;
    let told = app.as_user(&ann).get("/v1/tasks").await.comparable();
    assert_eq!((told.0, told.1["detail"].as_str().unwrap()), (500, "Something went wrong on our side."));

    let panics = App::of(Router::new().route("/", get(async || -> &'static str { panic!("a secret") })), &db, |_| {});
    assert_eq!(panics.anyone().get("/").await.comparable(), told);
}
