//! The kinds of notifications, in one table, and how a person wants to receive each.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// When a person receives e-mails of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EmailChoice {
    /// Soon after it happened, together with what else happens to the same task.
    Immediate,
    /// In the daily summary.
    Daily,
    /// Never.
    Off,
}

/// The channels over which a person receives notifications of one kind. The inbox always receives them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Channels {
    /// Over open WebSockets.
    pub push: bool,
    /// By e-mail.
    pub email: EmailChoice,
}

/// For notifications that require a response.
const IMMEDIATE: Channels = Channels { push: true, email: EmailChoice::Immediate };
/// For notifications that are for information.
const DAILY: Channels = Channels { push: true, email: EmailChoice::Daily };
/// For notifications of things that no longer exist, or of much that happens to others.
const NO_EMAIL: Channels = Channels { push: true, email: EmailChoice::Off };

/// Defines [`NotificationKind`] and [`ChannelPreferences`] from the rows of a table. A row is a variant, the name under
/// which the API shows it and the database stores it, what e-mails of the kind are about, and the channels for people
/// who chose nothing.
macro_rules! notification_kinds {
    ($($(#[$doc:meta])+ $Kind:ident, $name:ident, $about:literal, $default:ident;)+) => {
        /// The kind of a notification.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum NotificationKind {
            $($(#[$doc])+ $Kind,)+
        }

        impl NotificationKind {
            /// All kinds, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$Kind),+];

            /// Returns the name under which the kind is stored and shown.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$Kind => stringify!($name),)+
                }
            }

            /// Returns what e-mails of this kind are about. An e-mail says it where it offers to unsubscribe.
            pub fn about(self) -> &'static str {
                match self {
                    $(Self::$Kind => $about,)+
                }
            }
        }

        /// The channels for each kind of notification. A kind that is missing has its default.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(default, deny_unknown_fields)]
        #[expect(missing_docs, reason = "the fields are the kinds")]
        pub struct ChannelPreferences {
            $(pub $name: Channels,)+
        }

        impl Default for ChannelPreferences {
            fn default() -> Self {
                Self { $($name: $default,)+ }
            }
        }

        impl ChannelPreferences {
            /// Returns the channels for a kind.
            pub fn get(&self, kind: NotificationKind) -> Channels {
                match kind {
                    $(NotificationKind::$Kind => self.$name,)+
                }
            }

            /// Returns a mutable reference to the channels for a kind.
            pub fn get_mut(&mut self, kind: NotificationKind) -> &mut Channels {
                match kind {
                    $(NotificationKind::$Kind => &mut self.$name,)+
                }
            }
        }
    };
}

notification_kinds! {
    /// A task was created in a project that the person watches.
    TaskCreated, task_created, "new tasks in projects that you watch", NO_EMAIL;
    /// A task was assigned to the person.
    TaskAssigned, task_assigned, "tasks assigned to you", IMMEDIATE;
    /// A task is no longer assigned to the person.
    TaskUnassigned, task_unassigned, "tasks you are unassigned from", DAILY;
    /// A task changed in a way that has no kind of its own.
    TaskUpdated, task_updated, "changes of tasks", DAILY;
    /// The status of a task changed.
    TaskStatusChanged, task_status_changed, "changes of status", DAILY;
    /// A task has a new comment.
    TaskCommented, task_commented, "comments", IMMEDIATE;
    /// A comment or a description mentions the person.
    Mentioned, mentioned, "mentions of you", IMMEDIATE;
    /// A task is due soon.
    TaskDueSoon, task_due_soon, "tasks that must soon be done", IMMEDIATE;
    /// A task is overdue.
    TaskOverdue, task_overdue, "tasks that should have been done", IMMEDIATE;
    /// A task was moved to the trash.
    TaskDeleted, task_deleted, "deleted tasks", NO_EMAIL;
    /// The person became a member of a project, or its owner.
    AddedToProject, added_to_project, "projects that you are added to", IMMEDIATE;
    /// A report that the person requested is ready, or failed.
    ReportReady, report_ready, "reports that are ready", IMMEDIATE;
}

impl FromStr for NotificationKind {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> anyhow::Result<Self> {
        let kind = Self::ALL.iter().copied().find(|kind| kind.as_str() == name);
        kind.ok_or_else(|| anyhow::anyhow!("unknown kind of notification: {name}"))
    }
}

impl ChannelPreferences {
    /// Reads stored preferences, which another version may have written. A kind that is missing, or whose channels are
    /// not understood, has its default.
    pub fn from_stored(stored: &Value) -> Self {
        let mut preferences = Self::default();
        for &kind in NotificationKind::ALL {
            if let Some(channels) = stored.get(kind.as_str()).and_then(|stored| Channels::deserialize(stored).ok()) {
                *preferences.get_mut(kind) = channels;
            }
        }
        preferences
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOTHING: Channels = Channels { push: false, email: EmailChoice::Off };

    #[test]
    fn each_kind_has_a_name_and_separate_channels() {
        for &kind in NotificationKind::ALL {
            assert_eq!(json!(kind), kind.as_str());
            assert_eq!(kind.as_str().parse::<NotificationKind>().unwrap(), kind);
            let mut preferences = ChannelPreferences::default();
            *preferences.get_mut(kind) = NOTHING;
            assert_eq!(preferences.get(kind), NOTHING);
            let stored = json!(preferences);
            assert_eq!(stored[kind.as_str()], json!(NOTHING));
            assert_eq!(stored.as_object().unwrap().values().filter(|channels| **channels == json!(NOTHING)).count(), 1);
        }
    }

    #[test]
    fn unknown_stored_preferences_have_their_defaults() {
        let stored = json!({ "mentioned": NOTHING, "praised": { "push": 1 },
                             "task_deleted": { "push": true, "email": "by pigeon" } });
        let expected = ChannelPreferences { mentioned: NOTHING, ..ChannelPreferences::default() };
        assert_eq!(ChannelPreferences::from_stored(&stored), expected);
    }
}
