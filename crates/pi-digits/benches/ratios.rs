//! Chudnovsky against Machin, and Machin against the same formula in Go's math/big, at 50,000 decimals: runs in turn, and
//! the median of their ratios. `cargo bench -p pi-digits` builds the program in Go and needs `go`.

use std::{
    env,
    hint::black_box,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    sync::atomic::AtomicBool,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use pi_digits::{Algorithm, Decimals, digits};

const DECIMALS: u32 = 50_000;
const RUNS: usize = 7;

const LEAST_FASTER_THAN_MACHIN: f64 = 10.0;
const LEAST_FASTER_THAN_GO: f64 = 1.0;

fn main() -> Result<ExitCode> {
    // `cargo test --benches` starts this too, and wants no measurement.
    if !env::args().any(|argument| argument == "--bench") {
        return Ok(ExitCode::SUCCESS);
    }
    let program = build_go()?;
    let (mut machin, mut fast, mut against_go) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let slow = ours(Algorithm::Machin)?.as_secs_f64();
        machin.push(slow);
        fast.push(slow / ours(Algorithm::Chudnovsky)?.as_secs_f64());
        against_go.push(go(&program)?.as_secs_f64() / slow);
    }
    let (fast, against_go) = (median(fast), median(against_go));

    println!("{DECIMALS} decimals, medians of {RUNS} runs in turn");
    println!("machin                           {:8.3} s", median(machin));
    println!("chudnovsky faster than machin    {fast:8.1} times, at least {LEAST_FASTER_THAN_MACHIN}");
    println!("machin faster than Go's math/big {against_go:8.2} times, at least {LEAST_FASTER_THAN_GO}");
    let kept = fast >= LEAST_FASTER_THAN_MACHIN && against_go >= LEAST_FASTER_THAN_GO;
    println!(
        "{}",
        if kept {
            "All budgets are kept."
        } else {
            "A budget is not kept."
        }
    );
    Ok(if kept {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn ours(algorithm: Algorithm) -> Result<Duration> {
    let decimals = Decimals::new(DECIMALS)?;
    let begin = Instant::now();
    black_box(digits(algorithm, decimals, &AtomicBool::new(false))?);
    Ok(begin.elapsed())
}

/// The program says itself how many nanoseconds the computation took, without its own start.
fn go(program: &Path) -> Result<Duration> {
    let output = Command::new(program).arg(DECIMALS.to_string()).output()?;
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

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
