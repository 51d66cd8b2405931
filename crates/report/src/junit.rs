//! JUnit's XML, for machines that collect tests: a test case for each step.

use std::{
    io::{self, Write},
    str::FromStr,
    time::Duration,
};

use jiff::Timestamp;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::{Ending, Event, Miss, Reporter, Stamped};

/// Gathers the steps, and writes when all runs are over: a suite for each.
pub struct Junit<W> {
    out: W,
    report: Report,
    suite: TestSuite,
    steps: usize,
    step: Option<Step>,
    done: usize,
}

struct Step {
    name: String,
    began: Timestamp,
    output: String,
    took: f64,
    miss: Option<Miss>,
}

impl Step {
    fn new(name: String, began: Timestamp) -> Self {
        Self {
            name,
            began,
            output: String::new(),
            took: 0.0,
            miss: None,
        }
    }

    fn command(&mut self, command: &str, output: &str, took: f64) {
        self.took += took;
        self.output.push_str(&format!("$ {command}\n{output}"));
        if !self.output.ends_with('\n') {
            self.output.push('\n');
        }
    }

    fn seen(&mut self, expected: &str, took: f64) {
        self.took += took;
        self.output.push_str(&format!("seen: {expected}\n"));
    }

    /// The test case, which failed if something was missed, and is an error if something else ended it.
    fn into_case(self, error: Option<&str>) -> TestCase {
        let status = match (&self.miss, error) {
            (Some(miss), _) => missed(miss),
            (None, Some(error)) => {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
                status.set_message(error).set_type("error");
                status
            }
            (None, None) => TestCaseStatus::success(),
        };
        let mut case = TestCase::new(self.name, status);
        case.set_time(Duration::from_secs_f64(self.took))
            .set_system_out(self.output);
        case.timestamp = timestamp(self.began);
        case
    }
}

/// The same time for the library, which takes another crate's type; both know RFC 3339.
fn timestamp<T: FromStr>(at: Timestamp) -> Option<T> {
    at.to_string().parse().ok()
}

fn missed(miss: &Miss) -> TestCaseStatus {
    let message = format!("expected: {}; there was: {}", miss.expected, miss.observed);
    let mut lines = vec![message.clone(), format!("guide: {}", miss.guide)];
    lines.extend(miss.pods.iter().map(|line| format!("pod: {line}")));
    lines.extend(miss.events.iter().map(|line| format!("event: {line}")));
    lines.extend(miss.story.iter().map(|line| format!("story: {line}")));
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status
        .set_message(message)
        .set_type("miss")
        .set_description(lines.join("\n"));
    status
}

impl<W: Write> Junit<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self {
            out,
            report: Report::new("lab run"),
            suite: TestSuite::new("lab"),
            steps: 0,
            step: None,
            done: 0,
        }
    }

    /// Ends the step that is under way, if any.
    fn close(&mut self, error: Option<&str>) {
        if let Some(step) = self.step.take() {
            self.suite.add_test_case(step.into_case(error));
            self.done += 1;
        }
    }

    fn finish(&mut self, exercise: &str, ending: &Ending, at: Timestamp) {
        self.suite.name = format!("exercise {exercise}").into();
        let error = match ending {
            Ending::Seen | Ending::Missed => None,
            Ending::Interrupted { signal } => Some(format!("interrupted by {signal}")),
            Ending::Failed { error } => Some(error.clone()),
        };
        if let (Some(_), None) = (&error, &self.step) {
            // What failed outside of a step must not look like a run without tests.
            let name = if self.done > 0 { "clean-up" } else { "preparation" };
            self.step = Some(Step::new(name.into(), at));
            self.steps += 1;
        }
        self.close(error.as_deref());
        for number in self.done + 1..=self.steps {
            let skipped = TestCase::new(format!("step {number}"), TestCaseStatus::skipped());
            self.suite.add_test_case(skipped);
        }
        let next = TestSuite::new("lab");
        self.report
            .add_test_suite(std::mem::replace(&mut self.suite, next));
        (self.steps, self.done) = (0, 0);
    }

    fn write(&mut self, took: f64) -> io::Result<()> {
        self.report.set_time(Duration::from_secs_f64(took));
        self.report.serialize(&mut self.out).map_err(io::Error::other)?;
        self.out.write_all(b"\n")?;
        self.out.flush()
    }
}

impl<W: Write> Reporter for Junit<W> {
    fn take(&mut self, Stamped { at, event, .. }: &Stamped) -> io::Result<()> {
        // A run that never began has no other time than that of its end.
        for began in [&mut self.report.timestamp, &mut self.suite.timestamp] {
            *began = began.or_else(|| timestamp(*at));
        }
        match event {
            Event::RunStarted { steps, .. } => {
                self.steps = *steps;
                self.suite.timestamp = timestamp(*at);
            }
            Event::StepStarted { step, section } => {
                self.step = Some(Step::new(format!("step {step}: {section}"), *at));
            }
            Event::CommandFinished {
                command,
                output,
                took,
                shown: _,
                exit_code: _,
            } => {
                if let Some(step) = &mut self.step {
                    step.command(command, output, *took);
                }
            }
            Event::Seen { expected, took, .. } => {
                if let Some(step) = &mut self.step {
                    step.seen(expected, *took);
                }
            }
            Event::Missed(miss) => {
                if let Some(step) = &mut self.step {
                    step.miss = Some(miss.clone());
                }
            }
            Event::StepFinished { .. } => self.close(None),
            Event::RunFinished { exercise, ending, .. } => self.finish(exercise, ending, *at),
            Event::AllFinished { took } => self.write(*took)?,
            // What begins is reported when it has ended.
            Event::CommandStarted { .. } | Event::ProofStarted { .. } | Event::CleanupStarted { .. } => {}
            // No test case, and no part of one: a clean-up that fails ends the run with an error.
            Event::CleanupFinished { .. }
            | Event::Warning { .. }
            | Event::Paused { .. }
            | Event::Resumed { .. } => {}
        }
        Ok(())
    }
}
