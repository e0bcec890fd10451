//! What requests write to the outbox, and how it is sent.

use std::{
    net::{Ipv4Addr, TcpListener},
    time::{Duration, Instant},
};

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use shared::{
    db::{
        PgPool,
        outbox::{self, Topic},
    },
    domain::email::OneTimePurpose,
    queue::Queues,
};
use uuid::Uuid;

use super::Team;
use crate::support::{App, NOWHERE, PASSWORD, Person, each, id, one_time_token, waiting};

/// Returns how many events say that sessions of a person ended.
async fn ended(app: &App, person: &Person) -> i64 {
    let payload = json!({ "event": "sessions_ended", "user_id": person.id });
    app.count(&format!("outbox WHERE queue = 'events' AND payload = '{payload}' AND due_at <= now()")).await
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_request_succeeds_while_its_queue_is_unavailable(db: PgPool) {
    // One queue accepts connections and never answers; the other refuses them.
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let events = format!("http://{}/events", silent.local_addr().unwrap());
    let app =
        App::with(&db, |parts| parts.queues = Queues::new([(Topic::Events, events), (Topic::Emails, NOWHERE.into())]));
    let ann = app.user("Ann").await;
    let (user, visitor) = (app.as_user(&ann), app.anyone());
    let begun = Instant::now();
    let (one, other, forgotten) = tokio::join!(
        user.post("/v1/tasks", json!({ "title": "x" })),
        user.post("/v1/tasks", json!({ "title": "y" })),
        visitor.post("/v1/auth/password/forgot", json!({ "email": ann.email })),
    );
    assert!(begun.elapsed() < Duration::from_mins(1), "it hangs");
    one.ok(201);
    other.ok(201);
    forgotten.ok(202);
    assert_eq!(app.count("outbox WHERE handled_at IS NULL AND due_at <= now()").await, 3);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn every_way_to_end_a_session_writes_an_event(db: PgPool) {
    let app = App::new(&db);
    let (elsewhere, bob, root) = (app.user("Ann").await, app.user("Bob").await, app.admin("Root").await);
    let mut told = 0;
    let mut check = async |what: &str, by: i64| {
        told += by;
        assert_eq!(ended(&app, &elsewhere).await, told, "{what}");
    };
    let (ann, answer) = app.log_in(&elsewhere).await;
    check("a log-in ends nothing", 0).await;
    app.anyone().post("/v1/auth/logout", json!({ "refresh_token": "unknown" })).await.ok(204);
    check("an unknown token ends nothing", 0).await;
    for by in [1, 0] {
        let token = json!({ "refresh_token": answer["refresh_token"] });
        app.anyone().post("/v1/auth/logout", token).await.ok(204);
        check("a log-out", by).await;
    }
    app.as_user(&ann).get("/v1/users/me").await.ok(401);

    let (ann, answer) = app.log_in(&elsewhere).await;
    let refresh = async |token: &Value| app.anyone().post("/v1/auth/refresh", json!({ "refresh_token": token })).await;
    refresh(&answer["refresh_token"]).await.ok(200);
    refresh(&answer["refresh_token"]).await.ok(200);
    check("a refresh ends nothing", 0).await;
    app.end_grace().await;
    refresh(&answer["refresh_token"]).await.ok(401);
    check("a refresh token that comes again", 1).await;
    refresh(&answer["refresh_token"]).await.ok(401);
    check("of a session that is over", 0).await;
    app.as_user(&ann).get("/v1/users/me").await.ok(401);

    let (ann, _) = app.log_in(&elsewhere).await;
    let session = format!("/v1/users/me/sessions/{}", elsewhere.session_id);
    app.as_user(&bob).delete(&session).await.ok(404);
    check("somebody else's session", 0).await;
    for (status, by) in [(204, 1), (404, 0)] {
        app.as_user(&ann).delete(&session).await.ok(status);
        check("a session that is logged out elsewhere", by).await;
    }

    let change = |current: &str| json!({ "current_password": current, "new_password": PASSWORD });
    app.as_user(&ann).put("/v1/users/me/password", change("wrong password")).await.ok(422);
    check("a wrong password", 0).await;
    app.as_user(&ann).put("/v1/users/me/password", change(PASSWORD)).await.ok(204);
    check("a changed password", 1).await;

    let token = one_time_token(&app, &ann, OneTimePurpose::ResetPassword).await;
    for (status, by) in [(204, 1), (422, 0)] {
        let reset = json!({ "token": token, "password": PASSWORD });
        app.anyone().post("/v1/auth/password/reset", reset).await.ok(status);
        check("a reset password", by).await;
    }
    for (patch, by) in [(json!({ "name": "Anna" }), 0), (json!({ "active": false }), 1), (json!({ "active": true }), 0)]
    {
        app.as_user(&root).patch(&format!("/v1/users/{}", ann.id), patch.clone()).await.ok(200);
        check(&patch.to_string(), by).await;
    }
    assert_eq!(ended(&app, &bob).await + ended(&app, &root).await, 0);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn concurrent_reuse_of_a_refresh_token_ends_its_session_once(db: PgPool) {
    let app = App::new(&db);
    let (ann, answer) = app.log_in(&app.user("Ann").await).await;
    let visitor = app.anyone();
    let refresh = || visitor.post("/v1/auth/refresh", json!({ "refresh_token": answer["refresh_token"] }));
    refresh().await.ok(200);
    app.end_grace().await;
    let mut stop = db.begin().await.unwrap();
    sqlx::query("SELECT FROM refresh_tokens FOR UPDATE").execute(&mut *stop).await.unwrap();
    let (one, other, ()) = tokio::join!(refresh(), refresh(), async {
        waiting(&db, 2).await;
        stop.rollback().await.unwrap();
    });
    one.ok(401);
    other.ok(401);
    assert_eq!(ended(&app, &ann).await, 1);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn requests_that_change_nothing_write_no_event(db: PgPool) {
    let team = Team::new(&db).await;
    let before = team.app.count("outbox").await;
    let comment = team.comment(&team.ann, "hi").await;
    assert_eq!(team.app.count("outbox").await, before + 1);
    team.as_user(&team.ann).patch(&format!("/v1/comments/{}", id(&comment)), json!({ "body": "hi" })).await.ok(200);
    team.change(&team.ann, json!({ "title": "Write", "assignee_id": team.bob.id })).await;
    let member = format!("/v1/projects/{}/members/{}", id(&team.project), team.dan.id);
    team.as_user(&team.mia).put(&member, None).await.ok(204);
    team.as_user(&team.dan).delete(&team.at("")).await.ok(403);
    team.as_user(&team.dan).put(&team.at("/watchers/me"), None).await.ok(204);
    let page = team.as_user(&team.ann).get(&team.at("/activity")).await.ok(200);
    assert_eq!(each(&page, "kind"), ["commented", "created"]);
    assert_eq!(team.app.count("outbox").await, before + 1);
    // A repeated request writes one event.
    let client = team.as_user(&team.ann).idempotency_key("k");
    let one = client.post("/v1/tasks", json!({ "title": "x" })).await.ok(201);
    assert_eq!(client.post("/v1/tasks", json!({ "title": "x" })).await.ok(201), one);
    assert_eq!(team.app.count("outbox").await, before + 2);
}

/// Moves all times five minutes into the past.
async fn five_minutes_pass(app: &App) {
    let earlier = |column: &str| format!("{column} = {column} - interval '5 minutes'");
    let columns = ["created_at", "due_at", "sent_at", "handled_at"].map(earlier).join(", ");
    app.sql(&format!("UPDATE outbox SET {columns}")).await;
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn the_relay_sends_due_messages_that_are_not_handled(db: PgPool) {
    let app = App::new(&db);
    let mut conn = db.acquire().await.unwrap();
    let mut ids = Vec::new();
    for minutes in [0, 0, 0, 0, 6, 20] {
        let id = Uuid::now_v7();
        let due = format!(
            "INSERT INTO outbox (id, queue, payload, due_at) VALUES ('{id}', 'events', '{{}}', now() + interval '{minutes} minutes')"
        );
        app.sql(&due).await;
        ids.push(id);
    }
    let [left, relayed, handled, relayed_often, soon, far] = ids[..] else { panic!("six") };
    outbox::mark_sent(&mut conn, &[relayed]).await.unwrap();
    outbox::mark_handled(&mut conn, handled).await.unwrap();
    for _ in 0..8 {
        outbox::mark_sent(&mut conn, &[relayed_often]).await.unwrap();
    }
    let claim = async |resend_after: u64| {
        let mut tx = db.begin().await.unwrap();
        let claimed =
            outbox::claim_unsent(&mut tx, Topic::Events, 10, Duration::from_secs(resend_after)).await.unwrap();
        tx.rollback().await.unwrap();
        let mut ids: Vec<Uuid> = claimed.into_iter().map(|message| message.id).collect();
        ids.sort_unstable();
        ids
    };
    assert!(claim(60).await.is_empty(), "whoever wrote it sends it first");
    five_minutes_pass(&app).await;
    assert_eq!(claim(310).await, [left], "what was relayed, the queue has");
    assert_eq!(claim(60).await, [left, relayed], "unless nobody confirms that");
    five_minutes_pass(&app).await;
    assert_eq!(claim(60).await, [left, relayed, soon]);
    five_minutes_pass(&app).await;
    five_minutes_pass(&app).await;
    assert_eq!(claim(60).await, [left, relayed, soon, far], "nobody else sends what is due so late: it comes at once");
    // The consumer postpones it, and it starts again.
    outbox::postpone(&mut conn, relayed_often, Utc::now() - TimeDelta::seconds(1)).await.unwrap();
    outbox::postpone(&mut conn, relayed, Utc::now() + TimeDelta::seconds(60)).await.unwrap();
    assert_eq!(claim(60).await, [left, relayed_often, soon, far]);
    // The consumer failed, and the queue delivers it again.
    outbox::record_retry(&mut conn, soon, Utc::now()).await.unwrap();
    assert_eq!(claim(60).await, [left, relayed_often, far]);
    // A locked message is skipped.
    let mut tx = db.begin().await.unwrap();
    assert!(outbox::try_lock(&mut tx, left).await.unwrap());
    assert_eq!(claim(60).await, [relayed_often, far]);
    tx.rollback().await.unwrap();
    outbox::mark_sent(&mut conn, &[far]).await.unwrap();
    assert_eq!(claim(60).await, [left, relayed_often]);
    five_minutes_pass(&app).await;
    assert_eq!(claim(60).await, [left, relayed, relayed_often, soon, far]);
}
