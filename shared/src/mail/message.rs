use askama::Template;
use uuid::Uuid;

use crate::domain::email::{EmailItem, OneTimePurpose, Summary};

/// A rendered e-mail, ready to be sent.
#[derive(Debug)]
pub struct RenderedEmail {
    /// One line.
    pub subject: String,
    /// The text for programs that show no HTML.
    pub text: String,
    /// The HTML for the others.
    pub html: String,
    /// The task that it is about: mail programs show e-mails about one task together.
    pub task_id: Option<Uuid>,
    /// The URL at which a POST unsubscribes (RFC 8058).
    pub unsubscribe: Option<String>,
}

/// The task that an e-mail is about.
#[derive(Debug)]
pub struct AboutTask {
    /// Its id.
    pub id: Uuid,
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: String,
}

// Templates are compiled in: the zip of a function has no template files.

#[derive(Template)]
#[template(path = "verify-email.txt")]
struct VerifyEmailText<'a> {
    name: &'a str,
    link: &'a str,
    hours: i32,
}

#[derive(Template)]
#[template(path = "verify-email.html")]
struct VerifyEmailHtml<'a> {
    name: &'a str,
    link: &'a str,
    hours: i32,
}

#[derive(Template)]
#[template(path = "reset-password.txt")]
struct ResetPasswordText<'a> {
    name: &'a str,
    link: &'a str,
    hours: i32,
}

#[derive(Template)]
#[template(path = "reset-password.html")]
struct ResetPasswordHtml<'a> {
    name: &'a str,
    link: &'a str,
    hours: i32,
}

/// An item as a template shows it.
struct Entry<'a> {
    title: &'a str,
    /// `None` if it would only repeat the title of the task.
    body: Option<&'a str>,
    details: &'a [String],
}

#[derive(Template)]
#[template(path = "notifications.txt")]
struct NotificationsText<'a> {
    task: Option<&'a AboutTask>,
    entries: &'a [Entry<'a>],
    unsubscribe: &'a str,
}

#[derive(Template)]
#[template(path = "notifications.html")]
struct NotificationsHtml<'a> {
    subject: &'a str,
    task: Option<&'a AboutTask>,
    entries: &'a [Entry<'a>],
    unsubscribe: &'a str,
}

impl RenderedEmail {
    /// Renders the e-mail with the link that confirms an address. The link leads to a page below `app_url` and has the
    /// `token`.
    pub fn verify_email(name: &str, app_url: &str, token: &str) -> anyhow::Result<Self> {
        let (link, hours) = (&format!("{app_url}/verify-email?token={token}"), OneTimePurpose::VerifyEmail.hours());
        Ok(Self {
            subject: "Confirm your e-mail address".into(),
            text: VerifyEmailText { name, link, hours }.render()?,
            html: VerifyEmailHtml { name, link, hours }.render()?,
            task_id: None,
            unsubscribe: None,
        })
    }

    /// Renders the e-mail with the link that sets a new password. The link leads to a page below `app_url` and has the
    /// `token`.
    pub fn reset_password(name: &str, app_url: &str, token: &str) -> anyhow::Result<Self> {
        let (link, hours) = (&format!("{app_url}/reset-password?token={token}"), OneTimePurpose::ResetPassword.hours());
        Ok(Self {
            subject: "Choose a new password".into(),
            text: ResetPasswordText { name, link, hours }.render()?,
            html: ResetPasswordHtml { name, link, hours }.render()?,
            task_id: None,
            unsubscribe: None,
        })
    }

