//! What the end-to-end tests share: the real binary, the real servers, databases of their own.
//!
//! A missing server or binary is a failure, never a skip.

#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used)]

mod binary;
mod database;
mod project;

pub use binary::{Output, aludel, binary, repository};
pub use database::{Database, Product};
pub use project::Project;
