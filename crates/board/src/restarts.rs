//! Why a container was started again, and when it will be.

use guide::Message;
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::{
    api::core::v1::{Container, ContainerStateTerminated, ContainerStatus, Pod},
    apimachinery::pkg::apis::meta::v1::Time,
};
use story::{Kill, Probe, What};

use crate::Known;

/// When a container starts again at the earliest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Again {
    pub(crate) at: Timestamp,
    /// Whether that is what a kubelet with its usual settings would do, and not what this one tells.
    pub(crate) is_guess: bool,
}

impl Again {
    pub(crate) fn of(container: &ContainerStatus, pod: &Pod) -> Option<Self> {
        told_wait(container).or_else(|| usual_wait(container, pod))
    }
}

/// Why a container does not run yet, or does not again: a reason and words.
pub(crate) fn waiting(container: &ContainerStatus) -> Option<(&str, &str)> {
    let waiting = container.state.as_ref()?.waiting.as_ref()?;
    Some((
        waiting.reason.as_deref()?,
        waiting.message.as_deref().unwrap_or_default(),
    ))
}

/// How it ended last.
pub(crate) fn last_end(container: &ContainerStatus) -> Option<&ContainerStateTerminated> {
    let ended = |state: &Option<k8s_openapi::api::core::v1::ContainerState>| {
        state.as_ref().is_some_and(|state| state.terminated.is_some())
    };
    let state = [&container.state, &container.last_state]
        .into_iter()
        .find(|state| ended(state))?;
    state.as_ref()?.terminated.as_ref()
}

/// The end of the wait that the kubelet tells in words (`pkg/kubelet/kuberuntime`: `back-off 1m20s restarting failed …`).
fn told_wait(container: &ContainerStatus) -> Option<Again> {
    let (_, words) = waiting(container)?;
    let delay: SignedDuration = words.strip_prefix("back-off ")?.split(' ').next()?.parse().ok()?;
    let at = time(last_end(container)?.finished_at.as_ref())?
        .checked_add(delay)
        .ok()?;
    Some(Again { at, is_guess: false })
}

/// The end of the wait that it usually takes for a container that ends by itself. It tells of it when it looks at the pod the next time,
/// which may be 15 s after the end: of a wait of 10 s it never does.
///
/// Source: `initialCrashLoopBackOff`, `MaxCrashLoopBackOff` and `HasExpiredFunc` in `pkg/kubelet/kubelet.go`, `doBackOff` in
/// `pkg/kubelet/kuberuntime/kuberuntime_manager.go`, and client-go's `flowcontrol.Backoff`, which doubles the wait.
fn usual_wait(container: &ContainerStatus, pod: &Pod) -> Option<Again> {
    const FIRST: SignedDuration = SignedDuration::from_secs(10);
    const LONGEST: SignedDuration = SignedDuration::from_secs(300);
    // A run that is longer begins anew. In a pod that is not older there was none.
    const STABLE: SignedDuration = SignedDuration::from_secs(600);
    let end = container.state.as_ref()?.terminated.as_ref()?;
    // The first restart is at once.
    let before = u32::try_from(container.restart_count).ok()?.checked_sub(1)?;
    let ended = time(end.finished_at.as_ref())?;
    let made = time(pod.metadata.creation_timestamp.as_ref())?;
    let leaves = pod.metadata.deletion_timestamp.is_some();
    if leaves || ended.duration_since(made) > STABLE || !is_restarted(&container.name, end.exit_code, pod) {
        return None;
    }
    let delay = FIRST.checked_mul(2_i32.checked_pow(before).unwrap_or(i32::MAX));
    let at = ended.checked_add(delay.unwrap_or(LONGEST).min(LONGEST)).ok()?;
    Some(Again { at, is_guess: true })
}

