//! Extractors. The arguments of a handler show who may call the endpoint and what it accepts.

mod callers;
mod conditional;
mod json;
mod params;
mod tokens;

pub use callers::{Administrator, Anonymous, Authenticated, Manager, VerifiedToken};
pub use conditional::{IdempotencyKey, IfMatch};
pub use json::{ValidJson, double_option};
pub use params::{Csv, PageParams, PathId, QueryParams, page_request, search_text, time};
pub use tokens::{PresentedRefreshToken, TokenStore};
