//! The `aludel` command: the command line with the drivers of this build.

mod drivers;

fn main() -> std::process::ExitCode {
    aludel_cli::main(drivers::DRIVERS)
}
