//! What the page that ends mails and its form have in common.

use serde::Deserialize;
use shared::domain::notification::Kind;
use utoipa::IntoParams;

/// The link in a mail. Mail programs may add parameters of their own to it.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UnsubscribeParams {
    /// Names a person and kinds of mails; only we can make one.
    #[serde(default)]
    pub token: String,
}

/// What mails of these kinds are about: `comments, mentions of you`.
pub fn about(kinds: &[Kind]) -> String {
    kinds.iter().map(|kind| kind.subject()).collect::<Vec<_>>().join(", ")
}
