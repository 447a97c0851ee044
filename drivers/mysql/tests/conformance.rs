//! The conformance suite on MySQL and MariaDB. Cases are in `specs/`, the SQL they compile to in `snapshots/` beside this
//! file.

use std::process::ExitCode;

use aludel_engine::conformance::{self, Options};
use aludel_mysql::DRIVER;

fn main() -> ExitCode {
    conformance::main(&DRIVER, Options::new(env!("CARGO_MANIFEST_DIR")))
}
