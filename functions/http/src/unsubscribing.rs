//! What the page that ends mails and its form have in common.

use serde::Deserialize;
use shared::auth::Unsubscribe;
use utoipa::IntoParams;

/// The link in a mail. Mail programs may add parameters of their own to it.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UnsubscribeParams {
    /// Names a person and kinds of mails; only we can make one.
    #[serde(default)]
    pub token: String,
}

/// What the mails are about that a link ends: `comments, mentions of you`.
pub fn about(link: &Unsubscribe) -> String {
    let summary = link.summary.then_some("what happened and what is due (the daily summary)");
    link.kinds.iter().map(|kind| kind.about()).chain(summary).collect::<Vec<_>>().join(", ")
}
