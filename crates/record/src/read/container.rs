//! What a pod carries of its containers: the run that it sees, and how the one before ended.

use k8s_openapi::api::core::v1::{
    Container as Spec, ContainerStateTerminated, ContainerStateWaiting, ContainerStatus, Pod,
};
use story::{Clock, Container, Fact, Moment, Source, Subject, What};

use super::meta::{at, fact, last_status, status_writer};

/// All of it, for each container but those that run before the others.
pub(super) fn facts(pod: &Pod, subject: &Subject) -> Vec<Fact> {
    let statuses = pod
        .status
        .iter()
        .flat_map(|status| status.container_statuses.iter().flatten());
    statuses.flat_map(|status| of(pod, status, subject)).collect()
}

fn of(pod: &Pod, status: &ContainerStatus, subject: &Subject) -> Vec<Fact> {
    let told = |id: Option<&String>, what, when| {
        let container = Container {
            name: status.name.clone(),
            id: id.filter(|id| !id.is_empty()).cloned(),
        };
        let subject = Subject {
            container: Some(container),
            ..subject.clone()
        };
        fact(subject, what, status_writer(&pod.metadata), when, Source::Pods)
    };
    let Ok(restarts) = u32::try_from(status.restart_count) else {
        return vec![];
    };
    let probed = spec(pod, &status.name).is_some_and(is_probed);
    let started = |restart| What::Started {
        restart,
        backoff: None,
        probed,
    };
    let mut facts = vec![];
    let state = status.state.as_ref();
    if let Some(running) = state.and_then(|state| state.running.as_ref()) {
        let since = running.started_at.as_ref().and_then(at);
        facts.extend(since.map(|since| {
            told(
                status.container_id.as_ref(),
                started(restarts),
                Moment::second(since, Clock::Runtime),
            )
        }));
    }
    let now = state
        .and_then(|state| state.terminated.as_ref())
        .map(|end| (restarts, end));
    let last = status
        .last_state
        .as_ref()
        .and_then(|state| state.terminated.as_ref());
    // While the kubelet waits, the run that ended is still the one that is counted.
    let last = last.and_then(|end| {
        let counted = end.container_id.is_some() && end.container_id == status.container_id;
        Some((
            if counted {
                restarts
            } else {
                restarts.checked_sub(1)?
            },
            end,
        ))
    });
    for (restart, end) in now.into_iter().chain(last) {
        let id = end.container_id.as_ref();
        let begun = end.started_at.as_ref().and_then(at);
        facts.extend(begun.map(|begun| told(id, started(restart), Moment::second(begun, Clock::Runtime))));
        facts.extend(ended(restart, end).map(|(what, when)| told(id, what, when)));
    }
    let waiting = state.and_then(|state| state.waiting.as_ref());
    let wait = waiting.zip(last).and_then(|(waiting, (restart, end))| {
        let seconds = wait(waiting)?;
        let what = What::Waits {
            restart: restart.checked_add(1)?,
            seconds,
        };
        Some(told(None, what, told_by(pod, end)?))
    });
    facts.extend(wait);
    facts
}

fn ended(restart: u32, end: &ContainerStateTerminated) -> Option<(What, Moment)> {
    let what = What::Ended {
        restart,
        started: end.started_at.as_ref().and_then(at),
        reason: end.reason.clone().unwrap_or_default(),
        code: end.exit_code,
    };
    let finished = end.finished_at.as_ref().and_then(at)?;
    Some((what, Moment::second(finished, Clock::Runtime)))
}

/// Between the end and the kubelet's last report, with which it was there: no time is its own.
fn told_by(pod: &Pod, end: &ContainerStateTerminated) -> Option<Moment> {
    let reported = last_status(&pod.metadata)?;
    let reported = Moment::second(reported.time.as_ref().and_then(at)?, Clock::ApiServer);
    let finished = end.finished_at.as_ref().and_then(at)?;
    Moment::between(finished, reported.latest(), Clock::Kubelet).ok()
}

/// The seconds in `back-off 20s restarting failed container=…`, or `back-off 2m40s …`.
///
/// Source: `pkg/kubelet/kuberuntime/kuberuntime_manager.go`, `doBackOff`, which prints a Go duration.
fn wait(waiting: &ContainerStateWaiting) -> Option<u32> {
    let words = waiting.message.as_deref()?.strip_prefix("back-off ")?;
    let (mut seconds, mut number) = (0_u32, 0_u32);
    for character in words.split(' ').next()?.chars() {
        match (character, character.to_digit(10)) {
            (_, Some(digit)) => number = number.checked_mul(10)?.checked_add(digit)?,
            ('m', _) => seconds = seconds.checked_add(std::mem::take(&mut number).checked_mul(60)?)?,
            ('s', _) => seconds = seconds.checked_add(std::mem::take(&mut number))?,
            _ => return None,
        }
    }
    (number == 0).then_some(seconds)
}

/// What a pod's specification says of a container.
pub(crate) fn spec<'a>(pod: &'a Pod, name: &str) -> Option<&'a Spec> {
    pod.spec
        .as_ref()?
        .containers
        .iter()
        .find(|container| container.name == name)
}

fn is_probed(container: &Spec) -> bool {
    container.readiness_probe.is_some() || container.startup_probe.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_read_from_the_kubelets_words_or_not_at_all() {
        let read = |message: &str| {
            wait(&ContainerStateWaiting {
                message: Some(message.into()),
                reason: None,
            })
        };
        assert_eq!(
            read("back-off 10s restarting failed container=api pod=…"),
            Some(10)
        );
        assert_eq!(read("back-off 2m40s restarting failed container=api"), Some(160));
        assert_eq!(read("back-off 5m0s restarting failed container=api"), Some(300));
        for strange in [
            "",
            "back-off",
            "back-off 10",
            "back-off 1.5s restarting",
            "back-off 99999999999s x",
            "Pulling",
        ] {
            assert_eq!(read(strange), None, "{strange:?}");
        }
    }
}
