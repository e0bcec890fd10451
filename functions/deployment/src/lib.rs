//! What a deployment calls.

pub mod migrate;
