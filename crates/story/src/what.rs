//! What can happen.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// Somebody changed what a workload should be.
    Asked {
        /// `metadata.generation` since then.
        generation: i64,
    },
    /// A controller changed how many pods a ReplicaSet should have.
    Scaled {
        /// Before.
        from: u32,
        /// After.
        to: u32,
        /// How many seconds a new pod has to stay ready to count (`minReadySeconds`).
        #[serde(default)]
        min_ready: u32,
    },
    /// Somebody made a Service, or changed which pods it chooses.
    Selects {
        /// The labels that a pod has to have; none if it chooses no pods (any more).
        selector: BTreeMap<String, String>,
    },
    /// Somebody changed where a Service sends what comes to one of its ports.
    Sends {
        /// The Service's port: its number, with the protocol unless that is TCP, as in `53/UDP`.
        port: String,
        /// The number or the name of its pods' port; none if the Service has that port no more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
    },
    /// Somebody changed labels of a pod, by which a Service chooses it or its ReplicaSet counts it.
    Labelled {
        /// The labels that changed, with their new values; none for one that was taken away.
        labels: BTreeMap<String, Option<String>>,
        /// The Services that choose it since then (true), or no more (false), by what was known of their selectors by then.
        chosen: BTreeMap<String, bool>,
        /// Whether its ReplicaSet counts it no more.
        released: bool,
    },
    /// The object was made.
    Created,
    /// A node was chosen for a pod.
    Scheduled {
        /// Its name.
        node: String,
    },
    /// A container started.
    Started {
        /// The how manieth restart this is; 0 is the first start.
        restart: u32,
        /// How many seconds the kubelet had said that it would wait, if it did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        backoff: Option<u32>,
        /// Whether a readiness or startup probe decides when it is ready.
        probed: bool,
        /// What has to come of an init container before its first start; none if the pod's node is all that it waits for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<Turn>,
    },
    /// The kubelet probed a container.
    Probed {
        /// Which probe.
        probe: Probe,
        /// Whether it succeeded.
        ok: bool,
        /// The how manieth of this result in a row.
        run: u32,
        /// How many in a row decide (`failureThreshold` or `successThreshold`).
        of: u32,
        /// How many seconds lie between two probes (`periodSeconds`).
        period: u32,
        /// What came of it in the kubelet's words, if an event has them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        says: Option<String>,
    },
    /// The kubelet could not carry out a probe, which counts neither as a success nor as a failure.
    Unprobed {
        /// Which probe.
        probe: Probe,
        /// Why, in the kubelet's words.
        says: String,
    },
    /// A pod became ready, or stopped being so.
    Ready {
        /// Whether it is ready.
        value: bool,
        /// When the pod was made.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        created: Option<Timestamp>,
    },
    /// A pod gets a Service's traffic, or gets it no more, by what the EndpointSlices say.
    Serving {
        /// Whether it gets traffic.
        value: bool,
        /// The Service.
        service: String,
        /// `endpoints.kubernetes.io/last-change-trigger-time`: the first Ready transition (or deletion) that the controller
        /// answered with this write.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        trigger: Option<Timestamp>,
        /// How many pods get it since then; none where not all of them were seen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        share: Option<Share>,
    },
    /// kube-proxy has written a node's rules anew: from then on new connections to a Service reach a pod, or reach it no more.
    Rules {
        /// Whether they reach it.
        value: bool,
        /// The Service.
        service: String,
        /// Whether it had left the traffic by then, and was reached as the last resort: a pod that is being deleted is, for as long as it
        /// is ready and no other pod of the Service is (`pkg/proxy/topology.go`, `CategorizeEndpoints`).
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        last_resort: bool,
    },
    /// The kubelet decided to end a container.
    KillOrdered {
        /// Why.
        why: Kill,
        /// How many seconds the program has to end by itself.
        grace: u32,
    },
    /// A container ended.
    Ended {
        /// Which of its runs: 0 is the first.
        restart: u32,
        /// When that run had started.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        started: Option<Timestamp>,
        /// The runtime's reason, such as `OOMKilled`, `Error` or `Completed`.
        reason: String,
        /// The program's exit code; 128 and a signal's number if one ended it.
        code: i32,
    },
    /// The kubelet waits before it starts a container again.
    Waits {
        /// The restart that it waits with.
        restart: u32,
        /// For how many seconds after the last end.
        seconds: u32,
    },
    /// Somebody would not do what was asked.
    Refused {
        /// Who.
        by: Refuser,
        /// In whose words.
        says: String,
    },
    /// An object was asked to go, or is gone.
    Gone {
        /// Whether it was only asked to.
        asked: bool,
        /// How many seconds a pod that was asked has to end; 0 if nobody waits for that: it is deleted by force, all of it has ended, or it
        /// has no node.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        grace: Option<u32>,
        /// Whether nothing of a pod that was asked ran, so that there was nothing to wait for.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        idle: bool,
    },
    /// The kernel held a container back, as it had used up its share of CPU.
    Throttled {
        /// In which share of the periods, from 0 to 1.
        share: f64,
    },
    /// How much memory a container used.
    Memory {
        /// Bytes.
        used: u64,
        /// Bytes; none if it has no limit.
        limit: Option<u64>,
    },
    /// Requests of ours met a pod that had broken, until it left a Service's traffic.
    Answered {
        /// The Service.
        service: String,
        /// So many the pod answered, none of them well.
        badly: u32,
        /// So many nobody answered: which pod they met is not known.
        unanswered: u32,
        /// Of so many that were sent meanwhile.
        of: u32,
    },
    /// The fact's source told nothing all the while.
    Gap,
}

impl What {
    /// Whether it is an end that neither the runtime nor the kubelet has seen: one of them found later that the container was gone,
    /// and neither how it ended nor when is known.
    ///
    /// Source: containerd's `internal/cri/server/restart.go` (`unknownExitReason` and `unknownExitCode`, with the time of containerd's own
    /// start), and `ContainerReasonStatusUnknown` in `pkg/kubelet/container/runtime.go`.
    #[must_use]
    pub fn is_unseen_end(&self) -> bool {
        match self {
            Self::Ended { reason, code, .. } => {
                (reason == "Unknown" && *code == 255) || reason == "ContainerStatusUnknown"
            }
            _ => false,
        }
    }
}

/// How many of a Service's pods get its traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// So many do.
    pub serving: u32,
    /// Of so many; those that are being stopped do not count.
    pub of: u32,
}

/// What the start of a container waits for: those of a pod start in turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// The init container before it.
    pub container: String,
    /// What that one has to have done.
    pub once: Once,
}

/// What an init container has to have done before the next one starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Once {
    /// Ended well.
    Ended,
    /// Started, as it is a sidecar.
    Started,
    /// Passed its startup probe, as it is a sidecar that has one.
    Passed,
}

/// A probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Probe {
    /// Decides whether a container is ready.
    Readiness,
    /// Decides whether a container is ended.
    Liveness,
    /// The same, and the others wait for it.
    Startup,
}

/// Why the kubelet ended a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kill {
    /// Its liveness probe failed.
    Liveness,
    /// Its startup probe failed.
    Startup,
    /// The pod was asked to go.
    Deleted,
    /// Anything else: the pod was evicted, or its specification changed.
    Other,
}

/// Who refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refuser {
    /// A quota, in the API server: a pod may not be made.
    Quota,
    /// Another rule of the API server.
    Admission,
    /// The scheduler: no node takes the pod.
    Scheduler,
    /// The kubelet: an image or a volume does not come, or a container cannot be made.
    Kubelet,
}
