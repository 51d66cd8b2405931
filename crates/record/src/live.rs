//! What is known of a namespace at a moment.

use std::{collections::BTreeMap, fmt, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use story::{Fact, Source};

use crate::Listed;

/// What is known of a namespace at a moment.
#[derive(Clone, Debug, Default)]
pub struct Live {
    /// The objects as they were last told, without what stories and boards do not need: the note of `kubectl apply`, `managedFields` (but for
    /// those of Deployments), much of pods, and all but the metadata of events. No facts can be read from them.
    pub now: Listed,
    /// What happened, in the order in which it became known: ids grow from one to the next, and a later [`Live`] gives no id
    /// to another fact. Of an hour and of 32 MiB (as lines of JSON) at most; the oldest go first, and of the probes that only
    /// said what was known before all but the last twelve of each container and probe.
    pub facts: Vec<Arc<Fact>>,
    /// When each source last gave a sign of life, by this machine's clock. Watches give one in 5 s at least, the kubelet's
    /// probes one each second, its usage and kube-proxy's rules one in 3 s: what is silent for 15 s stands still. A source that is hidden from the
    /// beginning is not in it.
    pub heard: BTreeMap<Source, Timestamp>,
    /// The sources of which nothing, or not everything, is seen.
    pub hidden: BTreeMap<Source, Hidden>,
    /// How far the clocks of nodes, control plane and this machine were seen to be apart.
    pub skew: SignedDuration,
    /// Since when the record that this is from was not written, where it is from one and should have been.
    pub unrecorded: Option<Timestamp>,
    /// What containers use, by the uids of their pods and their names; only of those that run.
    pub usage: BTreeMap<(String, String), Usage>,
}

/// Why a source is not seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hidden {
    /// This user may not.
    Forbidden,
    /// It cannot be reached, and why. It is tried again.
    Unreachable(String),
    /// There are more than [`MOST`](crate::MOST) of them: the rest is not looked at.
    Cut,
}

/// What a container uses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    /// Its working set, in bytes: what the kernel counts against the limit, less what it could drop at once.
    pub memory_bytes: u64,
    /// Its limit in bytes; none if it has none.
    pub memory_limit_bytes: Option<u64>,
    /// How many processors it used on average between the last two samples; none with one sample.
    pub cpu_cores: Option<f64>,
    /// How many it may use; none without a limit on CPU.
    pub cpu_limit_cores: Option<f64>,
    /// In which share of the periods between the last two samples, from 0 to 1, it was held back; none without a limit
    /// on CPU, or with one sample, or if it asked for none between them.
    pub throttled_share: Option<f64>,
    /// When the sample was taken, by the node's clock: up to 15 s ago.
    pub at: Timestamp,
}

/// The sources that should be heard, and when they were last: one that may not be seen any more is silent for that reason.
pub(crate) fn expected<'a>(
    heard: &'a BTreeMap<Source, Timestamp>,
    hidden: &'a BTreeMap<Source, Hidden>,
) -> impl Iterator<Item = (&'a Source, &'a Timestamp)> {
    heard
        .iter()
        .filter(|(source, _)| hidden.get(source).is_none_or(|why| *why == Hidden::Cut))
}

impl Live {
    /// The sources that are not hidden, and when each last gave a sign of life.
    pub fn expected(&self) -> impl Iterator<Item = (&Source, &Timestamp)> {
        expected(&self.heard, &self.hidden)
    }
}

impl fmt::Display for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forbidden => f.write_str("forbidden"),
            Self::Unreachable(why) => write!(f, "unreachable: {why}"),
            Self::Cut => f.write_str("cut"),
        }
    }
}
