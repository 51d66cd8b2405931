//! The `lab` command.

use std::process::ExitCode;

use clap::Parser;
use lab::{Exit, cli::Cli};
use tokio::runtime::Runtime;

fn main() -> ExitCode {
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: cannot start: {error}");
            return Exit::Failed.into();
        }
    };
    let exit = runtime.block_on(Cli::parse().run()).unwrap_or_else(|error| {
        eprintln!("error: {}", told_once(&error));
        Exit::of(&error)
    });
    // A thread that waits for a person's answer or removes files must not hold up the end.
    runtime.shutdown_background();
    exit.into()
}

/// The error chain, minus causes that an outer message already contains.
fn told_once(error: &anyhow::Error) -> String {
    error.chain().fold(String::new(), |told, cause| {
        // The client's own words for a refusal are for debugging.
        let cause = cause
            .downcast_ref::<kube::Error>()
            .map_or_else(|| cause.to_string(), |refused| access::plainly(refused));
        match told {
            told if told.is_empty() => cause,
            told if told.contains(&cause) => told,
            told => format!("{told}: {cause}"),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_said_twice() {
        let error = anyhow::anyhow!("no space left")
            .context("writing a: no space left")
            .context("building");
        assert_eq!(told_once(&error), "building: writing a: no space left");
    }
}
