//! All endpoints in one process, for the tests in `tests/` (`integration` and `end_to_end`) and the OpenAPI document.

#[path = "../../functions/http/src/routes.rs"]
pub mod routes;
