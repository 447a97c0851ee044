//! The real binary, end to end, on SQLite.

#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used)]

mod autogenerate;
mod bad_input;
mod behaviour;
mod commute;
mod deterministic;
mod help;
mod json;
mod offline;
mod project;
mod schema;
mod team;
mod tidy;
mod tour;
