//! `POST /v1/tasks`

use axum::{extract::State, response::Response};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use shared::{
    db::{sessions, tasks, trees},
    domain::{
        mention::mentions,
        recurrence::Recurrence,
        task::{Priority, Status, Task, distinct, storable},
    },
};
use sqlx::types::Json;
use utoipa::ToSchema;
use uuid::Uuid;

use taskbell_http::{
    Answer, AppState,
    bodies::Label,
    extract::{IdempotencyKey, Token, ValidJson},
    respond::{Begun, Created, Once},
};

/// A task that is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTask {
    /// One line.
    #[schema(format = "line", min_length = 1, max_length = 200)]
    title: String,
    /// Markdown; `@[name](user:<id>)` mentions someone.
    #[schema(format = "text", max_length = 20000)]
    description: Option<String>,
    /// A project that the caller belongs to; their Inbox unless given.
    project_id: Option<Uuid>,
    /// A member of the project whose account is active.
    assignee_id: Option<Uuid>,
    /// How far it is; `todo` unless given.
    status: Option<Status>,
    /// How urgent it is; `medium` unless given.
    priority: Option<Priority>,
    /// When it must be done.
    due_at: Option<DateTime<Utc>>,
    /// A task of the same project that it is a part of. A tree has at most 5 levels and 500 tasks.
    parent_id: Option<Uuid>,
    /// Free words.
    #[schema(value_type = Option<Vec<Label>>, max_items = 20)]
    labels: Option<Vec<String>>,
    /// When it comes again.
    recurrence: Option<Recurrence>,
}

/// Creates a task.
///
/// The caller must belong to the project; without a `project_id` the task is created in the caller's Inbox. The
/// person to whom it is assigned is notified.
#[utoipa::path(post, path = "/v1/tasks", operation_id = "create-task", tag = "tasks",
    params(("Idempotency-Key" = Option<String>, Header)), request_body = NewTask, responses((status = 201, body = Task)))]
pub(crate) async fn create_task(
    State(state): State<AppState>,
    Token(bearer): Token,
    key: IdempotencyKey,
    ValidJson { value: new, digest }: ValidJson<NewTask>,
) -> Answer<Response> {
    // Without a key or a parent there is nothing to do but to create it, which is one statement: it looks at the session itself.
    let (mut work, once) = if key.0.is_none() && new.parent_id.is_none() {
        (state.statement().await?, Once::each_time())
    } else {
        let mut tx = state.begin().await?;
        let caller = sessions::authenticate(&mut tx, bearer).await?;
        match Once::begin(&mut tx, &caller, &key, "create-task", &digest).await? {
            Begun::First(once) => (tx.into(), once),
            Begun::Before(response) => return Ok(response),
        }
    };
    if let Some(recurrence) = &new.recurrence {
        recurrence.check(new.due_at)?;
    }
    let status = new.status.unwrap_or(Status::Todo);
    let mut task = Task {
        description: new.description.unwrap_or_default(),
        status,
        priority: new.priority.unwrap_or(Priority::Medium),
        due_at: new.due_at.map(storable),
        assignee_id: new.assignee_id,
        parent_id: new.parent_id,
        labels: distinct(new.labels.unwrap_or_default()),
        recurrence: new.recurrence.map(Json),
        completed_at: (status == Status::Done).then(|| storable(Utc::now())),
        ..Task::new(new.project_id.unwrap_or_default(), bearer.user_id, new.title.trim())
    };
    let mentioned = mentions(&task.description);
    let outgoing = tasks::create(&mut work, bearer, &mut task, new.project_id, mentioned).await?;
    if let Some(parent_id) = task.parent_id {
        trees::check_new_part(&mut work, &task, parent_id).await?;
    }
    let created = Created { location: format!("/v1/tasks/{}", task.id), version: task.version, resource: task };
    let response = once.finish(&mut work, created).await?;
    state.commit(work, outgoing).await?;
    Ok(response)
}
