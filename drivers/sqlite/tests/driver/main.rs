//! The driver on real files: what changes become, what is read back, and the traps of rebuilding a table.

// Helpers of tests, which clippy does not take for tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod compile;
mod connection;
mod introspect;
mod lab;
mod live;
mod random;
mod traps;
mod words;
