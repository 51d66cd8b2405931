//! Chudnovsky against Machin, and Machin against the same formula in Go's math/big, at 50,000 decimals: runs in turn, and
//! the median of their ratios. `cargo bench -p pi-digits` builds the program in Go and needs `go`.

use std::{
    hint::black_box,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    sync::atomic::AtomicBool,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use pi_digits::{Algorithm, Decimals, digits};
use testkit::{Budgets, Samples};

const DECIMALS: u32 = 50_000;
const RUNS: usize = 7;

const LEAST_FASTER_THAN_MACHIN: f64 = 10.0;
const LEAST_FASTER_THAN_GO: f64 = 1.0;

fn main() -> Result<ExitCode> {
    Budgets::measured_by(|budgets| {
        let program = build_go()?;
        let (mut machin, mut fast, mut against_go) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..RUNS {
            let slow = ours(Algorithm::Machin)?;
            machin.push(slow);
            fast.push(slow.as_secs_f64() / ours(Algorithm::Chudnovsky)?.as_secs_f64());
            against_go.push(go(&program)?.as_secs_f64() / slow.as_secs_f64());
        }
        println!("{DECIMALS} decimals, medians of {RUNS} runs in turn");
        budgets.shown("machin", Samples::from(machin).median(), "ms");
        budgets.at_least(
            "chudnovsky faster than machin",
            Samples::from(fast).median(),
            "times",
            LEAST_FASTER_THAN_MACHIN,
        );
        budgets.at_least(
            "machin faster than Go's math/big",
            Samples::from(against_go).median(),
            "times",
            LEAST_FASTER_THAN_GO,
        );
        Ok(())
    })
}

fn ours(algorithm: Algorithm) -> Result<Duration> {
    let decimals = Decimals::new(DECIMALS)?;
    let begin = Instant::now();
    black_box(digits(algorithm, decimals, &AtomicBool::new(false))?);
    Ok(begin.elapsed())
}

/// The program prints how many nanoseconds its computation took, so its start does not count.
fn go(program: &Path) -> Result<Duration> {
    let output = Command::new(program).arg(DECIMALS.to_string()).output()?;
    ensure!(
        output.status.success(),
        "the program in Go failed ({}): {}",
        output.status,
        String::from_utf8_lossy(&output.stderr).trim_end()
    );
    let nanoseconds = String::from_utf8(output.stdout)?.trim().parse()?;
    Ok(Duration::from_nanos(nanoseconds))
}

fn build_go() -> Result<PathBuf> {
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("machin-in-go");
    let built = Command::new("go")
        .args(["build", "-o"])
        .arg(&program)
        .arg(".")
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/go"))
        .status()
        .context("can't start go, which builds the program to compare with; install it first")?;
    ensure!(built.success(), "the program in Go could not be built");
    Ok(program)
}
