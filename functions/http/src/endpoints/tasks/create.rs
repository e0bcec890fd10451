//! `POST /v1/tasks`

use axum::{extract::State, response::Response};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use shared::{
    db::{Tx, tasks},
    domain::{
        new_task,
        recurrence::Recurrence,
        task::{Priority, Status, Task},
    },
};
use utoipa::ToSchema;
use uuid::Uuid;

use taskbell_http::{
    ApiResult, AppState, Created, Function, IdempotentRequest, Topic,
    bodies::Label,
    extract::{IdempotencyKey, ValidJson, VerifiedToken},
};

/// Request body for creating a task.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTask {
    /// Title, one line.
    #[schema(format = "line", min_length = 1, max_length = 200)]
    title: String,
    /// Description in Markdown. `@[name](user:<id>)` mentions a user.
    #[schema(format = "text", max_length = 20000)]
    description: Option<String>,
    /// Project that the caller belongs to. Defaults to their Inbox.
    project_id: Option<Uuid>,
    /// Assignee: an active member of the project.
    assignee_id: Option<Uuid>,
    /// Status. Defaults to `todo`.
    status: Option<Status>,
    /// Priority. Defaults to `medium`.
    priority: Option<Priority>,
    /// Due date and time.
    due_at: Option<DateTime<Utc>>,
    /// Parent task, in the same project. A tree has at most 5 levels and 500 tasks.
    parent_id: Option<Uuid>,
    /// Labels.
    #[schema(value_type = Option<Vec<Label>>, max_items = 20)]
    labels: Option<Vec<String>>,
    /// Recurrence rule.
    recurrence: Option<Recurrence>,
}

impl From<NewTask> for new_task::NewTask {
    fn from(new: NewTask) -> Self {
        Self {
            project_id: new.project_id,
            title: new.title,
            description: new.description.unwrap_or_default(),
            status: new.status.unwrap_or(Status::Todo),
            priority: new.priority.unwrap_or(Priority::Medium),
            due_at: new.due_at,
            assignee_id: new.assignee_id,
            parent_id: new.parent_id,
            labels: new.labels.unwrap_or_default(),
            recurrence: new.recurrence,
        }
    }
}

pub(crate) const FUNCTION: Function = Function { sends: &[Topic::Events], ..Function::DEFAULT };

/// Creates a task.
///
/// The caller must be a member of the project, and not a viewer. Without a `project_id`, the task is created in their
/// Inbox. The assignee is notified.
#[utoipa::path(post, path = "/v1/tasks", operation_id = "create-task", tag = "tasks",
    params(("Idempotency-Key" = Option<String>, Header)), request_body = NewTask, responses((status = 201, body = Task), (status = 403)))]
pub(crate) async fn create_task(
    State(state): State<AppState>,
    VerifiedToken(claims): VerifiedToken,
    key: IdempotencyKey,
    ValidJson { value: new, digest }: ValidJson<NewTask>,
) -> ApiResult<Response> {
    let new = new_task::NewTask::from(new).normalized()?;
    let request = IdempotentRequest::with_claims("create-task", claims, &key, &digest);
    let create = async |tx: &mut Tx| {
        let task = tasks::create(tx, claims, new).await?;
        Ok(Created::versioned(format!("/v1/tasks/{}", task.id), task.version, task))
    };
    Ok(state.create(state.statement().await?, request, create).await?)
}
