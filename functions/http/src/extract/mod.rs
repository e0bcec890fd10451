//! What handlers take. Who may call an endpoint, and what it accepts, shows in its handler's arguments.

mod callers;
mod conditional;
mod json;
mod params;

pub use callers::{Administrator, Anonymous, Authenticated, Manager, VerifiedToken};
pub use conditional::{IdempotencyKey, IfMatch};
pub use json::{ValidJson, double_option};
pub use params::{Csv, PageParams, PathId, QueryParams, page_request, search_text, time};
