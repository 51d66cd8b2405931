//! A pod, as far as the board shows it.

use access::{is_ready, without_node};
use guide::Message;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::{ContainerStatus, Pod};
use story::{Probe, Source, What};

use crate::{
    Known, Usage,
    restarts::{Again, failed, last_end, probe_of, restarted_as, waiting},
};

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
            restarted_as: restarted_as(&containers, uid, known),
            why: (!ready).then(|| why(pod, uid, known)).flatten(),
            again: containers
                .iter()
                .filter_map(|one| Again::of(one, pod))
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

/// Its containers, and those of its init containers that are not done: sidecars, and what the others wait for.
fn containers(pod: &Pod) -> Vec<&ContainerStatus> {
    let Some(status) = &pod.status else {
        return vec![];
    };
    let is_done = |one: &&ContainerStatus| {
        let end = one.state.as_ref().and_then(|state| state.terminated.as_ref());
        end.is_some_and(|end| end.exit_code == 0)
    };
    let first = status.init_container_statuses.iter().flatten();
    let first = first.filter(|one| !is_done(one));
    first.chain(status.container_statuses.iter().flatten()).collect()
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
        (!runs).then_some((one, ended))
    });
    if let Some((one, ended)) = dead {
        let reason = ended.reason.as_deref().filter(|reason| !reason.is_empty());
        let reason = match probe_of(one, ended, uid, known) {
            Some(probe) => failed(probe),
            None => Message::Verbatim(tell::plain(reason.unwrap_or("?"))),
        };
        let ended = Message::new("board-why-ended")
            .with("reason", reason)
            .with("code", ended.exit_code.to_string());
        return Some(ended);
    }
    let stuck = containers.iter().filter_map(|one| waiting(one));
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
    let decides_readiness = |fact: &&story::Fact| {
        !matches!(
            fact.what,
            What::Probed {
                probe: Probe::Liveness,
                ..
            }
        )
    };
    let told = known.happened.probes(uid).rev().filter(decides_readiness);
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
