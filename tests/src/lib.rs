//! The tests are in `tests/`: `integration` and `end_to_end`.
