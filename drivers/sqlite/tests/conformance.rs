//! The conformance suite on SQLite. Cases are in `specs/`, the SQL they compile to in `snapshots/` beside this file.

use std::process::ExitCode;

use aludel_engine::conformance::{self, Options};
use aludel_sqlite::DRIVER;

fn main() -> ExitCode {
    conformance::main(
        &DRIVER,
        Options { default_url: Some("sqlite::memory:"), ..Options::new(env!("CARGO_MANIFEST_DIR")) },
    )
}
