//! End-to-end tests: the real binary on real servers.

#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used)]

mod bad_input;
mod chinook;
mod concurrency;
mod crash;
mod interruption;
mod newer_database;
mod readme;
mod recovery;
mod repair;
mod scripts;
mod tampering;
