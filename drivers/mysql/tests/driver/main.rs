//! Against real servers: what is compiled is run, read back and compared with the model, there and back again.
//!
//! `ALUDEL_TEST_MYSQL_URL` and `ALUDEL_TEST_MARIADB_URL` name the servers. A server that is missing is a failure.

// Helpers of tests, which clippy does not take for tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

mod changes;
mod compile;
mod expressions;
mod sessions;
mod support;
mod values;
mod words;

/// One test for each server.
macro_rules! on_both_servers {
    ($($name:ident),+ $(,)?) => {
        mod mysql { $( #[test] fn $name() { super::$name(&crate::support::Server::MYSQL) } )+ }
        mod mariadb { $( #[test] fn $name() { super::$name(&crate::support::Server::MARIADB) } )+ }
    };
}
pub(crate) use on_both_servers;
