//! The `lab` command.

use std::process::ExitCode;

use clap::Parser;
use guide::Language;
use lab::{Exit, cli::Cli, print};
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
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(told) => {
            print::note(told.print());
            let code = u8::try_from(told.exit_code()).unwrap_or(Exit::Usage.code());
            return end(code, Exit::Failed.code(), Language::En);
        }
    };
    let language = cli.language();
    let exit = runtime.block_on(cli.run()).unwrap_or_else(|error| {
        eprintln!("{}", lab::told(&error, language));
        Exit::of(&error)
    });
    // A thread that waits for a person's answer or removes files must not hold up the end.
    runtime.shutdown_background();
    end(exit.code(), exit.unwritten().code(), language)
}

/// Ends with a code, or with another where the answer could not be written.
fn end(code: u8, unwritten: u8, language: Language) -> ExitCode {
    match print::all_written() {
        Ok(()) => code.into(),
        Err(error) => {
            eprintln!("{}", lab::told_unwritten(&error, language));
            unwritten.into()
        }
    }
}
