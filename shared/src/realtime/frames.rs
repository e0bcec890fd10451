use serde_json::{Value, json};
use uuid::Uuid;

use crate::domain::{comment::Comment, feed::FeedItem, notification::Notification};

/// The most bytes that API Gateway puts into one WebSocket frame. A message may have 128 KB, in several frames, each
/// of which is charged as a message; ours stay within one.
pub const MAX_FRAME: usize = 32 * 1024;

/// Returns the frame of a notification.
pub fn notification_frame(notification: &Notification) -> Value {
    json!({ "type": "notification", "seq": notification.seq, "notification": notification })
}

/// Returns the frame of a change of a person's inbox by themselves, or by the end of a snooze.
pub fn inbox_frame(ids: &[Uuid], unread_count: i32) -> Value {
    json!({ "type": "inbox", "ids": ids, "unread_count": unread_count })
}

/// Returns the frame of a change of an open project. Its type says what it has: a task, a comment, or neither.
pub fn feed_frame(project_id: Uuid, item: &FeedItem) -> Value {
    let kind = match (&item.task, &item.comment) {
        (Some(_), _) => "task",
        (_, Some(_)) => "comment",
        _ => "project",
    };
    let mut frame = json!(item);
    frame["type"] = json!(kind);
    frame["project_id"] = json!(project_id);
    fit(frame)
}

/// Returns the response to a client that wrote a comment.
pub fn comment_frame(comment: &Comment) -> Value {
    fit(json!({ "type": "comment", "event": "commented", "comment": comment }))
}

/// Removes the long text from a message that would need more than one frame: `"truncated": true` tells the client to
/// fetch the rest.
fn fit(mut message: Value) -> Value {
    let text = if message.get("task").is_some() { "/task/description" } else { "/comment/body" };
    if message.to_string().len() > MAX_FRAME
        && let Some(text) = message.pointer_mut(text)
    {
        *text = json!(null);
        message["truncated"] = json!(true);
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::feed::CommentNow;

    fn comment(body: String) -> Comment {
        let (id, now) = (Uuid::now_v7(), chrono::Utc::now());
        Comment { id, task_id: id, author_id: id, body, created_at: now, updated_at: now, version: 1 }
    }

    fn item(comment: Option<CommentNow>, ids: Option<Vec<Uuid>>) -> FeedItem {
        let (at, actor_id) = (chrono::Utc::now(), Uuid::now_v7());
        FeedItem { n: 7, event: "commented".into(), at, actor_id, task: None, comment, ids }
    }

    #[test]
    fn only_a_text_that_exceeds_a_frame_is_left_out() {
        let frame = comment_frame(&comment("short".into()));
        assert_eq!((&frame["comment"]["body"], &frame["truncated"]), (&json!("short"), &json!(null)));
        let long = comment("山".repeat(20_000));
        let of_change = feed_frame(Uuid::now_v7(), &item(Some(CommentNow::Here(long.clone())), None));
        for frame in [comment_frame(&long), of_change] {
            assert_eq!((&frame["comment"]["body"], &frame["truncated"]), (&json!(null), &json!(true)));
            assert!(frame.to_string().len() < MAX_FRAME);
        }
    }

    #[test]
    fn the_largest_tree_fits_into_a_frame() {
        let ids = vec![Uuid::now_v7(); usize::try_from(crate::domain::task::MAX_TREE).unwrap()];
        let frame = feed_frame(Uuid::now_v7(), &item(None, Some(ids)));
        assert_eq!((&frame["type"], &frame["n"], &frame["truncated"]), (&json!("project"), &json!(7), &json!(null)));
        assert!(frame.to_string().len() < MAX_FRAME);
    }
}
