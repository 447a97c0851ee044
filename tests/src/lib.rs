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

/// One test for each product.
#[macro_export]
macro_rules! on_every_product {
    ($check:path) => {
        #[test]
        fn on_sqlite() {
            $check($crate::Product::Sqlite);
        }

        #[test]
        fn on_postgres() {
            $check($crate::Product::Postgres);
        }

        #[test]
        fn on_mysql() {
            $check($crate::Product::Mysql);
        }

        #[test]
        fn on_mariadb() {
            $check($crate::Product::Mariadb);
        }
    };
}
