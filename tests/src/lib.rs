//! What the tests in `tests/` share: all endpoints in one process, which the OpenAPI document is made of, too; and a client of the
//! deployed system.

#[path = "../../functions/http/src/routes.rs"]
pub mod routes;
pub mod support;
