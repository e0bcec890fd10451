//! Parts of request bodies that several endpoints take.

use serde::Deserialize;
use utoipa::ToSchema;

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshToken {
    /// As the last answer gave it.
    #[schema(max_length = 200)]
    pub refresh_token: String,
}

/// One word or a few.
#[derive(ToSchema)]
#[schema(format = "line", min_length = 1, max_length = 40)]
pub struct Label(#[expect(dead_code, reason = "it only describes")] String);

/// What a comment says.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommentBody {
    /// Markdown; `@[name](user:<id>)` mentions someone.
    #[schema(format = "text", min_length = 1, max_length = 20000)]
    pub body: String,
}
