use serde_json::{Value, json};
use shared::db::PgPool;
use uuid::Uuid;

use crate::support::{App, Operation, People, World, operations};

const LIMIT: usize = 256 * 1024;

async fn taking_bodies(app: &App) -> (People, World, Vec<Operation>) {
    let people = People::new(app).await;
    let world = World::new(app, &people, &people.creator).await;
    let operations: Vec<_> = operations().into_iter().filter(|operation| operation.takes_body).collect();
    assert!(operations.len() > 15);
    (people, world, operations)
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn malformed_json_is_refused(db: PgPool) {
    let app = App::new(&db);
    let (people, world, operations) = taking_bodies(&app).await;
    let client = app.as_user(&people.admin);
    let before = app.fingerprint().await;
    let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    let deep_object = format!("{}1{}", "{\"a\":".repeat(5_000), "}".repeat(5_000));
    let malformed: [&[u8]; 14] = [
        b"",
        b" ",
        b"{",
        b"{\"title\": \"x\"",
        b"{'title': 'x'}",
        b"{\"title\": \"x\",}",
        b"{} {}",
        b"title=x",
        b"nul",
        b"\xff\xfe",
        b"{\"title\": \"\xc3\x28\"}",
        b"{\"title\": \"\\ud800\"}",
        deep.as_bytes(),
        deep_object.as_bytes(),
    ];
    for operation in &operations {
        for body in malformed.into_iter().filter(|body| !(body.is_empty() && operation.body_is_optional)) {
            let reply =
                client.send_raw(&operation.method, &world.path(operation), Some("application/json"), body).await;
            assert_eq!(reply.status, 400, "{}: {reply}", operation.name);
        }
        for body in ["[]", "null", "true", "1", "\"x\"", "[{}]"] {
            client
                .send_raw(&operation.method, &world.path(operation), Some("application/json"), body)
                .await
                .wrong(&[""]);
        }
    }
    assert_eq!(app.fingerprint().await, before);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn other_content_types_are_refused(db: PgPool) {
    let app = App::new(&db);
    let (people, world, operations) = taking_bodies(&app).await;
    let client = app.as_user(&people.admin);
    let before = app.fingerprint().await;
    for operation in &operations {
        let body = world.body(operation).unwrap().to_string();
        for content_type in
            [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("application/jsonp"), Some("")]
        {
            let reply = client.send_raw(&operation.method, &world.path(operation), content_type, body.as_str()).await;
            assert_eq!(reply.status, 415, "{}: {reply}", operation.name);
        }
    }
    assert_eq!(app.fingerprint().await, before);
    for content_type in ["application/json; charset=utf-8", "Application/JSON", "application/merge-patch+json"] {
        client.send_raw("POST", "/v1/tasks", Some(content_type), "{\"title\": \"x\"}").await.ok(201);
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_body_above_the_size_limit_is_refused(db: PgPool) {
    let app = App::new(&db);
    let (people, world, operations) = taking_bodies(&app).await;
    let client = app.as_user(&people.admin);
    let before = app.fingerprint().await;
    for operation in &operations {
        let send = async |length: usize| {
            let body = format!("{{\"\": \"{}\"}}", "x".repeat(length - 8));
            assert_eq!(body.len(), length);
            client.send_raw(&operation.method, &world.path(operation), Some("application/json"), body).await.status
        };
        assert_eq!((send(LIMIT).await, send(LIMIT + 1).await), (422, 413), "{}", operation.name);
    }
    assert_eq!(app.fingerprint().await, before);
}

/// Collects the pointers to all values within a value.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, child)| (name.clone(), child)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(n, child)| (n.to_string(), child)).collect(),
        _ => return,
    };
    for (name, child) in children {
        let at = format!("{at}/{name}");
        pointers(child, &at, found);
        found.push(at);
    }
}

/// Secrets that are only compared: any text is simply a wrong secret, and its form is not checked.
const COMPARED: [(&str, &str); 6] = [
    ("login", "/password"),
    ("refresh", "/refresh_token"),
    ("logout", "/refresh_token"),
    ("reset-password", "/token"),
    ("verify-email", "/token"),
    ("change-password", "/current_password"),
];

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn every_invalid_field_is_named(db: PgPool) {
    let app = App::new(&db);
    let (people, world, operations) = taking_bodies(&app).await;
    let client = app.as_user(&people.admin);
    let before = app.fingerprint().await;
    for operation in &operations {
        let good = world.body(operation).unwrap();
        let mut fields = Vec::new();
        pointers(&good, "", &mut fields);
        for field in &fields {
            let compared = COMPARED.contains(&(&*operation.name, &**field));
            let long = ["/description", "/body"].contains(&&**field);
            let text = good.pointer(field).is_some_and(Value::is_string);
            let mut tried = vec![
                (json!({ "nested": [1, 2, { "deep": null }] }), true),
                (json!(-1.5e300), true),
                (json!("x".repeat(100_000)), true),
                (json!("a\u{0}b"), !compared),
                (json!("\u{1b}[31m\u{7f}\u{85}"), !compared),
            ];
            // Invisible text is allowed in a description, but not in a name, title, label or password.
            if !long {
                let nothing = "\u{200b}\u{3164}\u{2800}\u{a0}\u{ad}\u{feff}\u{2060}\u{ffa0}\u{115f}\u{202e}";
                tried.push((json!(nothing), !compared));
            }
            for (junk, always_wrong) in tried {
                let mut body = good.clone();
                *body.pointer_mut(field).unwrap() = junk.clone();
                let reply = client.send(&operation.method, &world.path(operation), Some(body)).await;
                if always_wrong || !text {
                    let named = reply.body["errors"][0]["pointer"].as_str().unwrap_or("none").to_owned();
                    assert_eq!(reply.status, 422, "{} {field}: {reply}", operation.name);
                    assert!(named.starts_with(field.as_str()), "{} {field}: {reply}", operation.name);
                } else {
                    assert!(reply.status < 500, "{reply}");
                }
            }
        }
        // All fields at once, and an unknown field.
        let mut body = good.clone();
        for (_, value) in body.as_object_mut().unwrap() {
            *value = json!(1.5);
        }
        body["no/such~field"] = json!(null);
        let mut expected: Vec<_> = good.as_object().unwrap().keys().map(|name| format!("/{name}")).collect();
        expected.push("/no~1such~0field".into());
        expected.sort_unstable();
        let expected: Vec<_> = expected.iter().map(String::as_str).collect();
        client.send(&operation.method, &world.path(operation), Some(body)).await.wrong(&expected);
    }
    assert_eq!(app.fingerprint().await, before);
}

/// A small random generator (splitmix64) with the same junk in every run.
struct Junk(u64);

impl Junk {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }

    fn value(&mut self, depth: u64) -> Value {
        match self.below(if depth > 2 { 12 } else { 14 }) {
            0 => json!(null),
            1 => json!(self.below(2) == 0),
            2 => json!(self.below(u64::MAX)),
            3 => json!(-1.5e-300),
            4 => json!(""),
            5 => json!("\u{0}\u{fffe}\u{202e}é\u{301}🏳️‍🌈"),
            6 => json!("'; DROP TABLE tasks; --"),
            7 => json!("9999-12-31T23:59:60.999999999Z"),
            8 => json!("1970-01-01T00:00:00-00:00"),
            9 => json!(Uuid::nil()),
            10 => json!("FREQ=SECONDLY;COUNT=4294967295;BYSETPOS=-366;BYEASTER=0"),
            11 => json!("𝕏".repeat(usize::try_from(self.below(300)).unwrap())),
            12 => (0..self.below(30)).map(|_| self.value(depth + 1)).collect(),
            _ => (0..self.below(5)).map(|n| (format!("f{n}"), self.value(depth + 1))).collect(),
        }
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn random_bodies_cause_no_server_error(db: PgPool) {
    let app = App::new(&db);
    let people = People::new(&app).await;
    let mut junk = Junk(20_261_122);
    for operation in operations() {
        for round in 0..40 {
            let world = World::new(&app, &people, &people.admin).await;
            let body = world.body(&operation).map(|mut body| {
                let mut fields = Vec::new();
                pointers(&body, "", &mut fields);
                for _ in 0..=junk.below(3) {
                    let field = &fields[usize::try_from(junk.below(fields.len() as u64)).unwrap()];
                    if let Some(place) = body.pointer_mut(field) {
                        *place = junk.value(0);
                    }
                }
                body
            });
            let body = if round % 4 == 0 { Some(junk.value(0)) } else { body };
            let reply = app.as_user(&people.admin).send(&operation.method, &world.path(&operation), body.clone()).await;
            assert!(reply.status < 500, "{body:?} to {reply}");
        }
    }
}
