//! Frequent lists with 200,000 tasks and 100,000 notifications: each is read from its index, with about as many rows as
//! it shows.

mod clean_up;

use std::collections::BTreeSet;

use chrono::DateTime;
use serde_json::Value;
use shared::{
    db::{
        PgPool,
        inboxes::{self, Filter, Place},
        page::PageRequest,
        task_list::{self, Assignee, Sort, SortBy, TaskFilter},
    },
    domain::{
        Caller,
        account::Role,
        task::{Priority, Status},
    },
};
use uuid::Uuid;

use crate::support::App;

/// 100 people; 50 projects of very different sizes, with each person in ten; 200,000 tasks over two years, one in
/// twenty of them in the trash. Each person is assigned about 1,800 tasks, most of them done.
const DATA: &str = "
    -- Rows go in faster without indexes, and indexes are made faster from rows.
    CREATE TEMPORARY TABLE laid_aside AS
    SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'tasks' AND indexdef NOT LIKE '%UNIQUE%';
    DO $$ DECLARE i record; BEGIN FOR i IN TABLE laid_aside LOOP EXECUTE 'DROP INDEX ' || i.indexname; END LOOP; END $$;
    SET session_replication_role = replica; -- the rows fit together: no need to check each
    INSERT INTO users (id, email, name, password_hash)
    SELECT md5('u' || n)::uuid, n || '@example.com', 'User ' || n, '' FROM generate_series(0, 99) n;
    INSERT INTO projects (id, key, name, owner_id)
    SELECT md5('p' || n)::uuid, 'P' || n, 'Project ' || n, md5('u0')::uuid FROM generate_series(0, 49) n;
    INSERT INTO memberships (project_id, user_id)
    SELECT md5('p' || p)::uuid, md5('u' || (p + 5 * m) % 100)::uuid FROM generate_series(0, 49) p, generate_series(0, 19) m;
    SELECT setseed(0.5);
    INSERT INTO tasks (id, project_id, number, title, description, status, priority, due_at, assignee_id, labels, created_by, created_at,
                       updated_at, deleted_at)
    SELECT md5('t' || n)::uuid, md5('p' || p)::uuid, n, 'Task ' || n || ' word' || n % 1000, 'about topic' || n % 50,
           (ARRAY['todo', 'in_progress', 'done', 'done', 'done', 'cancelled'])[1 + floor(6 * r)]::task_status,
           (enum_range(NULL::task_priority))[1 + n % 4],
           CASE WHEN n % 3 > 0 THEN now() + (r - 0.5) * interval '2 years' END,
           CASE WHEN n % 10 > 0 THEN md5('u' || (p + 5 * floor(20 * s)::int) % 100)::uuid END,
           CASE WHEN n % 10 = 0 THEN ARRAY['label' || n % 200] WHEN n % 10001 = 1 THEN ARRAY['rare'] ELSE '{}' END,
           md5('u' || (p + 5 * floor(20 * t)::int) % 100)::uuid, now() - n * interval '5 minutes', now() - n * interval '4 minutes',
           CASE WHEN n % 20 = 0 THEN now() END
    FROM (SELECT n, floor(50 * pow(random(), 2))::int AS p, random() AS r, random() AS s, random() AS t
          FROM generate_series(1, 200000) n) made;
    SET session_replication_role = DEFAULT;
    UPDATE projects SET task_counter = 200000;
    INSERT INTO labels (project_id, folded, label) SELECT DISTINCT project_id, fold(label), label FROM tasks, unnest(labels) AS label;
    DO $$ DECLARE i record; BEGIN FOR i IN TABLE laid_aside LOOP EXECUTE i.indexdef; END LOOP; END $$;
    ANALYZE";

/// Two hundred new tasks in a new project of another user.
const NEW_ELSEWHERE: &str = "
    INSERT INTO projects (id, key, name, owner_id) VALUES ('ffffffff-ffff-ffff-ffff-ffffffffffff', 'NEW', 'New', md5('u0')::uuid);
    INSERT INTO tasks (id, project_id, number, title, created_by)
    SELECT gen_random_uuid(), 'ffffffff-ffff-ffff-ffff-ffffffffffff', n, 'Entry', md5('u0')::uuid FROM generate_series(1, 200) n";

