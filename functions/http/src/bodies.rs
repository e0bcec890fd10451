//! Parts of request bodies that several endpoints take.

use serde::Deserialize;
use utoipa::ToSchema;

/// Request body with a refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshToken {
    /// Refresh token from the last response.
    #[schema(max_length = 200)]
    pub refresh_token: String,
}

/// Label, one line.
#[derive(ToSchema)]
#[schema(format = "line", min_length = 1, max_length = 40)]
pub struct Label(#[expect(dead_code, reason = "it only describes")] String);

/// Request body for creating or changing a comment.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommentBody {
    /// Markdown; `@[name](user:<id>)` mentions a user.
    #[schema(format = "text", min_length = 1, max_length = 20000)]
    pub body: String,
}
