//! Code that the tests in `tests/` share: all endpoints in one process, from which the OpenAPI document is also
//! generated; the invariants of the database; and a client of the deployed system.

#[path = "../../functions/http/src/endpoints/mod.rs"]
pub mod endpoints;
pub mod generated;
pub mod invariants;
#[path = "../../functions/http/src/openapi/mod.rs"]
pub mod openapi;
pub mod support;
