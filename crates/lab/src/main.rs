//! The `lab` command.

use std::process::ExitCode;

use clap::Parser;
use lab::{Exit, cli::Cli};
use tokio::runtime::Runtime;

fn main() -> ExitCode {
    programs::set_umask();
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: cannot start: {error}");
            return Exit::Failed.into();
        }
    };
    let cli = Cli::parse();
    let language = cli.language();
    let exit = runtime.block_on(cli.run()).unwrap_or_else(|error| {
        eprintln!("{}", lab::told(&error, language));
        Exit::of(&error)
    });
    // A thread that waits for a person's answer or removes files must not hold up the end.
    runtime.shutdown_background();
    exit.into()
}
