//! End-to-end tests: the real binary on real servers.

#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used)]

mod adopt;
mod backfill;
mod bad_input;
mod cases;
mod chinook;
mod concurrency;
mod crash;
mod data;
mod drift;
mod interruption;
mod keywords;
mod leftovers;
mod newer_database;
mod raw_scripts;
mod readme;
mod recovery;
mod repair;
mod scripts;
mod support;
mod tampering;
