//! The program `dtr`: reads the command line and hands it to [`dtr::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    dtr::cli::main()
}
