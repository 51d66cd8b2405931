//! pi-web's budgets, measured on the running program: how long a health answer takes while every processor computes, beside
//! the same on the idle program in the same run, and how long a computation goes on after its client has gone away.
//!
//! Run it with `cargo bench -p pi-web`.

use std::{process::ExitCode, thread, time::Instant};

use anyhow::{Result, ensure};
use testkit::{Budgets, DEADLINE, Samples, Server, command};

const PROBES: usize = 301;
const DEPARTURES: usize = 41;
/// Minutes of work.
const ENDLESS: &str = "/?dp=1000000&format=text";
/// With each algorithm seconds of work, in steps that grow with it. By the slow one it is as much as may be asked for
/// unless `PI_MAX_DP` allows more.
const LONG: [(&str, &str); 2] = [
    ("machin", "/?dp=100000&format=text"),
    ("chudnovsky", "/?dp=1000000&algorithm=chudnovsky&format=text"),
];
const RUNNING: &str = "pi_web_computations_running";

const LONGEST_HEALTH_MS: f64 = 100.0;
const LONGEST_AFTER_DEPARTURE_MS: f64 = 200.0;

fn main() -> Result<ExitCode> {
    Budgets::measured_by(|budgets| {
        let environment = [("PI_MAX_DP", "1000000"), ("PI_DEADLINE", "3600")];
        let server = Server::start(&mut command(env!("CARGO_BIN_EXE_pi-web"), &environment));
        let idle = health(&server)?;
        budgets.shown("health answer while idle, median", idle.median(), "ms");

        let processors = thread::available_parallelism()?.get();
        let clients: Vec<_> = (0..processors).map(|_| server.send(ENDLESS)).collect();
        server.wait_for_metric(RUNNING, processors);
        let busy = health(&server)?;
        drop(clients);
        server.wait_for_metric(RUNNING, 0);
        budgets.shown(
            &format!("with all {processors} processors busy, median"),
            busy.median(),
            "ms",
        );
        budgets.shown("times as long as idle", busy.median() / idle.median(), "times");
        budgets.at_most(
            &format!("with all {processors} processors busy, slowest"),
            busy.largest(),
            "ms",
            LONGEST_HEALTH_MS,
        );

        for (algorithm, path) in LONG {
            let stops = departures(&server, path)?;
            let stop = format!("{algorithm} stops after its client has gone");
            budgets.shown(&format!("{stop}, median"), stops.median(), "ms");
            budgets.at_most(
                &format!("{stop}, slowest"),
                stops.largest(),
                "ms",
                LONGEST_AFTER_DEPARTURE_MS,
            );
        }
        Ok(())
    })
}

/// The time of each of many health answers. A probe has a connection of its own each time.
fn health(server: &Server) -> Result<Samples> {
    let took = (0..PROBES).map(|_| {
        let asked = Instant::now();
        let answer = server.get("/healthz");
        let took = asked.elapsed();
        ensure!(answer.status == 200, "/healthz answered {answer:?}");
        Ok(took)
    });
    Ok(took.collect::<Result<Vec<_>>>()?.into())
}

/// The time that computations go on after their client has gone away.
fn departures(server: &Server, path: &str) -> Result<Samples> {
    let stops = (0..DEPARTURES).map(|_| {
        let client = server.send(path);
        server.wait_for_metric(RUNNING, 1);
        let gone = Instant::now();
        drop(client);
        // Without a pause, which would be measured with it.
        while server.metric(RUNNING).as_deref() != Some("0") {
            ensure!(gone.elapsed() < DEADLINE, "a computation never ends");
        }
        Ok(gone.elapsed())
    });
    Ok(stops.collect::<Result<Vec<_>>>()?.into())
}
