//! HTML pages. They load nothing from other servers and send no referrer, because their URLs contain tokens.

use askama::Template;
use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::KeepBody;

/// Swagger UI as a single page, built by `build.rs`.
pub const DOCS: &str = include_str!(concat!(env!("OUT_DIR"), "/docs.html"));

/// The page that confirms an e-mail address when a button is pressed.
#[derive(Template)]
#[template(path = "verify-email.html")]
pub struct VerifyEmail;

/// The page that sets a new password.
#[derive(Template)]
#[template(path = "reset-password.html")]
pub struct ResetPassword;

/// The page that unsubscribes from e-mails when a button is pressed.
#[derive(Template)]
#[template(path = "unsubscribe.html")]
pub struct Unsubscribe {
    /// The step that the page shows.
    pub state: State,
}

/// A step of unsubscribing.
pub enum State {
    /// Asks for confirmation.
    Ask {
        /// The subjects of the e-mails.
        about: String,
    },
    /// Confirms that no more e-mails are sent.
    Done {
        /// The subjects of the e-mails.
        about: String,
    },
    /// Says that the link is not valid.
    BadLink,
}

/// Returns a response with the page that a template renders.
pub fn render(status: StatusCode, template: &impl Template) -> shared::Result<Response> {
    let mut response = (status, page(template.render().map_err(shared::Error::internal)?)).into_response();
    // People who follow a link that is not valid see a page, not a problem.
    response.extensions_mut().insert(KeepBody);
    Ok(response)
}

/// Returns an HTML page. Its policy allows only inline scripts and styles, and requests to its own origin.
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
