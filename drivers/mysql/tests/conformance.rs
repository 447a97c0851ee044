//! The conformance suite on MySQL and MariaDB. Cases are in `specs/`, the SQL they compile to in `snapshots/` beside this
//! file.

use std::process::ExitCode;

use aludel_engine::conformance::{self, Options};
use aludel_engine::dialect::Version;
use aludel_mysql::DRIVER;

/// What the suite runs on, besides the versions assumed when nobody says.
const VERSIONS: &[(&str, Version)] = &[("mysql", Version::new(9, 0, 0)), ("mariadb", Version::new(10, 11, 0))];

fn main() -> ExitCode {
    conformance::main(&DRIVER, Options { versions: VERSIONS, ..Options::new(env!("CARGO_MANIFEST_DIR")) })
}
