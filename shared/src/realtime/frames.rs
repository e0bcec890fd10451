use serde_json::{Value, json};
use uuid::Uuid;

use crate::domain::{notification::Notification, task::Task};

/// The most bytes that API Gateway puts into one WebSocket frame. A message may have 128 KB, in several frames, each of which costs
/// as a message; ours stay within one.
pub const MAX_FRAME: usize = 32 * 1024;

/// Something that a person is told.
pub fn notification_frame(notification: &Notification) -> Value {
    json!({ "type": "notification", "seq": notification.seq, "notification": notification })
}

/// A task of an open project, as it is after something happened to it.
pub fn task_frame(happened: &str, task: &Task) -> Value {
    fit(json!({ "type": "task", "event": happened, "task": task }), "/task/description")
}

/// A task that was moved to another project, for those who look at the one that it left.
pub fn left_frame(task_id: Uuid, project_id: Uuid) -> Value {
    json!({ "type": "task", "event": "left", "task": { "id": task_id, "project_id": project_id } })
}

/// A comment on a task of an open project; of one that was deleted, its `id` and `task_id`.
pub fn comment_frame(happened: &str, comment: &Value) -> Value {
    fit(json!({ "type": "comment", "event": happened, "comment": comment }), "/comment/body")
}

/// Takes the long text out of a message that would need more than one frame: `"truncated": true` says that there is more to get.
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
    fn a_long_text_is_left_out_and_a_short_one_is_not() {
        let mut comment = json!({ "id": Uuid::now_v7(), "body": "short" });
        let frame = comment_frame("commented", &comment);
        assert_eq!((&frame["comment"]["body"], &frame["truncated"]), (&json!("short"), &json!(null)));
        comment["body"] = json!("山".repeat(20_000));
        let frame = comment_frame("commented", &comment);
        assert_eq!((&frame["comment"]["body"], &frame["truncated"]), (&json!(null), &json!(true)));
        assert!(frame.to_string().len() < MAX_FRAME);
    }
}
