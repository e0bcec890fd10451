use serde_json::{Value, json};
use shared::db::PgPool;

use crate::support::{App, Person, id, titles};

struct Data {
    mia: Person,
    ann: Person,
    ada: Person,
    web: Value,
    lab: Value,
    whole: Value,
}

/// Seven tasks in two projects; `ann` belongs to one of them.
async fn data(app: &App) -> Data {
    let (mia, ann, ada) = (app.manager("mia").await, app.user("ann").await, app.admin("ada").await);
    let (web, lab) = (app.project(&mia, "WEB", &[&ann]).await, app.project(&mia, "LAB", &[]).await);
    let on = |project: &Value, mut task: Value| {
        task["project_id"] = project["id"].clone();
        task
    };
    let whole = app.task(&mia, on(&web, json!({ "title": "a", "priority": "high", "labels": ["ui", "big"] }))).await;
    for (creator, new) in [
        (
            &ann,
            on(
                &web,
                json!({ "title": "b", "status": "in_progress", "assignee_id": ann.id, "due_at": "2020-01-01T00:00:00Z" }),
            ),
        ),
        (
            &mia,
            on(
                &web,
                json!({ "title": "c", "status": "done", "assignee_id": mia.id, "due_at": "2020-06-01T00:00:00Z", "labels": ["ui"] }),
            ),
        ),
        (
            &mia,
            on(
                &web,
                json!({ "title": "d", "status": "cancelled", "priority": "low", "due_at": "2040-01-01T00:00:00Z", "parent_id": id(&whole) }),
            ),
        ),
        (
            &mia,
            on(
                &lab,
                json!({ "title": "e", "priority": "urgent", "due_at": "2020-03-01T00:00:00Z", "labels": ["with space", "Ümläut"] }),
            ),
        ),
        (&mia, on(&lab, json!({ "title": "f", "assignee_id": mia.id }))),
        (&ann, json!({ "title": "g", "labels": ["ui"] })),
    ] {
        app.task(creator, new).await;
    }
    Data { mia, ann, ada, web, lab, whole }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn every_filter_finds_the_matching_tasks(db: PgPool) {
    let app = App::new(&db);
    let data = data(&app).await;
    let (web, lab, whole) = (id(&data.web), id(&data.lab), id(&data.whole));
    let (ann, mia) = (data.ann.id, data.mia.id);
    let nobody = uuid::Uuid::now_v7();
    let as_mia = [
        (String::new(), "abcdef"),
        (format!("project_id={web}"), "abcd"),
        (format!("project_id={web},{lab}"), "abcdef"),
        (format!("project_id={nobody}"), ""),
        ("status=todo".into(), "aef"),
        ("status=todo,done".into(), "acef"),
        ("status=in_progress, cancelled".into(), "bd"),
        ("priority=medium".into(), "bcf"),
        ("priority=urgent,high,low".into(), "ade"),
        ("assignee_id=me".into(), "cf"),
        ("assignee_id=none".into(), "ade"),
        (format!("assignee_id={ann}"), "b"),
        (format!("assignee_id={ann},none"), "abde"),
        (format!("assignee_id=me,{ann}"), "bcf"),
        (format!("assignee_id={nobody}"), ""),
        ("created_by=me".into(), "acdef"),
        (format!("created_by={ann}"), "b"),
        (format!("created_by={ann},me"), "abcdef"),
        ("label=ui".into(), "ac"),
        ("label=ui,big".into(), "ac"),
        ("label=with%20space".into(), "e"),
        ("label=%C3%9Cml%C3%A4ut,big".into(), "ae"),
        ("label=UI".into(), "ac"),
        ("due_before=2020-06-01T00:00:00Z".into(), "be"),
        ("due_after=2020-06-01T00:00:00Z".into(), "d"),
        ("due_after=2020-01-01T00:00:00Z&due_before=2030-01-01T01:00:00%2B01:00".into(), "ce"),
        ("overdue=true".into(), "be"),
        ("overdue=false".into(), "acdf"),
        (format!("parent_id={whole}"), "d"),
        (format!("parent_id={nobody}"), ""),
        ("status=todo&priority=urgent,high&label=big".into(), "a"),
        (format!("project_id={web}&assignee_id=none&overdue=false&status=todo"), "a"),
        ("deleted=true".into(), ""),
        ("deleted=false".into(), "abcdef"),
    ];
    let expect = async |caller: &Person, query: &str, expected: &str| {
        for sort in ["title", "created_at"] {
            let query = query.replace(' ', "%20");
            let page = app.as_user(caller).get(&format!("/v1/tasks?sort={sort}&{query}")).await.ok(200);
            assert_eq!(titles(&page).concat(), expected, "{query} sort={sort}");
            assert!(page["next_cursor"].is_null());
        }
    };
    for (query, expected) in as_mia {
        expect(&data.mia, &query, expected).await;
    }
    // A user sees only what she may see, and an administrator everything.
    for (query, expected) in
        [("", "abcdg"), ("assignee_id=me", "b"), ("created_by=me", "bg"), ("label=ui", "acg"), ("overdue=true", "b")]
    {
        expect(&data.ann, query, expected).await;
    }
    expect(&data.ann, &format!("project_id={lab}"), "").await;
    expect(&data.ann, &format!("assignee_id={mia}"), "c").await;
    for (query, expected) in [("", "abcdefg"), ("assignee_id=me", ""), ("priority=urgent", "e"), ("label=ui", "acg")] {
        expect(&data.ada, query, expected).await;
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn the_default_order_is_newest_first(db: PgPool) {
    let app = App::new(&db);
    let data = data(&app).await;
    let page = app.as_user(&data.mia).get("/v1/tasks").await.ok(200);
    assert_eq!(titles(&page).concat(), "fedcba");
    let task = app.as_user(&data.mia).get(&format!("/v1/tasks/{}", id(&page["items"][0]))).await.ok(200);
    assert_eq!(page["items"][0], task, "a list shows what a single task shows");
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn invalid_parameters_are_refused(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    let long = format!("q={}", "x".repeat(201));
    for query in [
        "status=started",
        "status=",
        "status=todo,,done",
        "priority=1",
        "project_id=WEB",
        "assignee_id=ann",
        "assignee_id=",
        "created_by=none",
        "due_before=tomorrow",
        "due_after=2020-01-01",
        "overdue=maybe",
        "parent_id=WEB-1",
        "deleted=1",
        "sort=rank",
        "sort=",
        "sort=title,-title",
        "sort=--title",
        "limit=0",
        "limit=201",
        "limit=-1",
        "limit=x",
        "cursor=",
        "cursor=x",
        "nonsense=1",
        "status=todo&status=done",
        &long,
    ] {
        app.as_user(&ann).get(&format!("/v1/tasks?{query}")).await.ok(400);
    }
    app.as_user(&ann).get("/v1/tasks?limit=200").await.ok(200);
}
