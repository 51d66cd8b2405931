//! What can be proved about the cluster: few kinds, put together in a guide's `yaml proof` blocks.
//!
//! A check is read from the guide, [`View::look`] fetches what it needs to know, and [`judge`] decides, without the
//! cluster, whether it holds.

mod judge;
mod look;
mod sentences;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use judge::{Verdict, judge};
pub use look::{Callers, Facts, View};

use crate::guide::Pattern;

/// Longest time, in seconds, for which something may have to stay as it is.
const MAX_STAY: u64 = 60;

/// Something that has to be true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Check {
    /// The Service of this name has an address outside the cluster.
    Address(String),
    /// A file in the folder where the commands run.
    File(File),
    /// A Service: who is in its endpoints, and what callers from outside meet.
    Service(Service),
    /// Pods: what their status says, and what each answers when it is asked by itself.
    Pods(Pods),
}

/// A file's name and its one line, as a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Its name; it stands in the folder where the commands run.
    pub name: String,
    /// What stands in it.
    pub holds: String,
}

/// What must be true of a Service, all at the same time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// How many ready endpoints it has, in its EndpointSlices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoints: Option<usize>,
    /// A label, as `key=value`, that the pod of each of these endpoints carries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<String>,
    /// What callers at its outside address meet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callers: Option<Expected>,
    /// For how long all of this has to stay so, in seconds, 1 to 60.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_seconds: Option<u64>,
}

/// Requests, and the HTTP statuses that are the answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The path that is asked for.
    pub get: String,
    /// For a Service: every status that callers meet, and no other; none: nobody gets an answer. For pods: each pod's
    /// status.
    pub answers: Vec<u16>,
}

/// What must be true of pods, all at the same time. Those that are being deleted do not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pods {
    /// Which: a label selector.
    pub of: String,
    /// How many have the phase Running.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running: Option<usize>,
    /// How many have the condition Ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready: Option<usize>,
    /// How often their containers were restarted, all together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restarts: Option<i32>,
    /// What each answers when the API server passes a request on to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub each: Option<Expected>,
}

impl Check {
    /// Refuses what would prove nothing, or could not be asked.
    ///
    /// # Errors
    /// What is wrong and what is allowed.
    pub fn validate(&self) -> Result<(), String> {
        let expected = match self {
            Self::Address(name) => {
                return (!name.is_empty())
                    .then_some(())
                    .ok_or("an address of which Service?".into());
            }
            Self::File(file) => {
                if file.name.is_empty() || file.name.contains('/') {
                    return Err(format!(
                        "the file {:?} has to stand in the folder of the commands",
                        file.name
                    ));
                }
                return Pattern::parse(&file.holds).map(drop);
            }
            Self::Service(service) => {
                if service.endpoints.is_none() && service.callers.is_none() {
                    return Err("this proves nothing; ask for endpoints or callers".into());
                }
                if service.labels.as_ref().is_some_and(|label| !label.contains('=')) {
                    return Err("labels: write key=value".into());
                }
                if service
                    .for_seconds
                    .is_some_and(|seconds| !(1..=MAX_STAY).contains(&seconds))
                {
                    return Err(format!("for_seconds: write 1 to {MAX_STAY}"));
                }
                &service.callers
            }
            Self::Pods(pods) => {
                if (pods.running, pods.ready, pods.restarts, &pods.each) == (None, None, None, &None) {
                    return Err("this proves nothing; ask for running, ready, restarts or each".into());
                }
                &pods.each
            }
        };
        match expected {
            Some(Expected { get, .. }) if !get.starts_with('/') || get.parse::<http::Uri>().is_err() => {
                Err(format!("get: {get:?} is not a path; write one such as /healthz"))
            }
            _ => Ok(()),
        }
    }

    /// How long it has to stay so.
    #[must_use]
    pub fn stays(&self) -> Option<Duration> {
        match self {
            Self::Service(service) => service.for_seconds.map(Duration::from_secs),
            Self::Address(_) | Self::File(_) | Self::Pods(_) => None,
        }
    }

    /// What a person may look at to see what this check sees, as commands; all take the namespace from `kubectl`.
    #[must_use]
    pub fn look_at(&self, kubectl: &str) -> Vec<String> {
        match self {
            Self::Address(name) => vec![format!("{kubectl} get service {name}")],
            // The folder is gone when a person could look.
            Self::File(_) => vec![],
            Self::Service(Service { name, .. }) => vec![
                format!("{kubectl} get endpointslices -l kubernetes.io/service-name={name} -o yaml"),
                format!("{kubectl} describe service {name}"),
            ],
            Self::Pods(Pods { of, .. }) => {
                vec![
                    format!("{kubectl} describe pods -l {of}"),
                    format!("{kubectl} logs -l {of} --prefix"),
                ]
            }
        }
    }
}
