//! The drivers of this build. A driver is one crate and one line here.

use aludel_engine::driver::Driver;

/// Every database this program speaks to, each behind a cargo feature of its name.
pub static DRIVERS: &[&dyn Driver] = &[
    #[cfg(feature = "sqlite")]
    &aludel_sqlite::DRIVER,
    #[cfg(feature = "postgres")]
    &aludel_postgres::DRIVER,
    #[cfg(feature = "mysql")]
    &aludel_mysql::DRIVER,
];
