//! What the tests in `tests/` share: all endpoints in one process, which the OpenAPI document is made of, too; what must hold whatever
//! happened; and a client of the deployed system.

pub mod invariants;
#[path = "../../functions/http/src/routes.rs"]
pub mod routes;
pub mod support;
