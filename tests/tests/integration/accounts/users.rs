use serde_json::json;
use shared::{
    db::{
        PgPool,
        page::PageRequest,
        users::{self, UserFilter},
    },
    domain::{Caller, account::Role},
};
use uuid::Uuid;

use crate::support::{App, Person, each, id, own_pool, text};

async fn names(app: &App, caller: &Person, query: &str) -> Vec<String> {
    let page = app.as_user(caller).get(&format!("/v1/users?{query}")).await.ok(200);
    each(&page, "name").into_iter().map(|name| text(name).to_owned()).collect()
}

fn at(person: &Person) -> String {
    format!("/v1/users/{}", person.id)
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn managers_see_all_users_and_users_see_fellow_members(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann, bob) = (app.manager("Mia").await, app.user("ann").await, app.user("Bob").await);
    let project = app.project(&mia, "WEB", &[&ann]).await;
    assert_eq!(names(&app, &mia, "").await, ["ann", "Bob", "Mia"], "by name, whatever the case");
    assert_eq!(names(&app, &ann, "").await, ["ann", "Mia"]);
    assert_eq!(names(&app, &bob, "").await, ["Bob"]);

    for (caller, seen, status) in
        [(&mia, &bob, 200), (&ann, &mia, 200), (&bob, &bob, 200), (&ann, &bob, 404), (&bob, &mia, 404)]
    {
        let reply = app.as_user(caller).get(&at(seen)).await;
        assert_eq!(reply.etag(), if status == 200 { "\"1\"" } else { "" });
        reply.ok(status);
    }
    app.as_user(&mia).delete(&format!("/v1/projects/{}", id(&project))).await.ok(204);
    assert_eq!(names(&app, &ann, "").await, ["ann"], "a project in the trash shows nobody");
    app.as_user(&ann).get(&at(&mia)).await.ok(404);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn users_are_found_by_name_address_role_and_activity(db: PgPool) {
    let app = App::new(&db);
    let mia = app.manager("Mia").await;
    for name in ["Ann", "ANNE", "100% Bob", "ÉLODIE", "Jörg Straße"] {
        app.user(name).await;
    }
    let ada = app.admin("Ada").await;
    let anne = app.one::<Uuid>("SELECT id FROM users WHERE name = 'ANNE'").await;
    app.as_user(&ada).patch(&format!("/v1/users/{anne}"), json!({ "active": false })).await.ok(200);
    let found: [(&str, &[&str]); 18] = [
        ("q=ann", &["Ann", "ANNE"]),
        ("q=ann&active=true", &["Ann"]),
        ("q=N%40EXAMPLE", &["Ann"]),
        ("q=0%25", &["100% Bob"]),
        ("q=_", &[]),
        ("q=%C3%A9lod", &["ÉLODIE"]),
        ("q=elod", &["ÉLODIE"]),
        ("q=e%CC%81lod", &["ÉLODIE"]),
        ("q=jorg", &["Jörg Straße"]),
        ("q=J%C3%96RG%20STRASSE", &["Jörg Straße"]),
        ("q=j%C3%B6rg+stra%C3%9Fe", &["Jörg Straße"]),
        ("q=%EF%BC%85", &["100% Bob"]), // a fullwidth %, which is no wildcard
        ("q=%5C", &[]),
        ("q=+ann+", &["Ann", "ANNE"]),
        ("role=admin,manager", &["Ada", "Mia"]),
        ("role=user&active=false", &["ANNE"]),
        ("role=admin&q=mia", &[]),
        ("active=false", &["ANNE"]),
    ];
    for (query, expected) in found {
        assert_eq!(names(&app, &mia, query).await, expected, "{query}");
    }
    for query in ["role=boss", "active=maybe", "nonsense=1", "q=a&q=b"] {
        app.as_user(&mia).get(&format!("/v1/users?{query}")).await.ok(400);
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn pages_of_users_contain_each_user_once(db: PgPool) {
    let app = App::new(&db);
    let ada = app.admin("ada").await;
    // Equal names, and names whose lower case differs between libraries.
    for (n, name) in ["Bob", "bob", "BOB", "ΟΔΟΣ", "ΟΔΟΣ", "İnci", "İnci", "Straße", "STRASSE", "Ǆ"].iter().enumerate()
    {
        let person = app.user(&format!("p{n}")).await;
        app.as_user(&ada).patch(&at(&person), json!({ "name": name })).await.ok(200);
    }
    let all = names(&app, &ada, "").await;
    assert_eq!(all.len(), 11);
    for limit in 1..=4 {
        let met = app.walk(&ada, "/v1/users?", limit, "name").await;
        assert_eq!(met, all, "by {limit}");
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn administrators_change_names_roles_and_activity(db: PgPool) {
    let app = App::new(&db);
    let (ada, ann) = (app.admin("ada").await, app.user("ann").await);
    let reply = app.as_user(&ada).patch(&at(&ann), json!({ "role": "manager", "name": "Ann B." })).await;
    assert_eq!(reply.etag(), "\"2\"");
    let changed = reply.ok(200);
    assert_eq!((&changed["role"], &changed["name"]), (&json!("manager"), &json!("Ann B.")));
    assert_eq!(app.as_user(&ann).get("/v1/users/me").await.ok(200), changed);
    app.project(&ann, "ANN", &[]).await;
    app.as_user(&ada).patch(&at(&ann), json!({ "role": "user" })).await.ok(200);
    app.as_user(&ann).post("/v1/projects", json!({ "key": "NEXT", "name": "Next" })).await.ok(403);

    app.as_user(&ada).if_match("\"2\"").patch(&at(&ann), json!({ "name": "Ann C." })).await.ok(412);
    app.as_user(&ada)
        .patch(&at(&ann), json!({ "email": "x@example.com", "role": "boss" }))
        .await
        .wrong(&["/email", "/role"]);
    app.as_user(&ada).patch(&at(&ann), json!({ "role": null, "active": null })).await.wrong(&["/active", "/role"]);
    app.as_user(&ada).patch(&format!("/v1/users/{}", Uuid::now_v7()), json!({})).await.ok(404);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn deactivation_ends_all_sessions_at_once(db: PgPool) {
    let app = App::new(&db);
    let ada = app.admin("ada").await;
    let (ann, answer) = app.log_in(&app.user("ann").await).await;
    app.as_user(&ada).patch(&at(&ann), json!({ "active": false })).await.ok(200);
    app.as_user(&ann).get("/v1/users/me").await.ok(401);
    let token = json!({ "refresh_token": answer["refresh_token"] });
    app.anyone().post("/v1/auth/refresh", token.clone()).await.ok(401);
    app.as_user(&ada).patch(&at(&ann), json!({ "active": true })).await.ok(200);
    app.as_user(&ann).get("/v1/users/me").await.ok(401);
    app.anyone().post("/v1/auth/refresh", token).await.ok(401);
    app.log_in(&ann).await;
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn the_last_administrator_cannot_be_demoted_or_deactivated(db: PgPool) {
    let app = App::new(&db);
    let (ada, eve) = (app.admin("ada").await, app.admin("eve").await);
    app.as_user(&ada).patch(&at(&eve), json!({ "active": false })).await.ok(200);
    for demotion in [json!({ "role": "user" }), json!({ "active": false }), json!({ "role": "manager", "name": "x" })] {
        app.as_user(&ada).patch(&at(&ada), demotion).await.ok(409);
    }
    app.as_user(&ada).patch(&at(&ada), json!({ "name": "Ada L.", "role": "admin", "active": true })).await.ok(200);
    app.as_user(&ada).patch(&at(&eve), json!({ "role": "user" })).await.ok(200);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn concurrent_demotions_leave_one_administrator(db: PgPool) {
    let app = App::new(&db);
    for round in 0..10 {
        app.sql("UPDATE users SET active = false").await;
        let (ada, eve) = (app.admin(&format!("ada{round}")).await, app.admin(&format!("eve{round}")).await);
        let demotion = if round % 2 == 0 { json!({ "role": "user" }) } else { json!({ "active": false }) };
        let (ada_client, eve_client) = (app.as_user(&ada), app.as_user(&eve));
        let (at_eve, at_ada) = (at(&eve), at(&ada));
        let (one, other) =
            tokio::join!(ada_client.patch(&at_eve, demotion.clone()), eve_client.patch(&at_ada, demotion.clone()));
        let succeeded = [one.status, other.status].iter().filter(|status| **status == 200).count();
        assert_eq!(succeeded, 1, "{one}\n{other}");
        assert_eq!(app.count("users WHERE role = 'admin' AND active").await, 1);
    }
}

/// Postgres itself counts the rows that it read.
#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn user_search_uses_an_index(db: PgPool) {
    App::new(&db)
        .sql(
            "INSERT INTO users (id, email, name, password_hash)
             SELECT md5('u' || n)::uuid, n || '@example.com', 'User ' || n, '' FROM generate_series(1, 20000) n;
             UPDATE users SET name = 'Anna Röder' WHERE email = '7@example.com';
             UPDATE users SET email = 'roder@xn--bcher-kva.example' WHERE email = '8@example.com';
             SELECT gin_clean_pending_list('users_searched');
             ANALYZE users",
        )
        .await;
    let db = own_pool(&db);
    let counted = async || {
        sqlx::query("SELECT pg_stat_force_next_flush()").execute(&db).await.unwrap();
        let read = "SELECT seq_tup_read, i.idx_scan FROM pg_stat_user_tables JOIN pg_stat_user_indexes i USING (relid)
                    WHERE indexrelname = 'users_searched'";
        sqlx::query_as::<_, (i64, i64)>(read).fetch_one(&db).await.unwrap()
    };
    let before = counted().await;
    let caller = Caller { id: Uuid::nil(), session_id: Uuid::nil(), role: Role::Admin };
    let page = PageRequest { limit: 50, cursor: None };
    // Often enough for Postgres to switch from custom plans to a generic plan.
    for (n, (q, found)) in
        [("rÖder", 2), ("roder", 2), ("@bücher.example", 1), ("r_der", 0)].iter().cycle().take(16).enumerate()
    {
        let filter = UserFilter { q: Some((*q).into()), ..UserFilter::default() };
        let mut conn = db.acquire().await.unwrap();
        let people = users::list(&mut conn, &caller, &filter, &page).await.unwrap().items;
        drop(conn);
        assert_eq!(people.len(), *found, "{q}");
        let after = counted().await;
        assert_eq!(after.0, before.0, "people were read one after the other for {q}, number {n}");
        assert!(after.1 > before.1, "users_searched was not used for {q}");
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn the_names_of_up_to_two_hundred_ids_are_on_one_page(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann, sid) = (app.manager("mia").await, app.user("ann").await, app.user("sid").await);
    app.project(&mia, "WEB", &[&ann]).await;
    let ids = |ids: &[Uuid]| ids.iter().map(Uuid::to_string).collect::<Vec<_>>().join(",");
    let path = format!("/v1/users?ids={}", ids(&[sid.id, ann.id, mia.id, ann.id, Uuid::nil()]));
    assert_eq!(each(&app.as_user(&mia).get(&path).await.ok(200), "name"), ["ann", "mia", "sid"]);
    assert_eq!(each(&app.as_user(&ann).get(&path).await.ok(200), "name"), ["ann", "mia"], "those that one may know of");

    app.sql(
        "INSERT INTO users (id, email, name, password_hash)
         SELECT md5('u' || n)::uuid, n || '@example.com', 'User', '' FROM generate_series(1, 201) n",
    )
    .await;
    let many: Vec<Uuid> = sqlx::query_scalar("SELECT id FROM users WHERE name = 'User'").fetch_all(&db).await.unwrap();
    let page = app.as_user(&mia).get(&format!("/v1/users?ids={}", ids(&many[..200]))).await.ok(200);
    assert_eq!((each(&page, "id").len(), &page["next_cursor"]), (200, &serde_json::Value::Null));
    let refused = app.as_user(&mia).get(&format!("/v1/users?ids={}", ids(&many))).await.ok(400);
    assert_eq!(refused["detail"], "ids must be a list of at most 200 values.");
}
