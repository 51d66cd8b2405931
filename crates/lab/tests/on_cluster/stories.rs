//! Stories that `lab explain --follow` tells while they happen, and what happens to the exercise's numbers-api in them.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Instant,
};

use serde_json::Value;

use crate::programs::{Namespace, WITHIN, layout};

/// A story that goes on.
pub(crate) struct Story {
    lab: Child,
    lines: Receiver<Value>,
    pub(crate) facts: BTreeMap<u64, Value>,
}

impl Story {
    pub(crate) fn follow(namespace: &Namespace, topic: &str) -> Self {
        let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"));
        lab.args(["--name", &layout().name, "explain", topic]).args([
            "--namespace",
            &namespace.0,
            "--follow",
            "--output",
            "json",
        ]);
        Self::of(lab)
    }

    /// The one that a command tells in JSON.
    pub(crate) fn of(mut lab: Command) -> Self {
        let mut lab = lab.stdout(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = channel();
        let stdout = BufReader::new(lab.stdout.take().unwrap());
        thread::spawn(move || {
            for line in stdout.lines() {
                let fact = serde_json::from_str(&line.unwrap()).unwrap();
                if sender.send(fact).is_err() {
                    break;
                }
            }
        });
        Self {
            lab,
            lines,
            facts: BTreeMap::new(),
        }
    }

    /// The next fact that is as wanted.
    pub(crate) fn until(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + WITHIN;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let line = self.lines.recv_timeout(left);
            let fact = line.unwrap_or_else(|_| panic!("{what} was not told: {:#?}", self.facts));
            self.facts.insert(fact["id"].as_u64().unwrap(), fact.clone());
            if wanted(&fact) {
                return fact;
            }
        }
    }

    /// What may have caused a fact, each told before it.
    pub(crate) fn causes(&self, fact: &Value) -> Vec<&Value> {
        let causes = fact["causes"].as_array().unwrap().iter();
        causes
            .map(|cause| &self.facts[&cause.as_u64().unwrap()])
            .collect()
    }

    /// The only cause of a fact, which was told before it.
    pub(crate) fn cause(&self, fact: &Value) -> &Value {
        match &fact["causes"].as_array().unwrap()[..] {
            [cause] => &self.facts[&cause.as_u64().unwrap()],
            causes => panic!("{causes:?} of {fact:#}, in {:#?}", self.facts),
        }
    }
}

impl Drop for Story {
    fn drop(&mut self) {
        let _ = self.lab.kill();
        let _ = self.lab.wait();
    }
}

/// What a learner does to numbers-api.
pub(crate) mod numbers {
    use std::process::Command;

    use crate::programs::{Namespace, printed, text};

    /// Applies a manifest of `k8s/numbers`.
    pub(crate) fn apply(namespace: &Namespace, file: &str) {
        namespace.apply(&format!("numbers/{file}"));
    }

    /// Waits until the update is through.
    pub(crate) fn rolled_out(namespace: &Namespace) {
        printed(&namespace.kubectl(&["rollout", "status", "deployment/numbers-api", "--timeout=2m"]));
    }

    /// The same, and until the pods before it have gone: they leave the traffic, too.
    pub(crate) fn replaced(namespace: &Namespace) {
        rolled_out(namespace);
        namespace.until("the end of the pods before", || {
            let pods = printed(&namespace.kubectl(&["get", "pods", "--output=name"]));
            (pods.lines().count() == 2).then_some(()).ok_or(pods)
        });
    }

    /// Asks for a number until there is one, by which the pod that gave it breaks; that pod's name.
    pub(crate) fn break_one(namespace: &Namespace) -> String {
        namespace.until("a number", || {
            let (status, pod) = asked(namespace, "/rng");
            (status == "200").then_some(pod).ok_or(status)
        })
    }

    /// The status of an answer, and the pod that gave it; `000` and nothing, if there was none, as from a pod that counts as
    /// ready without having said so.
    pub(crate) fn asked(namespace: &Namespace, path: &str) -> (String, String) {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--output", "/dev/null"]);
        curl.args(["--write-out", "%{http_code} %header{x-served-by}"]);
        curl.arg(namespace.address("numbers-api") + path);
        let answer = text(&curl.output().unwrap().stdout);
        let (status, pod) = answer.split_once(' ').unwrap();
        (status.into(), pod.into())
    }
}
