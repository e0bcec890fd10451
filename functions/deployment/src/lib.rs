//! The functions that a deployment invokes.

pub mod migrate;
