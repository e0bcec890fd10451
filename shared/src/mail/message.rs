use std::str::FromStr;

use askama::Template;

use crate::db::one_time_tokens::Purpose;

/// What a mail is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Asks a person to confirm their address.
    VerifyEmail,
    /// Lets a person choose a new password.
    ResetPassword,
}

impl Kind {
    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::ResetPassword => "reset_password",
        }
    }

    /// What the link in it is good for.
    pub fn purpose(self) -> Purpose {
        match self {
            Self::VerifyEmail => Purpose::VerifyEmail,
            Self::ResetPassword => Purpose::ResetPassword,
        }
    }
}

impl FromStr for Kind {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> anyhow::Result<Self> {
        [Self::VerifyEmail, Self::ResetPassword]
            .into_iter()
            .find(|kind| kind.as_str() == name)
            .ok_or_else(|| anyhow::anyhow!("no such kind of mail: {name}"))
    }
}

/// The text of a mail, ready to be sent.
#[derive(Debug)]
pub struct Letter {
    /// One line.
    pub subject: &'static str,
    /// For programs that show no HTML.
    pub text: String,
    /// For the others.
    pub html: String,
}

/// Compiled in: a Lambda zip has no template files.
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

impl Letter {
    /// The mail of a kind to a person. Its link leads to a page below `app_url` and carries `token`.
    pub fn write(kind: Kind, name: &str, app_url: &str, token: &str) -> anyhow::Result<Self> {
        let hours = kind.purpose().hours();
        Ok(match kind {
            Kind::VerifyEmail => {
                let link = &format!("{app_url}/verify-email?token={token}");
                Self {
                    subject: "Confirm your e-mail address",
                    text: VerifyEmailText { name, link, hours }.render()?,
                    html: VerifyEmailHtml { name, link, hours }.render()?,
                }
            }
            Kind::ResetPassword => {
                let link = &format!("{app_url}/reset-password?token={token}");
                Self {
                    subject: "Choose a new password",
                    text: ResetPasswordText { name, link, hours }.render()?,
                    html: ResetPasswordHtml { name, link, hours }.render()?,
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_text_and_never_markup() {
        let letter = Letter::write(Kind::VerifyEmail, "<b>Ann & Søn</b>", "https://app.example", "t0ken").unwrap();
        assert!(
            letter.text.contains("Hello <b>Ann & Søn</b>,")
                && letter.text.contains("https://app.example/verify-email?token=t0ken")
        );
        assert!(letter.html.contains("&#60;b&#62;Ann &#38; Søn"), "{}", letter.html);
        assert!(letter.html.contains("href=\"https://app.example/verify-email?token=t0ken\""));
    }

    #[test]
    fn every_kind_is_found_by_its_name() {
        for kind in [Kind::VerifyEmail, Kind::ResetPassword] {
            assert_eq!(kind.as_str().parse::<Kind>().unwrap(), kind);
        }
        assert!("postcard".parse::<Kind>().is_err());
    }
}
