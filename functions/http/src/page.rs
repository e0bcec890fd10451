//! HTML pages for people. They load nothing from elsewhere and keep what is in their address out of referrers.

use askama::Template;
use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::KeepBody;

/// Swagger UI in one page, made by `build.rs`.
pub const DOCS: &str = include_str!(concat!(env!("OUT_DIR"), "/docs.html"));

/// Confirms an address at the press of a button.
#[derive(Template)]
#[template(path = "verify-email.html")]
pub struct VerifyEmail;

/// Sets a new password.
#[derive(Template)]
#[template(path = "reset-password.html")]
pub struct ResetPassword;

/// Ends mails at the press of a button.
#[derive(Template)]
#[template(path = "unsubscribe.html")]
pub struct Unsubscribe {
    /// What the page says.
    pub state: State,
}

/// How far somebody is with ending mails.
pub enum State {
    /// Asks whether to.
    Ask {
        /// What the mails are about.
        about: String,
    },
    /// Says that it is done.
    Done {
        /// What there are no more mails about.
        about: String,
    },
    /// Says that the link is not good.
    BadLink,
}

/// The answer with a page that is made of a template.
pub fn render(status: StatusCode, template: &impl Template) -> shared::Result<Response> {
    let mut response = (status, page(template.render().map_err(shared::Error::internal)?)).into_response();
    // Who follows a bad link reads a page, not a problem.
    response.extensions_mut().insert(KeepBody);
    Ok(response)
}

/// An HTML page that may run what is in it and speak to its own origin, and nothing else.
pub fn page(html: impl IntoResponse) -> Response {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; \
                  img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, html).into_response()
}
