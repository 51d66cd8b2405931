//! What the project does to its own files: `cargo xtask --help`.

mod outputs;
mod repeated;
mod schemas;
mod versions;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Parser;

/// Writes what stands in several files, from the one place that decides it.
#[derive(Parser)]
#[command(name = "cargo xtask")]
enum Task {
    /// Write the versions of `versions.toml` into every file that repeats one.
    Versions {
        /// Change nothing: say what is out of step, and fail if anything is.
        #[arg(long)]
        check: bool,
    },
    /// Write what a run printed into the guide's pages, in both languages.
    Outputs {
        /// What `cargo lab run all --lang en --output json` wrote.
        run: PathBuf,
    },
    /// Write the definitions of `helm/definitions.json` into the schema of each chart's values.
    Schemas {
        /// Change nothing: say what is out of step, and fail if anything is.
        #[arg(long)]
        check: bool,
    },
}

fn main() -> anyhow::Result<ExitCode> {
    let root = root();
    let (found, check) = match Task::parse() {
        Task::Versions { check } => (versions::out_of_step(root)?, check),
        Task::Outputs { run } => (outputs::out_of_step(root, &run)?, false),
        Task::Schemas { check } => (schemas::out_of_step(root)?, check),
    };
    repeated::settle(&found, check)
}

/// The top folder of the checkout, which is two above this crate's.
fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.ancestors().nth(2).unwrap_or(own)
}
