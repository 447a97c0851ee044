//! The driver against a real server, which ALUDEL_TEST_POSTGRES_URL names. A missing server is a failure.

// Clippy's leave for tests ends at the borders of test functions.
#![allow(clippy::expect_used, clippy::panic)]

mod alter;
mod build;
mod connect;
mod database;
mod enums;
mod objects;
mod rows;
mod session;
mod values;
mod words;
