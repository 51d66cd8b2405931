//! What a benchmark measures, beside what it may be.

use std::{env, process::ExitCode, time::Duration};

use anyhow::Result;

/// The budgets of a benchmark. Each measurement is printed with its budget as soon as it is known.
#[derive(Debug, Default)]
pub struct Budgets {
    missed: usize,
}

impl Budgets {
    /// Runs a benchmark under `cargo bench`; says at the end whether all budgets are kept, and fails if one is not.
    /// `cargo test --benches` starts benchmarks too, and wants no measurement.
    ///
    /// # Errors
    /// Those of the benchmark.
    pub fn measured_by(benchmark: impl FnOnce(&mut Self) -> Result<()>) -> Result<ExitCode> {
        if !env::args().any(|argument| argument == "--bench") {
            return Ok(ExitCode::SUCCESS);
        }
        let mut budgets = Self::default();
        benchmark(&mut budgets)?;
        Ok(budgets.verdict())
    }

    fn verdict(&self) -> ExitCode {
        match self.missed {
            0 => println!("All budgets are kept."),
            1 => println!("A budget is not kept."),
            missed => println!("{missed} budgets are not kept."),
        }
        ExitCode::from(u8::from(self.missed > 0))
    }

    /// Prints a measurement that has no budget, for comparison.
    pub fn shown(&self, what: &str, measured: f64, unit: &str) {
        println!("{what:56}{measured:12.2} {unit}");
    }

    /// Prints a measurement that is to be `most` at most.
    pub fn at_most(&mut self, what: &str, measured: f64, unit: &str, most: f64) {
        self.judged(what, measured, unit, "at most", most, measured <= most);
    }

    /// Prints a measurement that is to be `least` at least.
    pub fn at_least(&mut self, what: &str, measured: f64, unit: &str, least: f64) {
        self.judged(what, measured, unit, "at least", least, measured >= least);
    }

    fn judged(&mut self, what: &str, measured: f64, unit: &str, bound: &str, limit: f64, kept: bool) {
        let verdict = if kept { "" } else { "   NOT KEPT" };
        println!("{what:56}{measured:12.2} {unit:7} {bound} {limit}{verdict}");
        self.missed += usize::from(!kept);
    }
}

/// Measurements of the same thing, in ascending order.
#[derive(Clone, Debug, PartialEq)]
pub struct Samples(Vec<f64>);

impl From<Vec<f64>> for Samples {
    fn from(mut samples: Vec<f64>) -> Self {
        samples.sort_by(f64::total_cmp);
        Self(samples)
    }
}

impl From<Vec<Duration>> for Samples {
    /// In milliseconds.
    fn from(samples: Vec<Duration>) -> Self {
        let milliseconds = samples.iter().map(|sample| sample.as_secs_f64() * 1e3);
        milliseconds.collect::<Vec<_>>().into()
    }
}

impl Samples {
    /// The one in the middle; of an even number the larger of the two.
    #[must_use]
    pub fn median(&self) -> f64 {
        self.0[self.0.len() / 2]
    }

    /// The smallest that is not below so many percent of them, 100 at most.
    #[must_use]
    pub fn percentile(&self, percent: usize) -> f64 {
        let rank = (self.0.len() * percent.min(100)).div_ceil(100);
        self.0[rank.saturating_sub(1)]
    }

    /// The largest.
    #[must_use]
    pub fn largest(&self) -> f64 {
        self.0[self.0.len() - 1]
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Budgets, Samples};

    #[test]
    fn a_budget_is_kept_up_to_its_limit_and_not_beyond() {
        let mut budgets = Budgets::default();
        budgets.at_most("at the limit", 30.0, "ms", 30.0);
        budgets.at_least("at the limit", 2.0, "times", 2.0);
        budgets.shown("without one", 1e9, "ms");
        assert_eq!(budgets.missed, 0);
        budgets.at_most("above", 30.1, "ms", 30.0);
        budgets.at_least("below", 1.9, "times", 2.0);
        budgets.at_least("no number", f64::NAN, "times", 2.0);
        budgets.at_most("no number", f64::NAN, "ms", 30.0);
        assert_eq!(budgets.missed, 4);
    }

    #[test]
    fn samples_need_not_be_in_order() {
        let samples = Samples::from(vec![3.0, 1.0, 2.0]);
        assert_eq!((samples.median(), samples.largest()), (2.0, 3.0));
        let one = Samples::from(vec![Duration::from_micros(1500)]);
        assert_eq!((one.median(), one.largest()), (1.5, 1.5));
    }

    #[test]
    fn a_percentile_is_one_of_the_samples() {
        let samples = Samples::from((1..=200).map(f64::from).collect::<Vec<_>>());
        let at = [0, 1, 50, 99, 100, 101].map(|percent| samples.percentile(percent));
        assert_eq!(at, [1.0, 2.0, 100.0, 198.0, 200.0, 200.0]);
        assert_eq!(Samples::from(vec![7.0]).percentile(99), 7.0);
    }
}
