//! End-to-end tests: the real binary on real servers.

#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used)]

mod chinook;
