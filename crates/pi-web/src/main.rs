//! The program: its settings, and what they make of it. Everything else is in the library.

use std::{
    fs, num::NonZero, path::Path, process::ExitCode, sync::atomic::AtomicBool, thread::available_parallelism,
    time::Duration,
};

use anyhow::Context;
use clap::Parser;
use pi_web::{App, Cgroup, Computations, Mode, ROOT, Settings, decimals, router};

fn main() -> ExitCode {
    let settings = Settings::parse();
    if settings.mode == Mode::Web {
        return serve(&settings);
    }
    match write(&settings) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn serve(settings: &Settings) -> ExitCode {
    service::run(
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
        settings.service.clone(),
        |service| {
            // The standard library counts the CPU quota of the cgroup in.
            let at_once = available_parallelism().map_or(1, NonZero::get);
            let deadline = Duration::from_secs(settings.deadline.into());
            let computations = Computations::new(
                at_once,
                settings.queue as usize,
                deadline,
                Cgroup::at(Path::new(ROOT)),
            );
            let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
            Ok(router(
                App {
                    computations,
                    max_dp: settings.max_dp,
                    host,
                },
                service,
            ))
        },
    )
}

fn write(settings: &Settings) -> anyhow::Result<()> {
    let decimals = decimals(&settings.dp, settings.max_dp).map_err(anyhow::Error::msg)?;
    let pi = pi_digits::digits(settings.algorithm, decimals, &AtomicBool::new(false))?;
    if settings.mode == Mode::Console {
        println!("{pi}");
        return Ok(());
    }
    let out = &settings.out;
    fs::write(out, format!("{pi}\n")).with_context(|| format!("writing {}", out.display()))
}
