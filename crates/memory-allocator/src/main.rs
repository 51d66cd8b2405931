//! The program: reads the arguments and sets the exit code. Everything else is in the library.

use std::process::ExitCode;

use clap::Parser;
use memory_allocator::{Arguments, run};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    service::start_logging(&arguments.logs);
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
