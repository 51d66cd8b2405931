//! The rules: what can be the cause of what in Kubernetes 1.37.
//!
//! Sources of the delays: probe results are acted on at once (`pkg/kubelet/prober/worker.go`, `resultsManager.Set`), a dead
//! container is noticed by the next relist of the kubelet, each second (`pkg/kubelet/pleg/generic.go`); the rest are watches.

mod containers;
mod traffic;
mod workloads;

use crate::{Fact, Rule};

/// All rules. Each is judged by itself, so their order means nothing.
#[must_use]
pub fn rules() -> Vec<Rule> {
    [containers::RULES, traffic::RULES, workloads::RULES].concat()
}

impl Fact {
    /// Whether there is a rule for what could be its cause.
    #[must_use]
    pub fn is_effect(&self) -> bool {
        let mut all = [containers::RULES, traffic::RULES, workloads::RULES]
            .into_iter()
            .flatten();
        all.any(|rule| (rule.effect)(self).is_some())
    }
}
