//! Why a person receives a notification.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why a person receives a notification: the first that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A comment or the description mentions them.
    Mentioned,
    /// The task, or one of its subtasks to which the same happened, is or was assigned to them.
    Assignee,
    /// They created it.
    Creator,
    /// They watch it.
    Watcher,
    /// They watch its project.
    ProjectWatcher,
    /// They are a member of its project.
    Member,
    /// They requested it.
    Requested,
}

impl Reason {
    /// All reasons, from the strongest to the weakest.
    pub const ALL: [Self; 7] = [
        Self::Mentioned,
        Self::Assignee,
        Self::Creator,
        Self::Watcher,
        Self::ProjectWatcher,
        Self::Member,
        Self::Requested,
    ];

    /// Returns the name under which the reason is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mentioned => "mentioned",
            Self::Assignee => "assignee",
            Self::Creator => "creator",
            Self::Watcher => "watcher",
            Self::ProjectWatcher => "project_watcher",
            Self::Member => "member",
            Self::Requested => "requested",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Reason;

    #[test]
    fn reasons_are_stored_as_they_are_shown_and_sorted_by_strength() {
        assert!(Reason::ALL.is_sorted());
        for reason in Reason::ALL {
            assert_eq!(json!(reason), reason.as_str());
        }
    }
}
