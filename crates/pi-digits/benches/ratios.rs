//! Chudnovsky against Machin, and Machin against the same formula in Go's math/big, at 50,000 decimals: runs in turn, and
//! the median of their ratios. Needs Go.

use std::{
    hint::black_box,
    path::Path,
    process::Command,
    sync::atomic::AtomicBool,
    time::{Duration, Instant},
};

use pi_digits::{Algorithm, Decimals, digits};

const DECIMALS: u32 = 50_000;
const RUNS: usize = 7;

fn ours(algorithm: Algorithm) -> Duration {
    let begin = Instant::now();
    let decimals = Decimals::new(DECIMALS).expect("few enough");
    let pi = digits(algorithm, decimals, &AtomicBool::new(false));
    assert!(black_box(pi).is_ok(), "nobody cancelled it");
    begin.elapsed()
}

/// The program says itself how many nanoseconds the computation took, without its own start.
fn go(program: &Path) -> Option<Duration> {
    let output = Command::new(program).arg(DECIMALS.to_string()).output().ok()?;
    String::from_utf8(output.stdout)
        .ok()?
        .trim()
        .parse()
        .ok()
        .map(Duration::from_nanos)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("machin-in-go");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/go");
    let built = Command::new("go")
        .args(["build", "-o"])
        .arg(&program)
        .arg(".")
        .current_dir(source)
        .status();
    let has_go = built.is_ok_and(|status| status.success());
    let (mut machin, mut fast, mut against_go) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let slow = ours(Algorithm::Machin).as_secs_f64();
        machin.push(slow);
        fast.push(slow / ours(Algorithm::Chudnovsky).as_secs_f64());
        if let Some(theirs) = has_go.then(|| go(&program)).flatten() {
            against_go.push(theirs.as_secs_f64() / slow);
        }
    }
    println!("{DECIMALS} decimals, medians of {RUNS} runs in turn");
    println!("machin                           {:8.3} s", median(machin));
    println!(
        "chudnovsky faster than machin    {:8.1} times (at least 10 wanted)",
        median(fast)
    );
    if against_go.is_empty() {
        println!("machin against Go                not measured: there is no Go on the PATH");
    } else {
        println!(
            "machin faster than Go's math/big {:8.2} times (at least 1 wanted)",
            median(against_go)
        );
    }
}
