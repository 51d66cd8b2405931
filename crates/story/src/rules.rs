//! The rules: what can be the cause of what in Kubernetes 1.37.
//!
//! Sources of the delays: probe results are acted on at once (`pkg/kubelet/prober/worker.go`, `resultsManager.Set`), a dead
//! container is noticed by the next relist of the kubelet, each second (`pkg/kubelet/pleg/generic.go`); the rest are watches.

mod containers;
mod traffic;
mod workloads;

use crate::Rule;

/// All rules. Each is judged by itself, so their order means nothing.
#[must_use]
pub fn rules() -> Vec<Rule> {
    [containers::RULES, traffic::RULES, workloads::RULES].concat()
}
