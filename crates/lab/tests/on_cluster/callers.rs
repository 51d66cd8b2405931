//! Those who call an application while it is changed.

use std::{
    collections::BTreeSet,
    process::{Command, Output},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::Instant,
};

use serde_json::Value;
use testkit::eventually;

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

/// Adds items to a list again and again, until told to end, whatever becomes of its requests.
pub(crate) struct Adder {
    end: Arc<AtomicBool>,
    confirmed: Arc<AtomicUsize>,
    thread: JoinHandle<Vec<String>>,
}

impl Adder {
    pub(crate) fn start(address: &str) -> Self {
        let (end, confirmed) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (address, ended, counted) = (
            format!("{address}/items"),
            Arc::clone(&end),
            Arc::clone(&confirmed),
        );
        let thread = thread::spawn(move || {
            let (begin, mut items) = (Instant::now(), Vec::new());
            for number in 0.. {
                if ended.load(Ordering::Relaxed) || begin.elapsed() > 3 * WITHIN {
                    break;
                }
                let item = format!("item {number}");
                let answer = curl(&["--data-urlencode", &format!("item={item}"), &address]);
                if answer.status.success() {
                    items.push(item);
                    counted.fetch_add(1, Ordering::Relaxed);
                }
            }
            items
        });
        Self {
            end,
            confirmed,
            thread,
        }
    }

    /// Waits until one more item is confirmed.
    pub(crate) fn until_more(&self) {
        let before = self.confirmed.load(Ordering::Relaxed);
        eventually("another confirmed item", WITHIN, || {
            self.confirmed.load(Ordering::Relaxed) > before
        });
    }

    /// The items that were confirmed.
    pub(crate) fn end(self) -> Vec<String> {
        self.end.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

/// What is on a list.
pub(crate) fn texts(address: &str) -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    for page in 1.. {
        let output = curl(&[&format!("{address}/items?format=json&page={page}")]);
        assert!(output.status.success(), "{output:#?}");
        let list: Value = serde_json::from_slice(&output.stdout).unwrap();
        let items = list["items"].as_array().unwrap();
        texts.extend(items.iter().map(|item| item["text"].as_str().unwrap().to_owned()));
        if list["pages"] == page {
            break;
        }
    }
    texts
}
