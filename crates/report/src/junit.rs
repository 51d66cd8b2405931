//! JUnit's XML, for machines that collect tests: a test case for each step.

use std::{
    io::{self, Write},
    time::Duration,
};

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::{Ending, Event, Miss, Reporter};

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
    output: String,
    took: f64,
    miss: Option<Miss>,
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

    fn close(&mut self, otherwise: Option<&str>) {
        let Some(step) = self.step.take() else { return };
        let status = match (&step.miss, otherwise) {
            (Some(miss), _) => {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                let message = format!("expected: {}; there was: {}", miss.expected, miss.observed);
                let mut lines = vec![message.clone(), format!("guide: {}", miss.guide)];
                lines.extend(miss.pods.iter().map(|line| format!("pod: {line}")));
                lines.extend(miss.events.iter().map(|line| format!("event: {line}")));
                status
                    .set_message(message)
                    .set_type("miss")
                    .set_description(lines.join("\n"));
                status
            }
            (None, Some(error)) => {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
                status.set_message(error).set_type("error");
                status
            }
            (None, None) => TestCaseStatus::success(),
        };
        let mut case = TestCase::new(step.name, status);
        case.set_time(Duration::from_secs_f64(step.took))
            .set_system_out(step.output);
        self.suite.add_test_case(case);
        self.done += 1;
    }

    fn finish(&mut self, ending: &Ending) {
        let error = match ending {
            Ending::Seen | Ending::Missed => None,
            Ending::Interrupted { signal } => Some(format!("interrupted by {signal}")),
            Ending::Failed { error } => Some(error.clone()),
        };
        if let (Some(_), None) = (&error, &self.step) {
            // What failed outside of a step must not look like a run without tests.
            let name = if self.done > 0 { "clean-up" } else { "preparation" };
            self.step = Some(Step {
                name: name.into(),
                output: String::new(),
                took: 0.0,
                miss: None,
            });
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
    fn take(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::RunStarted { steps, .. } => self.steps = *steps,
            Event::StepStarted { step, section } => {
                let name = format!("step {step}: {section}");
                self.step = Some(Step {
                    name,
                    output: String::new(),
                    took: 0.0,
                    miss: None,
                });
            }
            Event::RunFinished { exercise, ending, .. } => {
                self.suite.name = format!("exercise {exercise}").into();
                self.finish(ending);
            }
            Event::AllFinished { took } => return self.write(*took),
            Event::StepFinished { .. } => self.close(None),
            _ => {}
        }
        let Some(step) = &mut self.step else { return Ok(()) };
        match event {
            Event::CommandFinished {
                command,
                output,
                took,
                ..
            } => {
                step.took += took;
                step.output.push_str(&format!("$ {command}\n{output}"));
                if !step.output.ends_with('\n') {
                    step.output.push('\n');
                }
            }
            Event::Seen { expected, took, .. } => {
                step.took += took;
                step.output.push_str(&format!("seen: {expected}\n"));
            }
            Event::Missed(miss) => step.miss = Some(miss.clone()),
            _ => {}
        }
        Ok(())
    }
}
