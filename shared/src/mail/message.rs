use askama::Template;
use uuid::Uuid;

use super::Links;
use crate::domain::{
    email::{EmailItem, OneTimePurpose, Summary},
    notification_kind::NotificationKind,
};

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

/// A page of the client, and what the button says that opens it.
struct Page {
    address: String,
    name: &'static str,
}

impl Page {
    /// Returns the page on which people see more of what an e-mail is about.
    fn of(task: Option<&AboutTask>, items: &[EmailItem], links: &Links) -> Self {
        match (task, items) {
            (Some(task), _) => Self { address: links.task(&task.key), name: "Open the task" },
            (None, [EmailItem { kind: NotificationKind::ReportReady, .. }, ..]) => {
                Self { address: links.reports(), name: "Open the reports" }
            }
            (None, _) => Self { address: links.inbox(), name: "Open the inbox" },
        }
    }
}

#[derive(Template)]
#[template(path = "notifications.txt")]
struct NotificationsText<'a> {
    task: Option<&'a AboutTask>,
    entries: &'a [Entry<'a>],
    page: &'a Page,
    preferences: &'a str,
    about: &'a str,
    unsubscribe: &'a str,
}

#[derive(Template)]
#[template(path = "notifications.html")]
struct NotificationsHtml<'a> {
    subject: &'a str,
    task: Option<&'a AboutTask>,
    entries: &'a [Entry<'a>],
    page: &'a Page,
    preferences: &'a str,
    about: &'a str,
    unsubscribe: &'a str,
}

impl RenderedEmail {
    /// Renders the e-mail with the link that confirms an address.
    pub fn verify_email(name: &str, links: &Links, token: &str) -> anyhow::Result<Self> {
        let (link, hours) = (&links.verify_email(token), OneTimePurpose::VerifyEmail.hours());
        Ok(Self {
            subject: "Confirm your e-mail address".into(),
            text: VerifyEmailText { name, link, hours }.render()?,
            html: VerifyEmailHtml { name, link, hours }.render()?,
            task_id: None,
            unsubscribe: None,
        })
    }

    /// Renders the e-mail with the link that sets a new password.
    pub fn reset_password(name: &str, links: &Links, token: &str) -> anyhow::Result<Self> {
        let (link, hours) = (&links.reset_password(token), OneTimePurpose::ResetPassword.hours());
        Ok(Self {
            subject: "Choose a new password".into(),
            text: ResetPasswordText { name, link, hours }.render()?,
            html: ResetPasswordHtml { name, link, hours }.render()?,
            task_id: None,
            unsubscribe: None,
        })
    }

    /// Renders an e-mail with notifications about a task, or about none in particular. `token` unsubscribes from their
    /// `kinds`.
    pub fn notifications(
        task: Option<&AboutTask>,
        items: &[EmailItem],
        kinds: &[NotificationKind],
        links: &Links,
        token: &str,
    ) -> anyhow::Result<Self> {
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
        let entries: &[Entry<'_>] = &items.iter().map(entry).collect::<Vec<_>>();
        let about = &kinds.iter().map(|kind| kind.about()).collect::<Vec<_>>().join(", ");
        let (page, preferences) = (&Page::of(task, items, links), &links.preferences());
        let unsubscribe = &links.unsubscribe(token);
        Ok(Self {
            text: NotificationsText { task, entries, page, preferences, about, unsubscribe }.render()?,
            html: NotificationsHtml { subject: &subject, task, entries, page, preferences, about, unsubscribe }
                .render()?,
            subject,
            task_id: task.map(|task| task.id),
            unsubscribe: Some(links.one_click(token)),
        })
    }
}

#[derive(Template)]
#[template(path = "summary.txt")]
struct SummaryText<'a> {
    day: &'a str,
    summary: &'a Summary,
    links: &'a Links,
    unsubscribe: &'a str,
}

#[derive(Template)]
#[template(path = "summary.html")]
struct SummaryHtml<'a> {
    day: &'a str,
    summary: &'a Summary,
    links: &'a Links,
    unsubscribe: &'a str,
}

