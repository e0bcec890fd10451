use serde_json::{Value, json};
use uuid::Uuid;

use crate::domain::{notification::Notification, task::Task};

/// The most bytes that API Gateway puts into one WebSocket frame. A message may have 128 KB, in several frames, each
/// of which is charged as a message; ours stay within one.
pub const MAX_FRAME: usize = 32 * 1024;

/// Returns the frame of a notification.
pub fn notification_frame(notification: &Notification) -> Value {
    json!({ "type": "notification", "seq": notification.seq, "notification": notification })
}

/// Returns the frame of a task in an open project, as it is after the change.
pub fn task_frame(happened: &str, task: &Task) -> Value {
    fit(json!({ "type": "task", "event": happened, "task": task }), "/task/description")
}

/// Returns the frame of a task that was moved to another project, for the connections that have the former project
/// open.
pub fn left_frame(task_id: Uuid, project_id: Uuid) -> Value {
    json!({ "type": "task", "event": "left", "task": { "id": task_id, "project_id": project_id } })
}

/// Returns the frame of a comment on a task in an open project; of a deleted comment, with its `id` and `task_id`.
pub fn comment_frame(happened: &str, comment: &Value) -> Value {
    fit(json!({ "type": "comment", "event": happened, "comment": comment }), "/comment/body")
}

/// Removes the long text from a message that would need more than one frame: `"truncated": true` tells the client to
/// fetch the rest.
fn fit(mut message: Value, long_text: &str) -> Value {
    if message.to_string().len() > MAX_FRAME
        && let Some(text) = message.pointer_mut(long_text)
    {
        *text = json!(null);
        message["truncated"] = json!(true);
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_text_that_exceeds_a_frame_is_left_out() {
        let mut comment = json!({ "id": Uuid::now_v7(), "body": "short" });
        let frame = comment_frame("commented", &comment);
        assert_eq!((&frame["comment"]["body"], &frame["truncated"]), (&json!("short"), &json!(null)));
        comment["body"] = json!("山".repeat(20_000));
        let frame = comment_frame("commented", &comment);
        assert_eq!((&frame["comment"]["body"], &frame["truncated"]), (&json!(null), &json!(true)));
        assert!(frame.to_string().len() < MAX_FRAME);
    }
}