/// Whether a container is started again that ends by itself, and only then.
fn is_restarted(name: &str, exit_code: i32, pod: &Pod) -> bool {
    let Some(spec) = &pod.spec else { return false };
    let is_it = |one: &&Container| one.name == name;
    let first = spec.init_containers.iter().flatten().find(is_it);
    let is_first = first.is_some();
    let Some(container) = first.or_else(|| spec.containers.iter().find(is_it)) else {
        return false;
    };
    // Whom the kubelet itself ends for a probe, it starts in the same turn, and that does not count as a wait.
    if container.liveness_probe.is_some() || container.startup_probe.is_some() {
        return false;
    }
    match container.restart_policy.as_deref() {
        // A sidecar.
        Some("Always") if is_first => return true,
        // Its rules may look at the exit code.
        Some(_) => return false,
        None => {}
    }
    match spec.restart_policy.as_deref() {
        None | Some("Always") => !is_first || exit_code != 0,
        Some("OnFailure") => exit_code != 0,
        Some(_) => false,
    }
}

/// A time of the API, whose library is another version of the one that is used here.
fn time(time: Option<&Time>) -> Option<Timestamp> {
    Timestamp::from_second(time?.0.as_second()).ok()
}

/// The probe for which the kubelet ended a run, if it did: by its own order, or by the failure that decides.
pub(crate) fn probe_of(
    container: &ContainerStatus,
    end: &ContainerStateTerminated,
    uid: &str,
    known: &Known<'_>,
) -> Option<Probe> {
    // The kubelet reports an end a few seconds after its order at most, and the grace.
    const LATE: SignedDuration = SignedDuration::from_secs(3);
    let (started, ended) = (time(end.started_at.as_ref())?, time(end.finished_at.as_ref())?);
    let mut told = known.happened.probes(uid).rev();
    told.find_map(|fact| {
        let of_it = fact.subject.container.as_ref()?.name == container.name;
        let (probe, grace) = match fact.what {
            What::KillOrdered { why, grace } => match why {
                Kill::Liveness => (Probe::Liveness, grace),
                Kill::Startup => (Probe::Startup, grace),
                Kill::Deleted | Kill::Other => return None,
            },
            What::Probed {
                probe: probe @ (Probe::Liveness | Probe::Startup),
                ok: false,
                run,
                of,
                ..
            } if run >= of => (probe, GRACE),
            _ => return None,
        };
        let by = fact.when.latest() + LATE + SignedDuration::from_secs(grace.into());
        // In the second in which a run starts, the one before it was ended.
        (of_it && started < fact.when.earliest() && fact.when.earliest() <= ended && ended <= by)
            .then_some(probe)
    })
}

/// How many seconds a pod usually has to end (`terminationGracePeriodSeconds`).
const GRACE: u32 = 30;

/// Why a container was started again last, in a few words: for a probe, or by how its last run ended. None while one does not run.
pub(crate) fn restarted_as(containers: &[&ContainerStatus], uid: &str, known: &Known<'_>) -> Option<Message> {
    let runs = |one: &ContainerStatus| one.state.as_ref().is_some_and(|state| state.running.is_some());
    if !containers.iter().all(|one| runs(one)) {
        return None;
    }
    let ends = containers
        .iter()
        .filter_map(|one| Some((one, one.last_state.as_ref()?.terminated.as_ref()?)));
    let (container, end) = ends.max_by_key(|(_, end)| time(end.finished_at.as_ref()))?;
    let reason = end.reason.as_deref().unwrap_or_default();
    Some(match probe_of(container, end, uid, known) {
        Some(probe) => failed(probe),
        // The runtime calls every other end that, whatever the code.
        None if matches!(reason, "" | "Error") => {
            Message::new("board-restarted-code").with("code", end.exit_code.to_string())
        }
        None => Message::Verbatim(tell::plain(reason)),
    })
}

/// That a probe failed for which a container is ended.
pub(crate) fn failed(probe: Probe) -> Message {
    match probe {
        Probe::Startup => Message::new("board-restarted-startup"),
        Probe::Readiness | Probe::Liveness => Message::new("board-restarted-liveness"),
    }
}
