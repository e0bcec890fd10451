use serde_json::json;
use shared::db::PgPool;

use crate::support::{App, JWKS};

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn users_change_their_own_name_and_time_zone_only(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    let before = app.as_user(&ann).get("/v1/users/me").await;
    assert_eq!(before.etag(), "\"1\"");

    let reply = app.as_user(&ann).patch("/v1/users/me", json!({ "time_zone": "Europe/Berlin" })).await;
    assert_eq!(reply.etag(), "\"2\"");
    let mut expected = before.body;
    let changed = reply.ok(200);
    (expected["time_zone"], expected["updated_at"]) = (json!("Europe/Berlin"), changed["updated_at"].clone());
    assert_eq!(changed, expected);
    assert_eq!(app.as_user(&ann).get("/v1/users/me").await.ok(200), changed);

    let same = app.as_user(&ann).patch("/v1/users/me", json!({ "name": " ann ", "time_zone": "Europe/Berlin" })).await;
    assert_eq!(same.etag(), "\"2\"", "what already is so is no change");
    assert_eq!(app.as_user(&ann).patch("/v1/users/me", json!({})).await.ok(200), changed);

    for field in ["role", "active", "email", "id", "email_verified"] {
        app.as_user(&ann).patch("/v1/users/me", json!({ field: "admin" })).await.wrong(&[&format!("/{field}")]);
    }
    app.as_user(&ann)
        .patch("/v1/users/me", json!({ "name": null, "time_zone": null }))
        .await
        .wrong(&["/name", "/time_zone"]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn an_account_update_with_a_stale_etag_is_refused(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    let change = |etag: &'static str, name: &'static str| {
        let client = app.as_user(&ann).if_match(etag);
        async move { client.patch("/v1/users/me", json!({ "name": name })).await }
    };
    change("\"1\"", "Ann B.").await.ok(200);
    let stale = change("\"1\"", "Ann C.").await;
    assert_eq!((stale.etag(), &stale.body["current"]["name"]), ("\"2\"", &json!("Ann B.")));
    stale.ok(412);
    change("\"7\", \"2\"", "Ann D.").await.ok(200);
    change("*", "Ann E.").await.ok(200);
    change("nonsense", "Ann F.").await.ok(412);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn the_jwks_contains_public_keys_only(db: PgPool) {
    let keys = App::new(&db).anyone().get("/v1/auth/jwks.json").await;
    assert!(keys.header("cache-control").contains("max-age"), "{keys}");
    let keys = keys.ok(200);
    let expected: serde_json::Value = serde_json::from_str(JWKS).unwrap();
    for field in ["kid", "kty", "crv", "x"] {
        assert_eq!(keys["keys"][0][field], expected["keys"][0][field], "{field}");
    }
    assert!(keys["keys"][0].get("d").is_none(), "no private part");
}
