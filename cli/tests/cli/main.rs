//! The real binary, end to end, on SQLite.

#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used)]

mod bad_input;
mod behaviour;
mod help;
mod json;
mod offline;
mod project;
mod tidy;
mod tour;