/// A list, and how it should be read.
struct Case {
    name: &'static str,
    role: Role,
    filter: TaskFilter,
    /// One of these indexes must be read.
    indexes: &'static [&'static str],
    /// The maximum number of rows of `tasks` that are read, and of row pointers that are collected from indexes before
    /// that.
    rows: f64,
}

const LIMIT: u8 = 50;
/// How many tasks a search samples to estimate how frequent its words are, and how many it ranks.
const SAMPLE: f64 = 100.0;
const RANKED: f64 = 500.0;

fn cases(project: Uuid, me: Uuid) -> Vec<Case> {
    let sorted = |by, descending| vec![Sort { by, descending }];
    let one = TaskFilter { project_ids: vec![project], ..TaskFilter::default() };
    let mine = TaskFilter { assignees: vec![Assignee::User(me)], ..TaskFilter::default() };
    let all = TaskFilter::default;
    let case = |name, role, filter, indexes, rows| Case { name, role, filter, indexes, rows };
    let label = |label: &str| TaskFilter { labels: vec![label.into()], ..all() };
    let page = f64::from(LIMIT) + 1.0;
    // Sort keys for a page from one project, or from each of ten, and then the rows of the page.
    let (single, gathered) = (2.0 * page, 11.0 * page);
    // Each person has 540 open tasks: sorting them all is about as fast as reading a page in order.
    let open = 600.0;
    vec![
        case(
            "a project",
            Role::User,
            TaskFilter { project_ids: vec![project], ..all() },
            &["tasks_project_recent"],
            single,
        ),
        case(
            "a column of its board",
            Role::User,
            TaskFilter { statuses: vec![Status::Todo], ..copy(&one) },
            &["tasks_project_status"],
            single,
        ),
        case(
            "its next due",
            Role::User,
            TaskFilter { sort: sorted(SortBy::DueAt, false), ..copy(&one) },
            &["tasks_project_due"],
            single,
        ),
        case(
            "its order by hand",
            Role::User,
            TaskFilter { sort: sorted(SortBy::Rank, false), ..copy(&one) },
            &["tasks_project_rank"],
            1.1 * single, // those in the trash are skipped
        ),
        case("mine", Role::User, copy(&mine), &["tasks_assignee_recent"], page),
        case(
            "mine, next due",
            Role::User,
            TaskFilter { sort: sorted(SortBy::DueAt, false), ..copy(&mine) },
            &["tasks_assignee_due"],
            page,
        ),
        case(
            "my open ones, next due",
            Role::User,
            TaskFilter {
                statuses: vec![Status::Todo, Status::InProgress],
                sort: sorted(SortBy::DueAt, false),
                ..copy(&mine)
            },
            &["tasks_assignee_open"],
            open,
        ),
        case(
            "what I created",
            Role::User,
            TaskFilter { created_by: vec![me], ..all() },
            &["tasks_creator_recent"],
            page,
        ),
        // A page from each of ten projects.
        case("all that I see", Role::User, all(), &["tasks_project_recent"], gathered),
        case(
            "all that I see, next due",
            Role::User,
            TaskFilter { sort: sorted(SortBy::DueAt, false), ..all() },
            &["tasks_project_due"],
            gathered,
        ),
        case(
            "all that I see, in progress",
            Role::User,
            TaskFilter { statuses: vec![Status::InProgress], ..all() },
            &["tasks_project_status"],
            gathered,
        ),
        case("everything", Role::Admin, all(), &["tasks_recent"], single),
        // A label on 20 tasks, and one on 1,000, of which a user sees about 200.
        case("a label in everything", Role::Admin, label("RARE"), &["tasks_labels"], 30.0 + SAMPLE),
        case("a label", Role::User, label("label10"), &["tasks_labels"], 400.0 + SAMPLE),
        case("a common label in everything", Role::Admin, label("label10"), &["tasks_labels"], 1_000.0 + SAMPLE),
        case("the trash", Role::User, TaskFilter { in_trash: true, ..all() }, &["tasks_project_trash"], gathered),
    ]
}

