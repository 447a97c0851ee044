//! The conformance suite on PostgreSQL. Cases are in `specs/`, the SQL they compile to in `snapshots/` beside this file.

use std::process::ExitCode;

use aludel_engine::conformance::{self, Options};
use aludel_engine::dialect::Version;
use aludel_postgres::DRIVER;

/// What the suite runs on, besides the versions assumed when nobody says.
const VERSIONS: &[(&str, Version)] = &[("postgres", Version::new(15, 0, 0))];

fn main() -> ExitCode {
    // PostgreSQL adds a column after all others, and only there.
    conformance::main(
        &DRIVER,
        Options { places_columns: false, versions: VERSIONS, ..Options::new(env!("CARGO_MANIFEST_DIR")) },
    )
}
