//! A pod, as far as the board shows it.

use access::{is_ready, without_node};
use guide::Message;
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::{
    api::core::v1::{ContainerStateTerminated, ContainerStatus, Pod},
    apimachinery::pkg::apis::meta::v1::Time,
};
use story::{Kill, Probe, Source, What};

use crate::{Known, Usage};

/// How many of the last probes are shown.
const PROBES: usize = 12;

/// What a pod itself says.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) ready: bool,
    pub(crate) leaving: bool,
    pub(crate) restarts: u32,
    /// Why a container of it was started again last; none while one that has ended does not run.
    pub(crate) restarted_as: Option<Message>,
    /// Why it is not ready, as far as that is known.
    pub(crate) why: Option<Message>,
    /// When its container starts again at the earliest, while the kubelet waits.
    pub(crate) again: Option<Again>,
    /// Whether its last readiness probes succeeded, oldest first; empty where nobody counts them.
    pub(crate) probes: Vec<bool>,
    pub(crate) memory_bytes: Option<u64>,
    /// None if one of its containers has no limit.
    pub(crate) memory_limit_bytes: Option<u64>,
    /// None if that of one of its containers is not known.
    pub(crate) cpu_cores: Option<f64>,
    /// None if one of its containers has no limit.
    pub(crate) cpu_limit_cores: Option<f64>,
    pub(crate) throttled_share: Option<f64>,
    /// When that was sampled.
    pub(crate) sampled_at: Option<Timestamp>,
    /// What made it, such as a ReplicaSet.
    pub(crate) owner: Option<String>,
}

impl Seen {
    pub(crate) fn of(pod: &Pod, known: &Known<'_>) -> Self {
        let ready = is_ready(pod);
        let uid = pod.metadata.uid.as_deref().unwrap_or_default();
        let containers = containers(pod);
        let restarts = containers
            .iter()
            .map(|one| u32::try_from(one.restart_count).unwrap_or_default());
        let used = containers.iter().filter_map(|one| used(one, uid, known));
        // A container that was only just made is sampled before it has anything.
        let used: Vec<_> = used.filter(|usage| usage.memory_bytes > 0).collect();
        let used = || used.iter();
        let limits = used().map(|usage| usage.memory_limit_bytes);
        let owners = pod.metadata.owner_references.iter().flatten();
        Self {
            ready,
            leaving: pod.metadata.deletion_timestamp.is_some(),
            restarts: restarts.sum(),
            restarted_as: restarted_as(containers, uid, known),
            why: (!ready).then(|| why(pod, uid, known)).flatten(),
            again: containers
                .iter()
                .filter_map(|one| told_wait(one).or_else(|| usual_wait(one, pod, known)))
                .max_by_key(|again| again.at),
            probes: probes(uid, known),
            memory_bytes: used()
                .map(|usage| usage.memory_bytes)
                .reduce(|all, one| all + one),
            memory_limit_bytes: limits.sum::<Option<u64>>().filter(|limit| *limit > 0),
            cpu_cores: sum(used().map(|usage| usage.cpu_cores)),
            cpu_limit_cores: sum(used().map(|usage| usage.cpu_limit_cores)),
            throttled_share: used().filter_map(|usage| usage.throttled_share).reduce(f64::max),
            sampled_at: used().map(|usage| usage.at).min(),
            owner: owners
                .filter(|owner| owner.controller == Some(true))
                .map(|owner| owner.name.clone())
                .next(),
        }
    }
}

/// The sum, unless one of them is not known.
fn sum(all: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    all.reduce(|all, one| Some(all? + one?)).flatten()
}

fn containers(pod: &Pod) -> &[ContainerStatus] {
    let statuses = pod
        .status
        .as_ref()
        .and_then(|status| status.container_statuses.as_deref());
    statuses.unwrap_or_default()
}

/// What a container uses; none where it does not run, or has started since it was sampled.
fn used<'a>(container: &ContainerStatus, uid: &str, known: &Known<'a>) -> Option<&'a Usage> {
    // Where nobody samples, no keys are made to look for.
    if known.usage.is_empty() {
        return None;
    }
    let running = container.state.as_ref()?.running.as_ref()?;
    let started = running.started_at.as_ref().map_or(0, |at| at.0.as_second());
    let usage = known.usage.get(&(uid.to_owned(), container.name.clone()))?;
    (usage.at.as_second() >= started).then_some(usage)
}