fn searches() -> Vec<Case> {
    let case = |name, role, words: &str, indexes, rows| {
        let filter = TaskFilter { q: Some(words.into()), ..TaskFilter::default() };
        Case { name, role, filter, indexes, rows }
    };
    vec![
        // A word in 2,200 tasks, of which a user sees 380: no other tasks are read; and words in 200 tasks.
        case("a search", Role::User, "word77", &["tasks_search"], 400.0 + SAMPLE),
        case("a search of everything", Role::Admin, "word777 topic", &["tasks_search"], 300.0 + SAMPLE),
        // A word in every task: the newest tasks of each of ten projects, or of all.
        case("a search that finds all", Role::User, "task", &["tasks_project_recent"], 10.0 * RANKED + SAMPLE),
        case("a search of everything that finds all", Role::Admin, "task", &["tasks_recent"], RANKED + SAMPLE),
    ]
}

fn copy(filter: &TaskFilter) -> TaskFilter {
    TaskFilter { project_ids: filter.project_ids.clone(), assignees: filter.assignees.clone(), ..TaskFilter::default() }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn frequent_task_lists_are_read_from_their_indexes(db: PgPool) {
    let app = App::new(&db);
    app.sql(DATA).await;
    app.sql("VACUUM (ANALYZE) tasks").await;
    let (project, me) = (app.one("SELECT md5('p7')::uuid").await, app.one("SELECT md5('u7')::uuid").await);
    let mut conn = db.acquire().await.unwrap();
    let mut bad = Vec::new();
    for case in cases(project, me).into_iter().chain(searches()) {
        let caller = Caller { id: me, session_id: Uuid::nil(), role: case.role };
        let mut page = PageRequest { limit: LIMIT, cursor: None };
        for number in 1..=3 {
            let plan = task_list::explain(&mut conn, &caller, &case.filter, &page).await.unwrap();
            let read = Read::of("tasks", &plan);
            if !read.fits(case.indexes, case.rows) {
                bad.push(format!("{}, page {number}: {read:?}\n{plan:#}", case.name));
            }
            let shown = task_list::list(&mut conn, &caller, &case.filter, &page).await.unwrap();
            assert!(!shown.items.is_empty(), "{} finds nothing: that shows nothing", case.name);
            let Some(next) = shown.next_cursor else { break };
            page.cursor = Some(next);
        }
    }
    assert!(bad.is_empty(), "{} bad plans\n{}", bad.len(), bad.join("\n\n"));

    // Tasks that do not match, or are sorted by another field, are skipped within the index: their rows are not read.
    for by in [SortBy::Title, SortBy::UpdatedAt, SortBy::Priority, SortBy::Status, SortBy::CreatedAt, SortBy::DueAt] {
        for (role, in_trash) in [(Role::User, false), (Role::Admin, false), (Role::User, true)] {
            let caller = Caller { id: me, session_id: Uuid::nil(), role };
            let filter = TaskFilter {
                sort: vec![Sort { by, descending: true }],
                priorities: vec![Priority::Urgent],
                created_by: vec![Uuid::nil(), Uuid::max()],
                assignees: vec![Assignee::None],
                due_before: Some(DateTime::UNIX_EPOCH),
                in_trash,
                ..TaskFilter::default()
            };
            let page = PageRequest { limit: LIMIT, cursor: None };
            let plan = task_list::explain(&mut conn, &caller, &filter, &page).await.unwrap();
            let read = Read::of("tasks", &plan);
            assert!(!read.sequentially && read.fetched < 1.0, "{by:?} {role:?} {in_trash}: {read:?}\n{plan:#}");
        }
    }

    // Counting stops at 1,001, also where others are read before. Postgres may skip more within an index.
    for case in cases(project, me).into_iter().chain(searches()) {
        let caller = Caller { id: me, session_id: Uuid::nil(), role: case.role };
        let plan = task_list::explain_count(&mut conn, &caller, &case.filter).await.unwrap();
        let read = Read::of("tasks", &plan);
        assert!(read.fetched <= 2_600.0, "{}: {read:?}\n{plan:#}", case.name);
    }

    // For a user without a project nothing is read.
    let stranger = Caller { id: Uuid::nil(), session_id: Uuid::nil(), role: Role::User };
    let page = PageRequest { limit: LIMIT, cursor: None };
    for case in searches() {
        let plan = task_list::explain(&mut conn, &stranger, &case.filter, &page).await.unwrap();
        let read = Read::of("tasks", &plan);
        assert!(read.rows + read.places < 1.0, "{}: {read:?}\n{plan:#}", case.name);
    }

    // New tasks of another user that match no word may be skipped, and change nothing else.
    app.sql(NEW_ELSEWHERE).await;
    for case in searches() {
        let caller = Caller { id: me, session_id: Uuid::nil(), role: case.role };
        let plan = task_list::explain(&mut conn, &caller, &case.filter, &page).await.unwrap();
        let read = Read::of("tasks", &plan);
        assert!(read.fits(case.indexes, case.rows + 200.0), "{}: {read:?}\n{plan:#}", case.name);
    }
}

/// 100 people, one with 40,000 notifications, all read but the 30 oldest, most of them archived, and some snoozed; the
/// others have read nothing.
const INBOXES: &str = "
    INSERT INTO users (id, email, name, password_hash)
    SELECT md5('u' || n)::uuid, n || '@example.com', 'User ' || n, '' FROM generate_series(0, 99) n;
    INSERT INTO projects (id, key, name, owner_id) VALUES (md5('p')::uuid, 'P1', 'Project', md5('u0')::uuid);
    INSERT INTO memberships (project_id, user_id) SELECT md5('p')::uuid, id FROM users;
    INSERT INTO tasks (id, project_id, number, title, created_by)
    SELECT md5('t' || n)::uuid, md5('p')::uuid, n, 'Task', md5('u0')::uuid FROM generate_series(1, 1000) n;
    INSERT INTO notifications (id, user_id, seq, event_id, kind, task_id, project_id, title, body, push, read_at,
                               archived_at, snoozed_until)
    SELECT md5('n' || n)::uuid, md5('u' || person)::uuid, row_number() OVER (PARTITION BY person ORDER BY n), md5('e' || n)::uuid,
           'task_updated', md5('t' || n % 1000 + 1)::uuid, md5('p')::uuid, 'Changed', 'Task', 'now',
           CASE WHEN person = 0 AND n > 30 THEN now() END,
           CASE WHEN person = 0 AND n BETWEEN 201 AND 35000 THEN now() END,
           CASE WHEN person = 0 AND n <= 200 AND n % 10 = 0 THEN now() + interval '1 day' END
    FROM (SELECT n, CASE WHEN n <= 40000 THEN 0 ELSE 1 + n % 99 END AS person FROM generate_series(1, 100000) n) made;
    ANALYZE";

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn inboxes_are_read_from_their_indexes(db: PgPool) {
    let app = App::new(&db);
    app.sql(INBOXES).await;
    let mut conn = db.acquire().await.unwrap();
    let (all, unread) = (&["notifications_seq_key"][..], &["notifications_unread"][..]);
    let either = &["notifications_seq_key", "notifications_unread"][..];
    let mut bad = Vec::new();
    let (inbox, archived, snoozed) =
        (&["notifications_inbox"][..], &["notifications_archived"][..], &["notifications_snoozed"][..]);
    let few = &["notifications_inbox", "notifications_unread"][..];
    let of = |unread, place| Filter { unread, place };
    for (name, user, filter, since, indexes) in [
        ("newest", "u0", of(false, None), None, all),
        ("unread", "u0", of(true, None), None, unread),
        ("since", "u0", of(false, None), Some(20_000), all),
        ("since the newest", "u0", of(false, None), Some(39_990), all),
        ("unread since", "u0", of(true, None), Some(10), unread),
        ("newest of many people", "u7", of(false, None), None, all),
        ("unread of many people", "u7", of(true, None), None, either),
        ("the inbox", "u0", of(false, Some(Place::Inbox)), None, inbox),
        ("unread in the inbox", "u0", of(true, Some(Place::Inbox)), None, few),
        ("the inbox since", "u0", of(false, Some(Place::Inbox)), Some(100), inbox),
        ("archived", "u0", of(false, Some(Place::Archived)), None, archived),
        ("archived since", "u0", of(false, Some(Place::Archived)), Some(300), archived),
        ("snoozed", "u0", of(false, Some(Place::Snoozed)), None, snoozed),
        ("snoozed and unread", "u0", of(true, Some(Place::Snoozed)), None, &[snoozed[0], unread[0]]),
        ("the inbox of many people", "u7", of(false, Some(Place::Inbox)), None, &[all[0], inbox[0], unread[0]]),
    ] {
        let id = app.one(&format!("SELECT md5('{user}')::uuid")).await;
        let caller = Caller { id, session_id: Uuid::nil(), role: Role::User };
        let mut page = PageRequest { limit: LIMIT, cursor: None };
        for number in 1..=3 {
            let plan = inboxes::explain(&mut conn, &caller, filter, since, &page).await.unwrap();
            let read = Read::of("notifications", &plan);
            if !read.fits(indexes, f64::from(LIMIT) + 1.0) {
                bad.push(format!("{name}, page {number}: {read:?}\n{plan:#}"));
            }
            let shown = match since {
                None => inboxes::list(&mut conn, &caller, filter, &page).await.unwrap(),
                Some(since) => inboxes::list_since(&mut conn, &caller, filter, since, &page).await.unwrap(),
            };
            assert!(!shown.items.is_empty(), "{name} finds nothing: that shows nothing");
            let Some(next) = shown.next_cursor else { break };
            page.cursor = Some(next);
        }
    }
    assert!(bad.is_empty(), "{} bad plans\n{}", bad.len(), bad.join("\n\n"));
}

/// What a plan read from a table.
#[derive(Debug, Default)]
struct Read {
    sequentially: bool,
    indexes: BTreeSet<String>,
    places: f64,
    rows: f64,
    /// The number of rows that were read from the table, and not from an index alone.
    fetched: f64,
}

impl Read {
    fn of(table: &str, plan: &Value) -> Self {
        let mut read = Self::default();
        read.add(table, &plan[0]["Plan"]);
        read
    }

    fn add(&mut self, table: &str, node: &Value) {
        let number = |name: &str| node[name].as_f64().unwrap_or_default();
        if let Some(index) = node["Index Name"].as_str().filter(|index| index.starts_with(&format!("{table}_"))) {
            self.indexes.insert(index.to_owned());
            if node["Node Type"] == "Bitmap Index Scan" {
                self.places += number("Actual Rows") * number("Actual Loops");
            }
        }
        if node["Relation Name"] == table {
            self.sequentially |= node["Node Type"] == "Seq Scan";
            let fetched =
                number("Actual Rows") + number("Rows Removed by Filter") + number("Rows Removed by Index Recheck");
            self.rows += fetched * number("Actual Loops");
            let from_index = node["Node Type"] == "Index Only Scan";
            self.fetched += if from_index { number("Heap Fetches") } else { fetched * number("Actual Loops") };
        }
        for child in node["Plans"].as_array().into_iter().flatten() {
            self.add(table, child);
        }
    }

    /// Returns whether it used one of these indexes, and read no more rows or row pointers than this.
    fn fits(&self, indexes: &[&str], rows: f64) -> bool {
        let by_index = self.indexes.iter().any(|index| indexes.contains(&index.as_str()));
        !self.sequentially && by_index && self.rows <= rows && self.places <= rows
    }
}
