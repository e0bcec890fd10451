//! Requests that nobody means well: each gets the contract's answer, never a 500, and changes nothing.

mod bodies;
mod cursors;
mod parameters;
