//! The conformance suite on SQLite. Cases are in `specs/`, the SQL they compile to in `snapshots/` beside this file.

use std::process::ExitCode;

use aludel_engine::conformance::{self, Options};
use aludel_engine::dialect::Version;
use aludel_sqlite::DRIVER;

/// What the suite runs on, besides the versions assumed when nobody says.
const VERSIONS: &[(&str, Version)] = &[("sqlite", Version::new(3, 54, 1))];

fn main() -> ExitCode {
    conformance::main(
        &DRIVER,
        Options {
            default_url: Some("sqlite::memory:"),
            versions: VERSIONS,
            ..Options::new(env!("CARGO_MANIFEST_DIR"))
        },
    )
}