impl RenderedEmail {
    /// Renders a daily summary. `day` is the day in words. `token` unsubscribes from summaries.
    pub fn summary(day: &str, summary: &Summary, links: &Links, token: &str) -> anyhow::Result<Self> {
        let unsubscribe = &links.unsubscribe(token);
        Ok(Self {
            subject: format!("Your tasks on {day}"),
            text: SummaryText { day, summary, links, unsubscribe }.render()?,
            html: SummaryHtml { day, summary, links, unsubscribe }.render()?,
            task_id: None,
            unsubscribe: Some(links.one_click(token)),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::email::SummaryLine;

    fn links() -> Links {
        Links::new("https://tasks.example")
    }

    fn item(kind: NotificationKind, title: &str, task_key: Option<&str>) -> EmailItem {
        let (body, details) = ("Büro <1>".into(), vec![]);
        EmailItem { kind, task_key: task_key.map(Into::into), title: title.into(), body, details }
    }

    fn task() -> AboutTask {
        AboutTask { id: Uuid::now_v7(), key: "WEB-1".into(), title: "Büro <1>".into() }
    }

    fn about(task: Option<&AboutTask>, items: &[EmailItem]) -> RenderedEmail {
        let kinds: Vec<_> = items.iter().map(|item| item.kind).collect();
        RenderedEmail::notifications(task, items, &kinds, &links(), "t0ken").unwrap()
    }

    /// Returns the paths of all links, and checks that the text has the same ones as the HTML, which loads nothing.
    #[track_caller]
    fn paths(email: &RenderedEmail) -> Vec<String> {
        let urls = |text: &str, before: &str, end: &[char]| -> BTreeSet<String> {
            let rest = text.split(before).skip(1);
            rest.map(|rest| rest.split(end).next().unwrap_or_default().to_owned()).collect()
        };
        let linked = urls(&email.html, "href=\"https://tasks.example/", &['"']);
        assert_eq!(linked, urls(&email.text, "https://tasks.example/", &['\n']), "{}", email.text);
        assert_eq!(email.html.matches("href=").count(), email.html.matches("href=\"https://tasks.example/").count());
        for loaded in ["src=", "url(", "@import", "<link", "<script"] {
            assert!(!email.html.contains(loaded), "{loaded}: {}", email.html);
        }
        linked.into_iter().collect()
    }

    #[test]
    fn every_link_leads_into_the_client() {
        assert_eq!(
            paths(&RenderedEmail::verify_email("Ann", &links(), "t0ken").unwrap()),
            ["verify-email?token=t0ken"]
        );
        assert_eq!(
            paths(&RenderedEmail::reset_password("Ann", &links(), "t0ken").unwrap()),
            ["reset-password?token=t0ken"]
        );
        let footer = ["settings/notifications", "unsubscribe?token=t0ken"];
        for &kind in NotificationKind::ALL {
            let email = about(Some(&task()), &[item(kind, "Ann did it", Some("WEB-1"))]);
            assert_eq!(paths(&email), [footer[0], "tasks/WEB-1", footer[1]]);
            let email = about(None, &[item(kind, "It happened", None)]);
            let page = if kind == NotificationKind::ReportReady { "reports" } else { "inbox" };
            assert_eq!(paths(&email), [page, footer[0], footer[1]]);
            assert_eq!(email.unsubscribe.as_deref(), Some("https://tasks.example/v1/unsubscribe?token=t0ken"));
        }

        let line = |key: &str| SummaryLine { key: key.into(), title: "<Write>".into(), due: Some("at 09:00".into()) };
        let summary = Summary {
            due_today: vec![line("WEB-1")],
            overdue: vec![line("WEB-2")],
            assigned: vec![line("LAB-3")],
            done: vec![line("LAB-4")],
            news: vec![
                item(NotificationKind::TaskUpdated, "Ann changed LAB-5", Some("LAB-5")),
                item(NotificationKind::AddedToProject, "Ann added you", None),
            ],
        };
        let email = RenderedEmail::summary("Monday, 2 March", &summary, &links(), "t0ken").unwrap();
        let tasks = ["tasks/LAB-3", "tasks/LAB-4", "tasks/LAB-5", "tasks/WEB-1", "tasks/WEB-2"];
        assert_eq!(paths(&email), [&["", footer[0]], &tasks[..], &[footer[1]]].concat());
        assert_eq!(email.unsubscribe.as_deref(), Some("https://tasks.example/v1/unsubscribe?token=t0ken"));
        assert!(
            email.text.contains("Overdue\n- WEB-2 <Write>, at 09:00\n  https://tasks.example/tasks/WEB-2\n"),
            "{}",
            email.text
        );
        assert!(email.html.contains(">&#60;Write&#62;</a>"), "{}", email.html);
    }

    #[test]
    fn a_name_is_escaped_in_html() {
        let email = RenderedEmail::verify_email("<b>Ann & Søn</b>", &links(), "t0ken").unwrap();
        assert!(email.text.contains("Hello <b>Ann & Søn</b>,"), "{}", email.text);
        assert!(email.html.contains("&#60;b&#62;Ann &#38; Søn"), "{}", email.html);
    }

    #[test]
    fn an_email_about_a_task_contains_each_item_once() {
        let task = task();
        let mut items = [
            item(NotificationKind::TaskAssigned, "Ann assigned WEB-1 to you", Some("WEB-1")),
            item(NotificationKind::TaskCommented, "Ann commented on WEB-1", Some("WEB-1")),
        ];
        items[0].details = vec!["Due date: none → 1 March 2026 at 09:00".into(), "Title: <b> → Büro <1>".into()];
        items[1].body = "山田 & co".into();
        let email = about(Some(&task), &items);
        assert_eq!((email.subject.as_str(), email.task_id), ("[WEB-1] Büro <1>", Some(task.id)));
        for part in [
            "Ann assigned WEB-1 to you",
            "Due date: none → 1 March 2026 at 09:00",
            "Ann commented on WEB-1",
            "about tasks assigned to you, comments",
        ] {
            assert_eq!(email.text.matches(part).count(), 1, "{part}: {}", email.text);
            assert!(email.html.contains(part), "{part}: {}", email.html);
        }
        assert!(email.text.contains("山田 & co") && email.html.contains("山田 &#38; co"));
        assert!(email.html.contains("Title: &#60;b&#62; → Büro &#60;1&#62;"), "{}", email.html);
        assert!(email.text.contains("to you\n  Due date: none → 1 March 2026 at 09:00\n  Title"), "{}", email.text);
    }
}