fn waiting(container: &ContainerStatus) -> Option<(&str, &str)> {
    let waiting = container.state.as_ref()?.waiting.as_ref()?;
    Some((
        waiting.reason.as_deref()?,
        waiting.message.as_deref().unwrap_or_default(),
    ))
}

fn last_end(container: &ContainerStatus) -> Option<&ContainerStateTerminated> {
    let ended = |state: &Option<k8s_openapi::api::core::v1::ContainerState>| {
        state.as_ref().is_some_and(|state| state.terminated.is_some())
    };
    let state = [&container.state, &container.last_state]
        .into_iter()
        .find(|state| ended(state))?;
    state.as_ref()?.terminated.as_ref()
}

/// When a container starts again at the earliest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Again {
    pub(crate) at: Timestamp,
    /// Whether that is what a kubelet with its usual settings would do, and not what this one tells.
    pub(crate) is_guess: bool,
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

/// The end of the wait that it usually takes for a container that has ended by itself. It tells of it when it looks at the pod the next
/// time, which may be 15 s after the end: of a wait of 10 s it never does.
///
/// Source: `initialCrashLoopBackOff`, `MaxCrashLoopBackOff` and `HasExpiredFunc` in `pkg/kubelet/kubelet.go`, `doBackOff` in
/// `pkg/kubelet/kuberuntime/kuberuntime_manager.go`, and client-go's `flowcontrol.Backoff`, which doubles the wait.
fn usual_wait(container: &ContainerStatus, pod: &Pod, known: &Known<'_>) -> Option<Again> {
    const FIRST: SignedDuration = SignedDuration::from_secs(10);
    const LONGEST: SignedDuration = SignedDuration::from_secs(300);
    // A run that is longer begins anew.
    const STABLE: SignedDuration = SignedDuration::from_secs(600);
    let end = container.state.as_ref()?.terminated.as_ref()?;
    let policy = pod.spec.as_ref().and_then(|spec| spec.restart_policy.as_deref());
    let restarts = match policy {
        None | Some("Always") => true,
        Some("OnFailure") => end.exit_code != 0,
        Some(_) => false,
    };
    // The first restart is at once.
    let before = u32::try_from(container.restart_count).ok()?.checked_sub(1)?;
    let (started, ended) = (time(end.started_at.as_ref())?, time(end.finished_at.as_ref())?);
    let uid = pod.metadata.uid.as_deref().unwrap_or_default();
    let leaves = pod.metadata.deletion_timestamp.is_some() || order_of(container, end, uid, known).is_some();
    if !restarts || leaves || ended.duration_since(started) > STABLE {
        return None;
    }
    let delay = FIRST.checked_mul(2_i32.checked_pow(before).unwrap_or(i32::MAX));
    let at = ended.checked_add(delay.unwrap_or(LONGEST).min(LONGEST)).ok()?;
    Some(Again { at, is_guess: true })
}

/// A time of the API, whose library is another version of the one that is used here.
fn time(time: Option<&Time>) -> Option<Timestamp> {
    Timestamp::from_second(time?.0.as_second()).ok()
}

/// Why the kubelet ended a run, if it did.
fn order_of(
    container: &ContainerStatus,
    end: &ContainerStateTerminated,
    uid: &str,
    known: &Known<'_>,
) -> Option<Kill> {
    let (started, ended) = (time(end.started_at.as_ref())?, time(end.finished_at.as_ref())?);
    let mut told = known.happened.probes(uid).rev();
    told.find_map(|fact| {
        let of_it = fact.subject.container.as_ref()?.name == container.name;
        let during = started <= fact.when.latest() && fact.when.earliest() <= ended;
        match fact.what {
            What::KillOrdered { why, .. } if of_it && during => Some(why),
            _ => None,
        }
    })
}

