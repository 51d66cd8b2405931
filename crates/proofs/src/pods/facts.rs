//! What the cluster has of the pods.

use std::collections::BTreeMap;

use access::{is_ready, without_node};
use k8s_openapi::api::core::v1::{ContainerStateTerminated, ContainerStatus, Pod};

/// What the cluster has.
pub(crate) struct Facts {
    pub(super) pods: Vec<Pod>,
    /// The status with which each that runs answered, by its name; none if it did not.
    pub(super) answers: BTreeMap<String, Option<u16>>,
    /// Whether an event tells why pods have no node.
    pub(super) told: bool,
}

/// What pods are like, all together.
pub(super) struct There<'a> {
    pub(super) running: usize,
    pub(super) pending: usize,
    pub(super) ready: usize,
    pub(super) restarts: i32,
    pub(super) ended: Vec<&'a ContainerStateTerminated>,
    /// Why containers wait.
    pub(super) waiting: Vec<&'a str>,
    /// Why pods have no node.
    pub(super) without_node: Vec<&'a str>,
}

impl<'a> There<'a> {
    pub(super) fn of(facts: &'a Facts) -> Self {
        let pods = &facts.pods;
        let phases = |wanted: &str| pods.iter().filter(|pod| phase(pod) == Some(wanted)).count();
        Self {
            running: phases("Running"),
            pending: phases("Pending"),
            ready: pods.iter().filter(|pod| is_ready(*pod)).count(),
            restarts: pods.iter().map(restarts).sum(),
            ended: containers(pods).filter_map(ending).collect(),
            waiting: containers(pods).filter_map(waiting).collect(),
            without_node: pods.iter().filter_map(without_node).collect(),
        }
    }
}

/// Whether a container of the pod runs, so that there is somebody to ask.
pub(super) fn is_running(pod: &Pod) -> bool {
    let statuses = pod
        .status
        .as_ref()
        .and_then(|status| status.container_statuses.as_ref());
    let mut states = statuses
        .into_iter()
        .flatten()
        .filter_map(|status| status.state.as_ref());
    states.any(|state| state.running.is_some())
}

fn phase(pod: &Pod) -> Option<&str> {
    pod.status.as_ref()?.phase.as_deref()
}

fn containers(pods: &[Pod]) -> impl Iterator<Item = &ContainerStatus> {
    pods.iter()
        .filter_map(|pod| pod.status.as_ref()?.container_statuses.as_ref())
        .flatten()
}

/// How often the pod's containers were started again, as kubectl counts them: sidecars too, and nothing that runs before the
/// others (kubectl, `pkg/printers/internalversion/printers.go`, `printPod`).
fn restarts(pod: &Pod) -> i32 {
    let Some(status) = &pod.status else { return 0 };
    let before = pod
        .spec
        .iter()
        .flat_map(|spec| spec.init_containers.iter().flatten());
    let sidecars: Vec<_> = before
        .filter(|container| container.restart_policy.as_deref() == Some("Always"))
        .map(|container| container.name.as_str())
        .collect();
    let beside = status.init_container_statuses.iter().flatten();
    let beside = beside.filter(|status| sidecars.contains(&status.name.as_str()));
    let all = status.container_statuses.iter().flatten().chain(beside);
    all.map(|status| status.restart_count).sum()
}

/// Why a container waits to be started.
fn waiting(container: &ContainerStatus) -> Option<&str> {
    container.state.as_ref()?.waiting.as_ref()?.reason.as_deref()
}

/// How a container ended last: just now, or before it was started again.
fn ending(container: &ContainerStatus) -> Option<&ContainerStateTerminated> {
    let now = container
        .state
        .as_ref()
        .and_then(|state| state.terminated.as_ref());
    now.or_else(|| container.last_state.as_ref()?.terminated.as_ref())
}
