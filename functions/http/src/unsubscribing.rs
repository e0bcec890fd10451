//! Types that the unsubscribe page and its form share.

use serde::Deserialize;
use shared::auth::Unsubscribe;
use utoipa::IntoParams;

/// The parameters of an unsubscribe link. Others are ignored, because mail programs may add their own.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UnsubscribeParams {
    /// The signed token from the link in the e-mail. It identifies a person and kinds of e-mails.
    #[serde(default)]
    pub token: String,
}

/// Returns the subjects of the e-mails that a link unsubscribes from, such as `comments, mentions of you`.
pub fn about(link: &Unsubscribe) -> String {
    let summary = link.summary.then_some("what happened and what is due (the daily summary)");
    link.kinds.iter().map(|kind| kind.about()).chain(summary).collect::<Vec<_>>().join(", ")
}
