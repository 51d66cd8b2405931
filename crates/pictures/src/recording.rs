//! What was seen of a run: the data that the timelines are drawn from.
//!
//! All times are seconds since the run began, by the clock of the machine that the cluster runs on. Kubernetes cuts its own times to
//! whole seconds, so what it says happened at `t` happened in `t..t + 1`.

use serde::{Deserialize, Serialize};

/// A run, and what was seen of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recording {
    /// What was run.
    pub take: String,
    /// The day, as in `2026-11-26`.
    pub date: String,
    /// The lab's version.
    pub lab: String,
    /// The cluster's, as in `v1.37.2`.
    pub kubernetes: String,
    /// A checksum of what was typed and of the manifests: [`crate::checksum`].
    pub checksum: String,
    /// What was typed.
    pub commands: Vec<Typed>,
    /// The state of pods, whenever it changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pods: Vec<PodSeen>,
    /// The endpoints of the Service, whenever they changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub endpoints: Vec<EndpointsSeen>,
    /// Probes that the kubelet counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub probes: Vec<Probed>,
    /// Calls of the Service from outside, each on a connection of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<Called>,
    /// Calls on connections that stayed open, connection by connection.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<Vec<Called>>,
    /// What memory-allocator logged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allocated: Vec<Allocated>,
    /// The CPU time of a pod, as the kernel counts it, while it grew.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub used: Vec<Used>,
}

/// A command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Typed {
    /// As it was typed.
    pub command: String,
    /// When it began.
    pub began: f64,
    /// When it ended.
    pub ended: f64,
    /// What pi-web answered it, if it asked pi-web.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
}

/// pi-web's own account of a computation, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// From the beginning of the computation to its end.
    pub wall_seconds: f64,
    /// CPU time.
    pub cpu_seconds: f64,
}

/// The state of a pod and of its first container.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PodSeen {
    /// When this was seen: it may have been so a moment longer.
    pub at: f64,
    /// The pod's name.
    pub pod: String,
    /// Whether it is ready.
    pub ready: bool,
    /// Since when, as the kubelet says.
    pub ready_since: Option<f64>,
    /// How often the container has been restarted.
    pub restarts: i32,
    /// What the container does.
    pub state: State,
    /// When it began that: a running one to run, an ended one to have ended.
    pub since: Option<f64>,
    /// Why it waits or how it ended.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// How the run before this one ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Run>,
}

/// What a container does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It runs.
    Running,
    /// It is not there yet, or not again.
    Waiting,
    /// It has ended.
    Ended,
}

/// A run of a container that is over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// When it began.
    pub began: f64,
    /// When it ended.
    pub ended: f64,
    /// How, as in `OOMKilled`.
    pub reason: String,
    /// With which code.
    pub exit_code: i32,
}

/// The endpoints of a Service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointsSeen {
    /// When this was seen.
    pub at: f64,
    /// The pods that get traffic.
    pub ready: Vec<String>,
}

/// A probe that the kubelet has counted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probed {
    /// It was not counted yet then.
    pub after: f64,
    /// It was counted then.
    pub at: f64,
    /// The pod's name.
    pub pod: String,
    /// Its type.
    pub probe: Probe,
    /// Whether it succeeded.
    pub success: bool,
}

/// A type of probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Probe {
    /// Whether the pod gets traffic.
    Readiness,
    /// Whether the container is restarted.
    Liveness,
    /// Whether the program has started.
    Startup,
}

/// A call: when it was made, and the status of its answer, 0 where there was none.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Called(pub f64, pub u16);

/// A line of memory-allocator's log.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allocated {
    /// When it was logged.
    pub at: f64,
    /// How much it had allocated then.
    pub mib: u32,
    /// The limit that it read from its cgroup.
    pub limit: Option<u32>,
}

/// The CPU time that a pod had used up, in seconds, at a time: `[time, used]`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Used(pub f64, pub f64);

/// Rounds to milliseconds, so that a recording is short and reads back as it was written.
#[must_use]
pub fn milliseconds(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}