    /// Renders an e-mail with notifications about a task, or about none in particular. `unsubscribe` is the URL that
    /// unsubscribes.
    pub fn notifications(task: Option<&AboutTask>, items: &[EmailItem], unsubscribe: String) -> anyhow::Result<Self> {
        // The same for every e-mail about a task: e-mail programs also group by the subject.
        let subject = match task {
            Some(task) => format!("[{}] {}", task.key, task.title),
            None => items.first().map(|item| item.title.clone()).unwrap_or_default(),
        };
        let entry = |item| {
            let EmailItem { title, body, details, .. }: &EmailItem = item;
            let body = Some(body.as_str()).filter(|body| task.is_none_or(|task| task.title != *body));
            Entry { title, body, details }
        };
        let entries: Vec<Entry<'_>> = items.iter().map(entry).collect();
        Ok(Self {
            text: NotificationsText { task, entries: &entries, unsubscribe: &unsubscribe }.render()?,
            html: NotificationsHtml { subject: &subject, task, entries: &entries, unsubscribe: &unsubscribe }
                .render()?,
            subject,
            task_id: task.map(|task| task.id),
            unsubscribe: Some(unsubscribe),
        })
    }
}

#[derive(Template)]
#[template(path = "summary.txt")]
struct SummaryText<'a> {
    day: &'a str,
    summary: &'a Summary,
    unsubscribe: &'a str,
}

#[derive(Template)]
#[template(path = "summary.html")]
struct SummaryHtml<'a> {
    day: &'a str,
    summary: &'a Summary,
    unsubscribe: &'a str,
}

impl RenderedEmail {
    /// Renders a daily summary. `day` is the day in words.
    pub fn summary(day: &str, summary: &Summary, unsubscribe: String) -> anyhow::Result<Self> {
        Ok(Self {
            subject: format!("Your tasks on {day}"),
            text: SummaryText { day, summary, unsubscribe: &unsubscribe }.render()?,
            html: SummaryHtml { day, summary, unsubscribe: &unsubscribe }.render()?,
            task_id: None,
            unsubscribe: Some(unsubscribe),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::notification_kind::NotificationKind;

    #[test]
    fn a_name_is_escaped_in_html() {
        let email = RenderedEmail::verify_email("<b>Ann & Søn</b>", "https://app.example", "t0ken").unwrap();
        assert!(
            email.text.contains("Hello <b>Ann & Søn</b>,")
                && email.text.contains("https://app.example/verify-email?token=t0ken")
        );
        assert!(email.html.contains("&#60;b&#62;Ann &#38; Søn"), "{}", email.html);
        assert!(email.html.contains("href=\"https://app.example/verify-email?token=t0ken\""));
    }

    #[test]
    fn an_email_about_a_task_contains_each_item_once_and_the_unsubscribe_link() {
        let task = AboutTask { id: Uuid::now_v7(), key: "WEB-1".into(), title: "Büro <1>".into() };
        let items = [
            EmailItem {
                kind: NotificationKind::TaskAssigned,
                title: "Ann assigned WEB-1 to you".into(),
                body: "Büro <1>".into(),
                details: vec!["Due date: none → 1 March 2026 at 09:00".into(), "Title: <b> → Büro <1>".into()],
            },
            EmailItem {
                kind: NotificationKind::TaskCommented,
                title: "Ann commented on WEB-1".into(),
                body: "山田 & co".into(),
                details: vec![],
            },
        ];
        let email =
            RenderedEmail::notifications(Some(&task), &items, "https://api.example/v1/unsubscribe?token=x".into());
        let email = email.unwrap();
        assert_eq!((email.subject.as_str(), email.task_id), ("[WEB-1] Büro <1>", Some(task.id)));
        for part in [
            "Ann assigned WEB-1 to you",
            "Due date: none → 1 March 2026 at 09:00",
            "Ann commented on WEB-1",
            "https://api.example/v1/unsubscribe?token=x",
        ] {
            assert_eq!(email.text.matches(part).count(), 1, "{part}: {}", email.text);
            assert!(email.html.contains(part), "{part}: {}", email.html);
        }
        assert!(email.text.contains("山田 & co") && email.html.contains("山田 &#38; co"));
        assert!(email.html.contains("Title: &#60;b&#62; → Büro &#60;1&#62;"), "{}", email.html);
        assert!(email.text.contains("to you\n  Due date: none → 1 March 2026 at 09:00\n  Title"), "{}", email.text);
    }
}
