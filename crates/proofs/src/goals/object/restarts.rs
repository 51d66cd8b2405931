//! What containers tell of their runs: the one that goes on, and the one before.

use k8s_openapi::api::core::v1::{ContainerStatus, Pod};
use k8s_openapi::jiff::Timestamp;

use super::held::Held;

/// How long a container was not running, in seconds, at least, to have been kept waiting: the kubelet's first pause is ten, and to
/// start a container at once takes less than that on a slow machine too.
const WAITED: i64 = 9;
/// The first end after which it waits.
const FIRST: i32 = 2;
/// How a wait that is over before anybody sees it is announced.
const SHORT: [&str; 2] = ["back-off 10s ", "back-off 20s "];

/// Its containers, with those that run beside the others from the beginning.
fn containers(pod: &Pod) -> impl Iterator<Item = &ContainerStatus> {
    let status = pod.status.iter();
    status.flat_map(|status| {
        let init = status.init_container_statuses.iter().flatten();
        init.chain(status.container_statuses.iter().flatten())
    })
}

/// How often a container was restarted; none: there is none of this name.
pub(super) fn count(pod: Option<&Pod>, name: &str) -> Option<u32> {
    let container = containers(pod?).find(|container| container.name == name)?;
    u32::try_from(container.restart_count).ok()
}

/// Since when all of a pod's containers have run; none: not all run.
pub(super) fn runs_since(pod: &Pod) -> Option<Timestamp> {
    let containers = pod.status.as_ref()?.container_statuses.as_ref()?;
    let began = containers.iter().map(|container| {
        let running = container.state.as_ref()?.running.as_ref()?;
        Some(running.started_at.as_ref()?.0)
    });
    began.collect::<Option<Vec<_>>>()?.into_iter().max()
}

/// Whether a container is kept waiting until it is started again, or was before its last start. The kubelet's word for it also
/// stands there for an instant where there is nothing to wait for.
pub(super) fn paused(pod: &Pod) -> Held {
    let held = containers(pod).map(|container| {
        let state = container.state.as_ref();
        if let Some(waiting) = state.and_then(|state| state.waiting.as_ref()) {
            let message = waiting.message.as_deref().unwrap_or_default();
            return match waiting.reason.as_deref() {
                Some("CrashLoopBackOff") if SHORT.iter().any(|short| message.starts_with(short)) => {
                    Held::Soon
                }
                Some("CrashLoopBackOff") => Held::Yes,
                _ => Held::No,
            };
        }
        let waited = || {
            let ended = container
                .last_state
                .as_ref()?
                .terminated
                .as_ref()?
                .finished_at
                .as_ref()?;
            let began = state?.running.as_ref()?.started_at.as_ref()?;
            Some(began.0.as_second() - ended.0.as_second())
        };
        (container.restart_count >= FIRST && waited().is_some_and(|seconds| seconds >= WAITED)).into()
    });
    let held: Vec<_> = held.collect();
    let any = |wanted| held.contains(&wanted);
    match (any(Held::Yes), any(Held::Soon)) {
        (true, _) => Held::Yes,
        (_, true) => Held::Soon,
        _ => Held::No,
    }
}
