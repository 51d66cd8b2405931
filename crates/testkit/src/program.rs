//! A program under test, as a process of its own.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::{DEADLINE, eventually};

/// A command with this environment and no other variable, so that nothing of whoever runs the tests gets in.
#[must_use]
pub fn command(program: &str, environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .envs(environment.iter().copied())
        .stdin(Stdio::null());
    command
}

/// Runs a program that is to end by itself, and gives what it printed.
#[track_caller]
pub fn output(command: &mut Command) -> Output {
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("can't start {command:?}: {error}"));
    let pid = Pid::from_child(&child);
    let (ended, end) = channel();
    thread::spawn(move || ended.send(child.wait_with_output()));
    let output = end.recv_timeout(DEADLINE).unwrap_or_else(|_| {
        let _ = kill_process(pid, Signal::KILL);
        panic!("still running after {DEADLINE:?}: {command:?}")
    });
    output.expect("the output of a program can be read")
}

/// A running program whose standard error is its log, in JSON. It is killed when this value goes out of scope.
///
/// The log is read to its end whether or not a test looks at it: a pipe that nobody reads fills up and stops the program.
#[derive(Debug)]
pub struct Program {
    child: Child,
    log: Receiver<String>,
}

impl Program {
    /// Starts the program.
    #[track_caller]
    pub fn start(command: &mut Command) -> Self {
        let mut child = command
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("can't start {command:?}: {error}"));
        let mut stderr = BufReader::new(child.stderr.take().expect("its standard error is a pipe"));
        let (lines, log) = channel();
        thread::spawn(move || {
            let mut line = Vec::new();
            while stderr.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                // A line without its end was cut off by a kill. Nobody listens any more once the test is over.
                if line.pop() == Some(b'\n') {
                    let _ = lines.send(String::from_utf8_lossy(&line).into_owned());
                }
                line.clear();
            }
        });
        Self { child, log }
    }

    /// All lines of the log up to the next whose message contains `text`, that one included.
    #[track_caller]
    pub fn log_until(&self, text: &str) -> Vec<Value> {
        let until = Instant::now() + DEADLINE;
        let mut lines = Vec::new();
        loop {
            match self.next_line(until.saturating_duration_since(Instant::now())) {
                Ok(line) => lines.push(line),
                Err(RecvTimeoutError::Timeout) => {
                    panic!("no log line with {text:?} within {DEADLINE:?}, but {lines:#?}")
                }
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("it ended without a log line with {text:?}, but {lines:#?}")
                }
            }
            let message = lines.last().and_then(|line| line["message"].as_str());
            if message.is_some_and(|message| message.contains(text)) {
                return lines;
            }
        }
    }

    /// The next line of the log whose message contains `text`; those before it are passed over.
    #[track_caller]
    pub fn wait_for_log(&self, text: &str) -> Value {
        self.log_until(text).pop().expect("the line with the text")
    }

    #[track_caller]
    fn next_line(&self, within: Duration) -> Result<Value, RecvTimeoutError> {
        let line = self.log.recv_timeout(within)?;
        Ok(serde_json::from_str(&line).unwrap_or_else(|_| panic!("a log line is not JSON: {line}")))
    }

    /// Sends it a signal.
    #[track_caller]
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("the program is there to be signalled");
    }

    /// Waits for its end.
    #[track_caller]
    pub fn end(&mut self) -> ExitStatus {
        eventually("the program ends", DEADLINE, || {
            self.child.try_wait().expect("its status can be asked for")
        })
    }

    /// Waits for its end, and gives the lines of the log that were not read yet.
    #[track_caller]
    pub fn log_to_the_end(&mut self) -> Vec<Value> {
        self.end();
        let mut lines = Vec::new();
        while let Ok(line) = self.next_line(DEADLINE) {
            lines.push(line);
        }
        lines
    }

    /// Ends it at once, as the kernel does when memory runs out.
    pub fn kill(&mut self) {
        // Neither fails but for a program that has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// The text of a file of its folder in `/proc`, such as `status`; none once it has ended.
    #[must_use]
    pub fn proc(&self, file: &str) -> Option<String> {
        fs::read_to_string(format!("/proc/{}/{file}", self.child.id())).ok()
    }

    /// A field of its `/proc/PID/status` (proc_pid_status(5)), such as `VmRSS`, without the unit `kB`; none if it has ended
    /// or there is no such field.
    #[must_use]
    pub fn status(&self, field: &str) -> Option<String> {
        let status = self.proc("status")?;
        let value = status
            .lines()
            .find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
        Some(value.trim().trim_end_matches(" kB").to_owned())
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Program {
    /// Kills it, and fails the test if a line of the log that nobody read is not JSON.
    fn drop(&mut self) {
        self.kill();
        if !thread::panicking() {
            while self.next_line(DEADLINE).is_ok() {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use rustix::process::{Pid, Signal, test_kill_process};

    use super::{Program, command, output};

    fn shell(script: &str) -> Command {
        let mut shell = command("/bin/sh", &[]);
        shell.args(["-c", script]);
        shell
    }

    #[test]
    fn a_line_is_found_and_those_before_it_are_given() {
        let script = r#"for n in one two three; do echo "{\"message\":\"number $n\"}"; done >&2"#;
        let program = Program::start(&mut shell(script));
        let lines = program.log_until("two");
        assert_eq!(lines.len(), 2);
        assert_eq!(program.wait_for_log("three")["message"], "number three");
    }

    #[test]
    #[should_panic(expected = "a log line is not JSON: thread 'main' panicked")]
    fn a_line_that_is_not_json_is_reported() {
        let script = r#"echo "thread 'main' panicked at main.rs" >&2; echo '{"message":"on"}' >&2"#;
        Program::start(&mut shell(script)).wait_for_log("on");
    }

    #[test]
    #[should_panic(expected = "a log line is not JSON: oops")]
    fn it_is_reported_also_when_nobody_reads_the_log() {
        let mut program = Program::start(&mut shell("echo oops >&2"));
        assert!(program.end().success());
    }

    #[test]
    fn a_line_that_a_kill_cut_off_is_not_reported() {
        let script = r#"echo '{"message":"half a line follows"}' >&2; printf '{"mess' >&2; exec sleep 600"#;
        Program::start(&mut shell(script)).wait_for_log("half a line");
    }

    #[test]
    #[should_panic(expected = "it ended without a log line with \"listening\"")]
    fn an_end_before_the_line_is_reported() {
        Program::start(&mut shell("true")).wait_for_log("listening");
    }

    #[test]
    fn a_log_that_nobody_reads_does_not_stop_the_program() {
        // Many times what a pipe holds.
        let script = r#"n=0; while [ $n -lt 20000 ]; do echo '{"message":"a line"}' >&2; n=$((n + 1)); done"#;
        let mut program = Program::start(&mut shell(script));
        assert!(program.end().success());
        assert_eq!(program.log_to_the_end().len(), 20_000);
    }

    #[test]
    fn it_is_killed_when_it_goes_out_of_scope() {
        let program = Program::start(&mut shell("exec sleep 600"));
        let pid = Pid::from_raw(i32::try_from(program.id()).unwrap()).unwrap();
        assert!(test_kill_process(pid).is_ok());
        drop(program);
        assert!(test_kill_process(pid).is_err());
    }

    #[test]
    fn it_can_be_signalled_and_its_status_read() {
        let mut program = Program::start(&mut shell("exec sleep 600"));
        assert!(program.status("VmRSS").unwrap().parse::<u64>().unwrap() > 0);
        assert_eq!(program.status("Nothing"), None);
        program.signal(Signal::TERM);
        assert_eq!(program.end().code(), None);
        assert_eq!(program.proc("status"), None);
    }

    #[test]
    fn the_output_of_a_program_that_ends_is_given_and_its_environment_is_as_told() {
        let mut env = command("/usr/bin/env", &[("ONE", "1")]);
        assert_eq!(output(&mut env).stdout, b"ONE=1\n");
    }
}
