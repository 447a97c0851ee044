//! The `aludel` command.

fn main() {}
