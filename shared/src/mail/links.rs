use std::fmt::Display;

/// The addresses that e-mails link to. All of them are pages of the browser client, except the one for mail programs.
#[derive(Debug, Clone)]
pub struct Links {
    origin: String,
}

impl Links {
    /// Returns the links below `public_url`, which has no `/` at its end. The client is served there, and the API below
    /// `/v1`.
    pub fn new(public_url: impl Into<String>) -> Self {
        Self { origin: public_url.into() }
    }

    /// Returns the page that the client shows first.
    pub fn home(&self) -> String {
        self.page("")
    }

    /// Returns the page of a task.
    pub fn task(&self, key: &str) -> String {
        self.page(format_args!("tasks/{key}"))
    }

    /// Returns the page of the inbox.
    pub fn inbox(&self) -> String {
        self.page("inbox")
    }

    /// Returns the page with all reports.
    pub fn reports(&self) -> String {
        self.page("reports")
    }

    /// Returns the page on which people choose what they are notified of.
    pub fn preferences(&self) -> String {
        self.page("settings/notifications")
    }

    /// Returns the page that confirms an address.
    pub fn verify_email(&self, token: &str) -> String {
        self.with_token("verify-email", token)
    }

    /// Returns the page that sets a new password.
    pub fn reset_password(&self, token: &str) -> String {
        self.with_token("reset-password", token)
    }

    /// Returns the page that asks whether to unsubscribe.
    pub fn unsubscribe(&self, token: &str) -> String {
        self.with_token("unsubscribe", token)
    }

    /// Returns the URL at which a POST unsubscribes (RFC 8058).
    pub fn one_click(&self, token: &str) -> String {
        self.with_token("v1/unsubscribe", token)
    }

    fn page(&self, path: impl Display) -> String {
        format!("{}/{path}", self.origin)
    }

    /// Tokens that come from a request may contain anything, so they are encoded.
    fn with_token(&self, path: &str, token: &str) -> String {
        let token: String = form_urlencoded::byte_serialize(token.as_bytes()).collect();
        self.page(format_args!("{path}?token={token}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_stays_one_parameter() {
        let links = Links::new("https://tasks.example");
        assert_eq!(links.unsubscribe("a-b_c.d"), "https://tasks.example/unsubscribe?token=a-b_c.d");
        let odd = "a&token=b#c d\r\né";
        let (page, query) = links.unsubscribe(odd).split_once('?').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        assert_eq!(page, "https://tasks.example/unsubscribe");
        assert_eq!(form_urlencoded::parse(query.as_bytes()).collect::<Vec<_>>(), [("token".into(), odd.into())]);
    }
}
