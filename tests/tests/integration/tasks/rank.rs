//! The order of a project's tasks by hand.

use serde_json::{Value, json};
use shared::db::PgPool;

use crate::support::{App, Person, Reply, id, text, titles};

/// A project with tasks, and who puts them in order.
struct Board {
    app: App,
    mia: Person,
    project: Value,
    tasks: Vec<Value>,
}

impl Board {
    /// Creates a project with tasks of these titles.
    async fn new(db: &PgPool, letters: &[&str]) -> Self {
        let app = App::new(db);
        let mia = app.manager("mia").await;
        let project = app.project(&mia, "WEB", &[]).await;
        let mut tasks = Vec::new();
        for title in letters {
            tasks.push(app.task(&mia, json!({ "title": title, "project_id": id(&project) })).await);
        }
        Self { app, mia, project, tasks }
    }

    fn id(&self, title: &str) -> &Value {
        &self.tasks.iter().find(|task| task["title"] == title).unwrap()["id"]
    }

    async fn put(&self, title: &str, place: Value) -> Reply {
        self.app.as_user(&self.mia).put(&format!("/v1/tasks/{}/rank", text(self.id(title))), place).await
    }

    async fn order(&self) -> String {
        let path = format!("/v1/tasks?project_id={}&sort=rank", id(&self.project));
        let up = titles(&self.app.as_user(&self.mia).get(&path).await.ok(200)).concat();
        let path = path.replace("=rank", "=-rank");
        let down = titles(&self.app.as_user(&self.mia).get(&path).await.ok(200)).concat();
        assert_eq!(up, down.chars().rev().collect::<String>());
        up
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_task_is_put_before_or_behind_another(db: PgPool) {
    let board = Board::new(&db, &["A", "B", "C", "D"]).await;
    assert_eq!(board.order().await, "ABCD", "a new task stands last");
    let [a, b, c, d] = ["A", "B", "C", "D"].map(|title| board.id(title).clone());
    for (title, place, order) in [
        ("D", json!({ "after": a }), "ADBC"),
        ("C", json!({ "before": a }), "CADB"),
        ("C", json!({ "after": b, "before": null }), "ADBC"),
        ("A", json!({ "before": c }), "DBAC"),
        ("D", json!({ "after": b, "before": c }), "BDAC"),
        ("B", json!({ "after": c }), "DACB"),
        ("B", json!({ "before": d, "after": null }), "BDAC"),
    ] {
        let task = board.put(title, place.clone()).await.ok(200);
        assert_eq!((&task["title"], board.order().await), (&json!(title), order.into()), "{title} {place}");
        assert!(text(&task["rank"]).len() <= 100);
    }
    // A task that is there already does not change.
    let before = board.app.fingerprint().await;
    board.put("D", json!({ "after": b })).await.ok(200);
    board.put("D", json!({ "before": a })).await.ok(200);
    board.put("D", json!({ "after": b, "before": c })).await.ok(200);
    assert_eq!(board.app.fingerprint().await, before);

    let new = board.app.task(&board.mia, json!({ "title": "E", "project_id": id(&board.project) })).await;
    assert_eq!(board.order().await, "BDACE");
    let path = format!("/v1/tasks/{}", id(&new));
    let shown = board.app.as_user(&board.mia).get(&path).await.ok(200);
    assert_eq!((shown["rank"].clone(), shown["version"].clone()), (new["rank"].clone(), json!(1)));
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_place_that_does_not_exist_is_refused(db: PgPool) {
    let board = Board::new(&db, &["A", "B", "C"]).await;
    let elsewhere = board.app.task(&board.mia, json!({ "title": "x" })).await;
    let [a, b, c] = ["A", "B", "C"].map(|title| board.id(title).clone());
    board.put("A", json!({})).await.wrong(&["/after"]);
    board.put("A", json!({ "before": null, "after": null })).await.wrong(&["/after"]);
    board.put("A", json!({ "after": a })).await.wrong(&["/after"]);
    board.put("A", json!({ "before": elsewhere["id"] })).await.wrong(&["/before"]);
    board.put("A", json!({ "before": uuid::Uuid::now_v7(), "after": b })).await.wrong(&["/before"]);
    board.put("A", json!({ "after": b, "before": b })).await.ok(409);
    let conflict = board.put("A", json!({ "after": c, "before": b })).await.ok(409);
    assert_eq!(conflict["code"], "order_changed");
    board.app.as_user(&board.mia).delete(&format!("/v1/tasks/{}", text(&c))).await.ok(204);
    board.put("A", json!({ "after": c })).await.wrong(&["/after"]);
    let list =
        async |query: &str| board.app.as_user(&board.mia).get(&format!("/v1/tasks?sort=rank{query}")).await.status;
    let project = id(&board.project);
    // Each two keys can be combined.
    for one in ["rank", "title", "due_at", "priority", "status", "created_at", "updated_at"] {
        for other in ["-rank", "-title", "-due_at"].into_iter().filter(|other| !other.ends_with(one)) {
            for pair in [format!("{one},{other}"), format!("{other},{one}")] {
                let path = format!("/v1/tasks?project_id={}&sort={pair}", id(&board.project));
                board.app.walk(&board.mia, &path, 1, "title").await;
            }
        }
    }
    assert_eq!([list("").await, list(&format!("&project_id={project},{}", text(&a))).await], [400, 400]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_new_place_counts_a_version_and_is_in_the_feed_only(db: PgPool) {
    let board = Board::new(&db, &["A", "B"]).await;
    let b = board.id("B").clone();
    let path = format!("/v1/tasks/{}", text(board.id("A")));
    let activity = async || board.app.count("activity").await;
    let before = (activity().await, board.app.count("notifications").await);
    let reply = board.put("A", json!({ "after": b })).await;
    assert_eq!(reply.etag(), "\"2\"");
    board.app.tell_everyone().await;
    assert_eq!((activity().await, board.app.count("notifications").await), before);
    let feed = board
        .app
        .as_user(&board.mia)
        .get(&format!("/v1/projects/{}/changes?since=2", id(&board.project)))
        .await
        .ok(200);
    let item = &feed["items"][0];
    assert_eq!((&item["event"], &item["task"]["id"], &item["n"]), (&json!("ranked"), board.id("A"), &json!(3)));
    let stale = board.app.as_user(&board.mia).if_match("\"1\"");
    assert_eq!(stale.put(&format!("{path}/rank"), json!({ "before": b })).await.status, 412);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_moved_task_stands_last_and_one_from_the_trash_in_its_place(db: PgPool) {
    let board = Board::new(&db, &["A", "B", "C"]).await;
    let [a, b, c] = ["A", "B", "C"].map(|title| board.id(title).clone());
    board.put("C", json!({ "before": a })).await.ok(200);
    let path = |id: &Value| format!("/v1/tasks/{}", text(id));
    let as_mia = board.app.as_user(&board.mia);
    as_mia.delete(&path(&a)).await.ok(204);
    // Something is put in the middle of where it was.
    board.put("B", json!({ "after": c })).await.ok(200);
    board.put("C", json!({ "after": b })).await.ok(200);
    board.put("B", json!({ "after": c })).await.ok(200);
    as_mia.post(&format!("{}/restore", path(&a)), None).await.ok(200);
    let order = board.order().await;
    assert!(order.starts_with("CB") || order.ends_with("CB"), "{order}");
    let lab = board.app.project(&board.mia, "LAB", &[]).await;
    as_mia.patch(&path(&c), json!({ "project_id": id(&lab) })).await.ok(200);
    let moved = as_mia.patch(&path(&c), json!({ "project_id": id(&board.project) })).await.ok(200);
    assert!(board.order().await.ends_with('C'));
    assert_eq!(as_mia.get(&path(&c)).await.ok(200)["rank"], moved["rank"]);
}

/// Two tasks take turns directly behind the first, until their ranks are too long.
#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn neighbors_make_room_for_a_rank_that_would_be_too_long(db: PgPool) {
    let board = Board::new(&db, &["A", "B", "C", "D"]).await;
    let a = board.id("A").clone();
    let (mut longest, mut made_room) = (0, 0);
    for turn in 0..1_200 {
        let title = ["B", "C"][turn % 2];
        let task = board.put(title, json!({ "after": a })).await.ok(200);
        let length = text(&task["rank"]).len();
        assert!(length <= 100);
        if length < longest && longest > 90 {
            made_room += 1;
            longest = 0;
        }
        longest = longest.max(length);
    }
    assert!(made_room > 0, "{longest}");
    assert_eq!(board.order().await, "ACBD");
    let several = "project_changes WHERE event = 'ranked' AND task_ids IS NOT NULL";
    assert_eq!(board.app.count(several).await, made_room);
    assert!(board.app.one::<bool>(&format!("SELECT min(cardinality(task_ids)) = 4 FROM {several}")).await);
    // Only the task itself counts a version. The first turn changed nothing.
    let versions = board.app.one::<i64>("SELECT sum(version)::bigint FROM tasks").await;
    assert_eq!(versions, 4 + 1_199);
}
