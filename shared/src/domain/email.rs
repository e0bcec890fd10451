//! The content of e-mails. [`crate::mail`] renders and sends them.

use std::str::FromStr;

use super::notification_kind::NotificationKind;

/// The kind of an e-mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailKind {
    /// Asks a person to confirm their address.
    VerifyEmail,
    /// Lets a person choose a new password.
    ResetPassword,
    /// Contains notifications.
    Notifications,
    /// Contains what is due and what happened since the day before.
    Summary,
}

impl EmailKind {
    /// Returns the name under which the kind is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::ResetPassword => "reset_password",
            Self::Notifications => "notifications",
            Self::Summary => "summary",
        }
    }

    /// Returns the purpose of the link in the e-mail, if it has one that works once.
    pub fn purpose(self) -> Option<OneTimePurpose> {
        match self {
            Self::VerifyEmail => Some(OneTimePurpose::VerifyEmail),
            Self::ResetPassword => Some(OneTimePurpose::ResetPassword),
            Self::Notifications | Self::Summary => None,
        }
    }
}

impl FromStr for EmailKind {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> anyhow::Result<Self> {
        [Self::VerifyEmail, Self::ResetPassword, Self::Notifications, Self::Summary]
            .into_iter()
            .find(|kind| kind.as_str() == name)
            .ok_or_else(|| anyhow::anyhow!("unknown kind of e-mail: {name}"))
    }
}

/// The purpose of a link that works once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "one_time_purpose", rename_all = "snake_case")]
pub enum OneTimePurpose {
    /// Confirms an address.
    VerifyEmail,
    /// Sets a new password.
    ResetPassword,
}

impl OneTimePurpose {
    /// Returns how long a link works, in hours.
    pub fn hours(self) -> i32 {
        match self {
            Self::VerifyEmail => 72,
            Self::ResetPassword => 1,
        }
    }
}

/// A notification in an e-mail.
#[derive(Debug)]
pub struct EmailItem {
    /// Its kind.
    pub kind: NotificationKind,
    /// The key of the task that it is about.
    pub task_key: Option<String>,
    /// One line.
    pub title: String,
    /// The text below the title.
    pub body: String,
    /// What changed, from what to what, and when a task is due.
    pub details: Vec<String>,
}

/// The content of a daily summary. A person's tasks are those assigned to them, and those that they created and nobody
/// is assigned to.
#[derive(Debug, Default)]
pub struct Summary {
    /// Their open tasks that are due in what is left of their day.
    pub due_today: Vec<SummaryLine>,
    /// Their open tasks whose deadline has passed.
    pub overdue: Vec<SummaryLine>,
    /// Open tasks that were assigned to them since the last summary, and still are.
    pub assigned: Vec<SummaryLine>,
    /// What others finished since the last summary in the person's projects.
    pub done: Vec<SummaryLine>,
    /// The notifications since then that the person wants once a day.
    pub news: Vec<EmailItem>,
}

/// A task in a summary.
#[derive(Debug)]
pub struct SummaryLine {
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: String,
    /// When it is due, in the reader's time zone. `None` if it is done.
    pub due: Option<String>,
}

impl Summary {
    /// Returns whether the summary is empty.
    pub fn is_empty(&self) -> bool {
        self.sections().is_empty() && self.news.is_empty()
    }

    /// Returns the lists of tasks that are not empty, each with its heading.
    pub fn sections(&self) -> Vec<(&'static str, &[SummaryLine])> {
        let all = [
            ("Overdue", self.overdue.as_slice()),
            ("Due today", &self.due_today),
            ("New for you", &self.assigned),
            ("Done by your team", &self.done),
        ];
        all.into_iter().filter(|(_, lines)| !lines.is_empty()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_parsed_from_its_name() {
        for kind in [EmailKind::VerifyEmail, EmailKind::ResetPassword, EmailKind::Notifications, EmailKind::Summary] {
            assert_eq!(kind.as_str().parse::<EmailKind>().unwrap(), kind);
        }
        assert!("postcard".parse::<EmailKind>().is_err());
    }
}
