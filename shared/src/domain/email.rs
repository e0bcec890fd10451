//! What mails say. How they look and how they are sent is in [`crate::mail`].

use std::str::FromStr;

use super::notification_kind::NotificationKind;

/// What a mail is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailKind {
    /// Asks a person to confirm their address.
    VerifyEmail,
    /// Lets a person choose a new password.
    ResetPassword,
    /// Tells a person what happened.
    Notifications,
    /// Tells a person once a day what is due and what happened.
    Summary,
}

impl EmailKind {
    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::ResetPassword => "reset_password",
            Self::Notifications => "notifications",
            Self::Summary => "summary",
        }
    }

    /// What the link in it is good for, if it has one that works once.
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
            .ok_or_else(|| anyhow::anyhow!("no such kind of mail: {name}"))
    }
}

/// What a link is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "one_time_purpose", rename_all = "snake_case")]
pub enum OneTimePurpose {
    /// Shows that an address is the person's own.
    VerifyEmail,
    /// Sets a new password.
    ResetPassword,
}

impl OneTimePurpose {
    /// For how long, in hours.
    pub fn hours(self) -> i32 {
        match self {
            Self::VerifyEmail => 72,
            Self::ResetPassword => 1,
        }
    }
}

/// One thing that a mail tells of.
#[derive(Debug)]
pub struct EmailItem {
    /// Its kind.
    pub kind: NotificationKind,
    /// One line.
    pub title: String,
    /// The text below it.
    pub body: String,
    /// What changed, from what to what, and when a task is due.
    pub details: Vec<String>,
}

/// What a person is told once a day. Theirs is what they do, and what they created if nobody does it.
#[derive(Debug, Default)]
pub struct Summary {
    /// Their open tasks that are due in what is left of their day.
    pub due_today: Vec<SummaryLine>,
    /// Their open tasks whose deadline has passed.
    pub overdue: Vec<SummaryLine>,
    /// Open tasks that were assigned to them since the last summary, and still are.
    pub assigned: Vec<SummaryLine>,
    /// What others finished since the last summary in the projects that they belong to.
    pub done: Vec<SummaryLine>,
    /// What happened since then of which they want to be told once a day.
    pub news: Vec<EmailItem>,
}

/// A task, as a summary names it.
#[derive(Debug)]
pub struct SummaryLine {
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: String,
    /// When it is due, on the clocks of who reads it, unless it is done.
    pub due: Option<String>,
}

impl Summary {
    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.sections().is_empty() && self.news.is_empty()
    }

    /// The lists of tasks that are not empty, each with its heading.
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
    fn every_kind_is_found_by_its_name() {
        for kind in [EmailKind::VerifyEmail, EmailKind::ResetPassword, EmailKind::Notifications, EmailKind::Summary] {
            assert_eq!(kind.as_str().parse::<EmailKind>().unwrap(), kind);
        }
        assert!("postcard".parse::<EmailKind>().is_err());
    }
}
