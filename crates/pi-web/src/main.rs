//! The program: it parses the settings, and serves, prints or writes. Everything else is in the library.

use std::{
    fs,
    io::{self, Write},
    num::NonZero,
    path::Path,
    process::ExitCode,
    sync::atomic::AtomicBool,
    thread::available_parallelism,
    time::Duration,
};

use anyhow::Context;
use clap::Parser;
use pi_digits::{Decimals, digits};
use pi_web::{App, Cgroup, Computations, Mode, ROOT, Settings, at_once, router};
use service::Service;
use tokio::time::sleep;

/// A stopping server gives up its computations this long before it cuts off connections. A container at its CPU limit may
/// have to wait for its turn several times before a refusal is on its way.
const REFUSE_BEFORE_END: Duration = Duration::from_millis(500);

fn main() -> ExitCode {
    let settings = Settings::parse();
    let decimals = settings.decimals().unwrap_or_else(|error| error.exit());
    if settings.mode == Mode::Web {
        return serve(&settings);
    }
    match write(&settings, decimals) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn serve(settings: &Settings) -> ExitCode {
    let deadline = Duration::from_secs(settings.deadline.into());
    let mut for_service = settings.service.clone();
    // The computation's own deadline must come first, as its answer says more.
    for_service.request_seconds += deadline;
    service::run(
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
        for_service,
        |service| {
            let cgroup = Cgroup::at(Path::new(ROOT));
            let available = available_parallelism().map_or(1, NonZero::get);
            let computations = Computations::new(
                at_once(cgroup.limit(), available),
                settings.queue as usize,
                deadline,
                cgroup,
            );
            end_with(service, &settings.service, computations.clone());
            Ok(router(
                App {
                    computations,
                    max_dp: settings.max_dp,
                    host: service::hostname(),
                },
                service,
            ))
        },
    )
}

/// Ends the computations that would outlast the service, so that their clients get an answer.
fn end_with(service: &Service, settings: &service::Settings, computations: Computations) {
    let stopping = service.stopping().clone();
    let left = settings.drain_seconds + settings.stop_seconds - REFUSE_BEFORE_END;
    tokio::spawn(async move {
        stopping.cancelled().await;
        sleep(left).await;
        computations.end();
    });
}

/// Prints the digits, or writes them to a file.
fn write(settings: &Settings, decimals: Decimals) -> anyhow::Result<()> {
    let mut pi = digits(settings.algorithm, decimals, &AtomicBool::new(false))?;
    pi.push('\n');
    if settings.mode == Mode::Console {
        // Unlike print!, it does not panic when the reader has gone away.
        return io::stdout()
            .write_all(pi.as_bytes())
            .context("could not print the digits");
    }
    let out = settings.out.display();
    fs::write(&settings.out, pi).with_context(|| {
        format!("could not write {out}; give --out a file in a folder that you may write to")
    })
}