/// Why a container was started again last, in a few words: for a probe, or by how its last run ended.
fn restarted_as(containers: &[ContainerStatus], uid: &str, known: &Known<'_>) -> Option<Message> {
    let runs = |one: &&ContainerStatus| one.state.as_ref().is_some_and(|state| state.running.is_some());
    if !containers.iter().all(|one| runs(&one)) {
        return None;
    }
    let ends = containers
        .iter()
        .filter_map(|one| Some((one, one.last_state.as_ref()?.terminated.as_ref()?)));
    let (container, end) = ends.max_by_key(|(_, end)| time(end.finished_at.as_ref()))?;
    let reason = end.reason.as_deref().unwrap_or_default();
    Some(match order_of(container, end, uid, known) {
        Some(Kill::Liveness) => Message::new("board-restarted-liveness"),
        Some(Kill::Startup) => Message::new("board-restarted-startup"),
        // The runtime calls every other end that, whatever the code.
        _ if matches!(reason, "" | "Error") => {
            Message::new("board-restarted-code").with("code", end.exit_code.to_string())
        }
        _ => Message::Verbatim(tell::plain(reason)),
    })
}

/// Why a pod is not ready: the nearest cause that somebody tells.
fn why(pod: &Pod, uid: &str, known: &Known<'_>) -> Option<Message> {
    if pod.metadata.deletion_timestamp.is_some() {
        return Some(Message::new("board-why-leaving"));
    }
    if let Some(words) = without_node(pod) {
        return Some(Message::new("board-why-no-node").with("words", tell::plain(words)));
    }
    let containers = containers(pod);
    let dead = containers.iter().find_map(|one| {
        let ended = last_end(one)?;
        let runs = one.state.as_ref().is_some_and(|state| state.running.is_some());
        (!runs).then_some(ended)
    });
    if let Some(ended) = dead {
        let reason = ended
            .reason
            .as_deref()
            .filter(|reason| !reason.is_empty())
            .unwrap_or("?");
        let ended = Message::new("board-why-ended")
            .with("reason", tell::plain(reason))
            .with("code", ended.exit_code.to_string());
        return Some(ended);
    }
    let stuck = containers.iter().filter_map(waiting);
    if let Some((reason, _)) = stuck.clone().find(|(reason, _)| !BEGINS.contains(reason)) {
        return Some(Message::Verbatim(tell::plain(reason)));
    }
    if let Some(failed) = failed_probe(uid, known) {
        return Some(failed);
    }
    let begins = containers.is_empty() || stuck.count() > 0;
    begins.then(|| Message::new("board-why-begins"))
}

/// What every container waits for at its first start.
const BEGINS: [&str; 2] = ["ContainerCreating", "PodInitializing"];

/// The last probe that failed, unless one succeeded since.
fn failed_probe(uid: &str, known: &Known<'_>) -> Option<Message> {
    let told = known.happened.probes(uid).rev();
    let (probe, says) = told.clone().find_map(|fact| match &fact.what {
        What::Probed { probe, ok, says, .. } => Some((!ok).then_some((*probe, says))),
        // A probe of the run before says nothing of this one.
        What::Started { .. } => Some(None),
        _ => None,
    })??;
    let says = says.as_deref().or_else(|| {
        // Counters have no words; events have.
        told.clone().find_map(|fact| match &fact.what {
            What::Probed {
                probe: of,
                ok: false,
                says,
                ..
            } if *of == probe => says.as_deref(),
            _ => None,
        })
    });
    let words = says.map(tell::short).filter(|words| !words.is_empty());
    Some(match (probe, words) {
        (Probe::Startup, Some(words)) => Message::new("board-why-startup-with").with("words", words),
        (Probe::Startup, None) => Message::new("board-why-startup"),
        (_, Some(words)) => Message::new("board-why-readiness-with").with("words", words),
        (_, None) => Message::new("board-why-readiness"),
    })
}

/// The last readiness probes, where each of them is counted: events leave the good ones out.
fn probes(uid: &str, known: &Known<'_>) -> Vec<bool> {
    let counted = known
        .happened
        .probes(uid)
        .filter(|fact| fact.source == Source::Probes);
    let results = counted.filter_map(|fact| match fact.what {
        What::Probed {
            probe: Probe::Readiness,
            ok,
            ..
        } => Some(ok),
        _ => None,
    });
    let mut last: Vec<_> = results.rev().take(PROBES).collect();
    last.reverse();
    last
}
