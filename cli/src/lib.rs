//! The command line of Aludel. A program is this and a list of drivers:
//!
//! ```no_run
//! # static DRIVERS: &[&dyn aludel_engine::driver::Driver] = &[];
//! fn main() -> std::process::ExitCode {
//!     aludel_cli::main(DRIVERS)
//! }
//! ```
//!
//! Results go to standard output, everything else to standard error. With `--json` a command gives one document on
//! standard output; its keys are stable and documented on the types of the [`commands`].

mod app;
pub mod arguments;
mod catalog;
pub mod commands;
mod database;
mod failure;
mod interruption;
mod machine;
mod registry;
mod render;
mod run;
mod workspace;

use std::process::ExitCode;

use aludel_engine::driver::Driver;
use clap::Parser;

use app::App;
use arguments::Arguments;
use render::Terminal;

/// Reads the command line, does what it says, and tells how it went: 0 done, 1 failed or refused, 2 wrong usage, 3 the
/// answer is no.
pub fn main(drivers: &'static [&'static dyn Driver]) -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return ExitCode::from(render::usage(&error)),
    };
    let terminal = Terminal::new(&arguments.global);
    let app = App::new(arguments.global, drivers, terminal);
    match arguments.command.run(&app) {
        Ok(answer) => ExitCode::from(answer.exit_code()),
        Err(failure) => {
            app.terminal.report(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}
