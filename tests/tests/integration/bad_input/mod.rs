//! Malformed and hostile requests: each gets an answer of the contract, never a 500, and changes nothing.

mod bodies;
mod bounds;
mod cursors;
mod parameters;
