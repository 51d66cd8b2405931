//! Those who call an application while it is changed.

use std::{
    process::{Command, Output},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Instant,
};

use crate::programs::{WITHIN, text};

pub(crate) fn curl(arguments: &[&str]) -> Output {
    Command::new("curl")
        .args([
            "--silent",
            "--show-error",
            "--fail",
            "--noproxy",
            "*",
            "--max-time",
            "5",
        ])
        .args(arguments)
        .output()
        .unwrap()
}

/// Asks an address again and again, until told to end.
pub(crate) struct Caller {
    end: Arc<AtomicBool>,
    thread: JoinHandle<(u32, Vec<String>)>,
}

impl Caller {
    pub(crate) fn start(address: &str) -> Self {
        let end = Arc::new(AtomicBool::new(false));
        let (address, ended) = (address.to_owned(), Arc::clone(&end));
        let thread = thread::spawn(move || {
            let (begin, mut answered, mut failed) = (Instant::now(), 0, Vec::new());
            while !ended.load(Ordering::Relaxed) && begin.elapsed() < 3 * WITHIN {
                let answer = curl(&[&address]);
                if answer.status.success() {
                    answered += 1;
                } else {
                    failed.push(text(&answer.stderr));
                }
            }
            (answered, failed)
        });
        Self { end, thread }
    }

    /// How many answers there were; no call may have failed.
    pub(crate) fn end(self) -> u32 {
        self.end.store(true, Ordering::Relaxed);
        let (answered, failed) = self.thread.join().unwrap();
        assert_eq!(failed, Vec::<String>::new());
        answered
    }
}
