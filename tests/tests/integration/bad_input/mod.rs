//! Requests that nobody means well: each gets the contract's answer, never a 500, and changes nothing.

mod bodies;
mod bounds;
mod cursors;
mod parameters;
