//! The parameters of unsubscribe links, which two endpoints share.

use serde::Deserialize;
use utoipa::IntoParams;

/// The parameters of an unsubscribe link. Others are ignored, because mail programs may add their own.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UnsubscribeParams {
    /// The signed token from the link in the e-mail. It is a JWT: `kinds` of its payload are the kinds of notifications
    /// that it unsubscribes from, and `summary` says whether it unsubscribes from the daily summary.
    #[serde(default)]
    pub token: String,
}
