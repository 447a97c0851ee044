//! The conformance suite on PostgreSQL. Cases are in `specs/`, the SQL they compile to in `snapshots/` beside this file.

use std::process::ExitCode;

use aludel_engine::conformance::{self, Options};
use aludel_postgres::DRIVER;

fn main() -> ExitCode {
    // PostgreSQL adds a column after all others, and only there.
    conformance::main(&DRIVER, Options { places_columns: false, ..Options::new(env!("CARGO_MANIFEST_DIR")) })
}
